//! A threshold that follows a stream, because what is normal changes.

use std::collections::VecDeque;

use super::ranks;

/// What is said of one score of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// (1 + number of kept scores at least as high) / (number of kept scores + 1); NaN of a score that is NaN.
    pub p_value: f64,
    /// Whether the score is unusual.
    pub alarm: bool,
    /// The score above which there would have been an alarm; nothing if none would have given one.
    pub threshold: Option<f64>,
}

/// Adaptive conformal inference over the scores of a stream, higher for what is more unusual: each score is compared with
/// the last ones before it, and gives an alarm if its p-value is at most the current rate. After each score the current
/// rate takes a step: rate ← rate + step · (target − alarm).
///
/// What is promised, for any sequence of scores whatever: the share of alarms among the first T scores differs from the
/// target by at most (max(target, 1 − target) + step) / (step · T). So in the long run alarms come at the target rate, also
/// while the level or the spread of the scores drifts.
///
/// What is not: that an alarm is an unusual item, or that each unusual item gives one. After an alarm the current rate is
/// lower by step · (1 − target) and climbs back by step · target a score; until it is above 1 / (kept + 1) again, nothing
/// gives an alarm. A step of at most (target − 1 / (kept + 1)) / (1 − target) keeps that from happening after one alarm at
/// the target rate. And a stream that holds no unusual item at all gets its alarms too. All scores are kept, also those that
/// gave an alarm, otherwise a lasting change would never become normal.
///
/// Gibbs, Candès, "Adaptive conformal inference under distribution shift" (2021), NeurIPS 34; the bound is their
/// proposition 4.1.
#[derive(Clone, Debug, PartialEq)]
pub struct AdaptiveThreshold {
    keep: usize,
    target: f64,
    step: f64,
    rate: f64,
    /// In the order in which they came.
    kept: VecDeque<f64>,
    /// The same, ascending.
    sorted: Vec<f64>,
}

impl AdaptiveThreshold {
    /// Compares with the last `keep` scores, aims at the rate `target`, and steps by `step` (0.005 in the paper, for a
    /// target of 0.1). Nothing if `keep` is 0, the target is not between 0 and 1, or the step is not above 0 and finite.
    pub fn new(keep: usize, target: f64, step: f64) -> Option<Self> {
        let usable = keep > 0 && target > 0.0 && target < 1.0 && step > 0.0 && step.is_finite();
        usable.then(|| AdaptiveThreshold {
            keep,
            target,
            step,
            rate: target,
            kept: VecDeque::new(),
            sorted: Vec::new(),
        })
    }

    /// Keeps a score without judging it: those of held-back normal items, say, before a stream begins. NaN is not kept.
    pub fn keep(&mut self, score: f64) {
        if score.is_nan() {
            return;
        }
        if self.kept.len() == self.keep
            && let Some(oldest) = self.kept.pop_front()
        {
            let at = self.sorted.partition_point(|other| *other < oldest);
            self.sorted.remove(at.min(self.sorted.len() - 1));
        }
        self.kept.push_back(score);
        let at = self.sorted.partition_point(|other| *other < score);
        self.sorted.insert(at, score);
    }

    /// Judges the next score by those before it, then keeps it. A score that is NaN gives no alarm and changes nothing.
    pub fn next(&mut self, score: f64) -> Verdict {
        let n = self.sorted.len();
        let threshold = match ranks(n, self.rate) {
            0 => None,
            k => Some(
                n.checked_sub(k)
                    .map_or(f64::NEG_INFINITY, |at| self.sorted[at]),
            ),
        };
        if score.is_nan() {
            return Verdict {
                p_value: f64::NAN,
                alarm: false,
                threshold,
            };
        }
        let below = self.sorted.partition_point(|other| *other < score);
        let p_value = (1 + n - below) as f64 / (n + 1) as f64;
        let alarm = p_value <= self.rate;
        self.rate += self.step * (self.target - f64::from(u8::from(alarm)));
        self.keep(score);
        Verdict {
            p_value,
            alarm,
            threshold,
        }
    }

    /// The current rate: the p-value at which the next score gives an alarm. It may leave 0 to 1 by a step.
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use proptest::prelude::*;

    #[test]
    fn a_spike_gives_an_alarm_in_a_drifting_stream_and_the_drift_does_not() {
        let (mut draws, mut found) = (Draws::new(5), 0);
        let mut stream = AdaptiveThreshold::new(500, 0.01, 0.0005).unwrap();
        (0..500).for_each(|_| stream.keep(draws.bell()));
        for at in 0..20_000 {
            let normal = draws.bell() + f64::from(at) / 1_000.0;
            let verdict = stream.next(if at % 1_000 == 999 {
                normal + 30.0
            } else {
                normal
            });
            found += usize::from(at % 1_000 == 999 && verdict.alarm);
            if verdict.alarm {
                assert!(verdict.threshold.unwrap() < normal + 31.0);
            }
        }
        assert!(found >= 19, "{found} of 20 spikes");
        assert!((stream.rate() - 0.01).abs() < 0.01, "{}", stream.rate());
    }

    #[test]
    fn a_score_is_compared_with_those_before_it_alone() {
        let mut stream = AdaptiveThreshold::new(3, 0.25, 0.01).unwrap();
        assert_eq!(stream.next(7.0).p_value, 1.0);
        for score in [1.0, 2.0, 3.0] {
            stream.keep(score);
        }
        let verdict = stream.next(2.0);
        assert_eq!((verdict.p_value, verdict.alarm), (0.75, false));
        assert_eq!(verdict.threshold, Some(3.0));
        // The 1 has left: 2, 3 and 2 are there.
        assert_eq!(stream.next(1.5).p_value, 1.0);
        let before = stream.clone();
        assert!(stream.next(f64::NAN).p_value.is_nan());
        assert_eq!(stream, before);
        for (keep, target, step) in [(0, 0.1, 0.1), (1, 0.0, 0.1), (1, 1.0, 0.1), (1, 0.1, 0.0)] {
            assert_eq!(AdaptiveThreshold::new(keep, target, step), None);
        }
        assert_eq!(AdaptiveThreshold::new(1, f64::NAN, 0.1), None);
        assert_eq!(AdaptiveThreshold::new(1, 0.1, f64::INFINITY), None);
    }

    proptest! {
        #[test]
        fn the_share_of_alarms_is_within_the_bound_of_the_paper_and_alarms_are_above_the_threshold(
            count in 1_usize..1_900, seed in 0_u64..1_000, keep in 1_usize..77,
            target in 0.01_f64..0.5, step in 0.001_f64..0.2, drift in -0.01_f64..0.05,
        ) {
            let mut draws = Draws::new(seed);
            let mut stream = AdaptiveThreshold::new(keep, target, step).unwrap();
            let mut alarms = 0_u32;
            for at in 0..count {
                let score = draws.bell() * (1.0 + drift * at as f64) + drift * at as f64;
                let verdict = stream.next(score);
                alarms += u32::from(verdict.alarm);
                prop_assert_eq!(verdict.alarm, verdict.threshold.is_some_and(|above| score > above));
            }
            let share = f64::from(alarms) / count as f64;
            let bound = (target.max(1.0 - target) + step) / (step * count as f64);
            prop_assert!((share - target).abs() <= bound + 1e-9, "{} {} {}", share, target, bound);
        }
    }
}
