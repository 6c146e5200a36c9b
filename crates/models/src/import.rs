//! Recurrent weights from elsewhere, put into a model folder.

use std::path::Path;

use ressac_folder::ModelFolder;
use ressac_nn::import::{Activation, CellKind, ImportedNetwork};
use ressac_nn::weights::NamedTensors;
use ressac_train::write_weights;

use crate::ModelError;
use crate::cell::{CellChoice, Gates};
use crate::options::RecurrentConfig;

/// What makes layers of this configuration another function of weights of these shapes than the network of the file was;
/// shapes are told elsewhere.
pub(crate) fn other_function(
    config: &RecurrentConfig,
    cell: CellChoice,
    network: &ImportedNetwork,
) -> Option<String> {
    for (key, given) in [
        ("layer_norm", config.layer_norm),
        ("residual", config.residual),
        ("zoneout", config.zoneout > 0.0),
    ] {
        if given {
            return Some(format!(
                "the model has `{key}`, and the file's network has not"
            ));
        }
    }
    match (network.found.cell, cell) {
        (CellKind::Rnn, CellChoice::Rnn(activation)) => {
            let theirs = network.activation.unwrap_or(Activation::Tanh).to_string();
            (theirs != activation.to_string())
                .then(|| format!("the file's rnn has {theirs}, and the model's {activation}"))
        }
        (CellKind::Lstm, CellChoice::Lstm(gates)) if gates != Gates::Hidden => Some(format!(
            "the gates of the model's lstm read `{gates}`, those of the file's `hidden`"
        )),
        _ => None,
    }
}

/// Writes weights that hold those of `file` in the place `path`, and the record of it.
///
/// The weights first: a kill between the two leaves weights without their record, never a record of weights that are not
/// there.
///
/// # Errors
/// When the file system refuses.
pub fn record(
    folder: &ModelFolder,
    weights: &NamedTensors,
    file: &Path,
    path: &str,
) -> Result<(), ModelError> {
    write_weights(folder, weights)?;
    let mut config = folder.config()?;
    config
        .run
        .imported
        .push(format!("{} as {path}", file.display()));
    folder.write_config(&config)?;
    Ok(())
}
