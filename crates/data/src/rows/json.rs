//! Rows as JSON lines: one object a row, for programs that read as it is written.

use std::fmt::Write as _;
use std::io::Write;

use super::schema::Schema;
use super::{Cell, Column, Kind, Sink};
use crate::error::DataError;

/// One JSON object (RFC 8259) for each row, each on a line of its own, in UTF-8.
///
/// Numbers read back to the same bits, times are texts, a missing value is `null`. JSON has no
/// infinite numbers: they are refused.
pub struct JsonRows<W: Write> {
    schema: Schema,
    out: W,
    /// `"name":` of each column.
    keys: Vec<String>,
    /// The line at hand, kept for its memory.
    line: String,
}

impl<W: Write> JsonRows<W> {
    /// Writes to `out`, a line at a time; buffer it where calls are dear.
    pub fn new(out: W) -> Self {
        JsonRows {
            schema: Schema::default(),
            out,
            keys: Vec::new(),
            line: String::new(),
        }
    }
}

impl<W: Write> Sink for JsonRows<W> {
    fn begin(&mut self, columns: &[Column]) -> Result<(), DataError> {
        self.schema.begin(columns)?;
        self.schema.require_names()?;
        self.keys = columns
            .iter()
            .map(|column| {
                let mut key = String::new();
                push_text(&mut key, &column.name);
                key.push(':');
                key
            })
            .collect();
        Ok(())
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError> {
        self.schema.admit(cells)?;
        let columns = self.schema.columns();
        let infinite = cells.iter().position(|cell| match cell {
            Cell::Number(value) => value.is_infinite(),
            Cell::Numbers(values) => values.iter().any(|value| value.is_infinite()),
            _ => false,
        });
        if let Some(column) = infinite {
            let problem = "JSON has no infinite numbers: write CSV or Parquet";
            return Err(self.schema.wrong_cell(column, problem));
        }
        self.line.clear();
        for (at, (cell, key)) in cells.iter().zip(&self.keys).enumerate() {
            self.line.push(if at == 0 { '{' } else { ',' });
            self.line.push_str(key);
            match (cell, columns.get(at).map(|column| column.kind)) {
                (Cell::Number(value), _) => push_number(&mut self.line, *value),
                (Cell::Integer(value), _) => self.line.push_str(&value.to_string()),
                (Cell::Text(text), _) => push_text(&mut self.line, text),
                (Cell::Time(stamp), Some(Kind::Time(format))) => {
                    push_text(&mut self.line, &format.write_whole(*stamp));
                }
                // The schema lets a time through in a column of times only.
                (Cell::Missing | Cell::Time(_), _) => self.line.push_str("null"),
                (Cell::Numbers(values), _) => push_list(&mut self.line, values),
            }
        }
        self.line.push_str("}\n");
        self.out
            .write_all(self.line.as_bytes())
            .map_err(|source| DataError::Unwritable { source })
    }

    fn finish(&mut self) -> Result<(), DataError> {
        self.schema.finish()?;
        self.out
            .flush()
            .map_err(|source| DataError::Unwritable { source })
    }
}

/// A list of numbers; NaN is `null`.
pub(super) fn push_list(line: &mut String, values: &[f64]) {
    line.push('[');
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        push_number(line, *value);
    }
    line.push(']');
}

fn push_number(line: &mut String, value: f64) {
    if value.is_nan() {
        line.push_str("null");
    } else {
        // With a point or an exponent, so that a reader who tells whole numbers apart gets none.
        // Writing to a String cannot fail.
        let _ = write!(line, "{value:?}");
    }
}

fn push_text(line: &mut String, text: &str) {
    line.push('"');
    for character in text.chars() {
        match character {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            // Line separators are legal in JSON, and break readers that cut lines by Unicode.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line.push('"');
}
