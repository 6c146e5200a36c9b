//! From bytes to text: the encoding found, and told where it is not UTF-8.

use std::borrow::Cow;
use std::path::Path;

use super::Assumption;
use crate::error::{DataError, Place};

/// Text of the bytes: UTF-8 with or without its mark, UTF-16 of either order, with or without its
/// mark, else Windows-1252. All but UTF-8 is told.
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
    if bytes.starts_with(ZIP) {
        return Err(not_text(
            "a zip archive or a spreadsheet",
            "Save it as CSV, or unpack it, first.",
        ));
    }
    let binary = || not_text("binary data", "Save it as CSV first.");
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(not_text("UTF-32 text", "Save it as UTF-8 first."));
    }
    if let Some((order, skipped)) = Order::of(bytes) {
        let text = utf16(file, bytes, order, skipped)?;
        if text.contains('\0') {
            return Err(binary());
        }
        told.push(Assumption::new("encoding", order.name()));
        return Ok(Cow::Owned(text));
    }
    if bytes.contains(&0) {
        return Err(binary());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count();
            let found = format!("Windows-1252 (line {line} is not UTF-8)");
            told.push(Assumption::new("encoding", found));
            Ok(Cow::Owned(
                bytes.iter().map(|byte| windows_1252(*byte)).collect(),
            ))
        }
    }
}

/// As [`decode`], of a file of which every character counts: what is neither UTF-8 nor UTF-16 is refused
/// at its first wrong byte.
pub(super) fn decode_strictly<'a>(
    file: &Path,
    bytes: &'a [u8],
    told: &mut Vec<Assumption>,
) -> Result<Cow<'a, str>, DataError> {
    let not_text = |found: &str, advice| DataError::Unfit {
        file: file.to_owned(),
        problem: format!("expected plain text in UTF-8, found {found}"),
        advice,
    };
    if bytes.starts_with(ZIP) {
        let advice = "Unpack it, or save it as plain text, first.";
        return Err(not_text("a zip archive or a document", advice));
    }
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(not_text("UTF-32", "Save it as UTF-8 first."));
    }
    let binary = || not_text("binary data", "Give a file of plain text.");
    if let Some((order, skipped)) = Order::of(bytes) {
        let text = utf16(file, bytes, order, skipped)?;
        if text.contains('\0') {
            return Err(binary());
        }
        told.push(Assumption::new("encoding", order.name()));
        return Ok(Cow::Owned(text));
    }
    if bytes.contains(&0) {
        return Err(binary());
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let skipped = bytes.len() - text.len();
    let error = match std::str::from_utf8(text) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(error) => error,
    };
    let (before, wrong) = text.split_at(error.valid_up_to());
    let byte = wrong.first().copied().unwrap_or_default();
    let letter = windows_1252(byte);
    let meant = match letter.is_control() {
        true => String::new(),
        false => format!(" (`{letter}` in Windows-1252)"),
    };
    let offset = skipped + before.len();
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    Err(DataError::Unexpected {
        file: file.to_owned(),
        place: Place::Line(line),
        expected: "text in UTF-8".into(),
        found: format!("0x{byte:02X}{meant} at byte {offset} of the file").into(),
        advice: "Convert the file first, as with iconv -f WINDOWS-1252 -t UTF-8.",
    })
}

/// How every zip archive begins.
const ZIP: &[u8] = b"PK\x03\x04";

/// Which byte of a UTF-16 unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    /// The order of UTF-16 text and the bytes of its mark; nothing if the bytes are no UTF-16.
    ///
    /// Without a mark, text of mostly Latin letters and digits shows itself: every other byte is
    /// zero, and hardly any of those between.
    fn of(bytes: &[u8]) -> Option<(Order, usize)> {
        /// Units looked at.
        const SAMPLE: usize = 1_000;
        match bytes {
            [0xff, 0xfe, ..] => return Some((Order::Little, 2)),
            [0xfe, 0xff, ..] => return Some((Order::Big, 2)),
            _ => {}
        }
        let (mut units, mut first_zero, mut second_zero) = (0, 0, 0);
        for unit in bytes.chunks_exact(2).take(SAMPLE) {
            units += 1;
            first_zero += usize::from(unit[0] == 0);
            second_zero += usize::from(unit[1] == 0);
        }
        // A few characters beyond Latin-1 (a euro sign, a quotation mark) have no zero byte, or have
        // it on the other side.
        let few = units / 10;
        if units == 0 {
            None
        } else if second_zero >= units - few && first_zero <= few {
            Some((Order::Little, 0))
        } else if first_zero >= units - few && second_zero <= few {
            Some((Order::Big, 0))
        } else {
            None
        }
    }

    fn name(self) -> &'static str {
        match self {
            Order::Little => "UTF-16, low byte first",
            Order::Big => "UTF-16, high byte first",
        }
    }
}

