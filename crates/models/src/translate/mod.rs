//! Translation: from a text to a text (encoder–decoder, sequence to sequence).
//!
//! An encoder reads a source in one or two directions; a decoder writes the target token by token, from the encoder's last
//! state and, with attention, from what it gave at every step.

mod ask;
mod choices;
mod config;
mod encoded;
mod error;
mod evaluation;
mod family;
mod learner;
mod model;
mod network;
mod pipeline;
mod remarks;
mod report;
mod resolve;
mod rivals;
mod source;
mod structure;
#[cfg(test)]
mod tests;
mod translator;

pub use choices::Attention;
pub use config::{TranslateConfig, TranslateOptions};
pub use error::TranslateError;
pub use family::Translation;
pub use learner::TranslateLearner;
pub use pipeline::TranslatePipeline;
pub use translator::Translator;
