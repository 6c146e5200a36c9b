//! The mean of each channel over a whole image.
use super::{Images, TASKS};
use crate::context::Context;
use crate::error::ShapeError;
use crate::lanes::{Kernel, Lanes};
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

/// Pixels whose sum is one chain; the chains are joined in `f64`, in order. Part of the definition, so of the bits.
const TILE: usize = 64;

/// The pool that leaves one pixel: x `[batch, height, width, C]`, y `[batch, C]`, y = 1/n · Σ x over the n pixels of an
/// image, and dx = dy/n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlobalAverage(pub Images);

impl GlobalAverage {
    /// y.
    ///
    /// # Errors
    /// An image without a pixel, a buffer that does not fit.
    pub fn forward(
        &self,
        context: &Context,
        input: &[f32],
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check(input.len(), output.len(), ["input", "output"])?;
        let threads = context.threads_for(size_of_val(input));
        let to = Shared::new(output);
        shares(self.0.batch, threads * TASKS).run(threads, |range| {
            let part = Forward {
                images: self.0,
                range,
                input,
                to,
            };
            // SAFETY: the context's instruction set is available, the buffers fit, each task has images of its own.
            unsafe { crate::lanes::run(context.instruction_set(), part) };
        });
        Ok(())
    }

    /// The gradient of x, written in full.
    ///
    /// # Errors
    /// As [`GlobalAverage::forward`].
    pub fn backward(
        &self,
        context: &Context,
        output_gradient: &[f32],
        input_gradient: &mut [f32],
    ) -> Result<(), ShapeError> {
        let what = ["input gradient", "output gradient"];
        self.check(input_gradient.len(), output_gradient.len(), what)?;
        let threads = context.threads_for(size_of_val(input_gradient));
        let to = Shared::new(input_gradient);
        shares(self.0.batch, threads * TASKS).run(threads, |range| {
            let part = Back {
                images: self.0,
                range,
                output_gradient,
                to,
            };
            // SAFETY: as in `forward`.
            unsafe { crate::lanes::run(context.instruction_set(), part) };
        });
        Ok(())
    }

    fn check(&self, images: usize, pooled: usize, what: [&str; 2]) -> Result<(), ShapeError> {
        for (name, size) in [("height", self.0.height), ("width", self.0.width)] {
            if size == 0 {
                let argument = format!("global average: {name}");
                return Err(ShapeError::new(argument, "at least 1", "0"));
            }
        }
        (self.0).check(&format!("global average: {}", what[0]), images)?;
        let shape = [("batch", self.0.batch), ("channels", self.0.channels)];
        ShapeError::check(&format!("global average: {}", what[1]), &shape, pooled)
    }
}

/// Means of some images.
struct Forward<'a> {
    images: Images,
    range: Range<usize>,
    input: &'a [f32],
    to: Shared<f32>,
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let channels = self.images.channels;
        let pixels = self.images.height * self.images.width;
        let mut totals = vec![0.0f64; channels];
        for image in self.range {
            // SAFETY: the caller checked the buffer, and this image is this task's.
            let output =
                unsafe { std::slice::from_raw_parts_mut(self.to.at(image * channels), channels) };
            totals.fill(0.0);
            for first in (0..pixels).step_by(TILE) {
                let tile = first..(first + TILE).min(pixels);
                output.fill(0.0);
                for pixel in tile {
                    let values = &self.input[(image * pixels + pixel) * channels..][..channels];
                    for (sum, value) in output.iter_mut().zip(values) {
                        *sum += value;
                    }
                }
                for (total, sum) in totals.iter_mut().zip(&*output) {
                    *total += f64::from(*sum);
                }
            }
            for (mean, total) in output.iter_mut().zip(&totals) {
                *mean = (total / pixels as f64) as f32;
            }
        }
    }
}

/// Gradients of some images.
struct Back<'a> {
    images: Images,
    range: Range<usize>,
    output_gradient: &'a [f32],
    to: Shared<f32>,
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let channels = self.images.channels;
        let pixels = self.images.height * self.images.width;
        let mut part = vec![0.0f32; channels];
        for image in self.range {
            let dy = &self.output_gradient[image * channels..][..channels];
            for (part, dy) in part.iter_mut().zip(dy) {
                *part = dy / pixels as f32;
            }
            for pixel in 0..pixels {
                // SAFETY: the caller checked the buffer, and this image is this task's.
                let dx = unsafe {
                    let at = self.to.at((image * pixels + pixel) * channels);
                    std::slice::from_raw_parts_mut(at, channels)
                };
                dx.copy_from_slice(&part);
            }
        }
    }
}
