//! The definition, in `f64` and in the plainest loops.
use super::BatchNorm;
use crate::check::{Results, Tolerance};

/// Chains of 64 terms of rounding 6e-8 each, joined in `f64`; the coefficients of a channel are rounded to `f32`.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 2e-6,
    floor: 1e-2,
};

/// Output, moments, and the gradients of x, γ and β: from the moments of the rows, or from those given as (mean, variance).
pub(super) fn reference(
    norm: BatchNorm,
    [x, gain, shift]: [&[f64]; 3],
    given: Option<[&[f64]; 2]>,
    dy: &[f64],
) -> Results<f64> {
    let channels = norm.channels;
    let rows = x.len() / channels;
    let (mut y, mut dx) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    let (mut means, mut variances) = (Vec::new(), Vec::new());
    let (mut d_gain, mut d_shift) = (Vec::new(), Vec::new());
    for channel in 0..channels {
        let at = |row: usize| row * channels + channel;
        let mean_of =
            |value: &dyn Fn(usize) -> f64| (0..rows).map(value).sum::<f64>() / rows as f64;
        let (mean, variance) = match given {
            Some([mean, variance]) => (mean[channel], variance[channel]),
            None => {
                let mean = mean_of(&|row| x[at(row)]);
                (mean, mean_of(&|row| (x[at(row)] - mean).powi(2)))
            }
        };
        let inverse = 1.0 / (variance + norm.epsilon).sqrt();
        let normal = |row: usize| (x[at(row)] - mean) * inverse;
        for row in 0..rows {
            let sum = gain[channel] * normal(row) + shift[channel];
            y[at(row)] = norm.activation.apply(sum);
        }
        let slope = |row: usize| dy[at(row)] * norm.activation.slope(y[at(row)]);
        let (of_shift, of_gain) = (mean_of(&slope), mean_of(&|row| slope(row) * normal(row)));
        for row in 0..rows {
            let through = match given {
                Some(_) => 0.0,
                None => of_shift + normal(row) * of_gain,
            };
            dx[at(row)] = gain[channel] * inverse * (slope(row) - through);
        }
        means.push(mean);
        variances.push(variance);
        d_gain.push(of_gain * rows as f64);
        d_shift.push(of_shift * rows as f64);
    }
    Results::new([
        ("output", y),
        ("mean", means),
        ("variance", variances),
        ("d input", dx),
        ("d gain", d_gain),
        ("d shift", d_shift),
    ])
}
