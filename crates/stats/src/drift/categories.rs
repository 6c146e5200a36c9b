//! Two counts of categories: Pearson's test, and the distance of Jensen and Shannon.

use super::Test;
use super::special::upper_gamma;

/// Pearson's chi-squared test that two samples of categories come from one distribution: `reference[k]` and `current[k]`
/// count category k. The statistic is Σ (found − expected)² / expected, without a correction for continuity; the p-value
/// that of categories − 1 degrees of freedom, good where no more than a fifth of the expected counts are under 5.
/// Categories that neither sample has are left out.
///
/// Nothing if the lengths differ, a sample is empty, or there is only one category.
///
/// Pearson, "On the criterion that a given system of deviations from the probable ..." (1900), Philosophical Magazine 50.
pub fn chi_squared(reference: &[u64], current: &[u64]) -> Option<Test> {
    let total = |counts: &[u64]| counts.iter().map(|count| *count as f64).sum::<f64>();
    let (n, m) = (total(reference), total(current));
    if reference.len() != current.len() || n == 0.0 || m == 0.0 {
        return None;
    }
    let (mut statistic, mut categories) = (0.0, 0.0);
    for (a, b) in reference.iter().zip(current) {
        let (a, b) = (*a as f64, *b as f64);
        if a + b > 0.0 {
            categories += 1.0;
            let share = (a + b) / (n + m);
            statistic += (a - n * share).powi(2) / (n * share);
            statistic += (b - m * share).powi(2) / (m * share);
        }
    }
    (categories > 1.0).then(|| Test {
        statistic,
        p_value: upper_gamma(0.5 * (categories - 1.0), 0.5 * statistic),
    })
}

/// Distance of Jensen and Shannon of two distributions over the same categories, or bins: the root of the mean divergence
/// (in nats) of both from their mean, 0 where they are equal, √ln 2 ≈ 0.83 where they share no category. Weights need not
/// sum to 1: counts do. A metric.
///
/// Nothing if the lengths differ, a weight is below 0 or not finite, or all weights of one side are 0.
///
/// Lin, "Divergence measures based on the Shannon entropy" (1991), IEEE Transactions on Information Theory 37; Endres,
/// Schindelin, "A new metric for probability distributions" (2003), there 49.
pub fn jensen_shannon(reference: &[f64], current: &[f64]) -> Option<f64> {
    let weights = reference.iter().chain(current);
    let usable = weights.copied().all(|x| x >= 0.0 && x.is_finite());
    if reference.len() != current.len() || !usable {
        return None;
    }
    let (n, m): (f64, f64) = (reference.iter().sum(), current.iter().sum());
    if !(n > 0.0 && m > 0.0 && n.is_finite() && m.is_finite()) {
        return None;
    }
    let part = |p: f64, middle: f64| match p > 0.0 {
        true => p * (p / middle).ln(),
        false => 0.0,
    };
    let (mut left, mut right) = (0.0, 0.0);
    for (p, q) in reference.iter().zip(current) {
        let (p, q) = (p / n, q / m);
        let middle = 0.5 * (p + q);
        left += part(p, middle);
        right += part(q, middle);
    }
    Some((0.5 * (left + right)).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shares_are_nothing_apart_and_categories_not_shared_all() {
        let found = chi_squared(&[10, 20, 0, 30], &[1, 2, 0, 3]).unwrap();
        assert!(found.statistic < 1e-25 && found.p_value == 1.0, "{found:?}");
        assert!(jensen_shannon(&[10.0, 20.0], &[1.0, 2.0]).unwrap() < 1e-8);
        let found = jensen_shannon(&[3.0, 0.0], &[0.0, 7.0]).unwrap();
        assert!((found - std::f64::consts::LN_2.sqrt()).abs() < 1e-15);
        assert!(chi_squared(&[1_000, 0], &[0, 1_000]).unwrap().p_value < 1e-300);
    }

    #[test]
    fn what_is_no_count_is_refused() {
        assert_eq!(chi_squared(&[1, 2], &[1]), None);
        assert_eq!(chi_squared(&[], &[]), None);
        assert_eq!(chi_squared(&[0, 0], &[1, 2]), None);
        assert_eq!(chi_squared(&[5, 0], &[3, 0]), None);
        assert_eq!(jensen_shannon(&[1.0, 2.0], &[1.0]), None);
        assert_eq!(jensen_shannon(&[], &[]), None);
        assert_eq!(jensen_shannon(&[0.0, 0.0], &[1.0, 2.0]), None);
        assert_eq!(jensen_shannon(&[-1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(jensen_shannon(&[f64::NAN, 2.0], &[1.0, 2.0]), None);
        assert_eq!(jensen_shannon(&[f64::MAX, f64::MAX], &[1.0, 2.0]), None);
    }
}
