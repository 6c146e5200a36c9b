//! How large the gradient of the loss is at each step back in time.
//!
//! Back-propagation through time multiplies the gradient of the last state by one step's Jacobian
//! after another; whether that product shrinks or grows is whether the network can learn from what
//! is far back (Hochreiter 1991; Bengio, Simard and Frasconi 1994).

use serde::Serialize;

use super::spectrum::norm;
use super::unrolled::{Trace, Unrolled};

/// What counts as gone: this share of what the gradient is at the last step.
pub const GONE: f64 = 1e-3;

/// A quantity at each number of steps back, over the sequences that reach as far: the mean, and the band in
/// which 80 % of them lie.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Curve {
    /// The mean; `[k]`, k steps back.
    pub mean: Vec<f64>,
    /// The 10 % quantile.
    pub low: Vec<f64>,
    /// The 90 % quantile.
    pub high: Vec<f64>,
}

impl Curve {
    /// From the values of each sequence, `[k]` k steps back.
    pub(super) fn of(sequences: &[Vec<f64>]) -> Self {
        let mut curve = Self::default();
        for k in 0..sequences.iter().map(Vec::len).max().unwrap_or(0) {
            let reach = sequences.iter().filter_map(|values| values.get(k));
            let mut values: Vec<f64> = reach.copied().collect();
            values.sort_by(f64::total_cmp);
            curve
                .mean
                .push(values.iter().sum::<f64>() / values.len() as f64);
            curve.low.push(quantile(&values, 0.1));
            curve.high.push(quantile(&values, 0.9));
        }
        curve
    }
}

/// The quantile of values in rising order, linear between neighbours.
pub(super) fn quantile(sorted: &[f64], level: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = level * last as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(last);
    sorted[below] + part * (sorted[above] - sorted[below])
}

/// The norms of the loss's gradient at each step back in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GradientThroughTime {
    /// To all carried states at once.
    pub state: Curve,
    /// To the outputs h of all layers.
    pub hidden: Curve,
    /// To the cell states c of all layers; only the LSTM has them.
    pub cell: Option<Curve>,
    /// To what the recurrence reads.
    pub input: Curve,
    /// The fewest steps back at which the mean gradient to the state is below [`GONE`] of its value
    /// at the last step; nothing if it is not within the context.
    pub gone_after: Option<usize>,
    /// The largest mean gradient to the state at any step, over its value at the last step.
    pub largest_growth: f64,
    /// The last mean gradient to the state, over its value at the last step.
    pub left: f64,
}

/// Gathers the gradients of one sequence after another.
#[derive(Debug, Default)]
pub(super) struct Gradients {
    state: Vec<Vec<f64>>,
    hidden: Vec<Vec<f64>>,
    cell: Vec<Vec<f64>>,
    input: Vec<Vec<f64>>,
}

impl Gradients {
    /// Adds a sequence, with the gradient of its loss to the last carried states, `[carried]`.
    pub(super) fn add(&mut self, stack: &Unrolled, trace: &Trace, last: &[f64]) {
        let (mut state, mut hidden, mut cell, mut input) = (vec![], vec![], vec![], vec![]);
        let mut gradient = last.to_vec();
        for step in trace.steps.iter().rev() {
            let (h, c) = by_kind(stack, &gradient);
            state.push(norm(&gradient));
            hidden.push(norm(&h));
            cell.push(norm(&c));
            let (before, dx) = stack.pull_back(step, &gradient, true);
            input.push(norm(&dx));
            gradient = before;
        }
        self.state.push(state);
        self.hidden.push(hidden);
        self.cell.push(cell);
        self.input.push(input);
    }

    pub(super) fn result(&self, stack: &Unrolled) -> GradientThroughTime {
        let state = Curve::of(&self.state);
        let first = state.mean.first().copied().unwrap_or(0.0);
        let share = |value: f64| if first > 0.0 { value / first } else { f64::NAN };
        let gone_after = state.mean.iter().position(|value| share(*value) < GONE);
        let largest_growth = state
            .mean
            .iter()
            .map(|v| share(*v))
            .fold(f64::NAN, f64::max);
        let left = share(state.mean.last().copied().unwrap_or(f64::NAN));
        GradientThroughTime {
            hidden: Curve::of(&self.hidden),
            cell: (stack.cell().states() > 1).then(|| Curve::of(&self.cell)),
            input: Curve::of(&self.input),
            state,
            gone_after,
            largest_growth,
            left,
        }
    }
}

/// The parts of a vector of carried states that are h, and those that are c.
fn by_kind(stack: &Unrolled, carried: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let states = carried.len() / (stack.layers() * stack.hidden());
    let (mut h, mut c) = (Vec::new(), Vec::new());
    for (index, block) in carried.chunks_exact(stack.hidden()).enumerate() {
        if index % states == 0 { &mut h } else { &mut c }.extend_from_slice(block);
    }
    (h, c)
}
