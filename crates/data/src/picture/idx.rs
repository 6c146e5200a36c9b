//! IDX files, as MNIST has them: bytes in an array whose header says its dimensions. Images are in
//! one file, their labels in another.
//!
//! LeCun, Cortes, Burges, "The MNIST database of handwritten digits",
//! <http://yann.lecun.com/exdb/mnist>.

use std::borrow::Cow;
use std::path::Path;

use super::stack::Stack;
use super::{AGAIN, MOST_PIXELS, check_size, undecoded};
use crate::error::DataError;

/// Whether a file of bytes begins so.
pub(crate) fn begins(bytes: &[u8]) -> bool {
    matches!(bytes, [0, 0, 8, 1..=4, ..])
}

/// The images of a file, gzip undone: 3 dimensions (images, rows, columns), or 4 of which the last are
/// the channels.
///
/// # Errors
/// [`DataError::Undecoded`]: another format or type, dimensions that are not those of images, no image,
/// images without pixels or of more than [`MOST_PIXELS`], a length that is not that of the header.
pub(crate) fn images<'a>(file: &Path, bytes: Cow<'a, [u8]>) -> Result<Stack<'a>, DataError> {
    let wrong = |problem: String, advice| undecoded(file, problem, advice);
    let dims = dims(file, &bytes)?;
    let (count, height, width, channels) = match dims[..] {
        [count, height, width] => (count, height, width, 1),
        [count, height, width, channels @ (1 | 3)] => (count, height, width, channels),
        [count] => {
            return Err(wrong(
                format!("it holds {count} labels, and no images"),
                "Give the file of the images: the labels beside it are found by themselves.",
            ));
        }
        [_, 1 | 3, _, _] => {
            return Err(wrong(
                format!(
                    "expected the channels of images (1 or 3) as the last dimension, found {}",
                    times(&dims)
                ),
                "Write the channels of each pixel beside one another.",
            ));
        }
        _ => {
            let problem = format!(
                "expected 3 dimensions (images, rows, columns), or 4 with 1 or 3 channels last, found {} ({})",
                dims.len(),
                times(&dims)
            );
            return Err(wrong(problem, "Give a file of images."));
        }
    };
    if count == 0 {
        let problem = "its header says that it holds no images".to_owned();
        return Err(wrong(problem, "Give a file that has some."));
    }
    if check_size(width, height).is_err() {
        return Err(wrong(
            format!(
                "its header says images of {width}x{height}: expected 1 to {MOST_PIXELS} pixels"
            ),
            AGAIN,
        ));
    }
    require_length(file, &bytes, &dims)?;
    Ok(Stack {
        header: 4 + 4 * dims.len(),
        lead: 0,
        count,
        size: (width, height),
        channels,
        planes: false,
        bytes,
    })
}

/// The labels of a file, gzip undone: 1 dimension.
///
/// # Errors
/// As [`images`].
pub(crate) fn labels<'a>(file: &Path, bytes: &'a [u8]) -> Result<&'a [u8], DataError> {
    let dims = dims(file, bytes)?;
    if dims.len() != 1 {
        let problem = format!(
            "expected labels, which have 1 dimension, found {} ({})",
            dims.len(),
            times(&dims)
        );
        let advice = "Put the labels of the images there, or rename the file.";
        return Err(undecoded(file, problem, advice));
    }
    require_length(file, bytes, &dims)?;
    Ok(&bytes[8..])
}

/// The dimensions of the header.
fn dims(file: &Path, bytes: &[u8]) -> Result<Vec<usize>, DataError> {
    let wrong = |problem: String, advice| Err(undecoded(file, problem, advice));
    let count = match *bytes {
        [] => return wrong("the file is empty: expected IDX".to_owned(), AGAIN),
        [0, 0, 8, count, ..] if count > 0 => usize::from(count),
        [0, 0, kind @ 9..=14, ..] => {
            let problem = format!("expected bytes (IDX type 0x08), found type 0x{kind:02X}");
            return wrong(problem, "Write each value as a byte from 0 to 255.");
        }
        _ => {
            let head = bytes.iter().take(4).map(|byte| format!("{byte:02X}"));
            let problem = format!(
                "expected an IDX file, which begins with the bytes 00 00 08 03 for images and 00 00 08 01 for labels, found {}",
                head.collect::<Vec<_>>().join(" ")
            );
            return wrong(problem, "Check what the file is, and name it accordingly.");
        }
    };
    let Some(header) = bytes.get(4..4 + 4 * count) else {
        let problem = format!(
            "it is cut short: expected a header of {} bytes for {count} dimensions, found {} bytes",
            4 + 4 * count,
            bytes.len()
        );
        return wrong(problem, AGAIN);
    };
    let dims = header.chunks_exact(4);
    // No file on a machine of fewer bits is as long.
    let dim = |dim: &[u8]| u32::from_be_bytes([dim[0], dim[1], dim[2], dim[3]]) as usize;
    Ok(dims.map(dim).collect())
}

/// Refuses a file that is not as long as its dimensions say; there are at most 4 of them.
fn require_length(file: &Path, bytes: &[u8], dims: &[usize]) -> Result<(), DataError> {
    // Four numbers of 32 bits.
    let values: u128 = dims.iter().map(|dim| *dim as u128).product();
    let header = 4 + 4 * dims.len();
    let found = bytes.len().saturating_sub(header);
    match found as u128 == values {
        true => Ok(()),
        false => Err(undecoded(
            file,
            format!(
                "its header says {}: expected {values} bytes behind it, found {found}",
                times(dims)
            ),
            AGAIN,
        )),
    }
}

/// Dimensions as a message says them.
fn times(dims: &[usize]) -> String {
    /// More than any file of images has.
    const SHOWN: usize = 6;
    let mut text: Vec<String> = dims.iter().take(SHOWN).map(usize::to_string).collect();
    if dims.len() > SHOWN {
        text.push("…".to_owned());
    }
    text.join(" x ")
}
