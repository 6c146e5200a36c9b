//! Attention of a decoder to what an encoder gave of each step of its input.
mod operation;
#[cfg(test)]
mod tests;

use crate::random::Stream;
use crate::{Lengths, Linear, LinearConfig, NnError, is_fused};
use burn::module::{Module, Param};
use burn::tensor::{Bool, Device, Tensor, TensorData, activation};

/// How a query and a key are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Score {
    /// qᵀ·W·k, "general" in Luong, Pham & Manning 2015.
    Multiplicative,
    /// v · tanh(W q + U k + b) (Bahdanau, Cho & Bengio 2015).
    Additive,
}

/// What an [`Attention`] is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttentionConfig {
    queries: usize,
    values: usize,
    width: usize,
    score: Score,
}

impl AttentionConfig {
    /// For queries of so many features, and so many in each value attended to.
    pub const fn new(score: Score, queries: usize, values: usize) -> Self {
        Self {
            queries,
            values,
            width: queries,
            score,
        }
    }

    /// Units in which an additive score compares queries and keys; as many as the queries have features without it. A
    /// multiplicative score has none of its own.
    #[must_use]
    pub const fn with_width(mut self, width: usize) -> Self {
        self.width = width;
        self
    }

    /// Makes the layer, its parameters drawn from `stream` as those of [`Linear`].
    ///
    /// # Errors
    /// A size of zero.
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<Attention, NnError> {
        let linear = |name: &str, from: usize, to: usize, bias: bool| {
            let config = LinearConfig::new(from, to).with_bias(bias);
            config.init(&stream.child(name), device)
        };
        Ok(match self.score {
            Score::Multiplicative => Attention {
                keys: linear("keys", self.values, self.queries, false)?,
                queries: None,
                vector: None,
            },
            Score::Additive => {
                let bound = 1.0 / (self.width as f64).sqrt();
                let mut generator = stream.child("vector").generator();
                let values: Vec<f32> = (0..self.width)
                    .map(|_| (bound * (2.0 * generator.uniform() - 1.0)) as f32)
                    .collect();
                let values = TensorData::new(values, [self.width]);
                Attention {
                    keys: linear("keys", self.values, self.width, false)?,
                    queries: Some(linear("queries", self.queries, self.width, true)?),
                    vector: Some(Param::from_tensor(Tensor::from_data(values, device))),
                }
            }
        })
    }
}

/// Attention of queries to the values of their own sentence:
///
/// ```text
/// e_ij = score(q_i, v_j)      α_i = softmax of e_i over the real steps      context_i = Σ_j α_ij v_j
/// ```
///
/// A sentence's result has the same bits whatever stands beside it, whatever the padding, and whether the queries come
/// at once or one by one.
#[derive(Module, Debug)]
pub struct Attention {
    /// W of a multiplicative, U of an additive score.
    keys: Linear,
    /// W and b of an additive score.
    queries: Option<Linear>,
    /// v of an additive score.
    vector: Option<Param<Tensor<1>>>,
}

/// What is attended to: the values of some sentences, and their keys, which are computed once.
#[derive(Debug, Clone)]
pub struct Attended {
    /// `[sentences, steps, width]`.
    pub keys: Tensor<3>,
    /// `[sentences, steps, features]`.
    pub values: Tensor<3>,
    /// The real steps of each.
    pub lengths: Lengths,
}

impl Attention {
    /// The keys of `values [sentences, steps, features]`.
    ///
    /// # Errors
    /// Another number of features; lengths that do not fit.
    pub fn attend_to(&self, values: Tensor<3>, lengths: Lengths) -> Result<Attended, NnError> {
        let [sentences, steps, _] = values.dims();
        lengths.check("attention", sentences, steps)?;
        Ok(Attended {
            keys: self.keys.forward(values.clone())?,
            values,
            lengths,
        })
    }

    /// For `queries [sentences, targets, features]` the contexts `[sentences, targets, value features]` and the weights α
    /// `[sentences, targets, steps]`. Beyond the `lengths` of the queries contexts are zero and cost nothing. The weights
    /// have no gradient.
    ///
    /// # Errors
    /// Another number of sentences or features; lengths that do not fit.
    pub fn forward(
        &self,
        queries: Tensor<3>,
        lengths: Option<&Lengths>,
        to: &Attended,
    ) -> Result<(Tensor<3>, Tensor<3>), NnError> {
        let [sentences, targets, features] = queries.dims();
        let [rows, steps, width] = to.keys.dims();
        if rows != sentences || targets == 0 {
            return Err(NnError::shape(
                "attention: queries",
                format!("{rows} sentences of one step or more"),
                format!("{sentences} of {targets}"),
            ));
        }
        if let Some(lengths) = lengths {
            lengths.check("attention: queries", sentences, targets)?;
        }
        let queries = match &self.queries {
            Some(layer) => layer.forward(queries)?,
            None if features == width => queries,
            None => {
                return Err(NnError::shape(
                    "attention: features of the queries",
                    width.to_string(),
                    features.to_string(),
                ));
            }
        };
        let vector = self.vector.as_ref().map(Param::val);
        if is_fused(&queries.device()) {
            return Ok(operation::attention(queries, lengths, to, vector));
        }
        let scores = match vector {
            None => queries.matmul(to.keys.clone().transpose()),
            Some(vector) => {
                let sums: Tensor<4> =
                    queries.unsqueeze_dim::<4>(2) + to.keys.clone().unsqueeze_dim::<4>(1);
                let vector: Tensor<4> = vector.reshape([1, 1, 1, width]);
                (sums.tanh() * vector).sum_dim(3).squeeze_dim(3)
            }
        };
        let device = scores.device();
        let padding: Tensor<3, Bool> = to.lengths.padding(steps, &device).swap_dims(1, 2);
        let shape = [sentences, targets, steps];
        let scores = scores.mask_fill(padding.expand(shape), f32::NEG_INFINITY);
        let mut weights = activation::softmax(scores, 2);
        if let Some(lengths) = lengths {
            let padding = lengths.padding(targets, &device);
            weights = weights.mask_fill(padding.expand(shape), 0.0);
        }
        // What stands at padding may be anything.
        let values = to.values.clone();
        let absent = to.lengths.padding(steps, &device).expand(values.dims());
        let contexts = weights.clone().matmul(values.mask_fill(absent, 0.0));
        Ok((contexts, weights.detach()))
    }
}
