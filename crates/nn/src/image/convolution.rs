//! The convolution of images, a layer over the fused one.
use super::operation::convolution::{Call, Kind};
use super::{channels_first, channels_last, uniform};
use crate::linear::activated;
use crate::random::Stream;
use crate::{Activation, NnError, is_fused};
use burn::module::{Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};
use ressac_kernels::convolution::Convolution;

/// What a [`Conv2d`] is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Conv2dConfig {
    sizes: Convolution,
    bias: bool,
}

impl Conv2dConfig {
    /// From so many channels to so many, with taps over (height, width); stride 1, no padding, a bias, no activation.
    pub const fn new([channels_in, channels_out]: [usize; 2], kernel: [usize; 2]) -> Self {
        Self {
            sizes: Convolution {
                channels_in,
                channels_out,
                groups: 1,
                kernel,
                stride: [1, 1],
                padding: [0, 0],
                dilation: [1, 1],
                activation: Activation::Identity,
            },
            bias: true,
        }
    }

    /// Pixels from one place of the kernel to the next.
    #[must_use]
    pub const fn with_stride(mut self, stride: [usize; 2]) -> Self {
        self.sizes.stride = stride;
        self
    }

    /// Zeros on each side.
    #[must_use]
    pub const fn with_padding(mut self, padding: [usize; 2]) -> Self {
        self.sizes.padding = padding;
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

    /// Makes the layer, its parameters uniform on ±1/√(taps · channels in / groups) as PyTorch's, drawn from `stream`.
    ///
    /// # Errors
    /// A size of zero, groups that do not divide the channels, a leaky ReLU with a slope below zero.
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<Conv2d, NnError> {
        let sizes = self.sizes;
        // Large enough for the kernel: what else is wrong shows.
        let reach = |axis: usize| {
            sizes.dilation[axis]
                .saturating_mul(sizes.kernel[axis])
                .max(1)
        };
        sizes.output_size([reach(0), reach(1)])?;
        let own = sizes.channels_in / sizes.groups;
        let [height, width] = sizes.kernel;
        let (weights, bias) = uniform(
            [sizes.channels_out, own, height, width],
            (
                own * height * width,
                self.bias.then_some(sizes.channels_out),
            ),
            stream,
            device,
        );
        Ok(Conv2d {
            weights: Param::from_tensor(weights),
            bias: bias.map(Param::from_tensor),
            sizes,
        })
    }
}

/// y = φ(b + Σ x·W) over the taps of each place: `[batch, channels in, height, width]` to `[batch, channels out, …]`. As in
/// PyTorch and Burn the kernel is not turned (a cross-correlation).
///
/// # Parameters
/// `weights [channels out, channels in / groups, kernel height, kernel width]`, `bias [channels out]`.
#[derive(Module, Debug)]
pub struct Conv2d {
    weights: Param<Tensor<4>>,
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    sizes: Convolution,
}

impl Conv2d {
    /// The (height, width) of the result for a map of this one.
    ///
    /// # Errors
    /// A map smaller than the kernel.
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
    /// Another number of channels, or a map smaller than the kernel.
    pub fn forward(&self, map: Tensor<4>) -> Result<Tensor<4>, NnError> {
        let [_, channels, height, width] = map.dims();
        let sizes = self.sizes;
        if channels != sizes.channels_in {
            return Err(NnError::shape(
                "convolution: channels",
                sizes.channels_in.to_string(),
                channels.to_string(),
            ));
        }
        sizes.output_size([height, width])?;
        let (weights, bias) = (self.weights.val(), self.bias.as_ref().map(Param::val));
        if is_fused(&map.device()) {
            let call = Call(Kind::Plain(sizes));
            return Ok(channels_first(call.run(channels_last(map), weights, bias)));
        }
        let options = ConvOptions::new(sizes.stride, sizes.padding, sizes.dilation, sizes.groups);
        let sums = conv2d(map, weights, bias, options);
        Ok(activated(sums, sizes.activation))
    }
}
