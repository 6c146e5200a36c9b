//! Rows as plain text: one line each, for what is read as a text and not as a table.

use std::io::Write;

use super::schema::Schema;
use super::{Cell, Column, Kind, Sink};
use crate::error::DataError;

/// The last column of texts, a line for each row, in UTF-8. A line break in a text becomes a space, unless texts are
/// kept whole.
pub struct LineRows<W: Write> {
    schema: Schema,
    out: W,
    column: usize,
}

impl<W: Write> LineRows<W> {
    /// Writes to `out`, a line at a time; buffer it where calls are dear.
    pub fn new(out: W) -> Self {
        LineRows {
            schema: Schema::default(),
            out,
            column: 0,
        }
    }
}

impl<W: Write> Sink for LineRows<W> {
    fn begin(&mut self, columns: &[Column]) -> Result<(), DataError> {
        let last = columns.iter().rposition(|column| column.kind == Kind::Text);
        self.column = last.ok_or_else(|| DataError::WrongRow {
            row: 1,
            problem: "a .txt file holds a text a line, and there is no column of texts; choose a name that ends in .csv".to_owned(),
        })?;
        self.schema.begin(columns)
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError> {
        self.schema.admit(cells)?;
        let text = match &cells[self.column] {
            Cell::Text(text) => text.replace(['\r', '\n'], " "),
            _ => String::new(),
        };
        writeln!(self.out, "{text}").map_err(|source| DataError::Unwritable { source })
    }

    fn finish(&mut self) -> Result<(), DataError> {
        self.schema.finish()?;
        self.out
            .flush()
            .map_err(|source| DataError::Unwritable { source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_column_of_texts_is_written_a_line_each() {
        let mut out = Vec::new();
        let mut rows = LineRows::new(&mut out);
        rows.begin(&[
            Column::new("source", Kind::Text),
            Column::new("translation", Kind::Text),
            Column::new("score", Kind::Number),
        ])
        .unwrap();
        for text in ["un, deux", "", "trois\nquatre"] {
            rows.row(&["x".into(), text.into(), Cell::Number(1.0)])
                .unwrap();
        }
        rows.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "un, deux\n\ntrois quatre\n"
        );
        let numbers = [Column::new("score", Kind::Number)];
        let refused = LineRows::new(Vec::new()).begin(&numbers).unwrap_err();
        assert!(
            refused.to_string().contains("no column of texts"),
            "{refused}"
        );
    }
}
