//! What is fitted and saved with the model: scales, how well each value is reconstructed, and the scores of normal examples that
//! were held back, by which a score is told to be rare.

use serde::{Deserialize, Serialize};

use ressac_data::examples::{Examples, Inputs};
use ressac_stats::unusual::Conformal;

use super::config::AutoencodeConfig;
use super::error::AutoencodeError;
use super::parts::AutoencodeParts;
use super::source;
use crate::ModelError;
use crate::examples::{SavedColumns, Scales};

/// The fitted pipeline of an autoencoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AutoencodePipeline {
    /// What brings values to the network's scale.
    pub scales: Scales,
    /// The columns of the files trained on; absent for files without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<SavedColumns>,
    /// Steps of every example; absent where their numbers differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// Steps of half of the training examples at the most.
    pub median_steps: usize,
    /// Mean squared residual of each dimension, in squared deviations, above 0; of sounds and images that of all. Fitted on the
    /// validation part after training.
    #[serde(default)]
    pub spreads: Vec<f64>,
    /// The scores of normal examples that were held back from training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_back: Option<Conformal>,
}

/// What the network reads and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Numbers read at a step: values, and where some are missing which of them are there.
    pub width: usize,
    /// Numbers given at a step.
    pub dims: usize,
    /// Steps; absent where they differ.
    pub steps: Option<usize>,
    /// Height, width and channels of images.
    pub sides: Option<[usize; 3]>,
}

impl AutoencodePipeline {
    /// Fits scales on the training part; the rest comes after training.
    ///
    /// # Errors
    /// A dimension without a value, values too large to be scaled.
    pub(super) fn fit(prepared: &AutoencodeParts) -> Result<Self, ModelError> {
        let train = &prepared.parts.train;
        let Inputs::Sequences(sequences) = &train.inputs else {
            // `source` refuses texts.
            return Err(AutoencodeError::Texts {
                file: crate::examples::named(train),
            }
            .into());
        };
        let mut lengths: Vec<usize> = sequences.items.iter().map(|item| item.steps).collect();
        lengths.sort_unstable();
        let same = lengths.first() == lengths.last();
        Ok(Self {
            scales: Scales::fit(sequences, train.media.is_some())?,
            columns: SavedColumns::of(&prepared.columns),
            steps: lengths.first().copied().filter(|_| same),
            median_steps: lengths.get(lengths.len() / 2).copied().unwrap_or(1),
            spreads: Vec::new(),
            held_back: None,
        })
    }

    /// What the network reads and gives.
    pub(super) fn extent(&self, config: &AutoencodeConfig) -> Extent {
        Extent {
            width: self.scales.width(),
            dims: self.scales.names.len(),
            steps: self.steps,
            sides: config.media.sides(),
        }
    }

    /// Refuses examples of other dimensions than those trained on.
    ///
    /// # Errors
    /// As said.
    pub fn require(&self, examples: &Examples) -> Result<(), ModelError> {
        source::require(examples, &self.scales.names)
    }

    /// Refuses sequences of another length than `steps`.
    ///
    /// # Errors
    /// The first of them, with its place.
    pub(super) fn require_steps(examples: &Examples, steps: usize) -> Result<(), ModelError> {
        let Inputs::Sequences(sequences) = &examples.inputs else {
            return Ok(());
        };
        let other = sequences.items.iter().position(|item| item.steps != steps);
        let Some(at) = other else { return Ok(()) };
        let origin = &examples.origins[at];
        let file = examples.files.get(origin.file);
        Err(AutoencodeError::Steps {
            file: file.map_or_else(String::new, |file| file.display().to_string()),
            place: origin.place.to_string(),
            found: sequences.items[at].steps,
            expected: steps,
        }
        .into())
    }
}
