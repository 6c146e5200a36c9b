//! Affine layers over all values of an example at once (Hinton and Salakhutdinov 2006), and the Jacobian of their code.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::random::Stream;
use ressac_nn::{Activation, Linear, LinearConfig, NnError, PackedOnce, linear};

use super::super::config::AutoencodeConfig;
use super::super::pipeline::Extent;
use super::{affine, backwards, chain, of_chain};

/// The layers on both sides of the code.
#[derive(Module, Debug)]
pub(in crate::autoencode) struct Dense {
    encoder: Vec<Linear>,
    decoder: Vec<Linear>,
    output: Linear,
    #[module(skip)]
    steps: usize,
}

/// Numbers read, then the width of each layer in front of the code.
fn widths(config: &AutoencodeConfig, extent: Extent) -> Vec<usize> {
    let read = extent.width.saturating_mul(extent.steps.unwrap_or(1));
    [&[read], config.layers()].concat()
}

/// The code, then the width of each layer behind it but the last.
fn widths_back(config: &AutoencodeConfig) -> Vec<usize> {
    backwards(&config.widths)
}

impl Dense {
    pub(super) fn new(
        config: &AutoencodeConfig,
        extent: Extent,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let function = config.function();
        let back = widths_back(config);
        let steps = extent.steps.unwrap_or(1);
        let written = extent.dims.saturating_mul(steps);
        let last = back.last().copied().unwrap_or(0);
        let encoder = stream.child("encoder");
        let decoder = stream.child("decoder");
        Ok(Self {
            encoder: chain(&widths(config, extent), function, &encoder, device)?,
            decoder: chain(&back, function, &decoder, device)?,
            output: LinearConfig::new(last, written).init(&stream.child("output"), device)?,
            steps,
        })
    }

    /// What the encoder gives to the code.
    pub(super) fn features(config: &AutoencodeConfig, extent: Extent) -> usize {
        widths(config, extent).last().copied().unwrap_or(0)
    }

    pub(super) fn parameters(config: &AutoencodeConfig, extent: Extent) -> usize {
        let back = widths_back(config);
        let written = extent.dims.saturating_mul(extent.steps.unwrap_or(1));
        of_chain(&widths(config, extent))
            .saturating_add(of_chain(&back))
            .saturating_add(affine(back.last().copied().unwrap_or(0), written))
    }

    pub(super) fn kept(config: &AutoencodeConfig) -> usize {
        let all = config
            .widths
            .iter()
            .fold(0_usize, |sum, width| sum.saturating_add(*width));
        all.saturating_mul(4)
    }

    fn flat(values: Tensor<3>) -> Tensor<2> {
        let [batch, steps, width] = values.dims();
        values.reshape([batch, steps * width])
    }

    /// What is read as one row, and what each layer of the encoder gives.
    pub(super) fn encode(&self, values: Tensor<3>) -> Result<Vec<Tensor<2>>, NnError> {
        let mut given = vec![Self::flat(values)];
        for (at, layer) in self.encoder.iter().enumerate() {
            given.push(layer.forward(given[at].clone())?);
        }
        Ok(given)
    }

    pub(super) fn decode(&self, code: Tensor<2>) -> Result<Tensor<3>, NnError> {
        let mut features = code;
        for layer in &self.decoder {
            features = layer.forward(features)?;
        }
        let written = self.output.forward(features)?;
        let [batch, all] = written.dims();
        Ok(written.reshape([batch, self.steps, all / self.steps]))
    }

    /// The mean over the batch of ‖∂code/∂x‖²: `product` is that of the code over what the last layer gives, `[batch, code, width]`,
    /// and `given` what [`Dense::encode`] gave. The product W·D(h)·W… is written out from the code down, D the slopes of a layer, so
    /// that its own gradient is that of products (Rifai et al. 2011, for one layer).
    pub(super) fn jacobian(
        &self,
        given: &[Tensor<2>],
        mut product: Tensor<3>,
    ) -> Result<Tensor<1>, NnError> {
        let [batch, codes, _] = product.dims();
        let layers = self.encoder.iter().zip(&given[1..]);
        let slopes = layers.map(|(layer, given)| slope(given.clone(), layer.activation()));
        let slopes: Vec<Tensor<2>> = slopes.collect();
        for (layer, slopes) in self.encoder.iter().zip(slopes).rev() {
            let weights = layer.weights();
            let [above, below] = weights.dims();
            let sloped = product * slopes.reshape([batch, 1, above]);
            let rows = sloped.reshape([batch * codes, above]);
            // x·W, where the affine layer has x·Wᵀ.
            let turned = weights.transpose();
            let none = PackedOnce::default();
            product = linear(rows, turned, None, &none)?.reshape([batch, codes, below]);
        }
        Ok((product.clone() * product).sum() / batch as f64)
    }
}

/// The slope of an activation, from its value.
pub(super) fn slope(value: Tensor<2>, of: Activation) -> Tensor<2> {
    match of {
        Activation::Identity => Tensor::ones_like(&value),
        Activation::Relu => value.greater_elem(0.0).float(),
        Activation::LeakyRelu(least) => {
            let above = value.greater_elem(0.0).float();
            above * (1.0 - f64::from(least)) + f64::from(least)
        }
        Activation::Sigmoid => value.clone() * (-value + 1.0),
        Activation::Tanh => -(value.clone() * value) + 1.0,
    }
}
