//! The loss of an autoencoder: how well values are written again, and what is asked of the code.

use burn::tensor::{Device, Tensor};

use ressac_nn::random::Stream;
use ressac_train::{
    Items, ItemsLoss, Objective, ObjectiveLearner, Place, Set, Size, TrainError, number,
    refuse_too_large,
};

use super::config::AutoencodeConfig;
use super::encoded::Encoded;
use super::network::{AutoencodeNetwork, Coded};
use super::pipeline::AutoencodePipeline;
use super::resolve::Resolved;
use crate::ModelError;
use crate::options::memory_of;

/// The share of examples for which a number of a sparse code is to be near 1 (Ng 2011).
const ACTIVE: f64 = 0.05;

/// Mean squared errors below this are none: a logarithm is taken of them.
const LEAST_ERROR: f64 = 1e-12;

/// An autoencoder in training.
pub type AutoencodeLearner = ObjectiveLearner<AutoencodeObjective>;

/// The loss of an autoencoder.
///
/// It is the mean squared residual of the values that are there, in squared deviations. Of a variational one it is the negative
/// evidence lower bound, in nats a value: values are normal around what is written, with the one variance that suits the batch best
/// (Rybkin, Daniilidis and Levine 2021), so that `beta` does not depend on the scale of the data. In training come the penalties
/// that were asked for; a validation is without them.
#[derive(Debug)]
pub struct AutoencodeObjective {
    training: Encoded,
    validation: Encoded,
    size: Size,
    noise: f64,
    sparsity: f64,
    contraction: f64,
    beta: f64,
}

/// A learner at its first step, and the pipeline it fitted on the training part.
///
/// # Errors
/// When a part does not fit the others, or the machine has not the memory.
pub(super) fn learner(
    resolved: &Resolved,
    device: &Device,
) -> Result<(AutoencodeLearner, AutoencodePipeline), ModelError> {
    let Resolved { config, parts, .. } = resolved;
    let pipeline = AutoencodePipeline::fit(parts)?;
    let parts = &parts.parts;
    let training = Encoded::new(config, &pipeline, &parts.train)?;
    let validation = Encoded::new(config, &pipeline, &parts.valid)?;
    let extent = pipeline.extent(config);
    let parameters = AutoencodeNetwork::parameters(config, extent);
    let objective = AutoencodeObjective {
        size: Size {
            items: "examples",
            training: training.len(),
            validation: validation.len(),
            parameters,
            memory: memory(config, &pipeline, parameters, &training),
        },
        training,
        validation,
        noise: config.noise,
        sparsity: config.sparsity,
        contraction: config.contraction,
        beta: config.beta.unwrap_or(1.0),
    };
    refuse_too_large(
        &objective.size,
        config.training.batch,
        "Give smaller `widths`, a smaller `batch`, smaller images or shorter sequences",
    )?;
    let device = device.clone().autodiff();
    let stream = Stream::new(config.training.seed, "weights");
    let network = AutoencodeNetwork::new(config, extent, &stream, &device)?;
    let single = config.training.single();
    let learner = ObjectiveLearner::new(objective, network, &single, device);
    Ok((learner, pipeline))
}

/// About how many bytes training holds at once.
fn memory(
    config: &AutoencodeConfig,
    pipeline: &AutoencodePipeline,
    parameters: usize,
    training: &Encoded,
) -> usize {
    let extent = pipeline.extent(config);
    let longest = training.lengths().iter().copied().max().unwrap_or(0);
    let kept = AutoencodeNetwork::kept(config, extent, longest);
    let jacobian = match config.contraction > 0.0 {
        true => {
            let read = extent.width.saturating_mul(longest);
            config.code().saturating_mul(read).saturating_mul(3)
        }
        false => 0,
    };
    let activations = kept
        .saturating_add(jacobian)
        .saturating_mul(config.training.batch);
    let values: usize = training.lengths().iter().sum();
    memory_of(parameters, activations)
        .saturating_add(values.saturating_mul(extent.width).saturating_mul(4))
}

