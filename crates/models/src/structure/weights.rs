//! Layers with the sizes that their weights have: `part` is the field of the network that holds a layer, or a path of
//! fields such as `layers.0`.

use ressac_nn::weights::NamedTensors;

use super::{Layer, LayerKind, Words};
use crate::cell::CellChoice;

impl Layer {
    /// An affine map, and a function of its outputs.
    pub(crate) fn linear(
        tensors: &NamedTensors,
        part: &str,
        activation: Option<&'static str>,
    ) -> Self {
        let all = weights_of(tensors, part);
        let output = columns(tensors, part, "bias");
        Self {
            kind: LayerKind::Linear { activation },
            input: (all - output).checked_div(output).unwrap_or(0),
            output,
            parameters: all,
            notes: Vec::new(),
        }
    }

    /// The output layer in the fields `weights` and `bias`, which gives a probability for each token; tied, its weights are
    /// those of the embedding.
    pub(crate) fn output(tensors: &NamedTensors, tied: bool) -> Self {
        let of = |name: &str| tensors.get(name).map_or(&[][..], |tensor| &tensor.shape);
        let weights = of(if tied { "embedding.weights" } else { "weights" });
        let (output, input) = match weights {
            [output, input] => (*output, *input),
            _ => (0, 0),
        };
        Self {
            kind: LayerKind::Linear {
                activation: Some("softmax"),
            },
            input,
            output,
            parameters: output + if tied { 0 } else { output * input },
            notes: match tied {
                true => vec![Words::new("embedding’s weights", "poids du plongement")],
                false => Vec::new(),
            },
        }
    }

    /// Learnt vectors.
    pub(crate) fn vectors(tensors: &NamedTensors, part: &str) -> Self {
        let shape = tensors
            .iter()
            .find(|(path, _)| within(path, part))
            .map_or(&[][..], |(_, tensor)| &tensor.shape);
        let (count, width) = match shape {
            [count, width] => (*count, *width),
            _ => (0, 0),
        };
        Self {
            kind: LayerKind::Vectors,
            input: count,
            output: width,
            parameters: count * width,
            notes: Vec::new(),
        }
    }

    /// A weighted sum of `count` values.
    pub(crate) fn weighted(tensors: &NamedTensors, part: &str, count: usize, of: Words) -> Self {
        Self {
            kind: LayerKind::Weighted,
            input: count,
            output: 1,
            parameters: weights_of(tensors, part),
            notes: vec![of],
        }
    }

    /// So many recurrent layers, each in the directions that have weights.
    pub(crate) fn recurrent(
        tensors: &NamedTensors,
        part: &str,
        cell: CellChoice,
        layers: usize,
    ) -> Vec<Self> {
        let of = |index: usize| format!("{part}.layers.{index}");
        let weighted = (0..).take_while(|index| weights_of(tensors, &of(*index)) > 0);
        let directions = weighted.count().checked_div(layers).unwrap_or(0).max(1);
        (0..layers)
            .map(|layer| {
                let first = of(layer * directions);
                let parameters = (0..directions)
                    .map(|direction| weights_of(tensors, &of(layer * directions + direction)));
                Self {
                    kind: LayerKind::Recurrent { cell, directions },
                    input: columns(tensors, &first, "input_weights"),
                    output: directions * columns(tensors, &first, "recurrent_weights"),
                    parameters: parameters.sum(),
                    notes: Vec::new(),
                }
            })
            .collect()
    }

    /// The same layer once more, its weights counted where it stood first; `note` says where that was.
    pub(crate) fn again(&self, note: Words) -> Self {
        Self {
            parameters: 0,
            notes: vec![note],
            ..self.clone()
        }
    }
}

/// Whether a path of field names passes through those of `part`.
fn within(path: &str, part: &str) -> bool {
    format!(".{path}.").contains(&format!(".{part}."))
}

fn weights_of(tensors: &NamedTensors, part: &str) -> usize {
    tensors
        .iter()
        .filter(|(path, _)| within(path, part))
        .map(|(_, tensor)| tensor.values.len())
        .sum()
}

/// The last size of the array that ends in `name` within a part: what its rows read.
fn columns(tensors: &NamedTensors, part: &str, name: &str) -> usize {
    tensors
        .iter()
        .find(|(path, _)| within(path, part) && path.ends_with(name))
        .and_then(|(_, tensor)| tensor.shape.last().copied())
        .unwrap_or(0)
}
