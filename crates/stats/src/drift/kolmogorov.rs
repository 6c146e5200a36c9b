//! The chance of a largest difference of two samples: counted exactly, or by the distribution for one large sample.

use std::f64::consts::PI;

use super::special::ln_gamma;

/// Products of the two numbers of values up to which p-values are exact.
const MOST_PAIRS: u128 = 100_000_000;

/// Values beyond which the sum of Birnbaum and Tingey would take seconds and its limit is as good.
const MANY: f64 = 1e6;

/// The chance that samples of n and m values differ by `apart` / (n m) at least, if both are drawn alike.
pub(super) fn p_value(n: usize, m: usize, apart: u128) -> f64 {
    let pairs = n as u128 * m as u128;
    if pairs <= MOST_PAIRS {
        return exact(n as u64, m as u64, apart as u64);
    }
    let (a, b) = (n as f64, m as f64);
    one_sample((a / (a + b) * b).round(), apart as f64 / pairs as f64)
}

/// A pair of ordered samples is a path over a grid of n by m steps, all paths equally likely: the share of those that
/// touch a line |i m − j n| = `apart`. Goes over the cells between the lines; what is added is positive, so small chances
/// have all their digits.
fn exact(n: u64, m: u64, apart: u64) -> f64 {
    if apart == 0 {
        return 1.0;
    }
    // Of the paths to (i, j), the share that has touched; 1 outside of the lines.
    let mut touched = vec![1.0; m as usize + 1];
    for i in 0..=n {
        // i m − apart < j n < i m + apart.
        let first = (i * m).checked_sub(apart).map_or(0, |low| low / n + 1);
        let last = ((i * m + apart).div_ceil(n) - 1).min(m);
        let mut left = 1.0;
        for j in first..=last {
            let above = touched[j as usize];
            let share = match (i, j) {
                (0, _) => 0.0,
                (_, 0) => above,
                // The last step of a path came from above in i of i + j.
                _ => (i as f64 * above + j as f64 * left) / (i + j) as f64,
            };
            touched[j as usize] = share;
            left = share;
        }
    }
    touched[m as usize]
}

/// The chance that the shares of n values differ from those of the distribution they are drawn from by x at least.
fn one_sample(n: f64, x: f64) -> f64 {
    let squared = n * x * x;
    if n * x <= 0.5 {
        1.0
    } else if x >= 1.0 || squared >= 370.0 {
        0.0
    } else if n > MANY {
        limit(n, x)
    } else if squared >= 2.2 || x >= 0.5 {
        // Both sides at once are too rare to count.
        (2.0 * one_sided(n, x)).min(1.0)
    } else {
        (1.0 - pelz_good(n, x)).clamp(0.0, 1.0)
    }
}

/// x Σ (n over j) (x + j/n)^(j−1) (1 − x − j/n)^(n−j): Birnbaum, Tingey, "One-sided confidence contours for probability
/// distribution functions" (1951), Annals of Mathematical Statistics 22.
fn one_sided(n: f64, x: f64) -> f64 {
    let whole = ln_gamma(n + 1.0);
    let mut sum = 0.0;
    let last = (n * (1.0 - x)).floor() as u64;
    for j in 0..=last {
        let j = j as f64;
        let rest = 1.0 - x - j / n;
        let log = match rest > 0.0 {
            true => (n - j) * rest.ln(),
            false if j == n => 0.0,
            false => continue,
        };
        let paths = whole - ln_gamma(j + 1.0) - ln_gamma(n - j + 1.0);
        sum += (paths + (j - 1.0) * (x + j / n).ln() + log).exp();
    }
    x * sum
}

/// Kolmogorov's limit 2 Σ (−1)^(k−1) exp(−2 k² z²) with z corrected for n: Vrbik, "Small-sample corrections to
/// Kolmogorov-Smirnov test statistic" (2018), Pioneer Journal of Theoretical and Applied Statistics 15.
fn limit(n: f64, x: f64) -> f64 {
    let z = n.sqrt() * x;
    let z = z + 1.0 / (6.0 * n.sqrt()) + (z - 1.0) / (4.0 * n);
    if z < 0.2 {
        return 1.0;
    }
    let term = |k: i32| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(k * k) * z * z).exp()
    };
    (1..=40).map(term).sum::<f64>().clamp(0.0, 1.0)
}

