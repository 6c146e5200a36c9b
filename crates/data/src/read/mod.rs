//! Reading a table nobody prepared: from bytes to columns of numbers, telling every assumption.
//!
//! The stages, one file each: [`source`] (gzip), [`encoding`], [`grid`] (separator, rows of
//! cells), [`header`] (is the first row one), [`cells`] (what is a number, what is missing),
//! [`sheet`] (a file as columns of cells; [`parquet`] comes in here), [`times`] (which column is
//! the time), and here the choice of the value columns.
//!
//! Errors are strict: what is ambiguous is assumed and told, what is wrong is refused with its
//! place. A wrong number read in silence costs more than a question.

mod cells;
mod encoding;
mod grid;
mod header;
mod json;
mod lines;
mod parquet;
mod plain;
mod quotes;
mod sheet;
mod sheets;
mod source;
pub(crate) mod times;

use std::borrow::Cow;
use std::path::Path;

use crate::error::DataError;
use crate::table::{ColumnRef, Table, listed};
pub(crate) use cells::Cell;
use cells::Decimal;
use grid::{Grid, Separator};
pub(crate) use json::Lists;
pub use lines::Lines;
pub use plain::{TextLines, read_lines};
pub(crate) use sheet::{Counts, Sheet};
pub(crate) use sheets::Sheets;
pub(crate) use source::{ending, unpack};

/// What the user says about the file; everything else is inferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The time column; `None` = the first column whose cells are times, if there is one.
    pub time: Option<ColumnRef>,
    /// The value columns, in the order wanted; `None` = every column of numbers.
    pub columns: Option<Vec<ColumnRef>>,
    /// Whether the first row names the columns; `None` = inferred.
    pub header: Option<bool>,
}

/// The bytes of a file.
///
/// # Errors
/// [`DataError::Unreadable`].
pub fn read_file(file: &Path) -> Result<Vec<u8>, DataError> {
    std::fs::read(file).map_err(|source| DataError::Unreadable {
        file: file.to_owned(),
        source,
    })
}

/// Something the reader inferred, for the user to confirm or contradict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// About what: `separator`, `header`, `time column`…
    pub what: String,
    /// What was inferred: `comma`, `yes`, `date`…
    pub found: String,
}

impl Assumption {
    pub(crate) fn new(what: &str, found: impl Into<String>) -> Self {
        Assumption {
            what: what.to_owned(),
            found: found.into(),
        }
    }

    pub(crate) fn no_time() -> Self {
        Self::new("time column", "none: rows are taken as evenly spaced")
    }

    pub(crate) fn moved_to_utc() -> Self {
        Self::new("time zone", "times with an offset are moved to UTC")
    }
}

/// Reads a table of separated values (CSV), plain or gzip, or a Parquet file, and says what was
/// assumed.
///
/// Comma, semicolon or tab; with or without header; UTF-8, UTF-16 or Windows-1252; decimal comma where the
/// separator is not a comma. Cells that are empty or `NA`, `N/A`, `NaN`, `null`, `none` are
/// missing (NaN).
///
/// # Errors
/// A [`DataError`] that names the file and the line or column: unreadable, empty or damaged file,
/// rows of unequal width, text in a column of numbers, missing columns, times that do not increase.
pub fn read_table(
    path: &Path,
    options: &ReadOptions,
) -> Result<(Table, Vec<Assumption>), DataError> {
    read_bytes(path, &read_file(path)?, options)
}

