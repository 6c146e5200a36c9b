//! Convolutions of images and their transposes, y = φ(b + Σ x·W), forward and backward.
//!
//! # Conventions
//!
//! **Maps are channels last**: x `[batch, height, width, channels in]`, y `[batch, out height, out width, channels out]`, row
//! by row. **Weights are in PyTorch's order**: of a convolution `[channels out, channels in / groups, kernel height, kernel
//! width]`, of a transposed one `[channels in, channels out / groups, kernel height, kernel width]`; so is their
//! gradient. They are packed inside each call. b is `[channels out]`. Every pair of sizes is (height, width). As in PyTorch a
//! convolution does not turn its kernel: it is a cross-correlation.
//!
//! # How
//!
//! Nothing is unfolded: a pixel of the result is a row of the product, its operand the runs of the source that its taps
//! reach. Taps that fall beside the source are left out of the sum rather than multiplied with zeros, and the transposed
//! convolution goes phase by phase (pixels with the same remainder by the stride have the same taps: Shi et al. 2016), so it
//! multiplies no zeros either and adds into nothing twice. A convolution's gradient to its input is that product too, and a
//! transposed convolution's gradient is the first.
//!
//! # Promises about bits
//!
//! A pixel's sum is one chain in a fixed order, starting from the bias (with at most four channels out of long runs it is
//! sixteen chains, joined in a fixed order, and the bias last); the gradient of the weights is one chain over the pixels of all
//! images in order. So results depend neither on the number of threads nor on the instruction set, and those of an image, y
//! and its gradient to x, do not depend on the images beside it.
//!
//! A zero of the padding is not multiplied with the weight beside it: where that weight is infinite or not a number, a pixel
//! at the border stays finite.
mod apply;
mod call;
mod geometry;
mod narrow;
mod panels;
mod plan;
#[cfg(test)]
pub(crate) mod reference;
#[cfg(test)]
mod tests;
mod weight_gradient;

use crate::context::Context;
use crate::error::ShapeError;
use crate::linear::Activation;
use call::Call;
pub use call::{Backward, Forward};
use geometry::{Geometry, Map, Towards};

/// A convolution's sizes and activation, or those of a transposed one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Convolution {
    /// Channels of x.
    pub channels_in: usize,
    /// Channels of y.
    pub channels_out: usize,
    /// Into how many groups both channels are cut; each group of y sees only its own of x.
    pub groups: usize,
    /// Taps.
    pub kernel: [usize; 2],
    /// Pixels of x from one pixel of y to the next; of a transposed one the pixels of y from what one pixel of x reaches to
    /// what the next does.
    pub stride: [usize; 2],
    /// Zeros before the first and after the last pixel of x; of a transposed one the pixels left out there of y.
    pub padding: [usize; 2],
    /// Pixels from one tap to the next, of x, or of a transposed one of y.
    pub dilation: [usize; 2],
    /// Whether it is a transposed convolution, the gradient of a convolution to its input taken as a layer of its own, and
    /// then the output padding: pixels added after the last of y, which several sizes of a strided convolution's input share
    /// an output for; smaller than the stride or the dilation.
    pub transposed: Option<[usize; 2]>,
    /// φ.
    pub activation: Activation,
}

/// Where the gradients go; every buffer given is written in full.
#[derive(Default)]
pub struct ConvolutionGradients<'a> {
    /// As x.
    pub input: Option<&'a mut [f32]>,
    /// As the weights.
    pub weights: Option<&'a mut [f32]>,
    /// `[channels out]`.
    pub bias: Option<&'a mut [f32]>,
}

/// No size of an axis is larger, so that no sum or product of two of them wraps around.
const LARGEST: usize = 1 << (usize::BITS / 2 - 4);

impl Convolution {
    /// The size of y: ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, or of a transposed one
    /// (size − 1)·stride − 2·padding + dilation·(kernel − 1) + output padding + 1.
    ///
    /// # Errors
    /// Sizes that are zero or too large for any memory, groups that do not divide the channels, a slope of a leaky ReLU that is
    /// not finite or is negative; a kernel larger than the padded x, or of a transposed one an output padding not smaller than
    /// the stride or the dilation, or a padding that leaves nothing.
    pub fn output_size(&self, size: [usize; 2]) -> Result<[usize; 2], ShapeError> {
        self.check(size)?;
        let mut output = [0; 2];
        for (axis, output) in output.iter_mut().enumerate() {
            *output = match self.transposed {
                None => self.shrunk(size[axis], axis)?,
                Some(added) => self.grown(size[axis], added[axis], axis)?,
            };
        }
        Ok(output)
    }

