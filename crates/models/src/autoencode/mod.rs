//! Autoencoding: a network that writes what it reads through a narrow code, and so learns what its data have in common. What it
//! cannot write well is unusual.
//!
//! - [`config`]: every option, as given and resolved; `resolve` infers what is missing from the data;
//! - `source`, [`parts`], `series`: the examples, and how they are cut: to learn from, to choose by, to calibrate with, to judge on; long
//!   series through windows;
//! - [`pipeline`]: what is fitted: scales, how well each value is reconstructed, the scores of normal examples;
//! - `encoded`: examples as the network reads them;
//! - `network`: encoders and decoders: dense, convolutional and recurrent ones;
//! - [`learner`]: the loss: reconstruction, and what is asked of the code;
//! - [`autoencoder`]: the model folder opened: codes, reconstructions, scores, p-values;
//! - `rivals`, `evaluation`, `told`, `report`: how good it is, beside what costs less;
//! - `sample`: what a variational one makes;
//! - `ask`, `judge`, `rows`: what verbs ask, which scores are alarms, and the rows that `predict` gives;
//! - `family`, `model`: all of it as a [`crate::Family`] and a [`crate::Model`].

mod ask;
pub mod autoencoder;
mod choices;
pub mod config;
mod encoded;
mod error;
mod evaluation;
mod family;
mod intact;
mod judge;
pub mod learner;
mod model;
mod network;
pub mod parts;
pub mod pipeline;
mod remarks;
mod report;
mod resolve;
mod rivals;
mod rows;
mod sample;
mod series;
mod source;
mod structure;
#[cfg(test)]
mod tests;
mod told;

pub use autoencoder::Autoencoder;
pub use choices::{AutoencoderKind, Function, Give};
pub use config::{AutoencodeConfig, AutoencodeOptions};
pub use error::AutoencodeError;
pub use family::Autoencoding;
pub use learner::AutoencodeLearner;
pub use parts::AutoencodeParts;
pub use pipeline::AutoencodePipeline;
pub use resolve::Resolved;
