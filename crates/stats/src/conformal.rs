//! Intervals that cover what they say: split-conformal calibration.
//!
//! A model's quantiles cover too little, or too much, on data it was not fitted to. Rows kept aside
//! (the calibration part) show by how much the truth leaves the interval; widening every interval by
//! a high quantile of these excesses makes it hold at least `1 - alpha` of new truths, whatever the
//! model and the distribution, provided that calibration and new rows are exchangeable. Windows of
//! one series are not quite that: they overlap and drift, so the guarantee is approximate there, and
//! the coverage on the test part is what tells.
//!
//! Values of several steps ahead lie window by window: `values[window * horizon + step]`.

use thiserror::Error;

use crate::quantile::is_share;

/// Why no correction can be computed.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ConformalError {
    /// The share of truths allowed outside is not a share.
    #[error(
        "alpha is the share of values allowed outside the interval and lies between 0 and 1, found {alpha}: \
         give 0.1 for an interval of 90 %"
    )]
    Alpha {
        /// What was given.
        alpha: f64,
    },
    /// The slices do not fit together.
    #[error(
        "calibration needs one truth for each forecast and whole windows of {horizon} steps, \
         found {forecasts} forecasts and {truths} truths"
    )]
    Shape {
        /// Values of the (lower) forecast.
        forecasts: usize,
        /// Values of the truth.
        truths: usize,
        /// Steps of a window.
        horizon: usize,
    },
    /// A forecast is missing or infinite, or a truth infinite.
    #[error(
        "window {window}, step {step} of the calibration part: forecast or truth is not a finite number: \
         leave the window out, or mend the model"
    )]
    NotFinite {
        /// Window, from 0.
        window: usize,
        /// Step ahead, from 0.
        step: usize,
    },
    /// Too few truths for the level.
    #[error(
        "an interval of {:.4} % needs {needed} known values to calibrate, found {found}: \
         give a longer calibration part or a lower level",
        100.0 * (1.0 - alpha)
    )]
    TooFew {
        /// Truths that are not missing.
        found: usize,
        /// The fewest with which a finite interval can be sure.
        needed: usize,
        /// Share allowed outside.
        alpha: f64,
    },
}

/// What is added to the upper and taken from the lower end of an interval. Plain numbers, to be
/// stored with the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// Share of the truths allowed outside: 0.1 for an interval of 90 %.
    pub alpha: f64,
    /// The correction over all steps together, in the unit of the truth. Negative where the
    /// intervals were too wide.
    pub pooled: f64,
    /// The correction of each step ahead; [`Correction::pooled`] where a step had too few values.
    pub steps: Vec<f64>,
}

impl Correction {
    /// From forecasts of the two quantiles `alpha / 2` and `1 - alpha / 2` on calibration windows of
    /// `horizon` steps. A step gets its own correction if it has at least `least` known truths, and
    /// as many as the level needs; others get that of all steps together. A missing truth (NaN) is
    /// left out.
    ///
    /// Romano, Patterson, Candès, "Conformalized quantile regression" (2019), NeurIPS 32.
    ///
    /// # Errors
    /// When the lengths do not fit, alpha is not a share, a forecast is not finite, or all steps
    /// together have too few truths for the level.
    pub fn of_quantiles(
        lower: &[f64],
        upper: &[f64],
        truth: &[f64],
        horizon: usize,
        alpha: f64,
        least: usize,
    ) -> Result<Self, ConformalError> {
        if lower.len() != upper.len() {
            return Err(ConformalError::Shape {
                forecasts: lower.len().min(upper.len()),
                truths: truth.len(),
                horizon,
            });
        }
        let excess = |row: usize| {
            let (below, above) = (lower[row] - truth[row], truth[row] - upper[row]);
            // `max` would prefer the number to the NaN of a missing forecast.
            if below.is_nan() {
                below
            } else {
                above.max(below)
            }
        };
        // A missing upper end alone is caught here, because `max` hides it above.
        let sound = |row: usize| lower[row].is_finite() && upper[row].is_finite();
        Self::of_scores(lower.len(), truth, horizon, alpha, least, |row| {
            sound(row).then(|| excess(row))
        })
    }

    /// From point forecasts on calibration windows, as [`Correction::of_quantiles`]: the correction
    /// is a quantile of the absolute error, and [`Correction::around`] gives the interval.
    ///
    /// Papadopoulos, Proedrou, Vovk, Gammerman, "Inductive confidence machines for regression"
    /// (2002), ECML.
    ///
    /// # Errors
    /// As [`Correction::of_quantiles`].
    pub fn of_points(
        forecast: &[f64],
        truth: &[f64],
        horizon: usize,
        alpha: f64,
        least: usize,
    ) -> Result<Self, ConformalError> {
        Self::of_scores(forecast.len(), truth, horizon, alpha, least, |row| {
            Some((forecast[row] - truth[row]).abs())
        })
    }

