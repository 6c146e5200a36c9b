//! How a verb fails: one message for standard error and an exit code.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use ressac_data::DataError;
use ressac_models::ModelError;
use ressac_models::folder::FolderError;
use ressac_train::TrainError;

/// A failure told to the user.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
    /// Whether the content of a data file is what is wrong.
    in_data: bool,
}

impl Failure {
    /// Bad data, a damaged folder, a full disk: exit code 1.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
            in_data: false,
        }
    }

    /// Wrong usage: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
            in_data: false,
        }
    }

    /// What a check looks for was found: exit code 3.
    pub(crate) fn found(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 3,
            in_data: false,
        }
    }

    /// Names the data file in front of a message that does not know it.
    pub(crate) fn about(error: ModelError, file: &Path) -> Self {
        match error {
            ModelError::TooShort { .. }
            | ModelError::TooFewRows { .. }
            | ModelError::Column { .. }
            | ModelError::NoValue { .. }
            | ModelError::KnownFuture { .. }
            | ModelError::NoWindow(_)
            | ModelError::TooLarge { .. }
            | ModelError::Static { .. }
            | ModelError::NoTime { .. }
            | ModelError::Step { .. } => Self::failed(format!("{}: {error}", file.display())),
            other => other.into(),
        }
    }

    /// Whether the content of a data file is what is wrong, which `check` looks for.
    pub(crate) fn in_data(&self) -> bool {
        self.in_data
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Folder(error) => error.into(),
            ModelError::Options {
                ref key,
                ref problem,
            } => Self::usage(format!(
                "the option `--{}` {problem}",
                key.replace('_', "-")
            )),
            ModelError::Data(DataError::BadSplit { .. }) => Self::usage(error.to_string()),
            error => Self::failed(error.to_string()),
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Config { .. } | FolderError::NotEmpty { .. } => {
                Self::usage(error.to_string())
            }
            error => Self::failed(error.to_string()),
        }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        Self {
            in_data: !matches!(error, DataError::Unreadable { .. }),
            ..Self::failed(error.to_string())
        }
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Model(error) => error.into(),
            TrainError::Folder(error) => error.into(),
            error => Self::failed(error.to_string()),
        }
    }
}
