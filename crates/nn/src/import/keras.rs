//! What a `.keras` archive says of its layers beside their weights: activations, directions, the reset.
//!
//! Keras keeps the weights of a layer under `layers/{class}` or `layers/{class}_{n}`, counted class by
//! class in the order of `config.json`; so the configuration of a network is found by its prefix.
use super::ImportError;
use super::error::shown;
use super::network::{CellKind, FoundNetwork};
use super::zip::Archive;
use serde_json::Value;

/// What the configuration of a network's layer says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Of a plain recurrent layer, `tanh` or `relu`.
    pub(super) activation: Option<String>,
    pub(super) reset_after: Option<bool>,
}

/// The archive's configuration.
pub(super) fn configuration(archive: &Archive) -> Result<Option<Value>, ImportError> {
    const NAME: &str = "config.json";
    if !archive.has(NAME) {
        return Ok(None);
    }
    let text = archive.record(NAME)?;
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        ImportError::Damaged(format!(
            "its `config.json` is not JSON: {error}. Save it again"
        ))
    })
}

/// What the configuration says of one network, held against what our cells compute. None where the
/// configuration does not list the layer, as of a model that is a class of the user's.
///
/// # Errors
/// [`ImportError::Unsupported`] for an activation, a direction or a merge that our layer has not.
pub(super) fn said(
    configuration: &Value,
    network: &FoundNetwork,
) -> Result<Option<Said>, ImportError> {
    let mut all: Option<Said> = None;
    for prefix in network.prefix.split(',') {
        let Some(layer) = find(configuration, prefix) else {
            return Ok(None);
        };
        let said = layer_says(layer, prefix, network.cell)?;
        if all.as_ref().is_some_and(|before| *before != said) {
            return Err(ImportError::Unsupported(format!(
                "the layers {} have not the same options, and a network of Ressac's has one cell for all its layers",
                shown(&network.prefix)
            )));
        }
        all = Some(said);
    }
    Ok(all)
}

/// The configuration of the layer that saves its weights at `path`.
fn find<'a>(model: &'a Value, path: &str) -> Option<&'a Value> {
    let (name, rest) = match path.strip_prefix("layers/")?.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path.strip_prefix("layers/")?, None),
    };
    let layers = model.get("config")?.get("layers")?.as_array()?;
    let of_class = |layer: &&Value| {
        let class = layer["class_name"].as_str().map(snake_case);
        class.is_some_and(|class| {
            name.strip_prefix(class.as_str()).is_some_and(|rest| {
                rest.is_empty()
                    || rest
                        .strip_prefix('_')
                        .is_some_and(|n| n.parse::<usize>().is_ok())
            })
        })
    };
    let digits = name
        .rsplit_once('_')
        .and_then(|(_, number)| number.parse().ok());
    let layer = layers.iter().filter(of_class).nth(digits.unwrap_or(0))?;
    match rest {
        None => Some(layer),
        Some(rest) => find(layer, rest),
    }
}

