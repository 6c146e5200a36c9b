//! Rows of texts: some columns of a table, each cell as it is written.
//!
//! For what is neither a series nor an example with one class: a word and its tag, a sentence and its translation.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::{DataError, Place};
use crate::read::{Assumption, Sheets, open_texts};
use crate::table::ColumnRef;

/// Some columns of one or several tables, put one below the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRows {
    /// The names of the columns, as the first file has them.
    pub columns: Vec<String>,
    /// The cells of each row, in the order of the columns.
    pub rows: Vec<Vec<String>>,
    /// Where each row stands: which of the files, and the line in it.
    pub places: Vec<(usize, Place)>,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// Reads these columns of tables with a header line (CSV, TSV, JSON lines, Parquet in builds with the feature `parquet`;
/// gzip is undone). Each name stands for its file in messages.
///
/// # Errors
/// A [`DataError`] that names the file and the line or column: a damaged file, a column that is not there, rows of unequal
/// length.
pub fn read_text_rows(
    files: &[(&Path, &[u8])],
    columns: &[ColumnRef],
) -> Result<(TextRows, Vec<Assumption>), DataError> {
    let mut told = Vec::new();
    let known = |name: &str| columns.iter().any(|column| column.to_string() == name);
    let sheets = Sheets::open(
        files.iter().map(|(name, bytes)| Ok((*name, *bytes))),
        |name, bytes, told| open_texts(name, bytes, Some(true), &known, None, told),
        &mut told,
    )?;
    for sheet in sheets.all() {
        sheet.require_even()?;
    }
    // Cells are kept as they are written: how a number would be read is nothing to tell.
    told.retain(|told| told.what != "decimal mark");
    let first = sheets.first();
    let found = columns.iter();
    let found: Vec<usize> = found
        .map(|column| column.find(sheets.names(), &first.file))
        .collect::<Result<_, _>>()?;
    let cells = |row: usize| {
        let cells = found.iter();
        cells
            .map(|column| sheets.text(row, *column).into_owned())
            .collect()
    };
    let place = |row: usize| {
        let (sheet, own) = sheets.locate(row);
        (sheets.file_of(row), sheet.place(own))
    };
    let rows = TextRows {
        columns: found.iter().map(|at| sheets.names()[*at].clone()).collect(),
        rows: (0..sheets.rows()).map(cells).collect(),
        places: (0..sheets.rows()).map(place).collect(),
        files: sheets
            .all()
            .iter()
            .map(|sheet| sheet.file.clone())
            .collect(),
    };
    Ok((rows, told))
}

impl TextRows {
    /// That something else than expected stands in a row.
    pub fn unexpected(
        &self,
        row: usize,
        expected: &str,
        found: &str,
        advice: &'static str,
    ) -> DataError {
        let (file, place) = self.places[row];
        DataError::Unexpected {
            file: self.files[file].clone(),
            place,
            expected: expected.into(),
            found: found.into(),
            advice,
        }
    }

    /// Refuses an empty cell.
    ///
    /// # Errors
    /// [`DataError::Unexpected`] with its place.
    pub fn require_filled(&self) -> Result<(), DataError> {
        for (row, cells) in self.rows.iter().enumerate() {
            if let Some(column) = cells.iter().position(String::is_empty) {
                let expected = format!("a value in column `{}`", self.columns[column]);
                let advice = "Fill it in, or remove the row.";
                return Err(self.unexpected(row, &expected, "an empty cell", advice));
            }
        }
        Ok(())
    }

    /// The rows that stand together because they have the same value in a column, such as those of one sentence.
    ///
    /// # Errors
    /// [`DataError::Unexpected`] where a value comes back after another one.
    pub fn groups(&self, column: usize) -> Result<Vec<Range<usize>>, DataError> {
        let mut met = std::collections::HashSet::new();
        let mut groups: Vec<Range<usize>> = Vec::new();
        for row in 0..self.rows.len() {
            let key = (self.places[row].0, &self.rows[row][column]);
            match groups.last_mut() {
                Some(last)
                    if (self.places[last.start].0, &self.rows[last.start][column]) == key =>
                {
                    last.end = row + 1;
                }
                _ if met.insert(key) => groups.push(row..row + 1),
                _ => {
                    let found = format!("`{}`, which stands further up too", key.1);
                    let expected = format!("a new value in column `{}`", self.columns[column]);
                    let advice = "Put the rows of one value together.";
                    return Err(self.unexpected(row, &expected, &found, advice));
                }
            }
        }
        Ok(groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, columns: &[&str]) -> Result<TextRows, DataError> {
        let told = |(rows, told): (TextRows, Vec<Assumption>)| {
            assert!(told.iter().all(|told| told.what != "decimal mark"));
            rows
        };
        let columns: Vec<ColumnRef> = columns
            .iter()
            .map(|name| ColumnRef::Name((*name).to_owned()))
            .collect();
        let files = [("tags.tsv".as_ref(), text.as_bytes())];
        read_text_rows(&files, &columns).map(told)
    }

    #[test]
    fn columns_are_found_by_name_and_cells_kept_as_written() {
        let rows = read("s\ttag\tword\n1\tX\t01\n1\tY\t2,5\n", &["word", "s"]).unwrap();
        assert_eq!(rows.rows, [["01", "1"], ["2,5", "1"]]);
        assert_eq!(rows.places, [(0, Place::Line(2)), (0, Place::Line(3))]);
        let wrong = read("s\tword\n1\ta\n", &["words"]).unwrap_err();
        assert!(wrong.to_string().contains("Did you mean `word`"), "{wrong}");
    }

    #[test]
    fn an_empty_cell_and_a_value_that_comes_back_are_named_with_their_line() {
        let rows = read("s\tword\n1\ta\n2\t\n1\tb\n", &["s", "word"]).unwrap();
        let empty = rows.require_filled().unwrap_err().to_string();
        assert!(
            empty.contains("tags.tsv, line 3: expected a value in column `word`"),
            "{empty}"
        );
        let again = rows.groups(0).unwrap_err().to_string();
        assert!(
            again.contains("line 4") && again.contains("`1`, which stands further up"),
            "{again}"
        );
        let rows = read("s\tword\n1\ta\n1\tb\n2\tc\n", &["s", "word"]).unwrap();
        assert_eq!(rows.groups(0).unwrap(), [0..2, 2..3]);
    }
}
