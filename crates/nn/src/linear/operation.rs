//! The fused affine layer as a Burn extension operation with a backward pass of its own.
use crate::flex::{floats, plain, tensor};
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData};
use ressac_kernels::context::Context;
use ressac_kernels::linear::{Activation, Linear, LinearGradients};

/// What the operation needs beside tensors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    activation: Activation,
    has_bias: bool,
}

/// The operation. Only Flex is listed: on other devices the layer never calls it.
#[backend_extension(Flex, Autodiff)]
pub(super) trait FusedLinear: Backend {
    /// `input [rows, input]`, `weights [output, input]`, `bias [output]` (not read without one).
    fn fused_linear(
        input: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        call: Call,
    ) -> FloatTensor<Self>;
}

pub(super) fn linear(
    input: Tensor<2>,
    weights: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<2> {
    let call = Call {
        activation,
        has_bias: bias.is_some(),
    };
    let bias = bias.unwrap_or_else(|| Tensor::zeros([1], &input.device()));
    Tensor::from_dispatch(Dispatch::fused_linear(
        input.into_dispatch(),
        weights.into_dispatch(),
        bias.into_dispatch(),
        call,
    ))
}

fn layer(weights: &FlexTensor, call: Call) -> Linear {
    let shape = weights.shape();
    Linear {
        input: shape[1],
        output: shape[0],
        activation: call.activation,
    }
}

impl FusedLinear for Flex {
    fn fused_linear(
        input: FlexTensor,
        weights: FlexTensor,
        bias: FlexTensor,
        call: Call,
    ) -> FlexTensor {
        let (input, weights, bias) = (plain(&input), plain(&weights), plain(&bias));
        let layer = layer(&weights, call);
        let rows = input.shape()[0];
        let mut output = vec![0.0; rows * layer.output];
        let done = layer.forward(
            &Context::global(),
            floats(&input),
            floats(&weights),
            call.has_bias.then(|| floats(&bias)),
            &mut output,
        );
        crate::flex::fitting(done);
        tensor(output, [rows, layer.output])
    }
}

#[derive(Debug)]
struct LinearBackward;

impl Backward<Flex, 3> for LinearBackward {
    /// Input, weights, bias and output of the forward pass.
    type State = ([FlexTensor; 4], Call);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let output_gradient = plain(&gradients.consume::<Flex>(&ops.node));
        let ([input, weights, bias, output], call) = ops.state;
        let [of_input, of_weights, of_bias] = ops.parents;
        let like = |tensor: &FlexTensor| vec![0.0f32; floats(tensor).len()];
        let mut dx = of_input.as_ref().map(|_| like(&input));
        let mut dw = of_weights.as_ref().map(|_| like(&weights));
        let mut db = of_bias.as_ref().map(|_| like(&bias));
        let done = layer(&weights, call).backward(
            &Context::global(),
            floats(&input),
            floats(&weights),
            floats(&output),
            floats(&output_gradient),
            LinearGradients {
                input: dx.as_deref_mut(),
                weights: dw.as_deref_mut(),
                bias: if call.has_bias {
                    db.as_deref_mut()
                } else {
                    None
                },
            },
        );
        crate::flex::fitting(done);
        for (node, values, like) in [
            (of_input, dx, &input),
            (of_weights, dw, &weights),
            (of_bias, db, &bias),
        ] {
            if let (Some(node), Some(values)) = (node, values) {
                let gradient = FlexTensor::from_data(TensorData::new(values, like.shape()));
                gradients.register::<Flex>(node.id, gradient);
            }
        }
    }
}

impl<C: CheckpointStrategy> FusedLinear for Autodiff<Flex, C> {
    fn fused_linear(
        input: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        call: Call,
    ) -> FloatTensor<Self> {
        let (input, input_node) = input.into_parts();
        let (weights, weights_node) = weights.into_parts();
        let (bias, bias_node) = bias.into_parts();
        let nodes = [input_node, weights_node, bias_node];
        let (input, weights, bias) = (plain(&input), plain(&weights), plain(&bias));
        let output = Flex::fused_linear(input.clone(), weights.clone(), bias.clone(), call);
        match LinearBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let saved = [input, weights, bias, output.clone()];
                prep.finish((saved, call), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}
