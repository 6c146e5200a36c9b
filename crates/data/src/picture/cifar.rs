//! The binary files of CIFAR-10 and CIFAR-100: labels and 32 × 32 pixels in colour, one image after
//! another, without a header. Only the length tells the two apart.
//!
//! Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009;
//! <https://www.cs.toronto.edu/~kriz/cifar.html>.

use std::borrow::Cow;
use std::path::Path;

use super::stack::Stack;
use super::{AGAIN, undecoded};
use crate::error::DataError;

/// Width and height, in pixels.
const SIDE: usize = 32;
/// The planes of red, green and blue.
const PIXELS: usize = 3 * SIDE * SIDE;

/// The two sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// A label in front of each image.
    Ten,
    /// A coarse label and a fine one in front of each image.
    Hundred,
}

/// The sets that a file of this many bytes may be of.
pub(crate) fn sets(length: usize) -> Vec<Set> {
    let fits = |set: &Set| length > 0 && length.is_multiple_of(set.labels() + PIXELS);
    [Set::Ten, Set::Hundred].into_iter().filter(fits).collect()
}

impl Set {
    /// How many bytes in front of an image are labels.
    fn labels(self) -> usize {
        match self {
            Set::Ten => 1,
            Set::Hundred => 2,
        }
    }

    /// The name of the set.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Set::Ten => "CIFAR-10",
            Set::Hundred => "CIFAR-100",
        }
    }
}

/// The images of a file, gzip undone, with their labels: of CIFAR-100 the fine ones.
///
/// # Errors
/// [`DataError::Undecoded`]: an empty file, or a length that is not that of whole images.
pub(crate) fn images<'a>(
    file: &Path,
    bytes: Cow<'a, [u8]>,
    set: Set,
) -> Result<Stack<'a>, DataError> {
    let length = set.labels() + PIXELS;
    if bytes.is_empty() {
        let problem = "the file is empty: expected the images of CIFAR-10 or CIFAR-100".to_owned();
        return Err(undecoded(file, problem, AGAIN));
    }
    if !bytes.len().is_multiple_of(length) {
        let problem = format!(
            "expected whole images of CIFAR-10 ({} bytes each) or CIFAR-100 ({} bytes each), found {} bytes",
            Set::Ten.labels() + PIXELS,
            Set::Hundred.labels() + PIXELS,
            bytes.len()
        );
        return Err(undecoded(
            file,
            problem,
            "Copy or download it again; if it is IDX, let its name end in -idx3-ubyte.",
        ));
    }
    Ok(Stack {
        header: 0,
        lead: set.labels(),
        count: bytes.len() / length,
        size: (SIDE, SIDE),
        channels: 3,
        planes: true,
        bytes,
    })
}
