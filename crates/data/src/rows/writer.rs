//! Which format a file of rows has: its name says it.

use std::io::Write;
use std::path::Path;

use super::{CsvRows, JsonRows, LineRows, Sink};
use crate::error::DataError;

/// A format that rows are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// Values separated by commas.
    Csv,
    /// Values separated by tabs.
    Tsv,
    /// JSON lines.
    Json,
    /// Lines of plain text: the last column of texts.
    Lines,
    /// Parquet; written in builds with the feature `parquet`.
    Parquet,
}

impl RowFormat {
    /// The format that the ending of a file's name asks for: `.csv`, `.tsv`, `.jsonl` or
    /// `.ndjson`, `.parquet`, `.txt`, in capitals or not.
    ///
    /// # Errors
    /// [`DataError::UnknownEnding`] for any other.
    pub fn of(file: &Path) -> Result<RowFormat, DataError> {
        let ending = file
            .extension()
            .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(RowFormat::Csv),
            Some("tsv") => Ok(RowFormat::Tsv),
            Some("jsonl" | "ndjson") => Ok(RowFormat::Json),
            Some("txt") => Ok(RowFormat::Lines),
            Some("parquet") => Ok(RowFormat::Parquet),
            _ => Err(DataError::UnknownEnding {
                file: file.to_owned(),
            }),
        }
    }
}

/// The writer of rows in the format that the ending of `file` asks for; it writes to `out`, and
/// opens no file itself.
///
/// # Errors
/// [`DataError::UnknownEnding`]; [`DataError::UnreadParquet`] for Parquet in a build without it.
pub fn row_writer<'a, W: Write + Send + 'a>(
    file: &Path,
    out: W,
) -> Result<Box<dyn Sink + Send + 'a>, DataError> {
    Ok(match RowFormat::of(file)? {
        RowFormat::Csv => Box::new(CsvRows::new(out)),
        RowFormat::Tsv => Box::new(CsvRows::tabs(out)),
        RowFormat::Json => Box::new(JsonRows::new(out)),
        RowFormat::Lines => Box::new(LineRows::new(out)),
        #[cfg(feature = "parquet")]
        RowFormat::Parquet => Box::new(super::ParquetRows::new(out)),
        #[cfg(not(feature = "parquet"))]
        RowFormat::Parquet => {
            return Err(DataError::UnreadParquet {
                file: file.to_owned(),
                problem: "a Parquet file was asked for, and this program was built without Parquet"
                    .to_owned(),
                advice: "Build it with the feature `parquet`, or choose a name that ends in .csv.",
            });
        }
    })
}