    fn shrunk(&self, size: usize, axis: usize) -> Result<usize, ShapeError> {
        let padded = size + 2 * self.padding[axis];
        let reach = self.dilation[axis] * (self.kernel[axis] - 1) + 1;
        match padded.checked_sub(reach) {
            Some(rest) => Ok(rest / self.stride[axis] + 1),
            None => Err(ShapeError::new(
                "convolution: kernel",
                format!("at most {padded} pixels, those of the padded input"),
                format!("{reach}"),
            )),
        }
    }

    fn grown(&self, size: usize, added: usize, axis: usize) -> Result<usize, ShapeError> {
        let most = self.stride[axis].max(self.dilation[axis]);
        if added >= most {
            return Err(ShapeError::new(
                "transposed convolution: output padding",
                format!("less than {most}, the stride or the dilation"),
                added.to_string(),
            ));
        }
        let taps = self.dilation[axis] * (self.kernel[axis] - 1);
        let reach = (size - 1) * self.stride[axis] + taps + added + 1;
        let left_out = 2 * self.padding[axis];
        if reach <= left_out || reach - left_out > LARGEST {
            return Err(ShapeError::new(
                "transposed convolution: output size",
                format!("1 to {LARGEST}"),
                format!("{reach} − {left_out}"),
            ));
        }
        Ok(reach - left_out)
    }

    /// What messages call it.
    fn name(&self) -> &'static str {
        match self.transposed {
            None => "convolution",
            Some(_) => "transposed convolution",
        }
    }

    fn check(&self, size: [usize; 2]) -> Result<(), ShapeError> {
        let what = self.name();
        let each = |name: &str, values: [usize; 2], least: usize| {
            for value in values {
                if !(least..=LARGEST).contains(&value) {
                    return Err(ShapeError::new(
                        format!("{what}: {name}"),
                        format!("{least} to {LARGEST}"),
                        value.to_string(),
                    ));
                }
            }
            Ok(())
        };
        let channels = [self.channels_in, self.channels_out];
        each("channels", channels, 1)?;
        each("input size", size, 1)?;
        each("kernel", self.kernel, 1)?;
        each("stride", self.stride, 1)?;
        each("dilation", self.dilation, 1)?;
        each("padding", self.padding, 0)?;
        for channels in channels {
            if self.groups == 0 || !channels.is_multiple_of(self.groups) {
                return Err(ShapeError::new(
                    format!("{what}: groups"),
                    format!("a divisor of {channels} channels"),
                    self.groups.to_string(),
                ));
            }
        }
        self.activation.check(what)
    }

    fn call<'a>(&self, context: &'a Context, size: [usize; 2]) -> Result<Call<'a>, ShapeError> {
        let output = self.output_size(size)?;
        let map = |size, channels| Map { size, channels };
        let (input, output) = (map(size, self.channels_in), map(output, self.channels_out));
        let (large, small, towards) = match self.transposed {
            None => (input, output, Towards::Small),
            Some(_) => (output, input, Towards::Large),
        };
        Ok(Call {
            what: self.name(),
            context,
            geometry: Geometry {
                large,
                small,
                groups: self.groups,
                kernel: self.kernel,
                stride: self.stride,
                padding: self.padding,
                dilation: self.dilation,
            },
            towards,
            activation: self.activation,
        })
    }

    /// y = φ(b + Σ x·W) of images of this (height, width).
    ///
    /// # Errors
    /// As [`Convolution::output_size`], or a buffer that does not fit.
    pub fn forward(
        &self,
        context: &Context,
        size: [usize; 2],
        call: Forward<'_>,
    ) -> Result<(), ShapeError> {
        self.call(context, size)?.forward(call)
    }

    /// Gradients from that of y.
    ///
    /// # Errors
    /// As [`Convolution::output_size`], or a buffer that does not fit.
    pub fn backward(
        &self,
        context: &Context,
        size: [usize; 2],
        call: Backward<'_>,
    ) -> Result<(), ShapeError> {
        self.call(context, size)?.backward(call)
    }
}
