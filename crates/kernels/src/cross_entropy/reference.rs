//! The definition, in `f64`.
use super::CrossEntropy;
use crate::check::{Results, Tolerance};

/// Of the loss and of the gradient: an exponential is off by 8.5e-8, a chain of a sum by a few roundings more. A gradient
/// is a difference of shares of 1/W, so one that is all but zero is held to the size of those.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 1e-6,
    floor: 5e-2,
};

/// Loss and gradient of the logits.
pub(crate) fn reference(loss: &CrossEntropy<'_>, logits: &[f64], targets: &[u32]) -> Results<f64> {
    let classes = loss.classes;
    let weight = |class: usize| loss.weight(class as u32);
    let total = loss.total_weight(targets);
    let (mut mean, mut gradient) = (0.0, Vec::new());
    for (x, &target) in logits.chunks_exact(classes).zip(targets) {
        let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = x.iter().map(|x| (x - largest).exp()).sum();
        // The target of each class: what it should have, times its weight.
        let wanted = |class: usize| {
            let own = f64::from(u8::from(class == target as usize));
            let evenly = loss.smoothing / classes as f64;
            weight(class) * ((1.0 - loss.smoothing) * own + evenly)
        };
        let all: f64 = (0..classes).map(wanted).sum();
        for (class, x) in x.iter().enumerate() {
            let logarithm = x - largest - sum.ln();
            mean -= wanted(class) * logarithm / total;
            gradient.push((all * logarithm.exp() - wanted(class)) / total);
        }
    }
    Results::new([("loss", vec![mean]), ("d logits", gradient)])
}
