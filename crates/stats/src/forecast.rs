//! How far a forecast is from the truth, in the measures of the field.
//!
//! A missing truth (NaN) is left out of every measure; a NaN in the forecast is not hidden: the
//! result is NaN. With no pair left the result is NaN. Forecast and truth have one length; unequal
//! lengths are a mistake of the program, not of the data, and panic.

pub use crate::naive::{naive2, repeat_last, seasonal_naive};

/// Mean squared error, in the square of the unit of the truth.
///
/// # Panics
/// If the lengths differ.
pub fn mse(forecast: &[f64], truth: &[f64]) -> f64 {
    mean(forecast, truth, |f, t| Some((f - t) * (f - t)))
}

/// Mean absolute error, in the unit of the truth.
///
/// # Panics
/// If the lengths differ.
pub fn mae(forecast: &[f64], truth: &[f64]) -> f64 {
    mean(forecast, truth, |f, t| Some((f - t).abs()))
}

/// Root of the mean squared error, in the unit of the truth.
///
/// # Panics
/// If the lengths differ.
pub fn rmse(forecast: &[f64], truth: &[f64]) -> f64 {
    mse(forecast, truth).sqrt()
}

/// Mean absolute error relative to the truth, in percent. A truth of zero, where it is not
/// defined, is left out.
///
/// # Panics
/// If the lengths differ.
pub fn mape(forecast: &[f64], truth: &[f64]) -> f64 {
    100.0
        * mean(forecast, truth, |f, t| {
            (t != 0.0).then(|| ((f - t) / t).abs())
        })
}

/// Symmetric mean absolute percentage error as the M4 competition defines it, 0 to 200 %: the
/// error relative to the mean of both magnitudes. Where both are zero the error is zero.
///
/// # Panics
/// If the lengths differ.
pub fn smape(forecast: &[f64], truth: &[f64]) -> f64 {
    let error = |f: f64, t: f64| {
        let scale = f.abs() + t.abs();
        Some(if scale == 0.0 {
            0.0
        } else {
            2.0 * (f - t).abs() / scale
        })
    };
    100.0 * mean(forecast, truth, error)
}

/// Mean absolute error relative to that of the seasonal-naive forecast, one step ahead, within
/// `insample` (the values before the forecast): below 1 is better than that one was.
///
/// NaN if `insample` has no pair a season apart; infinite (or NaN, for a perfect forecast) if it
/// repeats itself exactly. A season of 0 counts as 1.
///
/// Hyndman, Koehler, "Another look at measures of forecast accuracy" (2006), International Journal
/// of Forecasting 22.
///
/// # Panics
/// If the lengths of forecast and truth differ.
pub fn mase(forecast: &[f64], truth: &[f64], insample: &[f64], season: usize) -> f64 {
    mae(forecast, truth) / seasonal_error(insample, season)
}

/// Mean absolute error of the seasonal-naive forecast one season ahead within a series: what
/// [`mase`] divides by. Pairs with a missing value are left out. NaN if there is no pair.
pub fn seasonal_error(series: &[f64], season: usize) -> f64 {
    let later = series.get(season.max(1)..).unwrap_or_default();
    let (mut sum, mut count) = (0.0, 0_usize);
    for (before, after) in series.iter().zip(later) {
        let error = (after - before).abs();
        if !error.is_nan() {
            sum += error;
            count += 1;
        }
    }
    sum / count as f64
}

/// Overall weighted average of the M4 competition: the mean of sMAPE and MASE, each relative to
/// that of [`naive2`]; below 1 is better than it. Over several series, give the means.
pub fn owa(smape: f64, mase: f64, naive2_smape: f64, naive2_mase: f64) -> f64 {
    0.5 * (smape / naive2_smape + mase / naive2_mase)
}

/// [`owa`] over many series, from each one's measures: the competition takes the mean of each
/// measure over the series first, then the ratios. A series for which a measure is not a finite
/// number for one of the methods (a constant past has no MASE) is left out for both; NaN if none is
/// left.
///
/// # Panics
/// If the lengths differ.
pub fn owa_over_series(
    smape: &[f64],
    mase: &[f64],
    naive2_smape: &[f64],
    naive2_mase: &[f64],
) -> f64 {
    let means = |a: &[f64], b: &[f64]| {
        assert_eq!(a.len(), b.len(), "both methods have the same series");
        let defined = || {
            a.iter()
                .zip(b)
                .filter(|(a, b)| a.is_finite() && b.is_finite())
        };
        let count = defined().count() as f64;
        let (a, b) = defined().fold((0.0, 0.0), |sums, (a, b)| (sums.0 + a, sums.1 + b));
        (a / count, b / count)
    };
    let (smape, naive2_smape) = means(smape, naive2_smape);
    let (mase, naive2_mase) = means(mase, naive2_mase);
    owa(smape, mase, naive2_smape, naive2_mase)
}

