//! Luma at another size: separable triangles, as wide as a pixel of the new image where it shrinks.

/// For each new pixel along one side, the first old one that it reads and the weights from there on, which sum to 1: those
/// of Pillow's `Image.resize(size, BILINEAR)`.
fn weights(from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
    let scale = from as f32 / to as f32;
    let reach = scale.max(1.0);
    (0..to)
        .map(|at| {
            let centre = (at as f32 + 0.5) * scale;
            let first = (centre - reach + 0.5).max(0.0) as usize;
            let last = ((centre + reach + 0.5) as usize).min(from);
            let triangle =
                |old: usize| (1.0 - ((old as f32 + 0.5 - centre) / reach).abs()).max(0.0);
            let mut weights: Vec<f32> = (first..last).map(triangle).collect();
            let sum: f32 = weights.iter().sum();
            for weight in &mut weights {
                *weight /= sum;
            }
            (first, weights)
        })
        .collect()
}

/// Values of shape \[height, width\] at another width.
fn widened(values: &[f32], from: usize, to: usize) -> Vec<f32> {
    let weights = weights(from, to);
    let mut out = Vec::with_capacity(values.len() / from * to);
    for row in values.chunks_exact(from) {
        for (first, weights) in &weights {
            out.push(weights.iter().zip(&row[*first..]).map(|(w, v)| w * v).sum());
        }
    }
    out
}

/// Values of shape \[rows, columns\] as \[columns, rows\].
fn transposed(values: &[f32], columns: usize) -> Vec<f32> {
    let of_column = |x: usize| values.iter().skip(x).step_by(columns).copied();
    (0..columns).flat_map(of_column).collect()
}

/// An image of shape \[height, width\] at another size; sizes are (width, height).
pub(super) fn resized(luma: &[f32], from: (usize, usize), to: (usize, usize)) -> Vec<f32> {
    let wide = transposed(&widened(luma, from.0, to.0), to.0);
    transposed(&widened(&wide, from.1, to.1), to.1)
}

/// An image scaled to half its size and back.
pub(super) fn halved_and_back(luma: &[f32], size: (usize, usize)) -> Vec<f32> {
    let half = (size.0.div_ceil(2), size.1.div_ceil(2));
    resized(&resized(luma, size, half), half, size)
}
