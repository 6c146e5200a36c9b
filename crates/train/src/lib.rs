//! Training: the loop every family shares, and the learner of each.
//!
//! A [`Learner`] knows its networks, losses and optimisers; the [`Trainer`] owns only the order of
//! the batches, the clock, checkpoints and reporting, so a learner with two networks or a carried
//! state is a learner like any other.
//!
//! What the trainer promises: the same seed gives the same bits, in one go or resumed from any
//! checkpoint; schedules follow planned steps, never elapsed time; a kill at any moment leaves a
//! model folder that loads. Nothing here prints: progress goes to a [`Progress`].

mod averaging;
mod checkpoint;
mod error;
mod estimate;
mod finite;
pub mod forecast;
mod learner;
mod machine;
mod metrics;
mod progress;
mod schedule;
mod trainer;

pub use averaging::{Average, Averaging};
pub use checkpoint::Checkpoint;
pub use error::TrainError;
pub use estimate::{Estimate, estimate};
pub use finite::{Place, non_finite_gradient, non_finite_state};
pub use learner::{Learner, LearnerState, StepContext, StepReport};
pub use metrics::{MetricsLine, read as read_metrics};
pub use progress::{Progress, Silent, StepEvent};
pub use schedule::{Position, Schedule};
pub use trainer::{Ended, Outcome, Trainer, TrainerConfig};
