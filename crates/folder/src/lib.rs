//! The model folder: the only thing that passes from training to everything else.
//!
//! | file | holds |
//! |---|---|
//! | `config.toml` | every option, resolved, and the run's record (steps, instruction set, which options were given) |
//! | `pipeline.json` | what was fitted on the training part, as the model's family writes it |
//! | `weights.safetensors` | the weights kept (best on the validation part) |
//! | `metrics.jsonl` | one line for each validation |
//! | `report.html` | how good the model is |
//! | `checkpoints/` | what `--resume` continues from |
//!
//! [`ModelFiles`] reads a model, from disk or from memory; [`ModelFolder`] is one on disk, which can be
//! written too. Every write is atomic, so a kill at any moment leaves the last good state. `config.toml`
//! is written last when a folder is laid out: a folder without it is not a model folder yet.
//!
//! This crate knows files and no model: what stands in `pipeline.json` and which options there are is
//! the business of the families.

pub mod atomic;
mod config;
mod disk;
mod error;
mod files;
mod lock;

pub use config::{ConfigFile, RunRecord, VERSION};
pub use disk::ModelFolder;
pub use error::FolderError;
pub use files::ModelFiles;
pub use lock::TrainingLock;

#[cfg(test)]
mod tests;
