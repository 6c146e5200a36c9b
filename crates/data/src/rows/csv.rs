//! Rows as separated values: the form that every spreadsheet opens.

use std::io::Write;

use ::csv::{ErrorKind, Writer, WriterBuilder};

use super::json::push_list;
use super::schema::Schema;
use super::{Cell, Column, Kind, Sink};
use crate::error::DataError;

/// UTF-8 CSV with a header; cells are quoted where they must be.
///
/// Numbers have the fewest digits that read back to the same bits; a missing value is an empty
/// cell; a list is written as in JSON (`[1.0,null]`).
pub struct CsvRows<W: Write> {
    schema: Schema,
    out: Writer<W>,
    /// The text of the cell at hand, kept for its memory.
    text: String,
}

impl<W: Write> CsvRows<W> {
    /// Values separated by commas.
    pub fn new(out: W) -> Self {
        Self::separated(out, b',')
    }

    /// Values separated by tabs.
    pub fn tabs(out: W) -> Self {
        Self::separated(out, b'\t')
    }

    fn separated(out: W, separator: u8) -> Self {
        CsvRows {
            schema: Schema::default(),
            out: WriterBuilder::new().delimiter(separator).from_writer(out),
            text: String::new(),
        }
    }
}

impl<W: Write> Sink for CsvRows<W> {
    fn begin(&mut self, columns: &[Column]) -> Result<(), DataError> {
        self.schema.begin(columns)?;
        let names = columns.iter().map(|column| column.name.as_str());
        self.out.write_record(names).map_err(unwritable)
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError> {
        self.schema.admit(cells)?;
        for (column, cell) in self.schema.columns().iter().zip(cells) {
            self.text.clear();
            let text = match (cell, column.kind) {
                (Cell::Missing, _) => "",
                (Cell::Number(value), _) if value.is_nan() => "",
                (Cell::Text(text), _) => text.as_ref(),
                (Cell::Number(value), _) => {
                    self.text.push_str(&value.to_string());
                    &self.text
                }
                (Cell::Integer(value), _) => {
                    self.text.push_str(&value.to_string());
                    &self.text
                }
                (Cell::Time(stamp), Kind::Time(format)) => {
                    self.text.push_str(&format.write_whole(*stamp));
                    &self.text
                }
                // Refused by the schema.
                (Cell::Time(_), _) => "",
                (Cell::Numbers(values), _) => {
                    push_list(&mut self.text, values);
                    &self.text
                }
            };
            self.out.write_field(text).map_err(unwritable)?;
        }
        self.out.write_record(None::<&[u8]>).map_err(unwritable)
    }

    fn finish(&mut self) -> Result<(), DataError> {
        self.schema.finish()?;
        self.out
            .flush()
            .map_err(|source| DataError::Unwritable { source })
    }
}

fn unwritable(error: ::csv::Error) -> DataError {
    DataError::Unwritable {
        source: match error.into_kind() {
            ErrorKind::Io(source) => source,
            other => std::io::Error::other(format!("{other:?}")),
        },
    }
}
