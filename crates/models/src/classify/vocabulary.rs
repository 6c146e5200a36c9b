//! Texts as words, and words as numbers.
//!
//! A word is a run of letters, digits and inner apostrophes (`don't`); any other character that is not a space is a
//! word by itself, so that punctuation, which says a lot in short texts, is read too.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The number of every word without a vector of its own.
pub const UNKNOWN: u32 = 0;

/// The words that have a vector of their own. Number 0 is every other word, the first of the list has number 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub struct Vocabulary {
    words: Vec<String>,
    lower_case: bool,
    numbers: HashMap<String, u32>,
}

/// A vocabulary as `pipeline.json` has it.
#[derive(Clone, Serialize, Deserialize)]
struct Saved {
    lower_case: bool,
    words: Vec<String>,
}

impl From<Saved> for Vocabulary {
    fn from(saved: Saved) -> Self {
        let numbers = saved.words.iter().zip(UNKNOWN + 1..);
        Self {
            numbers: numbers.map(|(word, n)| (word.clone(), n)).collect(),
            words: saved.words,
            lower_case: saved.lower_case,
        }
    }
}

impl From<Vocabulary> for Saved {
    fn from(vocabulary: Vocabulary) -> Self {
        Self {
            lower_case: vocabulary.lower_case,
            words: vocabulary.words,
        }
    }
}

impl Vocabulary {
    /// The words that occur at least so often in these texts, at most so many of them: the frequent ones first, those
    /// of one frequency by their letters.
    pub fn fit(texts: &[String], most: usize, at_least: usize, lower_case: bool) -> Self {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for text in texts {
            for word in split(text, lower_case) {
                *counts.entry(word).or_default() += 1;
            }
        }
        let mut counted: Vec<(String, usize)> = counts.into_iter().collect();
        counted.retain(|(_, count)| *count >= at_least);
        counted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counted.truncate(most);
        Saved {
            lower_case,
            words: counted.into_iter().map(|(word, _)| word).collect(),
        }
        .into()
    }

    /// The words, from number 1 on.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Vectors that an embedding needs: one for each word, and one for all others.
    pub fn vectors(&self) -> usize {
        self.words.len() + 1
    }

    /// Whether A and a are the same letter.
    pub fn lower_case(&self) -> bool {
        self.lower_case
    }

    /// The numbers of the words of a text; a text without a word is one unknown word.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let words = split(text, self.lower_case).into_iter();
        let mut numbers: Vec<u32> = words
            .map(|word| self.numbers.get(&word).copied().unwrap_or(UNKNOWN))
            .collect();
        if numbers.is_empty() {
            numbers.push(UNKNOWN);
        }
        numbers
    }
}

/// The words of a text.
pub fn split(text: &str, lower_case: bool) -> Vec<String> {
    let text = match lower_case {
        true => std::borrow::Cow::Owned(text.to_lowercase()),
        false => std::borrow::Cow::Borrowed(text),
    };
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let inner = matches!(letter, '\'' | '’')
            && !word.is_empty()
            && letters.peek().is_some_and(|next| next.is_alphanumeric());
        if letter.is_alphanumeric() || is_mark(letter) {
            word.push(letter);
        } else if inner {
            // Both apostrophes are one word's.
            word.push('\'');
        } else {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if !letter.is_whitespace() && !letter.is_control() {
                words.push(letter.to_string());
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a character only changes the letter before it: the accents of decomposed letters.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_inner_apostrophes_and_punctuation_is_a_word_each() {
        let words = split("Don’t stop, it 's GREAT!! (été 2024)", true);
        let expected = [
            "don't", "stop", ",", "it", "'", "s", "great", "!", "!", "(", "été", "2024", ")",
        ];
        assert_eq!(words, expected);
        assert_eq!(split("It's\tA", false), ["It's", "A"]);
        assert!(split(" \u{0}\n", true).is_empty());
    }

    #[test]
    fn frequent_words_come_first_and_the_others_share_number_0() {
        let texts = ["b a a c".to_owned(), "a b d".to_owned()];
        let vocabulary = Vocabulary::fit(&texts, 3, 1, true);
        assert_eq!(vocabulary.words(), ["a", "b", "c"]);
        assert_eq!(vocabulary.encode("A d c zebra"), [1, 0, 3, 0]);
        assert_eq!(vocabulary.encode("  "), [UNKNOWN]);
        assert_eq!(Vocabulary::fit(&texts, 9, 2, true).words(), ["a", "b"]);
    }

    #[test]
    fn a_vocabulary_is_the_same_when_read_back() {
        let vocabulary = Vocabulary::fit(&["x y ".to_owned()], 9, 1, false);
        let text = serde_json::to_string(&vocabulary).unwrap();
        let back: Vocabulary = serde_json::from_str(&text).unwrap();
        assert_eq!((back.encode("y"), back), (vec![2], vocabulary));
    }
}
