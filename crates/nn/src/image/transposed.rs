//! The transposed convolution.
use super::operation::convolution::{Call, Kind};
use super::{channels_first, channels_last, uniform};
use crate::linear::activated;
use crate::random::Stream;
use crate::{Activation, NnError, is_fused};
use burn::module::{Module, Param};
use burn::tensor::module::conv_transpose2d;
use burn::tensor::ops::ConvTransposeOptions;
use burn::tensor::{Device, Tensor};
use ressac_kernels::convolution::TransposedConvolution;

/// What a [`ConvTranspose2d`] is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvTranspose2dConfig {
    sizes: TransposedConvolution,
    bias: bool,
}

impl ConvTranspose2dConfig {
    /// From so many channels to so many, with taps over (height, width); stride 1, no padding, a bias, no activation.
    pub const fn new([channels_in, channels_out]: [usize; 2], kernel: [usize; 2]) -> Self {
        Self {
            sizes: TransposedConvolution {
                channels_in,
                channels_out,
                groups: 1,
                kernel,
                stride: [1, 1],
                padding: [0, 0],
                dilation: [1, 1],
                output_padding: [0, 0],
                activation: Activation::Identity,
            },
            bias: true,
        }
    }

    /// Pixels of the result from what one pixel reaches to what the next does.
    #[must_use]
    pub const fn with_stride(mut self, stride: [usize; 2]) -> Self {
        self.sizes.stride = stride;
        self
    }

    /// Pixels left out on each side of the result.
    #[must_use]
    pub const fn with_padding(mut self, padding: [usize; 2]) -> Self {
        self.sizes.padding = padding;
        self
    }

    /// Pixels added after the last of the result; fewer than the stride.
    #[must_use]
    pub const fn with_output_padding(mut self, padding: [usize; 2]) -> Self {
        self.sizes.output_padding = padding;
        self
    }

    /// Pixels from one tap to the next.
    #[must_use]
    pub const fn with_dilation(mut self, dilation: [usize; 2]) -> Self {
        self.sizes.dilation = dilation;
        self
    }

    /// Groups of channels, each of which reads its own.
    #[must_use]
    pub const fn with_groups(mut self, groups: usize) -> Self {
        self.sizes.groups = groups;
        self
    }

    /// With or without a bias.
    #[must_use]
    pub const fn with_bias(mut self, bias: bool) -> Self {
        self.bias = bias;
        self
    }

    /// An activation fused behind the product.
    #[must_use]
    pub const fn with_activation(mut self, activation: Activation) -> Self {
        self.sizes.activation = activation;
        self
    }

    /// Makes the layer, its parameters uniform on ±1/√(taps · channels out / groups) as PyTorch's, drawn from `stream`.
    ///
    /// # Errors
    /// A size of zero, groups that do not divide the channels, a leaky ReLU with a slope below zero.
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<ConvTranspose2d, NnError> {
        let sizes = self.sizes;
        // Large enough for the padding: what else is wrong shows.
        let reach = |axis: usize| sizes.padding[axis].saturating_mul(2).saturating_add(1);
        sizes.output_size([reach(0), reach(1)])?;
        let own = sizes.channels_out / sizes.groups;
        let [height, width] = sizes.kernel;
        let (weights, bias) = uniform(
            [sizes.channels_in, own, height, width],
            (
                own * height * width,
                self.bias.then_some(sizes.channels_out),
            ),
            stream,
            device,
        );
        Ok(ConvTranspose2d {
            weights: Param::from_tensor(weights),
            bias: bias.map(Param::from_tensor),
            sizes,
        })
    }
}

/// The transpose of a convolution, with bias and activation: `[batch, channels in, height, width]` to a larger map. In an
/// image generator it is what a strided convolution is in a classifier.
///
/// # Parameters
/// `weights [channels in, channels out / groups, kernel height, kernel width]`, `bias [channels out]`, as in PyTorch and Burn.
#[derive(Module, Debug)]
pub struct ConvTranspose2d {
    weights: Param<Tensor<4>>,
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    sizes: TransposedConvolution,
}

impl ConvTranspose2d {
    /// The (height, width) of the result for a map of this one.
    ///
    /// # Errors
    /// A map of which nothing is left.
    pub fn output_size(&self, size: [usize; 2]) -> Result<[usize; 2], NnError> {
        Ok(self.sizes.output_size(size)?)
    }

    /// Channels of the result.
    pub const fn channels(&self) -> usize {
        self.sizes.channels_out
    }

    /// y.
    ///
    /// # Errors
    /// Another number of channels, or a map of which nothing is left.
    pub fn forward(&self, map: Tensor<4>) -> Result<Tensor<4>, NnError> {
        let [_, channels, height, width] = map.dims();
        let sizes = self.sizes;
        if channels != sizes.channels_in {
            return Err(NnError::shape(
                "transposed convolution: channels",
                sizes.channels_in.to_string(),
                channels.to_string(),
            ));
        }
        sizes.output_size([height, width])?;
        let (weights, bias) = (self.weights.val(), self.bias.as_ref().map(Param::val));
        if is_fused(&map.device()) {
            let call = Call(Kind::Transposed(sizes));
            return Ok(channels_first(call.run(channels_last(map), weights, bias)));
        }
        let options = ConvTransposeOptions::new(
            sizes.stride,
            sizes.padding,
            sizes.output_padding,
            sizes.dilation,
            sizes.groups,
        );
        let sums = conv_transpose2d(map, weights, bias, options);
        Ok(activated(sums, sizes.activation))
    }
}
