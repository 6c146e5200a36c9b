//! What can stop a training, each error saying where and what to do.

use ressac_folder::FolderError;
use ressac_nn::NnError;

use crate::Place;

/// Why training could not start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The learner refuses, for a reason of its family's.
    #[error(transparent)]
    Learner(Box<dyn std::error::Error + Send + Sync>),
    /// The model folder cannot be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The network or the optimiser refuses.
    #[error(transparent)]
    Network(#[from] NnError),
    /// A loss, a gradient or a weight became infinite or not a number.
    #[error(
        "the {quantity} became {value} at step {step} (epoch {epoch}), first found {place}, so training stopped; {kept}. Try a smaller learning rate, such as `--lr {}`, or stronger clipping (`--clip`)",
        one_digit(learning_rate / 3.0)
    )]
    NotFinite {
        /// `loss`, `gradient`, `validation loss` or `state`.
        quantity: &'static str,
        /// What it became: `NaN` or `inf`.
        value: f64,
        /// Where it was found.
        place: Place,
        /// The step it happened in, from 1.
        step: u64,
        /// The epoch it happened in, from 1.
        epoch: u64,
        /// The learning rate of that step.
        learning_rate: f64,
        /// What was kept, as a clause: the weights of which step, or nothing.
        kept: String,
    },
    /// The folder can no longer be written: a full disk, a folder taken away.
    #[error(
        "training stopped at step {step} because it can no longer be saved: {source}. {advice}"
    )]
    Unsaved {
        /// Steps taken.
        step: u64,
        /// What the file system refused.
        source: Box<TrainError>,
        /// What is still there, and what to do.
        advice: String,
    },
    /// There is nothing to resume.
    #[error(
        "there is no checkpoint to resume from in `{folder}`: {reason}. Train from the start, in another folder"
    )]
    NoCheckpoint {
        /// The checkpoints' folder.
        folder: String,
        /// What was found.
        reason: String,
    },
    /// A checkpoint does not belong to the training it should continue.
    #[error(
        "the checkpoint does not fit this training: {0}. Resume with the options and the data it was made with"
    )]
    Checkpoint(String),
    /// The network and a batch of its activations are more than the machine's memory holds.
    #[error(
        "training needs about {} of memory ({parameters} parameters, their gradients and averages, and a batch of {batch}), and there are {}. {advice}",
        gibibytes(*needed), gibibytes(*there)
    )]
    TooLarge {
        /// Bytes needed.
        needed: usize,
        /// Bytes there.
        there: usize,
        /// Weights of the network.
        parameters: usize,
        /// What a batch is, such as `32 windows`.
        batch: String,
        /// What to make smaller.
        advice: &'static str,
    },
    /// There is not a single item to learn from.
    #[error("there is nothing to learn from: the training part gives no batch")]
    NoItems,
}

fn gibibytes(bytes: usize) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

/// A learning rate to one digit, as a person would type it: `0.0003`.
pub fn one_digit(value: f64) -> String {
    if !(value.is_finite() && value > 0.0) {
        return value.to_string();
    }
    let unit = 10.0_f64.powi(value.log10().floor() as i32);
    let rounded = (value / unit).round() * unit;
    if rounded >= 1e6 {
        return format!("{rounded:.0e}");
    }
    let places = (-rounded.log10().floor()).max(0.0) as usize;
    format!("{rounded:.places$}")
}
