//! The fused recurrence as a Burn extension operation with a backward pass of its own.
use super::cell::LayerCell;
use super::noise::Noise;
use super::parameters::{PackCache, Parameters, extra_lengths};
use super::parted::Parted;
use crate::Lengths;
use crate::flex::{fitting, floats, plain, tensor};
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, Backend, Dispatch, ExtensionType, Flex, TensorMetadata, backend_extension,
};
use burn::tensor::{DType, Shape, Tensor, TensorData};
use ressac_kernels::context::Context;
use ressac_kernels::recurrent::checkpoint::{self, Checkpoints};
use ressac_kernels::recurrent::{
    Backward as BackwardCall, Forward, Gradients as KernelGradients, PackedWeights, Sizes, Steps,
    Tape, WeightGradients,
};
use std::sync::{Arc, Mutex, MutexGuard};

/// What the operation needs beside tensors.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) cell: Arc<dyn LayerCell>,
    pub(super) lengths: Option<Lengths>,
    pub(super) reverse: bool,
    pub(super) has_initial: bool,
    pub(super) noise: Noise,
    /// Keep the states every so many steps instead of a tape of all.
    pub(super) checkpoint_every: Option<usize>,
    pub(super) cache: PackCache,
}

/// Output `[batch, time, output]` and the final states as one part.
#[derive(ExtensionType)]
pub(super) struct Outcome<B: Backend> {
    pub(super) output: FloatTensor<B>,
    pub(super) finals: FloatTensor<B>,
}

/// The operation. Only Flex is listed: on other devices [`super::layer`] never calls it.
#[backend_extension(Flex, Autodiff)]
pub(super) trait FusedRecurrence: Backend {
    /// Runs one direction of one layer.
    fn fused_recurrence(
        input: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        extra: FloatTensor<Self>,
        initial: FloatTensor<Self>,
        call: Call,
    ) -> Outcome<Self>;
}

/// Runs the operation on tensors of the Flex device. `extra`: unit weights, gain and projection, flat, one after
/// another.
pub(super) fn recurrent(
    input: Tensor<3>,
    [weights, recurrent]: [Tensor<2>; 2],
    bias: Tensor<1>,
    extra: Option<Tensor<1>>,
    initial: Option<Tensor<3>>,
    call: Call,
) -> (Tensor<3>, Tensor<3>) {
    // Without an initial state or extra parameters any tensor without a gradient serves: none of it is read.
    let nothing = Tensor::<1>::zeros([0], &input.device()).into_dispatch();
    let outcome = Dispatch::fused_recurrence(
        input.into_dispatch(),
        weights.into_dispatch(),
        recurrent.into_dispatch(),
        bias.into_dispatch(),
        extra.map_or_else(|| nothing.clone(), Tensor::into_dispatch),
        initial.map_or(nothing, Tensor::into_dispatch),
        call,
    );
    (
        Tensor::from_dispatch(outcome.output),
        Tensor::from_dispatch(outcome.finals),
    )
}

/// What a forward pass in training leaves behind.
#[derive(Debug)]
enum Memory {
    Tape(Box<Tape>),
    Checkpoints(Box<Checkpoints>, Box<PackedWeights>),
}

