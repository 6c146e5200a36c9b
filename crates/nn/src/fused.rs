//! An operation of `ressac-kernels` as an operation of Burn, with a backward pass of its own.
//!
//! An [`Operation`] says what its shapes are and calls the kernels; what Burn asks of it stands here once: the way
//! from tensors of any device to those of the Flex device, inputs that may be left out, the graph in training, several
//! results of one operation, and the registration of the gradients.
use crate::flex::{floats, plain};
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients as Graph;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, AutodiffBackend, Backend, BackendTensor, Dispatch, DispatchAutodiffContext,
    DispatchTensor, DispatchTensorKind, ExtensionType, Flex, TensorMetadata, backend_extension,
};
use burn::tensor::{DType, Shape, TensorData};
use ressac_kernels::context::Context;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard};

/// An operation over `INPUTS` tensors, some of which may be left out, with `RESULTS` results.
///
/// Its value holds what the kernels must know beside the tensors. Shapes have been checked by whoever makes it.
pub(crate) trait Operation<const INPUTS: usize, const RESULTS: usize>:
    Debug + Clone + Send + 'static
{
    /// What the forward pass remembers for the backward one beside the inputs: results, a tape.
    type Memory: Debug + Send + 'static;

    /// The results and, in `training`, what is remembered.
    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<INPUTS>,
        training: bool,
    ) -> ([FlexTensor; RESULTS], Self::Memory);

    /// Writes the gradients that are wanted, each as long as its input and zero before, from that of the first result
    /// (zeros where nothing follows it) and those of the others (none where nothing follows).
    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<INPUTS>,
        memory: &mut Self::Memory,
        gradient: &FlexTensor,
        others: &[Option<FlexTensor>],
        wanted: [Option<&mut [f32]>; INPUTS],
    );
}

/// Runs an operation on tensors of the Flex device, of which one at least is given.
pub(crate) fn run<O, const INPUTS: usize, const RESULTS: usize>(
    operation: O,
    inputs: [Option<DispatchTensor>; INPUTS],
) -> [DispatchTensor; RESULTS]
where
    O: Operation<INPUTS, RESULTS>,
{
    let results = Dispatch::fused::<O, INPUTS, RESULTS>(Tensors(inputs.into()), operation);
    array(results.0.into_iter().flatten().collect())
}

/// The inputs of an operation: contiguous, `f32`.
#[derive(Debug, Clone)]
pub(crate) struct Inputs<const INPUTS: usize>([Option<FlexTensor>; INPUTS]);

impl<const INPUTS: usize> Inputs<INPUTS> {
    /// An input that is always given.
    pub(crate) fn tensor(&self, index: usize) -> &FlexTensor {
        match &self.0[index] {
            Some(tensor) => tensor,
            None => unreachable!("input {index} is always given"),
        }
    }

    /// Its values.
    pub(crate) fn floats(&self, index: usize) -> &[f32] {
        floats(self.tensor(index))
    }

    /// Its shape.
    pub(crate) fn shape(&self, index: usize) -> Shape {
        self.tensor(index).shape()
    }

    /// An input that may be left out.
    pub(crate) fn find(&self, index: usize) -> Option<&FlexTensor> {
        self.0[index].as_ref()
    }
}

/// For a kernel that writes all of some gradients or none: those that are wanted, and spare buffers as long as the
/// inputs in the place of the others.
pub(crate) fn or_spare<'a, const N: usize>(
    wanted: [Option<&'a mut [f32]>; N],
    lengths: [usize; N],
    spare: &'a mut [Vec<f32>; N],
) -> [&'a mut [f32]; N] {
    let places = wanted.into_iter().zip(lengths).zip(spare);
    let places = places.map(|((wanted, length), spare)| {
        wanted.unwrap_or_else(|| {
            spare.resize(length, 0.0);
            spare.as_mut_slice()
        })
    });
    array(places.collect())
}

fn array<T, const N: usize>(values: Vec<T>) -> [T; N] {
    match values.try_into() {
        Ok(values) => values,
        Err(values) => unreachable!("{} values in the place of {N}", Vec::len(&values)),
    }
}

