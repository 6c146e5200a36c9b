//! Which pixels along one axis a new pixel is made of, and the other way round.
use super::Kind;
use std::ops::Range;

/// What a new pixel is made of: x\[low\] + `share` · (x\[high\] − x\[low\]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) low: usize,
    /// `low` where that is all.
    pub(super) high: usize,
    pub(super) share: f32,
}

impl Place {
    fn new(kind: Kind, from: usize, to: usize, pixel: usize) -> Self {
        match kind {
            Kind::Nearest => {
                // Wide, because the product of two lengths may be no length.
                let low = (pixel as u128 * from as u128 / to as u128) as usize;
                Self {
                    low,
                    high: low,
                    share: 0.0,
                }
            }
            Kind::Bilinear => {
                let at = (pixel as f64 + 0.5) * from as f64 / to as f64 - 0.5;
                let at = at.max(0.0);
                let low = (at as usize).min(from - 1);
                let share = (at - low as f64) as f32;
                let alone = low == from - 1 || share == 0.0;
                Self {
                    low,
                    high: if alone { low } else { low + 1 },
                    share: if alone { 0.0 } else { share },
                }
            }
        }
    }

    /// How much of the new pixel one of its two pixels is.
    #[inline(always)]
    pub(super) fn weight(self, pixel: usize) -> f32 {
        if pixel == self.low {
            1.0 - self.share
        } else {
            self.share
        }
    }
}

/// An axis.
#[derive(Debug)]
pub(super) struct Axis {
    /// Of each new pixel.
    pub(super) places: Vec<Place>,
    /// For each pixel before, the new ones it has a part in; where they are none, the range is empty, and yet begins where
    /// those of the pixels beside it meet.
    pub(super) parts: Vec<Range<usize>>,
}

impl Axis {
    pub(super) fn new(kind: Kind, from: usize, to: usize) -> Self {
        let places = (0..to).map(|pixel| Place::new(kind, from, to, pixel));
        let places: Vec<Place> = places.collect();
        let parts = (0..from)
            .map(|pixel| {
                // Places ascend.
                let first = places.partition_point(|place| place.high < pixel);
                let end = places.partition_point(|place| place.low <= pixel);
                first..end
            })
            .collect();
        Self { places, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_have_a_part_in_the_new_ones_that_are_made_of_them_and_the_weights_are_one() {
        for kind in [Kind::Nearest, Kind::Bilinear] {
            for from in 1..20 {
                for to in 1..20 {
                    let axis = Axis::new(kind, from, to);
                    let mut sums = vec![0.0; to];
                    for (pixel, parts) in axis.parts.iter().enumerate() {
                        for (new, place) in axis.places.iter().enumerate() {
                            let part = place.low == pixel || place.high == pixel;
                            assert_eq!(parts.contains(&new), part, "{kind:?} {from} {to}");
                            if part {
                                sums[new] += place.weight(pixel);
                            }
                        }
                    }
                    assert_eq!(sums, vec![1.0; to]);
                }
            }
        }
    }

    #[test]
    fn the_same_size_is_the_same_image() {
        for kind in [Kind::Nearest, Kind::Bilinear] {
            for size in 1..70 {
                for (pixel, place) in Axis::new(kind, size, size).places.iter().enumerate() {
                    assert_eq!((place.low, place.high), (pixel, pixel));
                }
            }
        }
    }
}
