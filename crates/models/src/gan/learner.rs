//! A GAN in training: steps of both networks, and a validation that makes images and compares them with real ones.

use std::cell::OnceCell;

use burn::module::Module;
use burn::tensor::Device;

use ressac_nn::random::Stream;
use ressac_nn::weights::{self, NamedTensors};
use ressac_stats::generative::{kernel_distance, mean_pairwise_distance};
use ressac_train::{
    Averaging, Learner, LearnerState, Place, Size, StepContext, StepReport, TrainError, Validation,
    non_finite_state, refuse_too_large,
};

use super::config::GanConfig;
use super::generator::make;
use super::images::Images;
use super::judge::{self, Encoder, FEATURES};
use super::network::{Discriminator, Generator, Maps};
use super::pair::Pair;
use super::pipeline::GanPipeline;
use super::resolve::Resolved;
use super::watch::{Finding, Watch};
use crate::ModelError;
use crate::latent::drawn;
use crate::options::memory_of;
use crate::pictures::Pictures;

/// Images that a validation makes, and real ones that it compares them with, at the most.
const MADE: usize = 1_000;
const REAL: usize = 2_000;

/// Images of the sheet that shows how training goes, and how many stand side by side.
const SHOWN: usize = 40;
const ACROSS: usize = 10;

/// The name of the sheet of images made after so many steps, in the model folder.
pub(super) fn sheet(step: u64) -> String {
    format!("samples/{step:07}.png")
}

/// Real images as the encoder knows them.
#[derive(Debug)]
struct Real {
    features: Vec<f64>,
    diversity: f64,
}

/// A GAN in training.
#[derive(Debug)]
pub struct GanLearner {
    config: GanConfig,
    /// Classes that both networks are told; 0 for none.
    classes: usize,
    /// Classes that the encoder is trained to tell apart.
    known: usize,
    training: Images,
    /// Real images that made ones are compared with.
    compared: Images,
    size: Size,
    pub(super) pair: Pair,
    averaging: Averaging,
    /// Trained before the first validation.
    judge: Option<Encoder>,
    real: OnceCell<Real>,
    pub(super) watch: Watch,
    /// Steps taken, and those planned.
    steps: [u64; 2],
    culprit: Option<Place>,
    /// The device gradients are recorded on.
    device: Device,
}

/// A learner at its first step, and what is kept beside the weights.
///
/// # Errors
/// When the machine has not the memory.
pub(super) fn learner(
    resolved: &Resolved,
    device: &Device,
) -> Result<(GanLearner, GanPipeline), ModelError> {
    let Resolved { config, parts, .. } = resolved;
    let pipeline = GanPipeline::of(config, parts);
    let images = |examples| Images::of(examples, config.sides(), &pipeline.classes);
    let (training, validation) = (images(&parts.parts.train), images(&parts.parts.valid));
    let classes = pipeline.told(config);
    let size = Size {
        items: "images",
        training: training.len(),
        validation: validation.len(),
        parameters: Generator::parameters(config, classes)
            .saturating_add(Discriminator::parameters(config, classes)),
        memory: memory(config, classes, &training),
    };
    refuse_too_large(
        &size,
        config.training.batch,
        "Give smaller `widths`, a smaller `batch` or smaller images with `size`",
    )?;
    let device = device.clone().autodiff();
    let learner = GanLearner {
        config: config.clone(),
        classes,
        known: pipeline.classes.len(),
        // With hardly any validation part made images are compared with those learnt from.
        compared: match validation.len() {
            0 | 1 => training.clone(),
            _ => validation,
        },
        training,
        size,
        pair: Pair::new(config, classes, device.clone())?,
        averaging: Averaging::new(config.training.averaging),
        judge: None,
        real: OnceCell::new(),
        watch: Watch::default(),
        steps: [0, 1],
        culprit: None,
        device,
    };
    Ok((learner, pipeline))
}

