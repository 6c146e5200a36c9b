//! What can go wrong with a model: each error a sentence saying what was expected, what was found
//! and what to do.
//!
//! An error names options by their key (`context`), never by a flag: [`ModelError::keys`] says which, so that
//! the command can write `--context` for it.

use ressac_data::DataError;
use ressac_folder::FolderError;
use ressac_nn::NnError;
use ressac_nn::onnx::OnnxError;
use ressac_train::TrainError;

use crate::part::Part;

/// What kind of thing went wrong: what a program does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The data at hand does not do.
    Input,
    /// An option is missing or out of its range.
    Usage,
    /// A file of the model cannot be understood.
    Damaged,
    /// Something is not there.
    Missing,
    /// A limit of the machine or of the system was met: memory, disk, time.
    Limit,
}

/// An error of one family, in an enum of its own.
pub trait FamilyError: std::error::Error + Send + Sync + 'static {
    /// What kind it is.
    fn kind(&self) -> ErrorKind;

    /// The keys of the options that its message names.
    fn keys(&self) -> &'static [&'static str] {
        &[]
    }
}

/// Why a model could not be configured, trained, opened, or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The model folder cannot be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The data cannot be read or cut into parts.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network refused its input or its weights.
    #[error(transparent)]
    Network(#[from] NnError),
    /// Training could not start or go on.
    #[error(transparent)]
    Training(TrainError),
    /// The network has no form in ONNX.
    #[error("the model cannot be exported: {0}")]
    Onnx(#[from] OnnxError),
    /// An option is missing or out of its range.
    #[error("`{key}` {problem}")]
    Options {
        /// The option's key.
        key: String,
        /// What is wrong with it, and what it should be.
        problem: String,
    },
    /// The weights do not have the shape the configuration states.
    #[error(
        "the weights do not fit the folder's `config.toml` and `pipeline.json`: {0}. The files of two models were mixed; copy one model's folder whole"
    )]
    Mismatch(String),
    /// No family has this task.
    #[error("there is no task `{task}`; the tasks are {known}")]
    Task {
        /// The word found.
        task: String,
        /// The words there are.
        known: String,
    },
    /// A part of the data holds nothing to learn from or to score.
    #[error("the {} holds no {item}. {advice}", part.named())]
    EmptyPart {
        /// The part.
        part: Part,
        /// What an item is called: `example`.
        item: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// What a model of this task cannot do.
    #[error("a {task} model {cannot}; {others}")]
    Unable {
        /// The model's task.
        task: &'static str,
        /// What it cannot, such as `cannot be exported`.
        cannot: &'static str,
        /// The tasks whose models can, in a clause.
        others: String,
    },
    /// An error of a family's own.
    #[error("{0}")]
    Family(Box<dyn FamilyError>),
}

impl<E: FamilyError> From<E> for ModelError {
    fn from(error: E) -> Self {
        ModelError::Family(Box::new(error))
    }
}

impl From<ModelError> for TrainError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Training(error) => error,
            other => TrainError::Learner(Box::new(other)),
        }
    }
}

impl From<TrainError> for ModelError {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Learner(error) => match error.downcast::<ModelError>() {
                Ok(error) => *error,
                Err(error) => ModelError::Training(TrainError::Learner(error)),
            },
            TrainError::Folder(error) => ModelError::Folder(error),
            other => ModelError::Training(other),
        }
    }
}

impl ModelError {
    /// What kind it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            ModelError::Folder(error) => match error {
                FolderError::Config { .. } | FolderError::NotEmpty { .. } => ErrorKind::Usage,
                FolderError::NotAModel { .. } | FolderError::Missing { .. } => ErrorKind::Missing,
                FolderError::Write { .. } | FolderError::InUse { .. } => ErrorKind::Limit,
                _ => ErrorKind::Damaged,
            },
            ModelError::Data(DataError::BadSplit { .. })
            | ModelError::Options { .. }
            | ModelError::Task { .. }
            | ModelError::Unable { .. } => ErrorKind::Usage,
            ModelError::Data(DataError::Unreadable { .. }) => ErrorKind::Missing,
            ModelError::Data(_)
            | ModelError::Network(_)
            | ModelError::Onnx(_)
            | ModelError::EmptyPart { .. } => ErrorKind::Input,
            ModelError::Training(_) => ErrorKind::Limit,
            ModelError::Mismatch(_) => ErrorKind::Damaged,
            ModelError::Family(error) => error.kind(),
        }
    }

    /// Whether the content of a data file is at fault and the message does not name the file.
    pub fn lacks_place(&self) -> bool {
        match self {
            ModelError::Family(error) => error.kind() == ErrorKind::Input,
            ModelError::EmptyPart { .. } => true,
            _ => false,
        }
    }

    /// The keys of the options that its message names.
    pub fn keys(&self) -> &'static [&'static str] {
        match self {
            ModelError::Family(error) => error.keys(),
            ModelError::EmptyPart { .. } => &["data", "split", "valid", "part"],
            ModelError::Training(TrainError::NotFinite { .. }) => &["lr", "clip"],
            ModelError::Training(TrainError::TooLarge { .. }) => {
                &["hidden", "layers", "batch", "context", "horizon"]
            }
            _ => &[],
        }
    }
}

/// An option that is missing or out of its range.
pub(crate) fn option_error(key: &str, problem: &str) -> ModelError {
    ModelError::Options {
        key: key.to_owned(),
        problem: problem.to_owned(),
    }
}
