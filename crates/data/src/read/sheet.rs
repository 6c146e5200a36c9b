//! A file as columns of cells, whatever its format: what the readers of tables and of panels share.
//!
//! A text file keeps its cells as they were written, because only the choice of the columns tells
//! which of them must be numbers. A Parquet file has typed columns, and each answers the same
//! questions as a column of cells.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::cells::{Cell, Decimal};
use super::grid::Grid;
use crate::error::{DataError, Place, shown};
use crate::stamp::StampFormat;
use crate::table::listed;

/// Columns of one length, with their names.
pub(crate) struct Sheet {
    /// The file, for messages.
    pub(crate) file: PathBuf,
    /// One name for each column.
    pub(crate) names: Vec<String>,
    /// Position in the file of each column: those of a second file follow the order of the first.
    positions: Vec<usize>,
    body: Body,
}

enum Body {
    Cells {
        grid: Grid,
        decimal: Decimal,
    },
    Typed {
        columns: Vec<Typed>,
        rows: usize,
        /// The line of each row, in a file of lines.
        lines: Option<Vec<usize>>,
    },
}

/// A column whose file says what it holds.
#[cfg_attr(
    not(feature = "parquet"),
    expect(dead_code, reason = "only Parquet files make them")
)]
pub(crate) enum Typed {
    /// NaN is missing.
    Numbers(Vec<f64>),
    /// Whole numbers, which may be names too long for the digits of an `f64`.
    Integers(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    /// Seconds since 1970, and how to write them.
    Stamps(Vec<Option<i64>>, StampFormat),
}

impl Sheet {
    pub(super) fn of_cells(file: &Path, names: Vec<String>, grid: Grid, decimal: Decimal) -> Sheet {
        Sheet {
            file: file.to_owned(),
            positions: (0..names.len()).collect(),
            names,
            body: Body::Cells { grid, decimal },
        }
    }

    pub(super) fn of_columns(
        file: &Path,
        names: Vec<String>,
        columns: Vec<Typed>,
        rows: usize,
    ) -> Sheet {
        Sheet {
            file: file.to_owned(),
            positions: (0..names.len()).collect(),
            names,
            body: Body::Typed {
                columns,
                rows,
                lines: None,
            },
        }
    }

    /// Says on which line of its file each row stands.
    pub(super) fn on_lines(mut self, numbers: Vec<usize>) -> Sheet {
        if let Body::Typed { lines, .. } = &mut self.body {
            *lines = Some(numbers);
        }
        self
    }

    pub(crate) fn rows(&self) -> usize {
        match &self.body {
            Body::Cells { grid, .. } => grid.rows(),
            Body::Typed { rows, .. } => *rows,
        }
    }

    /// Cells of one row, which is only less than the columns where the rows are uneven.
    pub(crate) fn width_of(&self, row: usize) -> usize {
        match &self.body {
            Body::Cells { grid, .. } => grid.width_of(row),
            Body::Typed { columns, .. } => columns.len(),
        }
    }

    pub(crate) fn place(&self, row: usize) -> Place {
        match &self.body {
            Body::Cells { grid, .. } => Place::Line(grid.line(row)),
            Body::Typed { lines, .. } => match lines.as_ref().and_then(|lines| lines.get(row)) {
                Some(line) => Place::Line(*line),
                None => Place::Row(row + 1),
            },
        }
    }

    /// Number of a column in its file, from 1.
    pub(crate) fn number_of(&self, column: usize) -> usize {
        self.positions.get(column).map_or(0, |at| at + 1)
    }

    /// What a cell says.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Cell {
        let Some(at) = self.positions.get(column).copied() else {
            return Cell::Missing;
        };
        match &self.body {
            Body::Cells { grid, decimal } => decimal.read(grid.cell(row, at)),
            Body::Typed { columns, .. } => columns
                .get(at)
                .map_or(Cell::Missing, |typed| typed.cell(row)),
        }
    }

