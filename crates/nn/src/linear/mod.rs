//! The affine layer.
mod operation;

use crate::packed::PackCache;
use crate::random::Stream;
use crate::{NnError, is_fused};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData, activation as burn_activation};
use ressac_kernels::linear::{Activation, PackedLinear};

/// What a [`Linear`] is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearConfig {
    input_size: usize,
    output_size: usize,
    bias: bool,
    activation: Activation,
}

impl LinearConfig {
    /// With a bias, without activation.
    pub const fn new(input_size: usize, output_size: usize) -> Self {
        Self {
            input_size,
            output_size,
            bias: true,
            activation: Activation::Identity,
        }
    }

    /// With or without a bias.
    #[must_use]
    pub const fn with_bias(mut self, bias: bool) -> Self {
        self.bias = bias;
        self
    }

    /// An activation fused behind the product.
    #[must_use]
    pub const fn with_activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }

    /// Makes the layer, its parameters uniform on ±1/√input (as PyTorch), drawn from `stream`.
    ///
    /// # Errors
    /// A size of zero.
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<Linear, NnError> {
        for (name, size) in [
            ("input size", self.input_size),
            ("output size", self.output_size),
        ] {
            if size == 0 {
                return Err(NnError::shape(format!("linear: {name}"), "at least 1", "0"));
            }
        }
        let bound = 1.0 / (self.input_size as f64).sqrt();
        let draw = |purpose: &str, count: usize| -> Vec<f32> {
            let mut generator = stream.child(purpose).generator();
            (0..count)
                .map(|_| (bound * (2.0 * generator.uniform() - 1.0)) as f32)
                .collect()
        };
        let shape = [self.output_size, self.input_size];
        let weights = TensorData::new(draw("weights", shape[0] * shape[1]), shape);
        let bias = self.bias.then(|| {
            let values = draw("bias", self.output_size);
            Param::from_tensor(Tensor::from_data(
                TensorData::new(values, [self.output_size]),
                device,
            ))
        });
        Ok(Linear {
            weights: Param::from_tensor(Tensor::from_data(weights, device)),
            bias,
            activation: self.activation,
            packed: PackedOnce::default(),
        })
    }
}

/// x·Wᵀ of `[rows, input]` and `[output, input]` that fit, on the fused path.
pub(crate) fn product(input: Tensor<2>, weights: Tensor<2>) -> Tensor<2> {
    operation::linear(input, weights, None, Activation::Identity, None)
}

/// The weights of an affine layer as the kernels read them, kept between calls of inference.
#[derive(Debug, Clone, Default)]
pub struct PackedOnce(PackCache<PackedLinear>);

/// y = φ(x·Wᵀ + b), W `[output, input]` as in PyTorch (Burn's own layer has `[input, output]`).
#[derive(Module, Debug)]
pub struct Linear {
    weights: Param<Tensor<2>>,
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    packed: PackedOnce,
}

impl Linear {
    /// φ.
    pub const fn activation(&self) -> Activation {
        self.activation
    }

    /// W `[output, input]`.
    pub fn weights(&self) -> Tensor<2> {
        self.weights.val()
    }

    /// Features of the output.
    pub fn output_size(&self) -> usize {
        self.weights.val().dims()[0]
    }

    /// `[…, input]` to `[…, output]`.
    ///
    /// # Errors
    /// Another number of features.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Result<Tensor<D>, NnError> {
        let mut shape = input.dims();
        let rows = shape[..D - 1].iter().product();
        let input = input.reshape([rows, shape[D - 1]]);
        let (weights, bias) = (self.weights.val(), self.bias.as_ref().map(Param::val));
        let output = affine(input, weights, bias, self.activation, &self.packed)?;
        shape[D - 1] = self.output_size();
        Ok(output.reshape(shape))
    }
}

/// x·Wᵀ + b of `input [rows, input]`, `weights [output, input]` and `bias [output]`: [`Linear`] with weights that stand
/// elsewhere, such as an output layer that has those of the embedding. `packed` belongs to these weights: another call with
/// it packs nothing again.
///
/// # Errors
/// Shapes that do not fit.
pub fn linear(
    input: Tensor<2>,
    weights: Tensor<2>,
    bias: Option<Tensor<1>>,
    packed: &PackedOnce,
) -> Result<Tensor<2>, NnError> {
    let output = weights.dims()[0];
    if let Some([found]) = bias
        .as_ref()
        .map(Tensor::dims)
        .filter(|dims| *dims != [output])
    {
        return Err(NnError::shape(
            "linear: bias",
            output.to_string(),
            found.to_string(),
        ));
    }
    affine(input, weights, bias, Activation::Identity, packed)
}

fn affine(
    input: Tensor<2>,
    weights: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
    packed: &PackedOnce,
) -> Result<Tensor<2>, NnError> {
    let ([_, found], [_, expected]) = (input.dims(), weights.dims());
    if found != expected {
        return Err(NnError::shape(
            "linear: input features",
            expected.to_string(),
            found.to_string(),
        ));
    }
    if is_fused(&input.device()) {
        return Ok(operation::linear(
            input,
            weights,
            bias,
            activation,
            Some(&packed.0),
        ));
    }
    let sum = input.matmul(weights.transpose());
    let sum = match bias {
        Some(bias) => sum + bias.unsqueeze(),
        None => sum,
    };
    Ok(activated(sum, activation))
}

/// φ of values on a device that is not fused.
pub(crate) fn activated<const D: usize>(values: Tensor<D>, activation: Activation) -> Tensor<D> {
    match activation {
        Activation::Identity => values,
        Activation::Relu => burn_activation::relu(values),
        Activation::LeakyRelu(slope) => burn_activation::leaky_relu(values, f64::from(slope)),
        Activation::Sigmoid => burn_activation::sigmoid(values),
        Activation::Tanh => burn_activation::tanh(values),
    }
}
