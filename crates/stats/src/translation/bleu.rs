//! BLEU of a corpus, from counts of its sentences.

use std::iter::Sum;
use std::ops::Add;

use super::{Casing, TranslationError, common_runs, of_sentences, runs, tokenise_13a};
use crate::bootstrap::{BootstrapError, Interval, paired_difference};

/// The longest runs of words that BLEU counts.
pub const BLEU_ORDER: usize = 4;

/// What a sentence adds to the BLEU of a corpus. Counts of sentences are summed, scores are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BleuCounts {
    /// Runs of 1 to 4 words of the hypothesis that the reference has too, each at most as often as
    /// there.
    pub matches: [u64; BLEU_ORDER],
    /// Runs of 1 to 4 words of the hypothesis.
    pub totals: [u64; BLEU_ORDER],
    /// Words of the hypothesis.
    pub hypothesis_length: u64,
    /// Words of the reference.
    pub reference_length: u64,
}

/// BLEU and what it is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bleu {
    /// Brevity penalty times the geometric mean of the precisions, 0 to 100.
    pub score: f64,
    /// Share of the runs of 1 to 4 words that match, 0 to 100, smoothed.
    pub precisions: [f64; BLEU_ORDER],
    /// What a hypothesis shorter than its reference is scaled by, 0 to 1.
    pub brevity_penalty: f64,
    /// Words of the hypotheses.
    pub hypothesis_length: u64,
    /// Words of the references.
    pub reference_length: u64,
}

impl BleuCounts {
    /// The counts of one sentence.
    pub fn of(hypothesis: &str, reference: &str, casing: Casing) -> Self {
        let hypothesis = tokenise_13a(&casing.of(hypothesis));
        let reference = tokenise_13a(&casing.of(reference));
        let order = |at: usize| at + 1;
        BleuCounts {
            matches: std::array::from_fn(|at| common_runs(&hypothesis, &reference, order(at))),
            totals: std::array::from_fn(|at| runs(hypothesis.len(), order(at))),
            hypothesis_length: hypothesis.len() as u64,
            reference_length: reference.len() as u64,
        }
    }

    /// BLEU = BP · exp(¼ Σ ln pₙ) with pₙ = matches / totals of runs of n words and
    /// BP = min(1, exp(1 - reference length / hypothesis length)).
    ///
    /// Where no run of n words matches, pₙ is 1 / (2ᵏ · totals), k counting such n ("exp" of Chen,
    /// Cherry, "A systematic comparison of smoothing techniques for sentence-level BLEU", 2014, WMT).
    /// The score is 0 where not a single word matches or there is no run of four words, and so for
    /// most short sentences: it is meant for a corpus.
    pub fn bleu(&self) -> Bleu {
        let (length, needed) = (self.hypothesis_length as f64, self.reference_length as f64);
        let brevity_penalty = if self.hypothesis_length >= self.reference_length {
            1.0
        } else if self.hypothesis_length == 0 {
            0.0
        } else {
            (1.0 - needed / length).exp()
        };
        let precisions = self.precisions();
        let logarithms: f64 = precisions.iter().map(|precision| precision.ln()).sum();
        Bleu {
            // A precision of 0 has the logarithm -∞, of which the exponential is 0.
            score: brevity_penalty * (logarithms / BLEU_ORDER as f64).exp(),
            precisions,
            brevity_penalty,
            hypothesis_length: self.hypothesis_length,
            reference_length: self.reference_length,
        }
    }

    fn precisions(&self) -> [f64; BLEU_ORDER] {
        if self.matches == [0; BLEU_ORDER] {
            return [0.0; BLEU_ORDER];
        }
        let mut doubled = 1.0;
        std::array::from_fn(|at| match (self.matches[at], self.totals[at]) {
            (_, 0) => 0.0,
            (0, total) => {
                doubled *= 2.0;
                100.0 / (doubled * total as f64)
            }
            (matches, total) => 100.0 * matches as f64 / total as f64,
        })
    }
}

impl Add for BleuCounts {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        for at in 0..BLEU_ORDER {
            self.matches[at] += other.matches[at];
            self.totals[at] += other.totals[at];
        }
        self.hypothesis_length += other.hypothesis_length;
        self.reference_length += other.reference_length;
        self
    }
}

impl Sum for BleuCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// The counts of each sentence, one reference for each hypothesis.
///
/// # Errors
/// When there are not as many references as hypotheses.
pub fn sentence_bleu_counts<H: AsRef<str>, R: AsRef<str>>(
    hypotheses: &[H],
    references: &[R],
    casing: Casing,
) -> Result<Vec<BleuCounts>, TranslationError> {
    of_sentences(hypotheses, references, |hypothesis, reference| {
        BleuCounts::of(hypothesis, reference, casing)
    })
}

/// BLEU of a corpus, equal to what sacreBLEU 2 gives by default (words by [`tokenise_13a`], one
/// reference, smoothing "exp"), with [`Casing::Lower`] to its `--lowercase`. Texts are given as they
/// are read, not as words apart. Without a sentence it is 0.
///
/// Papineni, Roukos, Ward, Zhu, "BLEU: a method for automatic evaluation of machine translation"
/// (2002), ACL; Post, "A call for clarity in reporting BLEU scores" (2018), WMT.
///
/// # Errors
/// When there are not as many references as hypotheses.
pub fn corpus_bleu<H: AsRef<str>, R: AsRef<str>>(
    hypotheses: &[H],
    references: &[R],
    casing: Casing,
) -> Result<Bleu, TranslationError> {
    let sentences = sentence_bleu_counts(hypotheses, references, casing)?;
    Ok(sentences.into_iter().sum::<BleuCounts>().bleu())
}

