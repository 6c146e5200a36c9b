//! Translation word by word: a table of which word stands for which, learned from pairs of
//! sentences. What it cannot do (order, agreement, idioms) is what a network has to add.
//!
//! Brown, Della Pietra, Della Pietra, Mercer, "The mathematics of statistical machine translation:
//! parameter estimation" (1993), Computational Linguistics 19, Model 1.
//!
//! ```
//! use ressac_stats::rival::lexicon::Lexicon;
//!
//! // 1 the, 2 dog, 3 cat; 11 le, 12 chien, 13 chat.
//! let english = [vec![1, 2], vec![1, 3], vec![1]];
//! let french = [vec![11, 12], vec![11, 13], vec![11]];
//! let lexicon = Lexicon::fit(&english, &french, 10)?;
//! assert_eq!(lexicon.translate(&[3, 2, 9]), [13, 12]);
//! # Ok::<(), ressac_stats::rival::lexicon::LexiconError>(())
//! ```

use thiserror::Error;

/// Why no table can be learned.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LexiconError {
    /// There is not one target for each source.
    #[error("each source has one target, found {sources} and {targets}")]
    Lengths {
        /// Sources given.
        sources: usize,
        /// Targets given.
        targets: usize,
    },
    /// There is nothing to learn from.
    #[error("a lexicon is learned from at least one pair of sentences, found none")]
    NoPairs,
}

/// The probability t(f | e) that source token e is translated by target token f.
///
/// A target of m tokens has the probability Πⱼ Σᵢ t(fⱼ | eᵢ) / (l + 1) given a source of l tokens and
/// the empty one, e₀, for what nothing in the source stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Lexicon {
    /// Source tokens, ascending, after the empty one.
    sources: Vec<u32>,
    /// Where the targets of each begin in `targets`, and their end; the empty one first.
    first: Vec<usize>,
    /// Targets seen beside each source, ascending.
    targets: Vec<u32>,
    /// t of each.
    probabilities: Vec<f64>,
    /// The most probable target of each source token, nothing for the empty one.
    best: Vec<Option<u32>>,
}

/// Pairs as they are learned from: of each pair the cells of the table, target by target.
struct Cells {
    /// How many cells each target token of a pair has: the length of its source and one.
    widths: Vec<usize>,
    cells: Vec<usize>,
}

impl Lexicon {
    /// Learns from sources and targets, pair by pair, with so many iterations of expectation
    /// maximisation from a uniform table (5 to 10 are usual). Only pairs of tokens seen in one pair
    /// of sentences have a cell; it needs 8 bytes for each pair of tokens of each pair of sentences,
    /// and 16 while it sorts them.
    ///
    /// # Errors
    /// When there are not as many targets as sources, or none.
    pub fn fit<S: AsRef<[u32]>, T: AsRef<[u32]>>(
        sources: &[S],
        targets: &[T],
        iterations: usize,
    ) -> Result<Self, LexiconError> {
        let (mut lexicon, cells) = Self::uniform(sources, targets)?;
        for _ in 0..iterations {
            lexicon.improve(&cells);
        }
        let best = |rows: &[usize]| {
            let mut best: Option<usize> = None;
            for cell in rows[0]..rows[1] {
                let better =
                    |best: usize| lexicon.probabilities[cell] > lexicon.probabilities[best];
                if best.is_none_or(better) {
                    best = Some(cell);
                }
            }
            best.map(|cell| lexicon.targets[cell])
        };
        lexicon.best = lexicon.first.windows(2).skip(1).map(best).collect();
        Ok(lexicon)
    }