/// About how many bytes training holds at once.
fn memory(config: &GanConfig, classes: usize, training: &Images) -> usize {
    let parameters = Generator::parameters(config, classes)
        .saturating_add(Discriminator::parameters(config, classes));
    let kept = Maps::of(config).kept();
    let activations = kept.saturating_mul(config.training.batch);
    memory_of(parameters, activations).saturating_add(training.pixels().len().saturating_mul(4))
}

/// How much images differ: the mean distance of two of the same class, averaged over the classes as often as each comes.
pub(super) fn diversity(features: &[f64], classes: &[usize]) -> Option<f64> {
    let most = classes.iter().copied().max()?;
    let (mut sum, mut weight) = (0.0, 0);
    for class in 0..=most {
        let rows = features.chunks_exact(FEATURES).zip(classes);
        let own: Vec<f64> = rows
            .filter(|(_, of)| **of == class)
            .flat_map(|(row, _)| row.iter().copied())
            .collect();
        let count = own.len() / FEATURES;
        if let Some(distance) = mean_pairwise_distance(&own, FEATURES) {
            sum += distance * count as f64;
            weight += count;
        }
    }
    (weight > 0).then(|| sum / weight as f64)
}

impl GanLearner {
    /// The averaged weights of the generator; those of the last step where none are averaged.
    fn averaged(&self) -> NamedTensors {
        let current = || weights::collect(&self.pair.generator);
        self.averaging.settled(current).unwrap_or_else(current)
    }

    /// What the classes of images are grouped by: nothing where the networks are not told them.
    fn groups(&self, classes: &[usize]) -> Vec<usize> {
        match self.classes {
            0 => vec![0; classes.len()],
            _ => classes.to_vec(),
        }
    }

    fn judge(&mut self) -> Result<(), TrainError> {
        if self.judge.is_none() {
            let seed = self.config.training.seed;
            let sides = self.config.sides();
            let trained = judge::trained(&self.training, sides, self.known, seed, &self.device)?;
            self.judge = Some(trained);
        }
        Ok(())
    }

    /// Real images as `encoder` knows them.
    fn real(&self, encoder: &Encoder) -> Result<&Real, TrainError> {
        if let Some(real) = self.real.get() {
            return Ok(real);
        }
        let draw = Stream::new(self.config.training.seed, "compared");
        let places = self.compared.some(REAL, &draw);
        let device = self.device.clone().inner();
        let features = encoder.features(&self.compared, &places, &device)?;
        let classes: Vec<usize> = (places.iter())
            .map(|at| self.compared.classes()[*at])
            .collect();
        let diversity = diversity(&features, &self.groups(&classes)).unwrap_or(0.0);
        Ok(self.real.get_or_init(|| Real {
            features,
            diversity,
        }))
    }

    /// Images of latent vectors that are the same in every validation.
    fn made(
        &self,
        generator: &Generator,
        places: &[usize],
        purpose: &str,
    ) -> Result<Images, ModelError> {
        let seed = self.config.training.seed;
        let latent = drawn(
            places.len(),
            self.config.latent,
            None,
            &Stream::new(seed, purpose),
        );
        let told = (self.classes, places);
        make(
            generator,
            &self.config,
            &latent,
            told,
            &self.device.clone().inner(),
        )
    }

    /// The sheet that shows how training goes: a class in each column where there are some.
    fn shown(&self, generator: &Generator) -> Result<(String, Vec<u8>), TrainError> {
        let classes: Vec<usize> = (0..SHOWN)
            .map(|at| at % ACROSS % self.classes.max(1))
            .collect();
        let images = self.made(generator, &classes, "shown")?;
        let pictures = Pictures::of(images.pixels(), self.config.sides()).across(ACROSS);
        Ok((sheet(self.steps[0]), pictures.sheet()?))
    }
}

impl Learner for GanLearner {
    fn size(&self) -> Size {
        self.size.clone()
    }

