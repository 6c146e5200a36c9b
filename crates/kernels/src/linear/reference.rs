//! The definition of the layer, in `f64` and in the plainest loops.
use super::Linear;
use crate::check::{Results, Tolerance};

/// The longest sums of the tests have a few hundred terms of rounding 6e-8 each; the largest error seen is 7.4e-7.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 1.5e-6,
    floor: 1e-2,
};

/// Output, and the gradients of what is given, from x, W, b and dy. Without a bias there is no gradient of it.
pub(crate) fn reference(
    layer: Linear,
    x: &[f64],
    w: &[f64],
    b: Option<&[f64]>,
    dy: &[f64],
) -> Results<f64> {
    let (inputs, outputs) = (layer.input, layer.output);
    let mut y = Vec::new();
    let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
    let mut db = b.map(|b| vec![0.0; b.len()]);
    for (row, x) in x.chunks_exact(inputs).enumerate() {
        for output in 0..outputs {
            let w = &w[output * inputs..][..inputs];
            let sum: f64 = w.iter().zip(x).map(|(w, x)| w * x).sum();
            let value = layer.activation.apply(sum + b.map_or(0.0, |b| b[output]));
            let slope = dy[row * outputs + output] * layer.activation.slope(value);
            y.push(value);
            for k in 0..inputs {
                dx[row * inputs + k] += slope * w[k];
                dw[output * inputs + k] += slope * x[k];
            }
            if let Some(db) = &mut db {
                db[output] += slope;
            }
        }
    }
    Results::new([("output", y), ("d input", dx), ("d weights", dw)]).with("d bias", db)
}
