//! Recurrent layers as ONNX's RNN, LSTM and GRU nodes.
//!
//! Outside, sequences are `[batch, time, features]`; ONNX's nodes want time first, so a stack of layers
//! stands between two transposes. (The attribute `layout = 1` would say the same, but runtimes refuse it.)
use super::OnnxError;
use super::description::{self, Description, Form, Reset, RnnActivation};
use super::graph::{Attribute, Graph, Value};
use super::tensor::Values;
use super::weights::{LayerWeights, layer_weights};
use crate::Recurrent;
use crate::weights::{HostTensor, NamedTensors};

/// The states of one layer, `[directions, batch, hidden]` each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerState {
    /// The output.
    pub h: Value,
    /// The cell state, where the cell has one.
    pub c: Option<Value>,
}

/// What a stack of layers gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// The last layer's output, `[batch, time, hidden · directions]`.
    pub output: Value,
    /// Each layer's states after each row's last real step.
    pub states: Vec<LayerState>,
}

/// Recurrent layers whose weights are in a graph, ready to run there as often as needed.
#[derive(Debug, Clone)]
pub struct Stack {
    description: Description,
    layers: Vec<Parameters>,
}

#[derive(Debug, Clone)]
struct Parameters {
    weights: Value,
    recurrent_weights: Value,
    bias: Value,
    peepholes: Option<Value>,
}

impl Stack {
    /// Puts the weights of `layer` into `graph`.
    ///
    /// # Errors
    /// [`OnnxError::Refused`] for a cell or option that ONNX has no node for.
    pub fn new(graph: &mut Graph, layer: &Recurrent) -> Result<Self, OnnxError> {
        let description = Description::of(layer)?;
        let parameters = description::parameters(layer, &description);
        Self::from_parameters(graph, description, &parameters)
    }

    /// Puts the parameters of the layer that `description` describes into `graph`; their names are those of
    /// [`Recurrent`], their blocks those of [`Form`].
    ///
    /// # Errors
    /// [`OnnxError::Parameters`] where one is missing, has another shape, or has no place in ONNX's node.
    pub fn from_parameters(
        graph: &mut Graph,
        description: Description,
        parameters: &NamedTensors,
    ) -> Result<Self, OnnxError> {
        let layers = layer_weights(&description, parameters)?
            .into_iter()
            .enumerate()
            .map(|(layer, weights)| {
                graph.within(&format!("layer_{layer}"), |graph| place(graph, weights))
            })
            .collect();
        Ok(Self {
            description,
            layers,
        })
    }

    /// What the layers are.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Runs the layers over `input [batch, time, features]`; `lengths [batch]` (32-bit) are the real steps of
    /// each row, all of them where they are left out; the states start from zero where they are left out.
    pub fn run(
        &self,
        graph: &mut Graph,
        input: &Value,
        lengths: Option<&Value>,
        initial: Option<&[LayerState]>,
    ) -> Sequence {
        let mut values = graph.transpose(input, &[1, 0, 2]);
        let zero = match initial {
            Some(_) => None,
            None => Some(self.zero_state(graph, &values)),
        };
        let mut states = Vec::with_capacity(self.layers.len());
        for (layer, parameters) in self.layers.iter().enumerate() {
            let before = initial.and_then(|initial| initial.get(layer));
            let (output, after) = graph.within(&format!("layer_{layer}"), |graph| {
                let before = before.or(zero.as_ref());
                self.layer(graph, parameters, &values, lengths, before)
            });
            values = output;
            states.push(after);
        }
        Sequence {
            output: graph.transpose(&values, &[1, 0, 2]),
            states,
        }
    }

    /// Zeros for as many rows as `values [time, batch, …]` has. ONNX has zeros where a state is left out; they are
    /// written out because there are runtimes that then want a fixed batch.
    fn zero_state(&self, graph: &mut Graph, values: &Value) -> LayerState {
        graph.within("zero_state", |graph| {
            let shape = graph.node("Shape", &[values], &[]);
            let batch = graph.slice(&shape, 0, 1, 2);
            let directions =
                graph.whole_numbers(&[super::tensor::size(self.description.directions())]);
            let hidden = graph.whole_numbers(&[super::tensor::size(self.description.hidden_size)]);
            let shape = graph.concat(&[directions, batch, hidden], 0);
            let zeros = graph.node(
                "ConstantOfShape",
                &[&shape],
                &[("value", Attribute::Scalar(0.0))],
            );
            LayerState {
                c: self
                    .description
                    .form
                    .has_cell_state()
                    .then(|| zeros.clone()),
                h: zeros,
            }
        })
    }