    /// A cell as it is written; empty where there is none.
    pub(crate) fn text(&self, row: usize, column: usize) -> Cow<'_, str> {
        let Some(at) = self.positions.get(column).copied() else {
            return Cow::Borrowed("");
        };
        match &self.body {
            Body::Cells { grid, .. } => Cow::Borrowed(grid.cell(row, at)),
            Body::Typed { columns, .. } => columns
                .get(at)
                .map_or(Cow::Borrowed(""), |typed| typed.text(row)),
        }
    }

    /// A cell with the spaces around it; as [`Sheet::text`] where the file keeps none.
    pub(crate) fn spelled(&self, row: usize, column: usize) -> Cow<'_, str> {
        let at = self.positions.get(column).copied();
        match (&self.body, at) {
            (Body::Cells { grid, .. }, Some(at)) => Cow::Borrowed(grid.spelled(row, at)),
            (Body::Typed { columns, .. }, Some(at)) => match columns.get(at) {
                Some(Typed::Texts(values)) => {
                    Cow::Borrowed(values.get(row).and_then(Option::as_deref).unwrap_or(""))
                }
                _ => self.text(row, column),
            },
            (_, None) => Cow::Borrowed(""),
        }
    }

    /// The stamps of a column that the file itself types as times.
    pub(crate) fn stamps(&self, column: usize) -> Option<(&[Option<i64>], StampFormat)> {
        match &self.body {
            Body::Cells { .. } => None,
            Body::Typed { columns, .. } => match columns.get(*self.positions.get(column)?)? {
                Typed::Stamps(stamps, format) => Some((stamps, *format)),
                _ => None,
            },
        }
    }

    /// Numbers, texts and missing cells of a column, counted.
    pub(crate) fn count(&self, column: usize) -> Counts {
        let mut counts = Counts::default();
        for row in 0..self.rows() {
            match self.cell(row, column) {
                Cell::Number(_) => counts.numbers += 1,
                Cell::Text => counts.texts += 1,
                Cell::Missing => {}
            }
        }
        counts
    }

    /// A column of numbers; NaN is missing.
    ///
    /// # Errors
    /// [`DataError::NotANumber`].
    pub(crate) fn numbers(&self, column: usize) -> Result<Vec<f64>, DataError> {
        (0..self.rows())
            .map(|row| match self.cell(row, column) {
                Cell::Number(value) => Ok(value),
                Cell::Missing => Ok(f64::NAN),
                Cell::Text => Err(self.not_a_number(row, column)),
            })
            .collect()
    }

    pub(crate) fn not_a_number(&self, row: usize, column: usize) -> DataError {
        let cell = self.text(row, column);
        DataError::NotANumber {
            file: self.file.clone(),
            place: self.place(row),
            number: self.number_of(column),
            column: self.shown(column).into(),
            hint: match &self.body {
                Body::Cells { decimal, .. } => decimal.hint(&cell),
                Body::Typed { .. } => "",
            },
            found: shown(&cell).into(),
        }
    }

    pub(crate) fn all_missing(&self, column: usize) -> DataError {
        DataError::AllMissing {
            file: self.file.clone(),
            number: self.number_of(column),
            column: self.shown(column),
        }
    }

    pub(crate) fn no_numbers(&self) -> DataError {
        DataError::NoNumericColumn {
            file: self.file.clone(),
            existing: listed(&self.names),
            why: self.why_no_numbers(),
        }
    }

    /// What stands in the first columns in the place of numbers.
    fn why_no_numbers(&self) -> String {
        const TOLD: usize = 4;
        let of_column = |column: usize| {
            let name = self.shown(column);
            let text = (0..self.rows()).find(|row| self.cell(*row, column) == Cell::Text);
            match text {
                Some(row) => {
                    let cell = self.text(row, column);
                    let hint = match &self.body {
                        Body::Cells { decimal, .. } => decimal.hint(&cell),
                        Body::Typed { .. } => "",
                    };
                    let hint = match hint.trim().trim_end_matches('.') {
                        "" => String::new(),
                        hint => format!(": {hint}"),
                    };
                    format!(
                        "`{name}` holds `{}` ({}){hint}",
                        shown(&cell),
                        self.place(row)
                    )
                }
                None => format!("every cell of `{name}` is missing"),
            }
        };
        let columns = 0..self.names.len().min(TOLD);
        columns.map(of_column).collect::<Vec<_>>().join("; ")
    }

    /// Name of a column, fit for a message.
    pub(crate) fn shown(&self, column: usize) -> String {
        self.names
            .get(column)
            .map_or_else(String::new, |name| shown(name))
    }

    /// The same columns in the order of another file.
    ///
    /// # Errors
    /// [`DataError::OtherColumns`].
    pub(crate) fn in_order_of(mut self, first: &Sheet) -> Result<Sheet, DataError> {
        let other = |difference| DataError::OtherColumns {
            file: self.file.clone(),
            first: first.file.clone(),
            difference,
        };
        if let Some(new) = self.names.iter().find(|name| !first.names.contains(name)) {
            return Err(other(format!("`{}` is only in the former", shown(new))));
        }
        let positions: Option<Vec<usize>> = first
            .names
            .iter()
            .map(|name| self.names.iter().position(|own| own == name))
            .collect();
        let Some(positions) = positions else {
            let missing = first.names.iter().find(|name| !self.names.contains(name));
            let missing = missing.map_or_else(String::new, |name| shown(name));
            return Err(other(format!("`{missing}` is only in the latter")));
        };
        self.positions = positions;
        self.names.clone_from(&first.names);
        Ok(self)
    }

    /// Refuses rows of unequal width, which only a file of one series per row may have.
    ///
    /// # Errors
    /// [`DataError::Ragged`].
    pub(crate) fn require_even(&self) -> Result<(), DataError> {
        match &self.body {
            Body::Cells { grid, .. } => grid.require_even(&self.file),
            Body::Typed { .. } => Ok(()),
        }
    }
}

