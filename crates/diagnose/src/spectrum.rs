//! Singular values of a square matrix, and orthonormal rows by Gram and Schmidt.
//!
//! The product of many step Jacobians is badly scaled, and only three of its singular values are
//! wanted: so it is brought to bidiagonal form by reflections (Golub and Kahan 1965), and the wanted
//! values are bisected out of the signs of a recurrence (Golub and Van Loan, *Matrix Computations*,
//! 8.4), which costs next to nothing and cannot fail to converge.

/// Of some singular values, in natural logarithms; −∞ for zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Singular {
    /// ln of the largest.
    pub largest: f64,
    /// ln of the one in the middle.
    pub median: f64,
    /// ln of the smallest.
    pub smallest: f64,
}

/// What is below this share of the largest is lost in the rounding of f64, and is taken for zero.
pub(super) const RESOLVED: f64 = 1e-14;

/// The largest, middle and smallest singular values of a matrix `[n, n]`, row-major. Values below
/// [`RESOLVED`] of the largest come out as that share of it.
pub(super) fn singular(matrix: &[f64], n: usize) -> Singular {
    let (diagonal, above) = bidiagonal(matrix.to_vec(), n);
    let largest = nth(&diagonal, &above, n - 1);
    if largest == 0.0 {
        let none = f64::NEG_INFINITY;
        return Singular {
            largest: none,
            median: none,
            smallest: none,
        };
    }
    let floor = largest * RESOLVED;
    Singular {
        largest: largest.ln(),
        median: nth(&diagonal, &above, (n - 1) / 2).max(floor).ln(),
        smallest: nth(&diagonal, &above, 0).max(floor).ln(),
    }
}

/// Diagonal and superdiagonal of the bidiagonal form.
fn bidiagonal(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut diagonal, mut above) = (vec![0.0; n], vec![0.0; n.saturating_sub(1)]);
    for k in 0..n {
        // From the left: the column below the diagonal becomes zero.
        let column: Vec<f64> = (k..n).map(|row| a[row * n + k]).collect();
        let (v, value) = reflector(column);
        diagonal[k] = value;
        if let Some(v) = v {
            let mut sums = vec![0.0; n - k];
            for (row, v) in (k..n).zip(&v) {
                let line = &a[row * n + k..(row + 1) * n];
                sums.iter_mut().zip(line).for_each(|(sum, a)| *sum += v * a);
            }
            for (row, v) in (k..n).zip(&v) {
                let line = &mut a[row * n + k..(row + 1) * n];
                line.iter_mut()
                    .zip(&sums)
                    .for_each(|(a, sum)| *a -= 2.0 * v * sum);
            }
        }
        // From the right: the row beyond the superdiagonal becomes zero.
        if k + 1 < n {
            let (v, value) = reflector(a[k * n + k + 1..(k + 1) * n].to_vec());
            above[k] = value;
            if let Some(v) = v {
                for row in k + 1..n {
                    let line = &mut a[row * n + k + 1..(row + 1) * n];
                    let sum: f64 = line.iter().zip(&v).map(|(a, v)| a * v).sum();
                    line.iter_mut()
                        .zip(&v)
                        .for_each(|(a, v)| *a -= 2.0 * sum * v);
                }
            }
        }
    }
    (diagonal, above)
}

/// The unit normal of the reflection that takes `x` to its first axis, and where it lands; no
/// reflection for zeros.
fn reflector(mut x: Vec<f64>) -> (Option<Vec<f64>>, f64) {
    let norm = norm(&x);
    if norm == 0.0 {
        return (None, 0.0);
    }
    let lands = if x[0] > 0.0 { -norm } else { norm };
    x[0] -= lands;
    let length = self::norm(&x);
    x.iter_mut().for_each(|value| *value /= length);
    (Some(x), lands)
}