/// The tensors of a call on one backend.
struct Tensors<B: Backend>(Vec<Option<FloatTensor<B>>>);

impl<B: Backend> ExtensionType<B> for Tensors<B> {
    type Target = Tensors<Dispatch>;

    fn map_to_dispatch<F>(self, map_kind: F, autodiff: DispatchAutodiffContext) -> Self::Target
    where
        F: Fn(BackendTensor<B>) -> DispatchTensorKind,
    {
        let tensors = self.0.into_iter().map(|tensor| {
            let kind = map_kind(BackendTensor::Float(tensor?));
            Some(DispatchTensor { kind, autodiff })
        });
        Tensors(tensors.collect())
    }

    fn map_from_dispatch<F>(target: Self::Target, unwrap_kind: F) -> Self
    where
        F: Fn(DispatchTensor) -> BackendTensor<B>,
    {
        let tensors = target.0.into_iter();
        Self(
            tensors
                .map(|tensor| Some(unwrap_kind(tensor?).float()))
                .collect(),
        )
    }

    fn routing_tensor(target: &Self::Target) -> Option<&DispatchTensor> {
        target.0.iter().flatten().next()
    }

    fn routing_float_tensor(target: &Self::Target) -> Option<&DispatchTensor> {
        target.0.iter().flatten().next()
    }

    fn autodiff_context(target: &Self::Target) -> DispatchAutodiffContext {
        let tensors = target.0.iter().flatten();
        tensors.fold(DispatchAutodiffContext::Disabled, |context, tensor| {
            context.merge(tensor.autodiff)
        })
    }
}

/// Only Flex is listed: on other devices a layer is composed of Burn operations and never comes here.
#[backend_extension(Flex, Autodiff)]
trait Fused: Backend {
    fn fused<O: Operation<INPUTS, RESULTS>, const INPUTS: usize, const RESULTS: usize>(
        #[extension_type] inputs: Tensors<Self>,
        operation: O,
    ) -> Tensors<Self>;
}

impl Fused for Flex {
    fn fused<O: Operation<INPUTS, RESULTS>, const INPUTS: usize, const RESULTS: usize>(
        inputs: Tensors<Self>,
        operation: O,
    ) -> Tensors<Self> {
        let inputs = inputs.0.iter().map(|input| input.as_ref().map(plain));
        let inputs = Inputs(array(inputs.collect()));
        let (results, _) = operation.forward(&Context::global(), &inputs, false);
        Tensors(results.map(Some).into())
    }
}

impl<S: CheckpointStrategy> Fused for Autodiff<Flex, S> {
    fn fused<O: Operation<INPUTS, RESULTS>, const INPUTS: usize, const RESULTS: usize>(
        inputs: Tensors<Self>,
        operation: O,
    ) -> Tensors<Self> {
        let (mut tensors, mut nodes): (Vec<_>, Vec<NodeGuard>) = Default::default();
        for input in inputs.0 {
            let is_given = input.is_some();
            // An input that is left out is a constant in the graph.
            let input = input
                .unwrap_or_else(|| Self::from_inner(FlexTensor::zeros([0].into(), DType::F32)));
            let (tensor, node) = input.into_parts();
            tensors.push(is_given.then(|| plain(&tensor)));
            nodes.push(node);
        }
        let inputs = Inputs(array(tensors));
        let context = Context::global();
        let step = Step::<O, INPUTS, RESULTS>(PhantomData);
        let slots: [Slot; RESULTS] = std::array::from_fn(|_| Slot::default());
        let prepared = step.prepare::<S>(array(nodes)).compute_bound().stateful();
        let (first, others) = match prepared {
            OpsKind::Tracked(prepared) => {
                let (results, memory) = operation.forward(&context, &inputs, true);
                let (first, others) = split(results);
                let saved = Saved {
                    operation,
                    context,
                    inputs,
                    memory: Arc::new(Mutex::new(memory)),
                    slots: slots.clone(),
                };
                (prepared.finish(saved, first), others)
            }
            OpsKind::UnTracked(prepared) => {
                let (results, _) = operation.forward(&context, &inputs, false);
                let (first, others) = split(results);
                (prepared.finish(first), others)
            }
        };
        let shape = first.shape();
        let mut results = Vec::with_capacity(RESULTS);
        for (other, slot) in others.into_iter().zip(&slots[1..]) {
            let prepared = HandOver
                .prepare::<S>([first.node()])
                .compute_bound()
                .stateful();
            results.push(Some(match prepared {
                OpsKind::Tracked(prepared) => {
                    prepared.finish((Arc::clone(slot), shape.clone()), other)
                }
                OpsKind::UnTracked(prepared) => prepared.finish(other),
            }));
        }
        results.insert(0, Some(first));
        Tensors(results)
    }
}

