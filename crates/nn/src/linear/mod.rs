//! The affine layer.
mod operation;

use crate::random::Stream;
use crate::{NnError, is_fused};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData, activation};
use ressac_kernels::linear::Activation;

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
        })
    }
}

/// x·Wᵀ of `[rows, input]` and `[output, input]` that fit, on the fused path.
pub(crate) fn product(input: Tensor<2>, weights: Tensor<2>) -> Tensor<2> {
    operation::linear(input, weights, None, Activation::Identity)
}

/// y = φ(x·Wᵀ + b), W `[output, input]` as in PyTorch (Burn's own layer has `[input, output]`).
#[derive(Module, Debug)]
pub struct Linear {
    weights: Param<Tensor<2>>,
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    activation: Activation,
}

impl Linear {
    /// `[…, input]` to `[…, output]`.
    ///
    /// # Errors
    /// Another number of features.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Result<Tensor<D>, NnError> {
        let mut shape = input.dims();
        let [output_size, input_size] = self.weights.val().dims();
        if shape[D - 1] != input_size {
            return Err(NnError::shape(
                "linear: input features",
                input_size.to_string(),
                shape[D - 1].to_string(),
            ));
        }
        let rows = shape[..D - 1].iter().product();
        let input = input.reshape([rows, input_size]);
        let bias = self.bias.as_ref().map(Param::val);
        let output: Tensor<2> = if is_fused(&input.device()) {
            operation::linear(input, self.weights.val(), bias, self.activation)
        } else {
            let sum = input.matmul(self.weights.val().transpose());
            let sum = match bias {
                Some(bias) => sum + bias.unsqueeze(),
                None => sum,
            };
            match self.activation {
                Activation::Identity => sum,
                Activation::Relu => activation::relu(sum),
                Activation::Sigmoid => activation::sigmoid(sum),
                Activation::Tanh => activation::tanh(sum),
            }
        };
        shape[D - 1] = output_size;
        Ok(output.reshape(shape))
    }
}
