//! Parquet files: recognised in every build, read in those with the feature `parquet`.

use std::path::Path;

use super::Assumption;
use super::sheet::Sheet;
use crate::error::DataError;

/// By its first four bytes, or by its name where they are lost.
pub(super) fn is_parquet(file: &Path, bytes: &[u8]) -> bool {
    let named = file
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
    named || bytes.starts_with(b"PAR1") || bytes.starts_with(b"PARE")
}

/// The columns of a Parquet file.
#[cfg(not(feature = "parquet"))]
pub(super) fn open(file: &Path, _: Vec<u8>, _: &mut Vec<Assumption>) -> Result<Sheet, DataError> {
    Err(DataError::UnreadParquet {
        file: file.to_owned(),
        problem: "this is a Parquet file, and this program was built without Parquet".to_owned(),
        advice: "Build it with the feature `parquet`, or save the file as CSV.",
    })
}
