//! From the bytes of a file to text: gzip undone, the encoding found.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::Assumption;
use crate::error::DataError;

/// Undoes gzip, recognised by its first two bytes whatever the file is called.
pub(super) fn unpack<'a>(file: &Path, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, DataError> {
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

/// Text of the bytes: UTF-8 with or without its mark, else Latin-1, which is told.
pub(super) fn decode<'a>(
    file: &Path,
    bytes: &'a [u8],
    told: &mut Vec<Assumption>,
) -> Result<Cow<'a, str>, DataError> {
    let not_text = |found, advice| DataError::NotText {
        file: file.to_owned(),
        found,
        advice,
    };
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(not_text(
            "a zip archive or a spreadsheet",
            "Save it as CSV, or unpack it, first.",
        ));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(not_text("UTF-16 text", "Save it as UTF-8 first."));
    }
    if bytes.contains(&0) {
        return Err(not_text("binary data", "Save it as CSV first."));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count();
            let found = format!("Latin-1 (line {line} is not UTF-8)");
            told.push(Assumption::new("encoding", found));
            // Latin-1 is the first 256 code points of Unicode, so each byte is its character.
            Ok(Cow::Owned(
                bytes.iter().map(|byte| char::from(*byte)).collect(),
            ))
        }
    }
}
