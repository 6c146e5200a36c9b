//! The network that comes out of a file: found, converted, and what was assumed of it.
use super::choice::{METADATA, choose, own};
use super::error::shown;
use super::network::{CellKind, Convention, FoundNetwork};
use super::{Format, ImportError, WeightFile, convert, keras};
use crate::random::Stream;
use crate::weights::{self, NamedTensors};
use crate::{Elman, Gru, GruBefore, Lstm, NnError, Recurrent, RecurrentConfig};
use burn::tensor::Device;
use serde_json::json;
use std::fmt;

/// The activation of a plain recurrent layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// The hyperbolic tangent, everybody's default.
    Tanh,
    /// max(0, x).
    Relu,
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tanh => "tanh",
            Self::Relu => "relu",
        })
    }
}

/// Where a GRU resets its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// Before the product with the recurrent weights: Keras' `reset_after=False`.
    Before,
    /// After it: PyTorch's, and Keras' default.
    After,
}

/// What the user says of the network in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// What stands before the names of the network's arrays. Several are layers on top of one another, the
    /// first at the bottom. Without any, the file must hold one recurrent network only.
    pub prefixes: Vec<String>,
    /// The cell it must have; [`CellKind::Gru`] stands for both.
    pub layer: Option<CellKind>,
    /// The activation of a plain recurrent layer, which most files do not tell.
    pub activation: Option<Activation>,
    /// Where a GRU of Keras' without bias resets: with a bias, its shape tells.
    pub reset: Option<Reset>,
}

/// A network in our layout.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedNetwork {
    /// What was found, under the names of the file.
    pub found: FoundNetwork,
    /// The activation of a plain recurrent network; none for the others.
    pub activation: Option<Activation>,
    /// The parameters of a [`Recurrent`], by name.
    pub parameters: NamedTensors,
    /// What was done to the arrays, in words.
    pub conventions: Vec<String>,
    /// What the file does not say and was taken to be so.
    pub assumptions: Vec<String>,
}

/// Finds the recurrent network in a file and puts it into our layout.
///
/// # Errors
/// [`ImportError::Choose`] where the options must say more, [`ImportError::Unfit`] where there is no such
/// network or its arrays do not fit together, and as [`WeightFile::values`].
pub fn import(file: &WeightFile, options: &ImportOptions) -> Result<ImportedNetwork, ImportError> {
    let mut found = choose(file, &options.prefixes, options.layer)?;
    let said = match &file.keras {
        Some(configuration) => keras::said(configuration, &found)?,
        None => None,
    };
    let mut assumptions = Vec::new();
    if let Some(reset) = reset(file, options, &found, said.as_ref(), &mut assumptions)? {
        found.cell = match reset {
            Reset::Before => CellKind::GruBefore,
            Reset::After => CellKind::Gru,
        };
    }
    let activation = activation(file, options, &found, said.as_ref(), &mut assumptions)?;
    if found.convention == Convention::Keras && said.is_none() {
        if found.cell != CellKind::Rnn {
            assumptions
                .push("activation tanh and recurrent_activation sigmoid, Keras' defaults".into());
        }
        assumptions.push(if found.directions == 2 {
            "merge_mode concat, Keras' default".into()
        } else {
            "go_backwards False, Keras' default".into()
        });
    }
    if found.convention == Convention::Ressac {
        assumptions.extend(of_ours(file, &found));
    }
    let mut conventions = convert::told(file, &found);
    if file.format() == Format::KerasArchive && said.is_some() {
        conventions.push("options: read in the archive's config.json, and the same as here".into());
    }
    Ok(ImportedNetwork {
        parameters: convert::parameters(file, &found)?,
        found,
        activation,
        conventions,
        assumptions,
    })
}

/// What arrays of ours leave open: cells of other gates have the same shapes, and a state may be learned.
fn of_ours(file: &WeightFile, found: &FoundNetwork) -> Vec<String> {
    let mut assumptions = Vec::new();
    if own(file).is_none() && matches!(found.cell, CellKind::Lstm | CellKind::GruBefore) {
        assumptions.push(format!(
            "{}, as its shapes say; an lstm whose gates read its cell state, or with coupled gates, looks the same",
            found.cell
        ));
    }
    let before = match found.prefix.as_str() {
        "" => "layers.".to_owned(),
        prefix => format!("{prefix}.layers."),
    };
    let learned = |name: &str| name.starts_with(&before) && name.contains(".initial_state");
    if file.shapes().any(|(name, _)| learned(name)) {
        assumptions.push("a start from zero: the learned initial state in the file is left".into());
    }
    assumptions
}

