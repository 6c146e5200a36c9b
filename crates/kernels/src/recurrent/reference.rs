//! The definition of a recurrent layer, in `f64` and in the plainest loops: what the fast paths are held
//! to, and a gradient check for a cell of one's own.
use crate::cell::Cell;

/// A layer and a batch, in `f64`; shapes as in [`crate::recurrent`].
#[derive(Debug, Clone)]
pub struct Problem {
    /// B.
    pub batch: usize,
    /// T.
    pub time: usize,
    /// I.
    pub input_size: usize,
    /// H.
    pub hidden: usize,
    /// `[B, T, I]`.
    pub input: Vec<f64>,
    /// Real steps of each row.
    pub lengths: Vec<usize>,
    /// Read from the last real step to the first.
    pub reverse: bool,
    /// `[B, H]` for each state.
    pub initial: Vec<Vec<f64>>,
    /// W.
    pub input_weights: Vec<f64>,
    /// U.
    pub recurrent_weights: Vec<f64>,
    /// The bias of every column.
    pub bias: Vec<f64>,
}

/// What a forward pass gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// `[B, T, H]`, zero at padding.
    pub output: Vec<f64>,
    /// `[B, H]` for each state.
    pub finals: Vec<Vec<f64>>,
}

/// What a backward pass gives; shapes of the values they belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// Of the input.
    pub input: Vec<f64>,
    /// Of W.
    pub input_weights: Vec<f64>,
    /// Of U.
    pub recurrent_weights: Vec<f64>,
    /// Of the bias.
    pub bias: Vec<f64>,
    /// Of the initial states.
    pub initial: Vec<Vec<f64>>,
}

/// One unit's passage through one step.
struct Passage<const STATES: usize, const KEPT: usize> {
    previous: [f64; STATES],
    next: [f64; STATES],
    kept: [f64; KEPT],
}

/// The steps of one row, each with its units.
type Row<const STATES: usize, const KEPT: usize> = Vec<Vec<Passage<STATES, KEPT>>>;

impl Problem {
    fn place(&self, row: usize, step: usize) -> usize {
        let time = if self.reverse {
            self.lengths[row] - 1 - step
        } else {
            step
        };
        row * self.time + time
    }

    fn run_row<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
        &self,
        cell: &C,
        row: usize,
    ) -> Row<STATES, KEPT>
    where
        C: Cell<COLUMNS, STATES, KEPT>,
    {
        let (inputs, hidden) = (self.input_size, self.hidden);
        let mut states: Vec<[f64; STATES]> = (0..hidden)
            .map(|unit| std::array::from_fn(|state| self.initial[state][row * hidden + unit]))
            .collect();
        (0..self.lengths[row])
            .map(|step| {
                let x = &self.input[self.place(row, step) * inputs..][..inputs];
                let passages: Vec<Passage<STATES, KEPT>> = (0..hidden)
                    .map(|unit| {
                        let (mut input_row, mut state_row) = (unit, unit);
                        let columns: [f64; COLUMNS] = std::array::from_fn(|column| {
                            let mut sum = self.bias[column * hidden + unit];
                            if C::SOURCES[column].reads_input() {
                                let w = &self.input_weights[input_row * inputs..][..inputs];
                                sum += w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
                                input_row += hidden;
                            }
                            if C::SOURCES[column].reads_state() {
                                let u = &self.recurrent_weights[state_row * hidden..][..hidden];
                                sum += u.iter().zip(&states).map(|(u, h)| u * h[0]).sum::<f64>();
                                state_row += hidden;
                            }
                            sum
                        });
                        let (next, kept) = cell.forward(columns, states[unit]);
                        Passage {
                            previous: states[unit],
                            next,
                            kept,
                        }
                    })
                    .collect();
                for (state, passage) in states.iter_mut().zip(&passages) {
                    *state = passage.next;
                }
                passages
            })
            .collect()
    }
}

/// Runs a layer.
pub fn forward<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
    cell: &C,
    problem: &Problem,
) -> Outcome
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    let hidden = problem.hidden;
    let mut output = vec![0.0; problem.batch * problem.time * hidden];
    let mut finals = problem.initial.clone();
    for row in 0..problem.batch {
        let steps = problem.run_row(cell, row);
        for (step, units) in steps.iter().enumerate() {
            let to = problem.place(row, step) * hidden;
            for (unit, passage) in units.iter().enumerate() {
                output[to + unit] = passage.next[0];
                for (state, last) in finals.iter_mut().enumerate() {
                    last[row * hidden + unit] = passage.next[state];
                }
            }
        }
    }
    Outcome { output, finals }
}

