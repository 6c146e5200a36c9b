//! Upper bounds on how likely chance alone is to reach a statistic: what makes "found" a statement with an error.

/// `ln 10`.
const LN_10: f64 = std::f64::consts::LN_10;

/// Base-10 logarithm of an upper bound of P(Σ aᵢεᵢ ≥ `z`) where the εᵢ are independent fair signs and Σ aᵢ² = 1.
///
/// The smaller of Hoeffding's exp(−z²/2) (1963, Theorem 2) and 3.1787 · P(N(0, 1) ≥ z), which is Theorem 1.1 of Bentkus and
/// Dzindzalieta, "A tight Gaussian bound for weighted sums of Rademacher random variables" (Bernoulli 21(2), 2015), with the
/// normal tail bounded by Sampford's inequality (1953). Both hold for any weights, so for any image. 0 for `z` ≤ 0 and NaN.
pub(crate) fn log10_signs(z: f64) -> f64 {
    if z.is_nan() || z <= 0.0 {
        return 0.0;
    }
    let hoeffding = -0.5 * z * z;
    let mills = 4.0 / (3.0 * z + (z * z + 8.0).sqrt());
    let density = -0.5 * z * z - 0.5 * (2.0 * std::f64::consts::PI).ln();
    let bentkus = 3.1787_f64.ln() + density + mills.ln();
    hoeffding.min(bentkus).min(0.0) / LN_10
}

/// Base-10 logarithm of P(Γ ≥ `sum`) where Γ is the sum of `count` independent exponential variables of mean 1: exact up
/// to rounding. 0 for `count` = 0 or a `sum` that is not positive.
///
/// The tail of a Gamma variable of whole shape n is that of a Poisson one: P(Γₙ ≥ s) = e⁻ˢ Σ_{k<n} sᵏ/k!, summed here from
/// its largest term so that nothing overflows.
pub(crate) fn log10_gamma(sum: f64, count: usize) -> f64 {
    if count == 0 || sum.is_nan() || sum <= 0.0 {
        return 0.0;
    }
    let mut log_factorial = 0.0;
    let mut log_terms = Vec::with_capacity(count);
    for k in 0..count {
        if k > 0 {
            log_factorial += (k as f64).ln();
        }
        log_terms.push(k as f64 * sum.ln() - log_factorial);
    }
    let largest = log_terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let scaled: f64 = log_terms.iter().map(|term| (term - largest).exp()).sum();
    ((largest + scaled.ln() - sum) / LN_10).min(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_signs_bounds_the_exact_binomial_one() {
        // Of n fair signs of equal weight, z = (heads − tails) / √n; the exact tail summed term by term.
        for n in [16_u32, 100, 961] {
            let log_choose = |k: u32| -> f64 {
                (1..=k)
                    .map(|i| f64::from(n - k + i).ln() - f64::from(i).ln())
                    .sum()
            };
            for heads in (n / 2 + 1..=n).step_by(7) {
                let exact: f64 = (heads..=n)
                    .map(|k| (log_choose(k) - f64::from(n) * 2_f64.ln()).exp())
                    .sum();
                let z = f64::from(2 * heads - n) / f64::from(n).sqrt();
                let bound = log10_signs(z);
                assert!(bound >= exact.log10() - 1e-9, "{n} {heads}");
            }
        }
    }

    #[test]
    fn the_tail_of_signs_is_close_to_the_normal_one() {
        // scipy.stats.norm.logsf(6.5) / ln 10 = -10.396, and log10(3.1787) = 0.502.
        assert!(
            (log10_signs(6.5) + 9.893).abs() < 0.01,
            "{}",
            log10_signs(6.5)
        );
        assert_eq!(
            [log10_signs(0.0), log10_signs(-3.0), log10_signs(f64::NAN)],
            [0.0; 3]
        );
    }

    #[test]
    fn the_gamma_tail_is_the_exponential_one_for_one_and_erlangs_for_more() {
        assert!((log10_gamma(3.0, 1) + 3.0 / LN_10).abs() < 1e-12);
        // e⁻⁵ (1 + 5 + 25/2).
        assert!((log10_gamma(5.0, 3) - (18.5 * (-5.0_f64).exp()).log10()).abs() < 1e-12);
        // Thousands of terms neither overflow nor vanish: near the median, a half.
        assert!((log10_gamma(5_000.0, 5_000) - 0.5_f64.log10()).abs() < 0.01);
        assert_eq!(
            [
                log10_gamma(3.0, 0),
                log10_gamma(0.0, 4),
                log10_gamma(f64::NAN, 4)
            ],
            [0.0; 3]
        );
    }
}
