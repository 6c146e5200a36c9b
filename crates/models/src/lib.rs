//! The model families, what they fitted, and the folder a trained model lives in.
//!
//! A family is one folder: its configuration, network, pipeline, prediction and evaluation. Today
//! that is [`forecast`]: a time series continued by a recurrent encoder. What every family shares is
//! the [`Model`] trait (what predicting and serving know of a model) and the [`folder`] on disk.
//!
//! Nothing here prints, exits or trains; training is `ressac-train`.

pub mod cell;
mod error;
pub mod folder;
pub mod forecast;
mod model;
pub mod structure;
mod words;

pub use error::ModelError;
pub use model::{Input, Model, Prediction, open};
pub use structure::Structure;
