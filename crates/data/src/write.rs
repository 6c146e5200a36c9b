//! Tables as CSV, so that what this crate makes it can also read.

use std::io::Write;

use crate::error::DataError;
use crate::table::Table;

/// Writes a table as UTF-8 CSV with a header: the time column first, then the values.
///
/// Numbers are written with the fewest digits that read back to the same bits; a missing value is
/// an empty cell.
///
/// # Errors
/// [`DataError::Unwritable`], for a full disk among others.
pub fn write_csv(table: &Table, out: impl Write) -> Result<(), DataError> {
    write(out, None, &[("", table)])
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
    let tables: Vec<(&str, &Table)> = tables
        .iter()
        .map(|(name, table)| (name.as_str(), table))
        .collect();
    write(out, series_column, &tables)
}

fn write(
    out: impl Write,
    series_column: Option<&str>,
    tables: &[(&str, &Table)],
) -> Result<(), DataError> {
    let Some((_, first)) = tables.first() else {
        return Ok(());
    };
    let time_name = |table: &Table| table.time.as_ref().map(|axis| axis.name.clone());
    if let Some((name, _)) = tables
        .iter()
        .find(|(_, table)| table.names != first.names || time_name(table) != time_name(first))
    {
        let reason = format!("the columns of `{name}` are not those of the first series");
        return Err(DataError::Unwritable {
            source: std::io::Error::new(std::io::ErrorKind::InvalidInput, reason),
        });
    }
    let mut writer = csv::Writer::from_writer(out);
    let written = (|| -> csv::Result<()> {
        let time_name = time_name(first);
        let header = series_column.into_iter().chain(time_name.as_deref());
        writer.write_record(header.chain(first.names.iter().map(String::as_str)))?;
        let mut cells: Vec<String> = Vec::with_capacity(first.columns.len() + 2);
        for (name, table) in tables {
            for row in 0..table.rows() {
                cells.clear();
                cells.extend(series_column.map(|_| (*name).to_owned()));
                cells.extend(table.time.as_ref().map(|axis| axis.write(axis.stamps[row])));
                cells.extend(table.columns.iter().map(|column| match column[row] {
                    value if value.is_nan() => String::new(),
                    value => value.to_string(),
                }));
                writer.write_record(&cells)?;
            }
        }
        writer.flush()?;
        Ok(())
    })();
    written.map_err(|error| DataError::Unwritable {
        source: match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            other => std::io::Error::other(format!("{other:?}")),
        },
    })
}
