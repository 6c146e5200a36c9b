//! Convolutions over time, one behind the other.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::random::Stream;
use ressac_nn::{Activation, Lengths, NnError, TimeConvolution, TimeConvolutionConfig};

use super::FILTERS;
use crate::classify::config::ClassifyConfig;

/// Convolutions over time, one behind the other.
#[derive(Module, Debug)]
pub(in crate::classify) struct OverTime {
    convolutions: Vec<TimeConvolution>,
    #[module(skip)]
    stride: usize,
}

impl OverTime {
    /// The convolutions that `config` asks for, reading `input` numbers a step.
    ///
    /// # Errors
    /// A size of zero.
    pub(in crate::classify) fn new(
        config: &ClassifyConfig,
        input: usize,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let filters = config.filters.unwrap_or(FILTERS);
        let kernels = config.kernels().iter().enumerate();
        let convolutions: Vec<TimeConvolution> = kernels
            .map(|(at, kernel)| {
                let input = if at == 0 { input } else { filters };
                TimeConvolutionConfig::new(input, filters, *kernel)
                    .with_activation(Activation::Relu)
                    .init(&stream.at(at as u64), device)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            convolutions,
            stride: config.stride.unwrap_or(1).max(1),
        })
    }

    /// Their weights.
    pub(in crate::classify) fn parameters(config: &ClassifyConfig, input: usize) -> usize {
        let filters = config.filters.unwrap_or(FILTERS);
        let kernels = config.kernels().iter().enumerate();
        kernels.fold(0, |total, (at, kernel)| {
            let input = if at == 0 { input } else { filters };
            let taps = kernel.saturating_mul(input).saturating_add(1);
            total.saturating_add(filters.saturating_mul(taps))
        })
    }

    /// The values that they keep of a step of one sequence for the backward pass: of each convolution the steps under its
    /// kernel and what comes out, with their gradients.
    pub(in crate::classify) fn kept_per_step(config: &ClassifyConfig, input: usize) -> usize {
        let filters = config.filters.unwrap_or(FILTERS);
        let kernels = config.kernels().iter().enumerate();
        kernels.fold(0, |total, (at, kernel)| {
            let input = if at == 0 { input } else { filters };
            let taps = kernel.saturating_mul(input).saturating_add(2 * filters);
            total.saturating_add(taps.saturating_mul(2))
        })
    }

    /// What the recurrent layers read, and the steps of each row.
    ///
    /// # Errors
    /// Another number of features; lengths that do not fit.
    pub(in crate::classify) fn forward(
        &self,
        mut values: Tensor<3>,
        lengths: Lengths,
    ) -> Result<(Tensor<3>, Lengths), NnError> {
        for convolution in &self.convolutions {
            values = convolution.forward(values, Some(&lengths))?;
        }
        if self.stride == 1 {
            return Ok((values, lengths));
        }
        let [batch, time, features] = values.dims();
        let steps = time.div_ceil(self.stride);
        let missing = steps * self.stride - time;
        if missing > 0 {
            // Behind a ReLU zero is the smallest value there is.
            let zeros = Tensor::zeros([batch, missing, features], &values.device());
            values = Tensor::cat(vec![values, zeros], 1);
        }
        let values = values
            .reshape([batch * steps, self.stride, features])
            .max_dim(1)
            .reshape([batch, steps, features]);
        let counts = lengths.counts().into_iter();
        let counts: Vec<usize> = counts.map(|count| count.div_ceil(self.stride)).collect();
        Ok((values, Lengths::new(counts)?))
    }
}
