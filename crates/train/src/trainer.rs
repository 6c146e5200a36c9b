//! The loop: order, clock, early stopping, checkpoints, reporting.
//!
//! Everything that shapes the weights is a function of the configuration and of the number of
//! steps taken. The clock and Ctrl-C only choose that number; a training stopped by either can be
//! resumed, or repeated from its record, to the same bits.

mod outcome;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ressac_folder::{FolderError, ModelFolder, atomic};
use ressac_nn::random::Stream;
use ressac_nn::weights::NamedTensors;

use crate::checkpoint::{Checkpoint, Counters};
use crate::finite::{Place, first_non_finite};
use crate::{
    Learner, MetricsLine, Position, Progress, Schedule, StepContext, StepEvent, TrainError,
    Validation, metrics, write_weights,
};

pub use outcome::{Ended, Outcome};

/// How long a training is planned to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many passes over the items.
    Epochs(u64),
    /// So many steps.
    Steps(u64),
}

/// What the trainer owns of a configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainerConfig {
    /// How long training is at the most; schedules follow it.
    pub length: Length,
    /// Steps from one validation to the next; absent, an epoch.
    pub validate_every: Option<u64>,
    /// Items in one step; the last step of an epoch takes what is left.
    pub batch: usize,
    /// The seed of the order and of what the learner draws.
    pub seed: u64,
    /// How the learning rate goes.
    pub schedule: Schedule,
    /// The learning rate at its highest.
    pub lr: f64,
    /// Validations without a better loss before training ends; 0 never ends it early.
    pub patience: u64,
    /// The longest this run may take.
    pub time_limit: Option<Duration>,
    /// Stop after this many steps, as a run on record did.
    pub stop_at: Option<u64>,
    /// Time between checkpoints; one is always made at the end.
    pub checkpoint_every: Duration,
}

/// Runs a learner through its steps.
#[derive(Debug, Clone)]
pub struct Trainer {
    config: TrainerConfig,
}

impl Trainer {
    /// A trainer of this configuration.
    pub fn new(config: TrainerConfig) -> Self {
        Self { config }
    }

    /// The steps planned for `items` items.
    pub fn planned(&self, items: usize) -> u64 {
        match self.config.length {
            Length::Epochs(epochs) => self.per_epoch(items).saturating_mul(epochs),
            Length::Steps(steps) => steps,
        }
    }

    /// Trains `learner` until the plan, patience, the clock or `stop` ends it.
    ///
    /// With `folder`, checkpoints, metrics and the best weights so far go there as training runs,
    /// and the run's record at its end. With `resume`, the learner goes on from there.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`] when a loss, gradient or weight is not finite (the best weights and
    /// the last checkpoint before it stay in the folder); [`TrainError::Unsaved`] when the folder can
    /// no longer be written; what the learner refuses.
    pub fn run(
        &self,
        learner: &mut dyn Learner,
        folder: Option<&ModelFolder>,
        resume: Option<Checkpoint>,
        stop: &AtomicBool,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TrainError> {
        if learner.size().training == 0 {
            return Err(TrainError::NoItems);
        }
        let mut run = Run::start(self, learner, folder, resume)?;
        let ended = loop {
            if let Some(ended) = run.end(stop) {
                break ended;
            }
            run.step(progress)?;
        };
        run.finish(ended)
    }

    fn per_epoch(&self, items: usize) -> u64 {
        items.div_ceil(self.config.batch.max(1)) as u64
    }
}

/// One run under way.
struct Run<'a> {
    config: &'a TrainerConfig,
    learner: &'a mut dyn Learner,
    folder: Option<&'a ModelFolder>,
    counters: Counters,
    best: NamedTensors,
    lines: Vec<MetricsLine>,
    /// The batches of an epoch, and the epoch they are of.
    order: (u64, Vec<Vec<usize>>),
    per_epoch: u64,
    /// Steps from one validation to the next.
    round: u64,
    planned: u64,
    began: Instant,
    seconds_before: f64,
    saved: Instant,
    /// The step of the newest whole checkpoint.
    saved_step: Option<u64>,
}

