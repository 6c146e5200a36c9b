//! What can be wrong with series: each error a sentence saying what was expected, what was found and what to do.

use crate::{ErrorKind, FamilyError};

/// Why series cannot be learnt from, forecast or scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForecastError {
    /// Not one training window fits into the training part.
    #[error(
        "the series is too short: it has {rows} rows, {training} of them to train on, and one training window needs {context} (context) + {horizon} (horizon) = {} rows. Give {}a smaller `context` or `horizon`, or a larger training part with `split`",
        context + horizon,
        needed.map_or_else(String::new, |needed| format!("at least {needed} rows, or "))
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
        /// Rows a file must have for one window, where a longer file has a longer training part.
        needed: Option<usize>,
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
    /// The file's columns are not those the model was trained on.
    #[error("column `{name}` is not in both: the model was trained on {}, and the file has {}. Rename the file's columns, or give the file the model was made for", expected.join(", "), found.join(", "))]
    Column {
        /// The first column that is in one and not in the other.
        name: String,
        /// The model's columns.
        expected: Vec<String>,
        /// The file's columns.
        found: Vec<String>,
    },
    /// A column has no value at all where a scale is fitted.
    #[error(
        "column `{column}`{} has no value in its {place}: there is nothing to learn its scale from. Leave the column out with `target`, or give rows that have it",
        if series.is_empty() { String::new() } else { format!(" of series `{series}`") }
    )]
    NoValue {
        /// The column.
        column: String,
        /// The series; empty where there is one, or for all together.
        series: String,
        /// Where a value was looked for.
        place: String,
    },
    /// Nothing can be scored.
    #[error("there is no forecast to score: {0}")]
    NoWindow(String),
    /// A value is too large to be squared and summed.
    #[error(
        "column `{column}` holds {value:e}: values beyond {most:e} cannot be scaled. Correct the value, or bring the column to a larger unit"
    )]
    TooLarge {
        /// The column.
        column: String,
        /// The value.
        value: f64,
        /// The largest that can be.
        most: f64,
    },
    /// The file does not say what is known of the steps to forecast.
    #[error(
        "the known columns reach {rows} rows beyond the last target, and the forecast needs them for {needed}. Add rows with the known columns filled and the targets left empty"
    )]
    KnownFuture {
        /// Rows there.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// A static column holds a text where the model learnt numbers.
    #[error(
        "static column `{column}` of series `{series}` holds `{found}`, and the model was trained on numbers there. Write a number"
    )]
    Static {
        /// The column.
        column: String,
        /// The series.
        series: String,
        /// The cell.
        found: String,
    },
    /// The network reads the calendar, and the file's times do not say it.
    #[error(
        "the model reads the calendar and needs rows {expected} apart: the file has {}. Give the file its column of times as in training, at that step",
        if *uneven { "times that are not evenly apart" } else { "no column of times" }
    )]
    NoTime {
        /// The time between rows in training.
        expected: String,
        /// Whether there are times, unevenly apart.
        uneven: bool,
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
}

impl FamilyError for ForecastError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }

    fn keys(&self) -> &'static [&'static str] {
        match self {
            ForecastError::TooShort { .. } => &["context", "horizon", "split"],
            ForecastError::NoValue { .. } => &["target"],
            ForecastError::NoWindow(_) => &["part", "origin", "history", "data"],
            _ => &[],
        }
    }
}
