//! From the bytes of a file to those it was packed from: gzip undone.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::error::DataError;

/// Undoes gzip, recognised by its first two bytes whatever the file is called.
pub(crate) fn unpack<'a>(file: &Path, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, DataError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut unpacked = Vec::new();
    match MultiGzDecoder::new(bytes).read_to_end(&mut unpacked) {
        Ok(_) => Ok(Cow::Owned(unpacked)),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(DataError::TruncatedGzip {
                file: file.to_owned(),
                unpacked: unpacked.len(),
            })
        }
        Err(error) => Err(DataError::DamagedGzip {
            file: file.to_owned(),
            unpacked: unpacked.len(),
            reason: error.to_string(),
        }),
    }
}

/// The ending of a file's name in small letters, that of gzip left out; empty if there is none.
pub(crate) fn ending(file: &Path) -> String {
    let lower = |file: &Path| {
        let ending = file.extension().map(|ending| ending.to_string_lossy());
        ending.map_or_else(String::new, |ending| ending.to_ascii_lowercase())
    };
    match lower(file).as_str() {
        "gz" => lower(Path::new(file.file_stem().unwrap_or_default())),
        ending => ending.to_owned(),
    }
}
