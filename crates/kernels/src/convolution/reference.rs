//! The definition of both convolutions, in `f64` and in the plainest loops.
use super::geometry::{Geometry, Towards};
use crate::check::{Results, Tolerance};
use crate::linear::Activation;

/// The longest sums of the tests have a few thousand terms of rounding 6e-8 each, whose errors mostly cancel.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 3e-6,
    floor: 1e-2,
};

/// What one call is given.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) geometry: &'a Geometry,
    pub(super) towards: Towards,
    pub(super) activation: Activation,
    pub(super) images: usize,
}

impl Given<'_> {
    /// Calls `pair` with every (place in the large map, in the small map, in the weights) that are multiplied.
    fn pairs(&self, mut pair: impl FnMut(usize, usize, usize)) {
        let geometry = self.geometry;
        let (large, small) = (geometry.large, geometry.small);
        let of_group = [large.channels, small.channels].map(|count| count / geometry.groups);
        let pixel = |axis: usize, at: usize, tap: usize| {
            (at * geometry.stride[axis] + tap * geometry.dilation[axis])
                .checked_sub(geometry.padding[axis])
                .filter(|at| *at < large.size[axis])
        };
        let [kernel_height, kernel_width] = geometry.kernel;
        for image in 0..self.images {
            for y in 0..small.size[0] {
                for x in 0..small.size[1] {
                    for out in 0..small.channels {
                        for channel in 0..of_group[0] {
                            for tap_y in 0..kernel_height {
                                for tap_x in 0..kernel_width {
                                    let from = (pixel(0, y, tap_y), pixel(1, x, tap_x));
                                    let (Some(from_y), Some(from_x)) = from else {
                                        continue;
                                    };
                                    let group = out / of_group[1];
                                    let row = (image * large.size[0] + from_y) * large.size[1];
                                    let at = (row + from_x) * large.channels;
                                    let of_large = at + group * of_group[0] + channel;
                                    let row = (image * small.size[0] + y) * small.size[1];
                                    let of_small = (row + x) * small.channels + out;
                                    let weight = (out * of_group[0] + channel) * kernel_height;
                                    let weight = (weight + tap_y) * kernel_width + tap_x;
                                    pair(of_large, of_small, weight);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Output, and the gradients, from x, W, b and dy. Without a bias there is no gradient of it.
    pub(super) fn reference(
        &self,
        x: &[f64],
        w: &[f64],
        b: Option<&[f64]>,
        dy: &[f64],
    ) -> Results<f64> {
        let output = self.geometry.maps(self.towards).1;
        // (place in x, place in y) of a pair.
        let order = |large: usize, small: usize| match self.towards {
            Towards::Small => (large, small),
            Towards::Large => (small, large),
        };
        let mut y: Vec<f64> = (0..self.images * output.values())
            .map(|at| b.map_or(0.0, |b| b[at % output.channels]))
            .collect();
        self.pairs(|large, small, weight| {
            let (from, to) = order(large, small);
            y[to] += x[from] * w[weight];
        });
        for y in &mut y {
            *y = self.activation.apply(*y);
        }
        let slopes: Vec<f64> = y
            .iter()
            .zip(dy)
            .map(|(y, dy)| dy * self.activation.slope(*y))
            .collect();
        let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        self.pairs(|large, small, weight| {
            let (from, to) = order(large, small);
            dx[from] += slopes[to] * w[weight];
            dw[weight] += slopes[to] * x[from];
        });
        let db = b.map(|b| {
            let mut db = vec![0.0; b.len()];
            for (at, slope) in slopes.iter().enumerate() {
                db[at % output.channels] += slope;
            }
            db
        });
        Results::new([("output", y), ("d input", dx), ("d weights", dw)]).with("d bias", db)
    }
}
