//! What predicting and serving know of a model, whatever its family.

use burn::tensor::Device;

use ressac_data::Table;
use ressac_data::panel::Panel;

use crate::ModelError;
use crate::Structure;
use crate::folder::{ModelFolder, Task};
use crate::forecast::Forecaster;

/// What a model predicts from.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Input<'a> {
    /// Series over time.
    Panel(&'a Panel),
}

/// What a model predicted, in the user's units.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Prediction {
    /// For each series its columns of numbers, with times where the input had them.
    Tables {
        /// The column that tells the series apart, when there is one.
        series_column: Option<String>,
        /// The series by name.
        tables: Vec<(String, Table)>,
    },
}

/// A trained model with its fitted pipeline: user's data in, user's units out.
///
/// Object-safe, so that one command and one server run every family.
pub trait Model: Send + Sync {
    /// What it was trained for.
    fn task(&self) -> Task;

    /// One line on the network: cell, sizes, layers.
    fn network(&self) -> String;

    /// What the network is made of, with its real sizes: for a drawing.
    fn structure(&self) -> Structure;

    /// The number of weights.
    fn parameters(&self) -> usize;

    /// Predicts what the task predicts.
    ///
    /// # Errors
    /// When the input lacks a column, a value, or is too short: the error says which and how much.
    fn predict(&self, input: Input<'_>) -> Result<Prediction, ModelError>;
}

/// Opens the model in `folder`, of whichever family, to run on `device`.
///
/// # Errors
/// When a file of the folder is missing, damaged, or of another version.
pub fn open(folder: &ModelFolder, device: &Device) -> Result<Box<dyn Model>, ModelError> {
    match folder.config()?.task {
        Some(Task::Forecast) => Ok(Box::new(Forecaster::open(folder, device)?)),
        None => Err(ModelError::Options {
            key: "task".into(),
            problem: format!(
                "is missing from `{}`; add `task = \"forecast\"`",
                folder.file("config.toml").display()
            ),
        }),
    }
}
