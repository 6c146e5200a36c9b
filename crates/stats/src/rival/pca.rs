//! Principal components: the linear autoencoder, which a network that reconstructs has to beat.
//!
//! With as many components as a linear autoencoder has codes it has the least squared error of all of them on the rows it was
//! fitted to (Baldi, Hornik, "Neural networks and principal component analysis: learning from examples without local minima"
//! (1989), Neural Networks 2).

use crate::covariance::{centred, means};
use crate::eigen::symmetric_eigen;
use crate::pairs::{products_of_columns, products_of_rows};

/// Values below which the eigenvalues of a matrix are rounding, as a share of the largest.
const ROUNDING: f64 = 1e-13;

/// The mean of training rows and the directions in which they vary most.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    mean: Vec<f64>,
    /// Row by row, each of length 1, the largest variance first.
    components: Vec<f64>,
    variances: Vec<f64>,
}

impl Pca {
    /// Fits `rows` \[count × width\] with at most `components` components; fewer where the rows vary in fewer directions.
    /// From the covariance matrix \[width × width\], or from the products of the rows \[count × count\] where these are
    /// fewer. The largest entry of each component is positive.
    ///
    /// Takes time in proportion to count · width² + width³ (with the smaller of count and width squared and cubed), on all
    /// cores, with the same bits on any number of them: 40,000 rows of 784 values take about 5 s of processor time. Nothing if
    /// there is no row, no width, a length that is not a number of rows, or a value that is not finite.
    pub fn fit(rows: &[f64], width: usize, components: usize) -> Option<Self> {
        if width == 0 || rows.is_empty() || !rows.len().is_multiple_of(width) {
            return None;
        }
        let count = rows.len() / width;
        let mean = means(rows, width);
        let by_rows = count < width;
        let few = match by_rows {
            true => centred(rows, &mean),
            false => Vec::new(),
        };
        // Products may overflow too where the values do not.
        let products = match by_rows {
            true => products_of_rows(&few, width),
            false => products_of_columns(rows, &mean),
        };
        if products.iter().any(|sum| !sum.is_finite()) {
            return None;
        }
        let side = count.min(width);
        let (values, vectors) = symmetric_eigen(products, side)?;
        let least = ROUNDING * side as f64 * values.first().copied().unwrap_or(0.0);
        let mut found = Pca {
            mean,
            components: Vec::new(),
            variances: Vec::new(),
        };
        for (value, vector) in values
            .iter()
            .zip(vectors.chunks_exact(side))
            .take(components)
        {
            if *value <= least {
                break;
            }
            let mut component = vector.to_vec();
            if by_rows {
                component = vec![0.0; width];
                for (row, weight) in few.chunks_exact(width).zip(vector) {
                    component
                        .iter_mut()
                        .zip(row)
                        .for_each(|(sum, value)| *sum += weight * value);
                }
            }
            let length = component.iter().map(|x| x * x).sum::<f64>().sqrt();
            let largest =
                component.iter().fold(
                    0.0_f64,
                    |most, x| if x.abs() > most.abs() { *x } else { most },
                );
            component
                .iter_mut()
                .for_each(|x| *x /= length * largest.signum());
            found.components.extend(component);
            found.variances.push(value / (count as f64 - 1.0).max(1.0));
        }
        Some(found)
    }

    /// Values of a row.
    pub fn width(&self) -> usize {
        self.mean.len()
    }

    /// Variance of the training rows along each component (divided by count − 1), the largest first.
    pub fn variances(&self) -> &[f64] {
        &self.variances
    }

    /// The components \[components × width\], each of length 1.
    pub fn components(&self) -> &[f64] {
        &self.components
    }

    /// A row in the directions of the components, one number for each. Nothing if it has another width.
    pub fn codes(&self, row: &[f64]) -> Option<Vec<f64>> {
        (row.len() == self.width()).then(|| {
            let each = self.components.chunks_exact(self.width());
            each.map(|component| {
                let values = row.iter().zip(&self.mean).zip(component);
                values
                    .map(|((value, mean), weight)| (value - mean) * weight)
                    .sum()
            })
            .collect()
        })
    }

    /// The nearest row of which the components know: the mean and what the codes say. Nothing if it has another width.
    pub fn reconstruct(&self, row: &[f64]) -> Option<Vec<f64>> {
        let codes = self.codes(row)?;
        let mut found = self.mean.clone();
        for (code, component) in codes.iter().zip(self.components.chunks_exact(self.width())) {
            found
                .iter_mut()
                .zip(component)
                .for_each(|(sum, weight)| *sum += code * weight);
        }
        Some(found)
    }