/// The singular value of place `index` from the smallest, bisected.
///
/// The symmetric matrix with zeros on its diagonal and d₁, e₁, d₂, e₂ … beside it has the
/// eigenvalues ±σ, and the signs of the pivots of (that matrix − x) count those below x.
fn nth(diagonal: &[f64], above: &[f64], index: usize) -> f64 {
    let n = diagonal.len();
    let mut beside = Vec::with_capacity(2 * n);
    for (k, d) in diagonal.iter().enumerate() {
        beside.push(d * d);
        beside.extend(above.get(k).map(|e| e * e));
    }
    // No singular value is larger than the largest sum of two neighbours.
    let size = |k: usize| beside.get(k).copied().unwrap_or(0.0).sqrt();
    let most = (0..2 * n)
        .map(|k| size(k) + size(k + 1))
        .fold(0.0, f64::max);
    if most == 0.0 {
        return 0.0;
    }
    let below = |x: f64| {
        let mut pivot = -x;
        let mut count = usize::from(pivot < 0.0);
        for b in &beside {
            if pivot == 0.0 {
                pivot = f64::MIN_POSITIVE;
            }
            pivot = -x - b / pivot;
            count += usize::from(pivot < 0.0);
        }
        count
    };
    let (mut low, mut high) = (most * 1e-20, most * (1.0 + 1e-12));
    if below(low) > n + index {
        return 0.0;
    }
    while high / low > 1.0 + 1e-13 {
        let middle = (low * high).sqrt();
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) > n + index {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// Makes the `rows` of a matrix orthonormal in place, and returns how long each was once what it
/// shared with those before it was taken off.
pub(super) fn orthonormalise(matrix: &mut [f64], width: usize) -> Vec<f64> {
    let rows = matrix.len() / width;
    let mut lengths = Vec::with_capacity(rows);
    for row in 0..rows {
        let (before, rest) = matrix.split_at_mut(row * width);
        let own = &mut rest[..width];
        // Twice is enough (Giraud, Langou and Rozložník 2005).
        for _ in 0..2 {
            for other in before.chunks_exact(width) {
                let shared: f64 = own.iter().zip(other).map(|(a, b)| a * b).sum();
                own.iter_mut()
                    .zip(other)
                    .for_each(|(a, b)| *a -= shared * b);
            }
        }
        let length = norm(own);
        if length > 0.0 {
            own.iter_mut().for_each(|value| *value /= length);
        }
        lengths.push(length);
    }
    lengths
}

/// The Euclidean length, safe from overflow and underflow.
pub(super) fn norm(x: &[f64]) -> f64 {
    let most = x.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if most == 0.0 || !most.is_finite() {
        return most;
    }
    most * x.iter().map(|x| (x / most).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ressac_nn::random::Stream;

    #[test]
    fn the_singular_values_of_a_rotated_diagonal_are_its_entries() {
        // Two reflections keep the singular values of a diagonal and fill the matrix.
        for n in [1, 2, 7, 13] {
            let mut generator = Stream::new(n as u64, "rotate").generator();
            let mut wanted: Vec<f64> = (0..n).map(|k| 10.0_f64.powi(3 - k as i32)).collect();
            let mut a = vec![0.0; n * n];
            for k in 0..n {
                a[k * n + k] = wanted[k];
            }
            for side in 0..2 {
                let mut v: Vec<f64> = (0..n).map(|_| generator.normal()).collect();
                let length = norm(&v);
                v.iter_mut().for_each(|v| *v /= length);
                let at = |k: usize, j: usize| if side == 0 { k * n + j } else { j * n + k };
                for j in 0..n {
                    let shared: f64 = (0..n).map(|k| v[k] * a[at(k, j)]).sum();
                    for k in 0..n {
                        a[at(k, j)] -= 2.0 * shared * v[k];
                    }
                }
            }
            wanted.sort_by(f64::total_cmp);
            let found = singular(&a, n);
            let close = |found: f64, wanted: f64, tolerance: f64| {
                assert!(
                    (found.exp() / wanted - 1.0).abs() < tolerance,
                    "{n}: {found} {wanted}"
                );
            };
            close(found.largest, wanted[n - 1], 1e-12);
            close(found.median, wanted[(n - 1) / 2], 1e-8);
            // Rounding is relative to the largest.
            close(
                found.smallest,
                wanted[0],
                1e-13 * wanted[n - 1] / wanted[0] + 1e-12,
            );
        }
    }

    #[test]
    fn a_zero_matrix_and_a_singular_one_have_no_panic_in_them() {
        assert_eq!(singular(&[0.0; 9], 3).largest, f64::NEG_INFINITY);
        let found = singular(&[1.0, 1.0, 1.0, 1.0], 2);
        assert!((found.largest.exp() - 2.0).abs() < 1e-12);
        assert!(found.smallest < found.largest - 30.0);
    }

    #[test]
    fn orthonormal_rows_give_back_their_lengths() {
        let mut rows = vec![3.0, 0.0, 0.0, 5.0, 2.0, 0.0];
        let lengths = orthonormalise(&mut rows, 3);
        assert_eq!(lengths, [3.0, 2.0]);
        assert_eq!(rows, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    }
}