    fn of_scores(
        forecasts: usize,
        truth: &[f64],
        horizon: usize,
        alpha: f64,
        least: usize,
        score: impl Fn(usize) -> Option<f64>,
    ) -> Result<Self, ConformalError> {
        if !is_share(alpha) {
            return Err(ConformalError::Alpha { alpha });
        }
        if forecasts != truth.len() || horizon == 0 || !truth.len().is_multiple_of(horizon) {
            return Err(ConformalError::Shape {
                forecasts,
                truths: truth.len(),
                horizon,
            });
        }
        let mut by_step = vec![Vec::new(); horizon];
        for (row, t) in truth.iter().enumerate() {
            if t.is_nan() {
                continue;
            }
            let (window, step) = (row / horizon, row % horizon);
            let score = score(row)
                .filter(|score| score.is_finite())
                .ok_or(ConformalError::NotFinite { window, step })?;
            by_step[step].push(score);
        }
        let all: Vec<f64> = by_step.iter().flatten().copied().collect();
        let found = all.len();
        let pooled = high_score(all, alpha).ok_or(ConformalError::TooFew {
            found,
            needed: fewest(alpha),
            alpha,
        })?;
        let steps = by_step
            .into_iter()
            .map(|scores| {
                if scores.len() < least {
                    return pooled;
                }
                high_score(scores, alpha).unwrap_or(pooled)
            })
            .collect();
        Ok(Correction {
            alpha,
            pooled,
            steps,
        })
    }

    /// The correction of a step ahead, from 0; beyond the calibrated horizon, the pooled one.
    pub fn at(&self, step: usize) -> f64 {
        self.steps.get(step).copied().unwrap_or(self.pooled)
    }

    /// Corrects the ends of intervals in place; they lie window by window, as in calibration. Ends
    /// that a narrowing would cross meet in their middle.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn apply(&self, lower: &mut [f64], upper: &mut [f64]) {
        assert_eq!(lower.len(), upper.len(), "both ends have one length");
        for (row, (low, high)) in lower.iter_mut().zip(upper).enumerate() {
            let correction = self.at(row % self.steps.len().max(1));
            (*low, *high) = (*low - correction, *high + correction);
            if *low > *high {
                let middle = f64::midpoint(*low, *high);
                (*low, *high) = (middle, middle);
            }
        }
    }

    /// Lower and upper ends around point forecasts, which lie window by window, as in calibration.
    pub fn around(&self, forecast: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (mut lower, mut upper) = (forecast.to_vec(), forecast.to_vec());
        self.apply(&mut lower, &mut upper);
        (lower, upper)
    }
}

/// The rank that covers: the smallest k of n scores with k / (n + 1) at least `1 - alpha`.
fn rank(n: usize, alpha: f64) -> usize {
    let exact = (n as f64 + 1.0) * (1.0 - alpha);
    // What rounding adds to a whole number must not cost a rank.
    (exact - 1e-9 * exact).ceil() as usize
}

/// The fewest scores that can be sure of a finite interval.
fn fewest(alpha: f64) -> usize {
    let near = (1.0 / alpha - 1.0) as usize;
    (near.saturating_sub(1)..=near.saturating_add(2))
        .find(|n| *n > 0 && rank(*n, alpha) <= *n)
        .unwrap_or(usize::MAX)
}

/// The score of that rank; nothing if there are too few.
fn high_score(mut scores: Vec<f64>, alpha: f64) -> Option<f64> {
    let rank = rank(scores.len(), alpha).max(1);
    if rank > scores.len() {
        return None;
    }
    let (_, score, _) = scores.select_nth_unstable_by(rank - 1, f64::total_cmp);
    Some(*score)
}

