//! The definition, in `f64` and in the plainest loops.
use super::{Kind, Resampling};
use crate::check::{Results, Tolerance};
use crate::image_pooling::Images;

/// Two interpolations, each of a few roundings of 6e-8 and with a share that is rounded to `f32`; backward, sums of the
/// new pixels that one pixel has a part in.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 1e-6,
    floor: 1e-2,
};

/// The pixels a new pixel is made of, with their weights.
fn made_of(kind: Kind, from: usize, to: usize, pixel: usize) -> [(usize, f64); 2] {
    match kind {
        Kind::Nearest => [(pixel * from / to, 1.0), (0, 0.0)],
        Kind::Bilinear => {
            let at = ((pixel as f64 + 0.5) * from as f64 / to as f64 - 0.5).max(0.0);
            let (low, share) = (at.floor() as usize, at.fract());
            [(low, 1.0 - share), ((low + 1).min(from - 1), share)]
        }
    }
}

/// Output and gradient of x.
pub(super) fn reference(change: Resampling, x: &[f64], dy: &[f64]) -> Results<f64> {
    let Resampling { kind, images, to } = change;
    let Images {
        batch,
        height,
        width,
        channels,
    } = images;
    let (mut y, mut dx) = (vec![0.0; dy.len()], vec![0.0; x.len()]);
    for image in 0..batch {
        for line in 0..to[0] {
            for column in 0..to[1] {
                for (from_line, share) in made_of(kind, height, to[0], line) {
                    for (from_column, part) in made_of(kind, width, to[1], column) {
                        for channel in 0..channels {
                            let pixel = (image * height + from_line) * width + from_column;
                            let (from, weight) = (pixel * channels + channel, share * part);
                            let pixel = (image * to[0] + line) * to[1] + column;
                            let at = pixel * channels + channel;
                            y[at] += weight * x[from];
                            dx[from] += weight * dy[at];
                        }
                    }
                }
            }
        }
    }
    Results::new([("output", y), ("d input", dx)])
}
