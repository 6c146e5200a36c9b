//! Convolutions of both kinds.
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::context::Context;
use ressac_kernels::convolution::{Convolution, ConvolutionGradients, TransposedConvolution};

const INPUT: usize = 0;
const WEIGHTS: usize = 1;
const BIAS: usize = 2;

#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Kind {
    Plain(Convolution),
    Transposed(TransposedConvolution),
}

/// A convolution of maps whose channels are last.
#[derive(Debug, Clone)]
pub(in super::super) struct Call(pub(in super::super) Kind);

impl Call {
    pub(in super::super) fn run(
        self,
        input: Tensor<4>,
        weights: Tensor<4>,
        bias: Option<Tensor<1>>,
    ) -> Tensor<4> {
        let [output] = fused::run(
            self,
            [
                Some(input.into_dispatch()),
                Some(weights.into_dispatch()),
                bias.map(Tensor::into_dispatch),
            ],
        );
        Tensor::from_dispatch(output)
    }

    /// Size of a map, that of its result, and the channels of the result.
    fn sizes(&self, inputs: &Inputs<3>) -> ([usize; 2], [usize; 2], usize) {
        let shape = inputs.shape(INPUT);
        let size = [shape[1], shape[2]];
        let (output, channels) = match &self.0 {
            Kind::Plain(sizes) => (sizes.output_size(size), sizes.channels_out),
            Kind::Transposed(sizes) => (sizes.output_size(size), sizes.channels_out),
        };
        (size, fitting(output), channels)
    }
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
        let (size, [height, width], channels) = self.sizes(inputs);
        let shape = [inputs.shape(INPUT)[0], height, width, channels];
        let mut output = vec![0.0; shape.iter().product()];
        let (input, weights) = (inputs.floats(INPUT), inputs.floats(WEIGHTS));
        let bias = inputs.find(BIAS).map(floats);
        fitting(match &self.0 {
            Kind::Plain(sizes) => sizes.forward(context, size, input, weights, bias, &mut output),
            Kind::Transposed(sizes) => {
                sizes.forward(context, size, input, weights, bias, &mut output)
            }
        });
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
        let (size, ..) = self.sizes(inputs);
        let gradients = ConvolutionGradients {
            input,
            weights,
            bias,
        };
        let (x, w) = (inputs.floats(INPUT), inputs.floats(WEIGHTS));
        let (y, dy) = (floats(output), floats(gradient));
        fitting(match &self.0 {
            Kind::Plain(sizes) => sizes.backward(context, size, x, w, y, dy, gradients),
            Kind::Transposed(sizes) => sizes.backward(context, size, x, w, y, dy, gradients),
        });
    }
}
