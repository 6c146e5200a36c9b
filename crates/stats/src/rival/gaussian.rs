//! A normal distribution over the values just before: the least to beat where single points of a series are unusual.

/// Scores of the points of a series, higher for what is more unusual: −ln Q(z), where Q is the upper tail of the normal
/// distribution and z = |value − mean| / deviation over the `window` values before it (over as many as there are, at
/// the start). As the windowed Gaussian detector of the Numenta anomaly benchmark, which scores 1 − Q: the order of the
/// scores is the same, but far tails stay apart where 1 − Q is rounded to 1.
///
/// The first value has no score but that of its mean, ln 2, as every value has that equals the mean; where the values before
/// are all equal, a deviation of 0.000 001 stands in, as there. A `window` of 0 counts as 1. Takes time in proportion to
/// values times window. Of a series with NaN, the scores that meet one are NaN.
pub fn windowed_gaussian(series: &[f64], window: usize) -> Vec<f64> {
    let window = window.max(1);
    let scores = series.iter().enumerate().map(|(at, value)| {
        let before = &series[at.saturating_sub(window)..at];
        if before.is_empty() {
            return std::f64::consts::LN_2;
        }
        let count = before.len() as f64;
        let mean = before.iter().sum::<f64>() / count;
        let squares: f64 = before
            .iter()
            .map(|other| (other - mean) * (other - mean))
            .sum();
        let deviation = (squares / count).sqrt();
        let deviation = if deviation == 0.0 { 1e-6 } else { deviation };
        minus_log_tail((value - mean).abs() / deviation)
    });
    scores.collect()
}

/// −ln Q(z) for z of 0 and more.
///
/// Below 3 by the series of Φ(z) − 1/2 (Marsaglia, "Evaluating the normal distribution" (2004), Journal of Statistical
/// Software 11), from 3 on by Laplace's continued fraction of Mills' ratio: within 1e-11 of the value.
fn minus_log_tail(z: f64) -> f64 {
    let log_density = -0.5 * z * z - 0.5 * std::f64::consts::TAU.ln();
    if z < 3.0 {
        let (mut sum, mut term, mut odd) = (z, z, 1.0);
        while term > 1e-17 * sum {
            odd += 2.0;
            term *= z * z / odd;
            sum += term;
        }
        return -(0.5 - sum * log_density.exp()).ln();
    }
    // z + 1 / (z + 2 / (z + 3 / …)), from the inside.
    let fraction = (1..=200).rev().fold(z, |inner, k| z + f64::from(k) / inner);
    fraction.ln() - log_density
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_scipy() {
        // scipy 1.17.1: -scipy.stats.norm.logsf(z)
        for (z, golden) in GOLDEN_TAILS {
            let found = minus_log_tail(*z);
            assert!(
                (found - golden).abs() < 1e-11 * golden,
                "{z}: {found} {golden}"
            );
        }
        assert!(minus_log_tail(f64::NAN).is_nan());
        assert!(minus_log_tail(1e10) > 1e19);
    }

    #[rustfmt::skip]
    const GOLDEN_TAILS: &[(f64, f64)] = &[
        (0.0, std::f64::consts::LN_2),
        (1e-9, 0.6931471813578299),
        (0.3, 0.9621028181688505),
        (1.0, 1.8410216450092634),
        (1.7, 3.1107960975524813),
        (2.5, 5.081648277278691),
        (2.999, 6.6044435875705805),
        (3.0, 6.60772622151035),
        (3.1, 6.940688458421228),
        (4.5, 12.592419735713081),
        (8.0, 35.01343715991456),
        (37.5, 707.6689893175072),
        (40.0, 804.6084420137539),
        (1234.5, 762003.1623604983),
    ];

    #[test]
    fn each_value_is_compared_with_those_before_it() {
        let found = windowed_gaussian(&[1.0, 3.0, 2.0, 2.0, 9.0, 9.0], 2);
        let ln_2 = std::f64::consts::LN_2;
        // Of (1, 3) the mean is 2; of (3, 2) it is 2.5 with deviation 0.5, so z is 1.
        assert!((found[0] - ln_2).abs() < 1e-15 && (found[2] - ln_2).abs() < 1e-15);
        assert!((found[3] - minus_log_tail(1.0)).abs() < 1e-15);
        // A constant past makes a change as unusual as 0.000 001 makes it.
        assert!(found[4] > 1e12 && found[1] > 1e11, "{found:?}");
        assert!((found[5] - minus_log_tail(1.0)).abs() < 1e-15);
        assert!(windowed_gaussian(&[], 3).is_empty());
        assert_eq!(
            windowed_gaussian(&[1.0, 2.0], 0),
            windowed_gaussian(&[1.0, 2.0], 1)
        );
    }
}
