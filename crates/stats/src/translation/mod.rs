//! What a translation is worth: how much of it stands in the reference too.
//!
//! [`corpus_bleu`] compares runs of words, [`corpus_chrf`] runs of characters. Both are computed
//! from counts that each sentence adds to ([`BleuCounts`], [`ChrfCounts`]), not from scores of
//! sentences: the figure of any part of a corpus is that of the sum of its counts, and
//! [`bleu_difference`] draws sentences to tell whether one system beats another beyond luck.
//!
//! ```
//! use ressac_stats::translation::{BleuCounts, Casing, corpus_bleu, sentence_bleu_counts};
//!
//! let hypotheses = ["A dog runs through the snow.", "Two men."];
//! let references = ["A dog is running through the snow.", "Two men are talking."];
//! let whole = corpus_bleu(&hypotheses, &references, Casing::Mixed)?;
//! let sentences = sentence_bleu_counts(&hypotheses, &references, Casing::Mixed)?;
//! assert_eq!(sentences.iter().copied().sum::<BleuCounts>().bleu(), whole);
//! # Ok::<(), ressac_stats::translation::TranslationError>(())
//! ```

mod bleu;
mod chrf;
#[cfg(test)]
mod golden;
mod tokenise;

use std::borrow::Cow;

use thiserror::Error;

pub use bleu::{
    BLEU_ORDER, Bleu, BleuCounts, bleu_difference, bleu_signature, corpus_bleu,
    sentence_bleu_counts,
};
pub use chrf::{
    CHRF_ORDER, ChrfCounts, chrf_difference, chrf_signature, corpus_chrf, sentence_chrf_counts,
};
pub use tokenise::tokenise_13a;

/// Why translations cannot be scored.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TranslationError {
    /// There is not one reference for each hypothesis.
    #[error("each hypothesis has one reference, found {hypotheses} and {references}")]
    Lengths {
        /// Hypotheses given.
        hypotheses: usize,
        /// References given.
        references: usize,
    },
}

/// Whether `The` and `the` are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Casing {
    /// They are not: what is usually reported.
    #[default]
    Mixed,
    /// They are: hypotheses and references are brought to lower case.
    Lower,
}

impl Casing {
    fn of(self, text: &str) -> Cow<'_, str> {
        match self {
            Casing::Mixed => Cow::Borrowed(text),
            Casing::Lower => Cow::Owned(text.to_lowercase()),
        }
    }

    /// Its name in a signature.
    fn name(self) -> &'static str {
        match self {
            Casing::Mixed => "mixed",
            Casing::Lower => "lc",
        }
    }
}

/// The counts of each hypothesis beside its reference.
fn of_sentences<H: AsRef<str>, R: AsRef<str>, C>(
    hypotheses: &[H],
    references: &[R],
    counts: impl Fn(&str, &str) -> C,
) -> Result<Vec<C>, TranslationError> {
    if hypotheses.len() != references.len() {
        return Err(TranslationError::Lengths {
            hypotheses: hypotheses.len(),
            references: references.len(),
        });
    }
    let pairs = hypotheses.iter().zip(references);
    Ok(pairs
        .map(|(hypothesis, reference)| counts(hypothesis.as_ref(), reference.as_ref()))
        .collect())
}

/// How many runs of `n` (at least 1) both have, each counted as often as in the one that has it
/// less often.
fn common_runs<T: Ord>(hypothesis: &[T], reference: &[T], n: usize) -> u64 {
    let (hypothesis, reference) = (sorted_runs(hypothesis, n), sorted_runs(reference, n));
    let mut others = reference.iter().peekable();
    let found = hypothesis.iter().filter(|run| {
        while others.next_if(|other| other < run).is_some() {}
        others.next_if(|other| other == run).is_some()
    });
    found.count() as u64
}

fn sorted_runs<T: Ord>(of: &[T], n: usize) -> Vec<&[T]> {
    let mut runs: Vec<&[T]> = of.windows(n).collect();
    runs.sort_unstable();
    runs
}

/// How many runs of `n` (at least 1) there are in a sequence of this length.
fn runs(length: usize, n: usize) -> u64 {
    (length + 1).saturating_sub(n) as u64
}

/// What Python's `str.split` splits at: white space of Unicode and the four separators of ASCII.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_missing_reference_is_said() {
        let found = corpus_bleu(&["a", "b"], &["a"], Casing::Mixed);
        let expected = TranslationError::Lengths {
            hypotheses: 2,
            references: 1,
        };
        assert_eq!(found, Err(expected));
        assert!(corpus_chrf(&["a"], &["a", "b"]).is_err());
    }

    proptest! {
        #[test]
        fn common_runs_are_the_smaller_counts(
            one in prop::collection::vec(0_u8..3, 0..20), other in prop::collection::vec(0_u8..3, 0..20),
            n in 1_usize..4,
        ) {
            let counted = |of: &[u8]| {
                let mut counts: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
                of.windows(n).for_each(|run| *counts.entry(run.to_vec()).or_default() += 1);
                counts
            };
            let (first, second) = (counted(&one), counted(&other));
            let less = first.iter().map(|(run, count)| *count.min(second.get(run).unwrap_or(&0)));
            prop_assert_eq!(common_runs(&one, &other, n), less.sum::<u64>());
            prop_assert_eq!(first.values().sum::<u64>(), runs(one.len(), n));
        }
    }
}
