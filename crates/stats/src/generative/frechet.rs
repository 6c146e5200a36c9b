//! The Fréchet distance of two normal distributions that have the means and covariances of the rows.

use crate::covariance::{centred, means};
use crate::eigen::{dot, symmetric_eigen};
use crate::pairs::products_of_columns;
use crate::singular::singular_values;

use super::rows_of;

/// Squared Fréchet distance (of Wasserstein, too) of the normal distributions that have the means μ and covariances Σ of
/// the real rows and of the made ones: |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½), in the squared unit of a column, 0 where
/// means and covariances agree. Covariances are divided by rows − 1, as in the authors' program.
///
/// Few rows give too large a distance, so compare figures of equally many; with fewer rows than columns it says little.
/// Moments beyond the second are not seen: see [`kernel_distance`](super::kernel_distance).
///
/// The trace of the root is the sum of the singular values of F₁F₂ᵀ, where Σ = FᵀF: the product Σ₁Σ₂, whose small
/// eigenvalues would be lost in rounding, is never made. F is √Λ Uᵀ of the eigenvectors U and eigenvalues Λ of Σ, or, of
/// at most as many rows as columns, the centred rows themselves. Takes time in proportion to rows · width² + width³.
///
/// Nothing without two real rows and two made ones.
///
/// Dowson, Landau, "The Fréchet distance between multivariate normal distributions" (1982), Journal of Multivariate
/// Analysis 12; Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter, "GANs trained by a two time-scale update rule
/// converge to a local Nash equilibrium" (2017), NeurIPS 30.
pub fn frechet_distance(real: &[f64], made: &[f64], width: usize) -> Option<f64> {
    let (n, m) = (rows_of(real, width)?, rows_of(made, width)?);
    if n < 2 || m < 2 {
        return None;
    }
    let (real_mean, made_mean) = (means(real, width), means(made, width));
    let apart: f64 = real_mean
        .iter()
        .zip(&made_mean)
        .map(|(a, b)| (a - b) * (a - b))
        .sum();
    let (left, left_trace) = factor(real, &real_mean)?;
    let (right, right_trace) = factor(made, &made_mean)?;
    let (rows, columns) = (left.len() / width, right.len() / width);
    // A covariance of nothing but zeros has no factor, and no root to take away.
    let shared = if rows == 0 || columns == 0 {
        0.0
    } else {
        let product: Vec<f64> = left
            .chunks_exact(width)
            .flat_map(|a| right.chunks_exact(width).map(move |b| dot(a, b)))
            .collect();
        singular_values(&product, rows, columns)?.iter().sum()
    };
    let found = apart + (left_trace + right_trace - 2.0 * shared).max(0.0);
    found.is_finite().then_some(found)
}

/// F with FᵀF the covariance of rows, row by row, and the trace of the covariance.
fn factor(rows: &[f64], mean: &[f64]) -> Option<(Vec<f64>, f64)> {
    let width = mean.len();
    let count = rows.len() / width;
    let scale = 1.0 / (count as f64 - 1.0);
    if count <= width {
        let mut rows = centred(rows, mean);
        let trace = scale * dot(&rows, &rows);
        rows.iter_mut().for_each(|value| *value *= scale.sqrt());
        return Some((rows, trace));
    }
    let products = products_of_columns(rows, mean);
    let trace = scale * products.iter().step_by(width + 1).sum::<f64>();
    let (values, vectors) = symmetric_eigen(products, width)?;
    // Eigenvalues below this are rounding, and may be negative.
    let least = f64::EPSILON * width as f64 * values.first().copied().unwrap_or(0.0);
    let directions = values.iter().zip(vectors.chunks_exact(width));
    let factor = directions
        .take_while(|(value, _)| **value > least)
        .flat_map(|(value, vector)| {
            let length = (value * scale).sqrt();
            vector.iter().map(move |x| x * length)
        })
        .collect();
    Some((factor, trace))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_cloud_of_rows_has_no_distance() {
        assert_eq!(frechet_distance(&[1.0], &[1.0, 2.0], 1), None);
        assert_eq!(frechet_distance(&[1.0, 2.0], &[1.0], 1), None);
        assert_eq!(frechet_distance(&[], &[1.0, 2.0], 1), None);
        assert_eq!(frechet_distance(&[1.0, 2.0, 3.0], &[1.0; 4], 2), None);
        assert_eq!(frechet_distance(&[1.0, 2.0], &[1.0; 4], 0), None);
        assert_eq!(frechet_distance(&[1.0, f64::NAN], &[1.0; 4], 1), None);
        assert_eq!(frechet_distance(&[1.0, 1e151], &[1.0; 4], 1), None);
    }

    #[test]
    fn constant_rows_are_as_far_apart_as_their_means_and_spread() {
        assert_eq!(frechet_distance(&[2.0; 6], &[5.0; 8], 2), Some(18.0));
        assert_eq!(frechet_distance(&[2.0; 4], &[2.0; 4], 2), Some(0.0));
        assert_eq!(frechet_distance(&[2.0; 9], &[1.0, 2.0, 3.0], 1), Some(1.0));
    }

    proptest! {
        #[test]
        fn a_shift_of_the_same_rows_is_its_squared_length_and_both_ways_are_one(
            n in 2_usize..41, m in 2_usize..41, width in 1_usize..13, seed in 0_u64..1_000,
        ) {
            let mut draws = Draws::new(seed);
            let mut rows = |count: usize| (0..count * width).map(|_| draws.bell()).collect::<Vec<f64>>();
            let (real, made) = (rows(n), rows(m));
            let shifted: Vec<f64> = real.iter().map(|x| x + 0.5).collect();
            let found = frechet_distance(&real, &shifted, width).unwrap();
            prop_assert!((found - 0.25 * width as f64).abs() < 1e-11, "{}", found);
            let (a, b) = (frechet_distance(&real, &made, width).unwrap(), frechet_distance(&made, &real, width).unwrap());
            prop_assert!((a - b).abs() < 1e-11 * a.max(1.0) && a > 0.0, "{} {}", a, b);
        }
    }
}
