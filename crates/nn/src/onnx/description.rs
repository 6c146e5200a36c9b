//! What a recurrent layer is, as far as ONNX needs to know; and what ONNX has no node for.
use super::OnnxError;
use crate::cell::{self, CoupledLstm, FromCell, FromHidden, LstmOf, Peephole};
use crate::weights::{HostTensor, NamedTensors, collect};
use crate::{Elman, Gru, GruBefore, LayerDescription, Lstm, MinimalGru, MinimalLstm, Recurrent};
use std::any::TypeId;
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
    /// Outputs with the layer's input added.
    Residual,
    /// A learned state to start from.
    LearnedState,
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
            Self::Residual => f.write_str("residual connections: ONNX's recurrent nodes give their own output only"),
            Self::LearnedState => f.write_str(
                "a learned initial state: ONNX's nodes start from zero or from what they are given",
            ),
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
        let layers = layer.describe();
        let Some(first) = layers.first() else {
            return Err(OnnxError::Parameters("the network has no layer".into()));
        };
        Ok(Self {
            form: form(first)?,
            input_size: first.input,
            hidden_size: first.hidden,
            layers: layers.len(),
            bidirectional: layer.directions() == 2,
        })
    }

    /// 1 or 2.
    pub fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }
}

/// The form of a layer's cell, and whether there is nothing around it that ONNX has not.
fn form(layer: &LayerDescription) -> Result<Form, OnnxError> {
    for (there, beyond) in [
        (layer.projected, Beyond::Projection),
        (layer.normalised, Beyond::LayerNormalisation),
        (layer.zoneout, Beyond::Zoneout),
        (layer.residual, Beyond::Residual),
        (layer.learned_state, Beyond::LearnedState),
        (layer.described.contains("cell clip"), Beyond::CellClip),
    ] {
        if there {
            return Err(beyond.into());
        }
    }
    let is = |cell: TypeId| layer.cell_type == cell;
    let lstm = |peephole: bool, coupled: bool| Ok(Form::Lstm { peephole, coupled });
    let elman = [
        (TypeId::of::<Elman<cell::Tanh>>(), RnnActivation::Tanh),
        (TypeId::of::<Elman<cell::Relu>>(), RnnActivation::Relu),
        (TypeId::of::<Elman<cell::Sigmoid>>(), RnnActivation::Sigmoid),
        (
            TypeId::of::<Elman<cell::Identity>>(),
            RnnActivation::Identity,
        ),
    ];
    if let Some((_, activation)) = elman.into_iter().find(|(cell, _)| is(*cell)) {
        return Ok(Form::Rnn(activation));
    }
    if is(TypeId::of::<Gru>()) {
        return Ok(Form::Gru(Reset::After));
    }
    if is(TypeId::of::<GruBefore>()) {
        return Ok(Form::Gru(Reset::Before));
    }
    if is(TypeId::of::<Lstm>()) || is(TypeId::of::<LstmOf<FromHidden>>()) {
        return lstm(false, false);
    }
    if is(TypeId::of::<LstmOf<Peephole>>()) {
        return lstm(true, false);
    }
    if is(TypeId::of::<CoupledLstm<FromHidden>>()) {
        return lstm(false, true);
    }
    if is(TypeId::of::<CoupledLstm<Peephole>>()) {
        return lstm(true, true);
    }
    if is(TypeId::of::<LstmOf<FromCell>>()) || is(TypeId::of::<CoupledLstm<FromCell>>()) {
        return Err(Beyond::CellFedGates.into());
    }
    if is(TypeId::of::<MinimalGru>()) || is(TypeId::of::<MinimalLstm>()) {
        return Err(Beyond::MinimalCell.into());
    }
    Err(match layer.described.strip_prefix("rnn-") {
        Some(activation) => Beyond::OwnActivation(activation.to_owned()),
        None => Beyond::OwnCell(layer.cell.to_owned()),
    }
    .into())
}

/// The parameters of a layer, as [`Form`] wants them: our peepholes under their name there, and the coupled LSTM, whose
/// gate here is f with i = 1 − f, by the gate i = σ(−a_f) that ONNX has with f = 1 − i.
pub(super) fn parameters(layer: &Recurrent, description: &Description) -> NamedTensors {
    let coupled = matches!(description.form, Form::Lstm { coupled: true, .. });
    let gate = |name: &str, tensor: &HostTensor| match name {
        _ if !coupled => 0,
        "bias" | "peepholes" => description.hidden_size,
        _ => description.hidden_size * tensor.shape[1],
    };
    collect(layer)
        .into_iter()
        .map(|(name, mut tensor)| {
            let name = match name.strip_suffix("unit_weights") {
                Some(path) => {
                    tensor.shape = vec![tensor.values.len()];
                    format!("{path}peepholes")
                }
                None => name,
            };
            let kind = name.rsplit('.').next().unwrap_or_default();
            let first_gate = gate(kind, &tensor);
            for value in &mut tensor.values[..first_gate] {
                *value = -*value;
            }
            (name, tensor)
        })
        .collect()
}
