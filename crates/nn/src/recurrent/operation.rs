//! The fused recurrence: its shapes, and what it remembers.
use super::cell::LayerCell;
use super::noise::Noise;
use super::parameters::{Parameters, extra_lengths};
use super::parted::Parted;
use crate::Lengths;
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation, or_spare};
use crate::packed::PackCache;
use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::context::Context;
use ressac_kernels::error::ShapeError;
use ressac_kernels::recurrent::checkpoint::{self, Checkpoints};
use ressac_kernels::recurrent::{
    Backward as BackwardCall, Forward, Gradients, PackedWeights, Sizes, Steps, Tape,
    WeightGradients,
};
use std::sync::Arc;

const INPUT: usize = 0;
const WEIGHTS: usize = 1;
const RECURRENT: usize = 2;
const BIAS: usize = 3;
const EXTRA: usize = 4;
const INITIAL: usize = 5;

/// What the operation needs beside tensors.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) cell: Arc<dyn LayerCell>,
    pub(super) lengths: Option<Lengths>,
    pub(super) reverse: bool,
    pub(super) noise: Noise,
    /// Keep the states every so many steps instead of a tape of all.
    pub(super) checkpoint_every: Option<usize>,
    pub(super) cache: PackCache<PackedWeights>,
}

/// Runs one direction of one layer on tensors of the Flex device: output `[batch, time, output]` and the final states
/// as one part. `extra`: unit weights, gain and projection, flat, one after another.
pub(super) fn recurrent(
    input: Tensor<3>,
    [weights, recurrent]: [Tensor<2>; 2],
    bias: Tensor<1>,
    extra: Option<Tensor<1>>,
    initial: Option<Tensor<3>>,
    call: Call,
) -> (Tensor<3>, Tensor<3>) {
    let [output, finals] = fused::run(
        call,
        [
            Some(input.into_dispatch()),
            Some(weights.into_dispatch()),
            Some(recurrent.into_dispatch()),
            Some(bias.into_dispatch()),
            extra.map(Tensor::into_dispatch),
            initial.map(Tensor::into_dispatch),
        ],
    );
    (Tensor::from_dispatch(output), Tensor::from_dispatch(finals))
}

/// What a forward pass leaves behind in training.
#[derive(Debug)]
pub(super) enum Memory {
    Nothing,
    /// With the output.
    Tape(Box<Tape>, FlexTensor),
    /// With the output.
    Checkpoints(Box<(Checkpoints, PackedWeights)>, FlexTensor),
}

fn parameters(inputs: &Inputs<6>) -> Parameters {
    let none = tensor(Vec::new(), [0]);
    let extra = inputs.find(EXTRA).unwrap_or(&none);
    let [weights, recurrent, bias] = [WEIGHTS, RECURRENT, BIAS].map(|index| inputs.tensor(index));
    Parameters::new(weights, recurrent, bias, extra)
}