/// As Keras makes the name of a layer from its class: `SimpleRNN` to `simple_rnn`.
fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let mut name = String::new();
    for (place, &letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| letters[before]);
        let after_small = before.is_some_and(char::is_lowercase);
        let begins_word = before.is_some()
            && letters
                .get(place + 1)
                .is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || begins_word) {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

fn layer_says(layer: &Value, prefix: &str, cell: CellKind) -> Result<Said, ImportError> {
    let class = layer["class_name"].as_str().unwrap_or_default();
    let config = &layer["config"];
    let refused = |what: &str, found: &Value, ours: &str| {
        ImportError::Unsupported(format!(
            "the layer {} has {what} = {}; Ressac's {cell} has {ours}",
            shown(prefix),
            shown(
                found
                    .as_str()
                    .map_or_else(|| found.to_string(), str::to_owned)
                    .as_str()
            ),
        ))
    };
    if class == "Bidirectional" {
        let merge = &config["merge_mode"];
        if merge != "concat" {
            return Err(refused(
                "merge_mode",
                merge,
                "the outputs of both directions side by side (concat)",
            ));
        }
        let said = layer_says(&config["layer"], prefix, cell)?;
        // Written only where it is no mirror of the other.
        if let Some(backward) = config.get("backward_layer") {
            let mut backward = backward.clone();
            if let Some(reads) = backward.pointer_mut("/config/go_backwards") {
                *reads = false.into();
            }
            let other = layer_says(&backward, prefix, cell)?;
            if other != said {
                return Err(refused(
                    "backward_layer",
                    &config["backward_layer"]["class_name"],
                    "the same cell in both directions",
                ));
            }
        }
        return Ok(said);
    }
    let backwards = &config["go_backwards"];
    if backwards == true {
        return Err(refused(
            "go_backwards",
            backwards,
            "false: reverse the input in time instead",
        ));
    }
    let mut cells = vec![config];
    if let Some(inner) = config.get("cell") {
        cells = match inner["config"]["cells"].as_array() {
            Some(stack) => stack.iter().map(|cell| &cell["config"]).collect(),
            None => vec![&inner["config"]],
        };
    }
    let mut said = Said::default();
    for config in cells {
        let activation = &config["activation"];
        let known = match cell {
            CellKind::Rnn => activation == "tanh" || activation == "relu",
            _ => activation == "tanh",
        };
        if !known {
            let ours = if cell == CellKind::Rnn {
                "tanh or relu"
            } else {
                "tanh"
            };
            return Err(refused("activation", activation, ours));
        }
        if cell == CellKind::Rnn {
            let name = activation.as_str().map(str::to_owned);
            if said.activation.is_some() && said.activation != name {
                return Err(refused("activation", activation, "one for all layers"));
            }
            said.activation = name;
        } else if config["recurrent_activation"] != "sigmoid" {
            return Err(refused(
                "recurrent_activation",
                &config["recurrent_activation"],
                "sigmoid",
            ));
        }
        said.reset_after = config["reset_after"].as_bool().or(said.reset_after);
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn classes_become_names_as_in_keras() {
        for (class, name) in [
            ("LSTM", "lstm"),
            ("SimpleRNN", "simple_rnn"),
            ("Bidirectional", "bidirectional"),
            ("InputLayer", "input_layer"),
            ("RNN", "rnn"),
            ("Conv2D", "conv2d"),
        ] {
            assert_eq!(snake_case(class), name);
        }
    }

    #[test]
    fn a_layer_is_found_by_its_class_and_number_also_in_a_model_within() {
        let layer =
            |class: &str, name: &str| json!({"class_name": class, "config": {"name": name}});
        let inner = json!({"class_name": "Sequential", "config": {"layers": [layer("GRU", "c")]}});
        let model = json!({"class_name": "Functional", "config": {"layers": [
            layer("InputLayer", "i"), layer("LSTM", "a"), layer("LSTM", "b"), inner,
        ]}});
        let name = |path: &str| find(&model, path).map(|layer| layer["config"]["name"].clone());
        assert_eq!(name("layers/lstm"), Some(json!("a")));
        assert_eq!(name("layers/lstm_1"), Some(json!("b")));
        assert_eq!(name("layers/lstm_2"), None);
        assert_eq!(name("layers/sequential/layers/gru"), Some(json!("c")));
        assert_eq!(name("encoder"), None);
    }

    #[test]
    fn what_our_cells_do_not_compute_is_refused() {
        let says = |config: Value, cell: CellKind| {
            layer_says(
                &json!({"class_name": "GRU", "config": config}),
                "layers/gru",
                cell,
            )
        };
        let good =
            json!({"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": false});
        assert_eq!(
            says(good.clone(), CellKind::Gru).unwrap().reset_after,
            Some(false)
        );
        for (key, value) in [
            ("activation", json!("relu")),
            ("activation", json!({"class_name": "Own"})),
            ("recurrent_activation", json!("hard_sigmoid")),
            ("go_backwards", json!(true)),
        ] {
            let mut config = good.clone();
            config[key] = value;
            let message = says(config, CellKind::Gru).unwrap_err().to_string();
            assert!(
                message.contains(key) && message.contains("layers/gru"),
                "{message}"
            );
        }
        let both =
            json!({"class_name": "Bidirectional", "config": {"merge_mode": "sum", "layer": {}}});
        let message = layer_says(&both, "layers/bidirectional", CellKind::Lstm).unwrap_err();
        assert!(
            message.to_string().contains("merge_mode = `sum`"),
            "{message}"
        );
    }
}