/// Where a GRU resets, if neither its convention nor its bias has told yet.
fn reset(
    file: &WeightFile,
    options: &ImportOptions,
    found: &FoundNetwork,
    said: Option<&keras::Said>,
    assumptions: &mut Vec<String>,
) -> Result<Option<Reset>, ImportError> {
    let known = match found.cell {
        CellKind::GruBefore => Some(Reset::Before),
        CellKind::Gru if found.convention != Convention::Keras || found.has_bias() => {
            Some(Reset::After)
        }
        CellKind::Gru => said
            .and_then(|said| said.reset_after)
            .map(|after| if after { Reset::After } else { Reset::Before }),
        _ => {
            return match options.reset {
                Some(_) => Err(ImportError::Choose(format!(
                    "a reset was given, and {} is {}, which has none",
                    named(found),
                    found.cell
                ))),
                None => Ok(None),
            };
        }
    };
    match (known, options.reset) {
        (Some(known), Some(asked)) if known != asked => Err(ImportError::Choose(format!(
            "{} resets {} the product, as its {} tell",
            named(found),
            if known == Reset::After {
                "after"
            } else {
                "before"
            },
            if file.format() == Format::KerasArchive {
                "options"
            } else {
                "arrays"
            }
        ))),
        (Some(_), _) => Ok(known),
        (None, Some(_)) => Ok(options.reset),
        (None, None) => {
            assumptions.push(
                "reset_after True, Keras' default: without a bias nothing tells (`--reset before` for the other)".into(),
            );
            Ok(Some(Reset::After))
        }
    }
}

/// The activation of a plain recurrent network: said by the file, by the user, or tanh.
fn activation(
    file: &WeightFile,
    options: &ImportOptions,
    found: &FoundNetwork,
    said: Option<&keras::Said>,
    assumptions: &mut Vec<String>,
) -> Result<Option<Activation>, ImportError> {
    if found.cell != CellKind::Rnn {
        return match options.activation {
            Some(_) => Err(ImportError::Choose(format!(
                "an activation was given, and {} is {}, whose activations are fixed: only rnn has a choice",
                named(found),
                found.cell
            ))),
            None => Ok(None),
        };
    }
    let own = own(file);
    let name = said
        .and_then(|said| said.activation.as_deref())
        .or_else(|| own.as_ref()?.get("activation")?.as_str());
    let known = match name {
        Some("relu") => Some(Activation::Relu),
        Some("tanh") => Some(Activation::Tanh),
        _ => None,
    };
    match (known, options.activation) {
        (Some(known), Some(asked)) if known != asked => Err(ImportError::Choose(format!(
            "the file says that {} has {known}, not {asked}",
            named(found)
        ))),
        (Some(known), _) => Ok(Some(known)),
        (None, Some(asked)) => Ok(Some(asked)),
        (None, None) => {
            assumptions.push(
                "activation tanh, which the file does not say (`--activation relu` for the other)"
                    .into(),
            );
            Ok(Some(Activation::Tanh))
        }
    }
}

fn named(found: &FoundNetwork) -> String {
    match found.prefix.as_str() {
        "" => "the network".into(),
        prefix => shown(prefix),
    }
}

impl ImportedNetwork {
    /// The layer itself, with these weights.
    ///
    /// # Errors
    /// Parameters that do not fit one another.
    pub fn recurrent(&self, device: &Device) -> Result<Recurrent, NnError> {
        let (input, hidden) = (self.found.input, self.found.hidden);
        let mut config = match (self.found.cell, self.activation) {
            (CellKind::Lstm, _) => RecurrentConfig::new(Lstm, input, hidden),
            (CellKind::Gru, _) => RecurrentConfig::new(Gru, input, hidden),
            (CellKind::Rnn, Some(Activation::Relu)) => {
                RecurrentConfig::new(Elman::relu(), input, hidden)
            }
            (CellKind::Rnn, _) => RecurrentConfig::new(Elman::tanh(), input, hidden),
            (CellKind::GruBefore, _) => RecurrentConfig::new(GruBefore, input, hidden),
        };
        if self.found.is_projected() {
            config = config.with_projection(self.found.output);
        }
        // The weights drawn here are all replaced.
        let layer = config
            .with_layers(self.found.layers)
            .with_bidirectional(self.found.directions == 2)
            .init(&Stream::new(0, "import"), device)?;
        weights::apply(layer, &self.parameters)
    }

    /// A safetensors file of the parameters, with one text `ressac` that says what they are, as JSON: cell,
    /// activation, input, hidden, output, layers, directions, and `source`.
    ///
    /// # Errors
    /// The library's own.
    pub fn to_bytes(&self, source: &str) -> Result<Vec<u8>, NnError> {
        let found = &self.found;
        let mut about = json!({
            "cell": found.cell.to_string(),
            "input": found.input,
            "hidden": found.hidden,
            "output": found.output,
            "layers": found.layers,
            "directions": found.directions,
            "source": source,
        });
        if let Some(activation) = self.activation {
            about["activation"] = activation.to_string().into();
        }
        // One text alone: several would be written in an order of chance.
        weights::to_bytes_with(&self.parameters, METADATA, &about.to_string())
    }
}
