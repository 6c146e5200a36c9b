//! What a family is: from a person's files to a trained model.
//!
//! A family implements [`Family`], on a type without values, and its models implement [`Model`]. Everything else knows
//! a family by [`AnyFamily`] alone, through the one table in `families.rs`.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde::Serialize;
use toml::Table;

use ressac_data::{Assumption, DataError};
use ressac_folder::{FolderError, ModelFiles};
use ressac_train::Learner;

use crate::job::{Prepared, Training};
use crate::model::{Model, Sources};
use crate::options::{Config, Key, Options, TrainingConfig};
use crate::part::PartAsk;
use crate::{ErrorKind, Evaluated, ModelError};

/// Options resolved for the data at hand.
#[derive(Debug, Clone)]
pub struct Resolved<C, P> {
    /// Every option with its value.
    pub config: C,
    /// How the data is cut into a training, a validation and a test part.
    pub parts: P,
    /// What was inferred, in the order of the options.
    pub assumptions: Vec<Assumption>,
}

/// Options of a family resolved.
pub type ResolvedOf<F> = Resolved<<F as Family>::Config, <F as Family>::Parts>;

/// A sentence about data, and the keys of the options that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The sentence; a key stands in it as `key`.
    pub text: String,
    /// The keys, which the command writes as flags.
    pub keys: &'static [&'static str],
}

impl Remark {
    /// A sentence that names these keys.
    pub fn new(text: impl Into<String>, keys: &'static [&'static str]) -> Self {
        Self {
            text: text.into(),
            keys,
        }
    }
}

impl From<String> for Remark {
    fn from(text: String) -> Self {
        Self::new(text, &[])
    }
}

impl From<&ModelError> for Remark {
    fn from(error: &ModelError) -> Self {
        Self::new(error.to_string(), error.keys())
    }
}

/// A demonstration: data made on the spot, and what to train on it. Its predictions are numbers, drawn after the past.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    /// What is shown, in a line.
    pub about: &'static str,
    /// The name of the file it makes.
    pub file: &'static str,
    /// Makes the file from a seed.
    pub write: fn(u64, &Path) -> Result<(), DataError>,
    /// The options of the training, for a seed and the file.
    pub options: fn(u64, &Path) -> Table,
    /// The values before the prediction, for the same seed.
    pub past: fn(u64) -> Vec<f64>,
    /// What stands above the scores.
    pub scored: &'static str,
    /// What stands above the drawing.
    pub drawn: &'static str,
    /// Commands to go on with; `{model}` and `{data}` stand for the folder and the file.
    pub next: &'static [&'static str],
}

/// What `check` found in data that can be read.
#[derive(Debug, Clone, Default)]
pub struct Inspection {
    /// Lines about the data: a table of its columns, counts.
    pub lines: Vec<String>,
    /// What is wrong.
    pub problems: Vec<Remark>,
    /// The same for programs.
    pub figures: serde_json::Map<String, serde_json::Value>,
}

/// What a verb asks a model for beyond the data: keys of its own for each verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// `predict`.
    Predict,
    /// `evaluate`.
    Evaluate,
    /// `sample`.
    Sample,
}

