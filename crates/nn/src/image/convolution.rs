//! The convolution of images and its transpose, a layer over the fused one.
use super::operation::convolution::convolve;
use super::{channels_first, channels_last};
use crate::linear::activated;
use crate::random::Stream;
use crate::{Activation, NnError, is_fused};
use burn::module::{Module, Param};
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor, TensorData};
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
                transposed: None,
                activation: Activation::Identity,
            },
            bias: true,
        }
    }

    /// The same of a transposed convolution (`ConvTranspose2d` in Burn and PyTorch), which makes maps larger as a strided one
    /// makes them smaller; with an output padding of 0.
    #[doc(alias = "ConvTranspose2d")]
    pub const fn transposed(channels: [usize; 2], kernel: [usize; 2]) -> Self {
        let mut config = Self::new(channels, kernel);
        config.sizes.transposed = Some([0, 0]);
        config
    }

    /// Pixels of the input from one place of the kernel to the next; of a transposed one those of the result.
    #[must_use]
    pub const fn with_stride(mut self, stride: [usize; 2]) -> Self {
        self.sizes.stride = stride;
        self
    }

    /// Zeros on each side of the input; of a transposed one the pixels left out on each side of the result.
    #[must_use]
    pub const fn with_padding(mut self, padding: [usize; 2]) -> Self {
        self.sizes.padding = padding;
        self
    }

    /// Pixels added after the last of a transposed one's result, fewer than the stride; makes it a transposed one.
    #[must_use]
    pub const fn with_output_padding(mut self, padding: [usize; 2]) -> Self {
        self.sizes.transposed = Some(padding);
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

    /// Makes the layer, its parameters drawn from `stream`, uniform on ±1/√(taps · n / groups) as PyTorch's: n are the channels
    /// in, and of a transposed one the channels out.
    ///
    /// # Errors
    /// A size of zero, groups that do not divide the channels, an output padding not smaller than the stride or the dilation, a
    /// leaky ReLU with a slope below zero.
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<Conv2d, NnError> {
        let sizes = self.sizes;
        // A map large enough for kernel and padding: what else is wrong shows.
        let large = |axis: usize| {
            let taps = sizes.dilation[axis].saturating_mul(sizes.kernel[axis]);
            taps.saturating_add(sizes.padding[axis].saturating_mul(2).saturating_add(1))
        };
        sizes.output_size([large(0), large(1)])?;
        let (first, second) = match sizes.transposed {
            None => (sizes.channels_out, sizes.channels_in),
            Some(_) => (sizes.channels_in, sizes.channels_out),
        };
        let shape = [
            first,
            second / sizes.groups,
            sizes.kernel[0],
            sizes.kernel[1],
        ];
        let bound = 1.0 / (shape[1..].iter().product::<usize>() as f64).sqrt();
        let draw = |purpose: &str, count: usize| -> Vec<f32> {
            let mut generator = stream.child(purpose).generator();
            (0..count)
                .map(|_| (bound * (2.0 * generator.uniform() - 1.0)) as f32)
                .collect()
        };
        let weights = TensorData::new(draw("weights", shape.iter().product()), shape);
        let bias = self.bias.then(|| {
            let values = draw("bias", sizes.channels_out);
            let values = TensorData::new(values, [sizes.channels_out]);
            Param::from_tensor(Tensor::from_data(values, device))
        });
        Ok(Conv2d {
            weights: Param::from_tensor(Tensor::from_data(weights, device)),
            bias,
            sizes,
        })
    }
}

/// y = φ(b + Σ x·W) over the taps of each place: `[batch, channels in, height, width]` to `[batch, channels out, …]`. As in
/// PyTorch and Burn the kernel is not turned (a cross-correlation). Or the transpose of that: see [`Conv2dConfig::transposed`].
///
/// # Parameters
/// `weights [channels out, channels in / groups, kernel height, kernel width]`, of a transposed one `[channels in, channels out /
/// groups, …]`; `bias [channels out]`.
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
    /// A map smaller than the kernel, or of which nothing is left.
    pub fn output_size(&self, size: [usize; 2]) -> Result<[usize; 2], NnError> {
        Ok(self.sizes.output_size(size)?)
    }

    /// The weights, in the shape that [`Conv2d`] says.
    pub fn weights(&self) -> Tensor<4> {
        self.weights.val()
    }

    /// Channels of the result.
    pub const fn channels(&self) -> usize {
        self.sizes.channels_out
    }

    /// y.
    ///
    /// # Errors
    /// Another number of channels, a map smaller than the kernel, or of which nothing is left.
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
            let output = convolve(sizes, channels_last(map), weights, bias);
            return Ok(channels_first(output));
        }
        let Convolution {
            stride,
            padding,
            dilation,
            groups,
            ..
        } = sizes;
        let sums = match sizes.transposed {
            None => {
                let options = ConvOptions::new(stride, padding, dilation, groups);
                conv2d(map, weights, bias, options)
            }
            Some(added) => {
                let options = ConvTransposeOptions::new(stride, padding, added, dilation, groups);
                conv_transpose2d(map, weights, bias, options)
            }
        };
        Ok(activated(sums, sizes.activation))
    }
}
