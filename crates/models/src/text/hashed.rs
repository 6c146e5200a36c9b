//! Words and pairs of words by their hash, so that a table of fixed size holds them all: the wide half of a wide and
//! deep model (Cheng et al. 2016), by the hashing trick (Weinberger et al. 2009).

use super::split::{Splitting, split};

/// Bytes that stand between the words of a pair; no word holds one.
const BETWEEN: &[u8] = b" ";

/// The buckets of the words of a text and of its pairs of neighbouring words, each a number below `buckets`; at most
/// `most` words are read. A text without a word has the bucket of the empty word.
pub fn words_and_pairs(text: &str, lower_case: bool, most: usize, buckets: usize) -> Vec<u32> {
    let words = split(text, Splitting::new(lower_case), most);
    let bucket = |parts: &[&[u8]]| (hash(parts) % buckets.max(1) as u64) as u32;
    let mut found: Vec<u32> = words
        .iter()
        .map(|word| bucket(&[word.as_bytes()]))
        .collect();
    let pairs = words.windows(2);
    found.extend(pairs.map(|pair| bucket(&[pair[0].as_bytes(), BETWEEN, pair[1].as_bytes()])));
    if found.is_empty() {
        found.push(bucket(&[]));
    }
    found
}

/// FNV-1a of the parts one after the other, its bits mixed once more: the low ones of FNV alone are uneven.
fn hash(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().copied().flatten() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_a_bucket_for_each_word_and_each_pair_and_they_do_not_change() {
        let read = |text: &str| words_and_pairs(text, true, usize::MAX, 1000);
        let found = read("not a good film");
        assert_eq!(found.len(), 4 + 3);
        assert_eq!(read("A film")[..2], [found[1], found[3]]);
        assert_ne!(read("a b")[2], read("b a")[2]);
        assert_eq!(read("").len(), 1);
        // Saved models hold what they were trained with.
        assert_eq!(hash(&[b"film"]), hash(&[b"fi", b"lm"]));
        assert_eq!(words_and_pairs("a b c d", true, 2, 1000).len(), 3);
    }

    #[test]
    fn buckets_are_filled_about_evenly() {
        let words: Vec<String> = (0..4000).map(|n| format!("w{n}")).collect();
        let mut counts = [0_usize; 64];
        for word in &words {
            counts[words_and_pairs(word, true, 9, 64)[0] as usize] += 1;
        }
        // 62.5 in the mean, with a deviation of about 8.
        assert!(
            counts.iter().all(|count| (25..110).contains(count)),
            "{counts:?}"
        );
    }
}
