//! The fused step as a Burn extension operation with a backward pass of its own.
use crate::flex::{fitting, floats, plain, tensor};
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData};
use ressac_kernels::cell::Gru;
use ressac_kernels::context::Context;
use ressac_kernels::fan_out::{Gradients as KernelGradients, Sizes, Sums};

/// What the operation needs beside tensors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    has_own: bool,
}

/// The operation. Only Flex is listed: on other devices [`super::fan_out`] never calls it.
#[backend_extension(Flex, Autodiff)]
pub(super) trait FusedFanOut: Backend {
    /// `bias [4·hidden]`, `shared [members, branches, 3·hidden]`, `own [groups, branches, 3·hidden]`
    /// (not read without one), `sums [groups·members, 3·hidden]`, `state [groups·members, hidden]`.
    fn fused_fan_out(
        bias: FloatTensor<Self>,
        shared: FloatTensor<Self>,
        own: FloatTensor<Self>,
        sums: FloatTensor<Self>,
        state: FloatTensor<Self>,
        call: Call,
    ) -> FloatTensor<Self>;
}

/// `[groups · members, branches, hidden]`.
pub(super) fn step(
    bias: Tensor<1>,
    shared: Tensor<3>,
    own: Option<Tensor<3>>,
    sums: Tensor<2>,
    state: Tensor<2>,
) -> Tensor<3> {
    let call = Call {
        has_own: own.is_some(),
    };
    // Without own inputs any tensor serves: `call` says that it is not read.
    let own = own.unwrap_or_else(|| Tensor::zeros([1, 1, 1], &shared.device()));
    Tensor::from_dispatch(Dispatch::fused_fan_out(
        bias.into_dispatch(),
        shared.into_dispatch(),
        own.into_dispatch(),
        sums.into_dispatch(),
        state.into_dispatch(),
        call,
    ))
}

/// Bias, shared, own, sums and state, contiguous.
#[derive(Debug, Clone)]
struct Inputs {
    tensors: [FlexTensor; 5],
    call: Call,
}

impl Inputs {
    fn new(tensors: [&FlexTensor; 5], call: Call) -> Self {
        Self {
            tensors: tensors.map(plain),
            call,
        }
    }

    fn sizes(&self) -> Sizes {
        let [_, shared, _, _, state] = &self.tensors;
        let (shared, state) = (shared.shape(), state.shape());
        Sizes {
            groups: state[0] / shared[0],
            members: shared[0],
            branches: shared[1],
            hidden: state[1],
        }
    }

    fn sums(&self) -> Sums<'_> {
        let [bias, shared, own, sums, state] = &self.tensors;
        Sums {
            bias: floats(bias),
            shared: floats(shared),
            own: self.call.has_own.then(|| floats(own)),
            sums: floats(sums),
            state: floats(state),
        }
    }

    fn run(&self) -> FlexTensor {
        let sizes = self.sizes();
        let rows = sizes.groups * sizes.members;
        let mut output = vec![0.0; rows * sizes.branches * sizes.hidden];
        fitting(sizes.forward(&Context::global(), &Gru, self.sums(), &mut output));
        tensor(output, [rows, sizes.branches, sizes.hidden])
    }
}

impl FusedFanOut for Flex {
    fn fused_fan_out(
        bias: FlexTensor,
        shared: FlexTensor,
        own: FlexTensor,
        sums: FlexTensor,
        state: FlexTensor,
        call: Call,
    ) -> FlexTensor {
        Inputs::new([&bias, &shared, &own, &sums, &state], call).run()
    }
}

#[derive(Debug)]
struct FanOutBackward;

impl Backward<Flex, 5> for FanOutBackward {
    type State = Inputs;

    fn backward(self, ops: Ops<Inputs, 5>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let output_gradient = plain(&gradients.consume::<Flex>(&ops.node));
        let inputs = ops.state;
        let mut found = inputs
            .tensors
            .each_ref()
            .map(|tensor| vec![0.0f32; floats(tensor).len()]);
        let [bias, shared, own, sums, state] = &mut found;
        fitting(inputs.sizes().backward(
            &Context::global(),
            &Gru,
            inputs.sums(),
            floats(&output_gradient),
            KernelGradients {
                bias,
                shared,
                own: inputs.call.has_own.then_some(own.as_mut_slice()),
                sums,
                state,
            },
        ));
        for ((node, values), like) in ops.parents.into_iter().zip(found).zip(&inputs.tensors) {
            if let Some(node) = node {
                let gradient = FlexTensor::from_data(TensorData::new(values, like.shape()));
                gradients.register::<Flex>(node.id, gradient);
            }
        }
    }
}

impl<C: CheckpointStrategy> FusedFanOut for Autodiff<Flex, C> {
    fn fused_fan_out(
        bias: FloatTensor<Self>,
        shared: FloatTensor<Self>,
        own: FloatTensor<Self>,
        sums: FloatTensor<Self>,
        state: FloatTensor<Self>,
        call: Call,
    ) -> FloatTensor<Self> {
        let (bias, bias_node) = bias.into_parts();
        let (shared, shared_node) = shared.into_parts();
        let (own, own_node) = own.into_parts();
        let (sums, sums_node) = sums.into_parts();
        let (state, state_node) = state.into_parts();
        let inputs = Inputs::new([&bias, &shared, &own, &sums, &state], call);
        let output = inputs.run();
        match FanOutBackward
            .prepare::<C>([bias_node, shared_node, own_node, sums_node, state_node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish(inputs, output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}