/// What a forward pass is to remember.
enum Remember<'a> {
    Nothing,
    Tape(&'a mut Tape),
    Checkpoints(usize, &'a mut Option<Checkpoints>),
}

fn run(
    input: &FlexTensor,
    packed: &PackedWeights,
    initial: &FlexTensor,
    call: &Call,
    context: &Context,
    remember: Remember<'_>,
) -> (FlexTensor, FlexTensor) {
    let engine = call.cell.engine();
    let shape = input.shape();
    let (batch, time) = (shape[0], shape[1]);
    let width = engine.widths().output;
    let mut output = vec![0.0; batch * time * width];
    let mut finals = Parted::zeros(engine, batch);
    let mut places = finals.slices_mut();
    // A stream calls with one state after another: what lies in order is read where it lies.
    let ordered =
        (call.has_initial && engine.widths().is_projected).then(|| Parted::of(engine, initial));
    let initial: Option<Vec<&[f32]>> = call.has_initial.then(|| match &ordered {
        Some(ordered) => ordered.slices(),
        None => floats(initial).chunks(batch * width).collect(),
    });
    let zones = call.noise.zones();
    let forward = Forward {
        sizes: Sizes { batch, time },
        input: floats(input),
        steps: call.lengths.as_ref().map_or(Steps::All, Lengths::steps),
        reverse: call.reverse,
        initial: initial.as_deref(),
        noise: call.noise.kernel(zones.as_deref()),
        output: &mut output,
        finals: &mut places,
        tape: None,
    };
    match remember {
        Remember::Nothing => fitting(engine.forward(context, packed, forward)),
        Remember::Tape(tape) => fitting(engine.forward(
            context,
            packed,
            Forward {
                tape: Some(tape),
                ..forward
            },
        )),
        Remember::Checkpoints(every, checkpoints) => {
            let made = checkpoint::forward(engine, context, packed, forward, every);
            *checkpoints = Some(fitting(made));
        }
    }
    (
        tensor(output, [batch, time, width]),
        finals.into_tensor(engine, batch),
    )
}

impl FusedRecurrence for Flex {
    fn fused_recurrence(
        input: FlexTensor,
        weights: FlexTensor,
        recurrent: FlexTensor,
        bias: FlexTensor,
        extra: FlexTensor,
        initial: FlexTensor,
        call: Call,
    ) -> Outcome<Self> {
        let context = Context::global();
        let parameters = Parameters::new(&weights, &recurrent, &bias, &extra);
        let packed = call.cache.get(&*call.cell, context, &parameters);
        let (output, finals) = run(
            &plain(&input),
            &packed,
            &plain(&initial),
            &call,
            &context,
            Remember::Nothing,
        );
        Outcome { output, finals }
    }
}

/// Where the gradient of the final states waits for that of the output.
type Slot = Arc<Mutex<Option<FlexTensor>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// What the backward pass needs of the forward one.
#[derive(Debug, Clone)]
struct Saved {
    input: FlexTensor,
    parameters: Parameters,
    initial: FlexTensor,
    output: FlexTensor,
    memory: Arc<Mutex<Memory>>,
    finals_gradient: Slot,
    call: Call,
    context: Context,
}

#[derive(Debug)]
struct RecurrenceBackward;

impl Backward<Flex, 6> for RecurrenceBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 6>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let output_gradient = plain(&gradients.consume::<Flex>(&ops.node));
        let saved = ops.state;
        let engine = saved.call.cell.engine();
        let batch = saved.output.shape()[0];
        let finals_gradient = lock(&saved.finals_gradient)
            .take()
            .map(|gradient| Parted::of(engine, &plain(&gradient)));
        let [
            of_input,
            of_weights,
            of_recurrent,
            of_bias,
            of_extra,
            of_initial,
        ] = ops.parents;
        let like = |tensor: &FlexTensor| vec![0.0f32; floats(tensor).len()];
        let [w, u, b, e] = &saved.parameters.0;
        let mut input = of_input.as_ref().map(|_| like(&saved.input));
        let parts = [&of_weights, &of_recurrent, &of_bias, &of_extra];
        let wanted = parts.iter().any(|part| part.is_some());
        let mut weights = wanted.then(|| [like(w), like(u), like(b), like(e)]);
        let mut initial =
            (of_initial.is_some() && saved.call.has_initial).then(|| Parted::zeros(engine, batch));
        let initial_states = saved
            .call
            .has_initial
            .then(|| Parted::of(engine, &saved.initial));
        let mut initial_places = initial.as_mut().map(Parted::slices_mut);
        let zones = saved.call.noise.zones();
        let initial_slices = initial_states.as_ref().map(Parted::slices);
        let finals_slices = finals_gradient.as_ref().map(Parted::slices);
        let call = BackwardCall {
            weights: saved.parameters.weights(&*saved.call.cell),
            input: floats(&saved.input),
            output: floats(&saved.output),
            initial: initial_slices.as_deref(),
            noise: saved.call.noise.kernel(zones.as_deref()),
            output_gradient: Some(floats(&output_gradient)),
            finals_gradient: finals_slices.as_deref(),
        };
        let kernel_gradients = KernelGradients {
            input: input.as_deref_mut(),
            weights: weights.as_mut().map(|[w, u, b, e]| {
                let (units, gain, _) = extra_lengths(engine);
                let (units, rest) = e.split_at_mut(units);
                let (gain, projection) = rest.split_at_mut(gain);
                WeightGradients {
                    input: w,
                    recurrent: u,
                    bias: b,
                    units,
                    gain,
                    projection,
                }
            }),
            initial: initial_places.as_deref_mut(),
        };
        let context = &saved.context;
        fitting(match &mut *lock(&saved.memory) {
            Memory::Tape(tape) => engine.backward(context, tape, call, kernel_gradients),
            Memory::Checkpoints(checkpoints, packed) => {
                checkpoint::backward(engine, context, packed, checkpoints, call, kernel_gradients)
            }
        });
        let [dw, du, db, de] =
            weights.map_or([None, None, None, None], |weights| weights.map(Some));
        for (node, values, like) in [
            (of_input, input, &saved.input),
            (of_weights, dw, w),
            (of_recurrent, du, u),
            (of_bias, db, b),
            (of_extra, de, e),
        ] {
            if let Some(node) = node {
                let values = values.unwrap_or_else(|| vec![0.0; floats(like).len()]);
                let gradient = FlexTensor::from_data(TensorData::new(values, like.shape()));
                gradients.register::<Flex>(node.id, gradient);
            }
        }
        if let Some(node) = of_initial {
            let gradient = match initial {
                Some(initial) => initial.into_tensor(engine, batch),
                None => FlexTensor::zeros(saved.initial.shape(), DType::F32),
            };
            gradients.register::<Flex>(node.id, gradient);
        }
    }
}

