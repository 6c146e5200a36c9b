//! The definition, in `f64`: those of the affine layer and of the loss, one after the other, over the rows that count.
use super::{OutputLoss, PADDING};
use crate::check::{Results, Tolerance};
use crate::cross_entropy::{self, CrossEntropy};
use crate::linear::{self, Activation, Linear};

/// A logit of the tests is a sum of up to 131 terms; its rounding is a relative error of its exponential, and the gradients,
/// which are differences of shares of 1/N, carry it. The largest error seen is 5.9e-7.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 1.5e-6,
    floor: 5e-2,
};

/// Mean loss, losses of the rows, and gradients of what is given.
pub(super) fn reference(
    loss: OutputLoss,
    x: &[f64],
    w: &[f64],
    b: Option<&[f64]>,
    targets: &[u32],
) -> Results<f64> {
    let OutputLoss { input, classes, .. } = loss;
    let of_logits = |smoothing| CrossEntropy {
        classes,
        smoothing,
        class_weights: None,
    };
    let layer = Linear {
        input,
        output: classes,
        activation: Activation::Identity,
    };
    let real: Vec<usize> = (0..targets.len())
        .filter(|&row| targets[row] != PADDING)
        .collect();
    let x_real: Vec<f64> = (real.iter())
        .flat_map(|row| x[row * input..][..input].iter().copied())
        .collect();
    let counted: Vec<u32> = real.iter().map(|&row| targets[row]).collect();
    let linear = |slopes: &[f64]| linear::reference::reference(layer, &x_real, w, b, slopes);
    let logits = linear(&vec![0.0; real.len() * classes])["output"].clone();
    let found = cross_entropy::reference::reference(&of_logits(loss.smoothing), &logits, &counted);
    let gradients = linear(&found["d logits"]);
    let mut losses = vec![0.0; targets.len()];
    let mut dx = vec![0.0; x.len()];
    let rows = logits.chunks_exact(classes).zip(&counted);
    for (index, (&row, (logits, &target))) in real.iter().zip(rows).enumerate() {
        let alone = cross_entropy::reference::reference(&of_logits(0.0), logits, &[target]);
        losses[row] = alone["loss"][0];
        let from = &gradients["d input"][index * input..][..input];
        dx[row * input..][..input].copy_from_slice(from);
    }
    Results::new([
        ("loss", found["loss"].clone()),
        ("losses", losses),
        ("d input", dx),
        ("d weights", gradients["d weights"].clone()),
    ])
    .with("d bias", b.map(|_| gradients["d bias"].clone()))
}