fn split<const RESULTS: usize>(results: [FlexTensor; RESULTS]) -> (FlexTensor, Vec<FlexTensor>) {
    let mut results = results.into_iter();
    match results.next() {
        Some(first) => (first, results.collect()),
        None => unreachable!("an operation has a result"),
    }
}

/// Where the gradient of another result waits for that of the first.
type Slot = Arc<Mutex<Option<FlexTensor>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// What the backward pass needs of the forward one.
#[derive(Debug)]
struct Saved<O: Operation<INPUTS, RESULTS>, const INPUTS: usize, const RESULTS: usize> {
    operation: O,
    context: Context,
    inputs: Inputs<INPUTS>,
    memory: Arc<Mutex<O::Memory>>,
    slots: [Slot; RESULTS],
}

// Not derived: that would ask the memory itself to be cloned.
impl<O, const INPUTS: usize, const RESULTS: usize> Clone for Saved<O, INPUTS, RESULTS>
where
    O: Operation<INPUTS, RESULTS>,
{
    fn clone(&self) -> Self {
        Self {
            operation: self.operation.clone(),
            context: self.context,
            inputs: self.inputs.clone(),
            memory: Arc::clone(&self.memory),
            slots: self.slots.clone(),
        }
    }
}

/// The backward step of an operation, a node of Burn's graph.
#[derive(Debug)]
struct Step<O, const INPUTS: usize, const RESULTS: usize>(PhantomData<O>);

impl<O, const INPUTS: usize, const RESULTS: usize> Backward<Flex, INPUTS>
    for Step<O, INPUTS, RESULTS>
where
    O: Operation<INPUTS, RESULTS>,
{
    type State = Saved<O, INPUTS, RESULTS>;

    fn backward(self, ops: Ops<Self::State, INPUTS>, graph: &mut Graph, _: &mut Checkpointer) {
        let saved = ops.state;
        let gradient = plain(&graph.consume::<Flex>(&ops.node));
        let others = saved.slots[1..].iter();
        let others: Vec<_> = others
            .map(|slot| lock(slot).take().map(|gradient| plain(&gradient)))
            .collect();
        let mut gradients: [Option<Vec<f32>>; INPUTS] = std::array::from_fn(|index| {
            let input = saved.inputs.find(index)?;
            ops.parents[index]
                .as_ref()
                .map(|_| vec![0.0; floats(input).len()])
        });
        saved.operation.backward(
            &saved.context,
            &saved.inputs,
            &mut lock(&saved.memory),
            &gradient,
            &others,
            gradients.each_mut().map(Option::as_deref_mut),
        );
        for (index, (node, values)) in ops.parents.into_iter().zip(gradients).enumerate() {
            if let (Some(node), Some(values)) = (node, values) {
                let data = TensorData::new(values, saved.inputs.shape(index));
                graph.register::<Flex>(node.id, FlexTensor::from_data(data));
            }
        }
    }
}

/// A result after the first is a child of the first, whose backward step only hands its gradient over.
#[derive(Debug)]
struct HandOver;

impl Backward<Flex, 1> for HandOver {
    type State = (Slot, Shape);

    fn backward(self, ops: Ops<Self::State, 1>, graph: &mut Graph, _: &mut Checkpointer) {
        let gradient = graph.consume::<Flex>(&ops.node);
        let (slot, shape) = ops.state;
        *lock(&slot) = Some(gradient);
        let [first] = ops.parents;
        if let Some(first) = first {
            // The first result must be visited even when nothing else follows it.
            graph.register::<Flex>(first.id, FlexTensor::zeros(shape, DType::F32));
        }
    }
}