/// As [`read_table`], from bytes in memory; `name` stands for the file in messages.
///
/// # Errors
/// As [`read_table`].
pub fn read_bytes(
    name: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<(Table, Vec<Assumption>), DataError> {
    let mut told = Vec::new();
    let sheet = open(name, bytes, options.header, &mut told)?;
    sheet.require_even()?;
    let time = times::find(&sheet, options.time.as_ref(), &mut told)?;
    let time_column = time.as_ref().map(|(column, _)| *column);
    let chosen = match &options.columns {
        Some(wanted) => wanted_columns(&sheet, wanted)?,
        None => numeric_columns(&sheet, &|column| Some(column) == time_column, &mut told)?,
    };
    let mut columns = Vec::with_capacity(chosen.len());
    for column in &chosen {
        let values = sheet.numbers(*column)?;
        if values.iter().all(|value| value.is_nan()) {
            return Err(sheet.all_missing(*column));
        }
        columns.push(values);
    }
    let table = Table {
        names: chosen.iter().map(|c| sheet.names[*c].clone()).collect(),
        columns,
        time: time.map(|(_, axis)| axis),
    };
    let missing = table.missing();
    if missing > 0 {
        told.push(Assumption::new("missing values", missing.to_string()));
    }
    Ok((table, told))
}

/// The columns of a file, whatever its format, before any of them has its role.
///
/// Rows of unequal width are let through; see [`Sheet::require_even`].
pub(crate) fn open(
    name: &Path,
    bytes: &[u8],
    header: Option<bool>,
    told: &mut Vec<Assumption>,
) -> Result<Sheet, DataError> {
    let bytes = unpack(name, bytes)?;
    if parquet::is_parquet(name, &bytes) {
        return parquet::open(name, bytes.into_owned(), told);
    }
    let text = encoding::decode(name, &bytes, told)?;
    let mut grid = Grid::parse(name, &text, None, told)?;
    let names = header::take(name, &mut grid, header, header::looks_like_names, told)?;
    let decimal = Decimal::infer(&grid, told);
    Ok(Sheet::of_cells(name, names, grid, decimal))
}

/// As [`open`], for files with columns of texts, JSON lines among them. `is_name` knows the names
/// that such columns usually have; `lists` says which lists of JSON are cells.
pub(crate) fn open_texts(
    name: &Path,
    bytes: &[u8],
    header: Option<bool>,
    is_name: &dyn Fn(&str) -> bool,
    lists: Option<Lists<'_>>,
    told: &mut Vec<Assumption>,
) -> Result<Sheet, DataError> {
    open_written(name, bytes, lists, told, |text, separator, told| {
        let mut grid = Grid::parse(name, text, separator, told)?;
        let looks = |grid: &Grid| header::looks_like_names_of_texts(grid, is_name);
        let names = header::take(name, &mut grid, header, looks, told)?;
        let decimal = Decimal::infer(&grid, told);
        Ok(Sheet::of_cells(name, names, grid, decimal))
    })
}

/// A Parquet file, JSON lines, or what `parse` makes of another text and of the separator that its ending says.
fn open_written(
    name: &Path,
    bytes: &[u8],
    lists: Option<Lists<'_>>,
    told: &mut Vec<Assumption>,
    parse: impl FnOnce(&str, Option<Separator>, &mut Vec<Assumption>) -> Result<Sheet, DataError>,
) -> Result<Sheet, DataError> {
    let bytes = unpack(name, bytes)?;
    if parquet::is_parquet(name, &bytes) {
        return parquet::open(name, bytes.into_owned(), told);
    }
    let text = encoding::decode(name, &bytes, told)?;
    let ending = ending(name);
    if json::is_lines(&ending, &text) {
        return json::open(name, &text, lists, told);
    }
    // A comma in a line of plain text is no separator.
    let separator = matches!(ending.as_str(), "tsv" | "txt" | "text").then_some(Separator::Tab);
    parse(&text, separator, told)
}

/// As [`open_texts`], for columns of running text: quotes between tabs are characters of it, and the first
/// row names the columns only where `are_names` says so of its cells. No cell is taken for a number.
pub(crate) fn open_prose(
    name: &Path,
    bytes: &[u8],
    header: Option<bool>,
    are_names: &dyn Fn(&[&str]) -> bool,
    told: &mut Vec<Assumption>,
) -> Result<Sheet, DataError> {
    open_written(name, bytes, None, told, |text, separator, told| {
        let mut grid = Grid::parse_prose(name, text, separator, told)?;
        let looks = |grid: &Grid| {
            let first: Vec<&str> = (0..grid.width()).map(|at| grid.cell(0, at)).collect();
            are_names(&first)
        };
        let names = header::take(name, &mut grid, header, looks, told)?;
        Ok(Sheet::of_cells(name, names, grid, Decimal::Point))
    })
}

/// Whether a file is one of lines of text, and no table: neither its ending nor its first bytes say so.
///
/// # Errors
/// Damaged gzip.
pub fn is_plain(name: &Path, bytes: &[u8]) -> Result<bool, DataError> {
    let known = ["csv", "tsv", "jsonl", "ndjson", "json", "parquet"];
    if known.contains(&ending(name).as_str()) {
        return Ok(false);
    }
    Ok(!parquet::is_parquet(name, &unpack(name, bytes)?))
}

/// The bytes of a file that is read by lines of text, not by columns: gzip undone, decoded.
pub(crate) fn text_of<'a>(
    name: &Path,
    bytes: &'a [u8],
    told: &mut Vec<Assumption>,
) -> Result<Cow<'a, str>, DataError> {
    match unpack(name, bytes)? {
        Cow::Borrowed(bytes) => encoding::decode(name, bytes, told),
        Cow::Owned(bytes) => Ok(Cow::Owned(
            encoding::decode(name, &bytes, told)?.into_owned(),
        )),
    }
}

/// The columns asked for, each once.
pub(crate) fn wanted_columns(sheet: &Sheet, wanted: &[ColumnRef]) -> Result<Vec<usize>, DataError> {
    let mut indices = Vec::with_capacity(wanted.len());
    for column in wanted {
        let index = column.find(&sheet.names, &sheet.file)?;
        if indices.contains(&index) {
            return Err(DataError::AskedTwice {
                file: sheet.file.clone(),
                name: sheet.shown(index),
            });
        }
        indices.push(index);
    }
    if indices.is_empty() {
        return Err(sheet.no_numbers());
    }
    Ok(indices)
}

/// Every column of numbers that has no other role. A column most of whose cells are numbers is
/// meant as one, so that a text in it is an error; the others are left out, and told.
fn numeric_columns(
    sheet: &Sheet,
    has_role: &dyn Fn(usize) -> bool,
    told: &mut Vec<Assumption>,
) -> Result<Vec<usize>, DataError> {
    let counts: Vec<Counts> = (0..sheet.names.len())
        .map(|column| sheet.count(column))
        .collect();
    numeric_of(sheet, &counts, has_role, told)
}

/// As [`numeric_columns`], of columns that are counted already (over several files).
pub(crate) fn numeric_of(
    sheet: &Sheet,
    counts: &[Counts],
    has_role: &dyn Fn(usize) -> bool,
    told: &mut Vec<Assumption>,
) -> Result<Vec<usize>, DataError> {
    let (mut chosen, mut text, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    for (column, counts) in counts.iter().enumerate() {
        if has_role(column) {
            continue;
        }
        if counts.is_numeric() {
            chosen.push(column);
        } else if counts.texts > 0 {
            text.push(sheet.names[column].clone());
        } else {
            empty.push(sheet.names[column].clone());
        }
    }
    for (what, names) in [
        ("left out, text", text),
        ("left out, every cell missing", empty),
    ] {
        if !names.is_empty() {
            told.push(Assumption::new(what, listed(&names)));
        }
    }
    if chosen.is_empty() {
        return Err(sheet.no_numbers());
    }
    let names: Vec<String> = chosen.iter().map(|c| sheet.names[*c].clone()).collect();
    told.push(Assumption::new("value columns", listed(&names)));
    Ok(chosen)
}
