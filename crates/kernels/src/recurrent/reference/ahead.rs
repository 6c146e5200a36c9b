//! The forward pass of the reference.
#![expect(
    clippy::needless_range_loop,
    reason = "the indices are those of the formulas"
)]

use super::{Outcome, Problem};
use crate::cell::{Cell, Source};
use crate::recurrent::normalise::EPSILON;

/// One step of one row.
pub(super) struct Step<const COLUMNS: usize, const STATES: usize, const KEPT: usize> {
    /// Where it stands in `[B, T]`.
    pub(super) place: usize,
    /// What the recurrent product read, F values.
    pub(super) fed: Vec<f64>,
    /// The gated state.
    pub(super) gated: Vec<f64>,
    /// For each column its values at mean 0 and variance 1, and one by its deviation.
    pub(super) normal: [(Vec<f64>, f64); COLUMNS],
    pub(super) units: Vec<Passage<STATES, KEPT>>,
}

/// One unit's passage through one step.
pub(super) struct Passage<const STATES: usize, const KEPT: usize> {
    pub(super) previous: [f64; STATES],
    /// Before the zoneout and the projection.
    pub(super) next: [f64; STATES],
    pub(super) kept: [f64; KEPT],
}

/// The row block of a matrix that belongs to each column, of those that have one.
pub(super) fn row_blocks<const COLUMNS: usize>(
    sources: [Source; COLUMNS],
    reads: fn(Source) -> bool,
) -> [Option<usize>; COLUMNS] {
    let mut count = 0;
    sources.map(|source| {
        reads(source).then(|| {
            count += 1;
            count - 1
        })
    })
}

fn normalised(values: &mut [f64], gain: &[f64], shift: &[f64]) -> (Vec<f64>, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    let scale = 1.0 / (variance + f64::from(EPSILON)).sqrt();
    let normal: Vec<f64> = values.iter().map(|x| (x - mean) * scale).collect();
    for (unit, value) in values.iter_mut().enumerate() {
        *value = normal[unit] * gain[unit] + shift[unit];
    }
    (normal, scale)
}

/// Σ_k matrix\[block · hidden + unit, k\]·vector\[k\].
fn product(matrix: &[f64], row: usize, vector: &[f64]) -> f64 {
    let weights = &matrix[row * vector.len()..][..vector.len()];
    weights.iter().zip(vector).map(|(w, x)| w * x).sum()
}

impl Problem {
    /// The steps of a row, and its states after them.
    pub(super) fn run_row<
        C,
        const COLUMNS: usize,
        const STATES: usize,
        const KEPT: usize,
        const UNITS: usize,
    >(
        &self,
        cell: &C,
        row: usize,
    ) -> (
        Vec<Step<COLUMNS, STATES, KEPT>>,
        Vec<Vec<f64>>,
        Vec<Vec<f64>>,
    )
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>,
    {
        let (inputs, hidden) = (self.input_size, self.hidden);
        let fed_width = self.fed_width(C::FED);
        let is_projected = self.options.projection.is_some();
        let input_blocks = row_blocks(C::SOURCES, Source::reads_input);
        let state_blocks = row_blocks(C::SOURCES, Source::reads_state);
        let mut states: Vec<Vec<f64>> = (0..STATES)
            .map(|state| {
                let width = self.state_width(state);
                self.initial[state][row * width..][..width].to_vec()
            })
            .collect();
        let (mut steps, mut outputs) = (Vec::new(), Vec::new());
        for place in self.places(row) {
            let x = &self.input[place * inputs..][..inputs];
            let fed: Vec<f64> = (0..fed_width)
                .map(|k| states[C::FED][k] * self.factor(row, fed_width, k))
                .collect();
            let mut columns: [Vec<f64>; COLUMNS] = std::array::from_fn(|column| {
                (0..hidden)
                    .map(|unit| {
                        let mut sum = match self.options.normalised {
                            true => 0.0,
                            false => self.bias[column * hidden + unit],
                        };
                        if let Some(block) = input_blocks[column] {
                            sum += product(&self.input_weights, block * hidden + unit, x);
                        }
                        if let Some(block) = state_blocks[column]
                            && !C::SOURCES[column].is_gated()
                        {
                            sum += product(&self.recurrent_weights, block * hidden + unit, &fed);
                        }
                        sum
                    })
                    .collect()
            });
            let mut normal: [(Vec<f64>, f64); COLUMNS] = std::array::from_fn(|_| (Vec::new(), 0.0));
            let mut normalise = |columns: &mut [Vec<f64>; COLUMNS], gated: bool| {
                for column in 0..COLUMNS {
                    if self.options.normalised && C::SOURCES[column].is_gated() == gated {
                        let part = column * hidden..(column + 1) * hidden;
                        let (gain, shift) = (&self.gain[part.clone()], &self.bias[part]);
                        normal[column] = normalised(&mut columns[column], gain, shift);
                    }
                }
            };
            normalise(&mut columns, false);
            let previous_of = |unit: usize| -> [f64; STATES] {
                std::array::from_fn(|state| match state {
                    0 if is_projected => 0.0,
                    _ => states[state][unit],
                })
            };
            let mut gated = Vec::new();
            if C::SOURCES.iter().any(|source| source.is_gated()) {
                for unit in 0..hidden {
                    let here = std::array::from_fn(|column| columns[column][unit]);
                    let (value, here) = cell.gate(here, previous_of(unit));
                    gated.push(value * self.factor(row, hidden, unit));
                    for (column, value) in columns.iter_mut().zip(here) {
                        column[unit] = value;
                    }
                }
                for column in 0..COLUMNS {
                    if let (Some(block), true) =
                        (state_blocks[column], C::SOURCES[column].is_gated())
                    {
                        for unit in 0..hidden {
                            columns[column][unit] +=
                                product(&self.recurrent_weights, block * hidden + unit, &gated);
                        }
                    }
                }
                normalise(&mut columns, true);
            }
            let units: Vec<Passage<STATES, KEPT>> = (0..hidden)
                .map(|unit| {
                    let here = std::array::from_fn(|column| columns[column][unit]);
                    let previous = previous_of(unit);
                    let (next, kept) = cell.forward(here, previous, self.unit_weights(unit));
                    Passage {
                        previous,
                        next,
                        kept,
                    }
                })
                .collect();
            for state in 0..STATES {
                let after: Vec<f64> = units
                    .iter()
                    .enumerate()
                    .map(|(unit, passage)| {
                        let stays = self.stays(state, place, unit);
                        stays * passage.previous[state] + (1.0 - stays) * passage.next[state]
                    })
                    .collect();
                states[state] = if state == 0 && is_projected {
                    (0..self.output_width())
                        .map(|output| product(&self.projection, output, &after))
                        .collect()
                } else {
                    after
                };
            }
            outputs.push(states[0].clone());
            steps.push(Step {
                place,
                fed,
                gated,
                normal,
                units,
            });
        }
        (steps, outputs, states)
    }
}

/// Runs a layer.
pub fn forward<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
    problem: &Problem,
) -> Outcome
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let width = problem.output_width();
    let mut output = vec![0.0; problem.batch * problem.time * width];
    let mut finals = problem.initial.clone();
    for row in 0..problem.batch {
        let (steps, outputs, states) = problem.run_row(cell, row);
        for (step, values) in steps.iter().zip(&outputs) {
            output[step.place * width..][..width].copy_from_slice(values);
        }
        for (state, (last, values)) in finals.iter_mut().zip(&states).enumerate() {
            let width = problem.state_width(state);
            last[row * width..][..width].copy_from_slice(values);
        }
    }
    Outcome { output, finals }
}
