//! Training: the loop every model family shares.
//!
//! A [`Learner`] knows its networks, losses and optimisers, and which items make a batch; the
//! [`Trainer`] owns only order, clock, checkpoints and reporting, so a learner with two networks or a
//! carried state is a learner like any other. [`Single`] is the part of a learner that has one network,
//! one AdamW and one average of the weights. A family with one network and items in no order writes an [`Objective`],
//! the loss of some items, and [`ObjectiveLearner`] is its learner.
//!
//! What the trainer promises: the same seed gives the same bits, in one go or resumed from any
//! checkpoint; schedules follow planned steps, never elapsed time; a kill at any moment leaves a
//! model folder that loads. Nothing here prints: progress goes to a [`Progress`].

mod averaging;
mod checkpoint;
mod error;
mod estimate;
mod finite;
mod learner;
mod machine;
mod metrics;
mod objective;
pub mod order;
mod progress;
mod schedule;
mod single;
mod trainer;
mod weights_file;

pub use averaging::{Average, Averaging, MovedRows};
pub use checkpoint::Checkpoint;
pub use error::{TrainError, one_digit};
pub use estimate::{Estimate, estimate};
pub use finite::{Place, non_finite_gradient, non_finite_state};
pub use learner::{Figures, Learner, LearnerState, Size, StepContext, StepReport, Validation};
pub use machine::refuse_too_large;
pub use metrics::{MetricsLine, read as read_metrics};
pub use objective::{Items, ItemsLoss, Objective, ObjectiveLearner, Set, VALIDATED_AT_ONCE};
pub use progress::{Progress, Silent, StepEvent};
pub use ressac_nn::weights::NamedTensors;
pub use schedule::{Position, Schedule};
pub use single::{Single, SingleConfig, number};
pub use trainer::{Ended, Length, Outcome, Trainer, TrainerConfig};
pub use weights_file::{read_weights, write_weights};
