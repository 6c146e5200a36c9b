//! How good quantiles and intervals are: the losses they are trained on, and whether they cover.
//!
//! The conventions of [`crate::forecast`] hold: a missing truth (NaN) is left out, a NaN in the
//! forecast is not hidden (the result is NaN), and with no pair left the result is NaN. A level or
//! an alpha that is not strictly between 0 and 1 gives NaN too.

/// Quantile (pinball) loss of a forecast of the quantile `level`, in the unit of the truth: the
/// error weighted with `level` where the truth lies above and with `1 - level` where it lies below.
/// At 0.5 it is half the mean absolute error.
///
/// Koenker, Bassett, "Regression quantiles" (1978), Econometrica 46.
///
/// # Panics
/// If the lengths differ.
pub fn pinball(forecast: &[f64], truth: &[f64], level: f64) -> f64 {
    same_length(&[forecast.len()], truth);
    if !is_share(level) {
        return f64::NAN;
    }
    mean(truth, |k, t| {
        let above = t - forecast[k];
        // Not `max`, which would prefer a number to the NaN of a forecast.
        above * if above < 0.0 { level - 1.0 } else { level }
    })
}

/// Share of the truths that lie in their interval, ends included: 0 to 1.
///
/// # Panics
/// If the lengths differ.
pub fn coverage(lower: &[f64], upper: &[f64], truth: &[f64]) -> f64 {
    same_length(&[lower.len(), upper.len()], truth);
    mean(truth, |k, t| {
        if lower[k].is_nan() || upper[k].is_nan() {
            f64::NAN
        } else {
            f64::from(u8::from(lower[k] <= t && t <= upper[k]))
        }
    })
}

/// Mean width of the intervals, in the unit of the forecast; negative where ends are crossed.
/// Every interval counts, whether its truth is known or not.
///
/// # Panics
/// If the lengths differ.
pub fn interval_width(lower: &[f64], upper: &[f64]) -> f64 {
    same_length(&[lower.len()], upper);
    let sum: f64 = lower.iter().zip(upper).map(|(low, high)| high - low).sum();
    sum / lower.len() as f64
}

/// Interval score (Winkler score) of central intervals that should hold `1 - alpha` of the truths,
/// in the unit of the truth: the width, and where the truth lies outside, its distance times
/// `2 / alpha`. Lower is better; it is least in expectation for the true quantiles.
///
/// Winkler, "A decision-theoretic approach to interval estimation" (1972), JASA 67; Gneiting,
/// Raftery, "Strictly proper scoring rules, prediction, and estimation" (2007), JASA 102, eq. 43.
///
/// # Panics
/// If the lengths differ.
pub fn interval_score(lower: &[f64], upper: &[f64], truth: &[f64], alpha: f64) -> f64 {
    same_length(&[lower.len(), upper.len()], truth);
    if !is_share(alpha) {
        return f64::NAN;
    }
    mean(truth, |k, t| {
        let (low, high) = (lower[k], upper[k]);
        let outside = if t < low {
            low - t
        } else if t > high {
            t - high
        } else {
            0.0
        };
        high - low + 2.0 / alpha * outside
    })
}

/// Weighted quantile loss: twice the summed pinball loss over the summed magnitude of the truth,
/// averaged over the levels. `forecasts[k]` is the forecast of the quantile `levels[k]`. Without a
/// unit, so it compares across series; NaN or infinite where every truth is zero.
///
/// Salinas, Flunkert, Gasthaus, Januschowski, "DeepAR" (2020), International Journal of
/// Forecasting 36 (there the ρ-risk).
///
/// # Panics
/// If the lengths differ, or there is not one level for each forecast.
pub fn weighted_quantile_loss<F: AsRef<[f64]>>(
    forecasts: &[F],
    truth: &[f64],
    levels: &[f64],
) -> f64 {
    assert_eq!(
        forecasts.len(),
        levels.len(),
        "there is one level for each forecast"
    );
    let magnitude = mean(truth, |_, t| t.abs());
    let sum: f64 = forecasts
        .iter()
        .zip(levels)
        .map(|(forecast, level)| 2.0 * pinball(forecast.as_ref(), truth, *level) / magnitude)
        .sum();
    sum / levels.len() as f64
}

