//! The definition, in `f64`.
use super::BinaryCrossEntropy;
use crate::check::{Results, Tolerance};

/// Of the loss and of the gradient: an exponential is off by 8.5e-8, a logistic function by 1.5e-7, a target times its
/// weight by a rounding or two. A gradient is a difference of shares of 1/(rows · C), so one that is all but zero is held
/// to the size of those.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 1e-6,
    floor: 5e-2,
};

/// Loss and gradient of the logits.
pub(super) fn reference(
    loss: &BinaryCrossEntropy<'_>,
    logits: &[f64],
    targets: &[f32],
) -> Results<f64> {
    let scale = 1.0 / logits.len() as f64;
    let (mut mean, mut gradient) = (0.0, Vec::new());
    for (place, (x, target)) in logits.iter().zip(targets).enumerate() {
        let weight = loss.positive_weights;
        let weight = weight.map_or(1.0, |weights| f64::from(weights[place % loss.classes]));
        let y = (1.0 - loss.smoothing) * f64::from(*target) + loss.smoothing / 2.0;
        let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
        mean += scale * (weight * y * softplus(-x) + (1.0 - y) * softplus(*x));
        let logistic = 1.0 / (1.0 + (-x).exp());
        gradient.push(scale * ((weight * y + 1.0 - y) * logistic - weight * y));
    }
    Results::new([("loss", vec![mean]), ("d logits", gradient)])
}
