//! Images: from the bytes of a PNG, JPEG or GIF file to the sequence of rows that a network reads, and
//! those of files that hold several (IDX, CIFAR); and back from values to the bytes of a PNG file.
//!
//! The decoders are those of the crate `image`; what it would add to them, here, is the turning
//! of photographs and the change of size.

pub(crate) mod cifar;
mod gif;
pub(crate) mod idx;
mod jpeg;
mod png;
mod resize;
mod stack;
mod turn;

use std::path::Path;

use crate::error::{DataError, shown};
use crate::examples::Sequence;
use resize::resized;
pub(crate) use stack::Stack;

/// Whether pixels have one number or three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Luma: 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601).
    Grey,
    /// Red, green and blue.
    Rgb,
}

impl Colour {
    /// How many numbers a pixel has.
    pub fn channels(self) -> usize {
        match self {
            Colour::Grey => 1,
            Colour::Rgb => 3,
        }
    }
}

/// An image as it should be looked at: turned as its camera says, what is transparent on white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    /// Red, green, blue of each pixel, row after row.
    rgb: Vec<u8>,
}

/// The most pixels of an image: a small file can decode to more than any memory.
pub const MOST_PIXELS: usize = 1 << 26;

/// Decodes a PNG, JPEG or GIF file, recognised by its first bytes; of an animation the first image. 16 bits
/// become 8; colour profiles are not looked at.
///
/// # Errors
/// A [`DataError`] that names the file: none of the formats, damaged, cut short, without a pixel, or of
/// more than [`MOST_PIXELS`].
pub fn decode(file: &Path, bytes: &[u8]) -> Result<Picture, DataError> {
    of_format(file, bytes, png::decode, jpeg::decode, gif::decode)
}

/// Width and height (pixels), as [`decode`] would give them, from the header alone.
///
/// # Errors
/// As [`decode`], where the header shows it.
pub fn dimensions(file: &Path, bytes: &[u8]) -> Result<(usize, usize), DataError> {
    of_format(
        file,
        bytes,
        png::dimensions,
        jpeg::dimensions,
        gif::dimensions,
    )
}

/// Writes values from 0 (black) to 1 as a PNG file of eight bits a channel: row after row from the top, the pixels
/// of a row from the left, the channels of a pixel beside one another (shape \[height, width, channels\], as a network reads
/// and gives it; [`encode_rows`] takes what [`Picture::rows`] gives).
///
/// Values beyond 0 and 1 are taken as these, NaN and values that are not there as 0; values too many are
/// left out. The same values give the same bytes. A size without a pixel, or of more than [`MOST_PIXELS`], gives no byte.
pub fn encode_png(values: &[f64], width: usize, height: usize, colour: Colour) -> Vec<u8> {
    let values = |k: usize| values.get(k).copied();
    encoded(values, width, height, colour)
}

/// Writes frames, each of values as [`encode_png`] takes them, as an endless GIF animation in which each is shown for `delay`
/// hundredths of a second. Grey is exact to eight bits; of colours there are 252. A size without a pixel, beyond 65,535 a side or of
/// more than [`MOST_PIXELS`] gives no byte.
pub fn encode_gif(
    frames: &[&[f64]],
    width: usize,
    height: usize,
    colour: Colour,
    delay: u16,
) -> Vec<u8> {
    let size = (u16::try_from(width), u16::try_from(height));
    let ((Ok(wide), Ok(high)), Ok(_)) = (size, check_size(width, height)) else {
        return Vec::new();
    };
    let count = width * height * colour.channels();
    let level = |frame: &[f64], k: usize| {
        frame
            .get(k)
            .map_or(0, |value| (255.0 * value).round() as u8)
    };
    let frames: Vec<Vec<u8>> = (frames.iter())
        .map(|frame| (0..count).map(|k| level(frame, k)).collect())
        .collect();
    // Memory takes every byte, and the pixels are as many as the size says.
    gif::encode(&frames, (wide, high), colour, delay).unwrap_or_default()
}

/// Writes what [`Picture::rows`] gives as a PNG file, as [`encode_png`] does: a row of pixels for each step. What is
/// left of the dimensions beyond whole pixels is left out.
pub fn encode_rows(rows: &Sequence, colour: Colour) -> Vec<u8> {
    let height = rows.steps;
    let dims = rows.values.len().checked_div(height).unwrap_or(0);
    let width = dims / colour.channels();
    let row = (width * colour.channels()).max(1);
    // The steps of a dimension stand beside one another.
    let value = |k: usize| rows.values.get(k % row * height + k / row).copied();
    encoded(value, width, height, colour)
}

fn encoded(
    value: impl Fn(usize) -> Option<f64>,
    width: usize,
    height: usize,
    colour: Colour,
) -> Vec<u8> {
    let size = (u32::try_from(width), u32::try_from(height));
    let ((Ok(wide), Ok(high)), Ok(_)) = (size, check_size(width, height)) else {
        return Vec::new();
    };
    // The cast saturates, and makes 0 of NaN.
    let level = |k: usize| (255.0 * value(k).unwrap_or(0.0)).round() as u8;
    let levels = (0..width * height * colour.channels()).map(level);
    let pixels: Vec<u8> = levels.collect();
    // Memory takes every byte, and the pixels are as many as the size says.
    png::encode(&pixels, (wide, high), colour).unwrap_or_default()
}

