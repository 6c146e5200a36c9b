//! The definition of a step, in `f64`: Loshchilov & Hutter 2019, algorithm 2, with PyTorch's order of ε.
use super::AdamW;
use crate::check::Tolerance;

/// Of parameters and moments after a few steps; the largest error seen is 2.1e-7.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 4e-7,
    floor: 1e-9,
};

/// Parameter, first and second moment after a step.
pub(super) fn reference(settings: &AdamW, theta: f64, gradient: f64, m: f64, v: f64) -> [f64; 3] {
    let g = gradient * settings.gradient_scale;
    let m = settings.beta1 * m + (1.0 - settings.beta1) * g;
    let v = settings.beta2 * v + (1.0 - settings.beta2) * g * g;
    let corrected = |moment: f64, beta: f64| moment / (1.0 - beta.powf(settings.step as f64));
    let (m_hat, v_hat) = (corrected(m, settings.beta1), corrected(v, settings.beta2));
    let theta = theta * (1.0 - settings.learning_rate * settings.weight_decay);
    let theta = theta - settings.learning_rate * m_hat / (v_hat.sqrt() + settings.epsilon);
    [theta, m, v]
}
