//! The definition, in `f64`.
use super::Embedding;
use crate::check::{Results, Tolerance};

/// Copies are exact, and a sum of the tests has a few hundred terms of rounding 6e-8 each.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 1e-6,
    floor: 1e-2,
};

/// Output and gradient of the table.
pub(super) fn reference(
    sizes: Embedding,
    table: &[f64],
    ids: &[u32],
    output_gradient: &[f64],
) -> Results<f64> {
    let width = sizes.width;
    let (mut output, mut d_table) = (Vec::new(), vec![0.0; table.len()]);
    for (place, &id) in ids.iter().enumerate() {
        let row = id as usize * width..(id as usize + 1) * width;
        output.extend_from_slice(&table[row.clone()]);
        let gradient = &output_gradient[place * width..][..width];
        for (sum, gradient) in d_table[row].iter_mut().zip(gradient) {
            *sum += gradient;
        }
    }
    Results::new([("output", output), ("d table", d_table)])
}
