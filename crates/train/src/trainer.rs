//! The loop: order, clock, early stopping, checkpoints, reporting.
//!
//! Everything that shapes the weights is a function of the configuration and of the number of
//! steps taken. The clock and Ctrl-C only choose that number; a training stopped by either can be
//! resumed, or repeated from its record, to the same bits.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ressac_models::folder::ModelFolder;
use ressac_nn::random::Stream;
use ressac_nn::weights::NamedTensors;

use crate::checkpoint::{Checkpoint, Counters};
use crate::{
    Learner, MetricsLine, Progress, StepContext, StepEvent, StepReport, TrainError, metrics,
};

/// What the trainer owns of a configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainerConfig {
    /// Passes over the items at the most.
    pub epochs: u64,
    /// Items in one step; the last step of an epoch takes what is left.
    pub batch: usize,
    /// The seed of the order and of what the learner draws.
    pub seed: u64,
    /// Epochs without a better validation loss before training ends; 0 never ends it early.
    pub patience: u64,
    /// The longest this run may take.
    pub time_limit: Option<Duration>,
    /// Stop after this many steps, as a run on record did.
    pub stop_at: Option<u64>,
    /// Time between checkpoints; one is always made at the end.
    pub checkpoint_every: Duration,
}

/// Why a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// Every planned step was taken.
    Epochs,
    /// The validation loss stopped getting better.
    Patience,
    /// The time limit was reached.
    TimeLimit,
    /// The stop flag was raised (Ctrl-C).
    Interrupted,
    /// The recorded number of steps was reached.
    Steps,
}

impl Ended {
    /// Whether `--resume` could take further steps.
    pub fn resumable(self) -> bool {
        matches!(self, Ended::TimeLimit | Ended::Interrupted)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ended::Epochs => "epochs",
            Ended::Patience => "patience",
            Ended::TimeLimit => "time limit",
            Ended::Interrupted => "interrupted",
            Ended::Steps => "steps",
        })
    }
}

