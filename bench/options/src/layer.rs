//! A layer with its buffers, called forward and, in training, backward to the parameters.

use ressac_kernels::cell::{Cell, Source};
use ressac_kernels::context::Context;
use ressac_kernels::recurrent::{
    Backward, Engine, Forward, Gradients, Noise, Options, PackedWeights, Recurrence, Sizes, Steps,
    Tape, WeightGradients, Weights, Zone, checkpoint,
};

/// What stands around the cell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Around {
    pub(crate) options: Options,
    pub(crate) recurrent_dropout: bool,
    pub(crate) zoneout: bool,
    pub(crate) checkpoint_every: Option<usize>,
}

/// Numbers on ±`scale` (a linear congruence is enough to fill a benchmark).
fn numbers(count: usize, scale: f32) -> Vec<f32> {
    let mut state = 88_172_645_463_325_252u64;
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ((state >> 40) as f32 / (1u64 << 24) as f32 * 2.0 - 1.0) * scale
        })
        .collect()
}

/// Runs a layer forward and, if asked, backward.
pub(crate) type Call = Box<dyn FnMut(bool) -> Result<(), String>>;

/// A call of the layer: forward, and backward if asked.
pub(crate) fn call<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: C,
    [batch, time, input, hidden]: [usize; 4],
    around: Around,
    context: &Context,
) -> Result<Call, String>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let text = |error: ressac_kernels::error::ShapeError| error.to_string();
    let engine = Engine::new(cell, input, hidden)
        .and_then(|engine| engine.with_options(around.options))
        .map_err(text)?;
    let widths = engine.widths();
    let count = |reads: fn(Source) -> bool| engine.sources().iter().filter(|s| reads(**s)).count();
    let scale = 1.0 / (hidden as f32).sqrt();
    let columns = engine.sources().len();
    let gain = if around.options.normalised {
        columns * hidden
    } else {
        0
    };
    let projection = around.options.projection.unwrap_or(0) * hidden;
    let lengths = [
        count(Source::reads_input) * hidden * input,
        count(Source::reads_state) * hidden * widths.fed,
        columns * hidden,
        UNITS * hidden,
        gain,
        projection,
    ];
    let parameters = lengths.map(|length| numbers(length, scale));
    let mut gradients = lengths.map(|length| vec![0.0f32; length]);
    let x = numbers(batch * time * input, 1.0);
    let dy = numbers(batch * time * widths.output, 1.0);
    let mut output = vec![0.0f32; batch * time * widths.output];
    let mut finals: Vec<Vec<f32>> = (0..STATES)
        .map(|state| vec![0.0; batch * engine.state_width(state)])
        .collect();
    let factors = vec![1.25f32; batch * widths.fed];
    let kept: Vec<f32> = numbers(batch * time * hidden, 1.0)
        .iter()
        .map(|x| f32::from(u8::from(*x > 0.8)))
        .collect();
    let context = *context;
    let mut tape = Tape::new();
    Ok(Box::new(move |trains| {
        let [w, u, b, units, gain, projection] = parameters.each_ref();
        let weights = Weights {
            input: w,
            recurrent: u,
            bias: b,
            units,
            gain,
            projection,
        };
        // A training packs its parameters at every step; inference keeps them, so packing is not counted there.
        let packed = engine.pack(&context, weights).map_err(text)?;
        // In inference zoneout is an expectation, and nothing is dropped.
        let masks: Vec<Zone<'_>> = (0..STATES)
            .map(|_| {
                if trains {
                    Zone::Kept(&kept)
                } else {
                    Zone::Share(0.1)
                }
            })
            .collect();
        let noise = Noise {
            recurrent: (around.recurrent_dropout && trains).then_some(&factors),
            zoneout: around.zoneout.then_some(&masks),
        };
        let mut places: Vec<&mut [f32]> = finals.iter_mut().map(Vec::as_mut_slice).collect();
        let forward = Forward {
            sizes: Sizes { batch, time },
            input: &x,
            steps: Steps::All,
            reverse: false,
            initial: None,
            noise,
            output: &mut output,
            finals: &mut places,
            tape: None,
        };
        if !trains {
            return engine.forward(&context, &packed, forward).map_err(text);
        }
        let checkpoints = match around.checkpoint_every {
            Some(every) => Some(
                checkpoint::forward(&engine, &context, &packed, forward, every).map_err(text)?,
            ),
            None => {
                let forward = Forward {
                    tape: Some(&mut tape),
                    ..forward
                };
                engine.forward(&context, &packed, forward).map_err(text)?;
                None
            }
        };
        let call = Backward {
            weights,
            input: &x,
            output: &output,
            initial: None,
            noise,
            output_gradient: Some(&dy),
            finals_gradient: None,
        };
        let [input, recurrent, bias, units, gain, projection] = gradients.each_mut();
        let to = Gradients {
            weights: Some(WeightGradients {
                input,
                recurrent,
                bias,
                units,
                gain,
                projection,
            }),
            ..Gradients::default()
        };
        backward(
            &engine,
            &context,
            (&packed, checkpoints.as_ref()),
            &mut tape,
            call,
            to,
        )
        .map_err(text)
    }))
}

fn backward(
    engine: &dyn Recurrence,
    context: &Context,
    (packed, checkpoints): (&PackedWeights, Option<&checkpoint::Checkpoints>),
    tape: &mut Tape,
    call: Backward<'_>,
    to: Gradients<'_>,
) -> Result<(), ressac_kernels::error::ShapeError> {
    match checkpoints {
        Some(checkpoints) => checkpoint::backward(engine, context, packed, checkpoints, call, to),
        None => engine.backward(context, tape, call, to),
    }
}
