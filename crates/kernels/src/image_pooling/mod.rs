//! Pools of images: the largest value or the mean of each window, or the mean of the whole image.
//!
//! Row-major `f32`, channels last: x `[batch, height, width, C]`, y `[batch, height', width', C]`. A window has
//! kernel · kernel pixels, windows are a stride apart, and the image is thought to have a margin of so much padding; as in
//! PyTorch, height' = ⌊(height + 2 · padding − kernel) / stride⌋ + 1, there is no dilation, and a padding is at most half
//! a kernel, so that every window has a real pixel. Of a window W, whose real pixels are R ⊆ W,
//!
//! ```text
//! Max        y = max over R of x          dx = Σ dy of the windows whose maximum it is
//! Average    y = 1/n · Σ over R of x      dx = Σ dy/n of the windows it is in
//! ```
//!
//! where n is |W|, the padding counted, or |R|: PyTorch's `count_include_pad`, whose default is to count it.
//!
//! Of equal values the first has the gradient; what is not a number is larger than every number, so it is not lost. A sum
//! runs over pixels, or backward over windows, in ascending order, and each value is one task's: an image's bits depend
//! neither on threads nor on the images beside it. The gradient of a maximum is gathered by the pixels from the windows
//! they are in, which goes lane by lane over channels, instead of being scattered from the windows one value at a time.
mod channels;
mod global;
mod kernel;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
mod window;

use crate::context::Context;
use crate::error::ShapeError;
use crate::memory::Shared;
use crate::shares::shares;
pub(crate) use channels::{load, store};
pub use global::GlobalAverage;
use kernel::{Back, Forward, Part};
use window::Axis;

/// Parts of the work for each thread: a thread that comes late, on a machine that is busy, leaves its parts to the others.
pub(crate) const TASKS: usize = 4;

/// Sizes of a stack of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Images {
    /// Images.
    pub batch: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
    /// Values of a pixel, C.
    pub channels: usize,
}

impl Images {
    pub(crate) fn check(self, what: &str, found: usize) -> Result<(), ShapeError> {
        let shape = [
            ("batch", self.batch),
            ("height", self.height),
            ("width", self.width),
            ("channels", self.channels),
        ];
        ShapeError::check(what, &shape, found)
    }

    /// As many images, of another height and width.
    pub(crate) fn resized(self, [height, width]: [usize; 2]) -> Self {
        Self {
            height,
            width,
            ..self
        }
    }
}

/// What of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The largest value of each channel.
    Max,
    /// The mean of each channel.
    Average {
        /// Whether the pixels of the padding, which are zero, count: PyTorch's `count_include_pad`.
        count_padding: bool,
    },
}

/// The windows of a pool: height and width of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Pixels of a window.
    pub kernel: [usize; 2],
    /// From one window to the next.
    pub stride: [usize; 2],
    /// The margin on each side, at most half a kernel.
    pub padding: [usize; 2],
}

/// A pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImagePooling {
    /// What of a window.
    pub kind: Kind,
    /// Sizes of x.
    pub images: Images,
    /// The windows.
    pub window: Window,
}

impl ImagePooling {
    /// Height and width of y.
    ///
    /// # Errors
    /// An image, a kernel or a stride of nothing, a padding of more than half a kernel, a kernel larger than an image with
    /// its padding, more than 2³² pixels to an image.
    pub fn output(&self) -> Result<[usize; 2], ShapeError> {
        Ok(self.axes()?.map(|axis| axis.windows))
    }

    /// y, and for [`Kind::Max`] the pixel that each of its values comes from (its number in its image, row by row, as
    /// PyTorch counts them), if `places`, as large as y, are given: [`ImagePooling::backward`] needs them.
    ///
    /// # Errors
    /// As [`ImagePooling::output`]; a buffer that does not fit.
    pub fn forward(
        &self,
        context: &Context,
        input: &[f32],
        output: &mut [f32],
        places: Option<&mut [u32]>,
    ) -> Result<(), ShapeError> {
        let axes = self.axes()?;
        self.images.check("image pooling: input", input.len())?;
        let pooled = self.images.resized(axes.map(|axis| axis.windows));
        pooled.check("image pooling: output", output.len())?;
        if let Some(places) = &places {
            pooled.check("image pooling: places", places.len())?;
        }
        let call = Forward {
            kind: self.kind,
            axes,
            channels: self.images.channels,
            input,
            output: Shared::new(output),
            places: places.map_or(Shared::null(), Shared::new),
        };
        let threads = context.threads_for(size_of_val(input));
        shares(pooled.batch * pooled.height, threads * TASKS).run(threads, |rows| {
            // SAFETY: the context's instruction set is available, the buffers fit, and each task writes its own rows.
            unsafe { crate::lanes::run(context.instruction_set(), Part { call: &call, rows }) };
        });
        Ok(())
    }

    /// The gradient of x, written in full. `places`, which only [`Kind::Max`] needs, are those of
    /// [`ImagePooling::forward`]; where one lies outside its window its gradient goes nowhere.
    ///
    /// # Errors
    /// As [`ImagePooling::forward`].
    pub fn backward(
        &self,
        context: &Context,
        places: &[u32],
        output_gradient: &[f32],
        input_gradient: &mut [f32],
    ) -> Result<(), ShapeError> {
        let axes = self.axes()?;
        (self.images).check("image pooling: input gradient", input_gradient.len())?;
        let pooled = self.images.resized(axes.map(|axis| axis.windows));
        pooled.check("image pooling: output gradient", output_gradient.len())?;
        if self.kind == Kind::Max {
            pooled.check("image pooling: places", places.len())?;
        }
        let threads = context.threads_for(size_of_val(input_gradient));
        let call = Back {
            kind: self.kind,
            axes,
            channels: self.images.channels,
            places,
            output_gradient,
            input_gradient: Shared::new(input_gradient),
        };
        shares(self.images.batch * self.images.height, threads * TASKS).run(threads, |rows| {
            // SAFETY: as in `forward`.
            unsafe { crate::lanes::run(context.instruction_set(), Part { call: &call, rows }) };
        });
        Ok(())
    }

    fn axes(&self) -> Result<[Axis; 2], ShapeError> {
        let axes = Axis::both(self.images, self.window)?;
        let pixels = self.images.height.checked_mul(self.images.width);
        match pixels.map(u32::try_from) {
            Some(Ok(_)) => Ok(axes),
            _ => Err(ShapeError::new(
                "image pooling: pixels of an image",
                "fewer than 2³²",
                format!("{} × {}", self.images.height, self.images.width),
            )),
        }
    }
}
