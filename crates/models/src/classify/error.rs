//! What can be wrong with examples: each error a sentence saying what was expected, what was found and what to do.

use ressac_data::listed;

use crate::{ErrorKind, FamilyError};

/// Why examples cannot be learnt from, classified or scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassifyError {
    /// The files hold no classes.
    #[error(
        "there are no classes in `{file}`{found}. Name the column that holds them with `label`, or give files that have them"
    )]
    NoLabels {
        /// The file.
        file: String,
        /// What was looked for, as a clause; may be empty.
        found: String,
    },
    /// There is nothing to tell apart.
    #[error(
        "every example of the training part has the class `{class}`: there is nothing to tell apart. Give examples of at least two classes"
    )]
    OneClass {
        /// The class.
        class: String,
    },
    /// Too few examples to compare.
    #[error("a diagnosis compares at least 2 examples, and there are fewer. Give more with `data`")]
    TooFew,
    /// A class that is not among the model's.
    #[error(
        "{file}, {place}: the class `{class}` is not one of the {} that the training part has ({}). Correct it, or train on examples of it",
        known.len(),
        listed(known)
    )]
    UnknownClass {
        /// The file.
        file: String,
        /// The place in it.
        place: String,
        /// The class found.
        class: String,
        /// The classes there are.
        known: Vec<String>,
    },
}

impl FamilyError for ClassifyError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }

    fn keys(&self) -> &'static [&'static str] {
        match self {
            ClassifyError::NoLabels { .. } => &["label"],
            ClassifyError::TooFew => &["data"],
            _ => &[],
        }
    }
}
