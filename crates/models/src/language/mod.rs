//! Language models: what follows in a text, token by token.
//!
//! A language model reads a running text, in words, subwords or characters, and gives at every step the probability of
//! each token that may come next (series to series on text). Training carries the state from window to window (truncated
//! backpropagation through time), evaluation over the whole text, and `sample` writes new text with it.

mod ask;
mod cache;
mod config;
mod dynamic;
mod error;
mod evaluation;
mod family;
mod learner;
mod model;
mod pipeline;
mod recurrence;
mod report;
mod resolve;
mod rivals;
mod sample;
mod source;
mod structure;
#[cfg(test)]
mod tests;

pub use config::{LanguageConfig, LanguageOptions};
pub use error::LanguageError;
pub use family::Language;
pub use model::LanguageModel;
pub use pipeline::LanguagePipeline;
