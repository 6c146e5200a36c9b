//! The options of training, shared by every family.

use std::time::Duration;

use ressac_train::{Average, Length, Schedule, SingleConfig, TrainerConfig};

use super::options;
use super::value::TimeLimit;
use crate::ModelError;
use crate::error::option_error;
use crate::ranges;

options! {
    /// Options of training.
    pub TrainingOptions => TrainingConfig {
        "Training" {
            /// Passes over the training data at the most, instead of --steps
            epochs "N": usize => Option<usize>,
            /// Optimiser steps at the most
            steps "N" ["by the size of the data"]: usize => Option<usize>,
            /// Steps from one validation to the next
            validate_every "N" ["an epoch with --epochs; else a 40th of the steps"]: usize => Option<usize>,
            /// Examples in one step
            batch "N" ["32"]: usize => usize,
            /// Learning rate at its highest
            lr "RATE" ["0.002"]: f64 => f64,
            /// Schedule of the rate: cosine, one-cycle, plateau, constant, step or decay, with numbers as in decay:3:0.8
            schedule "SCHEDULE" ["cosine"]: Schedule => Schedule,
            /// Average of the weights to keep: none, ema or swa, with a number as in ema:0.999
            averaging "AVERAGE" ["none"]: Average => Average,
            /// AdamW's weight decay
            weight_decay "[DECAY]" ["0.01"]: f64 => f64,
            /// Largest global norm of the gradient, 0 for no clipping
            clip "NORM" ["1"]: f64 => f64,
            /// Validations without a lower loss before training ends, 0 for never
            patience "N" ["3 with --epochs; else 12"]: usize => usize,
            /// Longest time to train, such as 10m; schedules do not depend on it
            time_limit "TIME" ["30m without --epochs and --steps"]: TimeLimit => Option<TimeLimit>,
            /// Seed of everything random
            seed "[N]" ["0"]: u64 => u64,
        }
    }
}

/// The steps that a family takes where nobody says how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Passes over the data that are wished for.
    pub epochs: usize,
    /// Steps at the least: a small data set is gone through more often.
    pub least: usize,
    /// Steps at the most: a large one less often.
    pub most: usize,
}

/// What holds for a family where an option is not given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingDefaults {
    /// Items in one step.
    pub batch: usize,
    /// The learning rate at its highest.
    pub lr: f64,
    /// Which average of the weights is kept.
    pub averaging: Average,
    /// AdamW's weight decay.
    pub weight_decay: f64,
    /// How long training is.
    pub budget: Budget,
}

impl TrainingDefaults {
    /// For a few thousand to some hundred thousand items of some dozens of words or steps, chosen on texts with classes
    /// (`bench/classify/tried.json`).
    pub const OF_ITEMS: Self = Self {
        batch: 32,
        lr: 2e-3,
        averaging: Average::Ema { decay: 0.99 },
        weight_decay: 0.01,
        budget: Budget {
            epochs: 12,
            least: 800,
            most: 20_000,
        },
    };
}

/// The time that a training of the default budget may take.
const TIME: TimeLimit = TimeLimit(Duration::from_secs(30 * 60));

/// Validations over a training whose length is given in steps.
const ROUNDS: usize = 40;

/// About how many bytes a training of one network holds at once: its weights with gradient, moments, average and best copy,
/// and the values that the backward pass of a batch needs. The largest number there is where it is more.
pub(crate) fn memory_of(parameters: usize, activations: usize) -> usize {
    parameters
        .saturating_mul(6)
        .saturating_add(activations)
        .saturating_mul(4)
}

impl TrainingOptions {
    /// The options with their defaults, for so many items to learn from.
    ///
    /// # Errors
    /// [`ModelError::Options`] when both a number of epochs and one of steps is given.
    pub fn resolve(
        &self,
        defaults: &TrainingDefaults,
        items: usize,
    ) -> Result<TrainingConfig, ModelError> {
        let batch = self.batch.unwrap_or(defaults.batch);
        let steps = match (self.epochs, self.steps) {
            (Some(_), Some(_)) => {
                return Err(option_error(
                    "steps",
                    "and `epochs` exclude each other: give the length of training once",
                ));
            }
            (Some(_), None) => None,
            (None, Some(steps)) => Some(steps),
            (None, None) => {
                let Budget {
                    epochs,
                    least,
                    most,
                } = defaults.budget;
                let wished = items.div_ceil(batch.max(1)).saturating_mul(epochs);
                // Whole rounds, so that the last step is validated.
                Some(wished.clamp(least, most).next_multiple_of(ROUNDS))
            }
        };
        let by_default = self.epochs.is_none() && self.steps.is_none();
        Ok(TrainingConfig {
            epochs: self.epochs,
            steps,
            validate_every: (self.validate_every)
                .or(steps.map(|steps| steps.div_ceil(ROUNDS).max(1))),
            batch,
            lr: self.lr.unwrap_or(defaults.lr),
            schedule: self.schedule.unwrap_or_default(),
            averaging: self.averaging.unwrap_or(defaults.averaging),
            weight_decay: self.weight_decay.unwrap_or(defaults.weight_decay),
            clip: self.clip.unwrap_or(1.0),
            patience: self
                .patience
                .unwrap_or(if steps.is_none() { 3 } else { 12 }),
            time_limit: self.time_limit.or(by_default.then_some(TIME)),
            seed: self.seed.unwrap_or(0),
        })
    }
}

impl TrainingConfig {
    /// Refuses values out of their range.
    ///
    /// # Errors
    /// [`ModelError::Options`] naming the key.
    pub fn check(&self) -> Result<(), ModelError> {
        ranges::at_least_one("batch", self.batch)?;
        for (key, value) in [
            ("epochs", self.epochs),
            ("steps", self.steps),
            ("validate_every", self.validate_every),
        ] {
            if let Some(value) = value {
                ranges::whole(key, value, 1..=1_000_000_000)?;
            }
        }
        if self.epochs.is_none() && self.steps.is_none() {
            return Err(option_error(
                "steps",
                "is missing: say how long to train, with it or with `epochs`",
            ));
        }
        if !(self.lr.is_finite() && self.lr > 0.0) {
            return Err(option_error(
                "lr",
                &format!("is {}; a learning rate is above 0, such as 0.001", self.lr),
            ));
        }
        for (key, value) in [("weight_decay", self.weight_decay), ("clip", self.clip)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(option_error(
                    key,
                    &format!("is {value}; it is 0 (off) or more"),
                ));
            }
        }
        Ok(())
    }

    /// What the trainer reads of it.
    pub fn trainer(&self) -> TrainerConfig {
        TrainerConfig {
            length: match (self.epochs, self.steps) {
                (Some(epochs), _) => Length::Epochs(epochs as u64),
                (None, steps) => Length::Steps(steps.unwrap_or(0) as u64),
            },
            validate_every: self.validate_every.map(|steps| steps as u64),
            batch: self.batch,
            seed: self.seed,
            schedule: self.schedule,
            lr: self.lr,
            patience: self.patience as u64,
            time_limit: self.time_limit.map(|limit| limit.0),
            stop_at: None,
            checkpoint_every: Duration::from_secs(30),
        }
    }

    /// What the optimiser of one network reads of it.
    pub fn single(&self) -> SingleConfig {
        SingleConfig {
            weight_decay: self.weight_decay,
            clip: self.clip,
            averaging: self.averaging,
        }
    }
}
