//! What a network is made of, as data: for whoever tells or draws it, whatever the family.

use crate::cell::CellChoice;

/// A network from what it reads to what it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    /// The kind of model, as in `--model`.
    pub name: String,
    /// What it reads of each step of the past.
    pub reads: Vec<Reading>,
    /// Steps of the past that it reads.
    pub context: usize,
    /// What brings the values to the network's scale.
    pub scaling: Scaling,
    /// Its parts, in the order in which data passes them.
    pub stages: Vec<Stage>,
    /// The columns it gives.
    pub gives: Vec<String>,
    /// Steps that it gives.
    pub horizon: usize,
    /// Values for each column and step: quantiles, or the one value.
    pub outputs: usize,
    /// All weights.
    pub parameters: usize,
}

/// Columns read in one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What they are to the model.
    pub role: Role,
    /// Their names.
    pub names: Vec<String>,
    /// How many numbers they are at each step.
    pub width: usize,
}

/// What columns are to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// What is forecast.
    Target,
    /// Which of the targets' values were there.
    Observed,
    /// Read, their future unknown.
    Past,
    /// Read, their future known.
    Known,
    /// The calendar.
    Calendar,
    /// One value for a whole series.
    Static,
}

/// What brings values to the network's scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    /// The z-score of each series instead of one over all.
    pub by_series: bool,
    /// Then the z-score of each window, put back after the network.
    pub reversible: bool,
    /// Whether the context's last value is taken off, and put back after the network.
    pub subtract_last: bool,
}

/// What a part of a network is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// Makes vectors of what is read.
    Embed,
    /// Reads the past.
    Encode,
    /// Makes of the state a share for each step ahead.
    Summary,
    /// Goes through the steps ahead.
    Decode,
    /// Makes the output.
    Head,
    /// Carries earlier values straight to the output.
    Lags,
}

/// A part of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What it is for.
    pub purpose: Purpose,
    /// Its layers, each reading the one before.
    pub layers: Vec<Layer>,
    /// The share of values dropped in training, between recurrent layers or before the last layer.
    pub dropout: f64,
    /// The options of its recurrent layers.
    pub recurrent: RecurrentOptions,
    /// Steps that a recurrent part goes through; segments, where it reads segments.
    pub steps: Option<usize>,
    /// Numbers it reads of each step ahead, beside what comes from the stage before.
    pub ahead: usize,
}

/// What the recurrent layers of a part do besides their cell's formula.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RecurrentOptions {
    /// The share of fed-back units dropped in training.
    pub dropout: f64,
    /// The share of state values that stay as they were, in training at random.
    pub zoneout: f64,
    /// Whether every gate is normalised over its units.
    pub layer_norm: bool,
    /// Whether the input of each layer is added to its output.
    pub residual: bool,
}

/// A layer with its real sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What it computes.
    pub kind: LayerKind,
    /// Numbers in.
    pub input: usize,
    /// Numbers out.
    pub output: usize,
    /// Its weights; 0 where they are those of a layer already listed.
    pub parameters: usize,
}

/// What a layer computes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayerKind {
    /// A recurrence in one or two directions.
    Recurrent {
        /// The cell.
        cell: CellChoice,
        /// One or two.
        directions: usize,
    },
    /// An affine map, and a function of each of its outputs.
    Linear {
        /// `relu`, or `identity` for none.
        activation: &'static str,
    },
    /// Learnt vectors, one for each of so many places.
    Vectors {
        /// How many.
        count: usize,
    },
    /// A weighted sum of earlier values.
    Weighted,
}
