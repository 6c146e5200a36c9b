//! The two networks and one step of each: the discriminator on real and made images, then the generator against it.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::NnError;
use ressac_nn::image::Running;
use ressac_nn::optim::{AdamW, AdamWConfig, GradientsParams, global_norm};
use ressac_nn::random::Stream;
use ressac_nn::weights;
use ressac_train::{LearnerState, Place, StepReport, TrainError, non_finite_gradient, number};

use super::augment::augmented;
use super::choices::GanKind;
use super::config::GanConfig;
use super::images::{Images, normals, one_hot};
use super::loss::{beside, slope};
use super::network::{Discriminator, Generator, Normalised};

/// Decay of the mean of gradients of a DCGAN and of a residual network, and of their squares (Huang et al. 2024).
const BETA1: [f64; 2] = [0.5, 0.0];
const BETA2: f64 = 0.99;

/// The share of the images of a step at which the slope of the discriminator is measured: its mean over them is that over all.
const MEASURED: usize = 4;

/// Generator and discriminator in training.
#[derive(Debug)]
pub(super) struct Pair {
    config: GanConfig,
    /// Classes that both are told; 0 for none.
    classes: usize,
    pub(super) generator: Generator,
    pub(super) discriminator: Discriminator,
    /// Of the generator and of the discriminator.
    optimisers: [AdamW; 2],
    /// The device gradients are recorded on.
    device: Device,
}

/// Images and, where classes are told, one row for each of them.
type Told = (Tensor<4>, Option<Tensor<2>>);

/// What a step of both networks did: nothing moved where a place is named.
pub(super) struct Stepped {
    pub(super) report: StepReport,
    /// Where a value was not finite.
    pub(super) culprit: Option<Place>,
}

impl Stepped {
    fn stopped(loss: f64, gradient_norm: f64, culprit: Option<Place>) -> Self {
        Self {
            report: StepReport {
                loss,
                gradient_norm,
                ..StepReport::default()
            },
            culprit: culprit.or(Some(Place::BackwardPass)),
        }
    }
}

fn optimisers(config: &GanConfig) -> [AdamW; 2] {
    let adam = || {
        AdamW::new(AdamWConfig {
            beta1: match config.model {
                GanKind::Dcgan => BETA1[0],
                GanKind::Residual => BETA1[1],
            },
            beta2: BETA2,
            weight_decay: config.training.weight_decay,
            clip: (config.training.clip > 0.0).then_some(config.training.clip),
            ..AdamWConfig::default()
        })
    };
    [adam(), adam()]
}

/// Maps one behind the other, laid out as they are: channels last.
fn joined(maps: Vec<Tensor<4>>) -> Tensor<4> {
    let last = maps.into_iter().map(|map| map.permute([0, 2, 3, 1]));
    Tensor::cat(last.collect(), 0).permute([0, 3, 1, 2])
}

/// The first `count` images and their classes.
fn first((images, told): &Told, count: usize) -> Told {
    let told = told.clone().map(|told| told.narrow(0, 0, count));
    (images.clone().narrow(0, 0, count), told)
}

impl Pair {
    /// Both before their first step, told `classes` classes.
    ///
    /// # Errors
    /// A size of zero.
    pub(super) fn new(config: &GanConfig, classes: usize, device: Device) -> Result<Self, NnError> {
        let stream = Stream::new(config.training.seed, "weights");
        let of = |name: &str| stream.child(name);
        Ok(Self {
            generator: Generator::new(config, classes, &of("generator"), &device)?,
            discriminator: Discriminator::new(config, classes, &of("discriminator"), &device)?,
            optimisers: optimisers(config),
            config: config.clone(),
            classes,
            device,
        })
    }

    /// Classes as both networks are told them.
    fn told(&self, classes: &[usize]) -> Option<Tensor<2>> {
        (self.classes > 0).then(|| one_hot(classes, self.classes, &self.device))
    }

    /// Images from random numbers, each of the class of some image learnt from.
    fn made(
        &self,
        images: &Images,
        count: usize,
        draw: &Stream,
        running: &mut Vec<Running>,
    ) -> Result<Told, NnError> {
        let latent = normals(
            count,
            self.config.latent,
            &draw.child("latent"),
            &self.device,
        );
        let mut generator = draw.child("classes").generator();
        let classes: Vec<usize> = (0..count)
            .map(|_| images.classes()[generator.below(images.len() as u64) as usize])
            .collect();
        let told = self.told(&classes);
        let made = self
            .generator
            .forward(latent, told.clone(), Some(running))?;
        Ok((made, told))
    }