/// What a training came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Steps taken, over all the runs that led here.
    pub steps: u64,
    /// Steps planned.
    pub planned: u64,
    /// Why it ended.
    pub ended: Ended,
    /// The step of the weights kept.
    pub best_step: u64,
    /// Their validation loss, when there is a validation part.
    pub best_loss: Option<f64>,
    /// The weights kept.
    pub weights: NamedTensors,
    /// Seconds trained, over all the runs that led here.
    pub seconds: f64,
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
        self.per_epoch(items) * self.config.epochs
    }

    /// Trains `learner` until the plan, patience, the clock or `stop` ends it.
    ///
    /// With `folder`, checkpoints, metrics and the best weights so far go there as training runs,
    /// and the run's record at its end. With `resume`, the learner goes on from there.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`] when a loss or gradient is not finite (the best weights and the
    /// last checkpoint before it stay in the folder); what the learner or the folder refuse.
    pub fn run(
        &self,
        learner: &mut dyn Learner,
        folder: Option<&ModelFolder>,
        resume: Option<Checkpoint>,
        stop: &AtomicBool,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TrainError> {
        if learner.items() == 0 {
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
    /// The order of the items, and the epoch it is for.
    order: (u64, Vec<usize>),
    per_epoch: u64,
    planned: u64,
    began: Instant,
    seconds_before: f64,
    saved: Instant,
}

impl<'a> Run<'a> {
    fn start(
        trainer: &'a Trainer,
        learner: &'a mut dyn Learner,
        folder: Option<&'a ModelFolder>,
        resume: Option<Checkpoint>,
    ) -> Result<Self, TrainError> {
        let items = learner.items();
        let mut counters = Counters {
            items: items as u64,
            ..Counters::default()
        };
        let mut best = NamedTensors::new();
        let mut lines = Vec::new();
        if let Some(checkpoint) = resume {
            if checkpoint.counters.items != items as u64 {
                return Err(TrainError::Checkpoint(format!(
                    "it was made with {} training windows, and there are {items}",
                    checkpoint.counters.items
                )));
            }
            learner.restore(&checkpoint.learner)?;
            counters = checkpoint.counters;
            best = checkpoint.best;
            if let Some(folder) = folder {
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
            planned: trainer.planned(items),
            learner,
            began: now,
            saved: now,
        };
        run.draw_order();
        // From here on a kill at any moment leaves something to resume from.
        run.save()?;
        Ok(run)
    }

    /// The order of the epoch under way, drawn from (seed, epoch) alone.
    fn draw_order(&mut self) {
        let epoch = self.counters.step / self.per_epoch;
        let mut order: Vec<usize> = (0..self.learner.items()).collect();
        Stream::new(self.config.seed, "order")
            .at(epoch)
            .generator()
            .shuffle(&mut order);
        self.order = (epoch, order);
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
        let within = (step % self.per_epoch) as usize;
        let first = within * self.config.batch;
        let batch = &self.order.1[first..(first + self.config.batch).min(self.order.1.len())];
        let stream = Stream::new(self.config.seed, "step").at(step);
        let report = self.learner.step(
            batch,
            &StepContext {
                step,
                planned: self.planned,
                stream,
            },
        )?;
        self.guard("loss", report.loss, &report)?;
        self.guard("gradient", report.gradient_norm, &report)?;

        self.counters.step += 1;
        self.counters.loss_sum += report.loss;
        self.counters.gradient_norm = self.counters.gradient_norm.max(report.gradient_norm);
        progress.step(&StepEvent {
            step: self.counters.step,
            planned: self.planned,
            epoch: epoch + 1,
            epochs: self.config.epochs,
            loss: self.counters.loss_sum / (within + 1) as f64,
            elapsed: self.began.elapsed(),
        });
        if self.counters.step.is_multiple_of(self.per_epoch) {
            self.end_epoch(&report, progress)?;
        }
        if self.saved.elapsed() >= self.config.checkpoint_every {
            self.save()?;
        }
        Ok(())
    }

    fn end_epoch(
        &mut self,
        report: &StepReport,
        progress: &mut dyn Progress,
    ) -> Result<(), TrainError> {
        let valid_loss = self.learner.validate()?;
        if let Some(loss) = valid_loss {
            self.guard("validation loss", loss, report)?;
        }
        let line = MetricsLine {
            step: self.counters.step,
            epoch: self.counters.step / self.per_epoch,
            train_loss: self.counters.loss_sum / self.per_epoch as f64,
            valid_loss,
            learning_rate: report.learning_rate,
            gradient_norm: self.counters.gradient_norm,
            seconds: self.seconds(),
        };
        self.counters.loss_sum = 0.0;
        self.counters.gradient_norm = 0.0;
        let best = self.keep_if_best(valid_loss);
        self.counters.stale = if best { 0 } else { self.counters.stale + 1 };
        progress.validated(&line, best);
        self.lines.push(line);
        if let Some(folder) = self.folder {
            if best {
                folder.write_weights(&self.best)?;
            }
            metrics::write(folder, &self.lines)?;
        }
        Ok(())
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
        let between_validations = !self.counters.step.is_multiple_of(self.per_epoch);
        if between_validations || self.counters.best_step.is_none() {
            let loss = self.learner.validate()?;
            self.keep_if_best(loss);
        }
        let outcome = Outcome {
            steps: self.counters.step,
            planned: self.planned,
            ended,
            best_step: self.counters.best_step.unwrap_or(self.counters.step),
            best_loss: self.counters.best_loss,
            seconds: self.seconds(),
            weights: self.best,
        };
        if let Some(folder) = self.folder {
            folder.write_weights(&outcome.weights)?;
            metrics::write(folder, &self.lines)?;
            let mut config = folder.config()?;
            config.run.steps = Some(outcome.steps);
            config.run.ended = Some(ended.to_string());
            config.run.best_step = Some(outcome.best_step);
            folder.write_config(&config)?;
        }
        Ok(outcome)
    }

    fn save(&mut self) -> Result<(), TrainError> {
        let Some(folder) = self.folder else {
            return Ok(());
        };
        self.counters.seconds = self.seconds();
        Checkpoint {
            counters: self.counters.clone(),
            learner: self.learner.state(),
            best: self.best.clone(),
        }
        .save(folder)?;
        self.saved = Instant::now();
        Ok(())
    }

    fn seconds(&self) -> f64 {
        self.seconds_before + self.began.elapsed().as_secs_f64()
    }

    fn guard(
        &self,
        quantity: &'static str,
        value: f64,
        report: &StepReport,
    ) -> Result<(), TrainError> {
        if value.is_finite() {
            return Ok(());
        }
        let kept = match (self.counters.best_step, self.folder) {
            (Some(step), Some(folder)) => format!(
                "the weights of step {step} are kept in `{}`",
                folder.path().display()
            ),
            (Some(step), None) => format!("the best weights were those of step {step}"),
            (None, _) => "no epoch was complete, so there are no weights to keep".to_owned(),
        };
        Err(TrainError::NotFinite {
            quantity,
            value,
            step: self.counters.step + 1,
            epoch: self.counters.step / self.per_epoch + 1,
            learning_rate: report.learning_rate,
            kept,
        })
    }
}

#[cfg(test)]
mod tests;
