//! A watermark in images that the eye does not see: whether it is there, and how sure that is.
//!
//! **The mark.** A tile of 64 × 64 pixels, repeated over larger images, is cut into blocks of 8 × 8; the fifteen lowest
//! frequencies but the mean of each block (of luma) have a sign drawn from the key each, 960 in all. [`embed()`] moves
//! coefficients to these signs, equally in all channels. It says one thing, that the mark of this key is there: so small an
//! image does not hold the name of a model as well under JPEG and a crop. Names are in the [`crate::credentials`].
//!
//! **The test.** A coefficient v counts g(v) = x / (1 + x²)² with x = v/9: those that are large were not worth turning where the
//! mark was made, so they say nothing about it. For each of the 64 × 64 places where a tile may begin, z = Σ ug / √Σ g². Nothing is assumed of
//! images: the signs of a key that has nothing to do with the image are fair and independent, whatever the g, and
//! for such the tail of z is bounded for every image (`tail.rs`). The bounds are summed over the places (Bonferroni), half of the error being granted
//! to the image that was not cut. So [`Detection::log10_false_positive`] is a p-value: over keys, the probability that
//! an unmarked image gives p ≤ α is at most α. It supposes that SHA-256 gives signs that nothing else in the world follows.
//!
//! **What it survives** is measured by `examples/measure` and stands in `MEASURED.md`. Not: other scales than the one it was made
//! at, turns, mirrors, and somebody who knows the key.

mod blocks;
mod detect;
mod embed;
mod scaling;

pub use detect::Evidence;

use crate::{Key, MarkError, Pixels};

/// Side of the pattern, which is repeated over larger images, in pixels.
const TILE: usize = 64;
/// At what coefficient (in levels) x is 1 where the mark is looked for; it counts most at 0.58 of it.
const SOFTNESS: f32 = 9.0;
/// The fewest pixels on a side that a mark is made in.
pub const LEAST_MARKED: usize = 64;
/// The fewest pixels on a side that a mark is looked for in; a crop of [`LEAST_MARKED`] may leave as few.
pub const LEAST_LOOKED_AT: usize = 40;
/// Base-10 logarithm of the false-positive bound below which a mark counts as found.
pub const THRESHOLD: f64 = -6.0;

/// What a coefficient counts: x / (1 + x²)², which falls off for large ones.
fn squashed(value: f32, softness: f32) -> f32 {
    let x = value / softness;
    let y = 1.0 + x * x;
    x / (y * y)
}

/// An image with its mark.
#[derive(Clone, Debug)]
pub struct Marked {
    /// The image, of the same shape.
    pub pixels: Pixels,
    /// Peak signal-to-noise ratio to the image without the mark, in dB.
    pub psnr: f64,
}

/// What looking for a mark gave, at the place where it is likeliest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// z: of an unmarked image about standard normal at each place.
    pub statistic: f64,
    /// Base-10 logarithm of a bound on the probability that an unmarked image, at any place, gives as much.
    pub log10_false_positive: f64,
    /// Whether that is below [`THRESHOLD`].
    pub found: bool,
    /// Where a tile begins: column and row, in pixels. (0, 0) unless the image was cut.
    pub origin: (usize, usize),
}

/// Marks an image of at least [`LEAST_MARKED`] pixels on each side. PSNR is about 40 dB for 64 × 64 pixels, 1.8 dB more for each
/// doubling of the side, 45 at the most; the same image and key give the same pixels.
///
/// # Errors
/// [`MarkError::TooSmall`] for a smaller image.
pub fn embed(pixels: &Pixels, key: &Key) -> Result<Marked, MarkError> {
    embed::embed(pixels, key)
}

/// Looks for the mark of a key.
///
/// # Errors
/// [`MarkError::TooSmall`] below [`LEAST_LOOKED_AT`] pixels on a side.
pub fn detect(pixels: &Pixels, key: &Key) -> Result<Detection, MarkError> {
    Ok(Evidence::of(pixels)?.test(key))
}

/// Base-10 logarithm of the bound on the probability that z at one place of an unmarked image is as large.
pub fn log10_bound(z: f64) -> f64 {
    crate::tail::log10_signs(z)
}

#[cfg(test)]
mod tests;
