//! Generators: from latent vectors to images.

use burn::module::Module;
use burn::tensor::{Device, Tensor, activation};

use ressac_nn::image::{
    BatchNorm2d, BatchNorm2dConfig, Conv2d, Conv2dConfig, Interpolation, Running, resize2d,
};
use ressac_nn::random::Stream;
use ressac_nn::{Activation, Linear, LinearConfig, NnError};

use super::super::choices::GanKind;
use super::super::config::GanConfig;
use super::{Block, LEAKY, Maps, SLOPE, by_value, convolution, product, same, scaled, sum, to_map};

/// A generator of one of the two kinds.
#[derive(Module, Debug)]
pub(in crate::gan) struct Generator {
    /// From one number for each class to a vector beside the latent one.
    class: Option<Linear>,
    /// From these to the first map.
    start: Linear,
    dcgan: Option<Dcgan>,
    residual: Option<Residual>,
    #[module(skip)]
    maps: Maps,
}

/// Batch normalisation and ReLU, then a transposed convolution, until the map is the image.
#[derive(Module, Debug)]
struct Dcgan {
    norms: Vec<BatchNorm2d>,
    layers: Vec<Conv2d>,
}

/// Blocks that enlarge the map, then one convolution to the image.
#[derive(Module, Debug)]
struct Residual {
    blocks: Vec<Block>,
    last: Conv2d,
}

impl Block {
    /// Convolved, enlarged, convolved, beside the same map enlarged.
    fn enlarge(&self, map: Tensor<4>, to: [usize; 2]) -> Result<Tensor<4>, NnError> {
        let enlarged = |map| resize2d(map, to, Interpolation::Bilinear);
        let residual = self
            .second
            .forward(enlarged(self.first.forward(map.clone())?)?)?;
        Ok(sum(residual, enlarged(self.skip.forward(map)?)?))
    }
}

impl Generator {
    /// A generator with the weights that `stream` draws, told `classes` classes.
    ///
    /// # Errors
    /// A size of zero.
    pub(in crate::gan) fn new(
        config: &GanConfig,
        classes: usize,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let maps = Maps::of(config);
        let ([height, width], channels) = maps.first();
        let latent = config.latent;
        let class = match classes {
            0 => None,
            classes => {
                let table = LinearConfig::new(classes, latent).with_bias(false);
                let table = table.init(&stream.child("class"), device)?;
                // Each class has a vector as long as a latent one.
                Some(scaled(table, (3.0 * classes as f32).sqrt())?)
            }
        };
        let read = latent * (1 + usize::from(classes > 0));
        let start = LinearConfig::new(read, height * width * channels);
        let mut generator = Self {
            class,
            start: scaled(start.init(&stream.child("start"), device)?, 3.0_f32.sqrt())?,
            dcgan: None,
            residual: None,
            maps: maps.clone(),
        };
        match config.model {
            GanKind::Dcgan => generator.dcgan = Some(Dcgan::new(&maps, stream, device)?),
            GanKind::Residual => generator.residual = Some(Residual::new(&maps, stream, device)?),
        }
        Ok(generator)
    }

    /// The numbers of its weights, running averages among them.
    pub(in crate::gan) fn parameters(config: &GanConfig, classes: usize) -> usize {
        let maps = Maps::of(config);
        let ([height, width], channels) = maps.first();
        let (latent, told) = (config.latent, usize::from(classes > 0));
        let flat = product(&[height, width, channels]);
        let start = product(&[latent.saturating_mul(1 + told).saturating_add(1), flat]);
        let outs = maps.widths[1..].iter().copied();
        let body = match config.model {
            GanKind::Dcgan => {
                let outs = outs.chain([maps.channels]);
                let layers = maps.widths.iter().zip(outs);
                layers.fold(maps.channels, |total, (read, out)| {
                    let layer = product(&[16, *read, out]);
                    total.saturating_add(layer).saturating_add(4 * read)
                })
            }
            GanKind::Residual => {
                let last = maps.widths.last().copied().unwrap_or(1);
                let last = product(&[9, last, maps.channels]).saturating_add(maps.channels);
                maps.widths
                    .iter()
                    .zip(outs)
                    .fold(last, |total, (read, out)| {
                        let first = product(&[10, *read, out]);
                        let second = product(&[9, out, out]);
                        [first, second, 2 * out]
                            .into_iter()
                            .fold(total, usize::saturating_add)
                    })
            }
        };
        [product(&[classes, latent]), start]
            .into_iter()
            .fold(body, usize::saturating_add)
    }

