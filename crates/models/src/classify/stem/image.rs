//! Convolutions of images: each followed by batch normalisation, ReLU and, while there is something to halve, the largest
//! value of every two by two places.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::image::{
    BatchNorm2d, BatchNorm2dConfig, Conv2d, Conv2dConfig, Running, Window, max_pool2d,
};
use ressac_nn::random::Stream;
use ressac_nn::{Activation, Lengths, NnError};

use super::FILTERS;
use crate::classify::config::ClassifyConfig;

/// Height, width and channels of an image.
pub(in crate::classify) type Sides = [usize; 3];

const HALVED: Window = Window {
    kernel: [2, 2],
    stride: [2, 2],
    padding: [0, 0],
};

/// One convolution and its normalisation.
#[derive(Module, Debug)]
struct Block {
    convolution: Conv2d,
    normalisation: BatchNorm2d,
}

/// Convolutions of images, one behind the other.
#[derive(Module, Debug)]
pub(in crate::classify) struct OverImages {
    blocks: Vec<Block>,
    #[module(skip)]
    sides: Sides,
    /// Whether each row of what comes out is a step, for recurrent layers; each place is one otherwise.
    #[module(skip)]
    by_rows: bool,
}

/// The filters of a block: twice as many behind each halving.
fn filters(config: &ClassifyConfig, block: usize) -> usize {
    let first = config.filters.unwrap_or(FILTERS);
    first.saturating_mul(1_usize.checked_shl(block as u32).unwrap_or(usize::MAX))
}

/// Kernel, channels read and filters of each block.
fn blocks(config: &ClassifyConfig, sides: Sides) -> impl Iterator<Item = (usize, usize, usize)> {
    let kernels = config.kernels().iter().copied().enumerate();
    kernels.map(move |(at, kernel)| {
        let read = match at {
            0 => sides[2],
            _ => filters(config, at - 1),
        };
        (kernel, read, filters(config, at))
    })
}

fn halved([height, width]: [usize; 2]) -> Option<[usize; 2]> {
    (height >= 2 && width >= 2).then_some([height / 2, width / 2])
}

/// Height, width and channels behind all blocks.
fn behind(config: &ClassifyConfig, sides: Sides) -> Sides {
    let count = config.kernels().len();
    let start = [sides[0], sides[1]];
    let [height, width] = (0..count).fold(start, |size, _| halved(size).unwrap_or(size));
    [height, width, filters(config, count.saturating_sub(1))]
}

/// Numbers of a step of what comes out, and how many steps there are.
pub(in crate::classify) fn steps(config: &ClassifyConfig, sides: Sides) -> [usize; 2] {
    let [height, width, channels] = behind(config, sides);
    match config.recurrent.layers {
        0 => [channels, height * width],
        _ => [width.saturating_mul(channels), height],
    }
}

impl OverImages {
    /// The convolutions that `config` asks for, of images of these sides.
    ///
    /// # Errors
    /// A size of zero.
    pub(in crate::classify) fn new(
        config: &ClassifyConfig,
        sides: Sides,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let blocks = blocks(config, sides).zip(0..);
        let blocks = blocks.map(|((kernel, read, filters), at)| {
            let margin = kernel / 2;
            Ok(Block {
                // The normalisation has a shift of its own.
                convolution: Conv2dConfig::new([read, filters], [kernel, kernel])
                    .with_padding([margin, margin])
                    .with_bias(false)
                    .init(&stream.at(at), device)?,
                normalisation: BatchNorm2dConfig::new(filters)
                    .with_activation(Activation::Relu)
                    .init(device)?,
            })
        });
        Ok(Self {
            blocks: blocks.collect::<Result<_, NnError>>()?,
            sides,
            by_rows: config.recurrent.layers > 0,
        })
    }

    /// Their weights, the running averages of the normalisations among them.
    pub(in crate::classify) fn parameters(config: &ClassifyConfig, sides: Sides) -> usize {
        blocks(config, sides).fold(0, |total, (kernel, read, filters)| {
            let taps = kernel.saturating_mul(kernel).saturating_mul(read);
            total.saturating_add(filters.saturating_mul(taps.saturating_add(4)))
        })
    }

    /// The values that they keep of an image for the backward pass.
    pub(in crate::classify) fn kept(config: &ClassifyConfig, sides: Sides) -> usize {
        let mut size = [sides[0], sides[1]];
        blocks(config, sides).fold(0, |total, (_, _, filters)| {
            let places = size[0].saturating_mul(size[1]);
            size = halved(size).unwrap_or(size);
            // Convolution, normalisation, their gradients, and what is left with its own.
            total.saturating_add(places.saturating_mul(filters).saturating_mul(5))
        })
    }

    /// What comes out `[batch, steps, numbers]`; in training the running averages go to `running`.
    ///
    /// # Errors
    /// Values of other sides.
    pub(in crate::classify) fn forward(
        &self,
        values: Tensor<3>,
        mut running: Option<&mut Vec<Running>>,
    ) -> Result<(Tensor<3>, Lengths), NnError> {
        let [batch, _, _] = values.dims();
        let [height, width, channels] = self.sides;
        // Rows of pixels are channels last already.
        let mut map = values
            .reshape([batch, height, width, channels])
            .permute([0, 3, 1, 2]);
        for block in &self.blocks {
            map = block.convolution.forward(map)?;
            map = match running.as_deref_mut() {
                None => block.normalisation.forward(map)?,
                Some(running) => {
                    let (map, after) = block.normalisation.forward_train(map)?;
                    running.push(after);
                    map
                }
            };
            let [_, _, height, width] = map.dims();
            if halved([height, width]).is_some() {
                map = max_pool2d(map, HALVED)?;
            }
        }
        let [_, channels, height, width] = map.dims();
        let map = map.permute([0, 2, 3, 1]);
        let steps = match self.by_rows {
            true => [batch, height, width * channels],
            false => [batch, height * width, channels],
        };
        Ok((map.reshape(steps), Lengths::new(vec![steps[1]; batch])?))
    }
}