    /// Mean squared difference of a row and its reconstruction: the score of how unusual it is. Nothing if it has another
    /// width.
    pub fn error(&self, row: &[f64]) -> Option<f64> {
        let found = self.reconstruct(row)?;
        let squares: f64 = found.iter().zip(row).map(|(a, b)| (a - b) * (a - b)).sum();
        Some(squares / row.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use proptest::prelude::*;

    #[test]
    fn components_and_variances_are_those_of_numpy() {
        // numpy 2.4.6: i = np.arange(n * w); x = ((i * i * 37 + i * 11) % 101 / 101).reshape(n, w)
        // values, vectors = np.linalg.eigh(np.cov(x.T)); values[::-1][:3]
        // v = vectors[:, -1]; v * np.sign(v[np.abs(v).argmax()]), its first three entries
        for (count, width, values, entries) in GOLDEN {
            let rows: Vec<f64> = (0..count * width)
                .map(|i| ((i * i * 37 + i * 11) % 101) as f64 / 101.0)
                .collect();
            let found = Pca::fit(&rows, *width, 3).unwrap();
            for (a, b) in found.variances().iter().zip(values) {
                assert!((a - b).abs() < 1e-13, "{count} {width}: {a} {b}");
            }
            for (a, b) in found.components().iter().zip(entries) {
                assert!((a - b).abs() < 1e-11, "{count} {width}: {a} {b}");
            }
        }
    }

    type Golden = (usize, usize, [f64; 3], [f64; 3]);
    #[rustfmt::skip]
    const GOLDEN: &[Golden] = &[
        (23, 7, [0.1199424944085907, 0.10502119339178306, 0.09093170112503982], [-0.6081992568858015, -0.01237070293258713, 0.6968359692234293]),
        (211, 13, [0.10687802225048261, 0.10247676074785178, 0.08779702518631533], [-0.10949658721563052, -0.19409611655709716, 0.22585601967437]),
        (9, 31, [0.5131560667078078, 0.38432664474016803, 0.3546354267266823], [-0.006063599672725692, -0.020475338442520256, -0.11404672388376934]),
    ];

    #[test]
    fn what_is_no_table_has_no_components_and_constant_rows_have_none() {
        for (rows, width) in [
            (&[1.0][..], 0),
            (&[], 2),
            (&[1.0, 2.0, 3.0], 2),
            (&[1.0, f64::NAN], 1),
            (&[1e200, -1e200], 1),
        ] {
            assert_eq!(Pca::fit(rows, width, 1), None);
        }
        let found = Pca::fit(&[2.0, 5.0, 2.0, 5.0, 2.0, 5.0], 2, 2).unwrap();
        assert_eq!(
            (found.variances(), found.error(&[3.0, 5.0])),
            (&[][..], Some(0.5))
        );
        assert_eq!(found.error(&[3.0]), None);
    }

    proptest! {
        #[test]
        fn rows_of_few_directions_are_reconstructed_and_others_are_not(
            count in 8_usize..47, width in 7_usize..71, rank in 1_usize..5, seed in 0_u64..1_000,
        ) {
            let mut draws = Draws::new(seed);
            let directions: Vec<f64> = (0..rank * width).map(|_| draws.bell()).collect();
            let rows: Vec<f64> = (0..count).flat_map(|_| {
                let weights: Vec<f64> = (0..rank).map(|_| draws.bell()).collect();
                let at = |column: usize| 3.0 + (0..rank).map(|r| weights[r] * directions[r * width + column]).sum::<f64>();
                (0..width).map(at).collect::<Vec<f64>>()
            }).collect();
            let found = Pca::fit(&rows, width, width).unwrap();
            prop_assert_eq!(found.variances().len(), rank);
            for row in rows.chunks_exact(width) {
                prop_assert!(found.error(row).unwrap() < 1e-16);
            }
            let mut other = rows[..width].to_vec();
            other[0] += 5.0;
            let error = found.error(&other).unwrap();
            prop_assert!(error > 1e-9 && error <= 25.0 / width as f64 + 1e-9);
            // The same rows twice over: more rows than columns, and the same directions.
            let twice = Pca::fit(&rows.repeat(9), width, width).unwrap();
            for (a, b) in found.components().iter().zip(twice.components()) {
                prop_assert!((a.abs() - b.abs()).abs() < 1e-6, "{} {}", a, b);
            }
        }
    }
}
