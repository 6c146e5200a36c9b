//! Rows of new pixels from those before, and rows of gradients from those of the new pixels.
use super::axis::{Axis, Place};
use crate::image_pooling::{load, store};
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::Shared;
use std::ops::Range;

pub(super) struct Forward<'a> {
    pub(super) axes: [Axis; 2],
    pub(super) channels: usize,
    pub(super) input: &'a [f32],
    pub(super) output: Shared<f32>,
}

pub(super) struct Back<'a> {
    pub(super) axes: [Axis; 2],
    pub(super) channels: usize,
    pub(super) output_gradient: &'a [f32],
    pub(super) input_gradient: Shared<f32>,
}

/// Some rows of pixels of what is written, counted through all images.
pub(super) struct Part<'a, T> {
    pub(super) call: &'a T,
    pub(super) rows: Range<usize>,
}

/// Writes low + share · (high − low).
///
/// # Safety
/// Called within [`Lanes::enter`]; `count` values are there to read and to write.
#[inline(always)]
unsafe fn between<V: Lanes>(
    low: *const f32,
    high: *const f32,
    share: f32,
    to: *mut f32,
    count: usize,
) {
    // SAFETY: by contract.
    unsafe {
        let share = V::splat(share);
        for (first, there) in vectors::<V>(0..count) {
            let a: V = load(low.add(first), there);
            let b: V = load(high.add(first), there);
            store(b.sub(&a).mul_add(&share, &a), to.add(first), there);
        }
    }
}

impl Kernel for Part<'_, Forward<'_>> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, rows } = self;
        let ([high, wide], channels) = (&call.axes, call.channels);
        let length = wide.parts.len() * channels;
        let new_length = wide.places.len() * channels;
        let mut mixed = vec![0.0f32; length];
        for row in rows {
            let (image, new_line) = (row / high.places.len(), row % high.places.len());
            let Place {
                low,
                high: next,
                share,
            } = high.places[new_line];
            let first_line = image * high.parts.len();
            let line = |line: usize| &call.input[(first_line + line) * length..][..length];
            let mut from = line(low).as_ptr();
            // SAFETY: within `enter`; lines are as long as the row they are mixed in; the caller checked the buffers, and
            // this row of the output is this task's; places lie within the lines.
            unsafe {
                if next != low {
                    let to = mixed.as_mut_ptr();
                    between::<V>(from, line(next).as_ptr(), share, to, length);
                    from = to;
                }
                for (pixel, place) in wide.places.iter().enumerate() {
                    let to = call.output.at(row * new_length + pixel * channels);
                    let low = from.add(place.low * channels);
                    if place.high == place.low {
                        for (first, there) in vectors::<V>(0..channels) {
                            store::<V>(load(low.add(first), there), to.add(first), there);
                        }
                    } else {
                        let high = from.add(place.high * channels);
                        between::<V>(low, high, place.share, to, channels);
                    }
                }
            }
        }
    }
}

impl Kernel for Part<'_, Back<'_>> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, rows } = self;
        let height = call.axes[0].parts.len();
        let length = call.axes[1].parts.len() * call.channels;
        let mut mixed = vec![0.0f32; length];
        let mut next = rows.start;
        while next < rows.end {
            let image = next / height;
            let end = rows.end.min((image + 1) * height);
            let lines = next - image * height..end - image * height;
            // SAFETY: within `enter`; the caller checked the buffers, and these rows are this task's.
            unsafe { call.lines::<V>(image, lines, &mut mixed) };
            next = end;
        }
    }
}

impl Back<'_> {
    /// The gradients of some lines of an image.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`]; the buffers fit, and nobody else writes these lines.
    #[inline(always)]
    unsafe fn lines<V: Lanes>(&self, image: usize, lines: Range<usize>, mixed: &mut [f32]) {
        let ([high, wide], channels) = (&self.axes, self.channels);
        let length = mixed.len();
        let new_length = wide.places.len() * channels;
        let first_line = image * high.parts.len();
        // SAFETY: by contract.
        let to = |line: usize| unsafe { self.input_gradient.at((first_line + line) * length) };
        for line in lines.clone() {
            // SAFETY: a line of this task's.
            unsafe { std::slice::from_raw_parts_mut(to(line), length) }.fill(0.0);
        }
        for new_line in high.parts[lines.start].start..high.parts[lines.end - 1].end {
            let row = image * high.places.len() + new_line;
            let dy = self.output_gradient[row * new_length..][..new_length].as_ptr();
            // SAFETY: by contract; the parts of a pixel are new pixels of this row.
            unsafe {
                for (pixel, parts) in wide.parts.iter().enumerate() {
                    let to = mixed.as_mut_ptr().add(pixel * channels);
                    for (first, there) in vectors::<V>(0..channels) {
                        let mut sum = V::splat(0.0);
                        for new in parts.clone() {
                            let dy: V = load(dy.add(new * channels + first), there);
                            let weight = V::splat(wide.places[new].weight(pixel));
                            sum = dy.mul_add(&weight, &sum);
                        }
                        store(sum, to.add(first), there);
                    }
                }
                let place = high.places[new_line];
                for line in place.low..=place.high {
                    if !lines.contains(&line) {
                        continue;
                    }
                    let (to, weight) = (to(line), V::splat(place.weight(line)));
                    for (first, there) in vectors::<V>(0..length) {
                        let sum: V = load(to.add(first), there);
                        let part: V = load(mixed.as_ptr().add(first), there);
                        store(part.mul_add(&weight, &sum), to.add(first), there);
                    }
                }
            }
        }
    }
}
