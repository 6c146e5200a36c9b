//! The translation learner: pairs in, the loss of every target token.

use burn::tensor::Device;

use ressac_nn::random::Stream;
use ressac_train::{
    Items, ItemsLoss, Objective, ObjectiveLearner, Set, Size, TrainError, refuse_too_large,
};

use super::config::TranslateConfig;
use super::encoded::Encoded;
use super::network::{TranslateNetwork, decoder_config};
use super::pipeline::TranslatePipeline;
use super::resolve::Resolved;
use crate::ModelError;
use crate::options::memory_of;
use crate::text::drop_tokens;

/// A translation model in training.
pub type TranslateLearner = ObjectiveLearner<TranslateObjective>;

/// The loss of a translation model: the cross-entropy of the target tokens, each after the true ones before it.
pub struct TranslateObjective {
    training: Encoded,
    validation: Encoded,
    end: u32,
    smoothing: f64,
    word_dropout: f64,
    size: Size,
}

/// A learner at its first step, and the pipeline it fitted on the training part.
///
/// # Errors
/// No pair to learn from, or a network that the machine has not the memory for.
pub(super) fn learner(
    resolved: &Resolved,
    device: &Device,
) -> Result<(TranslateLearner, TranslatePipeline), ModelError> {
    let (config, prepared) = (&resolved.config, &resolved.parts);
    let pipeline = prepared.pipeline();
    let validation = Encoded::to_score(&pipeline, &prepared.parts.valid);
    let parameters = TranslateNetwork::parameters(config, &pipeline);
    let objective = TranslateObjective {
        size: Size {
            items: "pairs",
            training: prepared.training.len(),
            validation: validation.len(),
            parameters,
            memory: memory(config, &pipeline, parameters, &prepared.training),
        },
        training: prepared.training.clone(),
        validation,
        end: pipeline.targets().end(),
        smoothing: config.label_smoothing,
        word_dropout: config.texts.word_dropout.unwrap_or(0.0),
    };
    refuse_too_large(
        &objective.size,
        config.training.batch,
        "Give a smaller `hidden`, `layers` or `batch`, fewer `words`, or a smaller `max_length`",
    )?;
    let device = device.clone().autodiff();
    let stream = Stream::new(config.training.seed, "weights");
    let vectors = prepared.fitted.vectors.as_ref();
    let network = TranslateNetwork::new(config, &pipeline, vectors, &stream, &device)?;
    let single = config.training.single();
    let learner = ObjectiveLearner::new(objective, network, &single, device);
    Ok((learner, pipeline))
}

/// About how many bytes training holds at once.
fn memory(
    config: &TranslateConfig,
    pipeline: &TranslatePipeline,
    parameters: usize,
    training: &Encoded,
) -> usize {
    let longest = training.lengths.iter().copied().max().unwrap_or(0);
    let per_step = (config.recurrent)
        .kept_per_step(config.model, config.directions())
        .saturating_add(decoder_config(config, pipeline).embedding.saturating_mul(8))
        .saturating_add(config.recurrent.hidden.saturating_mul(16));
    let activations = [longest, per_step]
        .into_iter()
        .fold(config.training.batch, usize::saturating_mul);
    let tokens: usize = training.lengths.iter().sum();
    memory_of(parameters, activations).saturating_add(tokens.saturating_mul(4))
}

impl TranslateObjective {
    fn of(&self, set: Set) -> &Encoded {
        match set {
            Set::Training => &self.training,
            Set::Validation => &self.validation,
        }
    }
}

impl Objective for TranslateObjective {
    type Network = TranslateNetwork;

    fn size(&self) -> Size {
        self.size.clone()
    }

    fn lengths(&self, set: Set) -> Option<&[usize]> {
        Some(&self.of(set).lengths)
    }

    fn loss(&self, network: &TranslateNetwork, items: Items<'_>) -> Result<ItemsLoss, TrainError> {
        let mut batch = self.of(items.set).batch(items.places, self.end);
        if let Some(draw) = items.draw {
            let draw = draw.child("words");
            drop_tokens(
                &mut batch.sources,
                self.word_dropout,
                &draw.child("sources"),
            );
            drop_tokens(&mut batch.read, self.word_dropout, &draw.child("targets"));
        }
        let smoothing = match items.set {
            Set::Training => self.smoothing,
            Set::Validation => 0.0,
        };
        let losses = network.loss(&batch, smoothing, items.draw)?;
        Ok(ItemsLoss {
            loss: losses.mean,
            weight: batch.tokens,
            read: Vec::new(),
            running: Vec::new(),
            figures: Vec::new(),
        })
    }
}
