//! The networks that are measured, as lists of layers, and the same made of our layers.

use std::str::FromStr;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use ressac_nn::image::{
    BatchNorm2d, BatchNorm2dConfig, Conv2d, Conv2dConfig, Running, global_avg_pool2d,
};
use ressac_nn::random::Stream;
use ressac_nn::{Activation, Linear, LinearConfig, NnError};

/// A network: what it reads and its layers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) name: String,
    /// Batch, channels, height, width.
    pub(crate) input: [usize; 4],
    pub(crate) layers: Vec<Spec>,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Spec {
    /// Channels in and out of the flattened map, and what it becomes: channels, height, width.
    Dense([usize; 2], [usize; 3], Activation),
    /// Channels, kernel, stride, padding; biased where no normalisation follows.
    Conv([usize; 2], [usize; 3], bool, Activation),
    /// The same, transposed.
    Up([usize; 2], [usize; 3], bool, Activation),
    Norm(usize, Activation),
    /// Layers beside which the input is handed on, and a ReLU of the sum.
    Residual(Vec<Spec>),
    /// The mean of each channel.
    Mean,
}

const LEAKY: Activation = Activation::LeakyRelu(0.2);

impl FromStr for Plan {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        use Activation::{Identity, Relu, Tanh};
        use Spec::{Conv, Dense, Mean, Norm, Residual, Up};
        const HALF: [usize; 3] = [4, 2, 1];
        let (input, layers) = match name {
            "generator-28" => (
                [64, 100, 1, 1],
                vec![
                    Dense([100, 6272], [128, 7, 7], Identity),
                    Norm(128, Relu),
                    Up([128, 64], HALF, false, Identity),
                    Norm(64, Relu),
                    Up([64, 1], HALF, true, Tanh),
                ],
            ),
            "discriminator-28" => (
                [64, 1, 28, 28],
                vec![
                    Conv([1, 64], HALF, true, LEAKY),
                    Conv([64, 128], HALF, false, Identity),
                    Norm(128, LEAKY),
                    Dense([6272, 1], [1, 1, 1], Identity),
                ],
            ),
            "generator-64" => {
                let mut layers = vec![Up([100, 512], [4, 1, 0], false, Identity), Norm(512, Relu)];
                for channels in [256, 128, 64] {
                    layers.push(Up([2 * channels, channels], HALF, false, Identity));
                    layers.push(Norm(channels, Relu));
                }
                layers.push(Up([64, 3], HALF, true, Tanh));
                ([32, 100, 1, 1], layers)
            }
            "discriminator-64" => {
                let mut layers = vec![Conv([3, 64], HALF, true, LEAKY)];
                for channels in [128, 256, 512] {
                    layers.push(Conv([channels / 2, channels], HALF, false, Identity));
                    layers.push(Norm(channels, LEAKY));
                }
                layers.push(Conv([512, 1], [4, 1, 0], true, Identity));
                ([32, 3, 64, 64], layers)
            }
            "residual-32" => {
                let block = |channels: usize| {
                    Residual(vec![
                        Conv([channels; 2], [3, 1, 1], false, Identity),
                        Norm(channels, Relu),
                        Conv([channels; 2], [3, 1, 1], false, Identity),
                        Norm(channels, Identity),
                    ])
                };
                let layers = vec![
                    Conv([3, 32], [3, 1, 1], false, Identity),
                    Norm(32, Relu),
                    block(32),
                    Conv([32, 64], [3, 2, 1], false, Identity),
                    Norm(64, Relu),
                    block(64),
                    Conv([64, 128], [3, 2, 1], false, Identity),
                    Norm(128, Relu),
                    block(128),
                    Mean,
                    Dense([128, 10], [10, 1, 1], Identity),
                ];
                ([32, 3, 32, 32], layers)
            }
            "dense" => {
                let dense = |from, to, activation| Dense([from, to], [to, 1, 1], activation);
                let layers = vec![
                    dense(784, 256, Relu),
                    dense(256, 32, Relu),
                    dense(32, 256, Relu),
                    dense(256, 784, Activation::Sigmoid),
                ];
                ([128, 784, 1, 1], layers)
            }
            other => return Err(format!("no network is called `{other}`")),
        };
        Ok(Self {
            name: name.to_owned(),
            input,
            layers,
        })
    }
}

