//! Reading a table nobody prepared: from bytes to columns of numbers, telling every assumption.
//!
//! The stages, one file each: [`source`] (bytes, gzip, encoding), [`grid`] (separator, rows of
//! cells), [`header`] (is the first row one), [`cells`] (what is a number, what is missing),
//! [`times`] (which column is the time), and here the choice of the value columns.
//!
//! Errors are strict: what is ambiguous is assumed and told, what is wrong is refused with its
//! place. A wrong number read in silence costs more than a question.

mod cells;
mod grid;
mod header;
mod source;
mod times;

use std::path::Path;

use crate::error::{DataError, shown};
use crate::table::{ColumnRef, Table, listed};
use cells::{Cell, Decimal};
use grid::Grid;

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

/// Something the reader inferred, for the user to confirm or contradict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// About what: `separator`, `header`, `time column`…
    pub what: String,
    /// What was inferred: `comma`, `yes`, `date`…
    pub found: String,
}

impl Assumption {
    fn new(what: &str, found: impl Into<String>) -> Self {
        Assumption {
            what: what.to_owned(),
            found: found.into(),
        }
    }
}

/// Reads a table of separated values (CSV), plain or gzip, and says what was assumed.
///
/// Comma, semicolon or tab; with or without header; UTF-8 or Latin-1; decimal comma where the
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
    let bytes = std::fs::read(path).map_err(|source| DataError::Unreadable {
        file: path.to_owned(),
        source,
    })?;
    read_bytes(path, &bytes, options)
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
    let bytes = source::unpack(name, bytes)?;
    let text = source::decode(name, &bytes, &mut told)?;
    let mut grid = Grid::parse(name, &text, &mut told)?;
    let names = header::take(name, &mut grid, options.header, &mut told)?;
    let decimal = Decimal::infer(&grid, &mut told);
    let file = File {
        name,
        grid,
        names,
        decimal,
    };

    let time = times::find(&file, options.time.as_ref(), &mut told)?;
    let time_column = time.as_ref().map(|(column, _)| *column);
    let chosen = match &options.columns {
        Some(wanted) => file.wanted(wanted)?,
        None => file.numeric(time_column, &mut told)?,
    };
    let (names, columns) = chosen.into_iter().unzip();
    let table = Table {
        names,
        columns,
        time: time.map(|(_, axis)| axis),
    };
    let missing = table.missing();
    if missing > 0 {
        told.push(Assumption::new("missing values", missing.to_string()));
    }
    Ok((table, told))
}

/// A file cut into cells, on its way to columns.
struct File<'a> {
    name: &'a Path,
    grid: Grid,
    names: Vec<String>,
    decimal: Decimal,
}

/// A column of values with its name.
type Column = (String, Vec<f64>);

impl File<'_> {
    fn wanted(&self, wanted: &[ColumnRef]) -> Result<Vec<Column>, DataError> {
        let mut indices = Vec::with_capacity(wanted.len());
        for column in wanted {
            let index = column.find(&self.names, self.name)?;
            if indices.contains(&index) {
                let name = shown(&self.names[index]);
                return Err(DataError::AskedTwice {
                    file: self.name.to_owned(),
                    name,
                });
            }
            indices.push(index);
        }
        if indices.is_empty() {
            return Err(self.no_numbers());
        }
        indices
            .into_iter()
            .map(|index| self.column(index))
            .collect()
    }

    /// Every column of numbers but the time column. A column most of whose cells are numbers is
    /// meant as one, so that a text in it is an error; the others are left out, and told.
    fn numeric(
        &self,
        time: Option<usize>,
        told: &mut Vec<Assumption>,
    ) -> Result<Vec<Column>, DataError> {
        let (mut chosen, mut text, mut empty) = (Vec::new(), Vec::new(), Vec::new());
        for index in (0..self.names.len()).filter(|index| Some(*index) != time) {
            let (mut numbers, mut texts) = (0_usize, 0_usize);
            for cell in self.grid.column(index) {
                match self.decimal.read(cell) {
                    Cell::Number(_) => numbers += 1,
                    Cell::Text => texts += 1,
                    Cell::Missing => {}
                }
            }
            if numbers > 0 && numbers >= texts {
                chosen.push(self.column(index)?);
            } else if texts > 0 {
                text.push(self.names[index].clone());
            } else {
                empty.push(self.names[index].clone());
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
            return Err(self.no_numbers());
        }
        let names: Vec<String> = chosen.iter().map(|(name, _)| name.clone()).collect();
        told.push(Assumption::new("value columns", listed(&names)));
        Ok(chosen)
    }

    fn no_numbers(&self) -> DataError {
        DataError::NoNumericColumn {
            file: self.name.to_owned(),
            existing: listed(&self.names),
        }
    }

    fn column(&self, index: usize) -> Result<Column, DataError> {
        let mut values = Vec::with_capacity(self.grid.rows());
        for (row, cell) in self.grid.column(index).enumerate() {
            values.push(match self.decimal.read(cell) {
                Cell::Number(value) => value,
                Cell::Missing => f64::NAN,
                Cell::Text => {
                    return Err(DataError::NotANumber {
                        file: self.name.to_owned(),
                        line: self.grid.line(row),
                        number: index + 1,
                        column: shown(&self.names[index]),
                        found: shown(cell),
                        hint: self.decimal.hint(cell),
                    });
                }
            });
        }
        if values.iter().all(|value| value.is_nan()) {
            return Err(DataError::AllMissing {
                file: self.name.to_owned(),
                number: index + 1,
                column: shown(&self.names[index]),
            });
        }
        Ok((self.names[index].clone(), values))
    }
}
