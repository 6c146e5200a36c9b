//! Classification: a recurrent network tells of a text or of a sequence of numbers which class it belongs to.
//!
//! - [`config`]: every option, as given and resolved; `resolve` infers what is missing from the data;
//! - [`parts`]: the training, the validation and the test part, as examples of their own;
//! - [`pipeline`]: what is fitted on the training part: the tokenizer ([`crate::text`]) or scales, the classes, the
//!   temperature;
//! - `target`: the classes of examples, one each or several, and the loss of each kind;
//! - `encoded`: examples as the network reads them, in batches padded to the longest;
//! - `network`: embedding, `stem`, recurrent layers, pooling over the real steps, output layer;
//! - [`learner`]: what the trainer knows of all this;
//! - [`classifier`]: the model folder opened, and its probabilities;
//! - `rivals`, `figures`, `evaluation`, `told`, `report`: how good it is, beside classifiers that cost less, and how that is told;
//! - `explain`: which words of a text decided;
//! - `augment`: what is changed at random in the sequences of a training batch;
//! - `ask`: what `predict` takes beyond the data;
//! - `recurrence`: what a diagnosis looks into;
//! - `check`, `remarks`: what can be said of data before a training on it;
//! - `family`, `model`: all of it as a [`crate::Family`] and a [`crate::Model`].

mod ask;
mod augment;
mod check;
mod choices;
pub mod classifier;
pub mod config;
mod encoded;
mod error;
mod evaluation;
mod explain;
mod family;
mod figures;
mod intact;
pub mod learner;
mod model;
mod network;
pub mod parts;
pub mod pipeline;
mod recurrence;
mod remarks;
mod report;
mod resolve;
mod rivals;
mod source;
mod stem;
mod structure;
mod target;
#[cfg(test)]
mod tests;
mod told;

pub use choices::{ClassWeights, Pool};
pub use classifier::Classifier;
pub use config::{ClassifyConfig, ClassifyOptions};
pub use error::ClassifyError;
pub use family::Classification;
pub use learner::ClassifyLearner;
pub use parts::{Parts, Prepared};
pub use pipeline::ClassifyPipeline;
pub use resolve::{Resolved, resolve};
pub use source::Labelled;
