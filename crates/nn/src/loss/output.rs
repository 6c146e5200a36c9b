//! The loss of an output layer over a large vocabulary, without its logits.
#[cfg(test)]
mod tests;

use super::CrossEntropy;
use crate::flex::{fitting, floats, tensor};
use crate::fused::{self, Inputs, Operation};
use crate::{NnError, is_fused};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Int, Tensor, TensorData};
use ressac_kernels::context::Context;
pub use ressac_kernels::output_loss::PADDING;
use ressac_kernels::output_loss::{Operands, OutputLoss as Kernel, OutputLossGradients};
use std::sync::Arc;

const HIDDEN: usize = 0;
const WEIGHTS: usize = 1;
const BIAS: usize = 2;

/// Softmax cross-entropy of an affine output layer: what [`crate::Linear`] and [`super::cross_entropy`] are one after the
/// other, chunk by chunk of the rows, so that memory never holds `rows · classes` logits. Loss and all gradients come
/// from one pass.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OutputLoss {
    smoothing: f64,
}

/// A loss over an output layer.
#[derive(Debug, Clone)]
pub struct OutputLosses {
    /// The mean over the rows that count, `[1]`.
    pub mean: Tensor<1>,
    /// −ln p of each row's target without smoothing, `[rows]`; 0 for padding. It has no gradient.
    pub rows: Tensor<1>,
}

impl OutputLoss {
    /// Without smoothing.
    pub const fn new() -> Self {
        Self { smoothing: 0.0 }
    }

    /// Label smoothing (Szegedy et al. 2016): this share of a target, from 0 to 1, is spread evenly over all classes.
    #[must_use]
    pub const fn with_smoothing(mut self, smoothing: f64) -> Self {
        self.smoothing = smoothing;
        self
    }

    /// The loss of `hidden [rows, width]` under the layer `weights [classes, width]` and `bias [classes]`. A target of
    /// [`PADDING`] takes its row out of the mean; it costs nothing.
    ///
    /// # Errors
    /// Shapes that do not fit; a target that is no class; no row that counts; a smoothing outside 0 to 1.
    pub fn of(
        &self,
        hidden: Tensor<2>,
        weights: Tensor<2>,
        bias: Tensor<1>,
        targets: &[u32],
    ) -> Result<OutputLosses, NnError> {
        let ([rows, width], [classes, input]) = (hidden.dims(), weights.dims());
        for (what, expected, found) in [
            ("features", input, width),
            ("bias", classes, bias.dims()[0]),
            ("targets", rows, targets.len()),
        ] {
            if expected != found {
                return Err(NnError::shape(
                    format!("output loss: {what}"),
                    expected.to_string(),
                    found.to_string(),
                ));
            }
        }
        let call = Call {
            targets: targets.into(),
            smoothing: self.smoothing,
        };
        check(self.smoothing, targets, classes)?;
        if is_fused(&hidden.device()) {
            let [mean, rows] = fused::run(
                call,
                [
                    Some(hidden.into_dispatch()),
                    Some(weights.into_dispatch()),
                    Some(bias.into_dispatch()),
                ],
            );
            return Ok(OutputLosses {
                mean: Tensor::from_dispatch(mean),
                rows: Tensor::<1>::from_dispatch(rows).detach(),
            });
        }
        self.composed(hidden, weights, bias, targets)
    }

