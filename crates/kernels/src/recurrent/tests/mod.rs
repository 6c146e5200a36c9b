//! One suite for every cell and every instruction set.
mod accuracy;
mod bits;
mod checkpoints;
mod golden;
mod own;
mod properties;
mod refusals;
mod running;

use running::{Parameters, exact, narrow, pass, run};

use super::reference::{Gradient, Outcome, Problem, Zoning};
use super::{
    Backward, Engine, Forward, Gradients, Noise, Options, PackedWeights, Recurrence, Sizes, Steps,
    Tape, WeightGradients, Weights, Zone, reference,
};
use crate::cell::{
    Cell, CoupledLstm, Elman, FromCell, Gru, GruBefore, Lstm, MinimalGru, MinimalLstm, Peephole,
    Source,
};
use crate::check::{self, Results, THREADS, Tolerance, bits_of, contexts, unwritten, wide};
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
    around: Around,
}

/// What stands around the formula.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    mask: bool,
    factors: bool,
    zoneout: bool,
    normalised: bool,
    projection: Option<usize>,
}

impl Around {
    const NONE: Self = Self {
        mask: false,
        factors: false,
        zoneout: false,
        normalised: false,
        projection: None,
    };
    /// All that every cell knows.
    const EVERY: Self = Self {
        mask: true,
        factors: true,
        zoneout: true,
        normalised: true,
        projection: None,
    };
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
        around: Around::NONE,
    }
}

/// Uniform numbers on ±`scale`, each exactly an `f32`.
fn numbers(seed: u64, count: usize, scale: f64) -> Vec<f64> {
    wide(&check::numbers(seed, count, scale as f32))
}

impl Case {
    fn new<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>(
        _cell: &C,
        shape: Shape,
    ) -> Self
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>,
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
        let around = shape.around;
        let output = around.projection.unwrap_or(hidden);
        let fed = if C::FED == 0 { output } else { hidden };
        let states = |seed: u64, scale: f64| -> Vec<Vec<f64>> {
            (0..STATES)
                .map(|state| {
                    let width = if state == 0 { output } else { hidden };
                    numbers(seed + state as u64, batch * width, scale)
                })
                .collect()
        };
        let normalised = if around.normalised { COLUMNS } else { 0 };
        let coin = |seed: u64, count: usize, yes: f64| -> Vec<f64> {
            let drawn = numbers(seed, count, 1.0);
            drawn
                .iter()
                .map(|&x| f64::from(u8::from(x < yes)))
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
                mask: around.mask.then(|| {
                    let mut mask: Vec<bool> = coin(6, batch * time, 0.2)
                        .iter()
                        .map(|&real| real > 0.0)
                        .collect();
                    for (row, steps) in mask.chunks_mut(time).enumerate() {
                        // Every row has a real step.
                        steps[row % time] = true;
                    }
                    mask
                }),
                reverse: shape.reverse,
                initial: states(20, if shape.initial { 0.9 } else { 0.0 }),
                input_weights: numbers(2, reads(Source::reads_input) * hidden * input, scale),
                recurrent_weights: numbers(3, reads(Source::reads_state) * hidden * fed, scale),
                bias: numbers(4, COLUMNS * hidden, 0.5),
                unit_weights: numbers(7, UNITS * hidden, 0.7),
                gain: numbers(8, normalised * hidden, 1.3),
                projection: numbers(9, around.projection.unwrap_or(0) * hidden, scale),
                options: Options {
                    projection: around.projection,
                    normalised: around.normalised,
                },
                // What is fed back through no weights is not dropped.
                recurrent_factors: (around.factors && reads(Source::reads_state) > 0)
                    .then(|| coin(10, batch * fed, 0.4).iter().map(|m| m * 1.5).collect()),
                zoneout: around.zoneout.then(|| {
                    (0..STATES as u64)
                        .map(|state| match state {
                            0 => Zoning::Kept(coin(11, batch * time * hidden, -0.5)),
                            _ => Zoning::Share(0.25),
                        })
                        .collect()
                }),
            },
            has_lengths: shape.lengths,
            has_initial: shape.initial,
            output_gradient: numbers(5, batch * time * output, 1.0),
            finals_gradient: states(30, 1.0),
        }
    }

    fn steps(&self) -> Steps<'_> {
        match &self.problem.mask {
            Some(mask) => Steps::Mask(mask),
            None if self.has_lengths => Steps::Lengths(&self.problem.lengths),
            None => Steps::All,
        }
    }

    fn reference<
        C,
        const COLUMNS: usize,
        const STATES: usize,
        const KEPT: usize,
        const UNITS: usize,
    >(
        &self,
        cell: &C,
    ) -> Results<f64>
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>,
    {
        exact(
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

/// Shapes with everything that can stand around the formula of a cell, alone and together.
fn surroundings<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    _cell: &C,
) -> Vec<Shape>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let none = Around::NONE;
    let mut arounds = vec![
        Around { mask: true, ..none },
        Around {
            factors: true,
            ..none
        },
        Around {
            zoneout: true,
            ..none
        },
        Around {
            normalised: true,
            ..none
        },
        Around::EVERY,
    ];
    if C::PROJECTABLE {
        let narrow = Around {
            projection: Some(5),
            ..none
        };
        let wide = Around {
            projection: Some(41),
            ..none
        };
        let every = Around {
            mask: true,
            factors: true,
            normalised: true,
            ..narrow
        };
        arounds.extend([
            narrow,
            wide,
            every,
            Around {
                factors: true,
                ..wide
            },
        ]);
    }
    let mut shapes = Vec::new();
    for around in arounds {
        for (batch, time, input, hidden) in [
            (3, 5, 7, 11),
            (1, 6, 5, 19),
            (13, 7, 31, 37),
            (17, 9, 3, 64),
        ] {
            for initial in [false, true] {
                shapes.push(Shape {
                    lengths: !around.mask && batch % 3 != 0,
                    reverse: initial,
                    initial,
                    around,
                    ..shape(batch, time, input, hidden)
                });
            }
        }
    }
    shapes
}

/// Runs one generic check on every cell of the crate.
macro_rules! every_cell {
    ($check:ident) => {{
        $check(&Elman::tanh());
        $check(&Elman::relu());
        $check(&Elman::new(crate::cell::Sigmoid));
        $check(&Elman::new(crate::cell::Identity));
        $check(&Lstm);
        $check(&Lstm::clipped(0.3));
        $check(&Lstm::from_cell());
        $check(&Lstm::peephole());
        $check(&Lstm::coupled());
        $check(&CoupledLstm::<FromCell>::new());
        $check(&CoupledLstm::<Peephole>::new().with_clip(0.4));
        $check(&Gru);
        $check(&GruBefore);
        $check(&MinimalGru);
        $check(&MinimalLstm);
    }};
}
use every_cell;
