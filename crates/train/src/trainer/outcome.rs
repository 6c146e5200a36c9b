//! What a training came to.

use std::fmt;

use ressac_nn::weights::NamedTensors;

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
