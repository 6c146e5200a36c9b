//! A convolution over time: each output reads a few steps around its own.
use crate::random::Stream;
use crate::{Activation, Lengths, Linear, LinearConfig, NnError};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

/// What a [`TimeConvolution`] is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeConvolutionConfig {
    input_size: usize,
    output_size: usize,
    kernel: usize,
    activation: Activation,
}

impl TimeConvolutionConfig {
    /// Filters over `kernel` steps of so many features each, without activation.
    pub const fn new(input_size: usize, output_size: usize, kernel: usize) -> Self {
        Self {
            input_size,
            output_size,
            kernel,
            activation: Activation::Identity,
        }
    }

    /// An activation fused behind the product.
    #[must_use]
    pub const fn with_activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }

    /// Makes the layer, its parameters uniform on ±1/√(kernel · input) as PyTorch's, drawn from `stream`.
    ///
    /// # Errors
    /// A size of zero.
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<TimeConvolution, NnError> {
        if self.kernel == 0 {
            return Err(NnError::shape(
                "convolution over time: kernel",
                "at least 1",
                "0",
            ));
        }
        let taps = self.kernel.saturating_mul(self.input_size);
        Ok(TimeConvolution {
            taps: LinearConfig::new(taps, self.output_size)
                .with_activation(self.activation)
                .init(stream, device)?,
            kernel: self.kernel,
        })
    }
}

/// y_t = φ(b + Σ_j W_j x_(t + j − (k − 1)/2)), j from 0 to k − 1 and (k − 1)/2 rounded down: as many steps come out as go in,
/// and beyond the ends of a sequence stand zeros (PyTorch's `Conv1d` with `padding="same"`, batch first and features last).
///
/// # Parameters
/// `taps.weights [output, kernel · input]`, the kernel's first step first; `taps.bias [output]`.
#[derive(Module, Debug)]
pub struct TimeConvolution {
    taps: Linear,
    #[module(skip)]
    kernel: usize,
}

impl TimeConvolution {
    /// `[batch, time, input]` to `[batch, time, output]`. Steps beyond the end of a row count as zeros, whatever stands there,
    /// and are zeros in the output: a row's values do not depend on the padding.
    ///
    /// # Errors
    /// No row or no step, another number of features, lengths that do not fit.
    pub fn forward(
        &self,
        input: Tensor<3>,
        lengths: Option<&Lengths>,
    ) -> Result<Tensor<3>, NnError> {
        let [batch, time, features] = input.dims();
        if batch == 0 || time == 0 {
            return Err(NnError::shape(
                "convolution over time: values",
                "at least one row and one step",
                format!("batch {batch}, time {time}"),
            ));
        }
        let device = input.device();
        let real = |values: Tensor<3>| -> Result<Tensor<3>, NnError> {
            let Some(lengths) = lengths else {
                return Ok(values);
            };
            lengths.check("convolution over time", batch, time)?;
            let shape = values.dims();
            Ok(values.mask_fill(lengths.padding(time, &device).expand(shape), 0.0))
        };
        let before = (self.kernel - 1) / 2;
        let zeros = |steps: usize| Tensor::<3>::zeros([batch, steps, features], &device);
        let input = real(input)?;
        let padded = match self.kernel {
            1 => input,
            kernel => Tensor::cat(vec![zeros(before), input, zeros(kernel - 1 - before)], 1),
        };
        let taps = (0..self.kernel).map(|tap| padded.clone().narrow(1, tap, time));
        real(self.taps.forward(Tensor::cat(taps.collect(), 2))?)
    }

    /// Features of the output.
    pub fn output_size(&self) -> usize {
        self.taps.output_size()
    }
}
