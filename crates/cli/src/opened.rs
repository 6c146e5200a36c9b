//! A model folder that a verb works on, and the data it works with.

use std::path::{Path, PathBuf};

use burn::tensor::Device;

use ressac_data::fingerprint;
use ressac_folder::ModelFolder;
use ressac_models::{Model, Sources};
use toml::Table;

use crate::failure::Failure;

/// A model and where it came from.
pub(crate) struct Opened {
    pub(crate) folder: ModelFolder,
    pub(crate) model: Box<dyn Model>,
}

impl Opened {
    /// Opens the model at `path`.
    pub(crate) fn new(path: &Path, device: &Device) -> Result<Self, Failure> {
        let folder = ModelFolder::open(path)?;
        let model = ressac_models::open(&folder, device)?;
        Ok(Self { folder, model })
    }

    /// The files given, or those the model was trained on.
    pub(crate) fn files(&self, given: &[PathBuf]) -> Vec<PathBuf> {
        match given.is_empty() {
            true => self.model.trained_on(),
            false => given.to_vec(),
        }
    }

    /// These files as a model's data; whether they are those it was trained on is told by their content.
    pub(crate) fn sources(&self, files: &[PathBuf]) -> Result<Sources, Failure> {
        let digest = fingerprint::files(files)?;
        let trained_on = digest == self.folder.config()?.run.data_fingerprint;
        Ok(Sources::files(files, trained_on))
    }

    /// Refuses keys that models of this task do not take for a verb.
    pub(crate) fn refuse_foreign(
        &self,
        asked: &Table,
        ask: ressac_models::family::Ask,
    ) -> Result<(), Failure> {
        let keys = ressac_models::family(self.model.task())?.asks(ask);
        let foreign = asked
            .keys()
            .find(|key| !keys.iter().any(|own| own.name == **key));
        match foreign {
            None => Ok(()),
            Some(key) => Err(Failure::usage(format!(
                "the option `--{}` is not for a {} model. Leave it out",
                key.replace('_', "-"),
                self.model.task()
            ))),
        }
    }
}

/// Refuses to write over a file that is read.
pub(crate) fn refuse_as_output(out: &Path, read: &[PathBuf]) -> Result<(), Failure> {
    let Ok(target) = out.canonicalize() else {
        return Ok(());
    };
    let same = |file: &PathBuf| file.canonicalize().is_ok_and(|file| file == target);
    match read.iter().any(same) {
        false => Ok(()),
        true => Err(Failure::usage(format!(
            "`{}` is read, so it cannot be written: its rows would be lost. Give another file",
            out.display()
        ))),
    }
}

/// Writes a file whole, or leaves what was there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    ressac_folder::atomic::write(path, bytes)
        .map_err(|error| Failure::failed(format!("cannot write `{}`: {error}", path.display())))
}
