//! What every verb, the server and other languages know of a model, whatever its family.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml::Table;

use ressac_data::rows::Sink;
use ressac_nn::import::ImportedNetwork;
use ressac_nn::onnx::Port;

use crate::pictures::Pictures;
use crate::recurrence::Recurrence;
use crate::{Evaluated, ModelError, Structure};

/// One piece of data given to a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// The content of a file, under the name that messages give it; its ending says what it is.
    Bytes {
        /// The name.
        name: String,
        /// The content.
        bytes: Vec<u8>,
    },
    /// A text by itself.
    Text(String),
}

/// The data given to a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sources {
    /// The pieces, in order.
    pub of: Vec<Source>,
    /// Whether they are the files that the model was trained on, unchanged.
    pub trained_on: bool,
}

impl Sources {
    /// Files, `trained_on` or not.
    pub fn files(files: &[PathBuf], trained_on: bool) -> Self {
        Self {
            of: files.iter().cloned().map(Source::File).collect(),
            trained_on,
        }
    }

    /// The data as a message names it.
    pub fn named(&self) -> String {
        let name = |source: &Source| match source {
            Source::File(path) => path.display().to_string(),
            Source::Bytes { name, .. } => name.clone(),
            Source::Text(_) => "the text".to_owned(),
        };
        match self.of.as_slice() {
            [] => String::new(),
            [one] => name(one),
            [first, .., last] => format!("{} to {}", name(first), name(last)),
        }
    }

    /// Each piece as (name, content), the files opened.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, ModelError> {
        let read = |source: &Source| match source {
            Source::File(path) => Ok((path.clone(), ressac_data::read_file(path)?)),
            Source::Bytes { name, bytes } => Ok((PathBuf::from(name), bytes.clone())),
            Source::Text(text) => Ok((PathBuf::from("the text"), text.clone().into_bytes())),
        };
        self.of.iter().map(read).collect()
    }
}

/// What [`Sources::read`] gives, as the readers of `ressac_data` take it.
pub(crate) fn pieces(read: &[(PathBuf, Vec<u8>)]) -> Vec<(&Path, &[u8])> {
    let pieces = read.iter();
    pieces
        .map(|(name, bytes)| (name.as_path(), bytes.as_slice()))
        .collect()
}

/// What `read` gives of the files that a model was trained on, for rivals to be fitted on; a sentence where they are gone or
/// others, `fingerprint` telling them from others.
pub(crate) fn unchanged<T>(
    files: &[PathBuf],
    fingerprint: &str,
    read: impl FnOnce() -> Result<T, ModelError>,
) -> Result<T, String> {
    let missing = |why: &str| {
        format!("no rival is fitted: {why}. Put the files it was trained on back to compare it")
    };
    match ressac_data::fingerprint::files(files) {
        Err(error) => Err(missing(&error.to_string())),
        Ok(digest) if digest != fingerprint => {
            Err(missing("the files it was trained on have changed"))
        }
        Ok(_) => read().map_err(|error| missing(&error.to_string())),
    }
}

/// A line of `show`: what, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// A word or two.
    pub what: &'static str,
    /// The value in words.
    pub value: String,
}

impl Fact {
    /// A line of `show`.
    pub fn new(what: &'static str, value: impl Into<String>) -> Self {
        Self {
            what,
            value: value.into(),
        }
    }
}

/// A trained model with its fitted pipeline: user's data in, user's units out.
///
/// Object-safe, so that one command and one server run every family.
pub trait Model: Send + Sync {
    /// The word of its task.
    fn task(&self) -> &'static str;

    /// One line on the network: cell, sizes, layers.
    fn network(&self) -> String;

    /// What `show` tells of it beside the network and the run.
    fn facts(&self) -> Vec<Fact>;

    /// What the network is made of, with its real sizes: for a drawing.
    fn structure(&self) -> Structure;

    /// The number of weights.
    fn parameters(&self) -> usize;

    /// Its configuration as `config.toml` has it.
    fn configuration(&self) -> Table;

    /// What was fitted, as `pipeline.json` has it.
    fn fitted(&self) -> Value;

