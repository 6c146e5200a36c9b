//! Eigenvalues and eigenvectors of symmetric matrices, for principal components and covariances.

use crate::shares;

/// Steps for one eigenvalue after which the method would not converge; three are usual.
const MOST_STEPS: usize = 60;

/// Columns of the vectors that are made at a time.
const STRIP: usize = 16;

/// Entries below this share of the largest are zero: their squares would be lost.
const NOTHING: f64 = 1e-100;

/// Eigenvalues of a symmetric matrix \[side × side\], the largest first, and their vectors of length 1, row by row. Nothing
/// if it does not converge, as with NaN. Eigenvalues are within a few roundings of the largest, so small ones beside large
/// ones are not exact to their own size.
///
/// Takes time in proportion to side³, on all cores; the same bits on any number of them.
///
/// Householder's reduction to three diagonals, then the QL method with implicit shifts (Martin, Reinsch, Wilkinson,
/// "Householder's tridiagonalization of a symmetric matrix" (1968), Numerische Mathematik 11; Bowdler and others,
/// "The QR and QL algorithms for symmetric matrices" (1968), there).
pub(crate) fn symmetric_eigen(mut a: Vec<f64>, side: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let n = side;
    if n == 0 || a.len() != n * n {
        return None;
    }
    if a.iter().any(|x| !x.is_finite()) {
        return None;
    }
    // At one scale, no square overflows or vanishes.
    let largest = a.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let scale = if largest > 0.0 { largest } else { 1.0 };
    a.iter_mut().for_each(|x| *x /= scale);
    let (mut diagonal, mut off, reflections) = tridiagonal(a, n);
    let mut rotations = Vec::new();
    ql(&mut diagonal, &mut off, |rotation| rotations.push(rotation))?;
    let vectors = vectors(&reflections, &rotations, n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| diagonal[*j].total_cmp(&diagonal[*i]));
    let values = order.iter().map(|i| diagonal[*i] * scale).collect();
    let sorted = order
        .iter()
        .flat_map(|i| vectors[i * n..(i + 1) * n].iter().copied())
        .collect();
    Some((values, sorted))
}

/// I − tau v vᵀ.
struct Reflection {
    tau: f64,
    /// The last entries of v, those before them are zero.
    v: Vec<f64>,
}

/// The two diagonals that reflections from both sides leave of a symmetric matrix, each of which clears a column under the
/// first subdiagonal, and the reflections.
fn tridiagonal(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>, Vec<Reflection>) {
    let (mut off, mut p) = (vec![0.0; n], vec![0.0; n]);
    let mut reflections = Vec::with_capacity(n);
    for k in 0..n.saturating_sub(1) {
        let mut v: Vec<f64> = (k + 1..n).map(|i| a[i * n + k]).collect();
        let length = dot(&v, &v).sqrt();
        off[k] = v[0];
        let rest: f64 = v[1..].iter().map(|x| x.abs()).sum();
        if rest <= NOTHING {
            continue;
        }
        let head = if v[0] > 0.0 { -length } else { length };
        v[0] -= head;
        off[k] = head;
        let tau = 2.0 / dot(&v, &v);
        // p = tau A v - (tau / 2)(pᵀ v) v, and A becomes A - v pᵀ - p vᵀ. A is symmetric, so A v is a sum of its rows.
        let p = &mut p[k + 1..];
        p.fill(0.0);
        for (row, weight) in a.chunks_exact(n).skip(k + 1).zip(&v) {
            let factor = tau * weight;
            let each = p.iter_mut().zip(&row[k + 1..]);
            each.for_each(|(sum, x)| *sum += factor * x);
        }
        let half = 0.5 * tau * dot(p, &v);
        p.iter_mut().zip(&v).for_each(|(p, v)| *p -= half * v);
        let rows = a.chunks_exact_mut(n).skip(k + 1);
        for ((row, left), right) in rows.zip(&v).zip(&*p) {
            for ((x, p), v) in row[k + 1..].iter_mut().zip(&*p).zip(&v) {
                *x -= left * p + right * v;
            }
        }
        reflections.push(Reflection { tau, v });
    }
    let diagonal = a.iter().step_by(n + 1).copied().collect();
    (diagonal, off, reflections)
}

