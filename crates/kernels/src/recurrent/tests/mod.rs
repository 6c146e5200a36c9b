//! One suite for every cell and every instruction set.
mod accuracy;
mod bits;
mod golden;
mod properties;
mod refusals;

use super::reference::{Gradient, Outcome, Problem};
use super::{Backward, Engine, Forward, Gradients, Recurrence, Sizes, Tape, Weights, reference};
use crate::cell::{Cell, Elman, Gru, Lstm, Source};
use crate::context::{Context, InstructionSet};

/// A problem whose numbers are exactly representable in `f32`, so that only the arithmetic differs.
#[derive(Debug, Clone)]
struct Case {
    problem: Problem,
    has_lengths: bool,
    has_initial: bool,
    output_gradient: Vec<f64>,
    finals_gradient: Vec<Vec<f64>>,
}

#[derive(Debug, Clone, Copy)]
struct Shape {
    batch: usize,
    time: usize,
    input: usize,
    hidden: usize,
    lengths: bool,
    reverse: bool,
    initial: bool,
}

const fn shape(batch: usize, time: usize, input: usize, hidden: usize) -> Shape {
    Shape {
        batch,
        time,
        input,
        hidden,
        lengths: false,
        reverse: false,
        initial: false,
    }
}

/// Uniform numbers on ±`scale`, from a counter (Steele & Vigna's splitmix64).
fn numbers(seed: u64, count: usize, scale: f64) -> Vec<f64> {
    (0..count as u64)
        .map(|index| {
            let mut z = seed
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add((index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let unit = ((z ^ (z >> 31)) >> 40) as f64 / f64::from(1u32 << 24);
            f64::from((scale * (2.0 * unit - 1.0)) as f32)
        })
        .collect()
}

impl Case {
    fn new<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
        _cell: &C,
        shape: Shape,
    ) -> Self
    where
        C: Cell<COLUMNS, STATES, KEPT>,
    {
        let Shape {
            batch,
            time,
            input,
            hidden,
            ..
        } = shape;
        let reads = |reads: fn(Source) -> bool| C::SOURCES.iter().filter(|s| reads(**s)).count();
        let scale = (3.0 / (input + hidden) as f64).sqrt();
        let states = |seed: u64, scale: f64| -> Vec<Vec<f64>> {
            (0..STATES as u64)
                .map(|state| numbers(seed + state, batch * hidden, scale))
                .collect()
        };
        Self {
            problem: Problem {
                batch,
                time,
                input_size: input,
                hidden,
                input: numbers(1, batch * time * input, 1.7),
                lengths: (0..batch)
                    .map(|row| {
                        if shape.lengths {
                            1 + (row * 7 + 3) % time
                        } else {
                            time
                        }
                    })
                    .collect(),
                reverse: shape.reverse,
                initial: states(20, if shape.initial { 0.9 } else { 0.0 }),
                input_weights: numbers(2, reads(Source::reads_input) * hidden * input, scale),
                recurrent_weights: numbers(3, reads(Source::reads_state) * hidden * hidden, scale),
                bias: numbers(4, COLUMNS * hidden, 0.5),
            },
            has_lengths: shape.lengths,
            has_initial: shape.initial,
            output_gradient: numbers(5, batch * time * hidden, 1.0),
            finals_gradient: states(30, 1.0),
        }
    }

    fn reference<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
        &self,
        cell: &C,
    ) -> (Outcome, Gradient)
    where
        C: Cell<COLUMNS, STATES, KEPT>,
    {
        (
            reference::forward(cell, &self.problem),
            reference::backward(
                cell,
                &self.problem,
                &self.output_gradient,
                &self.finals_gradient,
            ),
        )
    }
}

/// Everything a layer gives, by name.
type Everything = Vec<(String, Vec<f32>)>;

fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

