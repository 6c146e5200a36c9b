//! A recurrent network as it was found in a file: what it is, and which arrays make it.
use std::fmt;

/// The kind of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CellKind {
    /// One column and an activation: [`Elman`](struct@crate::Elman).
    Rnn,
    /// [`crate::Lstm`], with or without a projection.
    Lstm,
    /// [`crate::Gru`]: reset after the product.
    Gru,
    /// The GRU of Cho et al. 2014, version 1: reset before the product, Keras' `reset_after=False`.
    GruBefore,
}

impl fmt::Display for CellKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rnn => "rnn",
            Self::Lstm => "lstm",
            Self::Gru => "gru",
            Self::GruBefore => "gru-before",
        })
    }
}

/// Whose names and layout a file follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Convention {
    /// `torch.nn.RNN`, `LSTM`, `GRU` and their cells.
    Torch,
    /// Keras' `SimpleRNN`, `LSTM`, `GRU`, alone, bidirectional, or as cells.
    Keras,
    /// [`crate::Recurrent`].
    Ressac,
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Torch => "PyTorch",
            Self::Keras => "Keras",
            Self::Ressac => "Ressac",
        })
    }
}

/// A recurrent network found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundNetwork {
    /// What stands before the names of its arrays, without the `.` or `/` between; empty where nothing does.
    /// Of layers that were joined, their prefixes with `,` between.
    pub prefix: String,
    /// Whose names and layout its arrays have.
    pub convention: Convention,
    /// Its cell. A GRU of Keras' without bias can be of either kind: see [`super::ImportOptions::reset`].
    pub cell: CellKind,
    /// Features of the input.
    pub input: usize,
    /// Units of each layer and direction.
    pub hidden: usize,
    /// Features of one direction's output: the projection's where there is one, else as `hidden`.
    pub output: usize,
    /// Layers on top of one another.
    pub layers: usize,
    /// 1, or 2 for a bidirectional network.
    pub directions: usize,
    /// The arrays, layer by layer, forward before reverse.
    pub(super) parts: Vec<Part>,
}

/// The arrays of one layer in one direction, by their names in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Features it reads.
    pub(super) input: usize,
    pub(super) input_weights: String,
    pub(super) recurrent_weights: String,
    /// None, one, or PyTorch's two.
    pub(super) biases: Vec<String>,
    pub(super) projection: Option<String>,
}

impl FoundNetwork {
    /// Cell and sizes in a few words.
    pub fn sizes(&self) -> String {
        let plural = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            count => format!("{count} {word}s"),
        };
        let projection = if self.output == self.hidden {
            String::new()
        } else {
            format!(", projected to {}", self.output)
        };
        format!(
            "{}, input {}, hidden {}{projection}, {}, {}",
            self.cell,
            self.input,
            self.hidden,
            plural(self.layers, "layer"),
            plural(self.directions, "direction")
        )
    }

    /// Whether its arrays include biases.
    pub fn has_bias(&self) -> bool {
        self.parts.iter().any(|part| !part.biases.is_empty())
    }

    /// Whether a projection stands behind its cells (LSTMP).
    pub fn is_projected(&self) -> bool {
        self.parts.iter().any(|part| part.projection.is_some())
    }
}