    /// The files it was trained on.
    fn trained_on(&self) -> Vec<PathBuf>;

    /// Whether a text by itself is data for it.
    fn reads_texts(&self) -> bool {
        false
    }

    /// Predicts what the task predicts for the data in `sources`, and hands the rows to `sink`, in the order of the
    /// input. `ask` holds the keys that the family takes for `predict`. Returns what a person should be told, in lines.
    ///
    /// # Errors
    /// When the input lacks a column, a value, or is too short: the error says which and how much.
    fn predict(
        &self,
        sources: &Sources,
        ask: &Table,
        sink: &mut dyn Sink,
    ) -> Result<Vec<String>, ModelError>;

    /// Scores the model on the data in `sources`, beside the rivals that cost less. `ask` holds the keys that the
    /// family takes for `evaluate`.
    ///
    /// # Errors
    /// When the input lacks a column or holds nothing to score.
    fn evaluate(&self, sources: &Sources, ask: &Table) -> Result<Evaluated, ModelError>;

    /// How it is written as ONNX, where it can be.
    fn export(&self) -> Option<&dyn Export> {
        None
    }

    /// Its recurrence, where it has one to look into.
    fn recurrence(&self) -> Option<&dyn Recurrence> {
        None
    }

    /// How it makes something new, where it can.
    fn sample(&self) -> Option<&dyn Sample> {
        None
    }

    /// How it takes recurrent weights from elsewhere, where it can.
    fn import(&self) -> Option<&dyn Import> {
        None
    }
}

/// The methods of [`Model`] that say what a folder keeps, from the configuration, the pipeline and the network of a model:
/// `saved_by!(self => self.config, self.pipeline, self.network);`
macro_rules! saved_by {
    ($model:ident => $config:expr, $pipeline:expr, $network:expr) => {
        fn parameters(&$model) -> usize {
            burn::module::Module::num_params($network)
        }

        fn configuration(&$model) -> toml::Table {
            $crate::options::Config::table($config)
        }

        fn fitted(&$model) -> serde_json::Value {
            serde_json::to_value($pipeline).unwrap_or_default()
        }
    };
}
pub(crate) use saved_by;

/// A model that can be written as ONNX.
pub trait Export {
    /// The model from the user's units to the user's units.
    ///
    /// # Errors
    /// What has no form in ONNX.
    fn to_onnx(&self) -> Result<OnnxFile, ModelError>;

    /// Why the graph takes no lengths; `None` where it does.
    fn without_lengths(&self) -> Option<String>;
}

/// A model as an ONNX file.
#[derive(Debug, Clone)]
pub struct OnnxFile {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it reads.
    pub inputs: Vec<Port>,
    /// What it gives.
    pub outputs: Vec<Port>,
    /// Its metadata: the columns, quantiles, series and calendar, by name.
    pub properties: Vec<(String, String)>,
}

/// Images that were made, and what was asked.
pub type MadePictures = (Pictures, Map<String, Value>);

/// A model that makes something new.
pub trait Sample {
    /// Makes what `ask` says, which holds the keys that the family takes for `sample`, and hands it to `sink` row by row. The
    /// same seed gives the same. Returns what was asked, every key with its value, for the record beside the result.
    ///
    /// # Errors
    /// A key out of its range.
    fn sample(
        &self,
        ask: &Table,
        seed: u64,
        sink: &mut dyn Sink,
    ) -> Result<Map<String, Value>, ModelError>;

    /// The same as images, and what was asked; nothing for a model that makes none.
    ///
    /// # Errors
    /// A key out of its range.
    fn pictures(&self, _ask: &Table, _seed: u64) -> Result<Option<MadePictures>, ModelError> {
        Ok(None)
    }

    /// Whether images are what it makes, so that rows of their pixels are not what a person looks for.
    fn makes_images(&self) -> bool {
        false
    }
}

/// A model that takes recurrent weights of another framework.
pub trait Import {
    /// What makes its layers another function of weights of the same shapes; nothing where they are the same.
    fn other_function(&self, network: &ImportedNetwork) -> Option<String>;
}