impl Call {
    /// Output and final states, from the forward pass of the kernels that `forward` runs.
    fn run<T>(
        &self,
        inputs: &Inputs<6>,
        tape: Option<&mut Tape>,
        forward: impl FnOnce(Forward<'_>) -> Result<T, ShapeError>,
    ) -> ([FlexTensor; 2], T) {
        let engine = self.cell.engine();
        let shape = inputs.shape(INPUT);
        let (batch, time) = (shape[0], shape[1]);
        let width = engine.widths().output;
        let mut output = vec![0.0; batch * time * width];
        let mut finals = Parted::zeros(engine, batch);
        let mut places = finals.slices_mut();
        let initial = inputs.find(INITIAL);
        // A stream calls with one state after another: what lies in order is read where it lies.
        let ordered = initial
            .filter(|_| engine.widths().is_projected)
            .map(|initial| Parted::of(engine, initial));
        let initial: Option<Vec<&[f32]>> = initial.map(|initial| match &ordered {
            Some(ordered) => ordered.slices(),
            None => floats(initial).chunks(batch * width).collect(),
        });
        let zones = self.noise.zones();
        let made = fitting(forward(Forward {
            sizes: Sizes { batch, time },
            input: inputs.floats(INPUT),
            steps: self.lengths.as_ref().map_or(Steps::All, Lengths::steps),
            reverse: self.reverse,
            initial: initial.as_deref(),
            noise: self.noise.kernel(zones.as_deref()),
            output: &mut output,
            finals: &mut places,
            tape,
        }));
        let output = tensor(output, [batch, time, width]);
        ([output, finals.into_tensor(engine, batch)], made)
    }
}

impl Operation<6, 2> for Call {
    type Memory = Memory;

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<6>,
        training: bool,
    ) -> ([FlexTensor; 2], Memory) {
        let engine = self.cell.engine();
        let parameters = parameters(inputs);
        if !training {
            let arrays = parameters.0.each_ref();
            let pack = || parameters.pack(&*self.cell, context);
            let packed = self.cache.get(context, &arrays, pack);
            let (results, ()) =
                self.run(inputs, None, |call| engine.forward(context, &packed, call));
            return (results, Memory::Nothing);
        }
        let packed = parameters.pack(&*self.cell, context);
        if let Some(every) = self.checkpoint_every {
            let (results, checkpoints) = self.run(inputs, None, |call| {
                checkpoint::forward(engine, context, &packed, call, every)
            });
            let output = results[0].clone();
            let memory = Memory::Checkpoints(Box::new((checkpoints, packed)), output);
            return (results, memory);
        }
        let mut tape = Box::new(Tape::new());
        let (results, ()) = self.run(inputs, Some(&mut tape), |call| {
            engine.forward(context, &packed, call)
        });
        let output = results[0].clone();
        (results, Memory::Tape(tape, output))
    }

    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<6>,
        memory: &mut Memory,
        output_gradient: &FlexTensor,
        finals_gradient: &[Option<FlexTensor>],
        [input, w, u, b, extra, initial]: [Option<&mut [f32]>; 6],
    ) {
        let engine = self.cell.engine();
        let output = match memory {
            Memory::Tape(_, output) | Memory::Checkpoints(_, output) => output.clone(),
            Memory::Nothing => unreachable!("a training remembers"),
        };
        let batch = output.shape()[0];
        let parameters = parameters(inputs);
        let of_finals = finals_gradient.iter().flatten().next();
        let of_finals = of_finals.map(|gradient| Parted::of(engine, gradient));
        let initial_states = inputs.find(INITIAL).map(|part| Parted::of(engine, part));
        let mut of_initial = initial.is_some().then(|| Parted::zeros(engine, batch));
        let mut initial_places = of_initial.as_mut().map(Parted::slices_mut);
        let zones = self.noise.zones();
        let initial_slices = initial_states.as_ref().map(Parted::slices);
        let finals_slices = of_finals.as_ref().map(Parted::slices);
        let call = BackwardCall {
            weights: parameters.weights(&*self.cell),
            input: inputs.floats(INPUT),
            output: floats(&output),
            initial: initial_slices.as_deref(),
            noise: self.noise.kernel(zones.as_deref()),
            output_gradient: Some(floats(output_gradient)),
            finals_gradient: finals_slices.as_deref(),
        };
        let parts = [w, u, b, extra];
        let mut spare = <[Vec<f32>; 4]>::default();
        let weights = if parts.iter().any(Option::is_some) {
            let lengths = parameters.0.each_ref().map(|part| floats(part).len());
            let [input, recurrent, bias, extra] = or_spare(parts, lengths, &mut spare);
            let (units, gain, _) = extra_lengths(engine);
            let (units, rest) = extra.split_at_mut(units);
            let (gain, projection) = rest.split_at_mut(gain);
            Some(WeightGradients {
                input,
                recurrent,
                bias,
                units,
                gain,
                projection,
            })
        } else {
            None
        };
        let gradients = Gradients {
            input,
            weights,
            initial: initial_places.as_deref_mut(),
        };
        fitting(match memory {
            Memory::Tape(tape, _) => engine.backward(context, tape, call, gradients),
            Memory::Checkpoints(kept, _) => {
                let (checkpoints, packed) = &**kept;
                checkpoint::backward(engine, context, packed, checkpoints, call, gradients)
            }
            Memory::Nothing => unreachable!("a training remembers"),
        });
        if let (Some(to), Some(of_initial)) = (initial, of_initial) {
            to.copy_from_slice(floats(&of_initial.into_tensor(engine, batch)));
        }
    }
}
