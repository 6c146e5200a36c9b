//! Random orthogonal matrices.
use crate::random::Generator;

/// A random `[rows, columns]` matrix whose rows (or columns, if these are fewer) are orthonormal.
///
/// Gram–Schmidt on normal vectors is the QR decomposition with a positive diagonal. What is left of a
/// vector after the projections is again normal, in the space that remains, so its direction does not
/// depend on its length: a vector of which too little is left to be exact is drawn again without bending
/// the distribution.
pub(super) fn orthogonal(generator: &mut Generator, rows: usize, columns: usize) -> Vec<f64> {
    const LEAST_LEFT: f64 = 1e-3;
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut basis: Vec<f64> = Vec::with_capacity(count * length);
    while basis.len() < count * length {
        let mut vector: Vec<f64> = (0..length).map(|_| generator.normal()).collect();
        let drawn = dot(&vector, &vector);
        for unit in basis.chunks_exact(length) {
            let along = dot(unit, &vector);
            for (value, unit) in vector.iter_mut().zip(unit) {
                *value -= along * unit;
            }
        }
        let left = dot(&vector, &vector);
        if left > LEAST_LEFT * LEAST_LEFT * drawn {
            let scale = 1.0 / left.sqrt();
            basis.extend(vector.iter().map(|value| scale * value));
        }
    }
    if rows <= columns {
        return basis;
    }
    (0..rows * columns)
        .map(|place| basis[place % columns * length + place / columns])
        .collect()
}

/// In eight sums, always the same, so that it can be vectorised.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_eights, b_eights) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_eights
        .remainder()
        .iter()
        .zip(b_eights.remainder())
        .map(|(a, b)| a * b)
        .sum();
    let mut sums = [0.0; 8];
    for (a, b) in a_eights.zip(b_eights) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}