/// Gradients of a loss whose gradients to output and final states are given.
pub fn backward<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
    cell: &C,
    problem: &Problem,
    output_gradient: &[f64],
    finals_gradient: &[Vec<f64>],
) -> Gradient
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    let (inputs, hidden) = (problem.input_size, problem.hidden);
    let zeros = |like: &[f64]| vec![0.0; like.len()];
    let mut gradient = Gradient {
        input: zeros(&problem.input),
        input_weights: zeros(&problem.input_weights),
        recurrent_weights: zeros(&problem.recurrent_weights),
        bias: zeros(&problem.bias),
        initial: problem.initial.iter().map(|state| zeros(state)).collect(),
    };
    for row in 0..problem.batch {
        let steps = problem.run_row(cell, row);
        let mut carry: Vec<[f64; STATES]> = (0..hidden)
            .map(|unit| std::array::from_fn(|state| finals_gradient[state][row * hidden + unit]))
            .collect();
        for (step, units) in steps.iter().enumerate().rev() {
            let place = problem.place(row, step);
            let mut through = vec![0.0; hidden];
            for (unit, passage) in units.iter().enumerate() {
                let mut next = carry[unit];
                next[0] += output_gradient[place * hidden + unit];
                let (columns, passed) =
                    cell.backward(passage.kept, passage.previous, passage.next, next);
                carry[unit] = passed;
                let (mut input_row, mut state_row) = (unit, unit);
                for (column, &d) in columns.iter().enumerate() {
                    gradient.bias[column * hidden + unit] += d;
                    if C::SOURCES[column].reads_input() {
                        for k in 0..inputs {
                            gradient.input_weights[input_row * inputs + k] +=
                                d * problem.input[place * inputs + k];
                            gradient.input[place * inputs + k] +=
                                d * problem.input_weights[input_row * inputs + k];
                        }
                        input_row += hidden;
                    }
                    if C::SOURCES[column].reads_state() {
                        for k in 0..hidden {
                            gradient.recurrent_weights[state_row * hidden + k] +=
                                d * units[k].previous[0];
                            through[k] += d * problem.recurrent_weights[state_row * hidden + k];
                        }
                        state_row += hidden;
                    }
                }
            }
            for (carry, through) in carry.iter_mut().zip(through) {
                carry[0] += through;
            }
        }
        for (unit, carry) in carry.iter().enumerate() {
            for (state, value) in carry.iter().enumerate() {
                gradient.initial[state][row * hidden + unit] = *value;
            }
        }
    }
    gradient
}

/// A small problem with unequal sizes and lengths for a cell, its numbers drawn from `seed`.
pub fn small_problem<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
    _cell: &C,
    seed: u64,
) -> Problem
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    // A linear congruence is enough to fill a test problem (Knuth's MMIX constants).
    let mut draw = |count: usize| -> Vec<f64> {
        (0..count)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f64 / f64::from(1u32 << 24) * 1.6 - 0.8
            })
            .collect()
    };
    let (batch, time, input_size, hidden) = (3, 5, 2, 4);
    let reads = |reads: fn(crate::cell::Source) -> bool| {
        C::SOURCES.iter().filter(|source| reads(**source)).count()
    };
    Problem {
        batch,
        time,
        input_size,
        hidden,
        input: draw(batch * time * input_size),
        lengths: vec![5, 2, 4],
        reverse: false,
        initial: (0..STATES).map(|_| draw(batch * hidden)).collect(),
        input_weights: draw(reads(crate::cell::Source::reads_input) * hidden * input_size),
        recurrent_weights: draw(reads(crate::cell::Source::reads_state) * hidden * hidden),
        bias: draw(COLUMNS * hidden),
    }
}

/// Checks a cell's backward formula against central differences of its forward one, in `f64`, over every
/// input, parameter and initial state of a small problem. Returns the largest error relative to the
/// largest gradient; a right formula gives less than 1e-8, a wrong one about 1.
pub fn check_gradients<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
    cell: &C,
) -> f64
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    const STEP: f64 = 1e-5;
    let problem = small_problem(cell, 7);
    let outcome = forward(cell, &problem);
    // The loss is a weighted sum of everything the layer gives.
    let weight = |index: usize| ((index * 7 + 3) % 11) as f64 / 11.0 - 0.4;
    let loss = |problem: &Problem| -> f64 {
        let outcome = forward(cell, problem);
        let all = outcome.output.iter().chain(outcome.finals.iter().flatten());
        all.enumerate().map(|(index, y)| weight(index) * y).sum()
    };
    let outputs = outcome.output.len();
    let dy: Vec<f64> = (0..outputs).map(weight).collect();
    let states = problem.batch * problem.hidden;
    let finals: Vec<Vec<f64>> = (0..STATES)
        .map(|state| {
            (0..states)
                .map(|index| weight(outputs + state * states + index))
                .collect()
        })
        .collect();
    let gradient = backward(cell, &problem, &dy, &finals);
    type Pick = fn(&mut Problem) -> Vec<&mut f64>;
    let picks: [(Pick, Vec<f64>); 5] = [
        (|problem| problem.input.iter_mut().collect(), gradient.input),
        (
            |problem| problem.input_weights.iter_mut().collect(),
            gradient.input_weights,
        ),
        (
            |problem| problem.recurrent_weights.iter_mut().collect(),
            gradient.recurrent_weights,
        ),
        (|problem| problem.bias.iter_mut().collect(), gradient.bias),
        (
            |problem| problem.initial.iter_mut().flatten().collect(),
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
            let measured = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            error = error.max((measured - claimed).abs());
            largest = largest.max(measured.abs());
        }
    }
    error / largest
}