    fn step(&mut self, batch: &[usize], context: &StepContext) -> Result<StepReport, TrainError> {
        let rate = self.watch.rate();
        let ratio = self.config.discriminator_lr / self.config.training.lr;
        let of_generator = context.learning_rate * rate;
        let rates = [of_generator, of_generator * ratio];
        let stepped = self
            .pair
            .step(&self.training, batch, rates, &context.stream)?;
        self.culprit = stepped.culprit;
        if self.culprit.is_none() {
            let generator = &self.pair.generator;
            self.averaging
                .update(context, || weights::collect(generator))?;
            self.steps = [context.step + 1, context.planned.max(1)];
        }
        Ok(stepped.report)
    }

    fn validate(&mut self) -> Result<Option<Validation>, TrainError> {
        self.judge()?;
        let averaged = self.averaged();
        let generator = weights::apply(self.pair.generator.clone(), &averaged)?.valid();
        let Some(encoder) = &self.judge else {
            return Ok(None);
        };
        let real = self.real(encoder)?;
        let mut draw = Stream::new(self.config.training.seed, "validated classes").generator();
        let count = MADE.min(self.training.len().max(64));
        let classes: Vec<usize> = (0..count)
            .map(|_| self.training.classes()[draw.below(self.training.len() as u64) as usize])
            .collect();
        let made = self.made(&generator, &classes, "validated")?;
        let all: Vec<usize> = (0..made.len()).collect();
        let features = encoder.features(&made, &all, &self.device.clone().inner())?;
        let distance = kernel_distance(&real.features, &features, FEATURES).unwrap_or(f64::NAN);
        let differ = diversity(&features, &self.groups(&classes)).unwrap_or(0.0);
        let share = differ / real.diversity.max(1e-9);
        let files = vec![self.shown(&generator)?];
        let done = self.steps[0] as f64 / self.steps[1] as f64;
        let discriminator = &self.pair.discriminator;
        let finding = self
            .watch
            .look(share, done, || [averaged, weights::collect(discriminator)]);
        let notes = match finding {
            Finding::Fine => Vec::new(),
            Finding::Told(told) => vec![told],
            Finding::RollBack(healthy, told) => {
                self.pair.put_back(&healthy)?;
                self.averaging = Averaging::new(self.config.training.averaging);
                vec![told]
            }
        };
        Ok(Some(Validation {
            loss: distance,
            figures: vec![("diversity", share)],
            notes,
            files,
        }))
    }

    fn weights(&self) -> NamedTensors {
        let named = |prefix: &'static str, tensors: NamedTensors| {
            let named = tensors.into_iter();
            named.map(move |(name, tensor)| (format!("{prefix}.{name}"), tensor))
        };
        let judge = self
            .judge
            .as_ref()
            .map(weights::collect)
            .unwrap_or_default();
        named("generator", self.averaged())
            .chain(named("encoder", judge))
            .collect()
    }

    fn state(&self) -> LearnerState {
        let mut state = LearnerState::default();
        self.pair.save_into(&mut state);
        self.averaging.save_into(&mut state);
        self.watch.save_into(&mut state);
        if let Some(judge) = &self.judge {
            state.put("encoder", weights::collect(judge));
        }
        for (name, steps) in ["steps/taken", "steps/planned"].iter().zip(self.steps) {
            state.counters.insert((*name).into(), steps);
        }
        state
    }

    fn restore(&mut self, state: &LearnerState) -> Result<(), TrainError> {
        let refused = |error: ressac_nn::NnError| TrainError::Checkpoint(error.to_string());
        self.pair.restore(state).map_err(refused)?;
        self.averaging.restore(state)?;
        self.watch = Watch::of(state);
        let saved = state.take("encoder");
        if !saved.is_empty() {
            let device = self.device.clone().inner();
            let restored = judge::restored(&saved, self.config.sides(), &device);
            self.judge = Some(restored.map_err(refused)?);
            self.real = OnceCell::new();
        }
        let counter = |name: &str, or: u64| state.counters.get(name).copied().unwrap_or(or);
        self.steps = [
            counter("steps/taken", 0),
            counter("steps/planned", 1).max(1),
        ];
        Ok(())
    }

    fn find_non_finite(&self) -> Option<Place> {
        self.culprit
            .clone()
            .or_else(|| non_finite_state(&self.state()))
    }
}