/// How the figure was computed, in the notation of sacreBLEU, with the version of this crate in
/// place of its own: figures with the same line but for the version can be compared.
pub fn bleu_signature(casing: Casing) -> String {
    format!(
        "nrefs:1|case:{}|eff:no|tok:13a|smooth:exp|version:ressac-{}",
        casing.name(),
        env!("CARGO_PKG_VERSION")
    )
}

/// Interval of the BLEU of a model minus that of its reference system on the same sentences: each of
/// `resamples` samples of the sentences gives a BLEU for both. The same seed gives the same interval
/// on every machine.
///
/// Koehn, "Statistical significance tests for machine translation evaluation" (2004), EMNLP.
///
/// # Errors
/// When the lengths differ, there is no sentence, or the level or the number of resamples makes no
/// interval.
pub fn bleu_difference(
    model: &[BleuCounts],
    reference: &[BleuCounts],
    level: f64,
    resamples: usize,
    seed: u64,
) -> Result<Interval, BootstrapError> {
    let score = |counts: BleuCounts| counts.bleu().score;
    paired_difference(model, reference, score, level, resamples, seed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn matches_are_clipped_at_what_the_reference_has() {
        // The example of Papineni et al.: "the" seven times, in the reference twice.
        let found = BleuCounts::of(
            "the the the the the the the",
            "the cat is on the mat",
            Casing::Mixed,
        );
        assert_eq!(found.matches, [2, 0, 0, 0]);
        assert_eq!(found.totals, [7, 6, 5, 4]);
        assert_eq!((found.hypothesis_length, found.reference_length), (7, 6));
        let bleu = found.bleu();
        let precisions = [200.0 / 7.0, 100.0 / 12.0, 100.0 / 20.0, 100.0 / 32.0];
        assert_eq!(bleu.precisions, precisions);
        assert_eq!(bleu.brevity_penalty, 1.0);
        let mean = precisions.iter().product::<f64>().powf(0.25);
        assert!((bleu.score - mean).abs() < 1e-12, "{bleu:?}");
    }

    #[test]
    fn what_is_short_is_scaled_down() {
        let found = BleuCounts::of("a b c d", "a b c d e", Casing::Mixed).bleu();
        assert_eq!(found.precisions, [100.0; 4]);
        assert!((found.score - 100.0 * (-0.25_f64).exp()).abs() < 1e-12);
        // Without a run of four words there is no precision of them, and none of nothing.
        assert_eq!(
            BleuCounts::of("a b c", "a b c", Casing::Mixed).bleu().score,
            0.0
        );
        let nothing = BleuCounts::of("", "a b", Casing::Mixed).bleu();
        assert_eq!((nothing.score, nothing.brevity_penalty), (0.0, 0.0));
        assert_eq!(
            corpus_bleu::<&str, &str>(&[], &[], Casing::Mixed)
                .unwrap()
                .score,
            0.0
        );
    }

    #[test]
    fn case_counts_unless_it_is_taken_away() {
        let bleu = |casing| BleuCounts::of("The Dog Éats It", "the dog éats it", casing).bleu();
        assert_eq!(bleu(Casing::Mixed).score, 0.0);
        assert!((bleu(Casing::Lower).score - 100.0).abs() < 1e-12);
        assert!(bleu_signature(Casing::Mixed).starts_with("nrefs:1|case:mixed|eff:no|tok:13a|"));
        assert!(bleu_signature(Casing::Lower).contains("|case:lc|"));
    }

    #[test]
    fn a_better_system_is_told_from_a_twin() {
        let reference: Vec<String> = (0..60)
            .map(|at| format!("word{at} on a table of wood in room {}", at % 7))
            .collect();
        let spoilt = |every: usize| -> Vec<String> {
            let lines = reference.iter().enumerate();
            lines
                .map(|(at, line)| match at % every {
                    0 => line.replace("table of wood", "chair"),
                    _ => line.clone(),
                })
                .collect()
        };
        let of = |lines: &[String]| sentence_bleu_counts(lines, &reference, Casing::Mixed).unwrap();
        let (better, worse) = (of(&spoilt(5)), of(&spoilt(2)));
        let found = bleu_difference(&better, &worse, 0.95, 500, 1).unwrap();
        let score = |counts: &[BleuCounts]| counts.iter().copied().sum::<BleuCounts>().bleu().score;
        assert_eq!(found.estimate, score(&better) - score(&worse));
        assert!(
            found.lower > 0.0 && found.lower < found.estimate,
            "{found:?}"
        );
        assert!(found.upper > found.estimate, "{found:?}");
        let twin = bleu_difference(&worse, &worse, 0.95, 500, 1).unwrap();
        assert_eq!((twin.lower, twin.upper), (0.0, 0.0));
        assert!(bleu_difference(&better, &worse[1..], 0.95, 500, 1).is_err());
        assert!(bleu_difference(&[], &[], 0.95, 500, 1).is_err());
    }

    proptest! {
        #[test]
        fn a_score_is_between_0_and_100_and_what_is_equal_has_100(
            pairs in prop::collection::vec(("[ab .,]{0,12}", "[ab .,]{0,12}"), 0..6),
        ) {
            let (one, other): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
            let found = corpus_bleu(&one, &other, Casing::Mixed).unwrap();
            prop_assert!((0.0..=100.0 + 1e-9).contains(&found.score), "{found:?}");
            let same = sentence_bleu_counts(&one, &one, Casing::Mixed).unwrap();
            let same: BleuCounts = same.into_iter().sum();
            let expected = if same.totals[3] > 0 { 100.0 } else { 0.0 };
            prop_assert!((same.bleu().score - expected).abs() < 1e-9);
        }
    }
}