impl AutoencodeObjective {
    fn of(&self, set: Set) -> &Encoded {
        match set {
            Set::Training => &self.training,
            Set::Validation => &self.validation,
        }
    }

    /// The penalties of a training step; nothing where none are asked for.
    fn penalty(
        &self,
        network: &AutoencodeNetwork,
        coded: &Coded,
    ) -> Result<Option<Tensor<1>>, TrainError> {
        let mut penalty = None;
        if self.sparsity > 0.0 {
            penalty = Some(sparsity(coded.code.clone()) * self.sparsity);
        }
        if self.contraction > 0.0 {
            let jacobian = network.jacobian(coded)?;
            let jacobian = jacobian.map(|norm| norm * self.contraction);
            penalty = match (penalty, jacobian) {
                (Some(penalty), Some(jacobian)) => Some(penalty + jacobian),
                (penalty, jacobian) => penalty.or(jacobian),
            };
        }
        Ok(penalty)
    }
}

/// The divergence of how active each number of a code is in the mean from [`ACTIVE`], summed over the code.
pub(super) fn sparsity(code: Tensor<2>) -> Tensor<1> {
    let numbers = code.dims()[1];
    let active: Tensor<1> = code.mean_dim(0).reshape([numbers]).clamp(1e-6, 1.0 - 1e-6);
    let on = active.clone().log() * -ACTIVE;
    let off = (-active + 1.0).log() * -(1.0 - ACTIVE);
    let constant = ACTIVE * ACTIVE.ln() + (1.0 - ACTIVE) * (1.0 - ACTIVE).ln();
    (on + off + constant).sum()
}

impl Objective for AutoencodeObjective {
    type Network = AutoencodeNetwork;

    fn size(&self) -> Size {
        self.size.clone()
    }

    fn lengths(&self, set: Set) -> Option<&[usize]> {
        let lengths = self.of(set).lengths();
        let differ = lengths.iter().min() != lengths.iter().max();
        differ.then_some(lengths)
    }

    fn loss(&self, network: &AutoencodeNetwork, items: Items<'_>) -> Result<ItemsLoss, TrainError> {
        let clean = self.of(items.set).batch(items.places, items.device)?;
        let read = match items.draw {
            Some(draw) if self.noise > 0.0 => clean.noisy(self.noise, &draw.child("noise")),
            _ => clean.clone(),
        };
        let coded = network.encode(&read)?;
        let code = match items.draw {
            Some(draw) => coded.drawn(&draw.child("code")),
            None => coded.code.clone(),
        };
        let written = network.decode(code, &clean.lengths)?;
        let weight = clean.counts.iter().sum::<usize>().max(1);
        let count = weight as f64;
        let error = clean.squares(written).sum() / count;
        let mut figures = Vec::new();
        let mut loss = match coded.divergence() {
            None => error,
            Some(divergence) => {
                let rows = items.places.len() as f64;
                figures.push(("mse", number(error.clone())));
                let divergence = divergence.sum();
                figures.push(("divergence", number(divergence.clone()) / rows));
                let of_values = (error + LEAST_ERROR).log() * 0.5 + NORMAL;
                of_values + divergence * (self.beta / count)
            }
        };
        if items.draw.is_some()
            && let Some(penalty) = self.penalty(network, &coded)?
        {
            figures.push(("penalty", number(penalty.clone())));
            loss = loss + penalty;
        }
        Ok(ItemsLoss {
            loss,
            // The loss is a mean over values: a longer sequence counts more.
            weight,
            read: Vec::new(),
            running: Vec::new(),
            figures,
        })
    }

    fn overflow(&self, network: &AutoencodeNetwork, items: Items<'_>) -> Result<Place, TrainError> {
        let batch = self.of(items.set).batch(items.places, items.device)?;
        let code = network.encode(&batch)?.code;
        let finite = code.into_data().iter::<f32>().all(f32::is_finite);
        Ok(Place::Output(match finite {
            false => "the encoder",
            true => "the decoder",
        }))
    }
}

/// ½ ln 2πe: what the logarithm of a normal density has beside that of its deviation, where the variance is that of the residuals.
pub(super) const NORMAL: f64 = 1.418_938_533_204_672_7;