/// The chance of a difference below x, by the first four terms in 1/√n: Pelz, Good, "Approximating the lower tail-areas of
/// the Kolmogorov-Smirnov one-sample statistic" (1976), Journal of the Royal Statistical Society B 38.
fn pelz_good(n: f64, x: f64) -> f64 {
    let z = n.sqrt() * x;
    let (z2, z4) = (z * z, z.powi(4));
    let (z6, z8) = (z2 * z4, z4 * z4);
    let (p2, p4, p6) = (PI.powi(2), PI.powi(4), PI.powi(6));
    let mut terms = [0.0; 4];
    for k in 0..=(8.0 * z / PI).ceil() as u32 + 8 {
        let odd = (f64::from(k) + 0.5).powi(2);
        let (odd2, odd3) = (odd * odd, odd * odd * odd);
        let weight = (-p2 * odd / (2.0 * z2)).exp();
        terms[0] += weight;
        terms[1] += weight * (p2 * odd - z2);
        terms[2] += weight
            * (6.0 * z6
                + 2.0 * z4
                + p2 * (2.0 * z4 - 5.0 * z2) * odd
                + p4 * (1.0 - 2.0 * z2) * odd2);
        terms[3] += weight
            * (p6 * (5.0 - 30.0 * z2) * odd3
                + p4 * (-60.0 * z2 + 212.0 * z4) * odd2
                + p2 * (135.0 * z4 - 96.0 * z6) * odd
                - 30.0 * z6
                - 90.0 * z8);
        if k > 0 {
            let whole = f64::from(k * k);
            let weight = (-p2 * whole / (2.0 * z2)).exp();
            terms[2] -= 2.0 * weight * p2 * whole * z4;
            terms[3] += weight * whole * (3.0 * p2 * z2 - p4 * whole) * z4 * 30.0;
        }
    }
    let root = (2.0 * PI).sqrt();
    let scales = [
        z,
        6.0 * z4 * n.sqrt(),
        72.0 * z * z6 * n,
        6480.0 * z2 * z8 * n * n.sqrt(),
    ];
    terms
        .iter()
        .zip(scales)
        .map(|(term, scale)| root * term / scale)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_of_one_sample_are_those_of_scipy() {
        // scipy 1.17.1: scipy.stats.kstwo.sf(x, n)
        for (n, x, expected) in GOLDEN {
            let found = one_sample(*n, *x);
            assert!(
                (found / expected - 1.0).abs() < 1e-8,
                "{n} {x}: {found} {expected}"
            );
        }
    }

    #[rustfmt::skip]
    const GOLDEN: &[(f64, f64, f64)] = &[
        (5003.0, 0.004, 0.9999977172730024),
        (5003.0, 0.008, 0.9034000235089856),
        (5003.0, 0.0123, 0.43201805716140884),
        (5003.0, 0.02, 0.036052777178994355),
        (7505.0, 0.0171, 0.024539164187506346),
        (7505.0, 0.0172, 0.023306120795397137),
        (7505.0, 0.03, 2.6574031107720517e-06),
        (7505.0, 0.1, 8.723392308087887e-66),
        (7505.0, 0.2, 1.352786012408659e-263),
        (200.0, 0.05, 0.6802625495871704),
        (200.0, 0.1, 0.03411035080315383),
        (200.0, 0.3, 1.8482195753126875e-16),
        (99991.0, 0.0021, 0.7691030249805828),
        (99991.0, 0.01, 4.100652723120601e-09),
    ];

    #[test]
    fn exact_chances_meet_the_approximation() {
        for (n, m) in [(997_u64, 991_u64), (1_500, 311)] {
            for share in [0.03, 0.06, 0.1, 0.2] {
                let apart = (share * (n * m) as f64) as u64;
                let (a, b) = (n as f64, m as f64);
                let found = exact(n, m, apart);
                let near = one_sample((a * b / (a + b)).round(), apart as f64 / (a * b));
                assert!(
                    (found / near).ln().abs() < 0.12,
                    "{n} {m} {share}: {found} {near}"
                );
            }
        }
    }
}
