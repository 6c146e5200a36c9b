//! How a verb fails: one message for standard error and an exit code.

use std::fmt;
use std::process::ExitCode;

use ressac_data::DataError;
use ressac_folder::FolderError;
use ressac_marks::MarkError;
use ressac_models::family::Remark;
use ressac_models::{ErrorKind, ModelError, Sources};

/// A failure told to the user.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Bad data, a damaged folder, a full disk: exit code 1.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// Wrong usage: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
        }
    }

    /// What a check looks for was found: exit code 3.
    pub(crate) fn found(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 3,
        }
    }

    /// Names the data in front of a message that does not know it.
    pub(crate) fn about(error: ModelError, data: &Sources) -> Self {
        let lacks_place = error.lacks_place();
        let failure = Self::from(error);
        let name = data.named();
        match lacks_place && !failure.message.contains(&name) {
            true => Self {
                message: format!("{name}: {}", failure.message),
                ..failure
            },
            false => failure,
        }
    }

    /// Whether the verb has written its own JSON object before it failed: a check that found something.
    pub(crate) fn has_reported(&self) -> bool {
        self.code == 3
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

/// A message of a library, with the flags of the options that it names by their keys.
fn with_flags(message: &str, keys: &[&str]) -> String {
    keys.iter().fold(message.to_owned(), |message, key| {
        let flag = format!("`--{}`", key.replace('_', "-"));
        message.replace(&format!("`{key}`"), &flag)
    })
}

/// A remark of a family in the words of the command line.
pub(crate) fn remark(remark: &Remark) -> String {
    with_flags(&remark.text, remark.keys)
}

/// What an error of a library says, in the words of the command line.
fn told(error: &ModelError) -> String {
    match error {
        ModelError::Options { key, problem } => {
            format!("the option `--{}` {problem}", key.replace('_', "-"))
        }
        error => with_flags(&error.to_string(), error.keys()),
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        let message = told(&error);
        match error.kind() {
            ErrorKind::Usage => Self::usage(message),
            _ => Self::failed(message),
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        ModelError::from(error).into()
    }
}

impl From<MarkError> for Failure {
    fn from(error: MarkError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        ModelError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_flags_and_other_words_stay() {
        let message = with_flags("give a smaller `time_limit`, not `other`", &["time_limit"]);
        assert_eq!(message, "give a smaller `--time-limit`, not `other`");
    }
}