    /// The same of Burn's operations.
    fn composed(
        &self,
        hidden: Tensor<2>,
        weights: Tensor<2>,
        bias: Tensor<1>,
        targets: &[u32],
    ) -> Result<OutputLosses, NnError> {
        let device = hidden.device();
        let real: Vec<usize> = (0..targets.len())
            .filter(|row| targets[*row] != PADDING)
            .collect();
        let places: Vec<i64> = real.iter().map(|row| *row as i64).collect();
        let count = places.len();
        let places = Tensor::<1, Int>::from_data(TensorData::new(places, [count]), &device);
        let own: Vec<u32> = real.iter().map(|row| targets[*row]).collect();
        let logits = hidden.select(0, places).matmul(weights.transpose()) + bias.unsqueeze();
        let smoothed = CrossEntropy::new().with_smoothing(self.smoothing);
        let mean = super::cross_entropy(logits.clone(), &own, &smoothed)?;
        let logarithms = burn::tensor::activation::log_softmax(logits, 1);
        let classes: Vec<i64> = own.iter().map(|target| i64::from(*target)).collect();
        let classes = Tensor::<2, Int>::from_data(TensorData::new(classes, [count, 1]), &device);
        let found = logarithms.gather(1, classes).detach().into_data();
        let mut rows = vec![0.0f32; targets.len()];
        for (row, value) in real.into_iter().zip(found.iter::<f32>()) {
            rows[row] = -value;
        }
        let shape = [rows.len()];
        Ok(OutputLosses {
            mean,
            rows: Tensor::from_data(TensorData::new(rows, shape), &device),
        })
    }
}

/// Refuses what the kernel would.
fn check(smoothing: f64, targets: &[u32], classes: usize) -> Result<(), NnError> {
    let refuse = |what: String, expected: String, found: String| {
        Err(NnError::shape(
            format!("output loss: {what}"),
            expected,
            found,
        ))
    };
    if !(0.0..=1.0).contains(&smoothing) {
        let expected = "a share from 0 to 1".to_owned();
        return refuse("label smoothing".into(), expected, smoothing.to_string());
    }
    let wrong = |target: &u32| *target != PADDING && *target as usize >= classes;
    if let Some(row) = targets.iter().position(wrong) {
        let expected = format!("a class below {classes}, or padding");
        return refuse(
            format!("targets[{row}]"),
            expected,
            targets[row].to_string(),
        );
    }
    match targets.iter().all(|target| *target == PADDING) {
        false => Ok(()),
        true => {
            let found = format!("{} rows, all of them padding", targets.len());
            refuse("targets".into(), "a row that counts".into(), found)
        }
    }
}

#[derive(Debug, Clone)]
struct Call {
    targets: Arc<[u32]>,
    smoothing: f64,
}

impl Call {
    fn kernel(&self, input: usize, classes: usize) -> Kernel {
        Kernel {
            input,
            classes,
            smoothing: self.smoothing,
        }
    }
}

impl Operation<3, 2> for Call {
    /// The gradients of hidden, weights and bias for a gradient of one.
    type Memory = [Vec<f32>; 3];

    fn forward(
        &self,
        context: &Context,
        inputs: &Inputs<3>,
        training: bool,
    ) -> ([FlexTensor; 2], Self::Memory) {
        let weights = inputs.shape(WEIGHTS);
        let all = [HIDDEN, WEIGHTS, BIAS].map(|index| inputs.floats(index));
        let mut memory = all.map(|values| vec![0.0; if training { values.len() } else { 0 }]);
        let [hidden, weight, bias] = &mut memory;
        let gradients = match training {
            true => OutputLossGradients {
                input: Some(hidden),
                weights: Some(weight),
                bias: Some(bias),
            },
            false => OutputLossGradients::default(),
        };
        let operands = Operands {
            input: all[HIDDEN],
            weights: all[WEIGHTS],
            bias: Some(all[BIAS]),
            targets: &self.targets,
        };
        let mut rows = vec![0.0; self.targets.len()];
        let kernel = self.kernel(weights[1], weights[0]);
        let mean = fitting(kernel.run(context, operands, Some(&mut rows), gradients));
        let count = rows.len();
        (
            [tensor(vec![mean as f32], [1]), tensor(rows, [count])],
            memory,
        )
    }

    fn backward(
        &self,
        _: &Context,
        _: &Inputs<3>,
        of_one: &mut Self::Memory,
        gradient: &FlexTensor,
        _: &[Option<FlexTensor>],
        wanted: [Option<&mut [f32]>; 3],
    ) {
        let scale = floats(gradient)[0];
        for (to, values) in wanted.into_iter().zip(of_one) {
            for (to, value) in to.into_iter().flatten().zip(values) {
                *to = scale * *value;
            }
        }
    }
}
