//! Dropout with masks from our own generator.
use crate::random::Stream;
use burn::tensor::{Tensor, TensorData};

/// Drops values with a probability in \[0, 1) and scales the others by 1 / (1 − probability), so that
/// the expectation stays (Srivastava et al. 2014). The mask is drawn from `draw` alone.
#[must_use]
pub fn drop_out<const D: usize>(values: Tensor<D>, probability: f64, draw: &Stream) -> Tensor<D> {
    let shape = values.shape();
    let mask = dropout_mask(probability, draw, shape.num_elements());
    let mask = Tensor::from_data(TensorData::new(mask, shape), &values.device());
    values * mask
}

/// What so many values are multiplied by.
pub(crate) fn dropout_mask(probability: f64, draw: &Stream, count: usize) -> Vec<f32> {
    let scale = (1.0 / (1.0 - probability)) as f32;
    draw.generator().mask(probability, scale, count)
}
