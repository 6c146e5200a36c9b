//! The fused recurrence as a Burn extension operation with a backward pass of its own.
use super::cell::LayerCell;
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
use ressac_kernels::recurrent::{
    Backward as BackwardCall, Forward, Gradients as KernelGradients, PackedWeights, Sizes, Tape,
    Weights,
};
use std::sync::{Arc, Mutex, MutexGuard};

/// What the operation needs beside tensors.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) cell: Arc<dyn LayerCell>,
    pub(super) lengths: Option<Lengths>,
    pub(super) reverse: bool,
    pub(super) has_initial: bool,
    pub(super) cache: PackCache,
}

/// Output `[batch, time, hidden]` and final states `[states, batch, hidden]`.
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
        initial: FloatTensor<Self>,
        call: Call,
    ) -> Outcome<Self>;
}

/// Runs the operation on tensors of the Flex device.
pub(super) fn recurrent(
    input: Tensor<3>,
    [weights, recurrent]: [Tensor<2>; 2],
    bias: Tensor<1>,
    initial: Option<Tensor<3>>,
    call: Call,
) -> (Tensor<3>, Tensor<3>) {
    // Without an initial state any tensor serves: `call` says that it is not read.
    let initial = initial.unwrap_or_else(|| Tensor::zeros([1, 1, 1], &input.device()));
    let outcome = Dispatch::fused_recurrence(
        input.into_dispatch(),
        weights.into_dispatch(),
        recurrent.into_dispatch(),
        bias.into_dispatch(),
        initial.into_dispatch(),
        call,
    );
    (
        Tensor::from_dispatch(outcome.output),
        Tensor::from_dispatch(outcome.finals),
    )
}

/// The packed parameters of the last inference call, kept while the parameters stay the same arrays.
///
/// The arrays themselves are held too, so their memory cannot be reused or changed in place under the
/// same address: equal addresses mean equal parameters.
#[derive(Clone, Default)]
pub(super) struct PackCache(Arc<Mutex<Option<Cached>>>);

struct Cached {
    parameters: [FlexTensor; 3],
    context: Context,
    packed: Arc<PackedWeights>,
}

impl std::fmt::Debug for PackCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PackCache")
    }
}

impl PackCache {
    fn lock(&self) -> MutexGuard<'_, Option<Cached>> {
        self.0.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    fn get(
        &self,
        cell: &dyn LayerCell,
        context: Context,
        parameters: &Parameters,
    ) -> Arc<PackedWeights> {
        let mut cached = self.lock();
        if let Some(cached) = &*cached
            && cached.context.instruction_set() == context.instruction_set()
            && cached
                .parameters
                .iter()
                .zip(&parameters.0)
                .all(|(old, new)| {
                    Arc::ptr_eq(&old.data_arc(), &new.data_arc()) && old.layout() == new.layout()
                })
        {
            return Arc::clone(&cached.packed);
        }
        let packed = Arc::new(parameters.pack(cell, &context));
        *cached = Some(Cached {
            parameters: parameters.0.clone(),
            context,
            packed: Arc::clone(&packed),
        });
        packed
    }
}

/// W, U and bias, contiguous.
#[derive(Debug, Clone)]
struct Parameters([FlexTensor; 3]);

impl Parameters {
    fn weights(&self) -> Weights<'_> {
        let [input, recurrent, bias] = &self.0;
        Weights {
            input: floats(input),
            recurrent: floats(recurrent),
            bias: floats(bias),
        }
    }

    fn pack(&self, cell: &dyn LayerCell, context: &Context) -> PackedWeights {
        fitting(cell.engine().pack(context, self.weights()))
    }
}

/// Slices of each state of `[states, batch, hidden]`.
fn states(tensor: &FlexTensor, count: usize) -> Vec<&[f32]> {
    let values = floats(tensor);
    values.chunks(values.len() / count).collect()
}

fn run(
    input: &FlexTensor,
    packed: &PackedWeights,
    initial: &FlexTensor,
    call: &Call,
    context: &Context,
    tape: Option<&mut Tape>,
) -> (FlexTensor, FlexTensor) {
    let engine = call.cell.engine();
    let shape = input.shape();
    let (batch, time) = (shape[0], shape[1]);
    let (count, hidden) = (engine.states(), engine.hidden());
    let mut output = vec![0.0; batch * time * hidden];
    let mut finals = vec![0.0; count * batch * hidden];
    let mut places: Vec<&mut [f32]> = finals.chunks_mut(batch * hidden).collect();
    let initial = call.has_initial.then(|| states(initial, count));
    fitting(engine.forward(
        context,
        packed,
        Forward {
            sizes: Sizes { batch, time },
            input: floats(input),
            lengths: call.lengths.as_ref().map(Lengths::as_slice),
            reverse: call.reverse,
            initial: initial.as_deref(),
            output: &mut output,
            finals: &mut places,
            tape,
        },
    ));
    (
        tensor(output, [batch, time, hidden]),
        tensor(finals, [count, batch, hidden]),
    )
}

