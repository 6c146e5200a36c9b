//! Pairs as a table of two columns.

use std::io::Write;

use super::Pairs;
use crate::error::DataError;

/// Writes pairs as UTF-8 TSV under the header `source`, `target`. Quotes are written as they are, as in the usual
/// corpora of translations.
///
/// # Errors
/// [`DataError::WrongRow`] for a text with a tab or a line break in it, [`DataError::Unwritable`], for a full disk among
/// others.
pub fn write_pairs(pairs: &Pairs, mut out: impl Write) -> Result<(), DataError> {
    let unwritable = |source| DataError::Unwritable { source };
    out.write_all(b"source\ttarget\n").map_err(unwritable)?;
    for (at, (source, target)) in pairs.sources.iter().zip(&pairs.targets).enumerate() {
        if let Some(text) = [source, target]
            .into_iter()
            .find(|text| text.contains(['\t', '\n', '\r']))
        {
            return Err(DataError::WrongRow {
                row: at + 1,
                problem: format!(
                    "a tab or a line break stands in `{}`",
                    crate::error::shown(text)
                ),
            });
        }
        writeln!(out, "{source}\t{target}").map_err(unwritable)?;
    }
    out.flush().map_err(unwritable)
}
