//! Sequences made comparable: dimensions of one scale, sequences of one length.

/// Deviations smaller than this share of the largest value are rounding, not a shape.
const CONSTANT: f64 = 1e-12;

/// Where the values of a dimension lie. Mean and deviation are relative to the largest magnitude,
/// whose square could overflow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    largest: f64,
    mean: f64,
    deviation: f64,
}

/// The moments of each dimension over all steps of these sequences.
pub(super) fn moments<S: AsRef<[f64]>>(sequences: &[S], dims: usize) -> Vec<Moments> {
    let steps: usize = sequences.iter().map(|s| s.as_ref().len() / dims).sum();
    let each = |dim: usize| {
        let values = || {
            let sequences = sequences.iter();
            sequences.flat_map(move |s| s.as_ref()[dim..].iter().step_by(dims).copied())
        };
        let largest = values().fold(0.0_f64, |most, value| most.max(value.abs()));
        let largest = if largest > 0.0 { largest } else { 1.0 };
        let mean = values().map(|value| value / largest).sum::<f64>() / steps as f64;
        let squares = values().map(|value| (value / largest - mean).powi(2));
        Moments {
            largest,
            mean,
            deviation: (squares.sum::<f64>() / steps as f64).sqrt(),
        }
    };
    (0..dims).map(each).collect()
}

/// A sequence with the moments taken off; 0 in a dimension that is constant in them.
pub(super) fn normalised(values: &[f64], moments: &[Moments]) -> Vec<f64> {
    let scaled = |(value, of): (&f64, &Moments)| {
        if of.deviation > CONSTANT {
            (value / of.largest - of.mean) / of.deviation
        } else {
            0.0
        }
    };
    values
        .iter()
        .zip(moments.iter().cycle())
        .map(scaled)
        .collect()
}

/// As many steps, on straight lines between the given ones.
pub(super) fn resampled(values: &[f64], dims: usize, steps: usize) -> Vec<f64> {
    let given = values.len() / dims;
    if given == steps {
        return values.to_vec();
    }
    let mut out = Vec::with_capacity(steps * dims);
    for step in 0..steps {
        let place = step as f64 * (given - 1) as f64 / (steps - 1).max(1) as f64;
        let before = (place as usize).min(given - 1);
        let (after, share) = ((before + 1).min(given - 1), place - before as f64);
        for dim in 0..dims {
            let (a, b) = (values[before * dims + dim], values[after * dims + dim]);
            out.push(a + share * (b - a));
        }
    }
    out
}
