//! Tables as CSV, so that what this crate makes it can also read.

use std::io::Write;

use crate::error::DataError;
use crate::rows::{Cell, Column, CsvRows, Kind, Sink};
use crate::table::Table;

/// Writes a table as UTF-8 CSV with a header: the time column first, then the values.
///
/// Numbers are written with the fewest digits that read back to the same bits; a missing value is
/// an empty cell.
///
/// # Errors
/// [`DataError::Unwritable`], for a full disk among others.
pub fn write_csv(table: &Table, out: impl Write) -> Result<(), DataError> {
    write(&mut CsvRows::new(out), None, &[("", table)])
}

/// Writes tables of the same columns one below the other, under one header: the name of its series
/// first in every row if `series_column` names that column, then as [`write_csv`].
///
/// # Errors
/// [`DataError::Unwritable`], for a full disk among others, and when the columns differ.
pub fn write_long_csv(
    out: impl Write,
    series_column: Option<&str>,
    tables: &[(String, Table)],
) -> Result<(), DataError> {
    write_long_rows(&mut CsvRows::new(out), series_column, tables)
}

/// Hands tables of the same columns to `sink`, as the rows of [`write_long_csv`], from `begin` to `finish`.
///
/// # Errors
/// Those of the sink, and when the columns differ.
pub fn write_long_rows(
    sink: &mut dyn Sink,
    series_column: Option<&str>,
    tables: &[(String, Table)],
) -> Result<(), DataError> {
    let tables: Vec<(&str, &Table)> = tables
        .iter()
        .map(|(name, table)| (name.as_str(), table))
        .collect();
    write(sink, series_column, &tables)
}

fn write(
    writer: &mut dyn Sink,
    series_column: Option<&str>,
    tables: &[(&str, &Table)],
) -> Result<(), DataError> {
    let Some((_, first)) = tables.first() else {
        return Ok(());
    };
    let time_of = |table: &Table| {
        let axis = table.time.as_ref();
        axis.map(|axis| (axis.name.clone(), axis.format))
    };
    if let Some((name, _)) = tables
        .iter()
        .find(|(_, table)| table.names != first.names || time_of(table) != time_of(first))
    {
        let reason = format!("the columns of `{name}` are not those of the first series");
        return Err(DataError::Unwritable {
            source: std::io::Error::new(std::io::ErrorKind::InvalidInput, reason),
        });
    }
    let mut columns: Vec<Column> = Vec::with_capacity(first.columns.len() + 2);
    columns.extend(series_column.map(|name| Column::new(name, Kind::Text)));
    columns.extend(time_of(first).map(|(name, format)| Column::new(name, Kind::Time(format))));
    columns.extend(
        first
            .names
            .iter()
            .map(|name| Column::new(name, Kind::Number)),
    );
    writer.begin(&columns)?;
    let mut cells: Vec<Cell<'_>> = Vec::with_capacity(columns.len());
    for (name, table) in tables {
        for row in 0..table.rows() {
            cells.clear();
            cells.extend(series_column.map(|_| Cell::from(*name)));
            cells.extend(table.time.as_ref().map(|axis| Cell::Time(axis.stamps[row])));
            cells.extend(table.columns.iter().map(|column| Cell::Number(column[row])));
            writer.row(&cells)?;
        }
    }
    writer.finish()
}
