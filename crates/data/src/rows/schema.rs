//! What every sink checks alike: the order of the calls, and that rows fit the columns.

use std::collections::HashSet;

use super::{Cell, Column, Kind};
use crate::error::{DataError, shown};

/// Seconds from 1970, so many that milliseconds still fit in 64 bits with room.
const FARTHEST: u64 = 9_000_000_000_000;

/// The columns of a sink, and how far it is.
#[derive(Debug, Default)]
pub(super) struct Schema {
    columns: Option<Vec<Column>>,
    rows: usize,
    finished: bool,
}

impl Schema {
    /// The columns; none before they are given.
    pub(super) fn columns(&self) -> &[Column] {
        self.columns.as_deref().unwrap_or_default()
    }

    /// Takes the columns, once.
    pub(super) fn begin(&mut self, columns: &[Column]) -> Result<(), DataError> {
        if self.columns.is_some() {
            return Err(self.wrong("the columns were given already: give them once"));
        }
        if columns.is_empty() {
            return Err(self.wrong("there are no columns: give at least one"));
        }
        self.columns = Some(columns.to_vec());
        Ok(())
    }

    /// Refuses two columns of one name, for formats that find values by it.
    pub(super) fn require_names(&self) -> Result<(), DataError> {
        let mut seen = HashSet::new();
        match self.columns().iter().find(|c| !seen.insert(&c.name)) {
            None => Ok(()),
            Some(twice) => Err(self.wrong(&format!(
                "two columns are named `{}`: rename one",
                shown(&twice.name)
            ))),
        }
    }

    /// Counts the row if its cells fit the columns.
    pub(super) fn admit(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError> {
        let Some(columns) = &self.columns else {
            return Err(self.wrong("the columns are not known yet: give them first"));
        };
        if self.finished {
            return Err(self.wrong("the rows are finished: expected no more of them"));
        }
        if cells.len() != columns.len() {
            return Err(self.wrong(&format!(
                "expected {} cells, one for each column, found {}",
                columns.len(),
                cells.len()
            )));
        }
        let fits = |(column, cell): &(&Column, &Cell<'_>)| {
            matches!(
                (column.kind, cell),
                (_, Cell::Missing)
                    | (Kind::Number, Cell::Number(_))
                    | (Kind::Integer, Cell::Integer(_))
                    | (Kind::Text, Cell::Text(_))
                    | (Kind::Time(_), Cell::Time(_))
                    | (Kind::Numbers, Cell::Numbers(_))
            )
        };
        if let Some((column, cell)) = columns.iter().zip(cells).find(|pair| !fits(pair)) {
            return Err(self.wrong(&format!(
                "column `{}`: expected {}, found {}",
                shown(&column.name),
                kind_name(column.kind),
                cell_name(cell)
            )));
        }
        let far = |cell: &Cell<'_>| matches!(cell, Cell::Time(s) if s.unsigned_abs() > FARTHEST);
        if let Some((column, _)) = columns.iter().zip(cells).find(|(_, cell)| far(cell)) {
            return Err(self.wrong(&format!(
                "column `{}`: the time is more than 285,000 years from 1970",
                shown(&column.name)
            )));
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends the rows.
    pub(super) fn finish(&mut self) -> Result<(), DataError> {
        if self.columns.is_none() {
            return Err(self.wrong("the columns are not known yet: give them first"));
        }
        if std::mem::replace(&mut self.finished, true) {
            return Err(self.wrong("the rows are finished already: finish them once"));
        }
        Ok(())
    }

    /// A fault of the row that was admitted last.
    pub(super) fn wrong_cell(&self, column: usize, problem: &str) -> DataError {
        let name = self.columns().get(column).map_or("", |c| c.name.as_str());
        DataError::WrongRow {
            row: self.rows,
            problem: format!("column `{}`: {problem}", shown(name)),
        }
    }

    /// A fault of the row to come.
    fn wrong(&self, problem: &str) -> DataError {
        DataError::WrongRow {
            row: self.rows + 1,
            problem: problem.to_owned(),
        }
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Integer => "a whole number",
        Kind::Text => "a text",
        Kind::Time(_) => "a time",
        Kind::Numbers => "a list of numbers",
    }
}

fn cell_name(cell: &Cell<'_>) -> &'static str {
    match cell {
        Cell::Missing => "a missing value",
        Cell::Number(_) => "a number",
        Cell::Integer(_) => "a whole number",
        Cell::Text(_) => "a text",
        Cell::Time(_) => "a time",
        Cell::Numbers(_) => "a list of numbers",
    }
}
