//! The kernel distance: maximum mean discrepancy with a cubic kernel.

use super::{pairs, rows_of};

/// Squared maximum mean discrepancy of the real rows and the made ones with the kernel k(x, y) = (x·y / width + 1)³,
/// unbiased: the mean of k over pairs of different real rows, plus that over pairs of different made rows, less twice the
/// mean over pairs of a real row and a made one. 0 on average where both are drawn alike, and then as often below 0 as
/// above it; larger is worse. It compares means, covariances and third moments. Has no upper end, and the unit of the
/// kernel: compare figures of the same features alone.
///
/// The published figures are means over subsets of 100 or 1,000 rows; the mean over subsets estimates the same number, which
/// is here taken of all rows at once.
///
/// Takes time in proportion to width times the square of the rows, on all cores; the same bits on any number of them.
/// Nothing without two real rows and two made ones, or where it would not be finite.
///
/// Gretton, Borgwardt, Rasch, Schölkopf, Smola, "A kernel two-sample test" (2012), Journal of Machine Learning Research 13;
/// Bińkowski, Sutherland, Arbel, Gretton, "Demystifying MMD GANs" (2018), ICLR.
pub fn kernel_distance(real: &[f64], made: &[f64], width: usize) -> Option<f64> {
    let (n, m) = (rows_of(real, width)?, rows_of(made, width)?);
    if n < 2 || m < 2 {
        return None;
    }
    let kernels = |_: usize, products: &mut [f64]| -> f64 {
        let kernel = |product: &f64| {
            let one = product / width as f64 + 1.0;
            one * one * one
        };
        products.iter().map(kernel).sum()
    };
    let within = |rows: &[f64], count: usize| {
        let sum: f64 = pairs::of_products_before(rows, width, kernels).iter().sum();
        2.0 * sum / (count as f64 * (count as f64 - 1.0))
    };
    let across: f64 = pairs::of_products(real, made, width, kernels).iter().sum();
    let found = within(real, n) + within(made, m) - 2.0 * across / (n as f64 * m as f64);
    found.is_finite().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;

    #[test]
    fn it_is_zero_on_average_where_both_are_drawn_alike() {
        let mut draws = Draws::new(3);
        let mut rows = |count: usize, shift: f64| {
            let each = (0..count * 3).map(|_| draws.bell() + shift);
            each.collect::<Vec<f64>>()
        };
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..400 {
            let found = kernel_distance(&rows(11, 0.0), &rows(7, 0.0), 3).unwrap();
            (sum, squares) = (sum + found, squares + found * found);
        }
        // Four standard errors of a mean of 400.
        let (mean, error) = (sum / 400.0, (squares / 400.0).sqrt() / 20.0);
        assert!(mean.abs() < 4.0 * error, "{mean} {error}");
        assert!(kernel_distance(&rows(50, 0.0), &rows(50, 1.0), 3).unwrap() > 1.0);
    }

    #[test]
    fn what_gives_no_number_has_no_distance() {
        assert_eq!(kernel_distance(&[1.0], &[1.0, 2.0], 1), None);
        assert_eq!(kernel_distance(&[1.0, 2.0], &[1.0], 1), None);
        assert_eq!(kernel_distance(&[1.0, 2.0], &[], 1), None);
        assert_eq!(kernel_distance(&[1.0, 2.0, 3.0], &[1.0; 4], 2), None);
        assert_eq!(kernel_distance(&[1.0, 2.0], &[1.0; 4], 0), None);
        assert_eq!(kernel_distance(&[1.0, f64::NAN], &[1.0; 4], 1), None);
        assert_eq!(kernel_distance(&[1e90, 1e90], &[1.0; 4], 1), None);
    }
}
