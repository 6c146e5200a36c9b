//! The convolution and its transpose as an operation of Burn: its shapes, its gradients, and the call of the kernel.
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::context::Context;
use ressac_kernels::convolution::{Backward, Convolution, ConvolutionGradients, Forward};

const INPUT: usize = 0;
const WEIGHTS: usize = 1;
const BIAS: usize = 2;

/// A convolution of maps whose channels are last.
pub(in super::super) fn convolve(
    sizes: Convolution,
    input: Tensor<4>,
    weights: Tensor<4>,
    bias: Option<Tensor<1>>,
) -> Tensor<4> {
    let [output] = fused::run(
        Call(sizes),
        [
            Some(input.into_dispatch()),
            Some(weights.into_dispatch()),
            bias.map(Tensor::into_dispatch),
        ],
    );
    Tensor::from_dispatch(output)
}

#[derive(Debug, Clone)]
struct Call(Convolution);

/// Height and width of the maps.
fn size(inputs: &Inputs<3>) -> [usize; 2] {
    let shape = inputs.shape(INPUT);
    [shape[1], shape[2]]
}

impl Operation<3, 1> for Call {
    /// The output.
    type Memory = FlexTensor;

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<3>,
        _training: bool,
    ) -> ([FlexTensor; 1], FlexTensor) {
        let size = size(inputs);
        let [height, width] = fitting(self.0.output_size(size));
        let shape = [inputs.shape(INPUT)[0], height, width, self.0.channels_out];
        let mut output = vec![0.0; shape.iter().product()];
        let call = Forward {
            input: inputs.floats(INPUT),
            weights: inputs.floats(WEIGHTS),
            bias: inputs.find(BIAS).map(floats),
            output: &mut output,
        };
        fitting(self.0.forward(context, size, call));
        let output = tensor(output, shape);
        ([output.clone()], output)
    }

    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<3>,
        output: &mut FlexTensor,
        gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        [input, weights, bias]: [Option<&mut [f32]>; 3],
    ) {
        let call = Backward {
            input: inputs.floats(INPUT),
            weights: inputs.floats(WEIGHTS),
            output: floats(output),
            output_gradient: floats(gradient),
            gradients: ConvolutionGradients {
                input,
                weights,
                bias,
            },
        };
        fitting(self.0.backward(context, size(inputs), call));
    }
}
