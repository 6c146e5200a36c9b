//! Where an XMP packet stands in a file: an `iTXt` chunk of a PNG (PNG specification, section 11.3.3.4), an APP1 segment of a JPEG.

const PNG: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
/// Keyword of the chunk, then: not compressed, no language, no translated keyword.
const KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";
const PLAIN: &[u8] = b"\0\0\0\0";
const JPEG_HEADER: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// The first XMP packet of a PNG or JPEG file; none in others, in compressed chunks, or where it is no UTF-8.
pub(super) fn packet(bytes: &[u8]) -> Option<&str> {
    let found = match bytes.starts_with(&PNG) {
        true => chunks(bytes).find_map(|chunk| packet_of_chunk(chunk.kind, chunk.data)),
        false => segments(bytes).find_map(|data| data.strip_prefix(JPEG_HEADER)),
    };
    std::str::from_utf8(found?).ok()
}

/// A PNG file with this packet and no other; `None` if it is no PNG.
pub(super) fn with_packet(bytes: &[u8], packet: &str) -> Option<Vec<u8>> {
    let mut chunks = chunks(bytes);
    let header = chunks.next().filter(|chunk| chunk.kind == b"IHDR")?;
    let mut out = [&PNG, header.whole].concat();
    let data = [KEYWORD, PLAIN, packet.as_bytes()].concat();
    let kind_and_data = [b"iTXt", data.as_slice()].concat();
    out.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    out.extend(&kind_and_data);
    out.extend(crc(&kind_and_data).to_be_bytes());
    for chunk in chunks {
        let is_packet = chunk.kind == b"iTXt" && chunk.data.starts_with(KEYWORD);
        if !is_packet {
            out.extend(chunk.whole);
        }
    }
    Some(out)
}

fn packet_of_chunk<'a>(kind: &[u8], data: &'a [u8]) -> Option<&'a [u8]> {
    let data = data.strip_prefix(KEYWORD).filter(|_| kind == b"iTXt")?;
    let data = data.strip_prefix(b"\0\0")?;
    // Language and translated keyword, each to its 0.
    let mut parts = data.splitn(3, |byte| *byte == 0);
    parts.nth(2)
}

struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    /// With length and checksum.
    whole: &'a [u8],
}

/// The chunks of a PNG file, up to the first that is cut short.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = bytes.strip_prefix(&PNG).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let (whole, after) = rest.split_at_checked(length.checked_add(12)?)?;
        rest = after;
        Some(Chunk {
            kind: &whole[4..8],
            data: &whole[8..8 + length],
            whole,
        })
    })
}

/// The bodies of a JPEG file's APP1 segments, up to its scan.
fn segments(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8]).unwrap_or_default();
    let next = move || {
        while let [0xff, 0xff, ..] = rest {
            rest = &rest[1..];
        }
        let [0xff, marker, high, low, ..] = *rest else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let body = rest.get(4..2 + length).filter(|_| marker != 0xda)?;
        rest = &rest[2 + length..];
        Some((marker, body))
    };
    std::iter::from_fn(next).filter_map(|(marker, body)| (marker == 0xe1).then_some(body))
}

/// The checksum of PNG's chunks (CRC-32 of ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_specification() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn a_packet_is_found_in_a_jpeg_between_other_segments() {
        let mut file = vec![0xff, 0xd8, 0xff, 0xe1, 0, 6, b'E', b'x', b'i', b'f'];
        let body = [JPEG_HEADER, b"<x/>"].concat();
        file.extend([0xff, 0xff, 0xe1, 0, body.len() as u8 + 2]);
        file.extend(&body);
        file.extend([0xff, 0xda, 0, 2]);
        assert_eq!(packet(&file), Some("<x/>"));
        // Cut anywhere before its end, it is not there.
        let end = file.len() - 4;
        assert!((0..end).all(|cut| packet(&file[..cut]).is_none()));
    }
}