impl<'a> Run<'a> {
    fn start(
        trainer: &'a Trainer,
        learner: &'a mut dyn Learner,
        folder: Option<&'a ModelFolder>,
        resume: Option<Checkpoint>,
    ) -> Result<Self, TrainError> {
        let size = learner.size();
        let items = size.training;
        let mut counters = Counters {
            items: items as u64,
            ..Counters::default()
        };
        let mut best = NamedTensors::new();
        let mut lines = Vec::new();
        let mut saved_step = None;
        if let Some(checkpoint) = resume {
            saved_step = Some(checkpoint.step());
            if checkpoint.counters.items != items as u64 {
                return Err(TrainError::Checkpoint(format!(
                    "it was made with {} {} to learn from, and there are {items}",
                    checkpoint.counters.items, size.items
                )));
            }
            learner.restore(&checkpoint.learner)?;
            counters = checkpoint.counters;
            best = checkpoint.best;
            if let Some(folder) = folder {
                clean(folder)?;
                lines = metrics::read(folder, counters.step)?;
            }
        }
        let now = Instant::now();
        let mut run = Self {
            config: &trainer.config,
            folder,
            seconds_before: counters.seconds,
            counters,
            best,
            lines,
            order: (0, Vec::new()),
            per_epoch: trainer.per_epoch(items),
            round: (trainer.config.validate_every)
                .unwrap_or_else(|| trainer.per_epoch(items))
                .max(1),
            planned: trainer.planned(items),
            learner,
            began: now,
            saved: now,
            saved_step,
        };
        run.draw_order();
        // From here on a kill at any moment leaves something to resume from.
        run.save()?;
        Ok(run)
    }

    /// The batches of the epoch under way, drawn from (seed, epoch) alone.
    fn draw_order(&mut self) {
        let epoch = self.counters.step / self.per_epoch;
        let draw = Stream::new(self.config.seed, "order").at(epoch);
        self.order = (epoch, self.learner.epoch(self.config.batch, &draw));
    }

    fn end(&self, stop: &AtomicBool) -> Option<Ended> {
        let step = self.counters.step;
        if step >= self.planned {
            Some(Ended::Epochs)
        } else if self.config.patience > 0 && self.counters.stale >= self.config.patience {
            Some(Ended::Patience)
        } else if self.config.stop_at.is_some_and(|last| step >= last) {
            Some(Ended::Steps)
        } else if stop.load(Ordering::Relaxed) {
            Some(Ended::Interrupted)
        } else if self
            .config
            .time_limit
            .is_some_and(|limit| self.began.elapsed() >= limit)
        {
            Some(Ended::TimeLimit)
        } else {
            None
        }
    }

    fn step(&mut self, progress: &mut dyn Progress) -> Result<(), TrainError> {
        let step = self.counters.step;
        let epoch = step / self.per_epoch;
        if epoch != self.order.0 {
            self.draw_order();
        }
        let within = step % self.per_epoch;
        // A learner whose epoch is shorter than it should be is at its end: there is nothing to step on.
        let Some(batch) = self.order.1.get(within as usize) else {
            return Err(TrainError::NoItems);
        };
        let learning_rate = self.learning_rate(step);
        let report = self.learner.step(
            batch,
            &StepContext {
                step,
                within,
                planned: self.planned,
                learning_rate,
                stream: Stream::new(self.config.seed, "step").at(step),
            },
        )?;
        self.guard("loss", report.loss, step)?;
        self.guard("gradient", report.gradient_norm, step)?;

        self.counters.step += 1;
        self.counters.loss_sum += report.loss;
        self.counters.gradient_norm = self.counters.gradient_norm.max(report.gradient_norm);
        self.counters.gradient_norm_sum += report.gradient_norm;
        for (name, value) in report.figures {
            *self.counters.figures.entry(name.to_owned()).or_default() += value;
        }
        progress.step(&StepEvent {
            step: self.counters.step,
            planned: self.planned,
            epoch: epoch + 1,
            epochs: self.planned.div_ceil(self.per_epoch),
            loss: self.counters.loss_sum / (step % self.round + 1) as f64,
            elapsed: self.began.elapsed(),
        });
        if self.counters.step.is_multiple_of(self.round) {
            self.end_round(learning_rate, progress)?;
        }
        if self.saved.elapsed() >= self.config.checkpoint_every {
            self.save()?;
        }
        Ok(())
    }

