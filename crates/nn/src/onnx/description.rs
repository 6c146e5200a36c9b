//! What a recurrent layer is, as far as ONNX needs to know; and what ONNX has no node for.
use super::OnnxError;
use crate::weights::collect;
use crate::{Recurrent, cell};
use std::fmt;

/// The activation of the simple recurrent unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RnnActivation {
    /// tanh.
    Tanh,
    /// max(x, 0).
    Relu,
    /// The logistic function.
    Sigmoid,
    /// x itself: ONNX's `Affine` with 1 and 0.
    Identity,
}

/// Where the reset gate of a GRU stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// On the product U·h: version 3 of the paper, PyTorch, cuDNN; `linear_before_reset = 1`.
    After,
    /// On h, before the product: version 1 of the paper; `linear_before_reset = 0`.
    Before,
}

/// The recurrences ONNX has a node for, and the parameters each reads.
///
/// Rows of W and U are blocks of `hidden`, in the order given here; so are the values of the bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One block. `RNN`.
    Rnn(RnnActivation),
    /// W, U and bias: i, f, g, o; or, with `coupled` (f = 1 − i), i, g, o. `LSTM`.
    Lstm {
        /// Gates read the cell state too, unit by unit: `peepholes [3·hidden]` in the order i, f, o (i, o with
        /// `coupled`); i and f read the old state, o the new one (Gers & Schmidhuber 2000).
        peephole: bool,
        /// The forget gate is 1 − i: `input_forget = 1`.
        coupled: bool,
    },
    /// W: r, z, n; U: r, z, n. Bias: r, z, n, u with the reset after, u being the part of n inside the reset;
    /// r, z, n with the reset before. `GRU`.
    Gru(Reset),
}

impl Form {
    /// Blocks of W, of U and of the bias.
    pub(super) const fn blocks(self) -> [usize; 3] {
        match self {
            Self::Rnn(_) => [1, 1, 1],
            Self::Lstm { coupled: false, .. } => [4, 4, 4],
            Self::Lstm { coupled: true, .. } => [3, 3, 3],
            Self::Gru(Reset::After) => [3, 3, 4],
            Self::Gru(Reset::Before) => [3, 3, 3],
        }
    }

    /// Blocks of the peepholes, if it has any.
    pub(super) const fn peepholes(self) -> Option<usize> {
        match self {
            Self::Lstm {
                peephole: true,
                coupled: false,
            } => Some(3),
            Self::Lstm {
                peephole: true,
                coupled: true,
            } => Some(2),
            _ => None,
        }
    }

    /// Whether it carries a cell state beside h.
    pub(super) const fn has_cell_state(self) -> bool {
        matches!(self, Self::Lstm { .. })
    }

    /// The operator.
    pub(super) const fn operator(self) -> &'static str {
        match self {
            Self::Rnn(_) => "RNN",
            Self::Lstm { .. } => "LSTM",
            Self::Gru(_) => "GRU",
        }
    }
}

/// What a layer may have and ONNX's recurrent nodes have not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beyond {
    /// Gates that read the cell state through a full matrix.
    CellFedGates,
    /// A bound on the cell state. (ONNX's `clip` bounds what goes into the activations, which is another function.)
    CellClip,
    /// A projection of h (LSTMP).
    Projection,
    /// A normalisation of the sums before the activations.
    LayerNormalisation,
    /// Zoneout, which in inference mixes the old state with the new.
    Zoneout,
    /// A minimal GRU or LSTM, whose gates read the input only.
    MinimalCell,
    /// A cell of the user's own.
    OwnCell(String),
    /// An activation of the user's own.
    OwnActivation(String),
}

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CellFedGates => f.write_str("cell-fed gates: ONNX's LSTM gates read h, and c at most unit by unit"),
            Self::CellClip => f.write_str(
                "cell clip: ONNX's `clip` bounds what goes into the activations, not the cell state",
            ),
            Self::Projection => f.write_str("projection: ONNX's LSTM gives h as it is"),
            Self::LayerNormalisation => {
                f.write_str("layer normalisation: ONNX's recurrent nodes have none between product and activation")
            }
            Self::Zoneout => f.write_str("zoneout: ONNX's recurrent nodes always take the new state whole"),
            Self::MinimalCell => f.write_str("minimal cells: ONNX has RNN, LSTM and GRU only"),
            Self::OwnCell(name) => write!(f, "own cells: ONNX has RNN, LSTM and GRU, and no node for `{name}`"),
            Self::OwnActivation(name) => write!(
                f,
                "own activations: of tanh, relu, sigmoid and identity, `{name}` is none"
            ),
        }
    }
}

