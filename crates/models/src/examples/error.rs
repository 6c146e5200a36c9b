//! What can be wrong with examples whatever is done with them: each error a sentence saying what was expected, what was
//! found and what to do.

use ressac_data::listed;

use crate::{ErrorKind, FamilyError};

/// Why examples do not fit a model, or cannot be scaled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExamplesError {
    /// Texts where sequences are expected, or the other way round.
    #[error("`{file}` holds {found}, and {expected} are expected: {advice}")]
    Kind {
        /// The file.
        file: String,
        /// What it holds.
        found: &'static str,
        /// What is wanted.
        expected: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Sequences of other dimensions than the model's.
    #[error(
        "the sequences of `{file}` have {found} dimensions ({}), and {expected} are expected ({}). Give the file with the columns that the model was trained on",
        listed(names),
        listed(wanted)
    )]
    Dimensions {
        /// The file.
        file: String,
        /// Dimensions it has.
        found: usize,
        /// Dimensions expected.
        expected: usize,
        /// Their names in the file.
        names: Vec<String>,
        /// Their names in the model.
        wanted: Vec<String>,
    },
    /// A dimension has no value at all where its scale is fitted.
    #[error(
        "dimension `{0}` has no value in the training part: there is nothing to learn its scale from. Leave it out with `columns`, or give sequences that have it"
    )]
    NoValue(String),
    /// A value is too large to be squared and summed.
    #[error(
        "dimension `{name}` holds {value:e}: values beyond {most:e} cannot be scaled. Correct the value, or bring the dimension to a larger unit"
    )]
    TooLarge {
        /// The dimension.
        name: String,
        /// The value.
        value: f64,
        /// The largest that can be.
        most: f64,
    },
}

impl FamilyError for ExamplesError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }

    fn keys(&self) -> &'static [&'static str] {
        match self {
            ExamplesError::NoValue(_) => &["columns"],
            _ => &[],
        }
    }
}
