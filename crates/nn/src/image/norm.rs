//! Batch normalisation of maps, and its running averages.
use super::operation::norm::Call;
use super::{channels_first, channels_last};
use crate::linear::activated;
use crate::weights::values;
use crate::{Activation, NnError, is_fused};
use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor};
use ressac_kernels::batch_norm::{BatchNorm, Moments};

/// What a [`BatchNorm2d`] is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchNorm2dConfig {
    norm: BatchNorm,
    momentum: f64,
}

impl BatchNorm2dConfig {
    /// Of so many channels; ε 10⁻⁵ and momentum 0.1 as in PyTorch, no activation.
    pub const fn new(channels: usize) -> Self {
        Self {
            norm: BatchNorm {
                channels,
                epsilon: 1e-5,
                activation: Activation::Identity,
            },
            momentum: 0.1,
        }
    }

    /// What is added to the variance.
    #[must_use]
    pub const fn with_epsilon(mut self, epsilon: f64) -> Self {
        self.norm.epsilon = epsilon;
        self
    }

    /// How much a step counts in the running averages, 0 to 1.
    #[must_use]
    pub const fn with_momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// An activation in the same pass.
    #[must_use]
    pub const fn with_activation(mut self, activation: Activation) -> Self {
        self.norm.activation = activation;
        self
    }

    /// Makes the layer: gain 1, shift 0, running mean 0 and variance 1.
    ///
    /// # Errors
    /// No channel, an ε that is not above zero, a momentum beyond 0 to 1.
    pub fn init(&self, device: &Device) -> Result<BatchNorm2d, NnError> {
        let channels = self.norm.channels;
        if channels == 0 {
            return Err(NnError::shape("batch norm: channels", "at least 1", "0"));
        }
        for (name, value, fits) in [
            ("epsilon", self.norm.epsilon, self.norm.epsilon > 0.0),
            (
                "momentum",
                self.momentum,
                (0.0..=1.0).contains(&self.momentum),
            ),
        ] {
            if !fits {
                let expected = "epsilon above 0, momentum from 0 to 1";
                return Err(NnError::shape(
                    format!("batch norm: {name}"),
                    expected,
                    value.to_string(),
                ));
            }
        }
        let learnt = |values| Param::from_tensor(values);
        let kept = |values: Tensor<1>| Param::from_tensor(values).set_require_grad(false);
        Ok(BatchNorm2d {
            gain: learnt(Tensor::ones([channels], device)),
            shift: learnt(Tensor::zeros([channels], device)),
            running_mean: kept(Tensor::zeros([channels], device)),
            running_variance: kept(Tensor::ones([channels], device)),
            norm: self.norm,
            momentum: self.momentum,
        })
    }
}

/// y = φ(γ · (x − m) / √(v + ε) + β) for each channel (Ioffe and Szegedy 2015), m and v the mean and the variance over the
/// batch and all places in training, and their running averages afterwards.
///
/// # Parameters
/// `gain`, `shift`, and without a gradient `running_mean`, `running_variance`, each `[channels]`.
#[derive(Module, Debug)]
pub struct BatchNorm2d {
    gain: Param<Tensor<1>>,
    shift: Param<Tensor<1>>,
    running_mean: Param<Tensor<1>>,
    running_variance: Param<Tensor<1>>,
    #[module(skip)]
    norm: BatchNorm,
    #[module(skip)]
    momentum: f64,
}

/// What the running averages of a layer are after a training step: [`crate::weights::set`] puts them in.
#[derive(Debug, Clone)]
pub struct Running(pub Vec<(ParamId, Vec<f32>)>);

impl BatchNorm2d {
    /// y of a trained network, from the running averages.
    ///
    /// # Errors
    /// Another number of channels.
    pub fn forward(&self, map: Tensor<4>) -> Result<Tensor<4>, NnError> {
        self.check(&map)?;
        let (mean, variance) = (self.running_mean.val(), self.running_variance.val());
        if is_fused(&map.device()) {
            let of = |tensor| values(tensor).into_iter().map(f64::from).collect();
            let moments = Moments {
                mean: of(mean),
                variance: of(variance),
            };
            return Ok(self.run(map, Some(moments)).0);
        }
        Ok(self.composed(map, mean, variance))
    }

    /// y in training, from the map itself, and the running averages after this step.
    ///
    /// # Errors
    /// Another number of channels; no pixel.
    pub fn forward_train(&self, map: Tensor<4>) -> Result<(Tensor<4>, Running), NnError> {
        self.check(&map)?;
        let [batch, channels, height, width] = map.dims();
        let pixels = batch * height * width;
        if pixels == 0 {
            return Err(NnError::shape("batch norm: pixels", "at least 1", "0"));
        }
        let (output, [mean, unbiased]) = if is_fused(&map.device()) {
            self.run(map, None)
        } else {
            let mean: Tensor<1> = over_pixels(map.clone(), pixels);
            let away = map.clone() - mean.clone().reshape([1, channels, 1, 1]);
            let variance: Tensor<1> = over_pixels(away.clone() * away, pixels);
            let factor = pixels as f64 / (pixels as f64 - 1.0).max(1.0);
            let unbiased = (variance.clone() * factor).detach();
            let output = self.composed(map, mean.clone(), variance);
            (output, [mean.detach(), unbiased])
        };
        let moved = |param: &Param<Tensor<1>>, now: Tensor<1>| {
            let before = values(param.val().detach());
            let both = before.into_iter().zip(values(now));
            let momentum = self.momentum;
            let after = both.map(|(before, now)| {
                ((1.0 - momentum) * f64::from(before) + momentum * f64::from(now)) as f32
            });
            (param.id, after.collect())
        };
        let running = vec![
            moved(&self.running_mean, mean),
            moved(&self.running_variance, unbiased),
        ];
        Ok((output, Running(running)))
    }

    fn check(&self, map: &Tensor<4>) -> Result<(), NnError> {
        let channels = map.dims()[1];
        match channels == self.norm.channels {
            true => Ok(()),
            false => Err(NnError::shape(
                "batch norm: channels",
                self.norm.channels.to_string(),
                channels.to_string(),
            )),
        }
    }

    fn run(&self, map: Tensor<4>, moments: Option<Moments>) -> (Tensor<4>, [Tensor<1>; 2]) {
        let call = Call {
            norm: self.norm,
            moments,
        };
        let (output, moments) = call.run(channels_last(map), self.gain.val(), self.shift.val());
        (channels_first(output), moments)
    }

    fn composed(&self, map: Tensor<4>, mean: Tensor<1>, variance: Tensor<1>) -> Tensor<4> {
        let shape = [1, self.norm.channels, 1, 1];
        let deviation = (variance + self.norm.epsilon).sqrt();
        let scale = self.gain.val() / deviation;
        let away = map - mean.reshape(shape);
        activated(
            away * scale.reshape(shape) + self.shift.val().reshape(shape),
            self.norm.activation,
        )
    }
}

/// The mean of each channel.
fn over_pixels(map: Tensor<4>, pixels: usize) -> Tensor<1> {
    let channels = map.dims()[1];
    let by_channel: Tensor<2> = map.swap_dims(0, 1).reshape([channels, pixels]);
    by_channel.mean_dim(1).squeeze_dim(1)
}
