//! Predictions as typed rows: one design, so that CSV, JSON lines and Parquet are writers of one thing.
//!
//! A model says its columns once, then hands its rows over as they come, in the order of its input;
//! it never knows what becomes of them. [`Collected`] keeps them in memory.

mod csv;
mod json;
mod lines;
#[cfg(feature = "parquet")]
mod parquet;
mod schema;
mod writer;

use std::borrow::Cow;

pub use csv::CsvRows;
pub use json::JsonRows;
pub use lines::LineRows;
#[cfg(feature = "parquet")]
pub use parquet::ParquetRows;
pub use writer::{RowFormat, row_writer};

use crate::error::DataError;
use crate::stamp::StampFormat;
use schema::Schema;

/// A column of rows: its name, and what its cells hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// What each cell holds, unless it is missing.
    pub kind: Kind,
}

impl Column {
    /// A column of this name and kind.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Column {
            name: name.into(),
            kind,
        }
    }
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers of 64 bits with a fraction.
    Number,
    /// Whole numbers of 64 bits.
    Integer,
    /// Texts.
    Text,
    /// Times, and how they are written as text.
    Time(StampFormat),
    /// Lists of numbers, each of its own length.
    Numbers,
}

/// One cell of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value, in a column of any kind.
    Missing,
    /// A number; NaN is written as a missing value.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(Cow<'a, str>),
    /// Seconds since 1970-01-01 00:00.
    Time(i64),
    /// A list of numbers; NaN is written as a missing value.
    Numbers(Cow<'a, [f64]>),
}

impl Cell<'_> {
    /// The same cell, with a text or list of its own.
    pub fn into_owned(self) -> Cell<'static> {
        match self {
            Cell::Missing => Cell::Missing,
            Cell::Number(value) => Cell::Number(value),
            Cell::Integer(value) => Cell::Integer(value),
            Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Cell::Time(stamp) => Cell::Time(stamp),
            Cell::Numbers(values) => Cell::Numbers(Cow::Owned(values.into_owned())),
        }
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Cell::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a [f64]> for Cell<'a> {
    fn from(values: &'a [f64]) -> Self {
        Cell::Numbers(Cow::Borrowed(values))
    }
}

/// Where rows go: a file in some format, or memory.
///
/// The calls are [`begin`](Sink::begin) once, [`row`](Sink::row) any number of times, and
/// [`finish`](Sink::finish) once; any other order is an error, and so is a row that does not fit
/// the columns. Without `finish` a file is not complete.
pub trait Sink {
    /// Takes the columns, before any row.
    ///
    /// # Errors
    /// [`DataError::WrongRow`] when the columns were given already or cannot be columns of this
    /// format, [`DataError::Unwritable`] for a full disk among others.
    fn begin(&mut self, columns: &[Column]) -> Result<(), DataError>;

    /// Takes the next row: one cell for each column.
    ///
    /// # Errors
    /// [`DataError::WrongRow`] when the cells do not fit the columns or cannot be written in this
    /// format, [`DataError::Unwritable`] for a full disk among others.
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError>;

    /// Writes what is not written yet. No row may come after.
    ///
    /// # Errors
    /// [`DataError::WrongRow`] when the columns were never given, [`DataError::Unwritable`] for a
    /// full disk among others.
    fn finish(&mut self) -> Result<(), DataError>;
}

/// Rows in memory.
#[derive(Debug, Default)]
pub struct Collected {
    schema: Schema,
    rows: Vec<Vec<Cell<'static>>>,
}

impl Collected {
    /// The columns; none before they are given.
    pub fn columns(&self) -> &[Column] {
        self.schema.columns()
    }

    /// The rows so far, each of one cell for each column.
    pub fn rows(&self) -> &[Vec<Cell<'static>>] {
        &self.rows
    }

    /// Hands all of it to another sink, from `begin` to `finish`.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn replay(&self, sink: &mut dyn Sink) -> Result<(), DataError> {
        sink.begin(self.columns())?;
        for row in &self.rows {
            sink.row(row)?;
        }
        sink.finish()
    }
}

impl Sink for Collected {
    fn begin(&mut self, columns: &[Column]) -> Result<(), DataError> {
        self.schema.begin(columns)
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError> {
        self.schema.admit(cells)?;
        self.rows
            .push(cells.iter().cloned().map(Cell::into_owned).collect());
        Ok(())
    }

    fn finish(&mut self) -> Result<(), DataError> {
        self.schema.finish()
    }
}

#[cfg(test)]
mod tests;
