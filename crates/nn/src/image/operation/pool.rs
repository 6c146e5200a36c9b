//! Pools over windows, and over whole maps.
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, Tensor};
use ressac_kernels::context::Context;
use ressac_kernels::image_pooling::{GlobalAverage, ImagePooling, Images, Kind, Window};

const INPUT: usize = 0;

pub(in super::super) fn images(shape: &Shape) -> Images {
    Images {
        batch: shape[0],
        height: shape[1],
        width: shape[2],
        channels: shape[3],
    }
}

/// A pool over the windows of maps whose channels are last.
#[derive(Debug, Clone)]
pub(in super::super) struct Call(pub(in super::super) Kind, pub(in super::super) Window);

impl Call {
    pub(in super::super) fn run(self, map: Tensor<4>) -> Tensor<4> {
        let [output] = fused::run(self, [Some(map.into_dispatch())]);
        Tensor::from_dispatch(output)
    }

    fn pooling(&self, inputs: &Inputs<1>) -> ImagePooling {
        ImagePooling {
            kind: self.0,
            images: images(&inputs.shape(INPUT)),
            window: self.1,
        }
    }
}

impl Operation<1, 1> for Call {
    /// The pixel of each largest value.
    type Memory = Vec<u32>;

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        training: bool,
    ) -> ([FlexTensor; 1], Vec<u32>) {
        let pooling = self.pooling(inputs);
        let [height, width] = fitting(pooling.output());
        let shape = [pooling.images.batch, height, width, pooling.images.channels];
        let mut output = vec![0.0; shape.iter().product()];
        let wanted = training && self.0 == Kind::Max;
        let mut places = vec![0; if wanted { output.len() } else { 0 }];
        let to = wanted.then_some(places.as_mut_slice());
        fitting(pooling.forward(context, inputs.floats(INPUT), &mut output, to));
        ([tensor(output, shape)], places)
    }

    fn backward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        places: &mut Vec<u32>,
        gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        [input]: [Option<&mut [f32]>; 1],
    ) {
        if let Some(input) = input {
            fitting((self.pooling(inputs)).backward(context, places, floats(gradient), input));
        }
    }
}

/// The mean of each channel over a map: `[batch, channels]`.
#[derive(Debug, Clone)]
pub(in super::super) struct Global;

impl Global {
    pub(in super::super) fn run(self, map: Tensor<4>) -> Tensor<2> {
        let [output] = fused::run(self, [Some(map.into_dispatch())]);
        Tensor::from_dispatch(output)
    }
}

impl Operation<1, 1> for Global {
    type Memory = ();

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        _training: bool,
    ) -> ([FlexTensor; 1], ()) {
        let images = images(&inputs.shape(INPUT));
        let mut output = vec![0.0; images.batch * images.channels];
        fitting(GlobalAverage(images).forward(context, inputs.floats(INPUT), &mut output));
        ([tensor(output, [images.batch, images.channels])], ())
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
            let images = images(&inputs.shape(INPUT));
            fitting(GlobalAverage(images).backward(context, floats(gradient), input));
        }
    }
}
