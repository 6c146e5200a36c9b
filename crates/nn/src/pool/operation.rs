//! The fused pools: their shapes, and which step a maximum came from.
use crate::Lengths;
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::context::Context;
pub(super) use ressac_kernels::pooling::Kind;
use ressac_kernels::pooling::Pooling;
use ressac_kernels::recurrent::Steps;

const VALUES: usize = 0;

/// `[batch, features]` of `values [batch, time, features]`.
pub(super) fn pool(kind: Kind, values: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<2> {
    let lengths = lengths.cloned();
    let [output] = fused::run(Pool { kind, lengths }, [Some(values.into_dispatch())]);
    Tensor::from_dispatch(output)
}

#[derive(Debug, Clone)]
struct Pool {
    kind: Kind,
    lengths: Option<Lengths>,
}

impl Pool {
    fn pooling(&self, inputs: &Inputs<1>) -> Pooling<'_> {
        let shape = inputs.shape(VALUES);
        Pooling {
            kind: self.kind,
            batch: shape[0],
            time: shape[1],
            features: shape[2],
            steps: self.lengths.as_ref().map_or(Steps::All, Lengths::steps),
        }
    }
}

impl Operation<1, 1> for Pool {
    /// The step of each value of a maximum.
    type Memory = Vec<u32>;

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        training: bool,
    ) -> ([FlexTensor; 1], Vec<u32>) {
        let pooling = self.pooling(inputs);
        let (batch, features) = (pooling.batch, pooling.features);
        let mut output = vec![0.0; batch * features];
        let wanted = training && self.kind == Kind::Max;
        let mut places = vec![0; if wanted { output.len() } else { 0 }];
        let to = wanted.then_some(places.as_mut_slice());
        fitting(pooling.forward(context, inputs.floats(VALUES), &mut output, to));
        ([tensor(output, [batch, features])], places)
    }

    fn backward(
        &self,
        _: &Context,
        inputs: &Inputs<1>,
        places: &mut Vec<u32>,
        gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        [values]: [Option<&mut [f32]>; 1],
    ) {
        if let Some(values) = values {
            let pooling = self.pooling(inputs);
            fitting(pooling.backward(places, floats(gradient), values));
        }
    }
}
