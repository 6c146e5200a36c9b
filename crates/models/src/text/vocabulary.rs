//! Words as numbers: those of the training part that are frequent enough, and one number for all others.

use std::collections::HashMap;

use super::split::{Splitting, split};
use super::tokenizer::UNKNOWN;

/// The words that have a vector of their own. Number 0 is every other word, the first of the list has number 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Vocabulary {
    words: Vec<String>,
    splitting: Splitting,
    numbers: HashMap<String, u32>,
}

impl Vocabulary {
    /// The words that occur at least so often in these texts, at most so many of them: the frequent ones first, those
    /// of one frequency by their letters.
    pub fn fit(texts: &[String], most: usize, at_least: usize, splitting: Splitting) -> Self {
        let words = texts
            .iter()
            .flat_map(|text| split(text, splitting, usize::MAX));
        Self::of(frequent(words, most, at_least), splitting)
    }

    /// A vocabulary of these words, in the order of their numbers.
    pub fn of(words: Vec<String>, splitting: Splitting) -> Self {
        let numbers = words.iter().zip(UNKNOWN + 1..);
        Self {
            numbers: numbers.map(|(word, n)| (word.clone(), n)).collect(),
            words,
            splitting,
        }
    }

    /// The words, from number 1 on.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Vectors that an embedding needs: one for each word, and one for all others.
    pub fn vectors(&self) -> usize {
        self.words.len() + 1
    }

    /// How texts are cut into its words.
    pub fn splitting(&self) -> Splitting {
        self.splitting
    }

    /// The numbers of the words of a text, at most so many.
    pub fn encode(&self, text: &str, most: usize) -> Vec<u32> {
        let words = split(text, self.splitting, most).into_iter();
        words
            .map(|word| self.numbers.get(&word).copied().unwrap_or(UNKNOWN))
            .collect()
    }
}

/// The items that occur at least so often, at most so many of them: the frequent ones first, those of one frequency in
/// their own order.
pub(super) fn frequent<T: Clone + std::hash::Hash + Ord>(
    items: impl Iterator<Item = T>,
    most: usize,
    at_least: usize,
) -> Vec<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    let mut counted: Vec<(T, usize)> = counts.into_iter().collect();
    counted.retain(|(_, count)| *count >= at_least);
    counted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counted.truncate(most);
    counted.into_iter().map(|(item, _)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_words_come_first_and_the_others_share_number_0() {
        let texts = ["b a a c".to_owned(), "a b d".to_owned()];
        let vocabulary = Vocabulary::fit(&texts, 3, 1, Splitting::new(true));
        assert_eq!(vocabulary.words(), ["a", "b", "c"]);
        assert_eq!(vocabulary.encode("A d c zebra", 9), [1, 0, 3, 0]);
        assert_eq!(vocabulary.encode("A d c zebra", 2), [1, 0]);
        assert!(vocabulary.encode("  ", 9).is_empty());
        assert_eq!(
            Vocabulary::fit(&texts, 9, 2, Splitting::new(true)).words(),
            ["a", "b"]
        );
    }
}
