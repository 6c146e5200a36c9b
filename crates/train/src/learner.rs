//! What the trainer knows of a family: batches, steps, validation, and a state that can be put back.

use std::collections::BTreeMap;

use ressac_nn::random::Stream;
use ressac_nn::weights::NamedTensors;

use crate::finite::{Place, non_finite_state};
use crate::{TrainError, order};

/// Where in the training a step stands.
#[derive(Debug, Clone)]
pub struct StepContext {
    /// The step, from 0.
    pub step: u64,
    /// The step within its epoch, from 0: a learner that carries a state from batch to batch starts it anew at 0.
    pub within: u64,
    /// The steps planned for the whole training.
    pub planned: u64,
    /// The learning rate of the step, as the schedule says.
    pub learning_rate: f64,
    /// The stream for everything random in this step: the same for the same seed and step,
    /// whatever ran before.
    pub stream: Stream,
}

/// Figures by name, beside the loss: an accuracy, a perplexity, the two losses of a GAN.
pub type Figures = Vec<(&'static str, f64)>;

/// What a step did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepReport {
    /// The loss on the batch, before the step.
    pub loss: f64,
    /// The global norm of the gradient, before clipping.
    pub gradient_norm: f64,
    /// Further figures of the batch; `metrics.jsonl` has their means.
    pub figures: Figures,
}

/// What a validation found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Validation {
    /// What decides which weights are kept and when training ends: lower is better.
    pub loss: f64,
    /// Further figures, for people.
    pub figures: Figures,
    /// What a person should be told of, in sentences: an alarm, and what was done about it.
    pub notes: Vec<String>,
    /// Files for the model folder that show how training goes: the name within it, and the content.
    pub files: Vec<(String, Vec<u8>)>,
}

impl From<f64> for Validation {
    fn from(loss: f64) -> Self {
        Self {
            loss,
            ..Self::default()
        }
    }
}

/// How large a training is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// What an item is called, in the plural: `windows`, `examples`.
    pub items: &'static str,
    /// Items to learn from.
    pub training: usize,
    /// Items to validate on.
    pub validation: usize,
    /// Weights.
    pub parameters: usize,
    /// About how many bytes training holds at once.
    pub memory: usize,
}

/// Everything a learner needs to go on as if it had never stopped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LearnerState {
    /// Weights, optimiser moments, averaged weights, carried state: by name, every value finite.
    pub tensors: NamedTensors,
    /// Counters, by name.
    pub counters: BTreeMap<String, u64>,
}

impl LearnerState {
    /// Adds `tensors` under `prefix/`.
    pub fn put(&mut self, prefix: &str, tensors: NamedTensors) {
        let named = tensors.into_iter();
        self.tensors
            .extend(named.map(|(name, tensor)| (format!("{prefix}/{name}"), tensor)));
    }

    /// The tensors that were added under `prefix/`.
    pub fn take(&self, prefix: &str) -> NamedTensors {
        let named = self.tensors.iter();
        named
            .filter_map(|(name, tensor)| {
                let name = name.strip_prefix(prefix)?.strip_prefix('/')?;
                Some((name.to_owned(), tensor.clone()))
            })
            .collect()
    }
}

/// A family in training.
///
/// The state after a step must depend only on the state before it, the batch and the context:
/// that is what lets a resumed training end on the same bits as an unbroken one.
pub trait Learner {
    /// How large the training is.
    fn size(&self) -> Size;

    /// The batches of an epoch, each a list of items by their index: ⌈training items / `batch`⌉ of them, a function
    /// of `draw` alone, which is another stream for each epoch. As it stands, shuffled; [`order`] has others.
    fn epoch(&self, batch: usize, draw: &Stream) -> Vec<Vec<usize>> {
        order::shuffled(self.size().training, batch, draw)
    }

    /// One optimiser step on the items `batch`.
    ///
    /// A loss or gradient that is not finite must be reported without the weights being touched.
    ///
    /// # Errors
    /// When the network refuses its input, never for a loss or gradient that is not finite.
    fn step(&mut self, batch: &[usize], context: &StepContext) -> Result<StepReport, TrainError>;

    /// The loss on the validation part; nothing when there is no such part.
    ///
    /// # Errors
    /// When the network refuses its input.
    fn validate(&mut self) -> Result<Option<Validation>, TrainError>;

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
