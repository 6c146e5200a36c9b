//! How many false alarms are to be expected, so that a count can be told from a detector that no longer fits its data.

use super::ranks;

/// The central interval of the number of false alarms among `tested` normal items at a rate, where the threshold came
/// from `held_back` scores as in [`Conformal`](super::Conformal): both ends belong to it, and it holds at least the share
/// `level` of the counts.
///
/// With k = ⌊rate · (n + 1)⌋ and scores without ties, the true rate for one set of n held-back items is drawn
/// from Beta(k, n + 1 − k), so the count is beta-binomial (Vovk, "Conditional validity of inductive conformal
/// predictors" (2012), ACML; Bates and others (2023), as there). A count outside speaks against exchangeability.
///
/// A rate too small for a rank gives no alarm, (0, 0); a rate of 1 only alarms. A level below 0 counts as 0, one of 1 and
/// more, or NaN, has every count that can come. Takes time in proportion to `tested`.
///
/// ```
/// // 5 % of 1,000 are 50, but 200 held-back items leave much room.
/// assert_eq!(ressac_stats::unusual::false_alarm_interval(200, 1_000, 0.05, 0.95), (22, 87));
/// ```
pub fn false_alarm_interval(
    held_back: usize,
    tested: usize,
    rate: f64,
    level: f64,
) -> (usize, usize) {
    let k = ranks(held_back, rate);
    let Some(rest) = held_back
        .saturating_add(1)
        .checked_sub(k)
        .filter(|rest| *rest > 0)
    else {
        return (tested, tested);
    };
    if k == 0 {
        return (0, 0);
    }
    if level.is_nan() || level >= 1.0 {
        return (0, tested);
    }
    let (a, b, m) = (k as f64, rest as f64, tested as f64);
    // The logarithm of the chance of no alarm: B(a, b + m) / B(a, b).
    let mut log_chance: f64 = (0..tested).map(|i| -(a / (b + i as f64)).ln_1p()).sum();
    let tail = 0.5 * (1.0 - level.max(0.0));
    let (mut below, mut lower) = (0.0, None);
    for count in 0..tested {
        let x = count as f64;
        below += log_chance.exp();
        if lower.is_none() && below >= tail {
            lower = Some(count);
        }
        if below >= 1.0 - tail {
            return (lower.unwrap_or(count), count);
        }
        log_chance += ((m - x) * (a + x) / ((x + 1.0) * (b + m - x - 1.0))).ln();
    }
    (lower.unwrap_or(tested), tested)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_scipy() {
        // scipy 1.17.1: k = int(np.floor(rate * (n + 1) + 1e-9))
        // scipy.stats.betabinom(m, k, n + 1 - k).interval(level)
        for (held_back, tested, rate, level, interval) in GOLDEN {
            let found = false_alarm_interval(*held_back, *tested, *rate, *level);
            assert_eq!(found, *interval, "{held_back} {tested} {rate} {level}");
        }
    }

    /// Held-back items, tested ones, rate, level, interval.
    type Golden = (usize, usize, f64, f64, (usize, usize));
    #[rustfmt::skip]
    const GOLDEN: &[Golden] = &[
        (99, 50, 0.05, 0.9, (0, 6)),
        (200, 1_000, 0.05, 0.95, (22, 87)),
        (200, 1_000, 0.01, 0.95, (0, 29)),
        (999, 1_000, 0.01, 0.95, (3, 20)),
        (999, 7, 0.01, 0.99, (0, 1)),
        (1_999, 20_000, 0.02, 0.95, (281, 538)),
        (57, 113, 0.1, 0.5, (6, 13)),
        (19, 10, 0.95, 0.9, (8, 10)),
        (4_999, 100_000, 0.001, 0.99, (20, 255)),
        (1, 31, 0.5, 0.8, (3, 28)),
    ];

    #[test]
    fn what_gives_no_rank_or_no_level_is_an_interval_still() {
        assert_eq!(false_alarm_interval(9, 50, 0.05, 0.9), (0, 0));
        assert_eq!(false_alarm_interval(9, 50, f64::NAN, 0.9), (0, 0));
        assert_eq!(false_alarm_interval(9, 50, 1.0, 0.9), (50, 50));
        assert_eq!(false_alarm_interval(9, 50, 0.2, 1.0), (0, 50));
        assert_eq!(false_alarm_interval(9, 50, 0.2, f64::NAN), (0, 50));
        assert_eq!(false_alarm_interval(9, 0, 0.2, 0.9), (0, 0));
        let (lower, upper) = false_alarm_interval(9, 50, 0.2, -1.0);
        assert_eq!(lower, upper, "the median");
    }
}
