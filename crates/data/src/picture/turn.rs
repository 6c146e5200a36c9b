//! Photographs lie as the camera was held, and a number in their Exif data says how.

use super::Picture;

/// The orientation of 1 to 8 in Exif data (CIPA DC-008, tag 0x0112); 1, upright, where there is
/// none.
pub(super) fn orientation(exif: &[u8]) -> u16 {
    find(exif)
        .filter(|found| (1..=8).contains(found))
        .unwrap_or(1)
}

fn find(exif: &[u8]) -> Option<u16> {
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let big = match exif.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let pair: [u8; 2] = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        })
    };
    let (first, second) = (usize::from(short(4)?), usize::from(short(6)?));
    let directory = if big {
        first << 16 | second
    } else {
        second << 16 | first
    };
    let entries = usize::from(short(directory)?);
    let mut entries = (0..entries).map(|entry| directory + 2 + 12 * entry);
    let entry = entries.find(|at| short(*at) == Some(0x0112))?;
    short(entry + 8)
}

/// Width and height once the image is turned.
pub(super) fn dimensions(size: (usize, usize), orientation: u16) -> (usize, usize) {
    match orientation {
        5..=8 => (size.1, size.0),
        _ => size,
    }
}

/// The image upright.
pub(super) fn turned(picture: Picture, orientation: u16) -> Picture {
    if !(2..=8).contains(&orientation) {
        return picture;
    }
    let (width, height) = picture.dimensions();
    let (across, down) = dimensions((width, height), orientation);
    let mut rgb = Vec::with_capacity(picture.rgb.len());
    for y in 0..down {
        for x in 0..across {
            let (right, bottom) = (across - 1 - x, down - 1 - y);
            // Where the pixel at (x, y) of the upright image lies in the file.
            let (column, row) = match orientation {
                2 => (right, y),
                3 => (right, bottom),
                4 => (x, bottom),
                5 => (y, x),
                6 => (y, right),
                7 => (bottom, right),
                _ => (bottom, x),
            };
            let at = 3 * (row * width + column);
            rgb.extend(picture.rgb.get(at..at + 3).unwrap_or(&[255; 3]));
        }
    }
    Picture {
        width: across,
        height: down,
        rgb,
    }
}
