//! What can be wrong with the data of an autoencoder: each error a sentence saying what was expected, what was found and what
//! to do.

use ressac_data::listed;

use crate::{ErrorKind, FamilyError};

/// Why examples cannot be learnt from or judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AutoencodeError {
    /// Texts, which have no error of reconstruction here.
    #[error(
        "`{file}` holds texts, and an autoencoder reads numbers, images or sounds. Name the columns of numbers with `columns`, or take the task `language` for texts"
    )]
    Texts {
        /// The file.
        file: String,
    },
    /// The class that is said to be normal is not there.
    #[error(
        "no example of `{file}` has the class `{class}` that `normal` names; the classes are {}",
        listed(known)
    )]
    NoSuchClass {
        /// The files.
        file: String,
        /// The class.
        class: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// Classes are needed and there are none.
    #[error(
        "`normal` names a class, and `{file}` has none. Name the column of classes with `label`, or give files that have them"
    )]
    NoLabels {
        /// The files.
        file: String,
    },
    /// Sequences of another length than those trained on.
    #[error(
        "{file}, {place}: a sequence of {found} steps, and this model reads {expected}. Give sequences of that length, or train with `model = \"recurrent\"`, which reads any"
    )]
    Steps {
        /// The file.
        file: String,
        /// The place in it.
        place: String,
        /// Steps found.
        found: usize,
        /// Steps of the model.
        expected: usize,
    },
    /// A series that is shorter than a window.
    #[error(
        "`{file}` has {rows} rows one after another, and a window is {window}. Give more rows, or train with a smaller `window`"
    )]
    TooFewRows {
        /// The files.
        file: String,
        /// Rows of the longest.
        rows: usize,
        /// Rows of a window.
        window: usize,
    },
    /// A rate of false alarms that too few held-back examples can promise.
    #[error(
        "a rate of false alarms of {asked} needs {needed} normal examples that were held back from training, and there are {held_back}: the smallest rate that they can promise is {smallest}. Ask for that, or train with more data or a larger `held_back`"
    )]
    TooRare {
        /// The rate asked for.
        asked: String,
        /// Examples needed.
        needed: usize,
        /// Examples held back.
        held_back: usize,
        /// The smallest rate.
        smallest: String,
    },
    /// Nothing was held back from training.
    #[error(
        "nothing was held back from training, so no rate of false alarms can be promised. Train with `held_back` above 0 and at least {needed} examples"
    )]
    NothingHeldBack {
        /// Examples needed.
        needed: usize,
    },
}

impl FamilyError for AutoencodeError {
    fn kind(&self) -> ErrorKind {
        match self {
            AutoencodeError::TooRare { .. } | AutoencodeError::NothingHeldBack { .. } => {
                ErrorKind::Usage
            }
            _ => ErrorKind::Input,
        }
    }

    fn keys(&self) -> &'static [&'static str] {
        match self {
            AutoencodeError::Texts { .. } => &["columns"],
            AutoencodeError::NoSuchClass { .. } => &["normal"],
            AutoencodeError::NoLabels { .. } => &["normal", "label"],
            AutoencodeError::Steps { .. } => &["model"],
            AutoencodeError::TooFewRows { .. } => &["window"],
            AutoencodeError::TooRare { .. } | AutoencodeError::NothingHeldBack { .. } => {
                &["held_back"]
            }
        }
    }
}
