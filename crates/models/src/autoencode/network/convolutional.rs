//! Convolutions with a stride of two, and their transposes back: over the pixels of images, or over the steps of sequences, which are
//! maps of one row (Masci et al. 2011).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::image::{Conv2d, Conv2dConfig};
use ressac_nn::random::Stream;
use ressac_nn::{Activation, Linear, LinearConfig, NnError};

use super::super::config::AutoencodeConfig;
use super::super::pipeline::Extent;
use super::affine;

/// Taps over an axis that is halved.
const TAPS: usize = 4;

/// The layers on both sides of the code.
#[derive(Module, Debug)]
pub(in crate::autoencode) struct Convolutional {
    encoder: Vec<Conv2d>,
    /// From the code to the map that the first transposed convolution reads.
    unfold: Linear,
    decoder: Vec<Conv2d>,
    #[module(skip)]
    maps: Maps,
}

/// Height, width and channels of what is read, of what is written, and behind the last convolution.
#[derive(Debug, Clone, Copy)]
struct Maps {
    read: [usize; 3],
    smallest: [usize; 3],
}

/// One halving: the channels on both sides, and for each axis its size before.
#[derive(Debug, Clone, Copy)]
struct Halving {
    read: usize,
    filters: usize,
    size: [usize; 2],
}

impl Halving {
    /// Taps, stride and padding of an axis; one of a single place stays as it is.
    fn axes(&self) -> [[usize; 3]; 2] {
        self.size.map(|size| match size >= 2 {
            true => [TAPS, 2, 1],
            false => [1, 1, 0],
        })
    }

    /// The size of the map behind it.
    fn behind(&self) -> [usize; 2] {
        self.size
            .map(|size| if size >= 2 { size / 2 } else { size })
    }

    fn weights(&self, from: usize, to: usize) -> usize {
        let [[high, _, _], [wide, _, _]] = self.axes();
        affine(from.saturating_mul(high * wide), to)
    }

    /// The convolution, or the transposed one that undoes its change of size.
    fn config(&self, channels: [usize; 2], back: bool) -> Conv2dConfig {
        let [high, wide] = self.axes();
        let kernel = [high[0], wide[0]];
        let config = match back {
            false => Conv2dConfig::new(channels, kernel),
            // What halving lost of an odd size is added again.
            true => {
                let lost = self.size.map(|size| if size >= 2 { size % 2 } else { 0 });
                Conv2dConfig::transposed(channels, kernel).with_output_padding(lost)
            }
        };
        config
            .with_stride([high[1], wide[1]])
            .with_padding([high[2], wide[2]])
    }
}

/// Height and width of what is read, and numbers of each place.
fn map(extent: Extent) -> [usize; 3] {
    match extent.sides {
        Some([height, width, _]) => {
            let channels = extent.width.checked_div(width).unwrap_or(0);
            [height, width, channels]
        }
        None => [1, extent.steps.unwrap_or(1), extent.width],
    }
}

/// The channels of what is written.
fn written(extent: Extent) -> usize {
    match extent.sides {
        Some([_, width, _]) => extent.dims.checked_div(width).unwrap_or(0),
        None => extent.dims,
    }
}

fn halvings(config: &AutoencodeConfig, extent: Extent) -> Vec<Halving> {
    let [height, width, mut read] = map(extent);
    let mut size = [height, width];
    let layers = config.layers().iter().map(|filters| {
        let halving = Halving {
            read,
            filters: *filters,
            size,
        };
        size = halving.behind();
        read = *filters;
        halving
    });
    layers.collect()
}

fn smallest(config: &AutoencodeConfig, extent: Extent) -> [usize; 3] {
    match halvings(config, extent).last() {
        Some(last) => {
            let [height, width] = last.behind();
            [height, width, last.filters]
        }
        None => map(extent),
    }
}

/// The numbers of a map.
fn numbers(map: [usize; 3]) -> usize {
    map.into_iter().fold(1, usize::saturating_mul)
}

impl Convolutional {
    pub(super) fn new(
        config: &AutoencodeConfig,
        extent: Extent,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let function = config.function();
        let halvings = halvings(config, extent);
        let maps = Maps {
            read: map(extent),
            smallest: smallest(config, extent),
        };
        let (of_encoder, of_decoder) = (stream.child("encoder"), stream.child("decoder"));
        let encoder = halvings.iter().zip(0..).map(|(halving, at)| {
            halving
                .config([halving.read, halving.filters], false)
                .with_activation(function)
                .init(&of_encoder.at(at), device)
        });
        let encoder = encoder.collect::<Result<_, _>>()?;
        let back = halvings.iter().enumerate().rev().map(|(at, halving)| {
            let (to, activation) = match at {
                0 => (written(extent), Activation::Identity),
                _ => (halving.read, function),
            };
            halving
                .config([halving.filters, to], true)
                .with_activation(activation)
                .init(&of_decoder.at(at as u64), device)
        });
        let decoder: Vec<Conv2d> = back.collect::<Result<_, _>>()?;
        let unfold = LinearConfig::new(config.code(), numbers(maps.smallest))
            .with_activation(function)
            .init(&stream.child("unfold"), device)?;
        Ok(Self {
            encoder,
            unfold,
            decoder,
            maps,
        })
    }

    /// What the encoder gives to the code.
    pub(super) fn features(config: &AutoencodeConfig, extent: Extent) -> usize {
        numbers(smallest(config, extent))
    }

    pub(super) fn parameters(config: &AutoencodeConfig, extent: Extent) -> usize {
        let unfold = affine(config.code(), numbers(smallest(config, extent)));
        let halvings = halvings(config, extent);
        let both = halvings.iter().enumerate().map(|(at, halving)| {
            let to = if at == 0 {
                written(extent)
            } else {
                halving.read
            };
            let there = halving.weights(halving.read, halving.filters);
            there.saturating_add(halving.weights(halving.filters, to))
        });
        both.fold(unfold, usize::saturating_add)
    }

    pub(super) fn kept(config: &AutoencodeConfig, extent: Extent) -> usize {
        let halvings = halvings(config, extent);
        let each = halvings.iter().map(|halving| {
            let [height, width] = halving.behind();
            numbers([height, width, halving.filters]).saturating_mul(4)
        });
        each.fold(0, usize::saturating_add)
    }

    pub(super) fn encode(&self, values: Tensor<3>) -> Result<Tensor<2>, NnError> {
        let batch = values.dims()[0];
        let [height, width, channels] = self.maps.read;
        // Steps and rows of pixels are channels last already.
        let mut map = values
            .reshape([batch, height, width, channels])
            .permute([0, 3, 1, 2]);
        for layer in &self.encoder {
            map = layer.forward(map)?;
        }
        let features = numbers(self.maps.smallest);
        Ok(map.permute([0, 2, 3, 1]).reshape([batch, features]))
    }

    pub(super) fn decode(&self, code: Tensor<2>) -> Result<Tensor<3>, NnError> {
        let batch = code.dims()[0];
        let [height, width, channels] = self.maps.smallest;
        let mut map = self
            .unfold
            .forward(code)?
            .reshape([batch, height, width, channels])
            .permute([0, 3, 1, 2]);
        for layer in &self.decoder {
            map = layer.forward(map)?;
        }
        let [_, channels, height, width] = map.dims();
        let map = map.permute([0, 2, 3, 1]);
        Ok(match height {
            // A sequence is a map of one row; an image of one row is the same.
            1 if self.maps.read[0] == 1 => map.reshape([batch, width, channels]),
            _ => map.reshape([batch, height, width * channels]),
        })
    }
}
