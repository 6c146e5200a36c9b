//! Batch normalisation: moments come back beside the result.
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::batch_norm::{BatchNorm, BatchNormGradients, Moments, Operands, Source};
use ressac_kernels::context::Context;

const INPUT: usize = 0;
const GAIN: usize = 1;
const SHIFT: usize = 2;

/// A normalisation of maps whose channels are last.
#[derive(Debug, Clone)]
pub(in super::super) struct Call {
    pub(in super::super) norm: BatchNorm,
    /// Those of a network that was trained; without them, those of the map itself.
    pub(in super::super) moments: Option<Moments>,
}

impl Call {
    /// The normalised map; mean and unbiased variance of the channels of this one, each `[channels]`. Of a map of one pixel
    /// the variance is zero.
    pub(in super::super) fn run(
        self,
        input: Tensor<4>,
        gain: Tensor<1>,
        shift: Tensor<1>,
    ) -> (Tensor<4>, [Tensor<1>; 2]) {
        let inputs = [
            Some(input.into_dispatch()),
            Some(gain.into_dispatch()),
            Some(shift.into_dispatch()),
        ];
        let [output, mean, variance] = fused::run(self, inputs);
        let of = |values| Tensor::<1>::from_dispatch(values).detach();
        (Tensor::from_dispatch(output), [of(mean), of(variance)])
    }
}

fn operands(inputs: &Inputs<3>) -> Operands<'_> {
    Operands {
        input: inputs.floats(INPUT),
        gain: inputs.floats(GAIN),
        shift: inputs.floats(SHIFT),
    }
}

fn single(values: &[f64]) -> FlexTensor {
    let values: Vec<f32> = values.iter().map(|value| *value as f32).collect();
    let count = values.len();
    tensor(values, [count])
}

impl Operation<3, 3> for Call {
    /// The moments, and the output.
    type Memory = (Moments, FlexTensor);

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<3>,
        _training: bool,
    ) -> ([FlexTensor; 3], (Moments, FlexTensor)) {
        let operands = operands(inputs);
        let mut output = vec![0.0; operands.input.len()];
        let norm = &self.norm;
        let moments = match &self.moments {
            None => fitting(norm.forward(context, operands, &mut output)),
            Some(given) => {
                fitting(norm.infer(context, operands, given, &mut output));
                given.clone()
            }
        };
        let rows = operands.input.len() / norm.channels;
        let unbiased = moments.unbiased(rows);
        let unbiased = unbiased.unwrap_or_else(|| vec![0.0; norm.channels]);
        let shape = inputs.shape(INPUT);
        let output = tensor(output, [shape[0], shape[1], shape[2], shape[3]]);
        let results = [output.clone(), single(&moments.mean), single(&unbiased)];
        (results, (moments, output))
    }

    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<3>,
        (moments, output): &mut (Moments, FlexTensor),
        gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        [input, gain, shift]: [Option<&mut [f32]>; 3],
    ) {
        let source = match self.moments {
            None => Source::Rows(moments),
            Some(_) => Source::Given(moments),
        };
        fitting(self.norm.backward(
            context,
            operands(inputs),
            source,
            floats(output),
            floats(gradient),
            BatchNormGradients { input, gain, shift },
        ));
    }
}