/// The least `c` such that a new score is at most `c` with probability `level`, if it is exchangeable
/// with `scores`: the ⌈(n + 1) · level⌉-th smallest of them, the largest if there are not so many. NaN
/// scores are left out; without any score the correction is 0.
///
/// A score is how far the truth lay beyond one bound, in any unit: for an upper quantile truth − bound,
/// for a lower one bound − truth. This is one side of [`Correction::of_quantiles`], for quantiles that
/// do not come in pairs.
pub fn one_sided(scores: &[f64], level: f64) -> f64 {
    let mut sorted: Vec<f64> = scores.iter().copied().filter(|s| !s.is_nan()).collect();
    if sorted.is_empty() {
        return 0.0;
    }
    let rank = ((sorted.len() + 1) as f64 * level).ceil() as usize;
    let place = rank.clamp(1, sorted.len()) - 1;
    let (_, score, _) = sorted.select_nth_unstable_by(place, f64::total_cmp);
    *score
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use crate::quantile::{coverage, interval_width, uncross};
    use proptest::prelude::*;

    const NAN: f64 = f64::NAN;

    #[test]
    fn the_one_sided_rank_is_that_of_one_score_more() {
        let scores = [5.0, 1.0, 3.0, 2.0, 4.0, 9.0, 8.0, 7.0, 6.0];
        assert_eq!(one_sided(&scores, 0.8), 8.0);
        assert_eq!(one_sided(&scores, 0.5), 5.0);
        assert_eq!(one_sided(&scores, 0.999), 9.0);
        assert_eq!(one_sided(&[], 0.9), 0.0);
        assert_eq!(one_sided(&[f64::NAN, 2.0], 0.1), 2.0);
    }

    #[test]
    fn the_rank_is_that_of_the_paper() {
        assert_eq!([rank(9, 0.1), rank(10, 0.1), rank(19, 0.1)], [9, 10, 18]);
        assert_eq!([rank(99, 0.05), rank(4, 0.2), rank(8, 0.1)], [95, 4, 9]);
        assert_eq!(
            [fewest(0.1), fewest(0.05), fewest(0.2), fewest(0.9)],
            [9, 19, 4, 1]
        );
    }

    #[test]
    fn a_correction_is_the_ranked_excess_done_by_hand() {
        // Excesses: 1 (above), 2 (below), -1 (inside), -0.5: the fourth of four for alpha 0.2.
        let (lower, upper) = ([0.0; 4], [2.0; 4]);
        let truth = [3.0, -2.0, 1.0, 0.5];
        let found = Correction::of_quantiles(&lower, &upper, &truth, 1, 0.2, 1).unwrap();
        assert_eq!((found.pooled, &found.steps[..]), (2.0, &[2.0][..]));
        let points = Correction::of_points(&[0.0; 4], &truth, 1, 0.4, 1).unwrap();
        assert_eq!(points.pooled, 2.0);
        assert_eq!(points.around(&[10.0]), (vec![8.0], vec![12.0]));
    }

    #[test]
    fn a_step_with_few_values_takes_the_correction_of_all() {
        // Step 0 errs by 1, step 1 by 10 with most truths missing.
        let windows = 20;
        let truth: Vec<f64> = (0..windows)
            .flat_map(|w| [1.0, if w < 3 { 10.0 } else { NAN }])
            .collect();
        let forecast = vec![0.0; truth.len()];
        let found = Correction::of_points(&forecast, &truth, 2, 0.1, 5).unwrap();
        assert_eq!((found.pooled, &found.steps[..]), (10.0, &[1.0, 10.0][..]));
        assert_eq!(found.at(7), 10.0);
        // With ten known values a step would do, but more were asked for.
        let careful = Correction::of_points(&forecast, &truth, 2, 0.1, 21).unwrap();
        assert_eq!(careful.steps, [10.0, 10.0]);
    }

    #[test]
    fn intervals_that_were_too_wide_are_narrowed_and_never_cross() {
        let truth: Vec<f64> = (0..99).map(|k| f64::from(k) / 99.0).collect();
        let found =
            Correction::of_quantiles(&vec![-9.0; 99], &vec![9.0; 99], &truth, 1, 0.1, 1).unwrap();
        assert!(found.pooled < -7.0, "{found:?}");
        let (mut lower, mut upper) = (vec![0.0, -9.0], vec![1.0, 9.0]);
        found.apply(&mut lower, &mut upper);
        assert_eq!((lower[0], upper[0]), (0.5, 0.5));
        assert!(lower[1] < upper[1]);
    }

    #[test]
    fn what_cannot_be_calibrated_is_said() {
        let of = |forecast: &[f64], truth: &[f64], horizon, alpha| {
            Correction::of_points(forecast, truth, horizon, alpha, 1).unwrap_err()
        };
        let said = of(&[0.0; 6], &[1.0, 1.0, 1.0, NAN, 1.0, 1.0], 2, 0.1).to_string();
        assert!(
            said.contains("needs 9 known values") && said.contains("found 5"),
            "{said}"
        );
        assert_eq!(
            of(&[0.0, NAN], &[1.0, 1.0], 2, 0.1),
            ConformalError::NotFinite { window: 0, step: 1 }
        );
        for alpha in [0.0, 1.0, NAN, -1.0] {
            assert!(matches!(
                of(&[0.0], &[1.0], 1, alpha),
                ConformalError::Alpha { .. }
            ));
        }
        for (forecasts, truths, horizon) in [(2, 3, 1), (3, 3, 2), (2, 2, 0)] {
            assert!(matches!(
                of(&vec![0.0; forecasts], &vec![1.0; truths], horizon, 0.5),
                ConformalError::Shape { .. }
            ));
        }
        for (lower, upper) in [([0.0, NAN], [1.0, 1.0]), ([0.0, 0.0], [1.0, NAN])] {
            assert_eq!(
                Correction::of_quantiles(&lower, &upper, &[0.5, 0.5], 1, 0.5, 1),
                Err(ConformalError::NotFinite { window: 1, step: 0 })
            );
        }
    }

    /// A truth of mean 0 whose spread depends on the row, and a poor guess of its quantiles.
    fn draw(draws: &mut Draws, rows: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let (mut lower, mut upper, mut truth) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rows {
            let spread = 0.5 + draws.uniform();
            truth.push(spread * draws.bell());
            lower.push(-0.4 * spread - 0.3);
            upper.push(0.5 * spread);
        }
        (lower, upper, truth)
    }

    #[test]
    fn new_rows_are_covered_as_often_as_promised_on_average_over_many_draws() {
        // For scores without ties the expectation is exactly rank / (n + 1). The coverage of one
        // draw deviates by about 0.08, so the mean of 2,000 by about 0.002: 0.01 is five times that.
        for (n, alpha) in [(23, 0.1), (40, 0.2), (97, 0.05)] {
            let (mut sum, mut before, draws_count) = (0.0, 0.0, 2_000);
            for seed in 0..draws_count {
                let mut draws = Draws::new(seed);
                let (lower, upper, truth) = draw(&mut draws, n);
                let correction =
                    Correction::of_quantiles(&lower, &upper, &truth, 1, alpha, 1).unwrap();
                let (mut lower, mut upper, truth) = draw(&mut draws, 50);
                before += coverage(&lower, &upper, &truth);
                correction.apply(&mut lower, &mut upper);
                sum += coverage(&lower, &upper, &truth);
            }
            let (found, before) = (sum / draws_count as f64, before / draws_count as f64);
            let expected = rank(n, alpha) as f64 / (n + 1) as f64;
            assert!(expected >= 1.0 - alpha);
            assert!((found - expected).abs() < 0.01, "{found} for {expected}");
            assert!(before < 0.6, "the guess was meant to be poor: {before}");
        }
    }

    proptest! {
        #[test]
        fn calibration_rows_are_covered_and_a_higher_level_is_never_narrower(
            rows in prop::collection::vec((-1e3_f64..1e3, 0.0_f64..100.0, -1e3_f64..1e3), 40..80),
            alpha in 0.05_f64..0.5,
        ) {
            let lower: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let upper: Vec<f64> = rows.iter().map(|row| row.0 + row.1).collect();
            let truth: Vec<f64> = rows.iter().map(|row| row.2).collect();
            let corrected = |alpha: f64| {
                let correction =
                    Correction::of_quantiles(&lower, &upper, &truth, 1, alpha, 1).unwrap();
                let (mut lower, mut upper) = (lower.clone(), upper.clone());
                correction.apply(&mut lower, &mut upper);
                // A hair wider: adding a score and comparing rounds.
                let lower: Vec<f64> = lower.iter().map(|low| low - 1e-9).collect();
                let upper: Vec<f64> = upper.iter().map(|high| high + 1e-9).collect();
                (coverage(&lower, &upper, &truth), interval_width(&lower, &upper))
            };
            let (covered, width) = corrected(alpha);
            prop_assert!(covered >= 1.0 - alpha, "{covered} for {alpha}");
            prop_assert!(corrected(alpha / 2.0).1 >= width);
        }

        #[test]
        fn corrected_quantiles_of_several_levels_can_be_sorted(
            mut quantiles in prop::collection::vec(-10.0_f64..10.0, 4),
            corrections in prop::collection::vec(-5.0_f64..5.0, 2),
        ) {
            quantiles.sort_unstable_by(f64::total_cmp);
            for (k, correction) in corrections.iter().enumerate() {
                let correction = Correction { alpha: 0.1, pooled: *correction, steps: vec![*correction] };
                let (mut low, mut high) = ([quantiles[k]], [quantiles[3 - k]]);
                correction.apply(&mut low, &mut high);
                (quantiles[k], quantiles[3 - k]) = (low[0], high[0]);
            }
            let mut sorted = quantiles.clone();
            uncross(&mut sorted);
            prop_assert!(sorted.is_sorted());
            let sum = |values: &[f64]| values.iter().sum::<f64>();
            prop_assert!((sum(&sorted) - sum(&quantiles)).abs() < 1e-9);
        }
    }
}