impl FusedRecurrence for Flex {
    fn fused_recurrence(
        input: FlexTensor,
        weights: FlexTensor,
        recurrent: FlexTensor,
        bias: FlexTensor,
        initial: FlexTensor,
        call: Call,
    ) -> Outcome<Self> {
        let context = Context::global();
        let parameters = Parameters([plain(&weights), plain(&recurrent), plain(&bias)]);
        let packed = call.cache.get(&*call.cell, context, &parameters);
        let (output, finals) = run(
            &plain(&input),
            &packed,
            &plain(&initial),
            &call,
            &context,
            None,
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
    tape: Arc<Mutex<Tape>>,
    finals_gradient: Slot,
    call: Call,
    context: Context,
}

#[derive(Debug)]
struct RecurrenceBackward;

impl Backward<Flex, 5> for RecurrenceBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 5>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let output_gradient = plain(&gradients.consume::<Flex>(&ops.node));
        let saved = ops.state;
        let engine = saved.call.cell.engine();
        let count = engine.states();
        let finals_gradient = lock(&saved.finals_gradient)
            .take()
            .map(|gradient| plain(&gradient));
        let [of_input, of_weights, of_recurrent, of_bias, of_initial] = ops.parents;
        let like = |tensor: &FlexTensor| vec![0.0f32; floats(tensor).len()];
        let [w, u, b] = &saved.parameters.0;
        let mut input = of_input.as_ref().map(|_| like(&saved.input));
        let wanted = of_weights.is_some() || of_recurrent.is_some() || of_bias.is_some();
        let mut weights = wanted.then(|| [like(w), like(u), like(b)]);
        let mut initial =
            (of_initial.is_some() && saved.call.has_initial).then(|| like(&saved.initial));
        let mut initial_places: Option<Vec<&mut [f32]>> = initial.as_mut().map(|initial| {
            let length = initial.len() / count;
            initial.chunks_mut(length).collect()
        });
        let initial_states = saved
            .call
            .has_initial
            .then(|| states(&saved.initial, count));
        let finals_states = finals_gradient
            .as_ref()
            .map(|gradient| states(gradient, count));
        fitting(
            engine.backward(
                &saved.context,
                &mut lock(&saved.tape),
                BackwardCall {
                    weights: saved.parameters.weights(),
                    input: floats(&saved.input),
                    output: floats(&saved.output),
                    initial: initial_states.as_deref(),
                    output_gradient: Some(floats(&output_gradient)),
                    finals_gradient: finals_states.as_deref(),
                },
                KernelGradients {
                    input: input.as_deref_mut(),
                    weights: weights
                        .as_mut()
                        .map(|weights| weights.each_mut().map(Vec::as_mut_slice)),
                    initial: initial_places.as_deref_mut(),
                },
            ),
        );
        let [dw, du, db] = weights.map_or([None, None, None], |weights| weights.map(Some));
        for (node, values, like) in [
            (of_input, input, &saved.input),
            (of_weights, dw, w),
            (of_recurrent, du, u),
            (of_bias, db, b),
            (of_initial, initial, &saved.initial),
        ] {
            if let Some(node) = node {
                let values = values.unwrap_or_else(|| vec![0.0; floats(like).len()]);
                let gradient = FlexTensor::from_data(TensorData::new(values, like.shape()));
                gradients.register::<Flex>(node.id, gradient);
            }
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
        initial: FloatTensor<Self>,
        call: Call,
    ) -> Outcome<Self> {
        let ((input, input_node), (weights, weights_node)) =
            (input.into_parts(), weights.into_parts());
        let ((recurrent, recurrent_node), (bias, bias_node)) =
            (recurrent.into_parts(), bias.into_parts());
        let (initial, initial_node) = initial.into_parts();
        let nodes = [
            input_node,
            weights_node,
            recurrent_node,
            bias_node,
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
                let parameters = Parameters([plain(&weights), plain(&recurrent), plain(&bias)]);
                let packed = parameters.pack(&*call.cell, &context);
                let mut tape = Tape::new();
                let (output, finals) =
                    run(&input, &packed, &initial, &call, &context, Some(&mut tape));
                let shape = output.shape();
                let slot = Slot::default();
                let saved = Saved {
                    input,
                    parameters,
                    initial,
                    output: output.clone(),
                    tape: Arc::new(Mutex::new(tape)),
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
                    Flex::fused_recurrence(input, weights, recurrent, bias, initial, call);
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