/// Share of the reference's error that the model takes away: 1 is perfect, 0 no better, below 0
/// worse.
pub fn skill(error: f64, reference_error: f64) -> f64 {
    1.0 - error / reference_error
}

/// Mean of an error over the pairs whose truth is there and whose error is defined.
fn mean(forecast: &[f64], truth: &[f64], error: impl Fn(f64, f64) -> Option<f64>) -> f64 {
    assert_eq!(
        forecast.len(),
        truth.len(),
        "forecast and truth have one length"
    );
    let (mut sum, mut count) = (0.0, 0_usize);
    for (&f, &t) in forecast.iter().zip(truth) {
        if t.is_nan() {
            continue;
        }
        if let Some(error) = error(f, t) {
            sum += error;
            count += 1;
        }
    }
    sum / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FORECAST: [f64; 4] = [2.0, 0.0, 4.0, 10.0];
    const TRUTH: [f64; 4] = [1.0, 0.0, 5.0, 8.0];

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-12,
            "found {found}, expected {expected}"
        );
    }

    #[test]
    fn each_measure_agrees_with_a_sum_done_by_hand() {
        near(mse(&FORECAST, &TRUTH), 6.0 / 4.0);
        near(mae(&FORECAST, &TRUTH), 1.0);
        near(rmse(&FORECAST, &TRUTH), 1.5_f64.sqrt());
        near(mape(&FORECAST, &TRUTH), 100.0 * (1.0 + 0.2 + 0.25) / 3.0);
        near(
            smape(&FORECAST, &TRUTH),
            200.0 * (1.0 / 3.0 + 1.0 / 9.0 + 2.0 / 18.0) / 4.0,
        );
        near(seasonal_error(&[1.0, 2.0, 4.0, 4.0], 2), 2.5);
        near(mase(&FORECAST, &TRUTH, &[1.0, 2.0, 4.0, 4.0], 2), 0.4);
        near(skill(3.0, 4.0), 0.25);
    }

    #[test]
    fn the_published_owa_of_m4_hourly_seasonal_naive_follows_from_its_parts() {
        // M4 hourly: sNaive 13.91 / 1.193 against Naive2 18.38 / 2.395.
        near((owa(13.91, 1.193, 18.38, 2.395) * 1e3).round(), 627.0);
    }

    #[test]
    fn over_series_the_means_are_taken_before_the_ratios() {
        // Means of sMAPE 15 and 20, of MASE 1 and 2; the third series has no MASE.
        let found = owa_over_series(
            &[10.0, 20.0, 15.0],
            &[0.5, 1.5, f64::INFINITY],
            &[30.0, 10.0, 20.0],
            &[1.0, 3.0, f64::INFINITY],
        );
        near(found, 0.5 * (0.75 + 0.5));
        assert!(owa_over_series(&[], &[], &[], &[]).is_nan());
    }

    #[test]
    fn a_missing_truth_is_left_out_and_a_missing_forecast_is_not_hidden() {
        near(mae(&[1.0, 5.0], &[f64::NAN, 7.0]), 2.0);
        assert!(mae(&[f64::NAN, 5.0], &[1.0, 7.0]).is_nan());
        assert!(mse(&[], &[]).is_nan());
        assert!(mape(&[1.0], &[0.0]).is_nan());
        near(seasonal_error(&[1.0, f64::NAN, 3.0, 4.0], 1), 1.0);
        assert!(seasonal_error(&[1.0, 2.0], 24).is_nan());
    }

    proptest! {
        #[test]
        fn a_perfect_forecast_has_no_error_and_scaling_both_scales_the_error(
            truth in prop::collection::vec(-1e3_f64..1e3, 1..40), scale in 0.1_f64..10.0,
        ) {
            prop_assert_eq!(mse(&truth, &truth), 0.0);
            prop_assert_eq!(smape(&truth, &truth), 0.0);
            let forecast: Vec<f64> = truth.iter().map(|t| t + 1.0).collect();
            let times = |values: &[f64]| values.iter().map(|v| v * scale).collect::<Vec<f64>>();
            let (small, large) = (rmse(&forecast, &truth), rmse(&times(&forecast), &times(&truth)));
            prop_assert!((large - scale * small).abs() < 1e-9 * large.abs().max(1.0));
            prop_assert!(mae(&forecast, &truth) <= rmse(&forecast, &truth) + 1e-12);
            let symmetric = smape(&forecast, &truth);
            prop_assert!((0.0..=200.0).contains(&symmetric));
        }
    }
}
