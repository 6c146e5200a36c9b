//! The pools of windows, by rows of pixels; within a pixel over channels, in loops that the compiler turns into lanes.
use super::Kind;
use super::channels::{load, store};
use super::window::Axis;
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::Shared;
use std::ops::Range;

/// Channels that are compared together: in loops of this length the compiler keeps best values and places in registers.
const BLOCK: usize = 16;

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
        for row in rows {
            let input = &call.input[row / high.windows * image..][..image];
            let lines = high.pixels(row % high.windows);
            for window in 0..wide.windows {
                let cells = Cells {
                    image: input.as_ptr(),
                    width: wide.size,
                    channels,
                    lines: (lines.start, lines.end),
                    columns: (wide.pixels(window).start, wide.pixels(window).end),
                };
                let at = (row * wide.windows + window) * channels;
                // SAFETY: within `enter`; the caller checked the buffers, and this row of them is this task's; the pixels
                // of a window lie in the image.
                unsafe {
                    let output = call.output.at(at);
                    match call.kind {
                        Kind::Max if call.places.is_null() => {
                            cells.largest::<false>(output, std::ptr::null_mut());
                        }
                        Kind::Max => cells.largest::<true>(output, call.places.at(at)),
                        Kind::Average { count_padding } => {
                            let count = match count_padding {
                                true => high.kernel() as f32 * wide.kernel() as f32,
                                false => (lines.len() * wide.pixels(window).len()) as f32,
                            };
                            cells.mean::<V>(count, output);
                        }
                    }
                }
            }
        }
    }
}

/// The real pixels of a window of an image: from, to.
#[derive(Clone, Copy)]
struct Cells {
    image: *const f32,
    width: usize,
    channels: usize,
    lines: (usize, usize),
    columns: (usize, usize),
}

impl Cells {
    /// The largest value of each channel and, where they are wanted, its pixel.
    ///
    /// # Safety
    /// The pixels are there, and so are the channels of what is written.
    #[inline(always)]
    unsafe fn largest<const PLACES: bool>(&self, output: *mut f32, places: *mut u32) {
        let mut first = 0;
        while first < self.channels {
            let there = (self.channels - first).min(BLOCK);
            // SAFETY: by contract; a part of a block goes through arrays of its own.
            unsafe {
                if there == BLOCK {
                    let (best, place) = self.block(|from| *from.add(first).cast::<[f32; BLOCK]>());
                    *output.add(first).cast::<[f32; BLOCK]>() = best;
                    if PLACES {
                        *places.add(first).cast::<[u32; BLOCK]>() = place;
                    }
                } else {
                    let (best, place) = self.block(|from| {
                        let mut values = [0.0; BLOCK];
                        let from = from.add(first);
                        from.copy_to_nonoverlapping(values.as_mut_ptr(), there);
                        values
                    });
                    let to = output.add(first);
                    best.as_ptr().copy_to_nonoverlapping(to, there);
                    if PLACES {
                        let to = places.add(first);
                        place.as_ptr().copy_to_nonoverlapping(to, there);
                    }
                }
            }
            first += BLOCK;
        }
    }

    /// The same of a block of channels, which `load` reads of a pixel.
    ///
    /// # Safety
    /// As [`Cells::largest`].
    #[inline(always)]
    unsafe fn block(
        &self,
        load: impl Fn(*const f32) -> [f32; BLOCK],
    ) -> ([f32; BLOCK], [u32; BLOCK]) {
        let number = self.lines.0 * self.width + self.columns.0;
        // SAFETY: by contract.
        let mut best = load(unsafe { self.image.add(number * self.channels) });
        let mut place = [number as u32; BLOCK];
        for line in self.lines.0..self.lines.1 {
            for column in self.columns.0..self.columns.1 {
                let number = line * self.width + column;
                // SAFETY: by contract.
                let values = load(unsafe { self.image.add(number * self.channels) });
                for lane in 0..BLOCK {
                    // Larger, or the first that is not a number.
                    #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "not a number is larger")]
                    let wins = !(values[lane] <= best[lane]) & !best[lane].is_nan();
                    best[lane] = if wins { values[lane] } else { best[lane] };
                    place[lane] = if wins { number as u32 } else { place[lane] };
                }
            }
        }
        (best, place)
    }

    /// The sum of each channel, by `count`.
    ///
    /// # Safety
    /// As [`Cells::largest`], within [`Lanes::enter`].
    #[inline(always)]
    unsafe fn mean<V: Lanes>(&self, count: f32, output: *mut f32) {
        // SAFETY: by contract.
        unsafe {
            let count = V::splat(count);
            for (first, there) in vectors::<V>(0..self.channels) {
                let mut sum = V::splat(0.0);
                for line in self.lines.0..self.lines.1 {
                    for column in self.columns.0..self.columns.1 {
                        let at = (line * self.width + column) * self.channels + first;
                        sum = sum.add(&load::<V>(self.image.add(at), there));
                    }
                }
                store(sum.div(&count), output.add(first), there);
            }
        }
    }
}

