//! What the trainer knows of a family: steps, validation, and a state that can be put back.

use std::collections::BTreeMap;

use ressac_nn::random::Stream;
use ressac_nn::weights::NamedTensors;

use crate::TrainError;
use crate::finite::{Place, non_finite_state};

/// Where in the training a step stands.
#[derive(Debug, Clone)]
pub struct StepContext {
    /// The step, from 0.
    pub step: u64,
    /// The steps planned for the whole training.
    pub planned: u64,
    /// The learning rate of the step, as the schedule says.
    pub learning_rate: f64,
    /// The stream for everything random in this step: the same for the same seed and step,
    /// whatever ran before.
    pub stream: Stream,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// The loss on the batch, before the step.
    pub loss: f64,
    /// The global norm of the gradient, before clipping.
    pub gradient_norm: f64,
}

/// Everything a learner needs to go on as if it had never stopped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LearnerState {
    /// Weights, optimiser moments, averaged weights, carried state: by name, every value finite.
    pub tensors: NamedTensors,
    /// Counters, by name.
    pub counters: BTreeMap<String, u64>,
}

/// A family in training.
///
/// The state after a step must depend only on the state before it, the batch and the context:
/// that is what lets a resumed training end on the same bits as an unbroken one.
pub trait Learner {
    /// How many items there are to learn from; the trainer orders and batches their indices.
    fn items(&self) -> usize;

    /// One optimiser step on the items `batch`.
    ///
    /// A loss or gradient that is not finite must be reported without the weights being touched.
    ///
    /// # Errors
    /// When the network refuses its input, never for a loss or gradient that is not finite.
    fn step(&mut self, batch: &[usize], context: &StepContext) -> Result<StepReport, TrainError>;

    /// The loss on the validation part, lower is better; nothing when there is no such part.
    ///
    /// # Errors
    /// When the network refuses its input.
    fn validate(&mut self) -> Result<Option<f64>, TrainError>;

    /// The weights a model folder keeps.
    fn weights(&self) -> NamedTensors;

    /// The whole state.
    fn state(&self) -> LearnerState;

    /// Puts a state back.
    ///
    /// # Errors
    /// When names or shapes are not those of this learner.
    fn restore(&mut self, state: &LearnerState) -> Result<(), TrainError>;

    /// Where the value is that made the last step or validation report a number that is not finite;
    /// nothing when it is in none of the weights or gradients. Asked only then, so it may be slow.
    ///
    /// As it stands it looks through the state ([`non_finite_state`]); a learner that can name the
    /// gradient ([`crate::non_finite_gradient`]) does so first.
    fn find_non_finite(&self) -> Option<Place> {
        non_finite_state(&self.state())
    }
}