/// The eigenvectors, row by row: the reflections and then the rotations, applied to the unit matrix. Its columns do not know
/// of one another, so a few at a time go through all of it while they are in the cache.
fn vectors(reflections: &[Reflection], rotations: &[Rotation], n: usize) -> Vec<f64> {
    let work = 3_usize
        .saturating_mul(n)
        .saturating_mul(n)
        .saturating_mul(n);
    let strips = shares::in_order(n.div_ceil(STRIP), work, |strip| {
        let mut rows = vec![[0.0; STRIP]; n];
        for (lane, row) in rows.iter_mut().skip(strip * STRIP).take(STRIP).enumerate() {
            row[lane] = 1.0;
        }
        for Reflection { tau, v } in reflections {
            let rows = &mut rows[n - v.len()..];
            let mut sums = [0.0; STRIP];
            for (row, weight) in rows.iter().zip(v) {
                let each = sums.iter_mut().zip(row);
                each.for_each(|(sum, x)| *sum += weight * x);
            }
            for (row, weight) in rows.iter_mut().zip(v) {
                let factor = tau * weight;
                let each = row.iter_mut().zip(&sums);
                each.for_each(|(x, sum)| *x -= factor * sum);
            }
        }
        for Rotation { at, c, s } in rotations {
            if let Some([above, below]) = rows.get_mut(*at..at + 2) {
                for (x, y) in above.iter_mut().zip(below) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
            }
        }
        rows
    });
    let mut found = Vec::with_capacity(n * n);
    for i in 0..n {
        let mut left = n;
        for strip in &strips {
            found.extend_from_slice(&strip[i][..left.min(STRIP)]);
            left = left.saturating_sub(STRIP);
        }
    }
    found
}

/// Of the rows `at` and `at + 1` of the vectors, x becomes c x − s y and y becomes s x + c y.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    at: usize,
    c: f64,
    s: f64,
}

/// The eigenvalues of the matrix of `diagonal` and the values `off` beside it (as many, the last is not read) take the place
/// of `diagonal`; `rotated` is told of each rotation in order.
pub(crate) fn ql(
    diagonal: &mut [f64],
    off: &mut [f64],
    mut rotated: impl FnMut(Rotation),
) -> Option<()> {
    let n = diagonal.len();
    // A value beside the diagonal is nothing once it is below the rounding of the whole matrix: in a matrix of few
    // directions the others are rounding alone, which would never vanish beside itself.
    let norms = diagonal.iter().zip(&*off).map(|(d, e)| d.abs() + e.abs());
    let least = f64::EPSILON * norms.fold(0.0, f64::max);
    for l in 0..n {
        for step in 0.. {
            let small = |i: &usize| off[*i].abs() <= least;
            let m = (l..n - 1).find(small).unwrap_or(n - 1);
            if m == l {
                break;
            }
            if step == MOST_STEPS {
                return None;
            }
            let mut g = (diagonal[l + 1] - diagonal[l]) / (2.0 * off[l]);
            let r = g.hypot(1.0);
            g = diagonal[m] - diagonal[l] + off[l] / (g + r.copysign(g));
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            let mut ended = false;
            for i in (l..m).rev() {
                let (f, b) = (s * off[i], c * off[i]);
                let r = f.hypot(g);
                off[i + 1] = r;
                if r == 0.0 {
                    diagonal[i + 1] -= p;
                    off[m] = 0.0;
                    ended = true;
                    break;
                }
                (s, c) = (f / r, g / r);
                g = diagonal[i + 1] - p;
                let r = (diagonal[i] - g) * s + 2.0 * c * b;
                p = s * r;
                diagonal[i + 1] = g + p;
                g = c * r - b;
                rotated(Rotation { at: i, c, s });
            }
            if !ended {
                diagonal[l] -= p;
                off[l] = g;
                off[m] = 0.0;
            }
        }
    }
    diagonal.iter().all(|value| value.is_finite()).then_some(())
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn vectors_are_orthogonal_and_give_the_matrix_back(n in 1_usize..31, seed in 0_u64..1_000, zeros in 0_usize..4) {
            let mut draws = Draws::new(seed);
            let mut a = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..=i {
                    let value = if draws.below(4) < zeros { 0.0 } else { draws.bell() };
                    (a[i * n + j], a[j * n + i]) = (value, value);
                }
            }
            let (values, vectors) = symmetric_eigen(a.clone(), n).unwrap();
            prop_assert!(values.is_sorted_by(|x, y| x >= y));
            for i in 0..n {
                for j in 0..n {
                    let product = dot(&vectors[i * n..(i + 1) * n], &vectors[j * n..(j + 1) * n]);
                    prop_assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12);
                    let back: f64 = (0..n).map(|k| values[k] * vectors[k * n + i] * vectors[k * n + j]).sum();
                    prop_assert!((back - a[i * n + j]).abs() < 1e-12 * n as f64);
                }
            }
        }
    }

    #[test]
    fn matrices_of_any_scale_and_of_few_directions_have_values() {
        for scale in [1e-290, 1e-3, 1e290] {
            let (values, _) = symmetric_eigen(vec![scale; 49], 7).unwrap();
            assert!((values[0] / scale - 7.0).abs() < 1e-13, "{values:?}");
            assert!(values[1].abs() < 1e-14 * scale, "{values:?}");
        }
        assert_eq!(symmetric_eigen(vec![0.0; 9], 3).unwrap().0, [0.0; 3]);
    }

    #[test]
    fn a_matrix_without_numbers_has_no_values() {
        assert_eq!(symmetric_eigen(vec![f64::NAN; 4], 2), None);
        assert_eq!(symmetric_eigen(vec![1.0; 3], 2), None);
        assert_eq!(symmetric_eigen(vec![3.0], 1), Some((vec![3.0], vec![1.0])));
    }
}
