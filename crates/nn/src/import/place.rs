//! Imported weights in the place of a network's among the parameters of a model.
use super::error::{listed, shown};
use super::names::{Shapes, networks};
use super::network::{Convention, FoundNetwork};
use super::{ImportError, ImportedNetwork};
use crate::weights::NamedTensors;

/// The recurrent networks among a model's parameters, [`FoundNetwork::prefix`] being the path of each.
pub fn networks_of(parameters: &NamedTensors) -> Vec<FoundNetwork> {
    let shapes: Shapes<'_> = parameters
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor.shape.as_slice()))
        .collect();
    let found = networks(&shapes, None).into_iter();
    found
        .filter_map(|candidate| candidate.network.ok())
        .filter(|network| network.convention == Convention::Ressac)
        .collect()
}

/// Puts an imported network in the place of the one at `path`, or whose path ends in `.{path}`; without a
/// path, of the only one there is. Every other parameter stays as it is. Returns the whole path.
///
/// # Errors
/// [`ImportError::Choose`] where several are meant or none, [`ImportError::Unfit`] where cell or sizes
/// differ; the parameters are then untouched.
pub fn put_into(
    parameters: &mut NamedTensors,
    path: Option<&str>,
    network: &ImportedNetwork,
) -> Result<String, ImportError> {
    let places = networks_of(parameters);
    let paths = || listed(places.iter().map(|place| last(&place.prefix)));
    let meant: Vec<&FoundNetwork> = places
        .iter()
        .filter(|place| path.is_none_or(|path| place.prefix == path || last(&place.prefix) == path))
        .collect();
    let place = match (meant.as_slice(), path) {
        ([one], _) => *one,
        (_, _) if places.is_empty() => {
            return Err(ImportError::Unfit(
                "the model has no recurrent network with the weights of a plain rnn, lstm or gru"
                    .into(),
            ));
        }
        ([], Some(path)) => {
            return Err(ImportError::Choose(format!(
                "the model has no recurrent network {}; it has {}",
                shown(path),
                paths()
            )));
        }
        _ => {
            return Err(ImportError::Choose(format!(
                "the model has several recurrent networks, {}. Choose one with `--to {}`",
                paths(),
                last(&places[0].prefix).escape_debug()
            )));
        }
    };
    let path = place.prefix.clone();
    let is_projected =
        |network: &FoundNetwork| network.parts.iter().any(|part| part.projection.is_some());
    if place.sizes() != network.found.sizes() || is_projected(place) != is_projected(&network.found)
    {
        return Err(ImportError::Unfit(format!(
            "the model's {} is {}; the file has {}",
            last(&path).escape_debug(),
            place.sizes(),
            network.found.sizes()
        )));
    }
    for (name, tensor) in &network.parameters {
        parameters.insert(format!("{path}.{name}"), tensor.clone());
    }
    Ok(path)
}

/// The last word of a path.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