    /// One layer: `values [time, batch, features]` to `[time, batch, hidden · directions]` and its states.
    fn layer(
        &self,
        graph: &mut Graph,
        parameters: &Parameters,
        values: &Value,
        lengths: Option<&Value>,
        initial: Option<&LayerState>,
    ) -> (Value, LayerState) {
        let description = &self.description;
        let (form, directions) = (description.form, description.directions());
        let absent = Value::absent();
        let initial_h = initial.map_or(&absent, |state| &state.h);
        let initial_c = initial
            .and_then(|state| state.c.as_ref())
            .unwrap_or(&absent);
        let mut inputs = vec![
            values,
            &parameters.weights,
            &parameters.recurrent_weights,
            &parameters.bias,
            lengths.unwrap_or(&absent),
            initial_h,
        ];
        if form.has_cell_state() {
            inputs.push(initial_c);
            inputs.extend(parameters.peepholes.as_ref());
        }
        let mut attributes = vec![
            (
                "hidden_size",
                Attribute::Int(super::tensor::size(description.hidden_size)),
            ),
            (
                "direction",
                Attribute::Text(if description.bidirectional {
                    "bidirectional"
                } else {
                    "forward"
                }),
            ),
        ];
        attributes.extend(form_attributes(form, directions));
        let (output, state) = if form.has_cell_state() {
            let [output, h, c] =
                graph.node_of_parts(form.operator(), &inputs, &attributes, ["y", "h", "c"]);
            (output, LayerState { h, c: Some(c) })
        } else {
            let [output, h] =
                graph.node_of_parts(form.operator(), &inputs, &attributes, ["y", "h"]);
            (output, LayerState { h, c: None })
        };
        // `[time, directions, batch, hidden]`: the directions come beside one another in the features.
        let output = if description.bidirectional {
            let output = graph.transpose(&output, &[0, 2, 1, 3]);
            let features = super::tensor::size(directions * description.hidden_size);
            graph.reshape(&output, &[0, 0, features])
        } else {
            graph.squeeze(&output, &[1])
        };
        (output, state)
    }
}

/// The attributes that tell a form from ONNX's default of the same operator.
fn form_attributes(form: Form, directions: usize) -> Vec<(&'static str, Attribute)> {
    match form {
        // The default: named all the same, so that a reader sees it.
        Form::Rnn(RnnActivation::Tanh) => vec![activations("Tanh", directions)],
        Form::Rnn(RnnActivation::Relu) => vec![activations("Relu", directions)],
        Form::Rnn(RnnActivation::Sigmoid) => vec![activations("Sigmoid", directions)],
        Form::Rnn(RnnActivation::Identity) => vec![
            activations("Affine", directions),
            ("activation_alpha", Attribute::Floats(vec![1.0; directions])),
            ("activation_beta", Attribute::Floats(vec![0.0; directions])),
        ],
        Form::Lstm { coupled: true, .. } => vec![("input_forget", Attribute::Int(1))],
        Form::Lstm { coupled: false, .. } => vec![],
        Form::Gru(Reset::After) => vec![("linear_before_reset", Attribute::Int(1))],
        Form::Gru(Reset::Before) => vec![("linear_before_reset", Attribute::Int(0))],
    }
}

fn activations(name: &'static str, directions: usize) -> (&'static str, Attribute) {
    ("activations", Attribute::Texts(vec![name; directions]))
}

fn place(graph: &mut Graph, weights: LayerWeights) -> Parameters {
    let mut constant = |name: &str, tensor: HostTensor| {
        graph.constant(name, &tensor.shape, &Values::F32(tensor.values))
    };
    Parameters {
        weights: constant("W", weights.input),
        recurrent_weights: constant("R", weights.recurrent),
        bias: constant("B", weights.bias),
        peepholes: weights.peepholes.map(|tensor| constant("P", tensor)),
    }
}
