//! The gamma function and its incomplete integral, for the tests' p-values.

/// ln Γ(x) for x above 0: Stirling's series from 10 on, within 1e-15 of the larger of 1 and the value.
pub(super) fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut product) = (x, 1.0);
    while x < 10.0 {
        product *= x;
        x += 1.0;
    }
    // B₂ₖ / (2k (2k − 1)), the last first.
    const SERIES: [f64; 8] = [
        -3617.0 / 122_400.0,
        1.0 / 156.0,
        -691.0 / 360_360.0,
        1.0 / 1_188.0,
        -1.0 / 1_680.0,
        1.0 / 1_260.0,
        -1.0 / 360.0,
        1.0 / 12.0,
    ];
    let inverse = 1.0 / (x * x);
    let series = SERIES.iter().fold(0.0, |sum, term| sum * inverse + term) / x;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - f64::ln(product)
}

/// The upper incomplete gamma integral over the whole one, Q(a, x), for a above 0 and x of 0 and more: the chance that a
/// chi-squared number of 2a degrees is above 2x. The series below a + 1, from there Legendre's continued fraction.
pub(super) fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    let factor = (a * x.ln() - x - ln_gamma(a)).exp();
    // Both need some times √a terms.
    let most = 1_000 + 20 * a.sqrt() as usize;
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for k in 1..most {
            term *= x / (a + k as f64);
            sum += term;
            if term < 1e-17 * sum {
                break;
            }
        }
        return (1.0 - factor * sum).clamp(0.0, 1.0);
    }
    // Lentz's method; no denominator is 0 here.
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut fraction = d;
    for k in 1..most {
        let k = k as f64;
        let numerator = k * (a - k);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        fraction *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    (factor * fraction).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_are_those_of_scipy() {
        // scipy 1.17.1: scipy.special.gammaln(x); scipy.special.gammaincc(a, x)
        for (x, expected) in GAMMAS {
            let found = ln_gamma(*x);
            assert!(
                (found - expected).abs() < 4e-15 * expected.abs().max(1.0),
                "{x}: {found}"
            );
        }
        for (a, x, expected) in INTEGRALS {
            let found = upper_gamma(*a, *x);
            assert!(
                (found / expected - 1.0).abs() < 1e-11,
                "{a} {x}: {found} {expected}"
            );
        }
        assert_eq!(
            (upper_gamma(3.0, 0.0), upper_gamma(3.0, f64::INFINITY)),
            (1.0, 0.0)
        );
    }

    #[rustfmt::skip]
    const GAMMAS: &[(f64, f64)] = &[
        (0.5, 0.5723649429247),
        (1.5, -0.12078223763524526),
        (4.0, 1.791759469228055),
        (0.1, 2.252712651734206),
        (9.99, 12.779315214350195),
        (10.0, 12.801827480081469),
        (37.5, 97.5217752228882),
        (1001.0, 5912.128178488164),
        (123456.0, 1323892.7688437013),
    ];

    #[rustfmt::skip]
    const INTEGRALS: &[(f64, f64, f64)] = &[
        (0.5, 0.01, 0.887537083981715),
        (0.5, 3.0, 0.014305878435429641),
        (1.0, 2.0, 0.1353352832366127),
        (3.5, 1.0, 0.9598403687301016),
        (3.5, 20.0, 1.258790387371308e-06),
        (50.0, 40.0, 0.9296649333406051),
        (50.0, 51.5, 0.39855329602655254),
        (50.0, 120.0, 1.6008226793344963e-13),
        (500.0, 450.0, 0.9892827619087102),
        (500.0, 600.0, 1.2255942330622893e-05),
        (0.5, 300.0, 1.674167984691805e-132),
        (2.5, 0.001, 0.9999999904914654),
    ];
}
