//! The lines of a plain text file, of which every character counts: a sentence a line, or a running text.

use std::path::Path;

use super::{Assumption, encoding, unpack};
use crate::error::{DataError, Place};

/// Lines without their ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextLines {
    /// The lines in order, empty ones among them.
    pub lines: Vec<String>,
    /// Whether the last line has an end.
    pub ends: bool,
}

/// Reads the lines of a text file in UTF-8, or in UTF-16, which is told; gzip is undone. A line ends with `\n` or
/// `\r\n`, and the last one may have no end.
///
/// # Errors
/// A [`DataError`] that names the file and, where there is one, the line and the byte: damaged gzip, bytes that
/// are no UTF-8 (no other encoding is guessed), binary data, an empty file.
pub fn read_lines(name: &Path, bytes: &[u8]) -> Result<(TextLines, Vec<Assumption>), DataError> {
    let bytes = unpack(name, bytes)?;
    let mut told = Vec::new();
    let text = encoding::decode_strictly(name, &bytes, &mut told)?;
    if text.is_empty() {
        return Err(DataError::Unexpected {
            file: name.to_owned(),
            place: Place::Line(1),
            expected: "a line of text".into(),
            found: "the end of the file: it is empty".into(),
            advice: "Check that it was written to its end, or copy it again.",
        });
    }
    let (text, ends) = match text.strip_suffix('\n') {
        Some(text) => (text, true),
        None => (text.as_ref(), false),
    };
    let lines = text.split('\n');
    // A carriage return before the end of the text ends no line, and is a character like any other.
    let last = lines.clone().count() - usize::from(!ends);
    let lines = lines.enumerate().map(|(at, line)| match at < last {
        true => line.strip_suffix('\r').unwrap_or(line).to_owned(),
        false => line.to_owned(),
    });
    let lines = lines.collect();
    Ok((TextLines { lines, ends }, told))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(bytes: &[u8]) -> Result<(TextLines, Vec<Assumption>), String> {
        read_lines(Path::new("a.txt"), bytes).map_err(|error| error.to_string())
    }

    fn lines(bytes: &[u8]) -> Vec<String> {
        read(bytes).unwrap().0.lines
    }

    #[test]
    fn either_line_end_empty_lines_and_a_last_line_without_an_end() {
        assert_eq!(lines(b"a b\r\n\n  c\"\n"), ["a b", "", "  c\""]);
        assert_eq!(lines(b"a\nb"), ["a", "b"]);
        assert_eq!(lines(b"\n"), [""]);
        assert!(read(b"a\n").unwrap().0.ends && !read(b"a").unwrap().0.ends);
        assert_eq!(lines(b"a\rb\r\nc\r"), ["a\rb", "c\r"]);
        let long = "word ".repeat(10_000);
        assert_eq!(lines(long.as_bytes()), [long.as_str()]);
    }

    #[test]
    fn marks_utf_16_and_gzip_are_undone() {
        assert_eq!(lines("\u{feff}été\n".as_bytes()), ["été"]);
        let wide: Vec<u8> = "\u{feff}été\nœuf\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let (read_wide, told) = read(&wide).unwrap();
        assert_eq!(read_wide.lines, ["été", "œuf"]);
        assert_eq!(told[0].found, "UTF-16, low byte first");
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all("a\né".as_bytes()).unwrap();
        assert_eq!(lines(&packer.finish().unwrap()), ["a", "é"]);
    }

    #[test]
    fn what_is_no_utf_8_is_refused_with_its_line_and_byte() {
        assert_eq!(
            read(b"ab\nc\xe9d\n").unwrap_err(),
            "a.txt, line 2: expected text in UTF-8, found 0xE9 (`é` in Windows-1252) at byte 4 of the file. Convert the file first, as with iconv -f WINDOWS-1252 -t UTF-8."
        );
        let marked = read(b"\xef\xbb\xbf\n\n\x81").unwrap_err();
        assert!(
            marked.starts_with(
                "a.txt, line 3: expected text in UTF-8, found 0x81 at byte 5 of the file."
            ),
            "{marked}"
        );
        assert!(
            read(b"PK\x03\x04 \x01")
                .unwrap_err()
                .contains("a zip archive")
        );
        assert!(read(b"a\0\0\0b\0\0\0").unwrap_err().contains("binary data"));
    }

    #[test]
    fn an_empty_file_is_refused() {
        for empty in [&b""[..], b"\xef\xbb\xbf"] {
            assert_eq!(
                read(empty).unwrap_err(),
                "a.txt, line 1: expected a line of text, found the end of the file: it is empty. Check that it was written to its end, or copy it again."
            );
        }
    }
}
