//! The pools of windows, by rows of pixels; within a pixel over channels, in loops that the compiler turns into lanes.
use super::Kind;
use super::window::Axis;
use crate::lanes::{Kernel, Lanes};
use crate::memory::Shared;
use std::ops::Range;

/// Pixels of a window that are compared in one go over the channels.
const TOGETHER: usize = 4;

pub(super) struct Forward<'a> {
    pub(super) kind: Kind,
    pub(super) axes: [Axis; 2],
    pub(super) channels: usize,
    pub(super) input: &'a [f32],
    pub(super) output: Shared<f32>,
    /// Null where they are not wanted.
    pub(super) places: Shared<u32>,
}

pub(super) struct Back<'a> {
    pub(super) kind: Kind,
    pub(super) axes: [Axis; 2],
    pub(super) channels: usize,
    pub(super) places: &'a [u32],
    pub(super) output_gradient: &'a [f32],
    pub(super) input_gradient: Shared<f32>,
}

/// Some rows of pixels of what is written, counted through all images.
pub(super) struct Part<'a, T> {
    pub(super) call: &'a T,
    pub(super) rows: Range<usize>,
}

impl Kernel for Part<'_, Forward<'_>> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, rows } = self;
        let ([high, wide], channels) = (call.axes, call.channels);
        let image = high.size * wide.size * channels;
        let mut cells = Vec::new();
        for row in rows {
            let input = &call.input[row / high.windows * image..][..image];
            let lines = high.pixels(row % high.windows);
            for window in 0..wide.windows {
                let columns = wide.pixels(window);
                cells.clear();
                for line in lines.clone() {
                    cells.extend(columns.clone().map(|column| line * wide.size + column));
                }
                let at = (row * wide.windows + window) * channels;
                // SAFETY: the caller checked the buffers, and this row is this task's.
                let output =
                    unsafe { std::slice::from_raw_parts_mut(call.output.at(at), channels) };
                match call.kind {
                    Kind::Max if call.places.is_null() => {
                        largest::<false>(input, &cells, output, &mut []);
                    }
                    Kind::Max => {
                        // SAFETY: as for the output, which is as large.
                        let places =
                            unsafe { std::slice::from_raw_parts_mut(call.places.at(at), channels) };
                        largest::<true>(input, &cells, output, places);
                    }
                    Kind::Average { count_padding } => {
                        let count = match count_padding {
                            true => high.kernel() as f32 * wide.kernel() as f32,
                            false => cells.len() as f32,
                        };
                        mean(input, &cells, count, output);
                    }
                }
            }
        }
    }
}

/// The largest value of each channel over some pixels of an image, and its pixel.
#[inline(always)]
fn largest<const PLACES: bool>(
    image: &[f32],
    cells: &[usize],
    output: &mut [f32],
    places: &mut [u32],
) {
    let (fours, rest) = cells.as_chunks::<TOGETHER>();
    let mut begun = false;
    for cells in fours {
        match begun {
            false => compare::<TOGETHER, true, PLACES>(image, cells, output, places),
            true => compare::<TOGETHER, false, PLACES>(image, cells, output, places),
        }
        begun = true;
    }
    for &cell in rest {
        match begun {
            false => compare::<1, true, PLACES>(image, &[cell], output, places),
            true => compare::<1, false, PLACES>(image, &[cell], output, places),
        }
        begun = true;
    }
}

/// Takes up the values of `N` pixels, the first of all where `FIRST`.
#[inline(always)]
fn compare<const N: usize, const FIRST: bool, const PLACES: bool>(
    image: &[f32],
    cells: &[usize; N],
    output: &mut [f32],
    places: &mut [u32],
) {
    let channels = output.len();
    let values: [&[f32]; N] = cells.map(|cell| &image[cell * channels..][..channels]);
    let numbers = cells.map(|cell| cell as u32);
    let places = &mut places[..if PLACES { channels } else { 0 }];
    for channel in 0..channels {
        let (mut best, mut place) = match FIRST {
            true => (values[0][channel], numbers[0]),
            false => (output[channel], if PLACES { places[channel] } else { 0 }),
        };
        for index in usize::from(FIRST)..N {
            let value = values[index][channel];
            // Larger, or the first that is not a number.
            #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "not a number is larger")]
            let wins = !(value <= best) & !best.is_nan();
            best = if wins { value } else { best };
            place = if wins { numbers[index] } else { place };
        }
        output[channel] = best;
        if PLACES {
            places[channel] = place;
        }
    }
}

#[inline(always)]
fn mean(image: &[f32], cells: &[usize], count: f32, output: &mut [f32]) {
    let channels = output.len();
    let (fours, rest) = cells.as_chunks::<TOGETHER>();
    output.fill(0.0);
    for cells in fours {
        let values = cells.map(|cell| &image[cell * channels..][..channels]);
        for (channel, sum) in output.iter_mut().enumerate() {
            for value in values {
                *sum += value[channel];
            }
        }
    }
    for cell in rest {
        let value = &image[cell * channels..][..channels];
        for (sum, value) in output.iter_mut().zip(value) {
            *sum += value;
        }
    }
    output.iter_mut().for_each(|sum| *sum /= count);
}

impl Kernel for Part<'_, Back<'_>> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, rows } = self;
        let ([high, wide], channels) = (call.axes, call.channels);
        for row in rows {
            let (image, line) = (row / high.size, row % high.size);
            for column in 0..wide.size {
                let at = (row * wide.size + column) * channels;
                // SAFETY: the caller checked the buffers, and this row is this task's.
                let dx =
                    unsafe { std::slice::from_raw_parts_mut(call.input_gradient.at(at), channels) };
                let mut begun = false;
                for window_row in high.windows_over(line) {
                    for window in wide.windows_over(column) {
                        let of_row = (image * high.windows + window_row) * wide.windows;
                        let at = (of_row + window) * channels;
                        let dy = &call.output_gradient[at..][..channels];
                        match call.kind {
                            Kind::Max => {
                                let places = &call.places[at..][..channels];
                                let pixel = (line * wide.size + column) as u32;
                                collect(dx, begun, |channel| match places[channel] == pixel {
                                    true => dy[channel],
                                    false => 0.0,
                                });
                            }
                            Kind::Average { count_padding } => {
                                let count = match count_padding {
                                    true => high.kernel() as f32 * wide.kernel() as f32,
                                    false => {
                                        let rows = high.pixels(window_row).len();
                                        (rows * wide.pixels(window).len()) as f32
                                    }
                                };
                                let part = 1.0 / count;
                                collect(dx, begun, |channel| dy[channel] * part);
                            }
                        }
                        begun = true;
                    }
                }
                if !begun {
                    dx.fill(0.0);
                }
            }
        }
    }
}

/// Adds to a gradient that has begun, or begins it.
#[inline(always)]
fn collect(gradient: &mut [f32], begun: bool, term: impl Fn(usize) -> f32) {
    match begun {
        true => (gradient.iter_mut().enumerate()).for_each(|(at, sum)| *sum += term(at)),
        false => (gradient.iter_mut().enumerate()).for_each(|(at, sum)| *sum = term(at)),
    }
}
