//! The penalised cross-entropy with its gradient, and the probabilities they come from.

use super::{Labelled, Rows};

/// The sizes of a regression. Of one or two classes the first has no output: its logit is 0. Of more
/// each has one, as in scikit-learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) columns: usize,
    pub(super) classes: usize,
    pub(super) outputs: usize,
}

impl Shape {
    pub(super) fn new(columns: usize, classes: usize) -> Self {
        Shape {
            columns,
            classes,
            outputs: if classes <= 2 {
                classes.saturating_sub(1)
            } else {
                classes
            },
        }
    }

    /// Classes without an output.
    pub(super) fn implied(self) -> usize {
        self.classes - self.outputs
    }

    /// Weights and intercepts.
    pub(super) fn weights(self) -> usize {
        self.columns.saturating_add(1).saturating_mul(self.outputs)
    }
}

/// Calls with the index and value of each feature of a row that may differ from 0.
fn each(rows: Rows<'_>, row: usize, mut call: impl FnMut(usize, f64)) {
    match rows {
        Rows::Sparse { rows, .. } => {
            for (column, value) in &rows[row] {
                call(*column as usize, f64::from(*value));
            }
        }
        Rows::Dense { values, columns } => {
            let values = &values[row * columns..(row + 1) * columns];
            for (column, value) in values.iter().enumerate() {
                call(column, f64::from(*value));
            }
        }
    }
}

/// Writes the logits of a row.
pub(super) fn logits(rows: Rows<'_>, row: usize, shape: Shape, weights: &[f64], out: &mut [f64]) {
    let outputs = shape.outputs;
    let intercepts = &weights[shape.columns * outputs..];
    if let ([out], [intercept]) = (&mut *out, intercepts) {
        let mut sum = *intercept;
        each(rows, row, |column, value| sum += value * weights[column]);
        *out = sum;
        return;
    }
    out.copy_from_slice(intercepts);
    each(rows, row, |column, value| {
        let of_column = &weights[column * outputs..(column + 1) * outputs];
        for (out, weight) in out.iter_mut().zip(of_column) {
            *out += value * weight;
        }
    });
}

/// Turns logits into probabilities and returns the logarithm of the sum of their exponentials, in
/// both with those of the classes that have no output.
fn normalise(logits: &mut [f64], implied: usize) -> f64 {
    let least = if implied > 0 { 0.0 } else { f64::NEG_INFINITY };
    let most = logits.iter().copied().fold(least, f64::max);
    let mut sum = implied as f64 * (-most).exp();
    for z in &mut *logits {
        *z = (*z - most).exp();
        sum += *z;
    }
    logits.iter_mut().for_each(|p| *p /= sum);
    most + sum.ln()
}

/// The mean over the examples of cross-entropy and penalty, and its gradient by the weights. `row`
/// holds the outputs of one example.
pub(super) fn loss(
    examples: Labelled<'_>,
    shape: Shape,
    strength: f64,
    weights: &[f64],
    gradient: &mut [f64],
    row: &mut [f64],
) -> f64 {
    let Labelled { rows, labels } = examples;
    let (outputs, share) = (shape.outputs, 1.0 / labels.len() as f64);
    let penalised = shape.columns * outputs;
    for (g, w) in gradient.iter_mut().zip(&weights[..penalised]) {
        *g = strength * share * w;
    }
    gradient[penalised..].fill(0.0);
    let mut sum = 0.0;
    for (index, label) in labels.iter().enumerate() {
        logits(rows, index, shape, weights, row);
        let own = label.checked_sub(shape.implied());
        let of_label = own.map_or(0.0, |output| row[output]);
        sum += normalise(row, shape.implied()) - of_label;
        if let Some(output) = own {
            row[output] -= 1.0;
        }
        row.iter_mut().for_each(|p| *p *= share);
        if let [slope] = *row {
            each(rows, index, |column, value| {
                gradient[column] += value * slope
            });
        } else {
            each(rows, index, |column, value| {
                let of_column = &mut gradient[column * outputs..(column + 1) * outputs];
                for (g, p) in of_column.iter_mut().zip(&*row) {
                    *g += value * p;
                }
            });
        }
        for (g, p) in gradient[penalised..].iter_mut().zip(&*row) {
            *g += p;
        }
    }
    let squares: f64 = weights[..penalised].iter().map(|w| w * w).sum();
    share * (sum + 0.5 * strength * squares)
}