    /// The table in which every target seen beside a source is as probable.
    fn uniform<S: AsRef<[u32]>, T: AsRef<[u32]>>(
        sources: &[S],
        targets: &[T],
    ) -> Result<(Self, Cells), LexiconError> {
        if sources.len() != targets.len() {
            return Err(LexiconError::Lengths {
                sources: sources.len(),
                targets: targets.len(),
            });
        }
        if sources.is_empty() {
            return Err(LexiconError::NoPairs);
        }
        let mut words: Vec<u32> = sources.iter().flat_map(|of| of.as_ref()).copied().collect();
        words.sort_unstable();
        words.dedup();
        // Row 0 is the empty token, row i + 1 the i-th source token.
        let row = |source: &u32| words.partition_point(|word| word < source) as u64 + 1;
        let mut widths = Vec::new();
        let mut keys: Vec<u64> = Vec::new();
        for (source, target) in sources.iter().zip(targets) {
            let rows: Vec<u64> = std::iter::once(0)
                .chain(source.as_ref().iter().map(row))
                .collect();
            for token in target.as_ref() {
                widths.push(rows.len());
                keys.extend(rows.iter().map(|row| (row << 32) | u64::from(*token)));
            }
        }
        let mut table = keys.clone();
        table.sort_unstable();
        table.dedup();
        let rows = 0..=words.len() as u64 + 1;
        let first: Vec<usize> = rows
            .map(|row| table.partition_point(|key| key >> 32 < row))
            .collect();
        let place = |key: u64| {
            let row = (key >> 32) as usize;
            let of_row = &table[first[row]..first[row + 1]];
            first[row] + of_row.partition_point(|other| *other < key)
        };
        let cells = keys.into_iter().map(place).collect();
        let lexicon = Lexicon {
            probabilities: first
                .windows(2)
                .flat_map(|row| {
                    let count = row[1] - row[0];
                    std::iter::repeat_n(1.0 / count as f64, count)
                })
                .collect(),
            targets: table.iter().map(|key| *key as u32).collect(),
            best: Vec::new(),
            sources: words,
            first,
        };
        Ok((lexicon, Cells { widths, cells }))
    }

    /// One iteration; gives the log-likelihood of the targets before it.
    fn improve(&mut self, pairs: &Cells) -> f64 {
        let mut counts = vec![0.0; self.probabilities.len()];
        let mut likelihood = 0.0;
        let mut rest = &pairs.cells[..];
        for width in &pairs.widths {
            let (cells, after) = rest.split_at(*width);
            rest = after;
            let sum: f64 = cells.iter().map(|cell| self.probabilities[*cell]).sum();
            likelihood += (sum / *width as f64).ln();
            for cell in cells {
                counts[*cell] += self.probabilities[*cell] / sum;
            }
        }
        for row in self.first.windows(2) {
            let counts = &counts[row[0]..row[1]];
            let total: f64 = counts.iter().sum();
            let of_row = &mut self.probabilities[row[0]..row[1]];
            for (probability, count) in of_row.iter_mut().zip(counts) {
                *probability = count / total;
            }
        }
        likelihood
    }

    /// The probability that a source token, or the empty one, is translated by a target token; 0 for
    /// what was never seen in one pair.
    pub fn probability(&self, source: Option<u32>, target: u32) -> f64 {
        let row = match source {
            None => Some(0),
            Some(token) => self.sources.binary_search(&token).ok().map(|at| at + 1),
        };
        let found = row.and_then(|row| {
            let (from, to) = (self.first[row], self.first[row + 1]);
            let at = self.targets[from..to].binary_search(&target).ok()?;
            Some(self.probabilities[from + at])
        });
        found.unwrap_or(0.0)
    }