/// A family of models: one folder of this crate, and one line in the table.
pub trait Family: Sync + 'static {
    /// The word on the command line and in `config.toml`.
    const TASK: &'static str;
    /// What it is for, in a line of the help.
    const ABOUT: &'static str;
    /// Options as given.
    type Options: Options<Config = Self::Config>;
    /// Options resolved.
    type Config: Config<Options = Self::Options>;
    /// What it reads of the files.
    type Data;
    /// How that is cut into parts.
    type Parts;
    /// What is fitted on the training part; a JSON object.
    type Pipeline: Serialize;
    /// The trained model.
    type Model: Model + 'static;
    /// The model in training.
    type Learner: Learner;

    /// The options of training in a configuration.
    fn training(config: &Self::Config) -> &TrainingConfig;

    /// The files that the options name, those of the training part first.
    fn files(options: &Self::Options) -> Vec<PathBuf>;

    /// Reads the data.
    ///
    /// # Errors
    /// What is wrong with a file, and where.
    fn read(options: &Self::Options) -> Result<(Self::Data, Vec<Assumption>), ModelError>;

    /// How much data there is, in a few words: `8760 rows in 3 series`.
    fn summary(data: &Self::Data) -> String;

    /// Completes the options for the data: defaults, what is inferred, what is refused.
    ///
    /// # Errors
    /// An option out of its range or missing; data too short for one item.
    fn resolve(
        options: &Self::Options,
        data: &Self::Data,
    ) -> Result<Resolved<Self::Config, Self::Parts>, ModelError>;

    /// The network and what it reads, in a line: `gru · context 168 → horizon 24 · 1 column`.
    fn outline(resolved: &Resolved<Self::Config, Self::Parts>) -> String;

    /// What a person would want to know of the data before a training on it.
    fn remarks(
        _options: &Self::Options,
        _data: &Self::Data,
        _resolved: &Resolved<Self::Config, Self::Parts>,
    ) -> Vec<Remark> {
        Vec::new()
    }

    /// Gives options that only a training needs a value for a check, and says which.
    fn assume_for_check(_options: &mut Self::Options, _data: &Self::Data) -> Vec<Assumption> {
        Vec::new()
    }

    /// Looks at the data as `check` does; `resolved` is absent where the options cannot be resolved for it.
    fn inspect(
        _options: &Self::Options,
        _data: &Self::Data,
        _resolved: Option<&Resolved<Self::Config, Self::Parts>>,
    ) -> Inspection {
        Inspection::default()
    }

    /// A learner at its first step, and what it fitted on the training part.
    ///
    /// # Errors
    /// When the data cannot be learnt from, or the machine has not the memory.
    fn learner(
        resolved: &Resolved<Self::Config, Self::Parts>,
        data: &Self::Data,
        device: &Device,
    ) -> Result<(Self::Learner, Self::Pipeline), ModelError>;

    /// Opens the model in a folder or in memory.
    ///
    /// # Errors
    /// When a file is missing, damaged, of another version, or of another model.
    fn open(files: &ModelFiles, device: &Device) -> Result<Self::Model, ModelError>;

    /// What comes after the last step, on the validation part: a calibration, thresholds. Returns the model as it is to be
    /// kept. As it stands, nothing.
    ///
    /// # Errors
    /// When the model refuses the data.
    fn finish(
        model: Self::Model,
        _data: &Self::Data,
        _resolved: &Resolved<Self::Config, Self::Parts>,
    ) -> Result<Self::Model, ModelError> {
        Ok(model)
    }

    /// How good the model is on the test part; nothing where that holds no item. As it stands, the files are read again
    /// and the model evaluates its test part; a family that is to save the time scores what was read.
    ///
    /// # Errors
    /// When the model refuses the data.
    fn score(
        model: &Self::Model,
        _data: &Self::Data,
        _resolved: &Resolved<Self::Config, Self::Parts>,
    ) -> Result<Option<Evaluated>, ModelError> {
        let files = Sources::files(&model.trained_on(), true);
        match model.evaluate(&files, &Table::new()) {
            Err(ModelError::EmptyPart { .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    /// The same training on growing shares of the training part, each a part of the next, for a learning curve; nothing where
    /// the options ask for none.
    ///
    /// # Errors
    /// When a share cannot be learnt from.
    fn shares(
        _resolved: &Resolved<Self::Config, Self::Parts>,
    ) -> Result<Vec<ResolvedOf<Self>>, ModelError> {
        Ok(Vec::new())
    }

    /// The keys that `predict` or `evaluate` takes for this task, beside the data. As it stands, `evaluate` takes the part
    /// to score.
    fn asks(ask: Ask) -> Vec<Key> {
        match ask {
            Ask::Evaluate => PartAsk::keys(),
            Ask::Predict | Ask::Sample => Vec::new(),
        }
    }

    /// What the command shows of it in `demo`.
    fn demo() -> Option<Demo> {
        None
    }

    /// What its models can do beyond predicting and evaluating.
    const CAN: &'static [Capability] = &[];
}

/// What only some models can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Be written as an ONNX file.
    Export,
    /// Have the recurrence looked into.
    Recurrence,
    /// Take recurrent weights from another framework.
    Import,
    /// Make something new.
    Sample,
}

impl Capability {
    /// What a model without it cannot, as the end of a sentence.
    pub(crate) fn lack(self) -> &'static str {
        match self {
            Capability::Export => "cannot be exported",
            Capability::Recurrence => "has no recurrence to look into",
            Capability::Import => "takes no weights from elsewhere",
            Capability::Sample => "makes nothing new",
        }
    }
}

/// The data of a `check`, as far as it could be read.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The files.
    pub files: Vec<PathBuf>,
    /// How much there is; absent where it cannot be read.
    pub summary: Option<String>,
    /// What was assumed.
    pub assumptions: Vec<Assumption>,
    /// What was found.
    pub inspection: Inspection,
}

