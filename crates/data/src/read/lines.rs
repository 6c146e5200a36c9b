//! A text file line by line, for files too large to be held whole, such as tables of word vectors.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::error::{DataError, Place};

/// Bytes of a line at the most: a file without line ends is no text.
const LONGEST: u64 = 1 << 20;

/// The lines of a file; gzip is recognised by its first two bytes, and undone on the way.
pub struct Lines {
    file: PathBuf,
    reader: Box<dyn BufRead>,
    packed: bool,
    line: Vec<u8>,
    number: usize,
    unpacked: usize,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} of {}", self.number, self.file.display())
    }
}

impl Lines {
    /// Opens a file at its first line.
    ///
    /// # Errors
    /// [`DataError::Unreadable`].
    pub fn open(file: &Path) -> Result<Self, DataError> {
        let unreadable = |source| DataError::Unreadable {
            file: file.to_owned(),
            source,
        };
        let mut reader = BufReader::with_capacity(1 << 16, File::open(file).map_err(unreadable)?);
        let packed = reader
            .fill_buf()
            .map_err(unreadable)?
            .starts_with(&[0x1f, 0x8b]);
        Ok(Self {
            file: file.to_owned(),
            reader: match packed {
                true => Box::new(BufReader::new(MultiGzDecoder::new(reader))),
                false => Box::new(reader),
            },
            packed,
            line: Vec::new(),
            number: 0,
            unpacked: 0,
        })
    }

    /// The next line without its end, and its number from 1; `None` after the last.
    ///
    /// # Errors
    /// A file that cannot be read on, gzip that is damaged or cut short, or a line that is too long for a text.
    pub fn next_line(&mut self) -> Result<Option<(usize, &[u8])>, DataError> {
        self.line.clear();
        let mut limited = (&mut self.reader).take(LONGEST);
        let read = limited.read_until(b'\n', &mut self.line);
        let read = read.map_err(|error| self.failure(error))?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.unpacked += read;
        if read as u64 == LONGEST && self.line.last() != Some(&b'\n') {
            return Err(DataError::Unexpected {
                file: self.file.clone(),
                place: Place::Line(self.number),
                expected: "a line of text".into(),
                found: format!("{LONGEST} bytes without a line end").into(),
                advice: "Give a text file.",
            });
        }
        Ok(Some(self.line()))
    }

    /// The line that was read last, and its number.
    pub fn line(&self) -> (usize, &[u8]) {
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        (self.number, line.strip_suffix(b"\r").unwrap_or(line))
    }

    fn failure(&self, error: std::io::Error) -> DataError {
        let (file, unpacked) = (self.file.clone(), self.unpacked + self.line.len());
        match error.kind() {
            ErrorKind::UnexpectedEof if self.packed => DataError::TruncatedGzip { file, unpacked },
            ErrorKind::InvalidInput | ErrorKind::InvalidData if self.packed => {
                DataError::DamagedGzip {
                    file,
                    unpacked,
                    reason: error.to_string(),
                }
            }
            _ => DataError::Unreadable {
                file,
                source: error,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn lines(bytes: &[u8]) -> Result<Vec<String>, DataError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, bytes).unwrap();
        let mut lines = Lines::open(&path)?;
        let mut all = Vec::new();
        while let Some((number, line)) = lines.next_line()? {
            all.push(format!("{number}:{}", String::from_utf8_lossy(line)));
        }
        Ok(all)
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn lines_are_the_same_packed_and_not() {
        let text = b"a b\r\n\nc";
        assert_eq!(lines(text).unwrap(), ["1:a b", "2:", "3:c"]);
        assert_eq!(lines(&packed(text)).unwrap(), lines(text).unwrap());
        assert!(lines(b"").unwrap().is_empty());
    }

    #[test]
    fn what_is_cut_short_damaged_or_no_text_is_told() {
        let text: Vec<u8> = (0..5000_u32)
            .flat_map(|n| format!("{}\n", n * n).into_bytes())
            .collect();
        let whole = packed(&text);
        let cut = lines(&whole[..whole.len() / 2]).unwrap_err().to_string();
        assert!(cut.contains("cut short"), "{cut}");
        let mut broken = whole.clone();
        let middle = broken.len() / 2;
        broken[middle..middle + 40].fill(0xff);
        let broken = lines(&broken).unwrap_err().to_string();
        assert!(broken.contains("gzip"), "{broken}");
        let endless = lines(&vec![b'x'; 3 << 20]).unwrap_err().to_string();
        assert!(
            endless.contains("line 1") && endless.contains("line end"),
            "{endless}"
        );
    }
}