/// How many cells of a column are what.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) numbers: usize,
    pub(crate) texts: usize,
}

impl Counts {
    /// A column most of whose cells are numbers is meant as one, so that a text in it is an error.
    pub(crate) fn is_numeric(self) -> bool {
        self.numbers > 0 && self.numbers >= self.texts
    }
}

impl Typed {
    fn cell(&self, row: usize) -> Cell {
        match self {
            Typed::Numbers(values) => match values.get(row) {
                Some(value) if value.is_finite() => Cell::Number(*value),
                // An infinite value is refused, as the text `inf` is.
                Some(value) if value.is_infinite() => Cell::Text,
                _ => Cell::Missing,
            },
            Typed::Integers(values) => match values.get(row).copied().flatten() {
                Some(value) => Cell::Number(value as f64),
                None => Cell::Missing,
            },
            Typed::Texts(values) => match values.get(row).and_then(Option::as_deref) {
                Some(text) => Decimal::Point.read(text.trim()),
                None => Cell::Missing,
            },
            Typed::Stamps(values, _) => match values.get(row).copied().flatten() {
                Some(_) => Cell::Text,
                None => Cell::Missing,
            },
        }
    }

    fn text(&self, row: usize) -> Cow<'_, str> {
        match self {
            Typed::Numbers(values) => match values.get(row) {
                Some(value) if !value.is_nan() => Cow::Owned(value.to_string()),
                _ => Cow::Borrowed(""),
            },
            Typed::Integers(values) => match values.get(row).copied().flatten() {
                Some(value) => Cow::Owned(value.to_string()),
                None => Cow::Borrowed(""),
            },
            Typed::Texts(values) => match values.get(row).and_then(Option::as_deref) {
                Some(text) => Cow::Borrowed(text.trim()),
                None => Cow::Borrowed(""),
            },
            Typed::Stamps(values, format) => match values.get(row).copied().flatten() {
                Some(stamp) => Cow::Owned(format.write(stamp)),
                None => Cow::Borrowed(""),
            },
        }
    }
}
