//! What a network is made of, as data: for whoever tells or draws it, whatever the family.
//!
//! A family says in its own [`Words`] what it reads and gives and what its stages are for. Layers are the same for
//! every family, so their names and sizes are put into words here. [`Structure::sketch`] is the drawing.

mod drawing;
mod weights;
mod words;

#[cfg(test)]
mod tests;

pub use words::Words;

use ressac_nn::weights::NamedTensors;

use crate::cell::CellChoice;
use crate::options::RecurrentConfig;

/// A network from what it reads to what it gives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Structure {
    /// The kind of network, such as `gru`.
    pub name: String,
    /// What it reads.
    pub inputs: Vec<Item>,
    /// What holds for all that it reads, such as `168 steps of the past`.
    pub extent: Option<Words>,
    /// What brings values to the network's scale.
    pub scaling: Option<Item>,
    /// Its stages, in the order in which data passes them.
    pub stages: Vec<Stage>,
    /// What it gives.
    pub outputs: Vec<Item>,
    /// All weights.
    pub parameters: usize,
}

/// Something read or given, or the scaling: a name, and lines about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// The name.
    pub name: Words,
    /// What is said of it, a few words each: what it is for, how many numbers it is.
    pub notes: Vec<Words>,
}

impl Item {
    /// A name, and lines about it.
    pub fn new(name: Words, notes: impl Into<Vec<Words>>) -> Self {
        Self {
            name,
            notes: notes.into(),
        }
    }
}

/// A part of a network with one purpose.
///
/// Its layers read each other in order, and the first one reads the stage before. Where a recurrent layer has other
/// layers or an input beside it below it, they read what is theirs at each step, and the stage before gives the
/// recurrent layer's initial state: so the embedding of what is read is a stage by itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stage {
    /// What it is for, such as `encoder`.
    pub heading: Words,
    /// Its layers, each reading the one before.
    pub layers: Vec<Layer>,
    /// The share of values dropped in training, between recurrent layers or before the last layer.
    pub dropout: f64,
    /// What its recurrent layers do besides their cell's formula.
    pub recurrent: RecurrentExtras,
    /// The steps that it goes through; `None` for a stage without recurrent layers.
    pub steps: Option<Steps>,
    /// What it reads beside what comes from the stage before.
    pub beside: Option<Item>,
}

impl Stage {
    /// Layers with one purpose, and the share of values dropped in them.
    pub(crate) fn of(heading: Words, layers: Vec<Layer>, dropout: f64) -> Self {
        Self {
            heading,
            layers,
            dropout,
            ..Self::default()
        }
    }

    /// The vectors of words or other tokens in the field `embedding`.
    pub(crate) fn embedding(tensors: &NamedTensors, dropout: f64) -> Self {
        let layers = vec![Layer::vectors(tensors, "embedding")];
        Self::of(Words::new("embedding", "plongement"), layers, dropout)
    }

    /// The recurrent layers in the field `recurrent`, over all steps of what is read; `step` is what a step is called.
    pub(crate) fn over_all_steps(
        tensors: &NamedTensors,
        cell: CellChoice,
        config: &RecurrentConfig,
        step: Words,
    ) -> Self {
        let heading = Words::new("recurrence", "récurrence");
        Self::recurrent(tensors, "recurrent", (cell, config), (heading, step))
    }

    /// The recurrent layers in a field, over all steps of what is read: what they are for, and what a step is called.
    pub(crate) fn recurrent(
        tensors: &NamedTensors,
        field: &str,
        (cell, config): (CellChoice, &RecurrentConfig),
        (heading, step): (Words, Words),
    ) -> Self {
        Self {
            recurrent: config.into(),
            steps: Some(Steps {
                count: None,
                over: Words::new("over all steps", "sur tous les pas"),
                names: Some(StepNames::Numbered(step)),
            }),
            ..Self::of(
                heading,
                Layer::recurrent(tensors, field, cell, config.layers),
                config.dropout,
            )
        }
    }
}

/// The steps that a recurrent stage goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// How many; `None` for as many as the input has.
    pub count: Option<usize>,
    /// The same in words, such as `over 24 steps`.
    pub over: Words,
    /// What they are called where they are shown one by one; `None` where no step follows another, because each starts
    /// from the same state.
    pub names: Option<StepNames>,
}

/// What steps are called where they are shown one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepNames {
    /// The last ones of the past: `t − 2`, `t − 1`, `t`.
    Past,
    /// The first ones of the future: `t + 1`, `t + 2`.
    Ahead,
    /// A word and a number from 1: the last ones, or the first ones where their number varies.
    Numbered(Words),
}

/// What recurrent layers do besides their cell's formula.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RecurrentExtras {
    /// The share of fed-back units dropped in training.
    pub dropout: f64,
    /// The share of state values that keep their value in a training step, at random.
    pub zoneout: f64,
    /// Whether every gate is normalised over its units.
    pub layer_norm: bool,
    /// Whether the input of each layer is added to its output.
    pub residual: bool,
}

impl From<&RecurrentConfig> for RecurrentExtras {
    fn from(config: &RecurrentConfig) -> Self {
        Self {
            dropout: config.recurrent_dropout,
            zoneout: config.zoneout,
            layer_norm: config.layer_norm,
            residual: config.residual,
        }
    }
}

/// A layer with its real sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What it computes.
    pub kind: LayerKind,
    /// Numbers in; of an embedding, how many vectors it has.
    pub input: usize,
    /// Numbers out.
    pub output: usize,
    /// Its weights; 0 where it has none, or where they are those of a layer already listed.
    pub parameters: usize,
    /// What else is said of it, such as `weights of the encoder`.
    pub notes: Vec<Words>,
}

/// What a layer computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayerKind {
    /// A recurrence in one or two directions.
    Recurrent {
        /// The cell.
        cell: CellChoice,
        /// One or two.
        directions: usize,
    },
    /// An affine map, and a function of its outputs.
    Linear {
        /// The function, such as `relu` or `softmax`.
        activation: Option<&'static str>,
    },
    /// Learnt vectors, as many as the layer's input: one for each place, column or word of a vocabulary.
    Vectors,
    /// A weighted sum of as many values as the layer's input.
    Weighted,
    /// One vector from those of all steps.
    Pooling(Pooling),
    /// One vector from those of all steps, weighted by how much each matters.
    Attention,
    /// Another layer, named by its family, such as a convolution.
    Other(Words),
}

impl LayerKind {
    /// Whether it reads every step of the stage before, not its last state alone.
    pub fn reads_every_step(&self) -> bool {
        matches!(self, Self::Pooling(_) | Self::Attention)
    }
}

/// How several vectors become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The mean of each component.
    Mean,
    /// The largest of each component.
    Max,
}