    fn end_round(
        &mut self,
        learning_rate: f64,
        progress: &mut dyn Progress,
    ) -> Result<(), TrainError> {
        let found = self.validate(self.counters.step - 1)?;
        let valid_loss = found.as_ref().map(|found| found.loss);
        let Validation { figures, notes, .. } = found.unwrap_or_default();
        let steps = self.round as f64;
        let train = std::mem::take(&mut self.counters.figures);
        let line = MetricsLine {
            step: self.counters.step,
            epoch: self.counters.step as f64 / self.per_epoch as f64,
            train_loss: self.counters.loss_sum / steps,
            valid_loss,
            learning_rate,
            gradient_norm: self.counters.gradient_norm,
            gradient_norm_mean: self.counters.gradient_norm_sum / steps,
            seconds: self.seconds(),
            train: (train.into_iter())
                .map(|(name, sum)| (name, sum / steps))
                .collect(),
            valid: (figures.into_iter())
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<BTreeMap<_, _>>(),
            notes,
        };
        self.counters.loss_sum = 0.0;
        self.counters.gradient_norm = 0.0;
        self.counters.gradient_norm_sum = 0.0;
        self.counters
            .plateau
            .look(&self.config.schedule, valid_loss.unwrap_or(line.train_loss));
        let best = self.keep_if_best(valid_loss);
        self.counters.stale = if best { 0 } else { self.counters.stale + 1 };
        progress.validated(&line, best);
        self.lines.push(line);
        if let Some(folder) = self.folder {
            let written = if best {
                write_weights(folder, &self.best)
            } else {
                Ok(())
            };
            written
                .and_then(|()| metrics::write(folder, &self.lines))
                .map_err(|error| self.unsaved(error.into()))?;
        }
        Ok(())
    }

    /// Validates after `step`, and writes what shows how training goes.
    fn validate(&mut self, step: u64) -> Result<Option<Validation>, TrainError> {
        let found = self.learner.validate()?;
        if let Some(found) = &found {
            self.guard("validation loss", found.loss, step)?;
            let mut files = found.files.iter();
            if let Some(folder) = self.folder {
                files
                    .try_for_each(|(name, bytes)| folder.write(name, bytes))
                    .map_err(|error| self.unsaved(error.into()))?;
            }
        }
        Ok(found)
    }

    /// Keeps the weights when `loss` is the best so far, or when there is no validation part.
    fn keep_if_best(&mut self, loss: Option<f64>) -> bool {
        let best = match (loss, self.counters.best_loss) {
            (Some(loss), Some(best)) => loss < best,
            _ => true,
        };
        if best {
            self.best = self.learner.weights();
            self.counters.best_loss = loss;
            self.counters.best_step = Some(self.counters.step);
        }
        best
    }

    fn finish(mut self, ended: Ended) -> Result<Outcome, TrainError> {
        // Before the validation below: an unbroken run would not validate here, and a resumed one
        // must go on as if it had not.
        self.save()?;
        let between_validations = !self.counters.step.is_multiple_of(self.round);
        if between_validations || self.counters.best_step.is_none() {
            let found = self.validate(self.counters.step.saturating_sub(1))?;
            self.keep_if_best(found.map(|found| found.loss));
        }
        if let Some(folder) = self.folder {
            self.record(folder, ended)
                .map_err(|error| self.unsaved(error.into()))?;
        }
        Ok(Outcome {
            steps: self.counters.step,
            planned: self.planned,
            ended,
            best_step: self.counters.best_step.unwrap_or(self.counters.step),
            best_loss: self.counters.best_loss,
            seconds: self.seconds(),
            weights: self.best,
        })
    }

