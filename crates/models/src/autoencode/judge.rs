//! Which scores are alarms: those above one threshold, or of a series above one that follows the scores.

use ressac_nn::random::Stream;
use ressac_stats::unusual::{AdaptiveThreshold, Conformal};

use super::ask::Rate;
use crate::ModelError;

/// A step of the threshold that follows, as a share of the rate asked for: an alarm makes the next one harder by so much.
const STEP: f64 = 0.05;

/// Says of scores, in their order, how rare they are and which are alarms.
#[derive(Debug, Clone)]
pub(super) struct Judge<'a> {
    held_back: Option<&'a Conformal>,
    /// The threshold of the rate asked for.
    threshold: Option<f64>,
    following: Option<AdaptiveThreshold>,
    /// Alarms so far, and how often one came after a score that is none.
    pub(super) alarms: usize,
    pub(super) stretches: usize,
    last: bool,
}

impl<'a> Judge<'a> {
    /// Judges at `rate`, if one is asked for; with `follow` by the last scores, as many as were held back, which come first.
    ///
    /// # Errors
    /// A rate that the scores held back cannot promise.
    pub(super) fn new(
        held_back: Option<&'a Conformal>,
        rate: Option<&Rate>,
        follow: bool,
    ) -> Result<Self, ModelError> {
        let threshold = rate.map(|rate| rate.require(held_back)).transpose()?;
        let following = rate.zip(held_back).filter(|_| follow);
        let following = following.and_then(|(rate, held_back)| {
            let kept = held_back.held_back();
            let mut following = AdaptiveThreshold::new(kept, rate.rate, STEP * rate.rate)?;
            // They are kept in ascending order, and the first ones are forgotten first.
            let mut scores = held_back.scores().to_vec();
            Stream::new(0, "held back").generator().shuffle(&mut scores);
            scores.into_iter().for_each(|score| following.keep(score));
            Some(following)
        });
        Ok(Self {
            held_back,
            threshold,
            following,
            alarms: 0,
            stretches: 0,
            last: false,
        })
    }

    /// Whether it tells p-values, and whether alarms.
    pub(super) fn tells(&self) -> (bool, bool) {
        (self.held_back.is_some(), self.threshold.is_some())
    }

    /// The p-value of a score and whether it is an alarm, as far as it tells them.
    pub(super) fn next(&mut self, score: f64) -> (Option<f64>, Option<bool>) {
        let (p_value, alarm) = match &mut self.following {
            Some(following) => {
                let verdict = following.next(score);
                (Some(verdict.p_value), Some(verdict.alarm))
            }
            None => (
                self.held_back.map(|held_back| held_back.p_value(score)),
                self.threshold.map(|threshold| score > threshold),
            ),
        };
        let this = alarm == Some(true);
        self.alarms += usize::from(this);
        self.stretches += usize::from(this && !self.last);
        self.last = this;
        (p_value, alarm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_that_follows_gets_used_to_a_new_level_and_a_fixed_one_does_not() {
        let mut generator = Stream::new(3, "scores").generator();
        let mut draw = |level: f64| level + generator.normal().abs();
        let held_back = Conformal::new((0..400).map(|_| draw(0.0)).collect());
        let rate = Rate::read("1/50", None).unwrap();
        let scores: Vec<f64> = (0..8_000).map(|at| draw(f64::from(at) / 2_000.0)).collect();
        let late = |follow: bool| {
            let mut judge = Judge::new(held_back.as_ref(), Some(&rate), follow).unwrap();
            let alarms = scores
                .iter()
                .map(|score| judge.next(*score).1 == Some(true));
            let alarms: Vec<bool> = alarms.collect();
            assert_eq!(judge.alarms, alarms.iter().filter(|alarm| **alarm).count());
            assert!(judge.stretches <= judge.alarms);
            alarms[6_000..].iter().filter(|alarm| **alarm).count()
        };
        assert!(late(false) > 1_800, "{}", late(false));
        assert!(late(true) < 120, "{}", late(true));
    }
}