/// A family, its types forgotten.
pub trait AnyFamily: Sync {
    /// The word on the command line and in `config.toml`.
    fn task(&self) -> &'static str;
    /// What it is for, in a line.
    fn about(&self) -> &'static str;
    /// The options of training.
    fn keys(&self) -> Vec<Key>;
    /// The keys of another verb.
    fn asks(&self, ask: Ask) -> Vec<Key>;
    /// What `demo` shows of it.
    fn demo(&self) -> Option<Demo>;
    /// Whether its models can do this.
    fn can(&self, capability: Capability) -> bool;
    /// The options in `table`, normalised: what is written twice the same way is equal.
    ///
    /// # Errors
    /// An unknown key, a value of the wrong kind.
    fn options(&self, table: &Table, path: &Path) -> Result<Table, FolderError>;
    /// Reads the data as training would, and looks at it.
    ///
    /// # Errors
    /// Wrong options, files that cannot be opened; what is wrong in the data is a problem of the result.
    fn check(&self, options: &Table) -> Result<Checked, ModelError>;
    /// Reads the data and makes everything ready to train.
    ///
    /// # Errors
    /// Wrong options or data.
    fn prepare(&self, options: &Table, device: &Device) -> Result<Box<dyn Training>, ModelError>;
    /// Opens a model.
    ///
    /// # Errors
    /// As [`Family::open`].
    fn open(&self, files: &ModelFiles, device: &Device) -> Result<Box<dyn Model>, ModelError>;
}

/// The path that messages about the command line's own options name.
pub(crate) const COMMAND_LINE: &str = "the command line";

/// The one value of a family's type.
pub(crate) struct Entry<F>(pub(crate) std::marker::PhantomData<fn() -> F>);

impl<F: Family> AnyFamily for Entry<F> {
    fn task(&self) -> &'static str {
        F::TASK
    }
    fn about(&self) -> &'static str {
        F::ABOUT
    }
    fn keys(&self) -> Vec<Key> {
        F::Options::keys()
    }
    fn asks(&self, ask: Ask) -> Vec<Key> {
        F::asks(ask)
    }
    fn demo(&self) -> Option<Demo> {
        F::demo()
    }
    fn can(&self, capability: Capability) -> bool {
        F::CAN.contains(&capability)
    }
    fn options(&self, table: &Table, path: &Path) -> Result<Table, FolderError> {
        Ok(F::Options::read(table, path)?.table())
    }
    fn check(&self, options: &Table) -> Result<Checked, ModelError> {
        check::<F>(options)
    }
    fn prepare(&self, options: &Table, device: &Device) -> Result<Box<dyn Training>, ModelError> {
        let options = F::Options::read(options, COMMAND_LINE.as_ref())?;
        Ok(Box::new(Prepared::<F>::new(options, device)?))
    }
    fn open(&self, files: &ModelFiles, device: &Device) -> Result<Box<dyn Model>, ModelError> {
        Ok(Box::new(F::open(files, device)?))
    }
}

fn check<F: Family>(options: &Table) -> Result<Checked, ModelError> {
    let mut options = F::Options::read(options, COMMAND_LINE.as_ref())?;
    let mut checked = Checked {
        files: F::files(&options),
        summary: None,
        assumptions: Vec::new(),
        inspection: Inspection::default(),
    };
    let (data, assumptions) = match F::read(&options) {
        Ok(read) => read,
        Err(error) if error.kind() == ErrorKind::Input => {
            checked.inspection.problems.push((&error).into());
            return Ok(checked);
        }
        Err(error) => return Err(error),
    };
    checked.summary = Some(F::summary(&data));
    checked.assumptions = assumptions;
    let assumed = F::assume_for_check(&mut options, &data);
    checked.assumptions.extend(assumed);
    let mut problem = None;
    let resolved = match F::resolve(&options, &data) {
        Ok(resolved) => {
            checked
                .assumptions
                .extend(resolved.assumptions.iter().cloned());
            Some(resolved)
        }
        Err(error) if error.kind() == ErrorKind::Input => {
            problem = Some(Remark::from(&error));
            None
        }
        Err(error) => return Err(error),
    };
    checked.inspection = F::inspect(&options, &data, resolved.as_ref());
    // What keeps a training from starting comes first.
    checked.inspection.problems.splice(0..0, problem);
    Ok(checked)
}

/// A learner at its first step for data of the same kind, with every option of `config`.
///
/// # Errors
/// When the data cannot be learnt from.
pub(crate) fn fresh<F: Family>(
    config: &F::Config,
    data: &F::Data,
    device: &Device,
) -> Result<Box<dyn Learner>, ModelError>
where
    F::Learner: 'static,
{
    let given = F::Options::read(&config.table(), "config.toml".as_ref())?;
    let (learner, _) = F::learner(&F::resolve(&given, data)?, data, device)?;
    Ok(Box::new(learner))
}

/// The configuration of the model in `files`, every key checked.
///
/// # Errors
/// In a model's folder a configuration that cannot be read is damage, not wrong usage.
pub(crate) fn configuration<F: Family>(files: &ModelFiles) -> Result<F::Config, ModelError> {
    let damaged = |error: FolderError| match error {
        FolderError::Config { path, reason } => FolderError::Damaged { path, reason },
        other => other,
    };
    let path = files.file("config.toml");
    let file = files.config().map_err(damaged)?;
    let options = F::Options::read(&file.options, &path).map_err(damaged)?;
    F::Config::from_options(options).map_err(|key| {
        FolderError::Damaged {
            path,
            reason: format!("it has no `{key}`"),
        }
        .into()
    })
}