    /// The most probable target token of each source token, in their order; the smallest of equally
    /// probable ones. A source token that was not seen in training is left out.
    pub fn translate(&self, source: &[u32]) -> Vec<u32> {
        let best = |token: &u32| self.best[self.sources.binary_search(token).ok()?];
        source.iter().filter_map(best).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_iteration_gives_the_values_computed_by_hand() {
        // das Haus, das Buch; the house, the book. At first t(the | das) = t(house | das) = t(book |
        // das) = 1/3 and t(the | Haus) = t(house | Haus) = 1/2; the empty token is as "das".
        let (das, haus, buch) = (0, 1, 2);
        let (the, house, book) = (5, 6, 7);
        let sources = [vec![das, haus], vec![das, buch]];
        let targets = [vec![the, house], vec![the, book]];
        let found = Lexicon::fit(&sources, &targets, 1).unwrap();
        // "the" goes to das with (1/3) / (1/3 + 1/3 + 1/2) = 2/7 in both pairs, "house" with 2/7 once.
        for (source, target, expected) in [
            (Some(das), the, 0.5),
            (Some(das), house, 0.25),
            (Some(haus), the, 0.5),
            (None, book, 0.25),
            (Some(haus), book, 0.0),
            (Some(9), the, 0.0),
            (None, 9, 0.0),
        ] {
            let probability = found.probability(source, target);
            assert!(
                (probability - expected).abs() < 1e-12,
                "{source:?} {target}"
            );
        }
        // The smaller one of two that are as probable.
        assert_eq!(found.translate(&[haus, das]), [the, the]);
        let found = Lexicon::fit(&sources, &targets, 9).unwrap();
        assert_eq!(found.translate(&[das, buch, haus, 9]), [the, book, house]);
        assert!(found.probability(Some(buch), book) > 0.9);
    }

    #[test]
    fn what_has_no_translation_is_left_out() {
        let found = Lexicon::fit(
            &[vec![1], vec![2, 2], vec![]],
            &[vec![], vec![3], vec![4]],
            5,
        );
        let found = found.unwrap();
        assert_eq!(found.translate(&[1, 2, 3]), [3]);
        assert_eq!(found.probability(Some(2), 3), 1.0);
        // The target of an empty source can come from the empty token alone.
        assert!(found.probability(None, 4) > 0.7);
    }

    #[test]
    fn what_cannot_be_learned_from_is_said() {
        let none: [Vec<u32>; 0] = [];
        assert_eq!(Lexicon::fit(&none, &none, 5), Err(LexiconError::NoPairs));
        let found = Lexicon::fit(&[vec![1]], &none, 5);
        let expected = LexiconError::Lengths {
            sources: 1,
            targets: 0,
        };
        assert_eq!(found, Err(expected));
    }

    proptest! {
        #[test]
        fn every_iteration_makes_the_targets_more_likely(
            pairs in prop::collection::vec(
                (prop::collection::vec(0_u32..7, 0..6), prop::collection::vec(0_u32..7, 0..6)), 1..20,
            ),
        ) {
            let (sources, targets): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let (mut lexicon, cells) = Lexicon::uniform(&sources, &targets).unwrap();
            let mut last = f64::NEG_INFINITY;
            for _ in 0..6 {
                let likelihood = lexicon.improve(&cells);
                prop_assert!(likelihood >= last - 1e-9, "{last} {likelihood}");
                last = likelihood;
                for source in lexicon.sources.clone().into_iter().map(Some).chain([None]) {
                    let sum: f64 = (0..7).map(|target| lexicon.probability(source, target)).sum();
                    prop_assert!(sum == 0.0 || (sum - 1.0).abs() < 1e-9, "{source:?} {sum}");
                }
            }
        }

        #[test]
        fn a_renaming_is_learned(
            sources in prop::collection::vec(prop::collection::vec(0_u32..30, 1..5), 1..30),
        ) {
            // Each token alone once, so that every one can be told.
            let alone = (0..30).map(|token| vec![token]);
            let sources: Vec<Vec<u32>> = sources.into_iter().chain(alone).collect();
            let renamed = |of: &[u32]| of.iter().map(|token| 100 + 7 * token % 30).collect();
            let targets: Vec<Vec<u32>> = sources.iter().map(|of| renamed(of)).collect();
            let found = Lexicon::fit(&sources, &targets, 8).unwrap();
            let all: Vec<u32> = (0..30).collect();
            prop_assert_eq!(found.translate(&all), renamed(&all));
        }
    }
}
