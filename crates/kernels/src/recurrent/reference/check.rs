//! Central differences against the reference's own gradients.
use super::{Problem, backward, forward};
use crate::cell::{Cell, Source};
use crate::recurrent::Options;

/// Pseudo-random numbers on ±0.8. A linear congruence is enough to fill a test problem (Knuth's MMIX constants).
struct Draw(u64);

impl Draw {
    fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count)
            .map(|_| {
                self.0 = self
                    .0
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (self.0 >> 40) as f64 / f64::from(1u32 << 24) * 1.6 - 0.8
            })
            .collect()
    }
}

/// A small problem with unequal sizes and lengths for a cell, its numbers drawn from `seed`.
pub fn small_problem<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    _cell: &C,
    options: Options,
    seed: u64,
) -> Problem
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let mut draw = Draw(seed.wrapping_mul(2).wrapping_add(1));
    let (batch, time, input_size, hidden) = (3, 5, 2, 4);
    let reads =
        |reads: fn(Source) -> bool| C::SOURCES.iter().filter(|source| reads(**source)).count();
    let output = options.projection.unwrap_or(hidden);
    let fed = if C::FED == 0 { output } else { hidden };
    let normalised = if options.normalised { COLUMNS } else { 0 };
    let projected = options.projection.unwrap_or(0);
    Problem {
        batch,
        time,
        input_size,
        hidden,
        input: draw.numbers(batch * time * input_size),
        lengths: vec![5, 2, 4],
        initial: (0..STATES)
            .map(|state| draw.numbers(batch * if state == 0 { output } else { hidden }))
            .collect(),
        input_weights: draw.numbers(reads(Source::reads_input) * hidden * input_size),
        recurrent_weights: draw.numbers(reads(Source::reads_state) * hidden * fed),
        bias: draw.numbers(COLUMNS * hidden),
        unit_weights: draw.numbers(UNITS * hidden),
        gain: draw
            .numbers(normalised * hidden)
            .iter()
            .map(|gain| 1.0 + gain / 2.0)
            .collect(),
        projection: draw.numbers(projected * hidden),
        options,
        ..Problem::default()
    }
}

/// Checks a cell's backward formula against central differences of its forward one, in `f64`, over every
/// input, parameter and initial state of a small problem. Returns the largest error relative to the
/// largest gradient; a right formula gives less than 1e-8, a wrong one about 1.
pub fn check_gradients<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
) -> f64
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    check_gradients_of(cell, &small_problem(cell, Options::default(), 7))
}

/// As [`check_gradients`], on a problem of one's own.
pub fn check_gradients_of<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
    problem: &Problem,
) -> f64
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    // A normalisation is curved on the scale of √ε.
    let step = if problem.options.normalised {
        1e-6
    } else {
        1e-5
    };
    let outcome = forward(cell, problem);
    // The loss is a weighted sum of everything the layer gives.
    let weight = |index: usize| ((index * 7 + 3) % 11) as f64 / 11.0 - 0.4;
    let loss = |problem: &Problem| -> f64 {
        let outcome = forward(cell, problem);
        let all = outcome.output.iter().chain(outcome.finals.iter().flatten());
        all.enumerate().map(|(index, y)| weight(index) * y).sum()
    };
    let dy: Vec<f64> = (0..outcome.output.len()).map(weight).collect();
    let mut from = dy.len();
    let finals: Vec<Vec<f64>> = outcome
        .finals
        .iter()
        .map(|state| {
            from += state.len();
            (from - state.len()..from).map(weight).collect()
        })
        .collect();
    let gradient = backward(cell, problem, &dy, &finals);
    type Pick = fn(&mut Problem) -> Vec<&mut f64>;
    let picks: [(Pick, Vec<f64>); 8] = [
        (|p| p.input.iter_mut().collect(), gradient.input),
        (
            |p| p.input_weights.iter_mut().collect(),
            gradient.input_weights,
        ),
        (
            |p| p.recurrent_weights.iter_mut().collect(),
            gradient.recurrent_weights,
        ),
        (|p| p.bias.iter_mut().collect(), gradient.bias),
        (
            |p| p.unit_weights.iter_mut().collect(),
            gradient.unit_weights,
        ),
        (|p| p.gain.iter_mut().collect(), gradient.gain),
        (|p| p.projection.iter_mut().collect(), gradient.projection),
        (
            |p| p.initial.iter_mut().flatten().collect(),
            gradient.initial.concat(),
        ),
    ];
    let (mut error, mut largest) = (0.0f64, 0.0f64);
    for (pick, claimed) in picks {
        for (index, claimed) in claimed.into_iter().enumerate() {
            let at = |shift: f64| {
                let mut moved = problem.clone();
                *pick(&mut moved)[index] += shift;
                loss(&moved)
            };
            let measured = (at(step) - at(-step)) / (2.0 * step);
            error = error.max((measured - claimed).abs());
            largest = largest.max(measured.abs());
        }
    }
    error / largest
}