/// The final states are a child of the output whose backward step only hands their gradient over.
#[derive(Debug)]
struct FinalsBackward;

impl Backward<Flex, 1> for FinalsBackward {
    type State = (Slot, Shape);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let (slot, shape) = ops.state;
        *lock(&slot) = Some(gradient);
        let [output] = ops.parents;
        if let Some(output) = output {
            // The output must be visited even when nothing else follows it.
            gradients.register::<Flex>(output.id, FlexTensor::zeros(shape, DType::F32));
        }
    }
}

impl<C: CheckpointStrategy> FusedRecurrence for Autodiff<Flex, C> {
    fn fused_recurrence(
        input: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        extra: FloatTensor<Self>,
        initial: FloatTensor<Self>,
        call: Call,
    ) -> Outcome<Self> {
        let ((input, input_node), (weights, weights_node)) =
            (input.into_parts(), weights.into_parts());
        let ((recurrent, recurrent_node), (bias, bias_node)) =
            (recurrent.into_parts(), bias.into_parts());
        let ((extra, extra_node), (initial, initial_node)) =
            (extra.into_parts(), initial.into_parts());
        let nodes = [
            input_node,
            weights_node,
            recurrent_node,
            bias_node,
            extra_node,
            initial_node,
        ];
        match RecurrenceBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let context = Context::global();
                let (input, initial) = (plain(&input), plain(&initial));
                let parameters = Parameters::new(&weights, &recurrent, &bias, &extra);
                let packed = parameters.pack(&*call.cell, &context);
                let (mut tape, mut checkpoints) = (Tape::new(), None);
                let remember = match call.checkpoint_every {
                    Some(every) => Remember::Checkpoints(every, &mut checkpoints),
                    None => Remember::Tape(&mut tape),
                };
                let (output, finals) = run(&input, &packed, &initial, &call, &context, remember);
                let memory = match checkpoints {
                    Some(checkpoints) => {
                        Memory::Checkpoints(Box::new(checkpoints), Box::new(packed))
                    }
                    None => Memory::Tape(Box::new(tape)),
                };
                let shape = output.shape();
                let slot = Slot::default();
                let saved = Saved {
                    input,
                    parameters,
                    initial,
                    output: output.clone(),
                    memory: Arc::new(Mutex::new(memory)),
                    finals_gradient: Arc::clone(&slot),
                    call,
                    context,
                };
                let output = prep.finish(saved, output);
                let finals = match FinalsBackward
                    .prepare::<C>([output.node()])
                    .compute_bound()
                    .stateful()
                {
                    OpsKind::Tracked(prep) => prep.finish((slot, shape), finals),
                    OpsKind::UnTracked(prep) => prep.finish(finals),
                };
                Outcome { output, finals }
            }
            OpsKind::UnTracked(prep) => {
                let outcome =
                    Flex::fused_recurrence(input, weights, recurrent, bias, extra, initial, call);
                let output = prep.finish(outcome.output);
                let finals = match FinalsBackward
                    .prepare::<C>([output.node()])
                    .compute_bound()
                    .stateful()
                {
                    OpsKind::Tracked(prep) => {
                        prep.finish((Slot::default(), output.shape()), outcome.finals)
                    }
                    OpsKind::UnTracked(prep) => prep.finish(outcome.finals),
                };
                Outcome { output, finals }
            }
        }
    }
}
