//! Convolutions of images and their transposes, y = φ(b + Σ x·W), forward and backward.
//!
//! # Conventions
//!
//! **Maps are channels last**: x `[batch, height, width, channels in]`, y `[batch, out height, out width, channels out]`, row
//! by row. **Weights are in PyTorch's order**: of a [`Convolution`] `[channels out, channels in / groups, kernel height, kernel
//! width]`, of a [`TransposedConvolution`] `[channels in, channels out / groups, kernel height, kernel width]`; so is their
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
mod transposed;
mod weight_gradient;

use crate::context::Context;
use crate::error::ShapeError;
use crate::linear::Activation;
use call::{Backward, Call, Forward};
use geometry::{Geometry, Map, Towards};
pub use transposed::TransposedConvolution;

/// A convolution's sizes and activation.
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
    /// Pixels of x from one pixel of y to the next.
    pub stride: [usize; 2],
    /// Zeros before the first and after the last pixel of x.
    pub padding: [usize; 2],
    /// Pixels of x from one tap to the next.
    pub dilation: [usize; 2],
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

impl Convolution {
    /// The size of y: ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1.
    ///
    /// # Errors
    /// Sizes that are zero or too large for any memory, groups that do not divide the channels, a slope of a leaky ReLU that is
    /// not finite or is negative, or a kernel larger than the padded x.
    pub fn output_size(&self, size: [usize; 2]) -> Result<[usize; 2], ShapeError> {
        self.settings().check("convolution", size)?;
        let mut output = [0; 2];
        for axis in 0..2 {
            let padded = size[axis] + 2 * self.padding[axis];
            let reach = self.dilation[axis] * (self.kernel[axis] - 1) + 1;
            if padded < reach {
                return Err(ShapeError::new(
                    "convolution: kernel",
                    format!("at most {padded} pixels, those of the padded input"),
                    format!("{reach}"),
                ));
            }
            output[axis] = (padded - reach) / self.stride[axis] + 1;
        }
        Ok(output)
    }

    fn settings(&self) -> Settings {
        Settings {
            channels: [self.channels_in, self.channels_out],
            groups: self.groups,
            kernel: self.kernel,
            stride: self.stride,
            padding: self.padding,
            dilation: self.dilation,
            activation: self.activation,
        }
    }

    fn call<'a>(&self, context: &'a Context, size: [usize; 2]) -> Result<Call<'a>, ShapeError> {
        let output = self.output_size(size)?;
        let map = |size, channels| Map { size, channels };
        let (input, output) = (map(size, self.channels_in), map(output, self.channels_out));
        let geometry = self.settings().geometry(input, output);
        Ok(Call {
            what: "convolution",
            context,
            geometry,
            towards: Towards::Small,
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
        input: &[f32],
        weights: &[f32],
        bias: Option<&[f32]>,
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.call(context, size)?.forward(Forward {
            input,
            weights,
            bias,
            output,
        })
    }

    /// Gradients from that of y; `output` is what the forward call gave.
    ///
    /// # Errors
    /// As [`Convolution::output_size`], or a buffer that does not fit.
    #[allow(clippy::too_many_arguments)]
    pub fn backward(
        &self,
        context: &Context,
        size: [usize; 2],
        input: &[f32],
        weights: &[f32],
        output: &[f32],
        output_gradient: &[f32],
        gradients: ConvolutionGradients<'_>,
    ) -> Result<(), ShapeError> {
        self.call(context, size)?.backward(Backward {
            input,
            weights,
            output,
            output_gradient,
            gradients,
        })
    }
}

/// What both convolutions are given.
struct Settings {
    /// In, out.
    channels: [usize; 2],
    groups: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
    activation: Activation,
}

/// No size of an axis is larger, so that no sum or product of two of them wraps around.
const LARGEST: usize = 1 << (usize::BITS / 2 - 4);

impl Settings {
    fn check(&self, what: &str, size: [usize; 2]) -> Result<(), ShapeError> {
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
        each("channels", self.channels, 1)?;
        each("input size", size, 1)?;
        each("kernel", self.kernel, 1)?;
        each("stride", self.stride, 1)?;
        each("dilation", self.dilation, 1)?;
        each("padding", self.padding, 0)?;
        for channels in self.channels {
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

    fn geometry(&self, large: Map, small: Map) -> Geometry {
        Geometry {
            large,
            small,
            groups: self.groups,
            kernel: self.kernel,
            stride: self.stride,
            padding: self.padding,
            dilation: self.dilation,
        }
    }
}
