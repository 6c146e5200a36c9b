//! The transposed convolution: the gradient of a convolution to its input, taken as a layer of its own.
use super::call::{Backward, Call, Forward};
use super::geometry::{Map, Towards};
use super::{ConvolutionGradients, LARGEST, Settings};
use crate::context::Context;
use crate::error::ShapeError;
use crate::linear::Activation;

/// A transposed convolution's sizes and activation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransposedConvolution {
    /// Channels of x.
    pub channels_in: usize,
    /// Channels of y.
    pub channels_out: usize,
    /// Into how many groups both channels are cut.
    pub groups: usize,
    /// Taps.
    pub kernel: [usize; 2],
    /// Pixels of y from what one pixel of x reaches to what the next does.
    pub stride: [usize; 2],
    /// Pixels left out before the first and after the last of y.
    pub padding: [usize; 2],
    /// Pixels of y from one tap to the next.
    pub dilation: [usize; 2],
    /// Pixels added after the last of y, which several sizes of a strided convolution's input share an output for; smaller than
    /// the stride or the dilation.
    pub output_padding: [usize; 2],
    /// φ.
    pub activation: Activation,
}

impl TransposedConvolution {
    /// The size of y: (size − 1)·stride − 2·padding + dilation·(kernel − 1) + output padding + 1.
    ///
    /// # Errors
    /// Sizes that are zero or too large for any memory, groups that do not divide the channels, a slope of a leaky ReLU that is
    /// not finite or is negative, an output padding not smaller than the stride or the dilation, or a padding that leaves
    /// nothing.
    pub fn output_size(&self, size: [usize; 2]) -> Result<[usize; 2], ShapeError> {
        self.settings().check("transposed convolution", size)?;
        let mut output = [0; 2];
        for axis in 0..2 {
            let most = self.stride[axis].max(self.dilation[axis]);
            if self.output_padding[axis] >= most {
                return Err(ShapeError::new(
                    "transposed convolution: output padding",
                    format!("less than {most}, the stride or the dilation"),
                    self.output_padding[axis].to_string(),
                ));
            }
            let reach = (size[axis] - 1) * self.stride[axis]
                + self.dilation[axis] * (self.kernel[axis] - 1)
                + self.output_padding[axis]
                + 1;
            let left_out = 2 * self.padding[axis];
            if reach <= left_out || reach - left_out > LARGEST {
                return Err(ShapeError::new(
                    "transposed convolution: output size",
                    format!("1 to {LARGEST}"),
                    format!("{reach} − {left_out}"),
                ));
            }
            output[axis] = reach - left_out;
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

    pub(super) fn call<'a>(
        &self,
        context: &'a Context,
        size: [usize; 2],
    ) -> Result<Call<'a>, ShapeError> {
        let output = self.output_size(size)?;
        let map = |size, channels| Map { size, channels };
        let (input, output) = (map(size, self.channels_in), map(output, self.channels_out));
        let geometry = self.settings().geometry(output, input);
        Ok(Call {
            what: "transposed convolution",
            context,
            geometry,
            towards: Towards::Large,
            activation: self.activation,
        })
    }

    /// y = φ(b + Σ x·W) of images of this (height, width).
    ///
    /// # Errors
    /// As [`TransposedConvolution::output_size`], or a buffer that does not fit.
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
    /// As [`TransposedConvolution::output_size`], or a buffer that does not fit.
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
