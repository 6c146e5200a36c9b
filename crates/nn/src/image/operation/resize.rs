//! Changes of size.
use super::pool::images;
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::context::Context;
use ressac_kernels::resampling::{Kind, Resampling};

const INPUT: usize = 0;

/// Maps whose channels are last, at another (height, width).
#[derive(Debug, Clone)]
pub(in super::super) struct Call(pub(in super::super) Kind, pub(in super::super) [usize; 2]);

impl Call {
    pub(in super::super) fn run(self, map: Tensor<4>) -> Tensor<4> {
        let [output] = fused::run(self, [Some(map.into_dispatch())]);
        Tensor::from_dispatch(output)
    }

    fn resampling(&self, inputs: &Inputs<1>) -> Resampling {
        Resampling {
            kind: self.0,
            images: images(&inputs.shape(INPUT)),
            to: self.1,
        }
    }
}

impl Operation<1, 1> for Call {
    type Memory = ();

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        _training: bool,
    ) -> ([FlexTensor; 1], ()) {
        let resampling = self.resampling(inputs);
        let [height, width] = self.1;
        let shape = [
            resampling.images.batch,
            height,
            width,
            resampling.images.channels,
        ];
        let mut output = vec![0.0; shape.iter().product()];
        fitting(resampling.forward(context, inputs.floats(INPUT), &mut output));
        ([tensor(output, shape)], ())
    }

    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        (): &mut (),
        gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        [input]: [Option<&mut [f32]>; 1],
    ) {
        if let Some(input) = input {
            fitting((self.resampling(inputs)).backward(context, floats(gradient), input));
        }
    }
}
