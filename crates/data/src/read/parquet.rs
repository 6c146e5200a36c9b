//! Parquet files: recognised in every build, read in those with the feature `parquet`.
//!
//! Read with the column readers of the `parquet` crate, without arrow: all that is wanted are
//! plain columns, and arrow costs more to build than everything else in this crate.

#[cfg(feature = "parquet")]
mod columns;
#[cfg(feature = "parquet")]
mod kind;

use std::path::Path;

/// By its first four bytes, or by its name where they are lost.
pub(super) fn is_parquet(file: &Path, bytes: &[u8]) -> bool {
    let named = file
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
    named || bytes.starts_with(b"PAR1") || bytes.starts_with(b"PARE")
}

#[cfg(feature = "parquet")]
pub(super) use columns::open;

/// Refuses a Parquet file with the way out.
#[cfg(not(feature = "parquet"))]
pub(super) fn open(
    file: &Path,
    _: Vec<u8>,
    _: &mut Vec<super::Assumption>,
) -> Result<super::sheet::Sheet, crate::error::DataError> {
    Err(crate::error::DataError::UnreadParquet {
        file: file.to_owned(),
        problem: "this is a Parquet file, and this program was built without Parquet".to_owned(),
        advice: "Build it with the feature `parquet`, or save the file as CSV.",
    })
}
