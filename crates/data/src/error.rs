//! Everything that can be wrong with data, each as a full sentence.
//!
//! A message names the file, then the line or column, what was expected, what was found, and what
//! to do: the reader of it has the file open in another window.

mod place;

use std::path::{Path, PathBuf};

pub use place::Place;

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
    /// A row that does not fit its columns, or cannot be written.
    #[error("row {row} cannot be written: {problem}.")]
    WrongRow {
        /// Number of the row, from 1.
        row: usize,
        /// What does not fit.
        problem: String,
    },
    /// A name that says no format of rows.
    #[error(
        "{}: its ending names no format of rows: expected .csv, .tsv, .jsonl, .ndjson, .parquet or .txt. Rename the file.",
        file.display()
    )]
    UnknownEnding {
        /// The file.
        file: PathBuf,
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
    /// UTF-16 that is no text.
    #[error("{}, byte {offset}: {problem}. Copy or download the file again, or save it as UTF-8.", file.display())]
    BadUtf16 {
        /// The file.
        file: PathBuf,
        /// Where the fault begins, in bytes from 0, gzip undone.
        offset: usize,
        /// What is wrong there.
        problem: &'static str,
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
    /// A quote that opens a cell and nothing that ends it.
    #[error(
        "{}, line {line}: expected a closing quote (\"), found the end of the file. Close the cell that begins with a quote there, or double the quote.",
        file.display()
    )]
    UnclosedQuote {
        /// The file.
        file: PathBuf,
        /// Line of the opening quote, from 1.
        line: usize,
    },
    /// Something else than the format prescribes.
    #[error("{}, {place}: expected {expected}, found {found}. {advice}", file.display())]
    Unexpected {
        /// The file.
        file: PathBuf,
        /// Where.
        place: Place,
        /// What should stand there.
        expected: Box<str>,
        /// What stands there.
        found: Box<str>,
        /// What to do.
        advice: &'static str,
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
    #[error("{}: no column of numbers was found. The columns are: {existing}. {why}. A column of values holds numbers such as 1234.5 and nothing else, or empty cells.", file.display())]
    NoNumericColumn {
        /// The file.
        file: PathBuf,
        /// The names that exist, in order.
        existing: String,
        /// What stands in the first of them.
        why: String,
    },
    /// Text where a number must stand.
    #[error(
        "{}, {place}, column {number} (`{column}`): expected a number, found `{found}`. Correct the cell, or leave it empty if the value is missing.{hint}",
        file.display()
    )]
    NotANumber {
        /// The file.
        file: PathBuf,
        /// Where the row is.
        place: Place,
        /// Number of the column, from 1.
        number: usize,
        /// Name of the column.
        column: Box<str>,
        /// The cell.
        found: Box<str>,
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
        "{}, {place}, column {number} (`{column}`): expected a time written like {expected}, found `{found}`. Correct the cell, or name another time column.",
        file.display()
    )]
    NotATime {
        /// The file.
        file: PathBuf,
        /// Where the row is.
        place: Place,
        /// Number of the column, from 1.
        number: usize,
        /// Name of the column.
        column: Box<str>,
        /// How times of this column are written.
        expected: Box<str>,
        /// The cell.
        found: Box<str>,
    },
    /// A time met twice.
    #[error(
        "{}, {place}, column `{column}`: the time {found} is already that of {}: times must increase from row to row. {advice}",
        file.display(), place.with(*previous_number)
    )]
    DuplicateTime {
        /// The file.
        file: PathBuf,
        /// Where the row is.
        place: Place,
        /// Line or row of the row before, as in `place`.
        previous_number: usize,
        /// Name of the time column.
        column: Box<str>,
        /// The cell.
        found: Box<str>,
        /// What to do.
        advice: Box<str>,
    },
    /// A time before the one above it.
    #[error(
        "{}, {place}, column `{column}`: the time {found} comes before {previous} of {}: times must increase from row to row. {advice}",
        file.display(), place.with(*previous_number)
    )]
    UnorderedTime {
        /// The file.
        file: Box<Path>,
        /// Where the row is.
        place: Place,
        /// Line or row of the row before, as in `place`.
        previous_number: usize,
        /// Name of the time column.
        column: Box<str>,
        /// The cell.
        found: Box<str>,
        /// The cell of the row before.
        previous: Box<str>,
        /// What to do.
        advice: Box<str>,
    },
    /// Columns that differ from those of the first file.
    #[error(
        "{}: its columns are not those of {}: {difference}. Give files of the same columns.",
        file.display(), first.display()
    )]
    OtherColumns {
        /// The file.
        file: PathBuf,
        /// The first file, which set the columns.
        first: PathBuf,
        /// Which column is missing or new.
        difference: String,
    },
    /// Two files that hold the same times.
    #[error(
        "{} and {} overlap{}: the second begins at {begins}, the first ends at {ends}. Remove the rows that stand in both.",
        earlier.display(), later.display(), of_series(series)
    )]
    Overlap {
        /// The file that begins earlier.
        earlier: PathBuf,
        /// The file that begins before that one ends.
        later: PathBuf,
        /// The series; empty where there is one.
        series: Box<str>,
        /// First time of the later file.
        begins: Box<str>,
        /// Last time of the earlier file.
        ends: Box<str>,
    },
    /// A row that belongs to no series.
    #[error(
        "{}, {place}, column `{column}`: the cell is empty: expected the name of the series. Fill it in, or remove the row.",
        file.display()
    )]
    NoSeriesName {
        /// The file.
        file: PathBuf,
        /// Where the row is.
        place: Place,
        /// The column that tells the series apart.
        column: String,
    },
    /// Two rows of one name in a file of one series per row.
    #[error(
        "{}, {place}: the series `{name}` is already that of {previous_place}: give each row its own name.",
        file.display()
    )]
    DuplicateSeries {
        /// The file.
        file: PathBuf,
        /// Where the row is.
        place: Place,
        /// Where the first of the name is.
        previous_place: Place,
        /// The name.
        name: String,
    },
    /// A static column that changes.
    #[error(
        "{}, {place}, column `{column}`: expected `{first}`, as in every row{} before, found `{found}`: a static column has one value for a series. Correct the cell, or give the column as known or past.",
        file.display(), of_series(series)
    )]
    NotStatic {
        /// The file.
        file: PathBuf,
        /// Where the row is.
        place: Place,
        /// The column.
        column: Box<str>,
        /// The series; empty where there is one.
        series: Box<str>,
        /// The value of the first row.
        first: Box<str>,
        /// The cell.
        found: Box<str>,
    },
    /// An option that does not go with the layout or the columns of the file.
    #[error("{}: {problem}. {advice}", file.display())]
    Unfit {
        /// The file.
        file: PathBuf,
        /// What does not go together.
        problem: String,
        /// What to do.
        advice: &'static str,
    },
    /// A step that cannot be understood.
    #[error(
        "`{text}` is no step of time: expected a number and a unit, such as 30s, 15min, 1h, 1d, 1w, 1month or 1y."
    )]
    BadStep {
        /// What was given.
        text: String,
    },
    /// No file at all.
    #[error("no file was given: expected at least one file of series.")]
    NoFile,
    /// The Parquet file ends early or is damaged.
    #[error(
        "{}: the Parquet file is cut short or damaged ({reason}). Copy or download it again.",
        file.display()
    )]
    DamagedParquet {
        /// The file.
        file: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// A Parquet file, or a part of one, that this program does not read.
    #[error("{}: {problem}. {advice}", file.display())]
    UnreadParquet {
        /// The file.
        file: PathBuf,
        /// What it holds.
        problem: String,
        /// What to do.
        advice: &'static str,
    },
    /// A sound or an image that cannot be decoded.
    #[error("{}: {problem}. {advice}", file.display())]
    Undecoded {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        advice: &'static str,
    },
    /// Rows that cannot continue a panel.
    #[error("the later rows do not continue the earlier ones: {problem}. {advice}")]
    NotContinued {
        /// What does not fit.
        problem: String,
        /// What to do.
        advice: &'static str,
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

fn of_series(name: &str) -> String {
    if name.is_empty() {
        String::new()
    } else {
        format!(" of series `{name}`")
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_small_enough_to_be_returned_and_wrapped() {
        // 128 bytes is the limit of the lint `result_large_err`, and other errors wrap this one.
        assert!(size_of::<DataError>() <= 112, "{}", size_of::<DataError>());
    }
}