/// A recurrent layer: the form of its cell, its sizes, layers and directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Description {
    /// The recurrence.
    pub form: Form,
    /// Features of the input.
    pub input_size: usize,
    /// Hidden units of each layer and direction.
    pub hidden_size: usize,
    /// Layers on top of one another.
    pub layers: usize,
    /// Whether each layer reads in both directions.
    pub bidirectional: bool,
}

impl Description {
    /// What `layer` is.
    ///
    /// # Errors
    /// [`OnnxError::Refused`] for a cell that ONNX has no node for.
    pub fn of(layer: &Recurrent) -> Result<Self, OnnxError> {
        let form = form(layer)?;
        let parameters = collect(layer);
        let width = |name: &str| {
            let tensor = parameters.get(&format!("layers.0.{name}"));
            tensor.and_then(|tensor| tensor.shape.get(1).copied())
        };
        let (Some(input_size), Some(hidden_size)) =
            (width("input_weights"), width("recurrent_weights"))
        else {
            return Err(OnnxError::Parameters("the layer has no weights".into()));
        };
        let parts = (0..)
            .take_while(|part| parameters.contains_key(&format!("layers.{part}.bias")))
            .count();
        let directions = layer.output_size() / hidden_size;
        Ok(Self {
            form,
            input_size,
            hidden_size,
            layers: parts / directions,
            bidirectional: directions == 2,
        })
    }

    /// 1 or 2.
    pub fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }
}

/// The form of a layer's cell: the one place that knows how a layer tells its cell.
fn form(layer: &Recurrent) -> Result<Form, OnnxError> {
    // A layer forgets the type of its cell and keeps it as a value that can be shown, activation and all.
    let shown = format!("{layer:?}");
    let Some((_, cell)) = shown.split_once("cell: Engine { cell: ") else {
        return Err(Beyond::OwnCell("a cell that does not say what it is".into()).into());
    };
    let ends = |cell: &str, name: &str| {
        cell.strip_prefix(name)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let is = |name: String| ends(cell, &name);
    let shows = |activation: RnnActivation, elman: String| is(elman).then_some(activation);
    if is(format!("{:?}", cell::Lstm)) {
        return Ok(Form::Lstm {
            peephole: false,
            coupled: false,
        });
    }
    if is(format!("{:?}", cell::Gru)) {
        return Ok(Form::Gru(Reset::After));
    }
    let known = shows(
        RnnActivation::Tanh,
        format!("{:?}", cell::Elman::new(cell::Tanh)),
    )
    .or_else(|| {
        shows(
            RnnActivation::Relu,
            format!("{:?}", cell::Elman::new(cell::Relu)),
        )
    })
    .or_else(|| {
        shows(
            RnnActivation::Sigmoid,
            format!("{:?}", cell::Elman::new(cell::Sigmoid)),
        )
    })
    .or_else(|| {
        shows(
            RnnActivation::Identity,
            format!("{:?}", cell::Elman::new(cell::Identity)),
        )
    });
    if let Some(activation) = known {
        return Ok(Form::Rnn(activation));
    }
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    Err(match cell.strip_prefix("Elman { phi: ") {
        Some(phi) => Beyond::OwnActivation(word(phi)),
        None => Beyond::OwnCell(word(cell)),
    }
    .into())
}