type Reader<T> = fn(&[u8]) -> Result<T, Fault>;

fn of_format<T>(
    file: &Path,
    bytes: &[u8],
    png: Reader<T>,
    jpeg: Reader<T>,
    gif: Reader<T>,
) -> Result<T, DataError> {
    let read = match bytes {
        [0x89, b'P', b'N', b'G', ..] => png(bytes),
        [0xff, 0xd8, ..] => jpeg(bytes),
        [b'G', b'I', b'F', b'8', ..] => gif(bytes),
        _ => Err(Fault::Foreign),
    };
    read.map_err(|fault| {
        let (problem, advice) = match fault {
            Fault::Foreign if bytes.is_empty() => (
                "the file is empty: expected a PNG, JPEG or GIF image".to_owned(),
                CONVERT,
            ),
            Fault::Foreign => (
                "expected a PNG, JPEG or GIF image, found none of them".to_owned(),
                CONVERT,
            ),
            Fault::Large => (
                format!("the image has more than {MOST_PIXELS} pixels"),
                "Make it smaller.",
            ),
            Fault::NoPixels => ("the image has no pixels".to_owned(), "Leave the file out."),
            Fault::Damaged(said) => (
                format!(
                    "the image is damaged, cut short or of a form that is not read ({})",
                    shown(&said)
                ),
                "Copy or download it again, or convert it to PNG.",
            ),
        };
        undecoded(file, problem, advice)
    })
}

fn undecoded(file: &Path, problem: String, advice: &'static str) -> DataError {
    DataError::Undecoded {
        file: file.to_owned(),
        problem,
        advice,
    }
}

/// What to do with a file that a copy may have damaged.
const AGAIN: &str = "Copy or download it again.";

const CONVERT: &str = "Convert it to PNG, or leave it out.";

/// What is wrong with an image, before its file is named.
enum Fault {
    Foreign,
    Large,
    NoPixels,
    /// With what the decoder said.
    Damaged(String),
}

impl Fault {
    fn damaged(said: impl ToString) -> Fault {
        Fault::Damaged(said.to_string())
    }
}

/// Refuses a size before anything is allocated for it.
fn check_size(width: usize, height: usize) -> Result<(usize, usize), Fault> {
    match width.checked_mul(height) {
        Some(0) => Err(Fault::NoPixels),
        Some(pixels) if pixels <= MOST_PIXELS => Ok((width, height)),
        _ => Err(Fault::Large),
    }
}

impl Picture {
    /// The pixels of a decoder; wrong if there are too few of them.
    fn new(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, Fault> {
        match rgb.len() == 3 * width * height && !rgb.is_empty() {
            true => Ok(Picture { width, height, rgb }),
            false => Err(Fault::damaged("pixels are missing")),
        }
    }

    /// Width and height, in pixels.
    pub fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Whether some pixel is not grey.
    pub fn has_colour(&self) -> bool {
        let mut pixels = self.rgb.chunks_exact(3);
        pixels.any(|pixel| pixel[0] != pixel[1] || pixel[1] != pixel[2])
    }

    /// The rows from the top, a step each, of the picture brought to `width` × `height`: shape
    /// \[width · channels, height\], the channels of a pixel beside one another, values from 0 (black)
    /// to 1.
    ///
    /// The picture is stretched or shrunk, its proportions not kept: linear between pixels, over as
    /// many as fall on one where it shrinks. A side of 0 is taken as 1.
    pub fn rows(&self, width: usize, height: usize, colour: Colour) -> Sequence {
        let size = (width.max(1), height.max(1));
        match size == self.dimensions() {
            true => sequence(&self.rgb, size, colour, |value| f64::from(value) / 255.0),
            false => {
                let pixels = resized(&self.rgb, self.dimensions(), size);
                sequence(&pixels, size, colour, |value| value)
            }
        }
    }
}

/// The rows of red, green and blue, row after row, as steps; `level` brings a value to 0 to 1.
fn sequence<T: Copy + PartialEq>(
    pixels: &[T],
    (width, height): (usize, usize),
    colour: Colour,
    level: impl Fn(T) -> f64,
) -> Sequence {
    let mut values = vec![0.0; width * colour.channels() * height];
    for (y, row) in pixels.chunks_exact(3 * width).enumerate().take(height) {
        let step = values[y..].iter_mut().step_by(height);
        match colour {
            Colour::Rgb => step.zip(row).for_each(|(to, value)| *to = level(*value)),
            Colour::Grey => {
                for (to, pixel) in step.zip(row.chunks_exact(3)) {
                    // So that a grey pixel keeps its value to the bit.
                    let is_grey = pixel[0] == pixel[1] && pixel[1] == pixel[2];
                    *to = match is_grey {
                        true => level(pixel[0]),
                        false => {
                            0.299 * level(pixel[0])
                                + 0.587 * level(pixel[1])
                                + 0.114 * level(pixel[2])
                        }
                    };
                }
            }
        }
    }
    Sequence {
        values,
        steps: height,
    }
}

/// A value of 0 to 255 with so much of it, over white.
fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests;
