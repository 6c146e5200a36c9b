//! Thresholds from held-back normal items: p-values whose rate of false alarms is known before any alarm is seen.

use serde::{Deserialize, Serialize};

use super::ranks;

/// Scores of held-back normal items, with which new scores are compared (split-conformal outlier detection).
///
/// What is promised: if the held-back items and a new normal item are exchangeable (drawn alike and independently of one
/// another, say) and none of them was used to fit the detector, then `p_value(score) <= rate` has at most the chance `rate`,
/// for any detector and any distribution. The chance is marginal, over the drawing of both the held-back items and the new
/// one: for one set of held-back items the true rate is a beta-distributed number near `rate`, see
/// [`false_alarm_interval`](super::false_alarm_interval). The p-values of several new items share the held-back ones, so
/// they are not independent. Nothing is promised where normal items change over time
/// ([`AdaptiveThreshold`](super::AdaptiveThreshold)), nor about how many unusual items are found.
///
/// Vovk, Gammerman, Shafer, "Algorithmic learning in a random world" (2005), Springer; Bates, Candès, Lei, Romano, Sesia,
/// "Testing for outliers with conformal p-values" (2023), Annals of Statistics 51.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct Conformal {
    /// Ascending, finite, at least one.
    sorted: Vec<f64>,
}

impl Conformal {
    /// From the scores of held-back normal items, in any order; higher is more unusual. Nothing if there is none, or one is
    /// not finite.
    pub fn new(mut scores: Vec<f64>) -> Option<Self> {
        if scores.is_empty() || scores.iter().any(|score| !score.is_finite()) {
            return None;
        }
        scores.sort_unstable_by(f64::total_cmp);
        Some(Conformal { sorted: scores })
    }

    /// Number of held-back items, n; at least 1.
    pub fn held_back(&self) -> usize {
        self.sorted.len()
    }

    /// The held-back scores, ascending.
    pub fn scores(&self) -> &[f64] {
        &self.sorted
    }

    /// How unusual a score is: (1 + number of held-back scores at least as high) / (n + 1), from
    /// [`Conformal::smallest_rate`] to 1. NaN of a score that is NaN, which is below no rate.
    pub fn p_value(&self, score: f64) -> f64 {
        if score.is_nan() {
            return f64::NAN;
        }
        let below = self.sorted.partition_point(|held_back| *held_back < score);
        (1 + self.sorted.len() - below) as f64 / (self.sorted.len() + 1) as f64
    }

    /// The smallest p-value there is, 1 / (n + 1): a rate of false alarms below it needs more held-back items.
    pub fn smallest_rate(&self) -> f64 {
        1.0 / (self.sorted.len() + 1) as f64
    }

    /// The score above which an item is unusual at a rate of false alarms: `p_value(score) <= rate` exactly if
    /// `score > threshold`. It is the k-th highest of the held-back scores, k = ⌊rate · (n + 1)⌋.
    ///
    /// Nothing if the rate is below [`Conformal::smallest_rate`] or NaN. At a rate of 1 every score is above it: minus
    /// infinity. (The score minus infinity itself is then the one exception.)
    pub fn threshold(&self, rate: f64) -> Option<f64> {
        let k = ranks(self.sorted.len(), rate);
        match k {
            0 => None,
            _ => Some(
                self.sorted
                    .len()
                    .checked_sub(k)
                    .map_or(f64::NEG_INFINITY, |at| self.sorted[at]),
            ),
        }
    }
}

impl TryFrom<Vec<f64>> for Conformal {
    type Error = &'static str;

    fn try_from(scores: Vec<f64>) -> Result<Self, Self::Error> {
        Conformal::new(scores).ok_or("held-back scores are finite numbers, and at least one")
    }
}

impl From<Conformal> for Vec<f64> {
    fn from(of: Conformal) -> Self {
        of.sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use proptest::prelude::*;

    #[test]
    fn p_values_and_thresholds_are_those_done_by_hand() {
        let found = Conformal::new(vec![3.0, 1.0, 2.0, 2.0]).unwrap();
        assert_eq!((found.held_back(), found.smallest_rate()), (4, 0.2));
        assert_eq!(found.p_value(0.5), 1.0);
        assert_eq!(found.p_value(2.0), 0.8);
        assert_eq!(found.p_value(2.5), 0.4);
        assert_eq!(found.p_value(3.0), 0.4);
        assert_eq!(found.p_value(9.0), 0.2);
        assert!(found.p_value(f64::NAN).is_nan());
        assert_eq!(found.threshold(0.19), None);
        assert_eq!(found.threshold(f64::NAN), None);
        assert_eq!(found.threshold(0.2), Some(3.0));
        assert_eq!(found.threshold(0.4), Some(2.0));
        assert_eq!(found.threshold(0.8), Some(1.0));
        assert_eq!(found.threshold(1.0), Some(f64::NEG_INFINITY));
    }

    #[test]
    fn scores_are_finite_and_survive_being_saved() {
        assert_eq!(Conformal::new(Vec::new()), None);
        assert_eq!(Conformal::new(vec![1.0, f64::INFINITY]), None);
        let found = Conformal::new(vec![0.3, 0.1, 1e-9]).unwrap();
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(text, "[1e-9,0.1,0.3]");
        assert_eq!(serde_json::from_str::<Conformal>(&text).unwrap(), found);
        assert_eq!(
            serde_json::from_str::<Conformal>("[2,1]").unwrap().scores(),
            [1.0, 2.0]
        );
        assert!(serde_json::from_str::<Conformal>("[]").is_err());
    }

    #[test]
    fn the_rate_of_false_alarms_is_kept_over_many_drawings() {
        let (mut draws, mut alarms) = (Draws::new(11), 0);
        let trials = 20_000;
        for _ in 0..trials {
            let held_back = Conformal::new((0..19).map(|_| draws.bell()).collect()).unwrap();
            alarms += usize::from(held_back.p_value(draws.bell()) <= 0.1);
        }
        // 0.1 is 2 of 20 ranks, so the rate is exact here; four deviations of a binomial share.
        let rate = f64::from(u32::try_from(alarms).unwrap()) / f64::from(trials);
        assert!((rate - 0.1).abs() < 0.0085, "{rate}");
    }

    proptest! {
        #[test]
        fn a_p_value_is_within_the_rate_exactly_above_the_threshold(
            count in 1_usize..131, seed in 0_u64..1_000, rate in 0.0_f64..1.1,
        ) {
            let mut draws = Draws::new(seed);
            let held_back = Conformal::new((0..count).map(|_| draws.below(40) as f64).collect()).unwrap();
            for score in (-1..42).flat_map(|at| [f64::from(at), f64::from(at) + 0.5]) {
                let alarm = held_back.threshold(rate).is_some_and(|threshold| score > threshold);
                prop_assert_eq!(held_back.p_value(score) <= rate, alarm, "{} {}", score, rate);
            }
            prop_assert_eq!(held_back.threshold(rate).is_none(), rate < held_back.smallest_rate());
        }
    }
}
