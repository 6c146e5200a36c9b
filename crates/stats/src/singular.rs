//! Singular values of a matrix, without its square: small ones beside large ones keep their digits.

use super::eigen::{dot, ql};

/// Singular values of a matrix \[rows × columns\], row by row, the largest first, min(rows, columns) of them; each within
/// a few roundings of the largest. Nothing of an empty matrix, one of another size, or one that is not finite.
///
/// Householder reflections from both sides leave two diagonals; the singular values of these are the positive eigenvalues
/// of the symmetric matrix that has the two in turn beside a diagonal of zeros (Golub, Kahan, "Calculating the singular
/// values and pseudo-inverse of a matrix" (1965), Journal of the SIAM: Numerical Analysis 2).
pub(crate) fn singular_values(matrix: &[f64], rows: usize, columns: usize) -> Option<Vec<f64>> {
    if matrix.is_empty() || matrix.len() != rows.checked_mul(columns)? {
        return None;
    }
    let largest = matrix.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if matrix.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let scale = if largest > 0.0 { largest } else { 1.0 };
    // At least as many rows as columns.
    let (tall, wide) = (rows.max(columns), rows.min(columns));
    let mut a: Vec<f64> = match rows >= columns {
        true => matrix.iter().map(|x| x / scale).collect(),
        false => (0..columns)
            .flat_map(|j| (0..rows).map(move |i| matrix[i * columns + j] / scale))
            .collect(),
    };
    let mut beside = Vec::with_capacity(2 * wide);
    let mut sums = vec![0.0; wide];
    for k in 0..wide {
        let column: Vec<f64> = (k..tall).map(|i| a[i * wide + k]).collect();
        let (head, v, tau) = reflection(column);
        beside.push(head);
        sums[k..].fill(0.0);
        for (row, weight) in a.chunks_exact(wide).skip(k).zip(&v) {
            let line = sums[k..].iter_mut().zip(&row[k..]);
            line.for_each(|(sum, x)| *sum += weight * x);
        }
        for (row, weight) in a.chunks_exact_mut(wide).skip(k).zip(&v) {
            let factor = tau * weight;
            let line = row[k..].iter_mut().zip(&sums[k..]);
            line.for_each(|(x, sum)| *x -= factor * sum);
        }
        if k + 1 == wide {
            beside.push(0.0);
            break;
        }
        let (head, v, tau) = reflection(a[k * wide + k + 1..(k + 1) * wide].to_vec());
        beside.push(head);
        for row in a.chunks_exact_mut(wide).skip(k + 1) {
            let factor = tau * dot(&row[k + 1..], &v);
            let line = row[k + 1..].iter_mut().zip(&v);
            line.for_each(|(x, weight)| *x -= factor * weight);
        }
    }
    let mut values = vec![0.0; 2 * wide];
    ql(&mut values, &mut beside, |_| ())?;
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    values.truncate(wide);
    Some(values.into_iter().map(|x| x.max(0.0) * scale).collect())
}

/// What I − tau v vᵀ leaves of the first entry of `x` while it clears the others, then v and tau.
fn reflection(mut x: Vec<f64>) -> (f64, Vec<f64>, f64) {
    let length = dot(&x, &x).sqrt();
    let first = x[0];
    let rest: f64 = x[1..].iter().map(|x| x.abs()).sum();
    if rest == 0.0 || length == 0.0 {
        return (first, x, 0.0);
    }
    let head = if first > 0.0 { -length } else { length };
    x[0] -= head;
    let tau = 2.0 / dot(&x, &x);
    (head, x, tau)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use proptest::prelude::*;

    #[test]
    fn small_values_keep_their_digits_beside_large_ones() {
        // Reflections of a diagonal matrix, whose squares would be lost beside one another.
        let (n, m) = (7, 5);
        let diagonal = [3.0, 1e-3, 2e-7, 5e-9, 4e-12];
        let (u, v) = (
            [0.1, 0.3, -0.2, 0.5, 0.7, -0.1, 0.3],
            [0.4, -0.2, 0.6, 0.1, 0.2],
        );
        let part = |w: &[f64], i: usize, j: usize| {
            f64::from(u8::from(i == j)) - 2.0 * w[i] * w[j] / dot(w, w)
        };
        let entry = |i: usize, j: usize| -> f64 {
            (0..m)
                .map(|k| part(&u, i, k) * diagonal[k] * part(&v, k, j))
                .sum()
        };
        let a: Vec<f64> = (0..n * m).map(|at| entry(at / m, at % m)).collect();
        let found = singular_values(&a, n, m).unwrap();
        for (a, b) in found.iter().zip(diagonal) {
            assert!((a - b).abs() < 3e-15, "{found:?}");
        }
    }

    #[test]
    fn what_is_no_matrix_has_no_values() {
        assert_eq!(singular_values(&[], 0, 0), None);
        assert_eq!(singular_values(&[1.0; 3], 2, 2), None);
        assert_eq!(singular_values(&[f64::NAN], 1, 1), None);
        assert_eq!(singular_values(&[1.0; 3], usize::MAX, 3), None);
        assert_eq!(singular_values(&[0.0; 6], 2, 3), Some(vec![0.0; 2]));
        let near = |matrix: &[f64], rows, columns, expected: &[f64]| {
            let found = singular_values(matrix, rows, columns).unwrap();
            assert_eq!(found.len(), expected.len());
            for (a, b) in found.iter().zip(expected) {
                assert!((a / b - 1.0).abs() < 1e-15, "{found:?}");
            }
        };
        near(&[-3.0], 1, 1, &[3.0]);
        near(&[3.0, 4.0], 1, 2, &[5.0]);
        near(&[1e300, 0.0, 0.0, 2e300], 2, 2, &[2e300, 1e300]);
        near(&[1e-300, 0.0, 0.0, 2e-300], 2, 2, &[2e-300, 1e-300]);
    }

    proptest! {
        #[test]
        fn squares_sum_to_those_of_the_matrix_and_the_transpose_has_the_same(
            rows in 1_usize..23, columns in 1_usize..23, seed in 0_u64..1_000, zeros in 0_usize..4,
        ) {
            let mut draws = Draws::new(seed);
            let a: Vec<f64> = (0..rows * columns)
                .map(|_| if draws.below(4) < zeros { 0.0 } else { draws.bell() })
                .collect();
            let turned: Vec<f64> = (0..columns).flat_map(|j| a.iter().skip(j).step_by(columns).copied()).collect();
            let (found, other) = (singular_values(&a, rows, columns).unwrap(), singular_values(&turned, columns, rows).unwrap());
            prop_assert!(found.is_sorted_by(|x, y| x >= y) && found.len() == rows.min(columns));
            let (squares, all) = (dot(&found, &found), dot(&a, &a));
            prop_assert!((squares - all).abs() <= 1e-12 * all.max(1.0));
            for (a, b) in found.iter().zip(&other) {
                prop_assert!((a - b).abs() < 1e-12 * all.sqrt().max(1.0), "{} {}", a, b);
            }
        }
    }
}
