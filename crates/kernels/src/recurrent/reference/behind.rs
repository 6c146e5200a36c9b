//! The backward pass of the reference.
#![expect(
    clippy::needless_range_loop,
    reason = "the indices are those of the formulas"
)]

use super::ahead::{Step, row_blocks};
use super::{Gradient, Problem};
use crate::cell::{Cell, Source};

/// From the gradient of a normalised column to that of the column before, adding to those of gain and shift.
fn normalise_back(
    gradient: &mut [f64],
    (normal, scale): &(Vec<f64>, f64),
    gain: &[f64],
    d_gain: &mut [f64],
    d_shift: &mut [f64],
) {
    let count = gradient.len() as f64;
    for (unit, d) in gradient.iter_mut().enumerate() {
        d_gain[unit] += *d * normal[unit];
        d_shift[unit] += *d;
        *d *= gain[unit];
    }
    let mean = gradient.iter().sum::<f64>() / count;
    let product = gradient.iter().zip(normal).map(|(d, x)| d * x).sum::<f64>() / count;
    for (d, x) in gradient.iter_mut().zip(normal) {
        *d = (*d - mean - x * product) * scale;
    }
}

/// Gradients of a loss whose gradients to output and final states are given.
pub fn backward<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
    problem: &Problem,
    output_gradient: &[f64],
    finals_gradient: &[Vec<f64>],
) -> Gradient
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let zeros = |like: &[f64]| vec![0.0; like.len()];
    let mut gradient = Gradient {
        input: zeros(&problem.input),
        input_weights: zeros(&problem.input_weights),
        recurrent_weights: zeros(&problem.recurrent_weights),
        bias: zeros(&problem.bias),
        unit_weights: zeros(&problem.unit_weights),
        gain: zeros(&problem.gain),
        projection: zeros(&problem.projection),
        initial: problem.initial.iter().map(|state| zeros(state)).collect(),
    };
    let width = problem.output_width();
    for row in 0..problem.batch {
        let (steps, _, _) = problem.run_row(cell, row);
        let mut carry: Vec<Vec<f64>> = (0..STATES)
            .map(|state| {
                let width = problem.state_width(state);
                finals_gradient[state][row * width..][..width].to_vec()
            })
            .collect();
        for step in steps.iter().rev() {
            for (carry, dy) in carry[0]
                .iter_mut()
                .zip(&output_gradient[step.place * width..][..width])
            {
                *carry += dy;
            }
            carry = step_back(cell, problem, row, step, carry, &mut gradient);
        }
        for (state, carry) in carry.iter().enumerate() {
            let width = problem.state_width(state);
            gradient.initial[state][row * width..][..width].copy_from_slice(carry);
        }
    }
    gradient
}

/// One step: from the gradients of the states after it to those before it.
fn step_back<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>(
    cell: &C,
    problem: &Problem,
    row: usize,
    step: &Step<COLUMNS, STATES, KEPT>,
    after: Vec<Vec<f64>>,
    gradient: &mut Gradient,
) -> Vec<Vec<f64>>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let (inputs, hidden) = (problem.input_size, problem.hidden);
    let fed_width = problem.fed_width(C::FED);
    let is_projected = problem.options.projection.is_some();
    let input_blocks = row_blocks(C::SOURCES, Source::reads_input);
    let state_blocks = row_blocks(C::SOURCES, Source::reads_state);
    let mut after = after;
    let mut before: Vec<Vec<f64>> = (0..STATES)
        .map(|state| vec![0.0; problem.state_width(state)])
        .collect();
    if is_projected {
        let dr = std::mem::replace(&mut after[0], vec![0.0; hidden]);
        for (output, d) in dr.iter().enumerate() {
            for unit in 0..hidden {
                gradient.projection[output * hidden + unit] += d * step.units[unit].next[0];
                after[0][unit] += d * problem.projection[output * hidden + unit];
            }
        }
    }
    let mut columns: [Vec<f64>; COLUMNS] = std::array::from_fn(|_| vec![0.0; hidden]);
    for (unit, passage) in step.units.iter().enumerate() {
        let stays: [f64; STATES] =
            std::array::from_fn(|state| problem.stays(state, step.place, unit));
        let next = std::array::from_fn(|state| (1.0 - stays[state]) * after[state][unit]);
        let (of_columns, passed, of_units) = cell.backward(
            passage.kept,
            passage.previous,
            passage.next,
            problem.unit_weights(unit),
            next,
        );
        for (column, d) in columns.iter_mut().zip(of_columns) {
            column[unit] = d;
        }
        for state in 0..STATES {
            if state > 0 || !is_projected {
                before[state][unit] += passed[state] + stays[state] * after[state][unit];
            }
        }
        for (index, d) in of_units.iter().enumerate() {
            gradient.unit_weights[index * hidden + unit] += d;
        }
    }
    let through_normalisation =
        |columns: &mut [Vec<f64>; COLUMNS], gradient: &mut Gradient, gated: bool| {
            for column in 0..COLUMNS {
                if problem.options.normalised && C::SOURCES[column].is_gated() == gated {
                    let part = column * hidden..(column + 1) * hidden;
                    normalise_back(
                        &mut columns[column],
                        &step.normal[column],
                        &problem.gain[part.clone()],
                        &mut gradient.gain[part.clone()],
                        &mut gradient.bias[part],
                    );
                }
            }
        };
    through_normalisation(&mut columns, gradient, true);
    let gated = (0..COLUMNS).find(|&column| C::SOURCES[column].is_gated());
    if gated.is_some() {
        let mut d_gated = vec![0.0; hidden];
        for column in 0..COLUMNS {
            let (Some(block), true) = (state_blocks[column], C::SOURCES[column].is_gated()) else {
                continue;
            };
            for unit in 0..hidden {
                let d = columns[column][unit];
                for k in 0..hidden {
                    let at = (block * hidden + unit) * hidden + k;
                    gradient.recurrent_weights[at] += d * step.gated[k];
                    d_gated[k] += d * problem.recurrent_weights[at];
                }
            }
        }
        for (unit, passage) in step.units.iter().enumerate() {
            let d = d_gated[unit] * problem.factor(row, hidden, unit);
            let (of_columns, passed) = cell.gate_backward(passage.kept, passage.previous, d);
            for (column, d) in of_columns.iter().enumerate() {
                if !C::SOURCES[column].is_gated() {
                    columns[column][unit] += d;
                }
            }
            for (before, passed) in before.iter_mut().zip(passed) {
                before[unit] += passed;
            }
        }
    }
    through_normalisation(&mut columns, gradient, false);
    for column in 0..COLUMNS {
        for unit in 0..hidden {
            let d = columns[column][unit];
            if !problem.options.normalised {
                gradient.bias[column * hidden + unit] += d;
            }
            if let Some(block) = input_blocks[column] {
                for k in 0..inputs {
                    let (at, x) = (
                        (block * hidden + unit) * inputs + k,
                        step.place * inputs + k,
                    );
                    gradient.input_weights[at] += d * problem.input[x];
                    gradient.input[x] += d * problem.input_weights[at];
                }
            }
            if let (Some(block), false) = (state_blocks[column], C::SOURCES[column].is_gated()) {
                for k in 0..fed_width {
                    let at = (block * hidden + unit) * fed_width + k;
                    gradient.recurrent_weights[at] += d * step.fed[k];
                    before[C::FED][k] +=
                        d * problem.recurrent_weights[at] * problem.factor(row, fed_width, k);
                }
            }
        }
    }
    before
}
