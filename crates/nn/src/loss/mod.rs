//! Losses that have a kernel of their own.
mod binary;
mod operation;
mod output;
#[cfg(test)]
mod tests;

use crate::{NnError, is_fused};
pub use binary::{BinaryCrossEntropy, binary_cross_entropy};
use burn::tensor::{Int, Tensor, TensorData, activation};
use operation::LossKernel;
pub use output::{OutputLoss, OutputLosses, PADDING};
use ressac_kernels::context::Context;
use ressac_kernels::cross_entropy::CrossEntropy as Kernel;
use ressac_kernels::error::ShapeError;

/// What [`cross_entropy`] is, beside logits and targets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CrossEntropy {
    smoothing: f64,
    class_weights: Option<Vec<f32>>,
}

impl CrossEntropy {
    /// Without smoothing, every class with weight one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Label smoothing (Szegedy et al. 2016): this share of a target, from 0 to 1, is spread evenly over all classes.
    #[must_use]
    pub const fn with_smoothing(mut self, smoothing: f64) -> Self {
        self.smoothing = smoothing;
        self
    }

    /// A weight for each class, zero or more. A class of weight zero is left out of the mean, as padding should be.
    #[must_use]
    pub fn with_class_weights(mut self, weights: Vec<f32>) -> Self {
        self.class_weights = Some(weights);
        self
    }

    fn kernel(&self, classes: usize) -> Kernel<'_> {
        Kernel {
            classes,
            smoothing: self.smoothing,
            class_weights: self.class_weights.as_deref(),
        }
    }
}

/// ln Σ e^x of each row of `logits [rows, classes]` on the host: what makes probabilities of them. A row's bits do not depend on
/// the rows beside it.
///
/// # Errors
/// No row, or values that do not fill the last one.
pub fn log_sum_exp(logits: &[f32], classes: usize) -> Result<Vec<f64>, NnError> {
    let rows = logits.len() / classes.max(1);
    let loss = CrossEntropy::new();
    let losses = (loss.kernel(classes)).losses(&Context::global(), logits, &vec![0; rows])?;
    let first = logits.chunks_exact(classes).map(|row| f64::from(row[0]));
    Ok(losses
        .iter()
        .zip(first)
        .map(|(loss, first)| loss + first)
        .collect())
}

impl LossKernel for CrossEntropy {
    type Target = u32;

    fn run(
        &self,
        classes: usize,
        context: &Context,
        logits: &[f32],
        targets: &[u32],
        gradient: Option<&mut [f32]>,
    ) -> Result<f64, ShapeError> {
        (self.kernel(classes)).run(context, logits, targets, gradient)
    }
}

/// The mean cross-entropy `[1]` of `logits [rows, classes]`, before any softmax, and a target class for each row, as
/// PyTorch's `CrossEntropyLoss` defines it: rows are weighted by the weight of their class. On the fused path loss and
/// gradient come from one pass over the logits, and the sum over the rows is in `f64`.
///
/// # Errors
/// No row; a target that is not a class; a smoothing or class weights that are not what they should be.
pub fn cross_entropy(
    logits: Tensor<2>,
    targets: &[u32],
    loss: &CrossEntropy,
) -> Result<Tensor<1>, NnError> {
    let [rows, classes] = logits.dims();
    let kernel = loss.kernel(classes);
    kernel.check(rows * classes, targets)?;
    if is_fused(&logits.device()) {
        return Ok(operation::run(loss, targets, logits));
    }
    let device = logits.device();
    let all = loss.class_weights.clone();
    let all = all.unwrap_or_else(|| vec![1.0; classes]);
    let own = targets.iter().map(|&target| all[target as usize]).collect();
    let own = Tensor::<2>::from_data(TensorData::new::<f32, _>(own, [rows, 1]), &device);
    let places = targets.iter().map(|&target| i64::from(target)).collect();
    let places = TensorData::new::<i64, _>(places, [rows, 1]);
    let places = Tensor::<2, Int>::from_data(places, &device);
    let all = Tensor::<2>::from_data(TensorData::new(all, [1, classes]), &device);
    let logarithms = activation::log_softmax(logits, 1);
    let of_targets = (logarithms.clone().gather(1, places) * own).sum() * (1.0 - loss.smoothing);
    let spread = (logarithms * all).sum() * (loss.smoothing / classes as f64);
    Ok((of_targets + spread) / -kernel.total_weight(targets))
}
