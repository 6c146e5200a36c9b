//! A table as CSV, so that what this crate makes it can also read.

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
    write_long(out, None, [("", table)].into_iter())
}

/// Writes tables of the same columns under one another, as [`write_csv`] does one; with a
/// `series_column`, each row begins with the name of its table, under that header.
///
/// # Errors
/// As [`write_csv`].
pub fn write_long_csv(
    out: impl Write,
    series_column: Option<&str>,
    tables: &[(String, Table)],
) -> Result<(), DataError> {
    let tables = tables.iter().map(|(name, table)| (name.as_str(), table));
    write_long(out, series_column, tables)
}

fn write_long<'a>(
    out: impl Write,
    series_column: Option<&str>,
    tables: impl Iterator<Item = (&'a str, &'a Table)>,
) -> Result<(), DataError> {
    let mut writer = csv::Writer::from_writer(out);
    let written = (|| -> csv::Result<()> {
        for (place, (name, table)) in tables.enumerate() {
            let time = table.time.as_ref();
            if place == 0 {
                writer.write_record(
                    series_column
                        .into_iter()
                        .chain(time.map(|axis| axis.name.as_str()))
                        .chain(table.names.iter().map(String::as_str)),
                )?;
            }
            let mut cells: Vec<String> = Vec::with_capacity(table.columns.len() + 2);
            for row in 0..table.rows() {
                cells.clear();
                cells.extend(series_column.map(|_| name.to_owned()));
                cells.extend(time.map(|axis| axis.write(axis.stamps[row])));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_under_one_another_with_their_names_quoted_where_needed() {
        let table = |values: &[f64]| Table {
            names: vec!["load".into()],
            columns: vec![values.to_vec()],
            time: None,
        };
        let tables = [
            ("a, b".to_owned(), table(&[1.5, f64::NAN])),
            ("c".to_owned(), table(&[2.0])),
        ];
        let mut out = Vec::new();
        write_long_csv(&mut out, Some("shop"), &tables).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "shop,load\n\"a, b\",1.5\n\"a, b\",\nc,2\n");
    }
}
