//! JPEG files, and the check that they are whole, which their decoder does not make.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::turn::{orientation, turned};
use super::{Fault, Picture, check_size};

type Decoder<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

fn opened(bytes: &[u8]) -> Result<(Decoder<'_>, (usize, usize)), Fault> {
    let options = DecoderOptions::default()
        .set_use_unsafe(false)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder
        .decode_headers()
        .map_err(|error| Fault::damaged(format!("{error:?}")))?;
    let info = decoder.info().ok_or(Fault::NoPixels)?;
    let size = check_size(usize::from(info.width), usize::from(info.height))?;
    Ok((decoder, size))
}

fn turns(decoder: &Decoder<'_>) -> u16 {
    decoder.exif().map_or(1, |exif| orientation(exif))
}

pub(super) fn dimensions(bytes: &[u8]) -> Result<(usize, usize), Fault> {
    let (decoder, size) = opened(bytes)?;
    Ok(super::turn::dimensions(size, turns(&decoder)))
}

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, Fault> {
    if is_cut_short(bytes) {
        return Err(Fault::damaged("it has no end mark"));
    }
    let (mut decoder, (width, height)) = opened(bytes)?;
    let pixels = decoder
        .decode()
        .map_err(|error| Fault::damaged(format!("{error:?}")))?;
    let turns = turns(&decoder);
    Ok(turned(Picture::new(width, height, pixels)?, turns))
}

/// Whether a file has no end mark after the start of its scan: the decoder fills what is missing
/// with grey, in silence. Its strict mode would refuse good files for bytes between their headers.
fn is_cut_short(bytes: &[u8]) -> bool {
    let mut at = 2_usize;
    while let Some([0xff, marker, high, low]) = bytes.get(at..at.saturating_add(4)) {
        match marker {
            // The start of the scan; in what follows, 255 is itself followed by 0, a mark or 255.
            0xda => return !bytes[at..].windows(2).any(|pair| pair == [0xff, 0xd9]),
            0xff => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    // No scan at all is the decoder's to refuse.
    false
}
