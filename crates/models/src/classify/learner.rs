//! The classification learner: examples in, classes compared.

use burn::tensor::Device;

use ressac_data::examples::Examples;
use ressac_nn::random::Stream;
use ressac_train::{
    Items, ItemsLoss, Objective, ObjectiveLearner, Place, Set, Size, TrainError, refuse_too_large,
};

use super::augment::Augmentation;
use super::choices::ClassWeights;
use super::config::ClassifyConfig;
use super::encoded::Encoded;
use super::network::{Beside, ClassifyNetwork, Widths, mean};
use super::pipeline::ClassifyPipeline;
use super::resolve::{Resolved, require_known};
use super::stem;
use super::target::{Loss, Target};
use crate::ModelError;
use crate::options::memory_of;

/// Examples with their classes.
struct Known {
    examples: Encoded,
    truth: Target,
}

impl Known {
    fn new(pipeline: &ClassifyPipeline, examples: &Examples) -> Result<Self, ModelError> {
        Ok(Self {
            truth: pipeline.truth(examples)?,
            examples: Encoded::new(pipeline, examples)?,
        })
    }
}

/// A classifier in training.
pub type ClassifyLearner = ObjectiveLearner<ClassifyObjective>;

/// The loss of a classifier: the cross-entropy of the true classes, binary where an example may have several.
pub struct ClassifyObjective {
    training: Known,
    validation: Known,
    size: Size,
    /// What training batches go through.
    augmentation: Option<Augmentation>,
    /// What is minimised; validation scores without weights and smoothing.
    loss: Loss,
}

/// What is minimised: the cross-entropy, smoothed and weighted as the options say.
fn loss(config: &ClassifyConfig, pipeline: &ClassifyPipeline, truth: &Target) -> Loss {
    let balanced = config.class_weights == Some(ClassWeights::Balanced);
    Loss {
        smoothing: config.label_smoothing.unwrap_or(0.0),
        weights: balanced.then(|| Loss::balanced(&pipeline.counts, truth)),
    }
}

/// A learner at its first step, and the pipeline it fitted on the training part.
///
/// # Errors
/// When the training part has one class alone, another part has one that it lacks, or the machine has not the
/// memory.
pub(super) fn learner(
    resolved: &Resolved,
    device: &Device,
) -> Result<(ClassifyLearner, ClassifyPipeline), ModelError> {
    let Resolved {
        config,
        parts: prepared,
        ..
    } = resolved;
    let parts = &prepared.parts;
    let pipeline = ClassifyPipeline::fit(prepared, config)?;
    require_known(&pipeline, parts)?;
    let training = Known::new(&pipeline, &parts.train)?;
    let validation = Known::new(&pipeline, &parts.valid)?;
    let widths = Widths::of(config, &pipeline);
    let parameters = ClassifyNetwork::parameters(config, widths);
    let objective = ClassifyObjective {
        size: Size {
            items: "examples",
            training: training.truth.len(),
            validation: validation.truth.len(),
            parameters,
            memory: memory(config, widths, parameters, &training.examples),
        },
        loss: loss(config, &pipeline, &training.truth),
        augmentation: Augmentation::new(config, &pipeline.reading),
        training,
        validation,
    };
    refuse_too_large(
        &objective.size,
        config.training.batch,
        "Give a smaller `hidden`, `layers` or `batch`, fewer `words`, or shorter examples",
    )?;
    let device = device.clone().autodiff();
    let stream = Stream::new(config.training.seed, "weights");
    let mut network = ClassifyNetwork::new(config, widths, &stream, &device)?;
    let fitted = prepared.fitted.as_ref();
    if let Some(vectors) = fitted.and_then(|fitted| fitted.vectors.as_ref()) {
        network = network.starting_from(vectors, widths, &stream, &device)?;
    }
    let single = config.training.single();
    let learner = ObjectiveLearner::new(objective, network, &single, device);
    Ok((learner, pipeline))
}

/// About how many bytes training holds at once.
fn memory(config: &ClassifyConfig, widths: Widths, parameters: usize, training: &Encoded) -> usize {
    let longest = training.lengths().iter().copied().max().unwrap_or(0);
    let longest = config.augment.longest(longest);
    let per_step = (config.recurrent)
        .kept_per_step(config.model, config.directions())
        .saturating_add(widths.input.saturating_mul(4))
        .saturating_mul(config.members());
    let of_stem = stem::kept(config, widths.input, longest).saturating_mul(config.members());
    let values: usize = training.lengths().iter().sum();
    let activations = [longest, per_step]
        .into_iter()
        .fold(config.training.batch, usize::saturating_mul);
    let of_stem = of_stem.saturating_mul(config.training.batch);
    memory_of(parameters, activations.saturating_add(of_stem))
        .saturating_add(values.saturating_mul(4 * widths.vectors.map_or(widths.input, |_| 1)))
}

impl ClassifyObjective {
    fn of(&self, set: Set) -> &Known {
        match set {
            Set::Training => &self.training,
            Set::Validation => &self.validation,
        }
    }
}

impl Objective for ClassifyObjective {
    type Network = ClassifyNetwork;

    fn size(&self) -> Size {
        self.size.clone()
    }

    fn lengths(&self, set: Set) -> Option<&[usize]> {
        Some(self.of(set).examples.lengths())
    }

    fn loss(&self, network: &ClassifyNetwork, items: Items<'_>) -> Result<ItemsLoss, TrainError> {
        let known = self.of(items.set);
        let read = match (items.draw, &self.augmentation) {
            (Some(draw), Some(augmentation)) => {
                let draw = draw.child("augmentation");
                (known.examples).augmented(items.places, items.device, augmentation, &draw)?
            }
            _ => known.examples.batch(items.places, items.device)?,
        };
        let (logits, (read, running)) = match items.draw {
            Some(draw) => network.forward_train(read, draw)?,
            None => ((network.forward(read)?, Vec::new()), Beside::default()),
        };
        let (first, others) = logits;
        let truth = &known.truth;
        let found = truth.accuracy(&mean(first.clone(), others.clone()), items.places);
        let plain = Loss::default();
        let loss = match items.set {
            Set::Training => &self.loss,
            Set::Validation => &plain,
        };
        // Each network of an ensemble learns by itself.
        let of = |logits| loss.of(logits, truth, items.places);
        let others = others.into_iter().map(of).collect::<Result<_, _>>()?;
        Ok(ItemsLoss {
            loss: mean(of(first)?, others),
            weight: items.places.len(),
            read,
            running,
            figures: vec![(truth.accuracy_key(), found)],
        })
    }

    fn overflow(&self, network: &ClassifyNetwork, items: Items<'_>) -> Result<Place, TrainError> {
        let read = self
            .of(items.set)
            .examples
            .batch(items.places, items.device)?;
        let (input, _) = network.input(read)?;
        let finite = input.into_data().iter::<f32>().all(f32::is_finite);
        Ok(Place::Output(match finite {
            false => "the input's scaling or embedding",
            true => "the recurrent layers or the output layer",
        }))
    }
}
