//! Images at another size: separable triangles, as wide as a pixel of the new image where it shrinks.
//!
//! So no pixel of a large image is passed over, which would make patterns that it does not have.

/// The pixels (red, green, blue, from 0 to 1) of an image of bytes at another size, row after row.
///
/// Weights are those of Pillow's `Image.resize(size, BILINEAR)`, without its rounding to bytes.
pub(super) fn resized(rgb: &[u8], from: (usize, usize), to: (usize, usize)) -> Vec<f64> {
    let (columns, rows) = (weights(from.0, to.0), weights(from.1, to.1));
    // Only the rows that are still wanted are kept, so that a large image needs little more room.
    let mut narrow: Vec<Vec<f64>> = Vec::new();
    let mut first_kept = 0;
    let mut pixels = Vec::with_capacity(3 * to.0 * to.1);
    for (first, weights) in &rows {
        while first_kept < *first && !narrow.is_empty() {
            narrow.remove(0);
            first_kept += 1;
        }
        first_kept = first_kept.max(*first);
        while first_kept + narrow.len() < first + weights.len() {
            let row = first_kept + narrow.len();
            let row = rgb.get(3 * row * from.0..3 * (row + 1) * from.0);
            narrow.push(across(row.unwrap_or_default(), &columns));
        }
        for at in 0..3 * to.0 {
            let column = narrow.iter().map(|row| row[at]);
            pixels.push(weights.iter().zip(column).map(|(w, v)| w * v).sum());
        }
    }
    pixels
}

/// A row brought to the new width.
fn across(row: &[u8], columns: &[(usize, Vec<f64>)]) -> Vec<f64> {
    let mut narrow = Vec::with_capacity(3 * columns.len());
    for (first, weights) in columns {
        let mut sum = [0.0; 3];
        for (weight, pixel) in weights.iter().zip(row.chunks_exact(3).skip(*first)) {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += weight * f64::from(*value);
            }
        }
        narrow.extend(sum.map(|sum| sum / 255.0));
    }
    narrow
}

/// For each new pixel along one side, the first old one that it reads and the weights from there on,
/// which sum to 1.
fn weights(from: usize, to: usize) -> Vec<(usize, Vec<f64>)> {
    let scale = from as f64 / to as f64;
    let reach = scale.max(1.0);
    (0..to)
        .map(|at| {
            let centre = (at as f64 + 0.5) * scale;
            let first = (centre - reach + 0.5).max(0.0) as usize;
            let last = ((centre + reach + 0.5) as usize).min(from);
            let triangle =
                |old: usize| (1.0 - ((old as f64 + 0.5 - centre) / reach).abs()).max(0.0);
            let mut weights: Vec<f64> = (first..last).map(triangle).collect();
            let sum: f64 = weights.iter().sum();
            for weight in &mut weights {
                *weight /= sum;
            }
            (first, weights)
        })
        .collect()
}
