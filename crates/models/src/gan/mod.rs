//! Images of things that do not exist: a generator learns to make them from random numbers, against a discriminator that learns to
//! tell them from those of the training part (Goodfellow et al. 2014).
//!
//! - [`config`]: every option, as given and resolved; `resolve` infers what is missing from the data;
//! - `source`, [`parts`]: the images, and how they are cut: to learn from, to choose by, to judge on;
//! - [`pipeline`]: what is kept beside the weights: sizes and classes;
//! - `images`: images as the networks read them, and back as pixels;
//! - `network`: generators and discriminators, DCGAN and residual;
//! - `loss`, `augment`: what the two are trained by, and how images are changed at random before the discriminator;
//! - `judge`: an encoder trained on the data itself and then frozen, on whose features quality is measured;
//! - `watch`: the alarm of a generator that makes the same image again and again;
//! - `pair`: one step of both networks;
//! - [`learner`]: both networks in training, validated;
//! - [`generator`]: the model folder opened: images made from latent vectors;
//! - `rivals`, `evaluation`, `told`, `report`: how good it is, beside what costs less;
//! - `ask`, `sample`: what verbs ask, and what `sample` makes;
//! - `family`, `model`: all of it as a [`crate::Family`] and a [`crate::Model`].

mod ask;
mod augment;
mod choices;
pub mod config;
mod error;
mod evaluation;
mod family;
pub mod generator;
mod images;
mod intact;
mod judge;
pub mod learner;
mod loss;
mod model;
mod network;
mod pair;
pub mod parts;
pub mod pipeline;
mod remarks;
mod report;
mod resolve;
mod rivals;
mod sample;
mod source;
mod structure;
#[cfg(test)]
mod tests;
mod told;
mod watch;

pub use choices::{GanKind, GanLoss};
pub use config::{GanConfig, GanOptions};
pub use error::GanError;
pub use family::Gan;
pub use generator::ImageGenerator;
pub use learner::GanLearner;
pub use parts::GanParts;
pub use pipeline::GanPipeline;
pub use resolve::Resolved;
