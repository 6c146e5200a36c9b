//! The built-in LSTM beside the user's copy of it, in turns, so that whatever else the machine does
//! hits both.
use crate::copy::MyLstm;
use ressac_kernels::cell::Lstm;
use ressac_kernels::context::Context;
use ressac_kernels::error::ShapeError;
use ressac_kernels::recurrent::{
    Backward, Engine, Forward, Gradients, Noise, Recurrence, Sizes, Steps, Tape, WeightGradients,
    Weights,
};
use std::time::Instant;

/// Turns of each cell.
const TURNS: usize = 201;

/// A batch with its parameters, and places for what comes out.
struct Batch {
    sizes: Sizes,
    input: Vec<f32>,
    weights: [Vec<f32>; 3],
    output: Vec<f32>,
    finals: [Vec<f32>; 2],
    gradients: [Vec<f32>; 3],
}

/// Numbers that are neither equal nor in order.
fn numbers(count: usize, scale: f32) -> Vec<f32> {
    (0..count)
        .map(|index| ((index * 7919 % 1009) as f32 / 504.5 - 1.0) * scale)
        .collect()
}

impl Batch {
    fn new(sizes: Sizes, input: usize, hidden: usize) -> Self {
        let bound = 1.0 / (hidden as f32).sqrt();
        let parameters = [4 * hidden * input, 4 * hidden * hidden, 4 * hidden];
        let steps = sizes.batch * sizes.time;
        Self {
            sizes,
            input: numbers(steps * input, 1.0),
            weights: parameters.map(|count| numbers(count, bound)),
            output: vec![0.0; steps * hidden],
            finals: [(); 2].map(|()| vec![0.0; sizes.batch * hidden]),
            gradients: parameters.map(|count| vec![0.0; count]),
        }
    }

    /// One training pass: forward, and backward to the parameters. Milliseconds.
    fn run(&mut self, cell: &dyn Recurrence, context: &Context) -> Result<f64, ShapeError> {
        let start = Instant::now();
        let [input, recurrent, bias] = &self.weights;
        let weights = Weights {
            input,
            recurrent,
            bias,
            ..Weights::default()
        };
        let mut tape = Tape::new();
        let [h, c] = &mut self.finals;
        cell.forward(
            context,
            &cell.pack(context, weights)?,
            Forward {
                sizes: self.sizes,
                input: &self.input,
                steps: Steps::All,
                reverse: false,
                initial: None,
                noise: Noise::default(),
                output: &mut self.output,
                finals: &mut [h, c],
                tape: Some(&mut tape),
            },
        )?;
        let [input, recurrent, bias] = &mut self.gradients;
        cell.backward(
            context,
            &mut tape,
            Backward {
                weights,
                input: &self.input,
                output: &self.output,
                initial: None,
                noise: Noise::default(),
                // The gradient of half the sum of squares of the output.
                output_gradient: Some(&self.output),
                finals_gradient: None,
            },
            Gradients {
                weights: Some(WeightGradients {
                    input,
                    recurrent,
                    bias,
                    ..WeightGradients::default()
                }),
                ..Gradients::default()
            },
        )?;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Medians of the built-in cell and of the copy, in milliseconds, for a batch of 32, 96 steps, 8
/// features and 64 units.
pub(crate) fn compare() -> Result<[f64; 2], ShapeError> {
    let (input, hidden) = (8, 64);
    let sizes = Sizes {
        batch: 32,
        time: 96,
    };
    let context = Context::global();
    let built_in = Engine::new(Lstm, input, hidden)?;
    let own = Engine::new(MyLstm, input, hidden)?;
    let cells: [&dyn Recurrence; 2] = [&built_in, &own];
    let mut batch = Batch::new(sizes, input, hidden);
    let mut times = [Vec::new(), Vec::new()];
    for turn in 0..TURNS + 20 {
        // Who goes first changes from turn to turn; the first turns warm up.
        for place in [turn % 2, 1 - turn % 2] {
            let time = batch.run(cells[place], &context)?;
            if turn >= 20 {
                times[place].push(time);
            }
        }
    }
    Ok(times.map(median))
}
