//! The binary cross-entropy: the loss of a classifier of several classes at once.
use super::operation::{self, LossKernel};
use crate::{NnError, is_fused};
use burn::tensor::{Tensor, TensorData, activation};
use ressac_kernels::binary_cross_entropy::BinaryCrossEntropy as Kernel;
use ressac_kernels::context::Context;
use ressac_kernels::error::ShapeError;

/// What [`binary_cross_entropy`] is, beside logits and targets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BinaryCrossEntropy {
    smoothing: f64,
    positive_weights: Option<Vec<f32>>,
}

impl BinaryCrossEntropy {
    /// Without smoothing, every class with weight one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Label smoothing: a target of 1 becomes 1 − ε/2, one of 0 becomes ε/2, ε from 0 to 1.
    #[must_use]
    pub const fn with_smoothing(mut self, smoothing: f64) -> Self {
        self.smoothing = smoothing;
        self
    }

    /// How much each class counts where it holds, zero or more: PyTorch's `pos_weight`.
    #[must_use]
    pub fn with_positive_weights(mut self, weights: Vec<f32>) -> Self {
        self.positive_weights = Some(weights);
        self
    }

    fn kernel(&self, classes: usize) -> Kernel<'_> {
        Kernel {
            classes,
            smoothing: self.smoothing,
            positive_weights: self.positive_weights.as_deref(),
        }
    }
}

impl LossKernel for BinaryCrossEntropy {
    type Target = f32;

    fn run(
        &self,
        classes: usize,
        context: &Context,
        logits: &[f32],
        targets: &[f32],
        gradient: Option<&mut [f32]>,
    ) -> Result<f64, ShapeError> {
        (self.kernel(classes)).run(context, logits, targets, gradient)
    }
}

/// The mean binary cross-entropy `[1]` over rows and classes of `logits [rows, classes]`, before any logistic function,
/// and `targets`, as many row by row, 1 where a class holds and 0 where it does not: PyTorch's `BCEWithLogitsLoss`. On the
/// fused path loss and gradient come from one pass over the logits, and the sum is in `f64`.
///
/// # Errors
/// No value; not as many targets as logits; a target, a smoothing or weights that are not what they should be.
pub fn binary_cross_entropy(
    logits: Tensor<2>,
    targets: &[f32],
    loss: &BinaryCrossEntropy,
) -> Result<Tensor<1>, NnError> {
    let [rows, classes] = logits.dims();
    loss.kernel(classes).check(rows * classes, targets)?;
    let device = logits.device();
    if is_fused(&device) {
        return Ok(operation::run(loss, targets, logits));
    }
    let constant = |values: Vec<f32>, rows: usize| {
        Tensor::<2>::from_data(TensorData::new(values, [rows, classes]), &device)
    };
    let weights = loss.positive_weights.clone();
    let weights = constant(weights.unwrap_or_else(|| vec![1.0; classes]), 1);
    let smoothed = constant(targets.to_vec(), rows) * (1.0 - loss.smoothing) + loss.smoothing / 2.0;
    let holding = activation::log_sigmoid(logits.clone()) * smoothed.clone() * weights;
    let others = activation::log_sigmoid(-logits) * (-smoothed + 1.0);
    Ok(-(holding + others).mean())
}
