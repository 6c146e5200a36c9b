//! What a convolution and a transposed one have in common: two maps, a *large* and a *small* one, and taps between them.
//!
//! Tap k of the kernel joins pixel o of the small map to pixel o·stride + k·dilation − padding of the large one, if that
//! pixel is there. A convolution reads the large map and writes the small one; a transposed convolution does the opposite;
//! their gradients are the same three sums. Along each axis the taps that a pixel of the result really has are known
//! beforehand, so the pixels are sorted into *pieces* with the same taps: no zero is ever multiplied, nothing is padded.
use std::ops::Range;

/// One map of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Map {
    pub(super) size: [usize; 2],
    pub(super) channels: usize,
}

impl Map {
    /// Values of one image.
    pub(super) fn values(self) -> usize {
        self.pixels() * self.channels
    }

    pub(super) fn pixels(self) -> usize {
        self.size[0] * self.size[1]
    }
}

/// Both maps and the taps between them; the weights are `[small channels, large channels / groups, height, width]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    pub(super) large: Map,
    pub(super) small: Map,
    pub(super) groups: usize,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: [usize; 2],
    pub(super) dilation: [usize; 2],
}

/// Which map a product writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Towards {
    /// From the large map to the small one: a convolution, the gradient of a transposed one.
    Small,
    /// From the small map to the large one: a transposed convolution, the gradient of a convolution.
    Large,
}

/// Pixels of the result along one axis that have the same taps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The first pixel of the result, the distance to the next, and how many.
    pub(super) first: usize,
    pub(super) step: usize,
    pub(super) count: usize,
    /// Which taps of the phase.
    pub(super) taps: Range<usize>,
    /// The source pixel of the first of these taps for the first pixel; zero without taps.
    pub(super) source: usize,
    /// By how much the source moves from pixel to pixel.
    pub(super) source_step: usize,
}

/// Pixels of the result along one axis that are reached by the same part of the kernel: all of them where the small map is
/// written, those with the same remainder by the stride where the large one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phase {
    /// The kernel's indices, in ascending order of the source pixels.
    pub(super) taps: Vec<usize>,
    /// Distance between the source pixels of neighbouring taps.
    pub(super) tap_step: usize,
    pub(super) pieces: Vec<Piece>,
    /// Pixels of the result.
    pub(super) count: usize,
}

impl Geometry {
    pub(super) fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// (read, written).
    pub(super) fn maps(&self, towards: Towards) -> (Map, Map) {
        match towards {
            Towards::Small => (self.large, self.small),
            Towards::Large => (self.small, self.large),
        }
    }

    /// Multiply-adds of one image, zeros included.
    pub(super) fn work(&self) -> usize {
        let channels = self.small.channels * (self.large.channels / self.groups);
        self.small.pixels() * self.taps() * channels
    }

    /// The phases of one axis.
    pub(super) fn phases(&self, towards: Towards, axis: usize) -> Vec<Phase> {
        let (kernel, stride) = (self.kernel[axis], self.stride[axis]);
        let (padding, dilation) = (self.padding[axis], self.dilation[axis]);
        let (large, small) = (self.large.size[axis], self.small.size[axis]);
        match towards {
            Towards::Small => {
                let start = Line {
                    base: -(padding as isize),
                    source_step: stride,
                    tap_step: dilation,
                    length: large,
                };
                vec![start.phase((0..kernel).collect(), (0, 1), small)]
            }
            Towards::Large => {
                let common = gcd(stride, dilation);
                let phase = |remainder: usize| {
                    let at =
                        |tap: usize| (remainder + padding) as isize - (tap * dilation) as isize;
                    let reaches = |tap: &usize| at(*tap).rem_euclid(stride as isize) == 0;
                    let taps: Vec<usize> = (0..kernel).rev().filter(reaches).collect();
                    let line = Line {
                        base: taps
                            .first()
                            .map_or(0, |tap| at(*tap).div_euclid(stride as isize)),
                        source_step: 1,
                        tap_step: dilation / common,
                        length: small,
                    };
                    let count = (large.saturating_sub(remainder)).div_ceil(stride);
                    line.phase(taps, (remainder, stride), count)
                };
                (0..stride.min(large)).map(phase).collect()
            }
        }
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Where along an axis the source of (pixel q, tap t) lies: base + q·source_step + t·tap_step, if within 0..length.
struct Line {
    base: isize,
    source_step: usize,
    tap_step: usize,
    length: usize,
}

impl Line {
    fn phase(&self, taps: Vec<usize>, (first, step): (usize, usize), count: usize) -> Phase {
        let mut pieces: Vec<Piece> = Vec::new();
        for pixel in 0..count {
            let start = self.base + (pixel * self.source_step) as isize;
            // The first tap whose source is at `bound` or beyond.
            let from = |bound: isize| {
                let taps_before = (bound - start).max(0) as usize;
                taps_before.div_ceil(self.tap_step).min(taps.len())
            };
            let (low, high) = (from(0), from(self.length as isize));
            let there = if low < high { low..high } else { 0..0 };
            if let Some(last) = pieces.last_mut()
                && last.taps == there
            {
                last.count += 1;
                continue;
            }
            let source = if there.is_empty() {
                0
            } else {
                (start + (there.start * self.tap_step) as isize) as usize
            };
            pieces.push(Piece {
                first: first + pixel * step,
                step,
                count: 1,
                source_step: if there.is_empty() {
                    0
                } else {
                    self.source_step
                },
                taps: there,
                source,
            });
        }
        Phase {
            taps,
            tap_step: self.tap_step,
            pieces,
            count,
        }
    }
}
