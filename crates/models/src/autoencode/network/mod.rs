//! The networks: an encoder of one of three kinds, an affine layer to the code, and the encoder's mirror back.

mod convolutional;
mod dense;
mod recurrent;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData, activation};

use ressac_nn::random::Stream;
use ressac_nn::{Activation, Lengths, Linear, LinearConfig, NnError};

pub(super) use convolutional::Convolutional;
pub(super) use dense::Dense;
pub(super) use recurrent::Recurrences;

use super::choices::AutoencoderKind;
use super::config::AutoencodeConfig;
use super::encoded::Batch;
use super::pipeline::Extent;
use dense::slope;

/// Logarithms of variances are kept within this: beyond it a code is a point, or nothing at all.
const MOST_LOG_VARIANCE: f64 = 10.0;

/// An autoencoder: one of the three bodies, and the code between its halves.
#[derive(Module, Debug)]
pub struct AutoencodeNetwork {
    dense: Option<Dense>,
    convolutional: Option<Convolutional>,
    recurrent: Option<Recurrences>,
    /// From what the encoder gives to the code, or to its mean.
    code: Linear,
    /// From what the encoder gives to the logarithm of the code's variance.
    log_variance: Option<Linear>,
    /// Whether the code passes a logistic function.
    #[module(skip)]
    logistic: bool,
}

/// What an encoder makes of a batch.
#[derive(Debug, Clone)]
pub(super) struct Coded {
    /// The code `[batch, code]`, of a variational one its mean.
    pub(super) code: Tensor<2>,
    /// Of a variational one, the logarithm of its variance.
    pub(super) log_variance: Option<Tensor<2>>,
    /// Of a dense encoder, what was read as one row and what each layer gave; else nothing.
    pub(super) given: Vec<Tensor<2>>,
}

impl Coded {
    /// A draw from the distribution of the code; the code itself where it is no distribution.
    pub(super) fn drawn(&self, draw: &Stream) -> Tensor<2> {
        let Some(log_variance) = &self.log_variance else {
            return self.code.clone();
        };
        let shape = self.code.dims();
        let mut generator = draw.generator();
        let normals = (0..shape[0] * shape[1]).map(|_| generator.normal() as f32);
        let data = TensorData::new(normals.collect::<Vec<f32>>(), shape);
        let normals = Tensor::<2>::from_data(data, &self.code.device());
        self.code.clone() + (log_variance.clone() * 0.5).exp() * normals
    }

    /// The divergence of the code's distribution from the standard normal one, of each example `[batch]`, in nats (Kingma and
    /// Welling 2014, appendix B); nothing where it is no distribution.
    pub(super) fn divergence(&self) -> Option<Tensor<1>> {
        let log_variance = self.log_variance.clone()?;
        let squares = self.code.clone() * self.code.clone();
        let terms = squares + log_variance.clone().exp() - log_variance - 1.0;
        Some(terms.sum_dim(1).squeeze_dim::<1>(1) * 0.5)
    }
}

/// The features that the encoder of `config` gives.
fn features(config: &AutoencodeConfig, extent: Extent) -> usize {
    match config.model {
        AutoencoderKind::Dense => Dense::features(config, extent),
        AutoencoderKind::Convolutional => Convolutional::features(config, extent),
        AutoencoderKind::Recurrent => Recurrences::features(config, extent),
    }
}

impl AutoencodeNetwork {
    /// A network with the weights that `stream` draws.
    ///
    /// # Errors
    /// A size of zero.
    pub(super) fn new(
        config: &AutoencodeConfig,
        extent: Extent,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let features = features(config, extent);
        let to_code = |name: &str| {
            LinearConfig::new(features, config.code()).init(&stream.child(name), device)
        };
        let mut network = Self {
            dense: None,
            convolutional: None,
            recurrent: None,
            code: to_code("code")?,
            log_variance: None,
            logistic: config.sparsity > 0.0,
        };
        match config.model {
            AutoencoderKind::Dense => {
                network.dense = Some(Dense::new(config, extent, stream, device)?);
            }
            AutoencoderKind::Convolutional => {
                network.convolutional = Some(Convolutional::new(config, extent, stream, device)?);
            }
            AutoencoderKind::Recurrent => {
                network.recurrent = Some(Recurrences::new(config, extent, stream, device)?);
            }
        }
        if config.variational {
            network.log_variance = Some(to_code("log variance")?);
        }
        Ok(network)
    }

