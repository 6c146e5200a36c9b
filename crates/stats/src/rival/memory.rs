//! A translation memory: whatever is asked, the answer is the one given to the most similar thing
//! before. It is what a network would be that only learned its training part by heart.
//!
//! ```
//! use ressac_stats::rival::memory::Memory;
//!
//! let sources = [vec![1, 2, 3], vec![1, 4], vec![5, 4, 3]];
//! let memory = Memory::fit(&sources)?;
//! // Token 4 is in two of the sources and 9 in none: the shorter of the two is more like it.
//! assert_eq!(memory.nearest(&[9, 4]), 1);
//! # Ok::<(), ressac_stats::rival::memory::MemoryError>(())
//! ```

use thiserror::Error;

use super::bag::{counted, distinct, rarity};

/// Why there is no memory.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MemoryError {
    /// There is nothing to remember.
    #[error("a translation memory needs at least one source, found none")]
    NoSources,
}

/// The sources of a training part, found by the words they have.
///
/// A source is the vector of its counts of tokens times their inverse document frequency,
/// ln((1 + sources) / (1 + sources with it)) + 1; how much two are alike is the cosine of the angle
/// between them.
///
/// Salton, Buckley, "Term-weighting approaches in automatic text retrieval" (1988), Information
/// Processing & Management 24.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    sources: usize,
    /// Ascending.
    words: Vec<u32>,
    /// Inverse document frequency of each word.
    rarity: Vec<f64>,
    /// The sources that have each word, ascending, and its share of their vector of length 1.
    holders: Vec<Vec<(usize, f64)>>,
}

impl Memory {
    /// Remembers sources; a target is found by the index of its source.
    ///
    /// # Errors
    /// When there is none.
    pub fn fit<S: AsRef<[u32]>>(sources: &[S]) -> Result<Self, MemoryError> {
        if sources.is_empty() {
            return Err(MemoryError::NoSources);
        }
        let of_sources = sources
            .iter()
            .map(|source| distinct(source.as_ref().to_vec()));
        let (words, with_word) = counted(of_sources.flatten().collect(), 1);
        let rarity = with_word.iter().map(|with| rarity(sources.len(), *with));
        let mut memory = Memory {
            sources: sources.len(),
            holders: vec![Vec::new(); words.len()],
            rarity: rarity.collect(),
            words,
        };
        for (index, source) in sources.iter().enumerate() {
            let weights = memory.weights(source.as_ref());
            let squares: f64 = weights.iter().map(|(_, weight)| weight * weight).sum();
            for (word, weight) in weights {
                memory.holders[word].push((index, weight / squares.sqrt()));
            }
        }
        Ok(memory)
    }

    /// The index of the source most like this one, the first of equally similar ones; 0 where none
    /// has a token of it.
    pub fn nearest(&self, source: &[u32]) -> usize {
        let mut similar = vec![0.0; self.sources];
        for (word, weight) in self.weights(source) {
            for (index, share) in &self.holders[word] {
                similar[*index] += weight * share;
            }
        }
        let mut nearest = 0;
        for (index, similarity) in similar.iter().enumerate() {
            if *similarity > similar[nearest] {
                nearest = index;
            }
        }
        nearest
    }

    /// The known words of a source, ascending, as numbers, with count times rarity.
    fn weights(&self, source: &[u32]) -> Vec<(usize, f64)> {
        let words = source.iter();
        let words = words.filter_map(|word| self.words.binary_search(word).ok());
        let (words, counts) = counted(words.collect(), 1);
        let weights = words.into_iter().zip(counts);
        weights
            .map(|(word, count)| (word, count as f64 * self.rarity[word]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn rare_words_and_short_sources_weigh_more() {
        let sources = [
            vec![1, 2],
            vec![1, 3],
            vec![1, 4],
            vec![1, 4, 4, 5],
            vec![1],
        ];
        let memory = Memory::fit(&sources).unwrap();
        // 1 is everywhere, 3 in one.
        assert_eq!(memory.nearest(&[1, 1, 3]), 1);
        assert_eq!(memory.nearest(&[1]), 4);
        assert_eq!(memory.nearest(&[4, 1]), 2);
        assert_eq!(memory.nearest(&[4, 5]), 3);
        // None has a word of it.
        assert_eq!(memory.nearest(&[7]), 0);
        assert_eq!(memory.nearest(&[]), 0);
        assert_eq!(Memory::fit::<Vec<u32>>(&[]), Err(MemoryError::NoSources));
    }

    proptest! {
        #[test]
        fn it_finds_the_greatest_cosine(
            sources in prop::collection::vec(prop::collection::vec(0_u32..9, 0..7), 1..20),
            asked in prop::collection::vec(0_u32..11, 0..7),
        ) {
            let memory = Memory::fit(&sources).unwrap();
            let count = |of: &[u32], word: u32| of.iter().filter(|w| **w == word).count() as f64;
            let cosine = |a: &[u32], b: &[u32]| {
                let product = |a: &[u32], b: &[u32]| -> f64 {
                    let all: BTreeSet<u32> = sources.iter().flatten().copied().collect();
                    let worth = |word: &u32| {
                        let with = sources.iter().filter(|of| of.contains(word)).count();
                        let rarity = ((1 + sources.len()) as f64 / (1 + with) as f64).ln() + 1.0;
                        count(a, *word) * count(b, *word) * rarity * rarity
                    };
                    all.iter().map(worth).sum()
                };
                let lengths = (product(a, a) * product(b, b)).sqrt();
                if lengths == 0.0 { 0.0 } else { product(a, b) / lengths }
            };
            let found = memory.nearest(&asked);
            let found_cosine = cosine(&sources[found], &asked);
            for (index, source) in sources.iter().enumerate() {
                let other = cosine(source, &asked);
                prop_assert!(other < found_cosine + 1e-12, "{found} {index}");
                // The same source earlier would have been taken.
                prop_assert!(index >= found || source != &sources[found]);
            }
        }
    }
}
