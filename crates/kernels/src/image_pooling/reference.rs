//! The definitions, in `f64` and in the plainest loops.
use super::{ImagePooling, Images, Kind};
use crate::check::{Results, Tolerance};

/// A maximum is exact; a mean of the tests has up to a few hundred terms of rounding 6e-8 each, in chains of 64 at most.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 1e-6,
    floor: 1e-2,
};

/// Output and gradient of x, and of a maximum the pixels it comes from.
pub(super) fn reference(pool: ImagePooling, x: &[f64], dy: &[f64]) -> Results<f64> {
    let Images {
        batch,
        height,
        width,
        channels,
    } = pool.images;
    let windows = pool.output().unwrap();
    let [kernel, stride, padding] = [pool.window.kernel, pool.window.stride, pool.window.padding];
    let (mut y, mut places, mut dx) = (Vec::new(), Vec::new(), vec![0.0; x.len()]);
    for image in 0..batch {
        for window in 0..windows[0] * windows[1] {
            let first = [
                window / windows[1] * stride[0],
                window % windows[1] * stride[1],
            ];
            let all = (0..kernel[0] * kernel[1]).map(|cell| {
                let of = [first[0] + cell / kernel[1], first[1] + cell % kernel[1]];
                [of[0].checked_sub(padding[0]), of[1].checked_sub(padding[1])]
            });
            let real: Vec<usize> = all
                .filter_map(|cell| match cell {
                    [Some(line), Some(column)] if line < height && column < width => {
                        Some(line * width + column)
                    }
                    _ => None,
                })
                .collect();
            for channel in 0..channels {
                let at = |pixel: usize| (image * height * width + pixel) * channels + channel;
                let dy = dy[y.len()];
                match pool.kind {
                    Kind::Max => {
                        let best = real.iter().map(|pixel| x[at(*pixel)]);
                        let best = best.fold(f64::NEG_INFINITY, f64::max);
                        let place = real.iter().find(|pixel| x[at(**pixel)] == best).unwrap();
                        y.push(best);
                        places.push(*place as f64);
                        dx[at(*place)] += dy;
                    }
                    Kind::Average { count_padding } => {
                        let count = match count_padding {
                            true => kernel[0] * kernel[1],
                            false => real.len(),
                        };
                        let sum: f64 = real.iter().map(|pixel| x[at(*pixel)]).sum();
                        y.push(sum / count as f64);
                        real.iter()
                            .for_each(|pixel| dx[at(*pixel)] += dy / count as f64);
                    }
                }
            }
        }
    }
    let places = (pool.kind == Kind::Max).then_some(places);
    Results::new([("output", y), ("d input", dx)]).with("places", places)
}

/// The same of the mean over the whole image.
pub(super) fn global(images: Images, x: &[f64], dy: &[f64]) -> Results<f64> {
    let (channels, pixels) = (images.channels, images.height * images.width);
    let (mut y, mut dx) = (vec![0.0; images.batch * channels], Vec::new());
    for (at, x) in x.iter().enumerate() {
        let pooled = at / channels / pixels * channels + at % channels;
        y[pooled] += x / pixels as f64;
        dx.push(dy[pooled] / pixels as f64);
    }
    Results::new([("output", y), ("d input", dx)])
}
