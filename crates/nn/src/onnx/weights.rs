//! From the parameters of a layer to the arrays of ONNX's nodes: other gate orders, two biases.
//!
//! | | blocks here | blocks in ONNX |
//! |---|---|---|
//! | RNN | one | one |
//! | LSTM | i, f, g, o | i, o, f, c |
//! | GRU | r, z, n (and u in the bias) | z, r, h |
//!
//! ONNX's bias holds one of the input product (`Wb`) and then one of the recurrent product (`Rb`). They act
//! only as their sum, except in the GRU with its reset after, where the part inside the reset is `Rb` of h.
use super::OnnxError;
use super::description::{Description, Form, Reset};
use crate::weights::{HostTensor, NamedTensors};

/// The arrays of one node, directions first.
pub(super) struct LayerWeights {
    /// W, `[directions, gates · hidden, input]`.
    pub(super) input: HostTensor,
    /// R, `[directions, gates · hidden, hidden]`.
    pub(super) recurrent: HostTensor,
    /// B, `[directions, 2 · gates · hidden]`.
    pub(super) bias: HostTensor,
    /// P, `[directions, 3 · hidden]`.
    pub(super) peepholes: Option<HostTensor>,
}

/// Where ONNX's blocks come from among ours; zeros where we have none.
struct Order {
    gates: &'static [Option<usize>],
    bias: &'static [Option<usize>],
    peepholes: &'static [Option<usize>],
}

const NONE: Option<usize> = None;

fn order(form: Form) -> Order {
    match form {
        Form::Rnn(_) => Order {
            gates: &[Some(0)],
            bias: &[Some(0), NONE],
            peepholes: &[],
        },
        Form::Lstm { coupled: false, .. } => Order {
            gates: &[Some(0), Some(3), Some(1), Some(2)],
            bias: &[Some(0), Some(3), Some(1), Some(2), NONE, NONE, NONE, NONE],
            peepholes: &[Some(0), Some(2), Some(1)],
        },
        // The forget gate's blocks are there in ONNX and read by nobody.
        Form::Lstm { coupled: true, .. } => Order {
            gates: &[Some(0), Some(2), NONE, Some(1)],
            bias: &[Some(0), Some(2), NONE, Some(1), NONE, NONE, NONE, NONE],
            peepholes: &[Some(0), Some(1), NONE],
        },
        Form::Gru(Reset::After) => Order {
            gates: &[Some(1), Some(0), Some(2)],
            bias: &[Some(1), Some(0), Some(2), NONE, NONE, Some(3)],
            peepholes: &[],
        },
        Form::Gru(Reset::Before) => Order {
            gates: &[Some(1), Some(0), Some(2)],
            bias: &[Some(1), Some(0), Some(2), NONE, NONE, NONE],
            peepholes: &[],
        },
    }
}

/// The arrays of each layer's node.
pub(super) fn layer_weights(
    description: &Description,
    parameters: &NamedTensors,
) -> Result<Vec<LayerWeights>, OnnxError> {
    let directions = description.directions();
    let hidden = description.hidden_size;
    let order = order(description.form);
    let [input_blocks, recurrent_blocks, bias_blocks] = description.form.blocks();
    let mut used = 0;
    let mut layers = Vec::with_capacity(description.layers);
    for layer in 0..description.layers {
        let features = if layer == 0 {
            description.input_size
        } else {
            hidden * directions
        };
        let mut gathered = |name: &str, from: &[usize], order: &[Option<usize>], to: &[usize]| {
            let mut values = Vec::new();
            for direction in 0..directions {
                let part = layer * directions + direction;
                let name = format!("layers.{part}.{name}");
                let tensor = whole(parameters, &name, from)?;
                used += 1;
                let block = tensor.values.len() / (from[0] / hidden);
                for place in order {
                    match place {
                        Some(place) => values
                            .extend_from_slice(&tensor.values[place * block..(place + 1) * block]),
                        None => values.resize(values.len() + block, 0.0),
                    }
                }
            }
            let mut shape = vec![directions];
            shape.extend_from_slice(to);
            Ok::<_, OnnxError>(HostTensor { shape, values })
        };
        let rows = order.gates.len() * hidden;
        layers.push(LayerWeights {
            input: gathered(
                "input_weights",
                &[input_blocks * hidden, features],
                order.gates,
                &[rows, features],
            )?,
            recurrent: gathered(
                "recurrent_weights",
                &[recurrent_blocks * hidden, hidden],
                order.gates,
                &[rows, hidden],
            )?,
            bias: gathered("bias", &[bias_blocks * hidden], order.bias, &[2 * rows])?,
            peepholes: description
                .form
                .peepholes()
                .map(|blocks| {
                    gathered(
                        "peepholes",
                        &[blocks * hidden],
                        order.peepholes,
                        &[3 * hidden],
                    )
                })
                .transpose()?,
        });
    }
    if used < parameters.len() {
        return Err(extra(description, parameters));
    }
    Ok(layers)
}

fn whole<'a>(
    parameters: &'a NamedTensors,
    name: &str,
    shape: &[usize],
) -> Result<&'a HostTensor, OnnxError> {
    match parameters.get(name) {
        Some(tensor) if tensor.shape == shape && tensor.is_whole() => Ok(tensor),
        Some(tensor) => Err(OnnxError::Parameters(format!(
            "`{name}` has shape {:?}, and {shape:?} was expected",
            tensor.shape
        ))),
        None => Err(OnnxError::Parameters(format!("`{name}` is missing"))),
    }
}

/// What is there and has no place in the node: nothing of a layer is left out in silence.
fn extra(description: &Description, parameters: &NamedTensors) -> OnnxError {
    let parts = description.layers * description.directions();
    let known = |name: &str| {
        let mut words = name.splitn(3, '.');
        let (Some("layers"), Some(part), Some(what)) = (words.next(), words.next(), words.next())
        else {
            return false;
        };
        part.parse::<usize>().is_ok_and(|part| part < parts)
            && (matches!(what, "input_weights" | "recurrent_weights" | "bias")
                || (what == "peepholes" && description.form.peepholes().is_some()))
    };
    let name = parameters.keys().find(|name| !known(name));
    OnnxError::Parameters(format!(
        "`{}` has no place in ONNX's {}",
        name.map_or("", String::as_str),
        description.form.operator()
    ))
}
