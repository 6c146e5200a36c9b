//! ONNX: layers as a graph that other runtimes run.
//!
//! A [`Graph`] is built node by node; [`Stack`] writes recurrent layers into it as ONNX's own `RNN`, `LSTM` and
//! `GRU` nodes, [`Graph::linear`] the affine layer. [`recurrent`] makes the graph of recurrent layers alone, with
//! states as inputs and outputs.
//!
//! ```
//! use ressac_nn::{Gru, RecurrentConfig, onnx, random::Stream};
//! let device = burn::tensor::Device::default();
//! let gru = RecurrentConfig::new(Gru, 3, 8).init(&Stream::new(1, "weights"), &device)?;
//! let graph = onnx::recurrent(&gru, onnx::WithLengths::No)?;
//! let file: Vec<u8> = graph.into_bytes("gru", ("my program", "1.0"), "A GRU of 8 units.");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is exported and what is refused
//! Exported: the simple recurrent unit with tanh, relu, sigmoid or identity; the LSTM, with peepholes, with coupled
//! input and forget gates; the GRU, reset after and reset before; all stacked, in one or both directions. Dropout
//! and its kin only act in training and leave no trace. [`Beyond`] lists what is refused, and why.
//!
//! # The operator set
//! [`OPSET`] is 17, the oldest with all that is needed; each reader of a later one reads it too (ONNX Runtime since
//! 1.12, tract, OpenVINO), and the recurrent nodes have not changed since.
//!
//! Tract (0.23) reads the nodes without `sequence_lens`, and of the forms those with ONNX's default activations.
mod description;
mod graph;
mod linear;
mod operators;
mod proto;
mod recurrent;
mod tensor;
mod weights;

pub use description::{Beyond, Description, Form, Reset, RnnActivation};
pub use graph::{Attribute, Graph, Port, Size, Value};
pub use recurrent::{LayerState, Sequence, Stack};
pub use tensor::{Element, Values, tensor_file};

use crate::Recurrent;
use crate::weights::NamedTensors;
use thiserror::Error;

/// The operator set that graphs are written in.
pub const OPSET: i64 = 17;

/// The version of the file format that belongs to [`OPSET`] (ONNX 1.12).
const IR_VERSION: i64 = 8;

/// Why something cannot be written as ONNX.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OnnxError {
    /// ONNX has no node for it.
    #[error("it has no form in ONNX: {0}")]
    Refused(Beyond),
    /// The parameters are not those of the layer described.
    #[error("the layer's parameters: {0}")]
    Parameters(String),
}

impl From<Beyond> for OnnxError {
    fn from(beyond: Beyond) -> Self {
        Self::Refused(beyond)
    }
}

/// Whether a graph takes the number of real steps of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithLengths {
    /// All rows have as many steps as the input.
    No,
    /// An input `lengths` says how many.
    Yes,
}

/// Recurrent layers as a graph of their own, batch and time of any size.
///
/// | input | | |
/// |---|---|---|
/// | `input` | float32 `[batch, time, input]` | |
/// | `lengths` | int32 `[batch]` | with [`WithLengths::Yes`]: real steps of each row, from 1 to `time`; `sequence_lens` of the nodes |
/// | `initial_h`, `initial_c` | float32 `[layers · directions, batch, hidden]` | states before the first step; c for the LSTM only |
///
/// | output | | |
/// |---|---|---|
/// | `output` | float32 `[batch, time, hidden · directions]` | zero at padding; forward, then reverse |
/// | `final_h`, `final_c` | as `initial_h` | states after each row's last real step |
///
/// States stand layer by layer, forward before reverse: those of [`crate::State`]'s parts.
///
/// # Errors
/// [`OnnxError::Refused`] for a cell or option that ONNX has no node for.
pub fn recurrent(layer: &Recurrent, lengths: WithLengths) -> Result<Graph, OnnxError> {
    let description = Description::of(layer)?;
    let parameters = description::parameters(layer, &description);
    recurrent_from_parameters(description, &parameters, lengths)
}

/// As [`recurrent`], of parameters by name and what they belong to.
///
/// # Errors
/// As [`Stack::from_parameters`].
pub fn recurrent_from_parameters(
    description: Description,
    parameters: &NamedTensors,
    lengths: WithLengths,
) -> Result<Graph, OnnxError> {
    let mut graph = Graph::new();
    let (directions, hidden) = (description.directions(), description.hidden_size);
    let port = |name: &str, element: Element, shape: &[Size], holds: &str| Port {
        name: name.to_owned(),
        element,
        shape: shape.to_vec(),
        holds: holds.to_owned(),
    };
    let (batch, time) = (Size::Any("batch"), Size::Any("time"));
    let states = [
        Size::Fixed(description.layers * directions),
        batch.clone(),
        Size::Fixed(hidden),
    ];
    let input = graph.input(port(
        "input",
        Element::F32,
        &[
            batch.clone(),
            time.clone(),
            Size::Fixed(description.input_size),
        ],
        "the sequences",
    ));
    let lengths = (lengths == WithLengths::Yes).then(|| {
        graph.input(port(
            "lengths",
            Element::I32,
            std::slice::from_ref(&batch),
            "the real steps of each row, from 1 to time",
        ))
    });
    let mut state = |name: &str, what: &str| {
        graph.input(port(
            name,
            Element::F32,
            &states,
            &format!("{what} before the first step, layer by layer, forward before reverse; zeros to begin"),
        ))
    };
    let initial_h = state("initial_h", "the output h");
    let initial_c = description
        .form
        .has_cell_state()
        .then(|| state("initial_c", "the cell state c"));
    let stack = Stack::from_parameters(&mut graph, description, parameters)?;
    let initial: Vec<LayerState> = (0..description.layers)
        .map(|layer| {
            let (from, to) = (layer * directions, (layer + 1) * directions);
            LayerState {
                h: graph.slice(&initial_h, 0, from, to),
                c: initial_c.as_ref().map(|c| graph.slice(c, 0, from, to)),
            }
        })
        .collect();
    let sequence = stack.run(&mut graph, &input, lengths.as_ref(), Some(&initial));
    graph.output(
        &sequence.output,
        port(
            "output",
            Element::F32,
            &[batch, time, Size::Fixed(hidden * directions)],
            "the output of each step, zero at padding",
        ),
    );
    let h: Vec<Value> = sequence
        .states
        .iter()
        .map(|state| state.h.clone())
        .collect();
    let c: Vec<Value> = sequence
        .states
        .iter()
        .filter_map(|state| state.c.clone())
        .collect();
    for (name, parts, what) in [
        ("final_h", h, "the output h after each row's last real step"),
        (
            "final_c",
            c,
            "the cell state c after each row's last real step",
        ),
    ] {
        if !parts.is_empty() {
            let value = graph.concat(&parts, 0);
            graph.output(&value, port(name, Element::F32, &states, what));
        }
    }
    Ok(graph)
}