    /// Writes what a training that has ended leaves beside its checkpoint.
    fn record(&self, folder: &ModelFolder, ended: Ended) -> Result<(), FolderError> {
        write_weights(folder, &self.best)?;
        metrics::write(folder, &self.lines)?;
        let mut config = folder.config()?;
        config.run.steps = Some(self.counters.step);
        config.run.ended = Some(ended.to_string());
        config.run.best_step = self.counters.best_step;
        folder.write_config(&config)
    }

    fn save(&mut self) -> Result<(), TrainError> {
        let Some(folder) = self.folder else {
            return Ok(());
        };
        self.counters.seconds = self.seconds();
        let learner = self.learner.state();
        // The last good checkpoint must not be lost for one that cannot be gone on from.
        if let Some((name, value)) = first_non_finite(&learner.tensors) {
            let place = Place::State(name.to_owned());
            let last = self.counters.step.saturating_sub(1);
            return Err(self.not_finite("state", f64::from(value), place, last));
        }
        let checkpoint = Checkpoint {
            counters: self.counters.clone(),
            learner,
            best: self.best.clone(),
        };
        checkpoint
            .save(folder)
            .map_err(|error| self.unsaved(error))?;
        self.saved = Instant::now();
        self.saved_step = Some(self.counters.step);
        Ok(())
    }

    fn seconds(&self) -> f64 {
        self.seconds_before + self.began.elapsed().as_secs_f64()
    }

    fn learning_rate(&self, step: u64) -> f64 {
        let position = Position {
            step,
            planned: self.planned,
            per_epoch: self.per_epoch,
            reductions: self.counters.plateau.reductions,
        };
        self.config.schedule.rate(self.config.lr, &position)
    }

    /// Stops for a `value` that is not finite, met in `step` or in the validation after it.
    fn guard(&self, quantity: &'static str, value: f64, step: u64) -> Result<(), TrainError> {
        if value.is_finite() {
            return Ok(());
        }
        let place = self.learner.find_non_finite();
        let place = place.unwrap_or(if quantity == "gradient" {
            Place::BackwardPass
        } else {
            Place::ForwardPass
        });
        Err(self.not_finite(quantity, value, place, step))
    }

    fn not_finite(
        &self,
        quantity: &'static str,
        value: f64,
        place: Place,
        step: u64,
    ) -> TrainError {
        let kept = match (self.counters.best_step, self.folder) {
            (Some(step), Some(folder)) => format!(
                "the weights of step {step} are kept in `{}`",
                folder.path().display()
            ),
            (Some(step), None) => format!("the best weights were those of step {step}"),
            (None, _) => "there was no validation yet, so there are no weights to keep".to_owned(),
        };
        TrainError::NotFinite {
            quantity,
            value,
            place,
            step: step + 1,
            epoch: step / self.per_epoch + 1,
            learning_rate: self.learning_rate(step),
            kept,
        }
    }

    fn unsaved(&self, source: TrainError) -> TrainError {
        let advice = match self.saved_step {
            Some(step) => format!(
                "The checkpoint of step {step} is whole: make room, then go on from it with `--resume`"
            ),
            None => {
                "There is no checkpoint yet: make room, then train in another folder".to_owned()
            }
        };
        TrainError::Unsaved {
            step: self.counters.step,
            source: Box::new(source),
            advice,
        }
    }
}

/// Removes what a killed run left half-written beside the model's files.
fn clean(folder: &ModelFolder) -> Result<(), FolderError> {
    atomic::clean(folder.path()).map_err(|source| FolderError::Write {
        path: folder.path().to_path_buf(),
        source,
    })
}

#[cfg(test)]
mod tests;
