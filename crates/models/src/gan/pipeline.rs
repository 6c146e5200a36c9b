//! What is kept beside the weights: the classes that the generator knows and how often each came.

use serde::{Deserialize, Serialize};

use ressac_data::examples::Examples;

use super::config::GanConfig;
use super::parts::GanParts;

/// What a GAN keeps beside its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GanPipeline {
    /// Height, width and numbers a pixel of the images.
    pub sides: [usize; 3],
    /// Classes that the encoder of features was trained to tell apart; nothing where there are none and it is an autoencoder's.
    #[serde(default)]
    pub classes: Vec<String>,
    /// How many images of each class there were to learn from.
    #[serde(default)]
    pub counts: Vec<u64>,
    /// Images there were to learn from.
    pub images: u64,
}

impl GanPipeline {
    /// What is kept of these parts.
    pub(super) fn of(config: &GanConfig, parts: &GanParts) -> Self {
        let places = places(&parts.parts.train, &parts.classes);
        let count = |class: usize| places.iter().filter(|place| **place == class).count() as u64;
        Self {
            sides: config.sides(),
            counts: (0..parts.classes.len()).map(count).collect(),
            classes: parts.classes.clone(),
            images: parts.parts.train.len() as u64,
        }
    }

    /// Classes that the networks of `config` are told.
    pub(super) fn told(&self, config: &GanConfig) -> usize {
        match config.conditional {
            true => self.classes.len(),
            false => 0,
        }
    }
}

/// The place of each image's class among `classes`; 0 where there are none, and for a class that is not among them.
pub(super) fn places(examples: &Examples, classes: &[String]) -> Vec<usize> {
    match &examples.labels {
        None => vec![0; examples.len()],
        Some(labels) => labels
            .iter()
            .map(|label| classes.iter().position(|class| class == label).unwrap_or(0))
            .collect(),
    }
}
