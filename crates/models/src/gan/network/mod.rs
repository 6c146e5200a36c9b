//! Generators and discriminators, and the sizes of their maps.

mod discriminator;
mod generator;
mod maps;
mod spectral;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::image::{Conv2d, Conv2dConfig};
use ressac_nn::random::Stream;
use ressac_nn::weights::{apply, collect};
use ressac_nn::{Activation, NnError};

pub(super) use discriminator::Discriminator;
pub(super) use generator::Generator;
pub(super) use maps::Maps;
pub(super) use spectral::Normalised;
#[cfg(test)]
pub(super) use spectral::power;

/// The slope of every leaky ReLU below 0.
const SLOPE: f32 = 0.2;

/// The function behind most layers.
const LEAKY: Activation = Activation::LeakyRelu(SLOPE);

/// What the weights of a layer that a leaky ReLU follows are multiplied by, so that values keep their spread from layer to layer (He
/// et al. 2015): layers are drawn with a variance of 1/3 over what they read, and 2/(1 + 0.2²) is wanted.
const KEEPS: f32 = 2.402;

/// What the weights of the last layer of a residual block are multiplied by: at the start a block is little more than its skip
/// connection (Zhang, Dauphin and Ma 2019).
const LITTLE: f32 = 0.25;

/// A convolution over 3 × 3 places that leaves the size as it is.
fn same(channels: [usize; 2], activation: Activation) -> Conv2dConfig {
    Conv2dConfig::new(channels, [3, 3])
        .with_padding([1, 1])
        .with_activation(activation)
}

/// A convolution over 4 × 4 places that halves both sides.
fn halving(channels: [usize; 2], activation: Activation) -> Conv2dConfig {
    Conv2dConfig::new(channels, [4, 4])
        .with_stride([2, 2])
        .with_padding([1, 1])
        .with_activation(activation)
}

/// A convolution of single places.
fn pointwise(channels: [usize; 2]) -> Conv2dConfig {
    Conv2dConfig::new(channels, [1, 1]).with_bias(false)
}

/// `layer` with its weights multiplied by a number; its biases are 0.
fn scaled<M: Module>(layer: M, factor: f32) -> Result<M, NnError> {
    let mut tensors = collect(&layer);
    for (name, tensor) in &mut tensors {
        let factor = if name.ends_with("bias") { 0.0 } else { factor };
        tensor.values.iter_mut().for_each(|value| *value *= factor);
    }
    apply(layer, &tensors)
}

/// A convolution drawn from `stream`, its weights multiplied by `factor`.
fn convolution(
    config: &Conv2dConfig,
    factor: f32,
    stream: &Stream,
    device: &Device,
) -> Result<Conv2d, NnError> {
    scaled(config.init(stream, device)?, factor)
}

/// The convolutions of a residual block: two one after the other, and one beside them.
#[derive(Module, Debug)]
struct Block {
    first: Conv2d,
    second: Conv2d,
    skip: Conv2d,
}

impl Block {
    /// A block from `channels[0]` to `channels[1]` channels, whose first convolution is `first`.
    fn new(
        first: &Conv2dConfig,
        channels: [usize; 2],
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let [_, out] = channels;
        let of = |config: &Conv2dConfig, factor: f32, name: &str| {
            convolution(config, factor, &stream.child(name), device)
        };
        Ok(Self {
            first: of(first, KEEPS, "first")?,
            second: of(
                &same([out, out], Activation::Identity),
                LITTLE * KEEPS,
                "second",
            )?,
            skip: of(&pointwise(channels), 3.0_f32.sqrt(), "skip")?,
        })
    }
}

/// What `of` makes of maps value by value, in the order in which they lie in memory: channels last. In another order each operation
/// would copy them.
fn by_value<const N: usize>(
    maps: [Tensor<4>; N],
    of: impl FnOnce([Tensor<4>; N]) -> Tensor<4>,
) -> Tensor<4> {
    of(maps.map(|map| map.permute([0, 2, 3, 1]))).permute([0, 3, 1, 2])
}

/// The sum of two maps.
fn sum(one: Tensor<4>, other: Tensor<4>) -> Tensor<4> {
    by_value([one, other], |[one, other]| one + other)
}

/// Rows `[batch, height · width · channels]` as a map.
fn to_map(rows: Tensor<2>, [height, width]: [usize; 2], channels: usize) -> Tensor<4> {
    let batch = rows.dims()[0];
    rows.reshape([batch, height, width, channels])
        .permute([0, 3, 1, 2])
}

/// A map as rows `[batch, height · width · channels]`.
fn to_rows(map: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = map.dims();
    map.permute([0, 2, 3, 1])
        .reshape([batch, height * width * channels])
}

/// The product of sizes; the largest number there is where it is more.
fn product(sizes: &[usize]) -> usize {
    sizes.iter().copied().fold(1, usize::saturating_mul)
}
