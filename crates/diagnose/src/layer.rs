//! The parameters of a recurrent layer, what it did in one step, and the loops over its units.

use super::number::Number;

/// Added to the variance of a normalised column.
const EPSILON: f64 = 1e-5;

/// The parameters of one layer, row-major, in the order in which its cell names its columns.
#[derive(Debug, Clone, Default)]
pub struct LayerWeights {
    /// `[columns that read the input · hidden, input]`.
    pub input: Vec<f64>,
    /// `[columns that read the state · hidden, hidden]`.
    pub recurrent: Vec<f64>,
    /// `[columns · hidden]`.
    pub bias: Vec<f64>,
    /// `[unit weights, hidden]`: peepholes.
    pub units: Vec<f64>,
    /// `[columns · hidden]` of a normalised layer, empty of others.
    pub gain: Vec<f64>,
}

/// A layer's parameters and sizes.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) input: usize,
    pub(super) hidden: usize,
    /// The share of each state that stays as it was.
    pub(super) zoneout: f64,
    pub(super) weights: LayerWeights,
}

/// What one layer did in one step.
#[derive(Debug, Clone)]
pub struct LayerStep {
    /// The values of `AnyCell::gates`, `hidden` of each.
    pub gates: Vec<f64>,
    /// The states after the step: h, then c of the LSTM.
    pub after: Vec<f64>,
    pub(super) before: Vec<f64>,
    /// The products of each column, without what reads the gated state: `[columns, hidden]`.
    pub(super) sums: Vec<f64>,
    /// What the formula keeps for its way back: `[kept, hidden]`.
    pub(super) kept: Vec<f64>,
    /// The states before the zoneout.
    pub(super) next: Vec<f64>,
    /// Of each normalised column the values at mean 0 and variance 1, and one by the deviation.
    pub(super) normal: Vec<(Vec<f64>, f64)>,
}

/// Each kind of unit weight, `hidden` of it.
pub(super) fn units<const UNITS: usize>(layer: &Layer) -> [&[f64]; UNITS] {
    let n = layer.hidden;
    std::array::from_fn(|kind| &layer.weights.units[kind * n..(kind + 1) * n])
}

/// Brings a column to mean 0 and variance 1 over its units, then to `gain` and `shift`.
pub(super) fn normalised<N: Number>(column: &mut [N], gain: &[f64], shift: &[f64]) -> (Vec<N>, N) {
    let share = N::of(1.0 / column.len() as f64);
    let sum = |values: &[N]| values.iter().fold(N::of(0.0), |sum, value| sum.add(value));
    let mean = sum(column).mul(&share);
    let apart: Vec<N> = column.iter().map(|value| value.sub(&mean)).collect();
    let squares: Vec<N> = apart.iter().map(|value| value.mul(value)).collect();
    let variance = sum(&squares).mul(&share);
    let scale = variance.add(&N::of(EPSILON)).inverse_root();
    let normal: Vec<N> = apart.iter().map(|value| value.mul(&scale)).collect();
    for (place, value) in column.iter_mut().enumerate() {
        *value = normal[place].mul_add(&N::of(gain[place]), &N::of(shift[place]));
    }
    (normal, scale)
}

/// Row `row` of a matrix whose rows are as long as `x`, times `x`.
pub(super) fn dot(matrix: &[f64], row: usize, x: &[f64]) -> f64 {
    let row = &matrix[row * x.len()..(row + 1) * x.len()];
    row.iter().zip(x).map(|(a, b)| a * b).sum()
}

/// `sum += row · matrix`, the matrix as wide as `sum`.
pub(super) fn times(row: &[f64], matrix: &[f64], sum: &mut [f64]) {
    for (factor, line) in row.iter().zip(matrix.chunks_exact(sum.len())) {
        for (sum, value) in sum.iter_mut().zip(line) {
            *sum += factor * value;
        }
    }
}