    /// The weights of a network of these sizes; the largest number there is where it is more.
    pub(super) fn parameters(config: &AutoencodeConfig, extent: Extent) -> usize {
        let body = match config.model {
            AutoencoderKind::Dense => Dense::parameters(config, extent),
            AutoencoderKind::Convolutional => Convolutional::parameters(config, extent),
            AutoencoderKind::Recurrent => Recurrences::parameters(config, extent),
        };
        let of_code = affine(features(config, extent), config.code());
        let codes = 1 + usize::from(config.variational);
        body.saturating_add(of_code.saturating_mul(codes))
    }

    /// The values that a training step keeps of an example of so many steps for the backward pass.
    pub(super) fn kept(config: &AutoencodeConfig, extent: Extent, steps: usize) -> usize {
        let body = match config.model {
            AutoencoderKind::Dense => Dense::kept(config),
            AutoencoderKind::Convolutional => Convolutional::kept(config, extent),
            AutoencoderKind::Recurrent => Recurrences::kept(config, steps),
        };
        // What is read and written, with residuals, squares and gradients.
        body.saturating_add(steps.saturating_mul(extent.width).saturating_mul(6))
    }

    /// The code of each example of a batch.
    ///
    /// # Errors
    /// Values of other sizes than those the network was made for.
    pub(super) fn encode(&self, batch: &Batch) -> Result<Coded, NnError> {
        let values = batch.values.clone();
        let mut given = Vec::new();
        let features = match (&self.dense, &self.convolutional, &self.recurrent) {
            (Some(dense), _, _) => {
                given = dense.encode(values)?;
                given[given.len() - 1].clone()
            }
            (_, Some(convolutional), _) => convolutional.encode(values)?,
            (_, _, Some(recurrent)) => recurrent.encode(values, &batch.lengths)?,
            (None, None, None) => return Err(no_body()),
        };
        let code = self.code.forward(features.clone())?;
        let spread = self.log_variance.as_ref().map(|of| of.forward(features));
        let log_variance = spread.transpose()?;
        Ok(Coded {
            code: match self.logistic {
                true => activation::sigmoid(code),
                false => code,
            },
            log_variance: log_variance
                .map(|values| values.clamp(-MOST_LOG_VARIANCE, MOST_LOG_VARIANCE)),
            given,
        })
    }

    /// What is written from codes `[batch, code]`: `[batch, steps, dims]`.
    ///
    /// # Errors
    /// Another number of codes.
    pub(super) fn decode(&self, code: Tensor<2>, lengths: &Lengths) -> Result<Tensor<3>, NnError> {
        match (&self.dense, &self.convolutional, &self.recurrent) {
            (Some(dense), _, _) => dense.decode(code),
            (_, Some(convolutional), _) => convolutional.decode(code),
            (_, _, Some(recurrent)) => recurrent.decode(code, lengths),
            (None, None, None) => Err(no_body()),
        }
    }

    /// The mean over a batch of the squared Frobenius norm of the Jacobian of its code; nothing for an encoder whose Jacobian is not
    /// written out.
    ///
    /// # Errors
    /// As [`AutoencodeNetwork::encode`].
    pub(super) fn jacobian(&self, coded: &Coded) -> Result<Option<Tensor<1>>, NnError> {
        let Some(dense) = &self.dense else {
            return Ok(None);
        };
        let weights = self.code.weights();
        let ([codes, width], batch) = (weights.dims(), coded.code.dims()[0]);
        let mut product = weights
            .reshape([1, codes, width])
            .expand([batch, codes, width]);
        if self.logistic {
            let slopes = slope(coded.code.clone(), Activation::Sigmoid);
            product = product * slopes.reshape([batch, codes, 1]);
        }
        dense.jacobian(&coded.given, product).map(Some)
    }
}

fn no_body() -> NnError {
    NnError::Shape {
        argument: "autoencoder".into(),
        expected: "an encoder".into(),
        found: "none".into(),
    }
}

/// The weights of an affine layer.
fn affine(input: usize, output: usize) -> usize {
    output.saturating_mul(input.saturating_add(1))
}

/// Layers of widths each of which reads the one before, with a function behind each; `name` draws their weights.
fn chain(
    widths: &[usize],
    function: ressac_nn::Activation,
    stream: &Stream,
    device: &Device,
) -> Result<Vec<Linear>, NnError> {
    let pairs = widths.windows(2).zip(0..);
    let layer = |(pair, at): (&[usize], u64)| {
        LinearConfig::new(pair[0], pair[1])
            .with_activation(function)
            .init(&stream.at(at), device)
    };
    pairs.map(layer).collect()
}

/// The weights of such layers.
fn of_chain(widths: &[usize]) -> usize {
    let pairs = widths.windows(2);
    pairs.fold(0, |total, pair| {
        total.saturating_add(affine(pair[0], pair[1]))
    })
}

/// `widths` the other way round.
fn backwards(widths: &[usize]) -> Vec<usize> {
    widths.iter().rev().copied().collect()
}
