//! The same networks over Burn's own operations.

use burn::module::{Module, Param};
use burn::tensor::module::{conv_transpose2d, conv2d, linear};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor, TensorData, activation};
use ressac_nn::Activation;
use ressac_nn::random::Stream;

use super::network::Spec;

/// Weights, in the order of the layers; of a normalisation gain and shift.
#[derive(Module, Debug)]
pub(crate) struct Network {
    maps: Vec<Param<Tensor<4>>>,
    matrices: Vec<Param<Tensor<2>>>,
    vectors: Vec<Param<Tensor<1>>>,
}

/// Where the next weights of each kind are.
#[derive(Default)]
struct Place {
    map: usize,
    matrix: usize,
    vector: usize,
}

fn drawn<const D: usize>(shape: [usize; D], stream: &Stream, device: &Device) -> Param<Tensor<D>> {
    let count: usize = shape.iter().product();
    let bound = 1.0 / (count as f64 / shape[0] as f64).sqrt();
    let mut generator = stream.generator();
    let values: Vec<f32> = (0..count)
        .map(|_| (bound * (2.0 * generator.uniform() - 1.0)) as f32)
        .collect();
    Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device))
}

fn activated(values: Tensor<4>, how: Activation) -> Tensor<4> {
    match how {
        Activation::Identity => values,
        Activation::Relu => activation::relu(values),
        Activation::LeakyRelu(slope) => activation::leaky_relu(values, f64::from(slope)),
        Activation::Sigmoid => activation::sigmoid(values),
        Activation::Tanh => activation::tanh(values),
    }
}

impl Network {
    pub(crate) fn new(layers: &[Spec], stream: &Stream, device: &Device) -> Self {
        let mut network = Self {
            maps: Vec::new(),
            matrices: Vec::new(),
            vectors: Vec::new(),
        };
        network.add(layers, stream, device);
        network
    }

    fn add(&mut self, layers: &[Spec], stream: &Stream, device: &Device) {
        for (spec, at) in layers.iter().zip(0..) {
            let stream = stream.at(at);
            match spec {
                Spec::Dense([from, to], ..) => {
                    self.matrices.push(drawn([*from, *to], &stream, device));
                    self.vectors.push(drawn([*to], &stream, device));
                }
                Spec::Conv([from, to], [kernel, ..], biased, _) => {
                    self.maps
                        .push(drawn([*to, *from, *kernel, *kernel], &stream, device));
                    if *biased {
                        self.vectors.push(drawn([*to], &stream, device));
                    }
                }
                Spec::Up([from, to], [kernel, ..], biased, _) => {
                    self.maps
                        .push(drawn([*from, *to, *kernel, *kernel], &stream, device));
                    if *biased {
                        self.vectors.push(drawn([*to], &stream, device));
                    }
                }
                Spec::Norm(channels, _) => {
                    let of = |values| Param::from_tensor(values);
                    self.vectors.push(of(Tensor::ones([*channels], device)));
                    self.vectors.push(of(Tensor::zeros([*channels], device)));
                }
                Spec::Residual(layers) => self.add(layers, &stream, device),
                Spec::Mean => {}
            }
        }
    }

    pub(crate) fn forward(&self, layers: &[Spec], map: Tensor<4>) -> Tensor<4> {
        self.run(layers, map, &mut Place::default())
    }

    fn vector(&self, place: &mut Place) -> Tensor<1> {
        place.vector += 1;
        self.vectors[place.vector - 1].val()
    }

    fn run(&self, layers: &[Spec], mut map: Tensor<4>, place: &mut Place) -> Tensor<4> {
        for spec in layers {
            let [batch, channels, height, width] = map.dims();
            map = match spec {
                Spec::Dense(_, [to, rows, columns], how) => {
                    let flat: Tensor<2> = map.reshape([batch, channels * height * width]);
                    let weights = self.matrices[place.matrix].val();
                    place.matrix += 1;
                    let values = linear(flat, weights, Some(self.vector(place)));
                    activated(values.reshape([batch, *to, *rows, *columns]), *how)
                }
                Spec::Conv(_, [_, stride, padding], biased, how) => {
                    let weights = self.maps[place.map].val();
                    place.map += 1;
                    let bias = biased.then(|| self.vector(place));
                    let options = ConvOptions::new([*stride; 2], [*padding; 2], [1, 1], 1);
                    activated(conv2d(map, weights, bias, options), *how)
                }
                Spec::Up(_, [_, stride, padding], biased, how) => {
                    let weights = self.maps[place.map].val();
                    place.map += 1;
                    let bias = biased.then(|| self.vector(place));
                    let options =
                        ConvTransposeOptions::new([*stride; 2], [*padding; 2], [0, 0], [1, 1], 1);
                    activated(conv_transpose2d(map, weights, bias, options), *how)
                }
                // As Burn's layer computes it.
                Spec::Norm(channels, how) => {
                    let shape = [1, *channels, 1, 1];
                    let flat: Tensor<2> = map
                        .clone()
                        .swap_dims(0, 1)
                        .reshape([*channels, batch * height * width]);
                    let mean = flat.clone().mean_dim(1).reshape(shape);
                    let away = map - mean;
                    let squares: Tensor<2> = (away.clone() * away.clone())
                        .swap_dims(0, 1)
                        .reshape([*channels, batch * height * width]);
                    let variance = squares.mean_dim(1).reshape(shape);
                    let values = away / (variance + 1e-5).sqrt();
                    let gain = self.vector(place).reshape(shape);
                    let shift = self.vector(place).reshape(shape);
                    activated(values * gain + shift, *how)
                }
                Spec::Residual(inner) => {
                    activation::relu(self.run(inner, map.clone(), place) + map)
                }
                Spec::Mean => {
                    let flat: Tensor<3> = map.reshape([batch, channels, height * width]);
                    flat.mean_dim(2).reshape([batch, channels, 1, 1])
                }
            };
        }
        map
    }
}
