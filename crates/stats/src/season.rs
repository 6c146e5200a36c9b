//! Seasons: the length to expect from a time step, whether a series has one, and taking it out.

/// The usual season of series with a step of so many seconds, in steps: 24 for hours, 7 for days,
/// 52 for weeks, 12 for months (30 to 31 days), 4 for quarters (90 to 92 days).
///
/// Steps from a minute to half a day that divide the day have the day. Others have no usual
/// season, and get none.
pub fn from_step(seconds: i64) -> Option<usize> {
    const DAY: i64 = 86_400;
    let days = |from: i64, to: i64| (from * DAY..=to * DAY).contains(&seconds);
    match seconds {
        DAY => Some(7),
        60..=43_200 if DAY % seconds == 0 => usize::try_from(DAY / seconds).ok(),
        604_800 => Some(52),
        _ if days(30, 31) => Some(12),
        _ if days(90, 92) => Some(4),
        _ => None,
    }
}

/// Whether the series shows a season of this length, by the test of the M4 competition: the
/// autocorrelation at that lag lies outside its 90 % limits, those of Bartlett given the shorter
/// lags. Fewer than three seasons of values are not enough to tell, and count as no.
pub fn is_seasonal(series: &[f64], season: usize) -> bool {
    if season < 2 || series.len() < 3 * season {
        return false;
    }
    let correlations = autocorrelation(series, season);
    let [shorter @ .., at_season] = correlations.as_slice() else {
        return false;
    };
    let squares: f64 = shorter.iter().map(|r| r * r).sum();
    // 1.645: the 95th percentile of the normal distribution, so 90 % between the two limits.
    let limit = 1.645 * ((1.0 + 2.0 * squares) / series.len() as f64).sqrt();
    at_season.abs() > limit
}

/// Autocorrelation at lags 1 to `lags`, each sum over the whole length (so the lags shrink it).
/// NaN for a constant series.
pub fn autocorrelation(series: &[f64], lags: usize) -> Vec<f64> {
    let mean = series.iter().sum::<f64>() / series.len() as f64;
    let centred: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let variance: f64 = centred.iter().map(|value| value * value).sum();
    (1..=lags)
        .map(|lag| {
            let later = centred.get(lag..).unwrap_or_default();
            centred.iter().zip(later).map(|(a, b)| a * b).sum::<f64>() / variance
        })
        .collect()
}

/// Seasonal indices of a classical multiplicative decomposition: `indices[row % season]` is the
/// factor of that row; their mean is 1. Nothing if a value is not above zero or the series has
/// fewer than two seasons.
///
/// The trend is the centred moving average over one season (with half weights at the two ends if
/// the season is even); an index is the mean of the ratios to it.
pub fn adjust(series: &[f64], season: usize) -> Option<Vec<f64>> {
    if season < 2
        || series.len() < 2 * season
        || series.iter().any(|value| value.is_nan() || *value <= 0.0)
    {
        return None;
    }
    let half = season / 2;
    let mut sums = vec![(0.0_f64, 0_usize); season];
    for row in half..series.len() - half {
        let around = &series[row - half..=row + half];
        let total: f64 = around.iter().sum();
        let ends = if season.is_multiple_of(2) {
            0.5 * (around[0] + around[2 * half])
        } else {
            0.0
        };
        let trend = (total - ends) / season as f64;
        let (sum, count) = &mut sums[row % season];
        *sum += series[row] / trend;
        *count += 1;
    }
    let raw: Vec<f64> = sums
        .iter()
        .map(|(sum, count)| sum / (*count).max(1) as f64)
        .collect();
    let mean = raw.iter().sum::<f64>() / season as f64;
    let indices: Vec<f64> = raw.iter().map(|index| index / mean).collect();
    indices.iter().all(|index| *index > 0.0).then_some(indices)
}

/// The series with each missing value (NaN) replaced by the mean of the nearest known ones a whole
/// number of seasons before and after it, or by the one there is. Unlike a straight line over the
/// gap this keeps the season. A place in the season that is never known stays missing.
pub fn fill(series: &[f64], season: usize) -> Vec<f64> {
    let season = season.max(1);
    let known = |row: &usize| !series[*row].is_nan();
    (0..series.len())
        .map(|row| {
            if known(&row) {
                return series[row];
            }
            let before = (row % season..row).step_by(season).rev().find(known);
            let after = (row..series.len()).step_by(season).find(known);
            match (before, after) {
                (Some(before), Some(after)) => f64::midpoint(series[before], series[after]),
                (Some(one), None) | (None, Some(one)) => series[one],
                (None, None) => f64::NAN,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_season_follows_from_the_step() {
        for (seconds, season) in [
            (3_600, Some(24)),
            (1_800, Some(48)),
            (900, Some(96)),
            (300, Some(288)),
            (60, Some(1_440)),
            (43_200, Some(2)),
            (86_400, Some(7)),
            (604_800, Some(52)),
            (2_629_746, Some(12)),
            (31 * 86_400, Some(12)),
            (3 * 2_629_746, Some(4)),
            (12 * 2_629_746, None),
            (420, None),
            (1, None),
            (0, None),
            (-3_600, None),
            (i64::MAX, None),
        ] {
            assert_eq!(from_step(seconds), season, "{seconds} s");
        }
    }

    #[test]
    fn autocorrelation_agrees_with_a_sum_done_by_hand() {
        // Centred: -1.5 -0.5 0.5 1.5; squares 5; lag 1: 0.75 - 0.25 + 0.75; lag 2: -0.75 - 0.75.
        let found = autocorrelation(&[1.0, 2.0, 3.0, 4.0], 2);
        assert!(
            (found[0] - 0.25).abs() < 1e-12 && (found[1] + 0.3).abs() < 1e-12,
            "{found:?}"
        );
    }

    #[test]
    fn a_season_is_seen_where_there_is_one() {
        let wave: Vec<f64> = (0..60).map(|row| [5.0, 9.0, 7.0, 3.0][row % 4]).collect();
        assert!(is_seasonal(&wave, 4));
        assert!(!is_seasonal(&wave, 3));
        assert!(!is_seasonal(&wave[..11], 4));
        assert!(!is_seasonal(&[2.0; 40], 4));
    }

    #[test]
    fn the_indices_of_a_season_on_a_trend_are_its_factors() {
        for factors in [vec![0.5, 1.0, 1.5, 1.0], vec![0.8, 1.0, 1.2]] {
            let season = factors.len();
            // A trend constant over the moving average leaves the factors exactly.
            let series: Vec<f64> = (0..10 * season)
                .map(|row| 100.0 * factors[row % season])
                .collect();
            let indices = adjust(&series, season).unwrap();
            for (found, factor) in indices.iter().zip(&factors) {
                assert!((found - factor).abs() < 1e-12, "{indices:?}");
            }
        }
        assert_eq!(adjust(&[1.0, 0.0, 1.0, 2.0], 2), None);
    }

    #[test]
    fn a_gap_is_filled_from_the_same_place_in_the_season() {
        const NAN: f64 = f64::NAN;
        let filled = fill(&[1.0, NAN, NAN, 8.0, 3.0, 9.0, NAN, 5.0], 2);
        assert_eq!(filled, [1.0, 8.0, 2.0, 8.0, 3.0, 9.0, 3.0, 5.0]);
        assert_eq!(fill(&[NAN, 2.0, NAN], 0), [2.0, 2.0, 2.0]);
        assert!(fill(&[1.0, NAN, 2.0, NAN], 2)[3].is_nan());
        assert!(fill(&[], 3).is_empty());
    }
}
