//! The fused affine layer: its shapes.
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use crate::packed::PackCache;
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::context::Context;
use ressac_kernels::linear::{Activation, Linear, LinearGradients, PackedLinear};

const INPUT: usize = 0;
const WEIGHTS: usize = 1;
const BIAS: usize = 2;

/// φ(x·Wᵀ + b) of `input [rows, input]`, `weights [output, input]` and `bias [output]`, which may be left out.
/// In inference weights that have a cache are packed once.
pub(super) fn linear(
    input: Tensor<2>,
    weights: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
    cache: Option<&PackCache<PackedLinear>>,
) -> Tensor<2> {
    let call = Affine {
        activation,
        cache: cache.cloned(),
    };
    let [output] = fused::run(
        call,
        [
            Some(input.into_dispatch()),
            Some(weights.into_dispatch()),
            bias.map(Tensor::into_dispatch),
        ],
    );
    Tensor::from_dispatch(output)
}

#[derive(Debug, Clone)]
struct Affine {
    activation: Activation,
    cache: Option<PackCache<PackedLinear>>,
}

impl Affine {
    fn layer(&self, inputs: &Inputs<3>) -> Linear {
        let weights = inputs.shape(WEIGHTS);
        Linear {
            input: weights[1],
            output: weights[0],
            activation: self.activation,
        }
    }
}

impl Operation<3, 1> for Affine {
    /// The output.
    type Memory = FlexTensor;

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<3>,
        training: bool,
    ) -> ([FlexTensor; 1], FlexTensor) {
        let layer = self.layer(inputs);
        let rows = inputs.shape(INPUT)[0];
        let mut output = vec![0.0; rows * layer.output];
        let (input, weights) = (inputs.floats(INPUT), inputs.floats(WEIGHTS));
        let bias = inputs.find(BIAS).map(floats);
        if let Some(cache) = self.cache.as_ref().filter(|_| !training) {
            let arrays = [Some(inputs.tensor(WEIGHTS)), inputs.find(BIAS)];
            let arrays: Vec<&FlexTensor> = arrays.into_iter().flatten().collect();
            let pack = || fitting(layer.pack(context, weights, bias));
            let packed = cache.get(context, &arrays, pack);
            fitting(layer.forward_packed(context, input, &packed, &mut output));
        } else {
            fitting(layer.forward(context, input, weights, bias, &mut output));
        }
        let output = tensor(output, [rows, layer.output]);
        ([output.clone()], output)
    }

    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<3>,
        output: &mut FlexTensor,
        output_gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        [input, weights, bias]: [Option<&mut [f32]>; 3],
    ) {
        fitting(self.layer(inputs).backward(
            context,
            inputs.floats(INPUT),
            inputs.floats(WEIGHTS),
            floats(output),
            floats(output_gradient),
            LinearGradients {
                input,
                weights,
                bias,
            },
        ));
    }
}
