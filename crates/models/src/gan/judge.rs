//! An encoder of the images' own: a small network trained on the training part before the generator is judged, and frozen then. The
//! quality of made images is measured on what it says of them, so no weights from elsewhere are needed; figures on it compare
//! generators of the same data, and are not comparable with published ones, which are those of a network trained on photographs.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData, activation};

use ressac_nn::image::{Conv2d, Conv2dConfig};
use ressac_nn::loss::{CrossEntropy, cross_entropy};
use ressac_nn::optim::{AdamW, AdamWConfig, gradients};
use ressac_nn::random::Stream;
use ressac_nn::weights::{self, values};
use ressac_nn::{Activation, Linear, LinearConfig, NnError};
use ressac_train::number;

use super::images::Images;
use crate::ModelError;

/// Numbers that the encoder says of an image.
pub(super) const FEATURES: usize = 64;

/// Filters of its first layer; each further one has twice as many.
const FILTERS: usize = 16;

/// Layers that halve the image until some four places are left to a side.
fn layers([height, width, _]: [usize; 3]) -> usize {
    let side = height.min(width) as f64;
    (side / 4.0).log2().round().clamp(1.0, 4.0) as usize
}

/// Height, width and channels behind these layers.
fn behind(sides: [usize; 3]) -> [usize; 3] {
    let count = layers(sides);
    [sides[0] >> count, sides[1] >> count, FILTERS << (count - 1)]
}

/// Training: images in one step, passes over them at the most, steps at the most, and the rate.
const BATCH: usize = 64;
const PASSES: usize = 40;
const STEPS: usize = 1_500;
const RATE: f64 = 2e-3;

/// Images that features are brought to a common scale with.
const SCALED_ON: usize = 4_000;

/// Images encoded in one pass.
const AT_ONCE: usize = 256;

/// The encoder.
#[derive(Module, Debug)]
pub(super) struct Encoder {
    layers: Vec<Conv2d>,
    features: Linear,
    /// Mean and deviation of each feature over images of the training part.
    mean: Param<Tensor<1>>,
    deviation: Param<Tensor<1>>,
}

/// What an encoder is trained with: telling classes apart, or writing the image again.
#[derive(Module, Debug)]
enum Task {
    Classes(Linear),
    Writing(Writer),
}

/// From features back to the image.
#[derive(Module, Debug)]
struct Writer {
    unfold: Linear,
    layers: Vec<Conv2d>,
    #[module(skip)]
    first: [usize; 3],
}

/// An encoder together with what it is trained with.
#[derive(Module, Debug)]
struct InTraining {
    encoder: Encoder,
    task: Task,
}

fn kept(values: Vec<f32>, device: &Device) -> Param<Tensor<1>> {
    let count = values.len();
    let tensor = Tensor::from_data(TensorData::new(values, [count]), device);
    Param::from_tensor(tensor).set_require_grad(false)
}

impl Encoder {
    /// An encoder with the weights that `stream` draws, of images of these sides.
    ///
    /// # Errors
    /// A size of zero.
    pub(super) fn new(
        sides: [usize; 3],
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let layer = |at: usize| {
            let read = if at == 0 {
                sides[2]
            } else {
                FILTERS << (at - 1)
            };
            Conv2dConfig::new([read, FILTERS << at], [4, 4])
                .with_stride([2, 2])
                .with_padding([1, 1])
                .with_activation(Activation::LeakyRelu(0.2))
                .init(&stream.child("layer").at(at as u64), device)
        };
        let [height, width, channels] = behind(sides);
        Ok(Self {
            layers: (0..layers(sides)).map(layer).collect::<Result<_, _>>()?,
            features: LinearConfig::new(height * width * channels, FEATURES)
                .init(&stream.child("features"), device)?,
            mean: kept(vec![0.0; FEATURES], device),
            deviation: kept(vec![1.0; FEATURES], device),
        })
    }

    /// The numbers of its weights.
    pub(super) fn parameters(sides: [usize; 3]) -> usize {
        let [height, width, channels] = behind(sides);
        let of_layers = (0..layers(sides)).fold(0, |total, at| {
            let read = if at == 0 {
                sides[2]
            } else {
                FILTERS << (at - 1)
            };
            total + (FILTERS << at) * (16 * read + 1)
        });
        of_layers + FEATURES * (height * width * channels + 3)
    }

    /// What it says of images of -1 to 1 `[batch, FEATURES]`, on no scale yet.
    fn raw(&self, mut map: Tensor<4>) -> Result<Tensor<2>, NnError> {
        for layer in &self.layers {
            map = layer.forward(map)?;
        }
        let [batch, channels, height, width] = map.dims();
        let rows = map
            .permute([0, 2, 3, 1])
            .reshape([batch, height * width * channels]);
        self.features.forward(rows)
    }

    /// What it says of some images, each number in deviations from its mean over the training part `[places · FEATURES]`.
    ///
    /// # Errors
    /// Images of other sides.
    pub(super) fn features(
        &self,
        images: &Images,
        places: &[usize],
        device: &Device,
    ) -> Result<Vec<f64>, NnError> {
        let (mean, deviation) = (values(self.mean.val()), values(self.deviation.val()));
        let mut all = Vec::with_capacity(places.len() * FEATURES);
        for places in places.chunks(AT_ONCE) {
            let raw = values(self.raw(images.map(places, device))?);
            for row in raw.chunks_exact(FEATURES) {
                let scaled = row.iter().zip(&mean).zip(&deviation);
                all.extend(scaled.map(|((value, mean), deviation)| {
                    f64::from(value - mean) / f64::from(*deviation)
                }));
            }
        }
        Ok(all)
    }