/// Sorts the quantiles of one value, given in order of their levels, so that none crosses another;
/// the sorted ones are never further from the true quantiles. NaN go last.
///
/// Chernozhukov, Fernández-Val, Galichon, "Quantile and probability curves without crossing"
/// (2010), Econometrica 78.
pub fn uncross(quantiles: &mut [f64]) {
    // The sign of a NaN must not decide its place.
    quantiles.sort_unstable_by(|a, b| {
        a.is_nan()
            .cmp(&b.is_nan())
            .then_with(|| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
    });
}

/// Whether a number lies strictly between 0 and 1.
pub(crate) fn is_share(value: f64) -> bool {
    value > 0.0 && value < 1.0
}

fn same_length(lengths: &[usize], truth: &[f64]) {
    assert!(
        lengths.iter().all(|length| *length == truth.len()),
        "forecast and truth have one length: {lengths:?} and {}",
        truth.len()
    );
}

/// Mean of a loss over the rows whose truth is there.
fn mean(truth: &[f64], loss: impl Fn(usize, f64) -> f64) -> f64 {
    let (mut sum, mut count) = (0.0, 0_usize);
    for (row, &t) in truth.iter().enumerate() {
        if !t.is_nan() {
            sum += loss(row, t);
            count += 1;
        }
    }
    sum / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::mae;
    use proptest::prelude::*;

    const NAN: f64 = f64::NAN;

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-12,
            "found {found}, expected {expected}"
        );
    }

    #[test]
    fn each_measure_agrees_with_a_sum_done_by_hand() {
        let (lower, upper, truth) = ([1.0, 1.0, 1.0], [3.0, 4.0, 2.0], [2.0, 5.0, 0.5]);
        // Above by 1, 4; below by 0.5.
        near(
            pinball(&lower, &truth, 0.9),
            (0.9 * 1.0 + 0.9 * 4.0 + 0.1 * 0.5) / 3.0,
        );
        near(coverage(&lower, &upper, &truth), 1.0 / 3.0);
        near(interval_width(&lower, &upper), 2.0);
        near(
            interval_score(&lower, &upper, &truth, 0.2),
            (2.0 + (3.0 + 10.0) + (1.0 + 10.0 * 0.5)) / 3.0,
        );
        let low = 0.1 * 5.0 + 0.9 * 0.5;
        let high = 0.1 * (1.0 + 1.5) + 0.9 * 1.0;
        near(
            weighted_quantile_loss(&[lower, upper], &truth, &[0.1, 0.9]),
            (2.0 * low / 7.5 + 2.0 * high / 7.5) / 2.0,
        );
    }

    #[test]
    fn ends_belong_to_the_interval() {
        near(coverage(&[1.0, 1.0], &[2.0, 2.0], &[1.0, 2.0]), 1.0);
    }

    #[test]
    fn a_missing_truth_is_left_out_and_a_missing_forecast_is_not_hidden() {
        let truth = [NAN, 7.0];
        near(pinball(&[1.0, 5.0], &truth, 0.5), 1.0);
        near(coverage(&[NAN, 5.0], &[1.0, 8.0], &truth), 1.0);
        near(interval_score(&[0.0, 5.0], &[1.0, 8.0], &truth, 0.1), 3.0);
        assert!(pinball(&[1.0, NAN], &truth, 0.5).is_nan());
        assert!(coverage(&[1.0, NAN], &[1.0, 8.0], &truth).is_nan());
        assert!(interval_score(&[1.0, 5.0], &[1.0, NAN], &truth, 0.1).is_nan());
        assert!(interval_width(&[1.0, NAN], &[1.0, 2.0]).is_nan());
        for empty in [
            pinball(&[], &[], 0.5),
            coverage(&[], &[], &[]),
            interval_width(&[], &[]),
            interval_score(&[], &[], &[], 0.1),
            weighted_quantile_loss::<[f64; 2]>(&[], &truth, &[]),
        ] {
            assert!(empty.is_nan());
        }
    }

    #[test]
    fn a_level_that_is_no_share_gives_no_number() {
        for level in [0.0, 1.0, -0.1, 1.5, NAN] {
            assert!(pinball(&[1.0], &[2.0], level).is_nan(), "{level}");
            assert!(
                interval_score(&[1.0], &[3.0], &[2.0], level).is_nan(),
                "{level}"
            );
        }
    }

    #[test]
    fn a_missing_quantile_goes_last_whatever_its_sign() {
        let mut quantiles = [3.0, -NAN, 1.0, NAN, 2.0];
        uncross(&mut quantiles);
        assert_eq!(quantiles[..3], [1.0, 2.0, 3.0]);
        assert!(quantiles[3].is_nan() && quantiles[4].is_nan());
    }

    fn pairs() -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((-1e3_f64..1e3, -1e3_f64..1e3), 1..40)
    }

    proptest! {
        #[test]
        fn the_loss_of_the_median_is_half_the_absolute_error(pairs in pairs()) {
            let (forecast, truth): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let (loss, error) = (pinball(&forecast, &truth, 0.5), mae(&forecast, &truth));
            prop_assert!((loss - 0.5 * error).abs() <= 1e-9 * error.max(1.0));
        }

        #[test]
        fn no_constant_beats_the_sample_quantile(
            mut truth in prop::collection::vec(-1e3_f64..1e3, 1..40),
            level in 0.01_f64..0.99, other in -1e3_f64..1e3,
        ) {
            truth.sort_unstable_by(f64::total_cmp);
            let rank = (level * truth.len() as f64).ceil() as usize;
            let quantile = truth[rank.clamp(1, truth.len()) - 1];
            let loss = |constant: f64| pinball(&vec![constant; truth.len()], &truth, level);
            prop_assert!(loss(quantile) <= loss(other) + 1e-9);
        }

        #[test]
        fn the_interval_score_is_the_pinball_losses_of_both_ends(
            pairs in pairs(), width in 0.0_f64..500.0, alpha in 0.01_f64..0.9,
        ) {
            // Bracher et al. 2021: the score is (2 / alpha) times the sum of the two losses.
            let (lower, truth): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let upper: Vec<f64> = lower.iter().map(|low| low + width).collect();
            let losses = pinball(&lower, &truth, alpha / 2.0) + pinball(&upper, &truth, 1.0 - alpha / 2.0);
            let score = interval_score(&lower, &upper, &truth, alpha);
            prop_assert!((score - 2.0 / alpha * losses).abs() <= 1e-9 * score.abs().max(1.0));
        }

        #[test]
        fn sorting_quantiles_never_adds_to_their_loss(
            quantiles in prop::collection::vec(-1e3_f64..1e3, 1..9), truth in -1e3_f64..1e3,
        ) {
            let levels: Vec<f64> = (1..=quantiles.len())
                .map(|k| k as f64 / (quantiles.len() + 1) as f64)
                .collect();
            let loss = |quantiles: &[f64]| -> f64 {
                quantiles.iter().zip(&levels).map(|(q, l)| pinball(&[*q], &[truth], *l)).sum()
            };
            let mut sorted = quantiles.clone();
            uncross(&mut sorted);
            prop_assert!(sorted.is_sorted());
            prop_assert!(loss(&sorted) <= loss(&quantiles) + 1e-9);
        }
    }
}
