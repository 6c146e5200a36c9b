//! Pooling over time: from `[batch, time, features]` to `[batch, features]`, over the real steps alone, so that one
//! answer can be given for a whole sequence.
//!
//! Padding never counts, whatever stands there, and a row's result has the same bits whatever the padding and the rows
//! beside it: sums run over time in ascending order.
mod operation;

use crate::random::Stream;
use crate::{Activation, Lengths, Linear, LinearConfig, NnError, is_fused};
use burn::module::Module;
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use operation::Kind;

/// The values at each row's last real step. Of a recurrent layer's output in one direction that is its final state h.
///
/// # Errors
/// No row or no step, or lengths that do not fit.
pub fn last(values: Tensor<3>, lengths: Option<&Lengths>) -> Result<Tensor<2>, NnError> {
    let [batch, time, features] = checked("last", &values, lengths)?;
    if is_fused(&values.device()) {
        return Ok(operation::pool(Kind::Last, values, lengths));
    }
    let Some(lengths) = lengths else {
        return Ok(values.narrow(1, time - 1, 1).squeeze_dim(1));
    };
    let places: Vec<i64> = lengths
        .last_steps()
        .into_iter()
        .enumerate()
        .map(|(row, step)| (row * time + step) as i64)
        .collect();
    let places = Tensor::<1, Int>::from_data(TensorData::new(places, [batch]), &values.device());
    Ok(values.reshape([batch * time, features]).select(0, places))
}

/// The mean over each row's real steps.
///
/// # Errors
/// As [`last`].
pub fn mean(values: Tensor<3>, lengths: Option<&Lengths>) -> Result<Tensor<2>, NnError> {
    let [batch, time, _] = checked("mean", &values, lengths)?;
    if is_fused(&values.device()) {
        return Ok(operation::pool(Kind::Mean, values, lengths));
    }
    let counts = match lengths {
        Some(lengths) => lengths.counts(),
        None => vec![time; batch],
    };
    let counts: Vec<f32> = counts.into_iter().map(|count| count as f32).collect();
    let counts = Tensor::from_data(TensorData::new(counts, [batch, 1]), &values.device());
    Ok(sum(filled(values, lengths, 0.0)) / counts)
}

/// The largest value of each feature over each row's real steps. The gradient goes to the first of them.
///
/// # Errors
/// As [`last`].
pub fn max(values: Tensor<3>, lengths: Option<&Lengths>) -> Result<Tensor<2>, NnError> {
    checked("max", &values, lengths)?;
    if is_fused(&values.device()) {
        return Ok(operation::pool(Kind::Max, values, lengths));
    }
    let values = filled(values, lengths, f64::NEG_INFINITY);
    Ok(values.max_dim(1).squeeze_dim(1))
}

/// The sum over time, each row's in ascending order.
fn sum(values: Tensor<3>) -> Tensor<2> {
    let [batch, time, features] = values.dims();
    // Flex sums a view whose axes are swapped in another order; this makes an array of one, and costs nothing else.
    let values: Tensor<2> = values.reshape([batch, time * features]);
    let values: Tensor<3> = values.reshape([batch, time, features]);
    values.sum_dim(1).squeeze_dim(1)
}

/// `values` with `value` at padding.
fn filled(values: Tensor<3>, lengths: Option<&Lengths>, value: f64) -> Tensor<3> {
    let Some(lengths) = lengths else {
        return values;
    };
    let shape = values.dims();
    let padding: Tensor<3, Bool> = lengths.padding(shape[1], &values.device());
    values.mask_fill(padding.expand(shape), value)
}

fn checked(
    name: &str,
    values: &Tensor<3>,
    lengths: Option<&Lengths>,
) -> Result<[usize; 3], NnError> {
    let [batch, time, features] = values.dims();
    if batch == 0 || time == 0 {
        return Err(NnError::shape(
            format!("pool::{name}: values"),
            "at least one row and one step",
            format!("batch {batch}, time {time}"),
        ));
    }
    if let Some(lengths) = lengths {
        lengths.check(&format!("pool::{name}"), batch, time)?;
    }
    Ok([batch, time, features])
}

/// What an [`AttentionPool`] is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttentionPoolConfig {
    features: usize,
    hidden: usize,
}

impl AttentionPoolConfig {
    /// For values of so many features, with so many units in the layer that scores them.
    pub const fn new(features: usize, hidden: usize) -> Self {
        Self { features, hidden }
    }

    /// Makes the layer, its parameters drawn from `stream` as those of [`Linear`].
    ///
    /// # Errors
    /// A size of zero.
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<AttentionPool, NnError> {
        Ok(AttentionPool {
            hidden: LinearConfig::new(self.features, self.hidden)
                .with_activation(Activation::Tanh)
                .init(&stream.child("hidden"), device)?,
            // A bias would move all scores alike, which the softmax does not see.
            score: LinearConfig::new(self.hidden, 1)
                .with_bias(false)
                .init(&stream.child("score"), device)?,
        })
    }
}

/// Additive attention over time, without a query (Bahdanau, Cho & Bengio 2015; as a pool over the steps of a recurrent
/// network Yang et al. 2016, "Hierarchical attention networks for document classification"):
///
/// ```text
/// s_t = v · tanh(W x_t + b)      α = softmax of s over the real steps      output = Σ_t α_t x_t
/// ```
#[derive(Module, Debug)]
pub struct AttentionPool {
    /// W and b.
    hidden: Linear,
    /// v.
    score: Linear,
}

impl AttentionPool {
    /// The pooled values `[batch, features]`, and the weights α `[batch, time]`, which are zero at padding and sum to
    /// one.
    ///
    /// # Errors
    /// Another number of features, or as [`last`].
    pub fn forward(
        &self,
        values: Tensor<3>,
        lengths: Option<&Lengths>,
    ) -> Result<(Tensor<2>, Tensor<2>), NnError> {
        checked("attention", &values, lengths)?;
        let values = filled(values, lengths, 0.0);
        let scores = self.score.forward(self.hidden.forward(values.clone())?)?;
        let scores = filled(scores, lengths, f64::NEG_INFINITY);
        let largest = scores.clone().detach().max_dim(1);
        let shares = (scores - largest).exp();
        let total: Tensor<3> = sum(shares.clone()).unsqueeze_dim(1);
        let shares = shares / total;
        let pooled = sum(values * shares.clone());
        Ok((pooled, shares.squeeze_dim(2)))
    }
}
