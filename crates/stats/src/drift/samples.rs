//! Two samples of numbers: the test of Kolmogorov and Smirnov, the distance of Wasserstein, the population stability index.

use super::Test;
use super::kolmogorov::p_value;

/// Shares below this count as this in the stability index: the logarithm of an empty bin would be infinite.
const LEAST_SHARE: f64 = 1e-4;

/// Two-sided test of Kolmogorov and Smirnov that two samples come from one distribution. The statistic is the largest
/// difference of the shares of both that lie at or below any value, 0 to 1.
///
/// The p-value is exact where the numbers of values multiply to 100 million at the most (2 × 10,000, say), otherwise that
/// of one sample of n₁n₂ / (n₁ + n₂) values against a known distribution, as in scipy. With ties, of values that are rounded
/// say, it is too large: the test then errs on the side of no difference.
///
/// Nothing if a sample is empty or has a value that is not finite.
///
/// Hodges, "The significance probability of the Smirnov two-sample test" (1958), Arkiv för Matematik 3; Simard, L'Ecuyer,
/// "Computing the two-sided Kolmogorov-Smirnov distribution" (2011), Journal of Statistical Software 39.
pub fn kolmogorov_smirnov(reference: &[f64], current: &[f64]) -> Option<Test> {
    let (a, b) = (sorted(reference)?, sorted(current)?);
    let (n, m) = (a.len() as u128, b.len() as u128);
    let mut largest = 0;
    steps(&a, &b, |_, i, j| {
        largest = (i as u128 * m).abs_diff(j as u128 * n).max(largest);
    });
    Some(Test {
        statistic: largest as f64 / (n * m) as f64,
        p_value: p_value(a.len(), b.len(), largest),
    })
}

/// Distance of Wasserstein (of the first order, also earth mover's distance) between two samples of numbers, in their
/// unit: how far a value has to be moved on average to make one sample the other.
///
/// Nothing if a sample is empty or has a value that is not finite, or if differences overflow.
///
/// Vallender, "Calculation of the Wasserstein distance between probability distributions on the line" (1974), Theory of
/// Probability and its Applications 18.
pub fn wasserstein(reference: &[f64], current: &[f64]) -> Option<f64> {
    let (a, b) = (sorted(reference)?, sorted(current)?);
    let (n, m) = (a.len() as f64, b.len() as f64);
    let (mut sum, mut before, mut apart) = (0.0, None, 0.0);
    steps(&a, &b, |value, i, j| {
        if let Some(before) = before {
            sum += (value - before) * apart;
        }
        apart = (i as f64 / n - j as f64 / m).abs();
        before = Some(value);
    });
    sum.is_finite().then_some(sum)
}

/// Population stability index: Σ (q − p) ln(q / p) over bins of the reference sample, where p and q are the shares of the
/// reference and the current values in a bin. Below 0.1 is usually called stable, above 0.25 a shift.
///
/// The bins end at the quantiles 1 / `bins`, 2 / `bins`, … of the reference (as numpy finds them, by straight lines), the
/// first and the last reach to infinity; equal ends are one. A value at an end belongs to the bin below. Shares under
/// 0.0001 count as 0.0001. With few current values the index is large by chance: about 2 (bins − 1) / n where both have n.
///
/// Nothing with fewer than 2 bins or more than reference values, an empty sample, or a value that is not finite.
///
/// Siddiqi, "Credit risk scorecards" (2006), Wiley; Yurdakul, Naranjo, "Statistical properties of the population stability
/// index" (2020), Journal of Risk Model Validation 14.
pub fn population_stability(reference: &[f64], current: &[f64], bins: usize) -> Option<f64> {
    let (a, b) = (sorted(reference)?, sorted(current)?);
    if bins < 2 || bins > a.len() {
        return None;
    }
    let mut ends: Vec<f64> = (1..bins)
        .map(|k| quantile(&a, k as f64 / bins as f64))
        .collect();
    ends.dedup();
    let share = |sample: &[f64], below: usize| below as f64 / sample.len() as f64;
    let (mut sum, mut before) = (0.0, (0.0, 0.0));
    for end in ends.into_iter().chain([f64::INFINITY]) {
        let reached = (
            share(&a, a.partition_point(|value| *value <= end)),
            share(&b, b.partition_point(|value| *value <= end)),
        );
        let p = (reached.0 - before.0).max(LEAST_SHARE);
        let q = (reached.1 - before.1).max(LEAST_SHARE);
        sum += (q - p) * (q / p).ln();
        before = reached;
    }
    Some(sum)
}

/// Ascending; nothing if there is no value or one is not finite.
fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    // Not two zeros.
    let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    Some(sorted)
}

/// Each value of two ascending samples once, with how many of either are at or below it.
fn steps(a: &[f64], b: &[f64], mut step: impl FnMut(f64, usize, usize)) {
    let (mut i, mut j) = (0, 0);
    loop {
        let value = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.min(*y),
            (Some(x), None) => *x,
            (None, Some(y)) => *y,
            (None, None) => return,
        };
        i += a[i..].iter().take_while(|x| **x <= value).count();
        j += b[j..].iter().take_while(|y| **y <= value).count();
        step(value, i, j);
    }
}

/// A quantile of ascending values, by a straight line between the two beside it.
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let at = level * (sorted.len() - 1) as f64;
    let (below, part) = (at.floor() as usize, at.fract());
    let (a, b) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
    // Not a difference that overflows, nor one that misses the upper end; as numpy does.
    if part >= 0.5 {
        b - (b - a) * (1.0 - part)
    } else {
        a + (b - a) * part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_samples_are_nothing_apart_and_disjoint_ones_all() {
        let (a, b) = ([3.0, 1.0, 2.0, -0.0], [2.0, 0.0, 3.0, 1.0]);
        let same = kolmogorov_smirnov(&a, &b).unwrap();
        assert_eq!((same.statistic, same.p_value), (0.0, 1.0));
        assert_eq!(wasserstein(&a, &b), Some(0.0));
        assert_eq!(population_stability(&a, &b, 3), Some(0.0));
        let other = [11.0, 12.0, 10.0, 13.0];
        let found = kolmogorov_smirnov(&a, &other).unwrap();
        // Two of the 70 orders of 4 and 4 values set them apart.
        assert!(
            found.statistic == 1.0 && (found.p_value - 2.0 / 70.0).abs() < 1e-15,
            "{found:?}"
        );
        assert_eq!(wasserstein(&a, &other), Some(10.0));
        assert!(population_stability(&a, &other, 2).unwrap() > 4.0);
    }

    #[test]
    fn what_is_no_sample_is_refused() {
        let one = [1.0];
        for bad in [&[][..], &[f64::NAN], &[1.0, f64::INFINITY]] {
            assert_eq!(kolmogorov_smirnov(bad, &one), None);
            assert_eq!(kolmogorov_smirnov(&one, bad), None);
            assert_eq!(wasserstein(bad, &one), None);
            assert_eq!(wasserstein(&one, bad), None);
            assert_eq!(population_stability(bad, &[1.0, 2.0], 2), None);
            assert_eq!(population_stability(&[1.0, 2.0], bad, 2), None);
        }
        assert_eq!(population_stability(&one, &one, 1), None);
        let few = [1.0, 1.0, 2.0];
        assert_eq!(population_stability(&few, &one, 4), None);
        assert_eq!(population_stability(&few, &few, 3), Some(0.0));
        assert_eq!(wasserstein(&[f64::MAX], &[f64::MIN]), None);
        assert_eq!(kolmogorov_smirnov(&one, &[2.0]).unwrap().p_value, 1.0);
    }
}
