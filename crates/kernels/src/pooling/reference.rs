//! The definition, in `f64`.
use super::Kind;
use crate::check::{Results, Tolerance};

/// A maximum is exact; a mean of the tests has up to 40 terms of rounding 6e-8 each.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 1e-6,
    floor: 1e-2,
};

/// Output and gradient of the values, from the real steps of each row.
pub(super) fn reference(
    kind: Kind,
    [batch, time, features]: [usize; 3],
    real: &[Vec<usize>],
    values: &[f64],
    output_gradient: &[f64],
) -> Results<f64> {
    let mut output = vec![0.0; batch * features];
    let mut d_values = vec![0.0; values.len()];
    for (row, steps) in real.iter().enumerate() {
        for feature in 0..features {
            let at = |step: usize| (row * time + step) * features + feature;
            let pooled = row * features + feature;
            let dy = output_gradient[pooled];
            match kind {
                Kind::Max => {
                    let all = steps.iter().map(|step| values[at(*step)]);
                    let best = all.fold(f64::NEG_INFINITY, f64::max);
                    output[pooled] = best;
                    if let Some(step) = steps.iter().find(|step| values[at(**step)] == best) {
                        d_values[at(*step)] = dy;
                    }
                }
                Kind::Mean => {
                    let count = steps.len() as f64;
                    output[pooled] =
                        steps.iter().map(|step| values[at(*step)]).sum::<f64>() / count;
                    steps
                        .iter()
                        .for_each(|step| d_values[at(*step)] = dy / count);
                }
                Kind::Last => {
                    if let Some(step) = steps.last() {
                        output[pooled] = values[at(*step)];
                        d_values[at(*step)] = dy;
                    }
                }
            }
        }
    }
    Results::new([("output", output), ("d values", d_values)])
}