impl Kernel for Part<'_, Back<'_>> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, rows } = self;
        let [high, wide] = call.axes;
        let over_columns: Vec<Range<usize>> = (0..wide.size)
            .map(|column| wide.windows_over(column))
            .collect();
        for row in rows {
            let (image, line) = (row / high.size, row % high.size);
            let over_line = high.windows_over(line);
            for (column, over_column) in over_columns.iter().enumerate() {
                let over = Over {
                    first_row: image * high.windows,
                    rows: (over_line.start, over_line.end),
                    columns: (over_column.start, over_column.end),
                };
                let at = (row * wide.size + column) * call.channels;
                // SAFETY: within `enter`; the caller checked the buffers, and this row is this task's; the windows lie in
                // the image's.
                unsafe {
                    let to = call.input_gradient.at(at);
                    match call.kind {
                        Kind::Max => call.of_maximum(&over, (line * wide.size + column) as u32, to),
                        Kind::Average { count_padding } => {
                            call.of_mean::<V>(&over, count_padding, to);
                        }
                    }
                }
            }
        }
    }
}

/// The windows over a pixel: from, to.
struct Over {
    /// Rows of windows before this image.
    first_row: usize,
    rows: (usize, usize),
    columns: (usize, usize),
}

impl Back<'_> {
    /// Where the channels of a window begin.
    #[inline(always)]
    fn at(&self, over: &Over, row: usize, column: usize) -> usize {
        ((over.first_row + row) * self.axes[1].windows + column) * self.channels
    }

    /// The gradient of a pixel from the windows of which it is the maximum.
    ///
    /// # Safety
    /// The windows are there, and so are the channels of what is written.
    #[inline(always)]
    unsafe fn of_maximum(&self, over: &Over, pixel: u32, to: *mut f32) {
        let (dy, places) = (self.output_gradient.as_ptr(), self.places.as_ptr());
        let mut first = 0;
        while first < self.channels {
            let there = (self.channels - first).min(BLOCK);
            // SAFETY: by contract; a part of a block goes through arrays of its own.
            unsafe {
                if there == BLOCK {
                    let sum = self.chosen(over, pixel, |at| {
                        let dy = *dy.add(at + first).cast::<[f32; BLOCK]>();
                        (dy, *places.add(at + first).cast::<[u32; BLOCK]>())
                    });
                    *to.add(first).cast::<[f32; BLOCK]>() = sum;
                } else {
                    let sum = self.chosen(over, pixel, |at| {
                        let (mut some, mut from) = ([0.0; BLOCK], [0; BLOCK]);
                        let (dy, places) = (dy.add(at + first), places.add(at + first));
                        dy.copy_to_nonoverlapping(some.as_mut_ptr(), there);
                        places.copy_to_nonoverlapping(from.as_mut_ptr(), there);
                        (some, from)
                    });
                    let to = to.add(first);
                    sum.as_ptr().copy_to_nonoverlapping(to, there);
                }
            }
            first += BLOCK;
        }
    }

    /// The same of a block of channels, whose gradients and places `load` reads of a window.
    #[inline(always)]
    fn chosen(
        &self,
        over: &Over,
        pixel: u32,
        load: impl Fn(usize) -> ([f32; BLOCK], [u32; BLOCK]),
    ) -> [f32; BLOCK] {
        let mut sum = [0.0; BLOCK];
        for row in over.rows.0..over.rows.1 {
            for column in over.columns.0..over.columns.1 {
                let (dy, places) = load(self.at(over, row, column));
                for lane in 0..BLOCK {
                    // All bits or none: a choice between values the compiler may turn into branches.
                    let chosen = u32::from(places[lane] == pixel).wrapping_neg();
                    sum[lane] += f32::from_bits(dy[lane].to_bits() & chosen);
                }
            }
        }
        sum
    }

    /// The gradient of a pixel from the means it has a part in.
    ///
    /// # Safety
    /// As [`Back::of_maximum`], within [`Lanes::enter`].
    #[inline(always)]
    unsafe fn of_mean<V: Lanes>(&self, over: &Over, count_padding: bool, to: *mut f32) {
        let [high, wide] = self.axes;
        let dy = self.output_gradient.as_ptr();
        for (first, there) in vectors::<V>(0..self.channels) {
            // SAFETY: by contract.
            unsafe {
                let mut sum = V::splat(0.0);
                for row in over.rows.0..over.rows.1 {
                    for column in over.columns.0..over.columns.1 {
                        let count = match count_padding {
                            true => high.kernel() as f32 * wide.kernel() as f32,
                            false => (high.pixels(row).len() * wide.pixels(column).len()) as f32,
                        };
                        let dy: V = load(dy.add(self.at(over, row, column) + first), there);
                        sum = dy.mul_add(&V::splat(1.0 / count), &sum);
                    }
                }
                store(sum, to.add(first), there);
            }
        }
    }
}
