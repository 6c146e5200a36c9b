//! Everything that can be wrong with data, each as a full sentence.
//!
//! A message names the file, then the line or column, what was expected, what was found, and what
//! to do: the reader of it has the file open in another window.

use std::path::PathBuf;

/// What went wrong with the user's data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file cannot be opened or read.
    #[error("{}: cannot be read: {source}. Check the path and the permissions.", file.display())]
    Unreadable {
        /// The file asked for.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The output cannot be written.
    #[error("the table cannot be written: {source}. Check the free space and the permissions.")]
    Unwritable {
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The gzip stream ends before its end mark.
    #[error(
        "{}: the gzip file is cut short: it ends after {unpacked} unpacked bytes, before its end mark. Copy or download it again.",
        file.display()
    )]
    TruncatedGzip {
        /// The file.
        file: PathBuf,
        /// How many bytes came out before the end.
        unpacked: usize,
    },
    /// The gzip stream is damaged.
    #[error(
        "{}: the gzip file is damaged ({reason}) after {unpacked} unpacked bytes. Copy or download it again.",
        file.display()
    )]
    DamagedGzip {
        /// The file.
        file: PathBuf,
        /// How many bytes came out before the damage.
        unpacked: usize,
        /// What the decoder said.
        reason: String,
    },
    /// The bytes are not text.
    #[error("{}: expected a text file of separated values (CSV), found {found}. {advice}", file.display())]
    NotText {
        /// The file.
        file: PathBuf,
        /// What it looks like.
        found: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// No rows at all.
    #[error("{}: the file is empty: expected a header line and rows of values.", file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// A header and nothing below it.
    #[error("{}: only a header line, no rows: expected rows of values below it.", file.display())]
    NoRows {
        /// The file.
        file: PathBuf,
    },
    /// A row with too many or too few cells.
    #[error(
        "{}, line {line}: expected {expected} cells, as in line {first_line}, found {found}. Add or remove {separator}s, or quote the cells that contain one.",
        file.display()
    )]
    Ragged {
        /// The file.
        file: PathBuf,
        /// Line of the row, from 1.
        line: usize,
        /// Line of the first row, which set the width.
        first_line: usize,
        /// Cells in the first row.
        expected: usize,
        /// Cells in this row.
        found: usize,
        /// The separator, in words.
        separator: &'static str,
    },
    /// Two columns of one name.
    #[error(
        "{}, line {line}: columns {first} and {second} are both named `{name}`: rename one.",
        file.display()
    )]
    DuplicateName {
        /// The file.
        file: PathBuf,
        /// Line of the header.
        line: usize,
        /// The name.
        name: String,
        /// Number of the first, from 1.
        first: usize,
        /// Number of the second, from 1.
        second: usize,
    },
    /// A column asked for twice.
    #[error("{}: column `{name}` is asked for twice: name it once.", file.display())]
    AskedTwice {
        /// The file.
        file: PathBuf,
        /// The column.
        name: String,
    },
    /// A column that does not exist.
    #[error("{}: there is no column {wanted}.{} The columns are: {existing}.", file.display(), meant(nearest))]
    MissingColumn {
        /// The file.
        file: PathBuf,
        /// What was asked for: a quoted name or a number.
        wanted: String,
        /// The nearest name, if one is near.
        nearest: Option<String>,
        /// The names that exist, in order.
        existing: String,
    },
    /// Nothing to learn from.
    #[error("{}: no column of numbers was found. The columns are: {existing}.", file.display())]
    NoNumericColumn {
        /// The file.
        file: PathBuf,
        /// The names that exist, in order.
        existing: String,
    },
    /// Text where a number must stand.
    #[error(
        "{}, line {line}, column {number} (`{column}`): expected a number, found `{found}`. Correct the cell, or leave it empty if the value is missing.{hint}",
        file.display()
    )]
    NotANumber {
        /// The file.
        file: PathBuf,
        /// Line of the row, from 1.
        line: usize,
        /// Number of the column, from 1.
        number: usize,
        /// Name of the column.
        column: String,
        /// The cell.
        found: String,
        /// What may help, or nothing.
        hint: &'static str,
    },
    /// A column asked for that has no value in any row.
    #[error("{}, column {number} (`{column}`): every cell is missing. Leave this column out.", file.display())]
    AllMissing {
        /// The file.
        file: PathBuf,
        /// Number of the column, from 1.
        number: usize,
        /// Name of the column.
        column: String,
    },
    /// A cell of the time column that is no time.
    #[error(
        "{}, line {line}, column {number} (`{column}`): expected a time written like {expected}, found `{found}`. Correct the cell, or name another time column.",
        file.display()
    )]
    NotATime {
        /// The file.
        file: PathBuf,
        /// Line of the row, from 1.
        line: usize,
        /// Number of the column, from 1.
        number: usize,
        /// Name of the column.
        column: String,
        /// How times of this column are written.
        expected: String,
        /// The cell.
        found: String,
    },
    /// A time met twice.
    #[error(
        "{}, line {line}, column `{column}`: the time {found} is already that of line {previous_line}: times must increase from row to row. {advice}",
        file.display()
    )]
    DuplicateTime {
        /// The file.
        file: PathBuf,
        /// Line of the row, from 1.
        line: usize,
        /// Line of the row before.
        previous_line: usize,
        /// Name of the time column.
        column: String,
        /// The cell.
        found: String,
        /// What to do.
        advice: String,
    },
    /// A time before the one above it.
    #[error(
        "{}, line {line}, column `{column}`: the time {found} comes before {previous} of line {previous_line}: times must increase from row to row. Sort the rows by time.",
        file.display()
    )]
    UnorderedTime {
        /// The file.
        file: PathBuf,
        /// Line of the row, from 1.
        line: usize,
        /// Line of the row before.
        previous_line: usize,
        /// Name of the time column.
        column: String,
        /// The cell.
        found: String,
        /// The cell of the row before.
        previous: String,
    },
    /// A split that cannot be understood or does not fit.
    #[error(
        "split `{text}`: {reason}. Give three numbers of rows (8640,2880,2880) or three shares (0.7,0.1,0.2): train, valid, test."
    )]
    BadSplit {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Too few rows for one window.
    #[error(
        "the {part} part has {found} usable rows, fewer than one window needs: a context of {context} and a horizon of {horizon} need {needed}. Shorten the context or the horizon, or give more rows."
    )]
    TooShort {
        /// Name of the part.
        part: String,
        /// Rows there are, those before the part that the context may use counted in.
        found: usize,
        /// Rows needed.
        needed: usize,
        /// Rows of context.
        context: usize,
        /// Rows of horizon.
        horizon: usize,
    },
}

fn meant(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|name| format!(" Did you mean `{name}`?"))
        .unwrap_or_default()
}

/// A cell as a message shows it: on one line, not longer than a terminal's width.
pub(crate) fn shown(cell: &str) -> String {
    const LONGEST: usize = 40;
    let mut text: String = cell
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if cell.chars().count() > LONGEST {
        text.push('…');
    }
    text
}
