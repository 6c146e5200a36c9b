//! What can be wrong with texts: each error a sentence saying what was expected, what was found and what to do.

use crate::{ErrorKind, FamilyError};

/// Why texts cannot be learnt from, scored or continued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LanguageError {
    /// Fewer tokens than the streams of a batch need.
    #[error(
        "the training part holds {tokens} {unit}, and a batch of {batch} streams needs {least} at the least. Give more text, or a smaller `batch`"
    )]
    TooShort {
        /// Tokens there are.
        tokens: usize,
        /// What a token is called.
        unit: String,
        /// Streams side by side.
        batch: usize,
        /// Tokens needed.
        least: usize,
    },
    /// Too few windows to compare.
    #[error(
        "a diagnosis compares windows of {0} tokens, and the text has not enough for two. Give more with `data`"
    )]
    TooFew(usize),
    /// A part without a token.
    #[error("the text of `{0}` holds no token that could be scored. Give a file that is not empty")]
    Nothing(String),
}

impl FamilyError for LanguageError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }

    fn keys(&self) -> &'static [&'static str] {
        match self {
            LanguageError::TooShort { .. } => &["batch"],
            LanguageError::TooFew(_) => &["data"],
            LanguageError::Nothing(_) => &[],
        }
    }
}