/// Runs a case forward (in inference and in training, which must agree) and backward.
fn run<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
    cell: &C,
    case: &Case,
    context: &Context,
) -> Everything
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    let problem = &case.problem;
    let engine = Engine::new(cell.clone(), problem.input_size, problem.hidden).unwrap();
    let (x, w, u, b) = (
        narrow(&problem.input),
        narrow(&problem.input_weights),
        narrow(&problem.recurrent_weights),
        narrow(&problem.bias),
    );
    let weights = Weights {
        input: &w,
        recurrent: &u,
        bias: &b,
    };
    let initial: Vec<Vec<f32>> = problem.initial.iter().map(|state| narrow(state)).collect();
    let initial: Vec<&[f32]> = initial.iter().map(Vec::as_slice).collect();
    let initial = case.has_initial.then_some(initial.as_slice());
    let packed = engine.pack(context, weights).unwrap();
    let sizes = Sizes {
        batch: problem.batch,
        time: problem.time,
    };
    let states = problem.batch * problem.hidden;
    let mut tape = Tape::new();
    let forward = |tape: Option<&mut Tape>| {
        // What the buffers hold before must not matter.
        let mut output = vec![f32::NAN; problem.batch * problem.time * problem.hidden];
        let mut finals = vec![vec![f32::NAN; states]; STATES];
        let mut places: Vec<&mut [f32]> = finals.iter_mut().map(Vec::as_mut_slice).collect();
        engine
            .forward(
                context,
                &packed,
                Forward {
                    sizes,
                    input: &x,
                    lengths: case.has_lengths.then_some(&problem.lengths),
                    reverse: problem.reverse,
                    initial,
                    output: &mut output,
                    finals: &mut places,
                    tape,
                },
            )
            .unwrap();
        (output, finals)
    };
    let inferred = forward(None);
    let (output, finals) = forward(Some(&mut tape));
    assert_eq!(
        bits_of(&inferred.0),
        bits_of(&output),
        "inference and training"
    );
    assert_eq!(
        bits_of(&inferred.1.concat()),
        bits_of(&finals.concat()),
        "inference and training: final states"
    );

    let dy = narrow(&case.output_gradient);
    let df: Vec<Vec<f32>> = case
        .finals_gradient
        .iter()
        .map(|state| narrow(state))
        .collect();
    let df: Vec<&[f32]> = df.iter().map(Vec::as_slice).collect();
    let nan = |like: &[f32]| vec![f32::NAN; like.len()];
    let (mut dx, mut dw, mut du, mut db) = (nan(&x), nan(&w), nan(&u), nan(&b));
    let mut di = vec![vec![f32::NAN; states]; STATES];
    let mut places: Vec<&mut [f32]> = di.iter_mut().map(Vec::as_mut_slice).collect();
    engine
        .backward(
            context,
            &mut tape,
            Backward {
                weights,
                input: &x,
                output: &output,
                initial,
                output_gradient: Some(&dy),
                finals_gradient: Some(&df),
            },
            Gradients {
                input: Some(&mut dx),
                weights: Some([&mut dw, &mut du, &mut db]),
                initial: Some(&mut places),
            },
        )
        .unwrap();
    let mut all = vec![
        ("output".to_owned(), output),
        ("d input".to_owned(), dx),
        ("d input weights".to_owned(), dw),
        ("d recurrent weights".to_owned(), du),
        ("d bias".to_owned(), db),
    ];
    for (state, (last, first)) in finals.into_iter().zip(di).enumerate() {
        all.push((format!("final state {state}"), last));
        all.push((format!("d initial state {state}"), first));
    }
    all
}

fn bits_of(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn contexts(threads: usize) -> Vec<Context> {
    InstructionSet::available()
        .into_iter()
        .map(|set| Context::new(set, threads).unwrap())
        .collect()
}

/// Sizes that share no factor with any tile, panel or lane width, and some that do.
fn shapes() -> Vec<Shape> {
    let with = |shape: Shape, lengths, reverse, initial| Shape {
        lengths,
        reverse,
        initial,
        ..shape
    };
    vec![
        shape(1, 1, 1, 1),
        shape(3, 5, 7, 11),
        with(shape(3, 5, 7, 11), true, true, true),
        with(shape(7, 3, 2, 1), true, false, true),
        with(shape(1, 11, 3, 19), false, true, true),
        with(shape(2, 9, 5, 16), true, false, false),
        with(shape(13, 7, 31, 37), true, true, true),
        with(shape(5, 4, 65, 67), true, false, true),
        with(shape(17, 6, 3, 64), false, false, true),
        with(shape(4, 23, 1, 33), true, true, false),
        // More than one strip of records and more than one task.
        with(shape(19, 17, 29, 53), true, false, true),
    ]
}

/// Runs one generic check on every cell of the crate.
macro_rules! every_cell {
    ($check:ident) => {{
        $check(&Elman::tanh());
        $check(&Elman::relu());
        $check(&Elman::new(crate::cell::Sigmoid));
        $check(&Elman::new(crate::cell::Identity));
        $check(&Lstm);
        $check(&Gru);
    }};
}
use every_cell;
