//! The image as marks see it: eight bits a channel, row after row.

use std::path::Path;

use ressac_data::picture::{self, Colour, Picture};

use crate::MarkError;

/// An image of eight bits a channel: row after row from the top, the channels of a pixel beside one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    width: usize,
    height: usize,
    colour: Colour,
    levels: Vec<u8>,
}

impl Pixels {
    /// An image of `width` × `height` pixels (not 0) from its levels, as many as the size and the channels say.
    ///
    /// # Errors
    /// [`MarkError::Shape`] if they are not.
    pub fn new(
        width: usize,
        height: usize,
        colour: Colour,
        levels: Vec<u8>,
    ) -> Result<Self, MarkError> {
        let expected = width.checked_mul(height);
        let expected = expected.and_then(|pixels| pixels.checked_mul(colour.channels()));
        match expected {
            Some(expected) if expected == levels.len() && expected > 0 => Ok(Pixels {
                width,
                height,
                colour,
                levels,
            }),
            _ => Err(MarkError::Shape {
                width,
                height,
                channels: colour.channels(),
                levels: levels.len(),
            }),
        }
    }

    /// The pixels of an image that was read; one channel where no pixel has colour.
    pub fn of_picture(picture: &Picture) -> Self {
        let (width, height) = picture.dimensions();
        let colour = match picture.has_colour() {
            true => Colour::Rgb,
            false => Colour::Grey,
        };
        let rows = picture.rows(width, height, colour);
        let across = width * colour.channels();
        // The steps of a dimension stand beside one another.
        let level =
            |k: usize| (255.0 * rows.values[k % across * height + k / across]).round() as u8;
        Pixels {
            width,
            height,
            colour,
            levels: (0..across * height).map(level).collect(),
        }
    }

    /// Decodes a PNG, JPEG or GIF file, as [`picture::decode`] does.
    ///
    /// # Errors
    /// [`MarkError::Data`] as [`picture::decode`].
    pub fn decode(file: &Path, bytes: &[u8]) -> Result<Self, MarkError> {
        Ok(Pixels::of_picture(&picture::decode(file, bytes)?))
    }

    /// The image as a PNG file.
    pub fn encode_png(&self) -> Vec<u8> {
        let values: Vec<f64> = self.levels.iter().map(|v| f64::from(*v) / 255.0).collect();
        picture::encode_png(&values, self.width, self.height, self.colour)
    }

    /// Width and height, in pixels.
    pub fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// One channel or three.
    pub fn colour(&self) -> Colour {
        self.colour
    }

    /// The levels, 0 (black) to 255: shape \[height, width, channels\].
    pub fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// Luma of each pixel, 0 to 255: shape \[height, width\].
    pub(crate) fn luma(&self) -> Vec<f32> {
        match self.colour {
            Colour::Grey => self.levels.iter().map(|v| f32::from(*v)).collect(),
            Colour::Rgb => {
                let luma = |p: &[u8]| {
                    0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2])
                };
                self.levels.chunks_exact(3).map(luma).collect()
            }
        }
    }

    /// The image with a change added to all channels of each pixel, rounded and clipped; `change` has shape \[height, width\].
    pub(crate) fn shifted(&self, change: &[f32]) -> Self {
        let channels = self.colour.channels();
        let pixels = self.levels.chunks_exact(channels).zip(change);
        let levels = pixels.flat_map(|(pixel, change)| {
            let by = change.round();
            // The cast saturates.
            pixel
                .iter()
                .map(move |level| (f32::from(*level) + by) as u8)
        });
        Pixels {
            levels: levels.collect(),
            ..*self
        }
    }

    /// Peak signal-to-noise ratio to another image of the same shape, in dB: 10 log₁₀(255² / mean squared difference of
    /// the levels); infinite for equal images, `None` for other shapes.
    pub fn psnr(&self, other: &Pixels) -> Option<f64> {
        let same = self.dimensions() == other.dimensions() && self.colour == other.colour;
        let squares = self.levels.iter().zip(&other.levels);
        let sum: u64 = squares.map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
        let mean = sum as f64 / self.levels.len() as f64;
        same.then(|| 10.0 * (255.0 * 255.0 / mean).log10())
    }
}
