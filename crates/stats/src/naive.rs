//! Forecasts that need no training: the least a model must beat.
//!
//! Missing values (NaN) in the past are passed over, so a gap before the forecast does not take the
//! reference away; each function says what it takes instead.

use std::borrow::Cow;

use crate::season::{adjust, fill, is_seasonal};

/// The last value of the context that is not missing, `horizon` times (persistence). NaN if there
/// is none.
pub fn repeat_last(context: &[f64], horizon: usize) -> Vec<f64> {
    vec![last(context); horizon]
}

/// Each value is that of the same place in the season, the last time it was not missing: in a
/// context without gaps, that of the last whole season.
///
/// A place of which the context has no value takes the last value of the context that is not
/// missing. With a context shorter than the season, or a season of 0 or 1, this is
/// [`repeat_last`].
pub fn seasonal_naive(context: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    if season < 2 || context.len() < season {
        return repeat_last(context, horizon);
    }
    let end = context.len();
    (0..season.min(horizon))
        .map(|place| {
            let same = context[..=end - season + place].iter().rev();
            same.step_by(season)
                .copied()
                .find(|value| !value.is_nan())
                .unwrap_or_else(|| last(context))
        })
        .collect::<Vec<f64>>()
        .into_iter()
        .cycle()
        .take(horizon)
        .collect()
}

/// The last value that is not missing, or NaN.
fn last(context: &[f64]) -> f64 {
    let present = context.iter().rev().copied().find(|value| !value.is_nan());
    present.unwrap_or(f64::NAN)
}

/// Naive 2 of the M4 competition: the last seasonally adjusted value, with its season put back.
///
/// The season is multiplicative and used only where the series passes the competition's test of
/// seasonality ([`is_seasonal`]); elsewhere, and where a value is zero or less, this is
/// [`repeat_last`]. It is the benchmark that [`crate::forecast::owa`] is relative to.
///
/// The competition's series have no gaps; here the test and the seasonal factors see missing values
/// as [`fill`] fills them, and the last value is the last one that was there.
///
/// Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition: 100,000 time series and 61
/// forecasting methods" (2020), International Journal of Forecasting 36.
pub fn naive2(context: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let filled = if context.iter().any(|value| value.is_nan()) {
        Cow::Owned(fill(context, season))
    } else {
        Cow::Borrowed(context)
    };
    let indices = is_seasonal(&filled, season)
        .then(|| adjust(&filled, season))
        .flatten();
    let present = context.iter().rposition(|value| !value.is_nan());
    let (Some(indices), Some(row)) = (indices, present) else {
        return repeat_last(context, horizon);
    };
    let end = context.len();
    let adjusted = context[row] / indices[row % season];
    (end..end + horizon)
        .map(|row| adjusted * indices[row % season])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_value_and_the_last_season_are_repeated() {
        let context = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(repeat_last(&context, 3), [5.0, 5.0, 5.0]);
        assert_eq!(
            seasonal_naive(&context, 3, 7),
            [3.0, 4.0, 5.0, 3.0, 4.0, 5.0, 3.0]
        );
        assert_eq!(seasonal_naive(&context, 6, 2), [5.0, 5.0]);
        assert_eq!(seasonal_naive(&context, 0, 2), [5.0, 5.0]);
        assert!(repeat_last(&[], 2).iter().all(|value| value.is_nan()));
        assert!(repeat_last(&context, 0).is_empty());
    }

    #[test]
    fn naive2_repeats_a_pure_season_exactly_and_a_flat_series_as_it_is() {
        let season = [10.0, 20.0, 30.0, 20.0];
        let context: Vec<f64> = season.iter().copied().cycle().take(42).collect();
        let forecast = naive2(&context, 4, 6);
        let truth: Vec<f64> = season.iter().copied().cycle().skip(42).take(6).collect();
        for (f, t) in forecast.iter().zip(&truth) {
            assert!((f - t).abs() < 1e-9, "{forecast:?} {truth:?}");
        }
        let drift: Vec<f64> = (0..40).map(f64::from).collect();
        assert_eq!(naive2(&drift[1..], 4, 2), [39.0, 39.0]);
    }

    #[test]
    fn a_gap_before_the_forecast_does_not_take_the_reference_away() {
        const NAN: f64 = f64::NAN;
        let context = [NAN, 2.0, 3.0, 4.0, NAN, 6.0, 7.0, NAN, NAN];
        assert_eq!(repeat_last(&context, 2), [7.0, 7.0]);
        // Places 0, 1, 2 of the season: 7, then 2 (twice missing after), then 6.
        assert_eq!(seasonal_naive(&context, 3, 5), [7.0, 2.0, 6.0, 7.0, 2.0]);
        // Of place 1 there is no value at all.
        assert_eq!(
            seasonal_naive(&[1.0, NAN, 3.0, 4.0, NAN, 6.0], 3, 3),
            [4.0, 6.0, 6.0]
        );
        for forecast in [
            repeat_last(&[NAN; 9], 3),
            seasonal_naive(&[NAN; 9], 3, 3),
            naive2(&[NAN; 9], 3, 3),
        ] {
            assert!(forecast.len() == 3 && forecast.iter().all(|value| value.is_nan()));
        }
    }

    #[test]
    fn naive2_keeps_its_season_over_a_gap() {
        let season = [10.0, 20.0, 30.0, 20.0];
        let mut context: Vec<f64> = season.iter().copied().cycle().take(42).collect();
        context[17..23].fill(f64::NAN);
        context[41] = f64::NAN;
        for (f, t) in naive2(&context, 4, 6).iter().zip([30.0, 20.0, 10.0, 20.0]) {
            assert!((f - t).abs() < 1e-9, "{f} for {t}");
        }
    }

    proptest! {
        #[test]
        fn gaps_leave_a_forecast_wherever_there_is_a_value(
            context in prop::collection::vec(prop_oneof![Just(f64::NAN), 0.1_f64..9.0], 1..60),
            season in 0_usize..9, horizon in 0_usize..20,
        ) {
            let any = context.iter().any(|value| !value.is_nan());
            for forecast in [
                repeat_last(&context, horizon),
                seasonal_naive(&context, season, horizon),
                naive2(&context, season, horizon),
            ] {
                prop_assert_eq!(forecast.len(), horizon);
                prop_assert!(forecast.iter().all(|value| value.is_finite() == any));
            }
        }
    }
}
