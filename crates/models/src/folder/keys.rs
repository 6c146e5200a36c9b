//! Unknown configuration keys are refused, naming the nearest key that exists.
//!
//! serde's own `deny_unknown_fields` lists every field but guesses none, and cannot say which
//! file the key stands in.

/// The key of `known` nearest to `key`, when one is near enough to be a likely slip.
pub fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    let folded = fold(key);
    known
        .iter()
        .map(|candidate| (distance(&folded, &fold(candidate)), *candidate))
        .min()
        // A third of the letters wrong is a slip; more is another word.
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 3)
        .map(|(_, candidate)| candidate)
}

/// `Time-Limit` and `time_limit` are the same word to a person.
fn fold(key: &str) -> String {
    key.to_lowercase().replace('-', "_")
}

/// Levenshtein's edit distance, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["hidden", "horizon", "time_limit", "lr"];

    #[test]
    fn a_slip_finds_the_key_that_was_meant() {
        assert_eq!(nearest("hiden", KNOWN), Some("hidden"));
        assert_eq!(nearest("time-limit", KNOWN), Some("time_limit"));
        assert_eq!(nearest("Horizons", KNOWN), Some("horizon"));
    }

    #[test]
    fn another_word_finds_nothing() {
        assert_eq!(nearest("optimiser", KNOWN), None);
    }

    #[test]
    fn the_distance_is_the_number_of_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