    /// Images `[batch, channels, height, width]`, -1 to 1, from latent vectors `[batch, latent]` and, where classes are told, one
    /// row for each of them; in training the running averages of normalisations go to `running`.
    ///
    /// # Errors
    /// Another number of latent numbers or classes.
    pub(in crate::gan) fn forward(
        &self,
        latent: Tensor<2>,
        classes: Option<Tensor<2>>,
        running: Option<&mut Vec<Running>>,
    ) -> Result<Tensor<4>, NnError> {
        let read = match (&self.class, classes) {
            (Some(class), Some(classes)) => Tensor::cat(vec![latent, class.forward(classes)?], 1),
            _ => latent,
        };
        let (size, channels) = self.maps.first();
        let map = to_map(self.start.forward(read)?, size, channels);
        match (&self.dcgan, &self.residual) {
            (Some(dcgan), _) => dcgan.forward(map, running),
            (_, Some(residual)) => residual.forward(map, &self.maps),
            (None, None) => Ok(map),
        }
    }
}

impl Dcgan {
    fn new(maps: &Maps, stream: &Stream, device: &Device) -> Result<Self, NnError> {
        let count = maps.widths.len();
        let norm = |width: &usize| {
            BatchNorm2dConfig::new(*width)
                .with_activation(Activation::Relu)
                .init(device)
        };
        let layer = |at: usize| {
            let last = at + 1 == count;
            let out = maps.widths.get(at + 1).copied().unwrap_or(maps.channels);
            let ([from_high, from_wide], [high, wide]) = (maps.sizes[at], maps.sizes[at + 1]);
            Conv2dConfig::transposed([maps.widths[at], out], [4, 4])
                .with_stride([2, 2])
                .with_padding([1, 1])
                // What halving lost of an odd side is added again.
                .with_output_padding([high - 2 * from_high, wide - 2 * from_wide])
                .with_bias(last)
                .with_activation(match last {
                    true => Activation::Tanh,
                    false => Activation::Identity,
                })
                .init(&stream.child("layer").at(at as u64), device)
        };
        Ok(Self {
            norms: maps.widths.iter().map(norm).collect::<Result<_, _>>()?,
            layers: (0..count).map(layer).collect::<Result<_, _>>()?,
        })
    }

    fn forward(
        &self,
        mut map: Tensor<4>,
        mut running: Option<&mut Vec<Running>>,
    ) -> Result<Tensor<4>, NnError> {
        for (norm, layer) in self.norms.iter().zip(&self.layers) {
            map = match running.as_deref_mut() {
                None => norm.forward(map)?,
                Some(running) => {
                    let (map, moved) = norm.forward_train(map)?;
                    running.push(moved);
                    map
                }
            };
            map = layer.forward(map)?;
        }
        Ok(map)
    }
}

impl Residual {
    fn new(maps: &Maps, stream: &Stream, device: &Device) -> Result<Self, NnError> {
        let pairs = maps.widths.windows(2).zip(0..);
        let blocks = pairs.map(|(pair, at)| {
            let channels = [pair[0], pair[1]];
            let first = same(channels, LEAKY);
            Block::new(&first, channels, &stream.child("block").at(at), device)
        });
        let width = maps.widths.last().copied().unwrap_or(1);
        let last = same([width, maps.channels], Activation::Tanh);
        Ok(Self {
            blocks: blocks.collect::<Result<_, _>>()?,
            last: convolution(&last, 1.0, &stream.child("last"), device)?,
        })
    }

    fn forward(&self, mut map: Tensor<4>, maps: &Maps) -> Result<Tensor<4>, NnError> {
        for (block, to) in self.blocks.iter().zip(&maps.sizes[1..]) {
            map = block.enlarge(map, *to)?;
        }
        let map = by_value([map], |[map]| activation::leaky_relu(map, f64::from(SLOPE)));
        self.last.forward(map)
    }
}
