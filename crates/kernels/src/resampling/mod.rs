//! Images brought to another size: the nearest pixel, or bilinear interpolation between the nearest four.
//!
//! Row-major `f32`, channels last: x `[batch, height, width, C]`, y `[batch, height', width', C]`. Each axis by itself, as
//! PyTorch's `interpolate` has it, with in pixels before and out after:
//!
//! ```text
//! Nearest     pixel i comes from ⌊i · in / out⌋
//! Bilinear    from p = max(0, (i + ½) · in / out − ½), whose neighbours are l = ⌊p⌋ and h = min(l + 1, in − 1):
//!             x[l] + (p − l) · (x[h] − x[l])
//! ```
//!
//! So corners are not aligned (`align_corners=False`), and an image that is made smaller is not smoothed first
//! (`antialias=False`): pixels between those that are wanted have no part. The nearest pixel is that of exact
//! arithmetic, where PyTorch rounds in / out to `f32` first, which at a few sizes takes the pixel before.
//!
//! An image is interpolated down its columns first, whole rows at a time, and then along its rows. Backward the same is
//! gone through in the opposite direction: along rows, then down columns, each sum in ascending order of what it comes
//! from. Each row of the result is one task's, so an image's bits depend neither on threads nor on the images beside it.
mod axis;
mod kernel;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use crate::context::Context;
use crate::error::ShapeError;
use crate::image_pooling::{Images, TASKS};
use crate::memory::Shared;
use crate::shares::shares;
use axis::Axis;
use kernel::{Back, Forward, Part};

/// How.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The pixel at ⌊i · in / out⌋.
    Nearest,
    /// Bilinear interpolation, corners not aligned, not smoothed first.
    Bilinear,
}

/// A change of size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// How.
    pub kind: Kind,
    /// Sizes of x.
    pub images: Images,
    /// Height and width of y.
    pub to: [usize; 2],
}

impl Resampling {
    /// y.
    ///
    /// # Errors
    /// A height or width of nothing, before or after; a buffer that does not fit.
    pub fn forward(
        &self,
        context: &Context,
        input: &[f32],
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check(["input", "output"], [input.len(), output.len()])?;
        let threads = self.threads(context, input.len(), output.len());
        let call = Forward {
            axes: self.axes(),
            channels: self.images.channels,
            input,
            output: Shared::new(output),
        };
        shares(self.images.batch * self.to[0], threads * TASKS).run(threads, |rows| {
            // SAFETY: the context's instruction set is available, the buffers fit, and each task writes its own rows.
            unsafe { crate::lanes::run(context.instruction_set(), Part { call: &call, rows }) };
        });
        Ok(())
    }

    /// The gradient of x, written in full.
    ///
    /// # Errors
    /// As [`Resampling::forward`].
    pub fn backward(
        &self,
        context: &Context,
        output_gradient: &[f32],
        input_gradient: &mut [f32],
    ) -> Result<(), ShapeError> {
        let lengths = [input_gradient.len(), output_gradient.len()];
        self.check(["input gradient", "output gradient"], lengths)?;
        let threads = self.threads(context, lengths[0], lengths[1]);
        let call = Back {
            axes: self.axes(),
            channels: self.images.channels,
            output_gradient,
            input_gradient: Shared::new(input_gradient),
        };
        shares(self.images.batch * self.images.height, threads * TASKS).run(threads, |rows| {
            // SAFETY: as in `forward`.
            unsafe { crate::lanes::run(context.instruction_set(), Part { call: &call, rows }) };
        });
        Ok(())
    }

    fn check(&self, what: [&str; 2], found: [usize; 2]) -> Result<(), ShapeError> {
        let resized = self.images.resized(self.to);
        for ((what, images), found) in what.into_iter().zip([self.images, resized]).zip(found) {
            for (axis, size) in [("height", images.height), ("width", images.width)] {
                if size == 0 {
                    let argument = format!("resampling: {axis} of the {what}");
                    return Err(ShapeError::new(argument, "at least 1", "0"));
                }
            }
            images.check(&format!("resampling: {what}"), found)?;
        }
        Ok(())
    }

    fn axes(&self) -> [Axis; 2] {
        let from = [self.images.height, self.images.width];
        [0, 1].map(|axis| Axis::new(self.kind, from[axis], self.to[axis]))
    }

    fn threads(&self, context: &Context, input: usize, output: usize) -> usize {
        context.threads_for((input + output) * size_of::<f32>())
    }
}
