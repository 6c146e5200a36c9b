//! chrF of a corpus, from counts of its sentences.

use std::iter::Sum;
use std::ops::Add;

use super::{TranslationError, common_runs, is_space, of_sentences, runs};
use crate::bootstrap::{BootstrapError, Interval, paired_difference};

/// The longest runs of characters that chrF counts.
pub const CHRF_ORDER: usize = 6;

/// How much more recall weighs than precision, squared: β = 2.
const BETA_SQUARED: f64 = 4.0;

/// What a sentence adds to the chrF of a corpus: runs of 1 to 6 characters, white space left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChrfCounts {
    /// Those of the hypothesis that the reference has too, each at most as often as there.
    pub matches: [u64; CHRF_ORDER],
    /// Those of the hypothesis; 0 where the reference is shorter than such a run.
    pub hypothesis: [u64; CHRF_ORDER],
    /// Those of the reference.
    pub reference: [u64; CHRF_ORDER],
}

impl ChrfCounts {
    /// The counts of one sentence.
    pub fn of(hypothesis: &str, reference: &str) -> Self {
        let (hypothesis, reference) = (characters(hypothesis), characters(reference));
        let mut counts = Self::default();
        for at in 0..CHRF_ORDER {
            counts.reference[at] = runs(reference.len(), at + 1);
            if counts.reference[at] > 0 {
                counts.hypothesis[at] = runs(hypothesis.len(), at + 1);
                counts.matches[at] = common_runs(&hypothesis, &reference, at + 1);
            }
        }
        counts
    }

    /// chrF = 100 · (1 + β²) P R / (β² P + R) with β = 2, where precision P and recall R are means
    /// over the lengths of runs that both sides have; 0 where nothing matches.
    pub fn chrf(&self) -> f64 {
        let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0_usize);
        for at in 0..CHRF_ORDER {
            let (of, needed) = (self.hypothesis[at], self.reference[at]);
            if of > 0 && needed > 0 {
                precision += self.matches[at] as f64 / of as f64;
                recall += self.matches[at] as f64 / needed as f64;
                orders += 1;
            }
        }
        if precision + recall == 0.0 {
            return 0.0;
        }
        precision /= orders as f64;
        recall /= orders as f64;
        100.0 * (1.0 + BETA_SQUARED) * precision * recall / (BETA_SQUARED * precision + recall)
    }
}

impl Add for ChrfCounts {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        for at in 0..CHRF_ORDER {
            self.matches[at] += other.matches[at];
            self.hypothesis[at] += other.hypothesis[at];
            self.reference[at] += other.reference[at];
        }
        self
    }
}

impl Sum for ChrfCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// The counts of each sentence, one reference for each hypothesis.
///
/// # Errors
/// When there are not as many references as hypotheses.
pub fn sentence_chrf_counts<H: AsRef<str>, R: AsRef<str>>(
    hypotheses: &[H],
    references: &[R],
) -> Result<Vec<ChrfCounts>, TranslationError> {
    of_sentences(hypotheses, references, ChrfCounts::of)
}

/// chrF of a corpus, 0 to 100, equal to what sacreBLEU 2 calls chrF2 and gives by default (one
/// reference, case kept, runs of 1 to 6 characters, none of words). Without a sentence it is 0.
///
/// Popović, "chrF: character n-gram F-score for automatic MT evaluation" (2015), WMT.
///
/// # Errors
/// When there are not as many references as hypotheses.
pub fn corpus_chrf<H: AsRef<str>, R: AsRef<str>>(
    hypotheses: &[H],
    references: &[R],
) -> Result<f64, TranslationError> {
    let sentences = sentence_chrf_counts(hypotheses, references)?;
    Ok(sentences.into_iter().sum::<ChrfCounts>().chrf())
}

/// How the figure was computed, in the notation of sacreBLEU, with the version of this crate in
/// place of its own.
pub fn chrf_signature() -> String {
    format!(
        "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:ressac-{}",
        env!("CARGO_PKG_VERSION")
    )
}

/// As [`super::bleu_difference`], of chrF.
///
/// # Errors
/// As [`super::bleu_difference`].
pub fn chrf_difference(
    model: &[ChrfCounts],
    reference: &[ChrfCounts],
    level: f64,
    resamples: usize,
    seed: u64,
) -> Result<Interval, BootstrapError> {
    let score = |counts: ChrfCounts| counts.chrf();
    paired_difference(model, reference, score, level, resamples, seed)
}

fn characters(text: &str) -> Vec<char> {
    text.chars().filter(|c| !is_space(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn recall_weighs_more_than_precision() {
        // One character: "a" of "ab" is found, and all that is said is right; and the other way.
        let (short, long) = (ChrfCounts::of("a", "ab"), ChrfCounts::of("ab", "a"));
        assert_eq!(short.hypothesis, [1, 0, 0, 0, 0, 0]);
        assert_eq!(short.reference, [2, 1, 0, 0, 0, 0]);
        // P = 1, R = 1/2 and P = 1/2, R = 1.
        assert!((short.chrf() - 100.0 * 2.5 / 4.5).abs() < 1e-12);
        assert!((long.chrf() - 100.0 * 2.5 / 3.0).abs() < 1e-12);
        assert_eq!(long.hypothesis, [2, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn white_space_does_not_count() {
        let found = ChrfCounts::of("l'\u{a0}été \t est", "l'été est");
        assert_eq!(found, ChrfCounts::of("l'étéest", "l'été est"));
        assert!((found.chrf() - 100.0).abs() < 1e-12);
        assert_eq!(ChrfCounts::of("", "a").chrf(), 0.0);
        assert_eq!(ChrfCounts::of("a", "").chrf(), 0.0);
        assert_eq!(ChrfCounts::of("abc", "xyz").chrf(), 0.0);
        assert!(chrf_signature().starts_with("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|"));
    }

    #[test]
    fn two_systems_are_compared_sentence_by_sentence() {
        let model = vec![ChrfCounts::of("abcdef", "abcdef"); 30];
        let other = vec![ChrfCounts::of("abcdeg", "abcdef"); 30];
        let found = chrf_difference(&model, &other, 0.95, 100, 1).unwrap();
        assert!(found.estimate > 10.0);
        // All sentences are alike, and so are all samples.
        assert_eq!((found.lower, found.upper), (found.estimate, found.estimate));
    }

    proptest! {
        #[test]
        fn a_score_is_between_0_and_100(one in "[ab ]{0,12}", other in "[ab ]{0,12}") {
            let found = ChrfCounts::of(&one, &other).chrf();
            prop_assert!((0.0..=100.0 + 1e-9).contains(&found));
            let same = ChrfCounts::of(&one, &one).chrf();
            let expected = if one.trim().is_empty() { 0.0 } else { 100.0 };
            prop_assert!((same - expected).abs() < 1e-9);
        }
    }
}
