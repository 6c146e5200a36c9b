//! What happens to images on their way: JPEG, scaling, crops; each gives the image as the next program sees it.

use std::path::Path;

use ressac_data::picture::{self, Colour};
use ressac_marks::Pixels;

use crate::jpeg;

/// Written as JPEG (chroma at half the resolution) and decoded again.
pub(crate) fn as_jpeg(pixels: &Pixels, quality: u16) -> Pixels {
    let rgb = match pixels.colour() {
        Colour::Rgb => pixels.levels().to_vec(),
        Colour::Grey => pixels
            .levels()
            .iter()
            .flat_map(|level| [*level; 3])
            .collect(),
    };
    let bytes = jpeg::encode(&rgb, pixels.dimensions(), quality);
    Pixels::decode(Path::new("attacked.jpg"), &bytes).expect("a JPEG file")
}

/// At another size, by triangles that are as wide as a pixel of the new image, rounded to bytes.
pub(crate) fn scaled(pixels: &Pixels, width: usize, height: usize) -> Pixels {
    let whole = picture::decode(Path::new("whole.png"), &pixels.encode_png()).expect("a PNG file");
    let rows = whole.rows(width, height, pixels.colour());
    let file = picture::encode_rows(&rows, pixels.colour());
    Pixels::decode(Path::new("scaled.png"), &file).expect("a PNG file")
}

/// Scaled to half its size and back.
pub(crate) fn halved(pixels: &Pixels) -> Pixels {
    let (width, height) = pixels.dimensions();
    scaled(&scaled(pixels, width / 2, height / 2), width, height)
}

/// The part of `keep` (width, height) from the pixel `at` on.
pub(crate) fn cut(pixels: &Pixels, at: (usize, usize), keep: (usize, usize)) -> Pixels {
    let channels = pixels.colour().channels();
    let row = pixels.dimensions().0 * channels;
    let rows = pixels.levels().chunks_exact(row).skip(at.1).take(keep.1);
    let part = rows.flat_map(|row| &row[at.0 * channels..(at.0 + keep.0) * channels]);
    let part = part.copied().collect();
    Pixels::new(keep.0, keep.1, pixels.colour(), part).expect("a part inside the image")
}

/// Four fifths of each side, from a place that `draw` tells.
pub(crate) fn cropped(pixels: &Pixels, draw: usize) -> Pixels {
    let (width, height) = pixels.dimensions();
    let keep = (width * 4 / 5, height * 4 / 5);
    let (x, y) = (width - keep.0 + 1, height - keep.1 + 1);
    // Any place is as likely as any other, and an image's stays the same.
    let draw = draw.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    cut(pixels, (draw % x, draw / x % y), keep)
}