    /// As the discriminator sees images.
    fn seen(&self, (images, told): Told, draw: &Stream) -> Told {
        match self.config.augment > 0.0 {
            true => (augmented(images, self.config.augment, draw), told),
            false => (images, told),
        }
    }

    /// What the discriminator says of several batches: of all at once, unless it normalises each by itself.
    fn says(&self, batches: Vec<Told>, normalised: &Normalised) -> Result<Vec<Tensor<1>>, NnError> {
        if self.config.model == GanKind::Dcgan {
            let each = batches.into_iter();
            return each
                .map(|(images, told)| self.discriminator.forward(images, told, normalised))
                .collect();
        }
        let counts: Vec<usize> = batches.iter().map(|(images, _)| images.dims()[0]).collect();
        let (images, told): (Vec<_>, Vec<_>) = batches.into_iter().unzip();
        let told: Option<Vec<_>> = told.into_iter().collect();
        let told = told.map(|told| Tensor::cat(told, 0));
        let all = self
            .discriminator
            .forward(joined(images), told, normalised)?;
        let mut start = 0;
        let each = counts.into_iter().map(|count| {
            start += count;
            all.clone().narrow(0, start - count, count)
        });
        Ok(each.collect())
    }

    /// What the discriminator says of real and made images, and half the mean squared slopes at both.
    fn judged(
        &self,
        real: Told,
        made: Told,
        normalised: &Normalised,
        draw: &Stream,
    ) -> Result<([Tensor<1>; 2], Option<Tensor<1>>), NnError> {
        let count = real.0.dims()[0];
        let mut batches = vec![real, made];
        let measured = count.div_ceil(MEASURED);
        if self.config.penalty > 0.0 {
            for (which, at) in [(0, 0_u64), (1, 1)] {
                let (images, told) = first(&batches[which], measured);
                if self.config.model == GanKind::Dcgan {
                    batches.push((images.clone(), told.clone()));
                }
                batches.push((beside(images, &draw.at(at)), told));
            }
        }
        let mut said = self.says(batches, normalised)?.into_iter();
        let mut next = || {
            said.next().ok_or_else(|| NnError::Shape {
                argument: "discriminator".into(),
                expected: "a number for each batch".into(),
                found: "fewer".into(),
            })
        };
        let (real, made) = (next()?, next()?);
        let mut slopes = None;
        if self.config.penalty > 0.0 {
            let mut of = |said: &Tensor<1>| -> Result<Tensor<1>, NnError> {
                let at = match self.config.model {
                    GanKind::Dcgan => next()?,
                    GanKind::Residual => said.clone().narrow(0, 0, measured),
                };
                Ok(slope(at, next()?))
            };
            slopes = Some(of(&real)? + of(&made)?);
        }
        Ok(([real, made], slopes))
    }

    /// One step of the generator, and those of the discriminator before it, on the images at `batch`. Where a loss or a gradient is
    /// not finite nothing is moved.
    ///
    /// # Errors
    /// When a network refuses its input.
    pub(super) fn step(
        &mut self,
        images: &Images,
        batch: &[usize],
        rates: [f64; 2],
        stream: &Stream,
    ) -> Result<Stepped, TrainError> {
        let before = (self.discriminator.clone(), self.optimisers[1].clone());
        let stepped = self.both(images, batch, rates, stream)?;
        if stepped.culprit.is_some() {
            (self.discriminator, self.optimisers[1]) = before;
        }
        Ok(stepped)
    }

