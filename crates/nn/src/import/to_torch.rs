//! The way out: our parameters under PyTorch's names.
use super::error::shown;
use super::names::{Shapes, networks};
use super::network::{CellKind, Convention, FoundNetwork};
use crate::NnError;
use crate::weights::{HostTensor, NamedTensors};

/// The state dictionary of the `torch.nn.RNN`, `LSTM` or `GRU` that computes what a network with these
/// parameters does. `parameters` are those of one [`crate::Recurrent`] (see [`crate::weights::collect`]);
/// [`crate::weights::to_bytes`] makes a file of the result, which `safetensors.torch.load_file` reads.
///
/// PyTorch's second bias is zeros, except the GRU's: its `b_hh` is u, the part inside the reset, in the
/// rows of n. `directions` is 1 or 2; the activation of a plain recurrent layer is not in a state dictionary:
/// give the layer the right `nonlinearity`.
///
/// Only what parameters show is seen here: give those of a plain RNN, LSTM or GRU. An LSTM whose gates read the cell
/// state has the same shapes as one whose gates read the output, and no such layer in PyTorch.
///
/// # Errors
/// Parameters of no recurrent network, or of one that PyTorch has not: a GRU that resets before the product, a
/// learned initial state.
pub fn to_torch(parameters: &NamedTensors, directions: usize) -> Result<NamedTensors, NnError> {
    let network = the_network(parameters, directions)?;
    let hidden = network.hidden;
    let mut dictionary = NamedTensors::new();
    for (place, part) in network.parts.iter().enumerate() {
        let suffix = ["", "_reverse"][place % network.directions];
        let suffix = format!("l{}{suffix}", place / network.directions);
        let mut put = |name: &str, tensor: HostTensor| {
            dictionary.insert(format!("{name}_{suffix}"), tensor);
        };
        put("weight_ih", parameters[&part.input_weights].clone());
        put("weight_hh", parameters[&part.recurrent_weights].clone());
        if let Some(projection) = &part.projection {
            put("weight_hr", parameters[projection].clone());
        }
        let mut input = part
            .biases
            .iter()
            .flat_map(|name| parameters[name].values.clone())
            .collect::<Vec<f32>>();
        let mut recurrent = vec![0.0; input.len()];
        if network.cell == CellKind::Gru {
            let inside = input.split_off(3 * hidden);
            recurrent.truncate(3 * hidden);
            recurrent[2 * hidden..].copy_from_slice(&inside);
        }
        for (name, values) in [("bias_ih", input), ("bias_hh", recurrent)] {
            let shape = vec![values.len()];
            put(name, HostTensor { shape, values });
        }
    }
    Ok(dictionary)
}

/// The one network that the parameters are.
fn the_network(parameters: &NamedTensors, directions: usize) -> Result<FoundNetwork, NnError> {
    if !(1..=2).contains(&directions) {
        return Err(NnError::Shape {
            argument: "directions".into(),
            expected: "1 or 2".into(),
            found: directions.to_string(),
        });
    }
    if let Some((name, _)) = parameters.iter().find(|(_, tensor)| !tensor.is_whole()) {
        return Err(NnError::Weights(format!(
            "{} has not as many values as its shape says",
            shown(name)
        )));
    }
    let shapes: Shapes<'_> = parameters
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor.shape.as_slice()))
        .collect();
    let mut found = networks(&shapes, Some(directions));
    let network = match (found.pop(), found.is_empty()) {
        (Some(candidate), true) => candidate.network.map_err(NnError::Weights)?,
        _ => {
            return Err(NnError::Weights(
                "expected the parameters of one recurrent network".into(),
            ));
        }
    };
    if network.convention != Convention::Ressac {
        return Err(NnError::Weights(
            "expected parameters under Ressac's names".into(),
        ));
    }
    if let Some(name) = parameters
        .keys()
        .find(|name| name.contains("initial_state"))
    {
        return Err(NnError::Weights(format!(
            "{} is a learned initial state, which PyTorch's layers have not: give them the state with every call",
            shown(name)
        )));
    }
    if network.cell == CellKind::GruBefore {
        return Err(NnError::Weights(
            "PyTorch has no GRU that resets before the product".into(),
        ));
    }
    Ok(network)
}
