//! Forecasts that need no training: the least a model must beat.

use crate::season::{adjust, is_seasonal};

/// The last value of the context, `horizon` times (persistence). NaN if the context is empty.
pub fn repeat_last(context: &[f64], horizon: usize) -> Vec<f64> {
    vec![context.last().copied().unwrap_or(f64::NAN); horizon]
}

/// Each value is that of the same place in the last whole season of the context.
///
/// With a context shorter than the season, or a season of 0 or 1, this is [`repeat_last`].
pub fn seasonal_naive(context: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    if season < 2 || context.len() < season {
        return repeat_last(context, horizon);
    }
    let last = &context[context.len() - season..];
    last.iter().copied().cycle().take(horizon).collect()
}

/// Naive 2 of the M4 competition: the last seasonally adjusted value, with its season put back.
///
/// The season is multiplicative and used only where the series passes the competition's test of
/// seasonality ([`is_seasonal`]); elsewhere, and where a value is zero or less, this is
/// [`repeat_last`]. It is the benchmark that [`crate::forecast::owa`] is relative to.
///
/// Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition: 100,000 time series and 61
/// forecasting methods" (2020), International Journal of Forecasting 36.
pub fn naive2(context: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    if !is_seasonal(context, season) {
        return repeat_last(context, horizon);
    }
    let Some(indices) = adjust(context, season) else {
        return repeat_last(context, horizon);
    };
    let end = context.len();
    let adjusted = context.last().copied().unwrap_or(f64::NAN) / indices[(end - 1) % season];
    (end..end + horizon)
        .map(|row| adjusted * indices[row % season])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(repeat_last(&context, 0), []);
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
}
