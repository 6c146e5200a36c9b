//! What can go wrong with a model: each error a sentence saying what was expected, what was found
//! and what to do.

use ressac_data::DataError;
use ressac_nn::NnError;

use crate::folder::FolderError;

/// Why a model could not be configured, opened, or run.
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
    /// An option is missing or out of its range.
    #[error("`{key}` {problem}")]
    Options {
        /// The option's key.
        key: String,
        /// What is wrong with it, and what it should be.
        problem: String,
    },
    /// Not one training window fits into the training part.
    #[error(
        "the series is too short: it has {rows} rows, {training} of them to train on, and one training window needs {context} (context) + {horizon} (horizon) = {} rows. Give at least {needed} rows, or a smaller `--context` or `--horizon`, or a larger training part with `--split`",
        context + horizon
    )]
    TooShort {
        /// Rows in the file.
        rows: usize,
        /// Rows in the training part.
        training: usize,
        /// The context asked for.
        context: usize,
        /// The horizon asked for.
        horizon: usize,
        /// Rows a file must have for one window, at the same shares.
        needed: usize,
    },
    /// The file at hand is shorter than what the model reads.
    #[error(
        "the file has {rows} rows, and the model needs at least {needed}: {why}. Give a file that reaches further back"
    )]
    TooFewRows {
        /// Rows in the file.
        rows: usize,
        /// Rows needed.
        needed: usize,
        /// What they are needed for.
        why: String,
    },
    /// A column the model was trained on is not in the file.
    #[error("there is no column `{name}`: the model was trained on {}, and the file has {}. Rename the file's columns, or give the file the model was made for", expected.join(", "), found.join(", "))]
    Column {
        /// The missing column.
        name: String,
        /// The model's columns.
        expected: Vec<String>,
        /// The file's columns.
        found: Vec<String>,
    },
    /// A value is missing where the model needs one.
    #[error(
        "column `{column}` has no value in data row {row} (the first of {count}): missing values are not handled yet. Fill them in or cut the file so that it has none"
    )]
    Missing {
        /// The column.
        column: String,
        /// The first row without a value, counted from 1, the header not counted.
        row: usize,
        /// How many rows have none.
        count: usize,
    },
    /// The rows are another time apart than those trained on.
    #[error(
        "the file's rows are {found} apart, and the model was trained on rows {expected} apart. Bring the file to that step first"
    )]
    Step {
        /// The time between rows in training.
        expected: String,
        /// The time between the file's rows.
        found: String,
    },
    /// The weights do not have the shape the configuration states.
    #[error(
        "the weights do not fit the folder's `config.toml` and `pipeline.json`: {0}. The files of two models were mixed; copy one model's folder whole"
    )]
    Mismatch(String),
}