    /// The same encoder with the scale of its features fitted on these images.
    fn scaled_on(mut self, images: &Images, device: &Device) -> Result<Self, NnError> {
        let places = images.some(SCALED_ON, &Stream::new(0, "scale of features"));
        let all = self.features(images, &places, device)?;
        let count = places.len().max(1) as f64;
        let (mut mean, mut square) = (vec![0.0; FEATURES], vec![0.0; FEATURES]);
        for row in all.chunks_exact(FEATURES) {
            for (at, value) in row.iter().enumerate() {
                mean[at] += value / count;
                square[at] += value * value / count;
            }
        }
        let deviation = mean.iter().zip(&square).map(|(mean, square)| {
            // A feature that says the same of every image stays 0.
            (square - mean * mean).max(0.0).sqrt().max(1e-3) as f32
        });
        self.deviation = kept(deviation.collect(), device);
        self.mean = kept(mean.iter().map(|mean| *mean as f32).collect(), device);
        Ok(self)
    }
}

impl Writer {
    fn new(sides: [usize; 3], stream: &Stream, device: &Device) -> Result<Self, NnError> {
        let first = behind(sides);
        let [height, width, channels] = first;
        let count = layers(sides);
        let layer = |at: usize| {
            let left = count - 1 - at;
            let out = if left == 0 {
                sides[2]
            } else {
                FILTERS << (left - 1)
            };
            let lost = [0, 1].map(|axis| (sides[axis] >> left) % 2);
            let function = match left {
                0 => Activation::Tanh,
                _ => Activation::LeakyRelu(0.2),
            };
            Conv2dConfig::transposed([FILTERS << left, out], [4, 4])
                .with_stride([2, 2])
                .with_padding([1, 1])
                .with_output_padding(lost)
                .with_activation(function)
                .init(&stream.child("writer").at(at as u64), device)
        };
        Ok(Self {
            unfold: LinearConfig::new(FEATURES, height * width * channels)
                .with_activation(Activation::LeakyRelu(0.2))
                .init(&stream.child("unfold"), device)?,
            layers: (0..count).map(layer).collect::<Result<_, _>>()?,
            first,
        })
    }

    fn forward(&self, features: Tensor<2>) -> Result<Tensor<4>, NnError> {
        let batch = features.dims()[0];
        let [height, width, channels] = self.first;
        let rows = self.unfold.forward(features)?;
        let mut map = rows
            .reshape([batch, height, width, channels])
            .permute([0, 3, 1, 2]);
        for layer in &self.layers {
            map = layer.forward(map)?;
        }
        Ok(map)
    }
}

impl InTraining {
    fn loss(
        &self,
        images: &Images,
        places: &[usize],
        device: &Device,
    ) -> Result<Tensor<1>, NnError> {
        let map = images.map(places, device);
        let features = activation::leaky_relu(self.encoder.raw(map.clone())?, 0.2);
        match &self.task {
            Task::Classes(classes) => {
                let targets: Vec<u32> = places
                    .iter()
                    .map(|place| images.classes()[*place] as u32)
                    .collect();
                cross_entropy(classes.forward(features)?, &targets, &CrossEntropy::new())
            }
            Task::Writing(writer) => {
                let residual = writer.forward(features)? - map;
                Ok((residual.clone() * residual).mean())
            }
        }
    }
}

/// An encoder trained on `images`, of so many classes (1 or none: it learns to write the images again), and frozen. The same
/// images and seed give the same; it takes a number of steps that depends on the number of images alone, some seconds' worth.
///
/// # Errors
/// When its training gives numbers that are not finite.
pub(super) fn trained(
    images: &Images,
    sides: [usize; 3],
    classes: usize,
    seed: u64,
    device: &Device,
) -> Result<Encoder, ModelError> {
    let stream = Stream::new(seed, "judge");
    let mut network = InTraining {
        encoder: Encoder::new(sides, &stream, device)?,
        task: match classes {
            0 | 1 => Task::Writing(Writer::new(sides, &stream, device)?),
            classes => Task::Classes(
                LinearConfig::new(FEATURES, classes).init(&stream.child("classes"), device)?,
            ),
        },
    };
    let mut optimiser = AdamW::new(AdamWConfig::default());
    let per_pass = images.len().div_ceil(BATCH).max(1);
    let steps = (per_pass * PASSES).min(STEPS);
    let mut order = Vec::new();
    for step in 0..steps {
        let (pass, within) = (step / per_pass, step % per_pass);
        if within == 0 {
            order = (0..images.len()).collect();
            let draw = stream.child("order").at(pass as u64);
            draw.generator().shuffle(&mut order);
        }
        let places = order.chunks(BATCH).nth(within).unwrap_or_default();
        let loss = network.loss(images, places, device)?;
        if !number(loss.clone().inner()).is_finite() {
            return Err(NnError::Gradients(
                "the encoder that quality is measured with was trained to numbers that are not finite; are there extreme values in the images?".into(),
            )
            .into());
        }
        let gradients = gradients(&loss, &network)?;
        let rate = RATE * (1.0 - step as f64 / steps as f64);
        optimiser.step(rate, &mut network, gradients)?;
    }
    let frozen = network.encoder.valid();
    Ok(frozen.scaled_on(images, &device.clone().inner())?)
}

/// The encoder in saved weights, whose names begin with `prefix`.
///
/// # Errors
/// Weights of another encoder.
pub(super) fn restored(
    tensors: &weights::NamedTensors,
    sides: [usize; 3],
    device: &Device,
) -> Result<Encoder, NnError> {
    let encoder = Encoder::new(sides, &Stream::new(0, "judge"), device)?;
    weights::apply(encoder, tensors)
}
