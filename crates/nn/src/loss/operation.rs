//! The fused cross-entropy: its shapes. The gradient is made with the loss and only scaled later.
use super::CrossEntropy;
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::context::Context;
use std::sync::Arc;

const LOGITS: usize = 0;

/// `[1]` of `logits [rows, classes]`.
pub(super) fn cross_entropy(logits: Tensor<2>, targets: &[u32], loss: &CrossEntropy) -> Tensor<1> {
    let call = Call {
        targets: targets.into(),
        loss: loss.clone(),
    };
    let [output] = fused::run(call, [Some(logits.into_dispatch())]);
    Tensor::from_dispatch(output)
}

#[derive(Debug, Clone)]
struct Call {
    targets: Arc<[u32]>,
    loss: CrossEntropy,
}

impl Operation<1, 1> for Call {
    /// The gradient of the logits for a gradient of one.
    type Memory = Vec<f32>;

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<1>,
        training: bool,
    ) -> ([FlexTensor; 1], Vec<f32>) {
        let logits = inputs.floats(LOGITS);
        let mut gradient = vec![0.0; if training { logits.len() } else { 0 }];
        let kernel = self.loss.kernel(inputs.shape(LOGITS)[1]);
        let to = training.then_some(gradient.as_mut_slice());
        let loss = fitting(kernel.run(context, logits, &self.targets, to));
        ([tensor(vec![loss as f32], [1])], gradient)
    }

    fn backward(
        &self,
        _: &Context,
        _: &Inputs<1>,
        of_one: &mut Vec<f32>,
        gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        [logits]: [Option<&mut [f32]>; 1],
    ) {
        let scale = floats(gradient)[0];
        for (to, value) in logits.into_iter().flatten().zip(of_one) {
            *to = scale * *value;
        }
    }
}
