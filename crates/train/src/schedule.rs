//! How the learning rate goes with the planned steps.

use std::f64::consts::PI;

/// A learning rate for each step of a plan. It never looks at the clock, so the same plan gives
/// the same rates on any machine.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Schedule {
    /// A linear warm-up, then half a cosine from `peak` down to `peak · floor`
    /// (Loshchilov and Hutter 2017, without restarts).
    Cosine {
        /// The highest rate.
        peak: f64,
        /// Steps of warm-up.
        warmup: u64,
        /// The last rate, as a share of the peak.
        floor: f64,
    },
}

impl Schedule {
    /// The rate of `step` (from 0) of `planned`.
    pub fn at(&self, step: u64, planned: u64) -> f64 {
        match *self {
            Schedule::Cosine {
                peak,
                warmup,
                floor,
            } => {
                if step < warmup {
                    return peak * (step + 1) as f64 / warmup as f64;
                }
                let span = planned.saturating_sub(warmup).max(1) as f64;
                let gone = ((step - warmup) as f64 / span).min(1.0);
                peak * (floor + (1.0 - floor) * 0.5 * (1.0 + (PI * gone).cos()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSINE: Schedule = Schedule::Cosine {
        peak: 0.1,
        warmup: 4,
        floor: 0.01,
    };

    #[test]
    fn the_rate_rises_to_its_peak_and_falls_to_its_floor() {
        assert!((COSINE.at(0, 104) - 0.025).abs() < 1e-12);
        assert!((COSINE.at(4, 104) - 0.1).abs() < 1e-12);
        assert!((COSINE.at(54, 104) - 0.0505).abs() < 1e-12);
        assert!((COSINE.at(104, 104) - 0.001).abs() < 1e-12);
    }

    #[test]
    fn a_plan_shorter_than_the_warm_up_or_a_step_beyond_the_plan_stays_finite() {
        for (step, planned) in [(0, 0), (3, 2), (4, 4), (1000, 10)] {
            let rate = COSINE.at(step, planned);
            assert!(rate > 0.0 && rate <= 0.1, "{step} of {planned}: {rate}");
        }
    }
}
