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
    let mut writer = csv::Writer::from_writer(out);
    let time = table.time.as_ref();
    let header = time.map(|axis| axis.name.as_str());
    let written = (|| -> csv::Result<()> {
        writer.write_record(
            header
                .into_iter()
                .chain(table.names.iter().map(String::as_str)),
        )?;
        let mut cells: Vec<String> = Vec::with_capacity(table.columns.len() + 1);
        for row in 0..table.rows() {
            cells.clear();
            cells.extend(time.map(|axis| axis.write(axis.stamps[row])));
            cells.extend(table.columns.iter().map(|column| match column[row] {
                value if value.is_nan() => String::new(),
                value => value.to_string(),
            }));
            writer.write_record(&cells)?;
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
