//! A loss from logits as a fused operation: its shapes. The gradient is made with the loss and only scaled later.
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use ressac_kernels::context::Context;
use ressac_kernels::error::ShapeError;
use std::fmt::Debug;
use std::sync::Arc;

const LOGITS: usize = 0;

/// A mean loss of `logits [rows, classes]` that a kernel computes together with its gradient.
pub(super) trait LossKernel: Debug + Clone + Send + 'static {
    /// A target.
    type Target: Debug + Clone + Send + Sync + 'static;

    /// The loss, and where `gradient` is given that of the logits.
    fn run(
        &self,
        classes: usize,
        context: &Context,
        logits: &[f32],
        targets: &[Self::Target],
        gradient: Option<&mut [f32]>,
    ) -> Result<f64, ShapeError>;
}

/// `[1]` of `logits [rows, classes]`.
pub(super) fn run<L: LossKernel>(loss: &L, targets: &[L::Target], logits: Tensor<2>) -> Tensor<1> {
    let call = Call {
        targets: targets.into(),
        loss: loss.clone(),
    };
    let [output] = fused::run(call, [Some(logits.into_dispatch())]);
    Tensor::from_dispatch(output)
}

#[derive(Debug, Clone)]
struct Call<L: LossKernel> {
    targets: Arc<[L::Target]>,
    loss: L,
}

impl<L: LossKernel> Operation<1, 1> for Call<L> {
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
        let classes = inputs.shape(LOGITS)[1];
        let to = training.then_some(gradient.as_mut_slice());
        let loss = fitting((self.loss).run(classes, context, logits, &self.targets, to));
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