/// Our layers.
#[derive(Module, Debug)]
pub(crate) struct Network {
    layers: Vec<Layer>,
}

#[derive(Module, Debug)]
enum Layer {
    Dense(Dense),
    Conv(Conv2d),
    Norm(BatchNorm2d),
    Residual(Network),
    Mean(Mean),
}

#[derive(Module, Debug)]
struct Dense {
    linear: Linear,
    #[module(skip)]
    to: [usize; 3],
}

#[derive(Module, Debug)]
struct Mean {
    #[module(skip)]
    none: (),
}

fn convolution(
    config: Conv2dConfig,
    ([_, stride, padding], biased, activation): ([usize; 3], bool, Activation),
    stream: &Stream,
    device: &Device,
) -> Result<Layer, NnError> {
    let config = config.with_stride([stride; 2]).with_padding([padding; 2]);
    let config = config.with_bias(biased).with_activation(activation);
    Ok(Layer::Conv(config.init(stream, device)?))
}

impl Network {
    pub(crate) fn new(layers: &[Spec], stream: &Stream, device: &Device) -> Result<Self, NnError> {
        let layers = layers.iter().zip(0..).map(|(spec, at)| {
            let stream = stream.at(at);
            Ok(match spec {
                Spec::Dense([from, to], shape, activation) => Layer::Dense(Dense {
                    linear: LinearConfig::new(*from, *to)
                        .with_activation(*activation)
                        .init(&stream, device)?,
                    to: *shape,
                }),
                Spec::Conv(channels, sizes, biased, activation) => {
                    let config = Conv2dConfig::new(*channels, [sizes[0]; 2]);
                    convolution(config, (*sizes, *biased, *activation), &stream, device)?
                }
                Spec::Up(channels, sizes, biased, activation) => {
                    let config = Conv2dConfig::transposed(*channels, [sizes[0]; 2]);
                    convolution(config, (*sizes, *biased, *activation), &stream, device)?
                }
                Spec::Norm(channels, activation) => Layer::Norm(
                    BatchNorm2dConfig::new(*channels)
                        .with_activation(*activation)
                        .init(device)?,
                ),
                Spec::Residual(layers) => Layer::Residual(Self::new(layers, &stream, device)?),
                Spec::Mean => Layer::Mean(Mean { none: () }),
            })
        });
        Ok(Self {
            layers: layers.collect::<Result<_, NnError>>()?,
        })
    }

    /// What comes out in training; the running averages behind it go to `running`.
    pub(crate) fn forward(
        &self,
        mut map: Tensor<4>,
        running: &mut Vec<Running>,
    ) -> Result<Tensor<4>, NnError> {
        for layer in &self.layers {
            map = match layer {
                Layer::Dense(dense) => {
                    let [batch, channels, height, width] = map.dims();
                    let flat = map.reshape([batch, channels * height * width]);
                    let [channels, height, width] = dense.to;
                    let values = dense.linear.forward(flat)?;
                    values.reshape([batch, channels, height, width])
                }
                Layer::Conv(conv) => conv.forward(map)?,
                Layer::Norm(norm) => {
                    let (map, after) = norm.forward_train(map)?;
                    running.push(after);
                    map
                }
                Layer::Residual(inner) => {
                    burn::tensor::activation::relu(inner.forward(map.clone(), running)? + map)
                }
                Layer::Mean(_) => {
                    let mean = global_avg_pool2d(map)?;
                    let [batch, channels] = mean.dims();
                    mean.reshape([batch, channels, 1, 1])
                }
            };
        }
        Ok(map)
    }
}
