//! Discriminators: from images to a number each, the higher the more they look like those of the training part.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use ressac_nn::image::{BatchNorm2d, BatchNorm2dConfig, Conv2d, Window, avg_pool2d};
use ressac_nn::random::Stream;
use ressac_nn::{Activation, Linear, LinearConfig, NnError};

use super::super::choices::GanKind;
use super::super::config::GanConfig;
use super::spectral::{Normalised, direction, normalised};
use super::{
    Block, KEEPS, LEAKY, Maps, by_value, convolution, halving, product, scaled, sum, to_rows,
};

/// Numbers that the residual discriminator knows of an image before it judges.
const FEATURES: usize = 128;

const HALVED: Window = Window {
    kernel: [2, 2],
    stride: [2, 2],
    padding: [0, 0],
};

/// A discriminator of one of the two kinds.
#[derive(Module, Debug)]
pub(in crate::gan) struct Discriminator {
    /// From the image to the first map.
    from: Conv2d,
    dcgan: Option<Dcgan>,
    residual: Option<Residual>,
    last: Linear,
    /// From one number for each class to what features are projected on (Miyato and Koyama 2018).
    class: Option<Linear>,
    /// Where the power iteration of each layer stands, with spectral normalisation.
    directions: Vec<Param<Tensor<1>>>,
}

/// Strided convolutions, each followed by batch normalisation and a leaky ReLU.
#[derive(Module, Debug)]
struct Dcgan {
    layers: Vec<Conv2d>,
    norms: Vec<BatchNorm2d>,
}

/// Blocks that halve the map and convolve it, beside the same map halved; then an affine layer.
#[derive(Module, Debug)]
struct Residual {
    blocks: Vec<Block>,
    dense: Linear,
}

/// The factors of spectral normalisation, taken one after the other as layers run.
struct Factors<'a>(Option<std::slice::Iter<'a, Tensor<1>>>);

impl Factors<'_> {
    /// The map of the next layer, divided by the largest singular value of its weights: what its own function gives is divided
    /// with it, for a leaky ReLU keeps factors above 0.
    fn divide(&mut self, map: Tensor<4>) -> Tensor<4> {
        match self.0.as_mut().and_then(Iterator::next) {
            Some(factor) => by_value([map], |[map]| map / factor.clone().reshape([1; 4])),
            None => map,
        }
    }

    /// The same of rows.
    fn divide_rows(&mut self, rows: Tensor<2>) -> Tensor<2> {
        match self.0.as_mut().and_then(Iterator::next) {
            Some(factor) => rows / factor.clone().reshape([1; 2]),
            None => rows,
        }
    }
}