/// Decodes UTF-16 behind the `skipped` bytes of its mark.
fn utf16(file: &Path, bytes: &[u8], order: Order, skipped: usize) -> Result<String, DataError> {
    let bad = |offset, problem| DataError::BadUtf16 {
        file: file.to_owned(),
        offset,
        problem,
    };
    let units = bytes[skipped..].chunks_exact(2);
    if !units.remainder().is_empty() {
        let problem = "the UTF-16 text ends in the middle of a character";
        return Err(bad(bytes.len() - 1, problem));
    }
    let units = units.map(|unit| match order {
        Order::Little => u16::from_le_bytes([unit[0], unit[1]]),
        Order::Big => u16::from_be_bytes([unit[0], unit[1]]),
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = skipped;
    for character in char::decode_utf16(units) {
        let character = character.map_err(|_| {
            let problem = if offset + 2 == bytes.len() {
                "the UTF-16 text ends in the middle of a character"
            } else {
                "the UTF-16 text has half of a surrogate pair without the other"
            };
            bad(offset, problem)
        })?;
        offset += 2 * character.len_utf16();
        text.push(character);
    }
    Ok(text)
}

/// Characters of the bytes 0x80 to 0x9F in Windows-1252; the five that it leaves free are control
/// characters, as in the Encoding Standard (WHATWG). Elsewhere a byte is its own code point.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    let at = usize::from(byte.wrapping_sub(0x80));
    WINDOWS_1252.get(at).copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (Result<String, String>, Vec<String>) {
        let mut told = Vec::new();
        let text = decode(Path::new("a.csv"), bytes, &mut told);
        let text = text.map(Cow::into_owned).map_err(|e| e.to_string());
        (text, told.into_iter().map(|a| a.found).collect())
    }

    fn utf16(text: &str, order: Order) -> Vec<u8> {
        let units = text.encode_utf16().map(|unit| match order {
            Order::Little => unit.to_le_bytes(),
            Order::Big => unit.to_be_bytes(),
        });
        units.flatten().collect()
    }

    #[test]
    fn windows_1252_keeps_the_letters_that_latin_1_has_not() {
        // iconv -f WINDOWS-1252 -t UTF-8 <<< $'c\x9cur,\x80\xe9\n'
        let (read, told) = text(b"x,y\nc\x9cur,\x80\xe9\n");
        assert_eq!(read.unwrap(), "x,y\ncœur,€é\n");
        assert_eq!(told, ["Windows-1252 (line 2 is not UTF-8)"]);
    }

    #[test]
    fn utf_16_is_read_in_either_order_with_a_mark_or_without() {
        let written = "heure,prix €\n1,2\n😀,3\n and a few more letters of Latin";
        for order in [Order::Little, Order::Big] {
            for mark in ["", "\u{feff}"] {
                let (read, told) = text(&utf16(&format!("{mark}{written}"), order));
                assert_eq!(read.unwrap(), written);
                assert_eq!(told, [order.name()]);
            }
        }
    }

    #[test]
    fn utf_16_that_is_cut_or_wrong_names_the_byte() {
        let mut bytes = utf16("\u{feff}abc", Order::Little);
        bytes.pop();
        let message = |bytes: &[u8]| text(bytes).0.unwrap_err();
        assert_eq!(
            message(&bytes),
            "a.csv, byte 6: the UTF-16 text ends in the middle of a character. Copy or download the file again, or save it as UTF-8."
        );
        let half = [0xff, 0xfe, b'a', 0, 0x00, 0xd8];
        assert!(message(&half).starts_with("a.csv, byte 4: the UTF-16 text ends"));
        let lone = [0xff, 0xfe, b'a', 0, 0x00, 0xdc, b'b', 0];
        assert!(
            message(&lone).starts_with("a.csv, byte 4: the UTF-16 text has half of a surrogate")
        );
        assert!(message(b"a\0\0\0b\0\0\0").contains("binary data"));
        assert!(message(b"\xff\xfe\0\0a\0\0\0").contains("UTF-32"));
    }
}