    fn both(
        &mut self,
        images: &Images,
        batch: &[usize],
        [rate, discriminator_rate]: [f64; 2],
        stream: &Stream,
    ) -> Result<Stepped, TrainError> {
        let count = batch.len();
        let (mut running, mut last) = (Vec::new(), None);
        let mut figures = Vec::new();
        let mut largest = 0.0_f64;
        for turn in 0..self.config.discriminator_steps.max(1) {
            let draw = stream.at(turn as u64);
            running.clear();
            let made = self.made(images, count, &draw.child("made"), &mut running)?;
            // The first turn has the batch; further ones draw other images.
            let places = match turn {
                0 => batch.to_vec(),
                _ => {
                    let mut generator = draw.child("real").generator();
                    let of = |_| generator.below(images.len() as u64) as usize;
                    (0..count).map(of).collect()
                }
            };
            let classes: Vec<usize> = places.iter().map(|at| images.classes()[*at]).collect();
            let real = (images.map(&places, &self.device), self.told(&classes));
            let real = self.seen(real, &draw.child("real seen"));
            let fixed = (made.0.clone().detach(), made.1.clone());
            let fixed = self.seen(fixed, &draw.child("made seen"));
            let normalised = self.discriminator.normalised();
            let ([of_real, of_made], slopes) =
                self.judged(real, fixed, &normalised, &draw.child("beside"))?;
            let said = of_real.clone().detach();
            let mut loss = self.config.loss.of_discriminator(of_real, of_made);
            figures = vec![("discriminator_loss", number(loss.clone().inner()))];
            if let Some(slopes) = slopes {
                figures.push(("slope", number(slopes.clone().inner())));
                loss = loss + slopes * self.config.penalty;
            }
            let value = number(loss.clone().inner());
            if !value.is_finite() {
                let place = Place::Output("the discriminator");
                return Ok(Stepped::stopped(value, 0.0, Some(place)));
            }
            let mut gradients = GradientsParams::from_grads(loss.backward(), &self.discriminator);
            let norm = global_norm(&self.discriminator, &mut gradients);
            if !norm.is_finite() {
                let place = non_finite_gradient(&self.discriminator, &gradients, &[]);
                return Ok(Stepped::stopped(value, norm, place));
            }
            largest = largest.max(norm);
            self.optimisers[1].step_of_norm(
                discriminator_rate,
                &mut self.discriminator,
                gradients,
                norm,
            )?;
            if !normalised.after.is_empty() {
                self.discriminator = weights::set(self.discriminator.clone(), normalised.after);
            }
            last = Some((made, said, draw));
        }
        let Some((made, said, draw)) = last else {
            return Ok(Stepped::stopped(f64::NAN, 0.0, None));
        };
        // Against the discriminator as it is now, which has no gradient here; what it said of the real images a step ago will do.
        let against = self.discriminator.clone().no_grad();
        let normalised = against.normalised();
        let (seen, told) = self.seen(made, &draw.child("made seen again"));
        let of_made = against.forward(seen, told, &normalised)?;
        let said = self.config.loss.compares().then_some(said);
        let loss = self.config.loss.of_generator(said, of_made);
        let value = number(loss.clone().inner());
        if !value.is_finite() {
            let place = Place::Output("the generator, or what the discriminator says of it");
            return Ok(Stepped::stopped(value, 0.0, Some(place)));
        }
        let mut gradients = GradientsParams::from_grads(loss.backward(), &self.generator);
        let norm = global_norm(&self.generator, &mut gradients);
        if !norm.is_finite() {
            let place = non_finite_gradient(&self.generator, &gradients, &[]);
            return Ok(Stepped::stopped(value, norm, place));
        }
        self.optimisers[0].step_of_norm(rate, &mut self.generator, gradients, norm)?;
        if !running.is_empty() {
            let running = running.into_iter().flat_map(|running| running.0);
            self.generator = weights::set(self.generator.clone(), running.collect());
        }
        figures.push(("generator_loss", value));
        Ok(Stepped {
            report: StepReport {
                loss: value,
                gradient_norm: largest.max(norm),
                figures,
            },
            culprit: None,
        })
    }

    /// Puts weights of the generator and of the discriminator back; both optimisers start anew.
    ///
    /// # Errors
    /// Weights of other networks.
    pub(super) fn put_back(&mut self, weights: &[weights::NamedTensors; 2]) -> Result<(), NnError> {
        self.generator = weights::apply(self.generator.clone(), &weights[0])?;
        self.discriminator = weights::apply(self.discriminator.clone(), &weights[1])?;
        self.optimisers = optimisers(&self.config);
        Ok(())
    }

    /// Adds weights and optimisers to a learner's state.
    pub(super) fn save_into(&self, state: &mut LearnerState) {
        state.put("generator", weights::collect(&self.generator));
        state.put("discriminator", weights::collect(&self.discriminator));
        state.put("generator-optimiser", self.optimisers[0].state());
        state.put("discriminator-optimiser", self.optimisers[1].state());
    }

    /// Takes up what [`Pair::save_into`] added.
    ///
    /// # Errors
    /// Names or shapes of other networks.
    pub(super) fn restore(&mut self, state: &LearnerState) -> Result<(), NnError> {
        let taken = ["generator", "discriminator"].map(|name| state.take(name));
        self.put_back(&taken)?;
        self.optimisers[0].restore(&state.take("generator-optimiser"))?;
        self.optimisers[1].restore(&state.take("discriminator-optimiser"))
    }
}