impl Discriminator {
    /// A discriminator with the weights that `stream` draws, told `classes` classes.
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
        let backwards: Vec<usize> = maps.widths.iter().rev().copied().collect();
        let first = backwards.first().copied().unwrap_or(1);
        let ([height, width], channels) = maps.judged();
        let flat = height * width * channels;
        let from = halving([maps.channels, first], LEAKY);
        let (mut dcgan, mut residual) = (None, None);
        let features = match config.model {
            GanKind::Dcgan => {
                dcgan = Some(Dcgan::new(&backwards, stream, device)?);
                flat
            }
            GanKind::Residual => {
                residual = Some(Residual::new(&backwards, flat, stream, device)?);
                FEATURES
            }
        };
        let linear = |config: LinearConfig, name: &str| config.init(&stream.child(name), device);
        let class = match classes {
            0 => None,
            classes => {
                let table = LinearConfig::new(classes, features).with_bias(false);
                let factor = (classes as f32 / features as f32).sqrt();
                Some(scaled(linear(table, "class")?, factor)?)
            }
        };
        let mut discriminator = Self {
            from: convolution(&from, KEEPS, &stream.child("from"), device)?,
            dcgan,
            residual,
            last: linear(LinearConfig::new(features, 1), "last")?,
            class,
            directions: Vec::new(),
        };
        if config.spectral {
            let layers = discriminator.matrices();
            let each = layers
                .iter()
                .zip(0..)
                .map(|(weights, at)| direction(weights, &stream.child("direction").at(at), device));
            discriminator.directions = each.collect();
        }
        Ok(discriminator)
    }

    /// The numbers of its weights, running averages and directions of power iterations left out.
    pub(in crate::gan) fn parameters(config: &GanConfig, classes: usize) -> usize {
        let maps = Maps::of(config);
        let ([height, width], channels) = maps.judged();
        let flat = product(&[height, width, channels]);
        let last = maps.widths.last().copied().unwrap_or(1);
        let from = product(&[16, maps.channels, last]).saturating_add(last);
        let (features, dense) = match config.model {
            GanKind::Dcgan => (flat, 0),
            GanKind::Residual => (FEATURES, product(&[flat.saturating_add(1), FEATURES])),
        };
        let pairs = maps.widths.windows(2);
        let layers = pairs.fold(from, |total, pair| {
            let (out, read) = (pair[0], pair[1]);
            let block = match config.model {
                GanKind::Dcgan => product(&[16, read, out]).saturating_add(2 * out),
                GanKind::Residual => {
                    let both = product(&[17, read, out]).saturating_add(product(&[9, out, out]));
                    both.saturating_add(2 * out)
                }
            };
            total.saturating_add(block)
        });
        [dense, features + 1, product(&[classes, features])]
            .into_iter()
            .fold(layers, usize::saturating_add)
    }

    /// The weights of its layers in the order in which they run, each as `[outputs, inputs]`.
    fn matrices(&self) -> Vec<Tensor<2>> {
        let of = |layer: &Conv2d| {
            let weights = layer.weights();
            let [out, read, high, wide] = weights.dims();
            weights.reshape([out, read * high * wide])
        };
        let mut matrices = vec![of(&self.from)];
        if let Some(dcgan) = &self.dcgan {
            matrices.extend(dcgan.layers.iter().map(of));
        }
        if let Some(residual) = &self.residual {
            for block in &residual.blocks {
                matrices.extend([&block.first, &block.second, &block.skip].map(of));
            }
            matrices.push(residual.dense.weights());
        }
        matrices.push(self.last.weights());
        matrices
    }

    /// The factors of spectral normalisation for the weights as they are, and where their power iteration stands after one step
    /// more; nothing without it.
    pub(in crate::gan) fn normalised(&self) -> Normalised {
        match self.directions.is_empty() {
            true => Normalised::default(),
            false => normalised(&self.matrices(), &self.directions),
        }
    }

    /// A number for each image `[batch]`, from images of -1 to 1 and, where classes are told, one row for each of them.
    ///
    /// # Errors
    /// Images or classes of other sizes.
    pub(in crate::gan) fn forward(
        &self,
        images: Tensor<4>,
        classes: Option<Tensor<2>>,
        normalised: &Normalised,
    ) -> Result<Tensor<1>, NnError> {
        let mut factors = Factors(match normalised.factors.is_empty() {
            true => None,
            false => Some(normalised.factors.iter()),
        });
        let map = factors.divide(self.from.forward(images)?);
        let features = match (&self.dcgan, &self.residual) {
            (Some(dcgan), _) => dcgan.forward(map, &mut factors)?,
            (_, Some(residual)) => residual.forward(map, &mut factors)?,
            (None, None) => to_rows(map),
        };
        let mut judged = factors.divide_rows(self.last.forward(features.clone())?);
        if let (Some(class), Some(classes)) = (&self.class, classes) {
            let projected = features * class.forward(classes)?;
            judged = judged + projected.sum_dim(1);
        }
        Ok(judged.squeeze_dim::<1>(1))
    }
}

impl Dcgan {
    fn new(widths: &[usize], stream: &Stream, device: &Device) -> Result<Self, NnError> {
        let pairs = widths.windows(2).zip(0..);
        let layers = pairs.map(|(pair, at)| {
            halving([pair[0], pair[1]], Activation::Identity)
                .with_bias(false)
                .init(&stream.child("layer").at(at), device)
        });
        let norms = widths[1..].iter().map(|width| {
            BatchNorm2dConfig::new(*width)
                .with_activation(LEAKY)
                .init(device)
        });
        Ok(Self {
            layers: layers.collect::<Result<_, _>>()?,
            norms: norms.collect::<Result<_, _>>()?,
        })
    }

    /// The running averages of the normalisations are left: no image is judged after training.
    fn forward(&self, mut map: Tensor<4>, factors: &mut Factors<'_>) -> Result<Tensor<2>, NnError> {
        for (layer, norm) in self.layers.iter().zip(&self.norms) {
            map = norm.forward_train(factors.divide(layer.forward(map)?))?.0;
        }
        Ok(to_rows(map))
    }
}

impl Residual {
    fn new(
        widths: &[usize],
        flat: usize,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let pairs = widths.windows(2).zip(0..);
        let blocks = pairs.map(|(pair, at)| {
            let channels = [pair[0], pair[1]];
            let first = halving(channels, LEAKY);
            Block::new(&first, channels, &stream.child("block").at(at), device)
        });
        let dense = LinearConfig::new(flat, FEATURES).with_activation(LEAKY);
        Ok(Self {
            blocks: blocks.collect::<Result<_, _>>()?,
            dense: scaled(dense.init(&stream.child("dense"), device)?, KEEPS)?,
        })
    }

    fn forward(&self, mut map: Tensor<4>, factors: &mut Factors<'_>) -> Result<Tensor<2>, NnError> {
        for block in &self.blocks {
            let halved = factors.divide(block.first.forward(map.clone())?);
            let residual = factors.divide(block.second.forward(halved)?);
            let skipped = block.skip.forward(avg_pool2d(map, HALVED)?)?;
            map = sum(residual, factors.divide(skipped));
        }
        Ok(factors.divide_rows(self.dense.forward(to_rows(map))?))
    }
}
