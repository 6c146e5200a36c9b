//! What is fitted on the training part and saved with the model: the classes, the words or the scales, the temperature.
//!
//! The same pipeline runs in training, evaluation and prediction, so nothing of the validation or test part reaches
//! the network.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use ressac_data::examples::{Examples, Inputs, Sequences};

use super::config::ClassifyConfig;
use super::error::ClassifyError;
use super::parts::Prepared;
use super::target::{Target, class_counts, sets};
use crate::ModelError;
use crate::examples::{SavedColumns, Scales, named, require_dims, require_kind};
use crate::text::Tokenizer;

/// The fitted pipeline of a classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassifyPipeline {
    /// The classes, by value where all are numbers, else by the bytes of their names.
    pub classes: Vec<String>,
    /// What stands between the classes of an example that may have several; absent where each has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_separator: Option<String>,
    /// Examples of each class in the training part.
    pub counts: Vec<usize>,
    /// What brings an example to the network.
    #[serde(flatten)]
    pub reading: Reading,
    /// The columns of the files trained on; absent for files without any, and in folders of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<SavedColumns>,
    /// Buckets for the hashes of words and pairs of words; 0 without them.
    #[serde(default)]
    pub wide: usize,
    /// Steps (words, for texts) of half of the training examples at the most.
    pub median_steps: usize,
    /// Steps of the longest training example.
    pub longest_steps: usize,
    /// What the logits are divided by, so that probabilities can be believed; fitted on the validation part after
    /// training.
    pub temperature: f64,
}

/// What brings an example to the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Texts as numbers; earlier versions had words alone, and called it so.
    #[serde(rename = "texts", alias = "vocabulary")]
    Texts(Tokenizer),
    /// Values on a common scale.
    Scales(Scales),
}

impl ClassifyPipeline {
    /// Fits the pipeline on the training part.
    ///
    /// # Errors
    /// One class alone; of several at once, those that every example has; a dimension without a value.
    pub fn fit(prepared: &Prepared, config: &ClassifyConfig) -> Result<Self, ModelError> {
        let train = &prepared.parts.train;
        let separator = config.label_separator.as_deref();
        let (classes, counts): (Vec<String>, Vec<usize>) =
            class_counts(train, separator).into_iter().unzip();
        match (sets(train, separator), classes.as_slice()) {
            (Some(sets), _) => sets.require_classes(train)?,
            (None, [class]) => {
                let class = class.clone();
                return Err(ClassifyError::OneClass { class }.into());
            }
            _ => {}
        }
        let reading = match &train.inputs {
            Inputs::Texts(texts) => Reading::Texts(match &prepared.fitted {
                Some(fitted) => fitted.tokenizer.clone(),
                None => Tokenizer::fit(texts, &config.texts),
            }),
            Inputs::Sequences(sequences) => {
                Reading::Scales(Scales::fit(sequences, train.media.is_some())?)
            }
        };
        let mut pipeline = Self {
            counts,
            classes,
            label_separator: config.label_separator.clone(),
            columns: SavedColumns::of(&prepared.columns),
            reading,
            wide: config.wide.unwrap_or(0),
            median_steps: 1,
            longest_steps: 1,
            temperature: 1.0,
        };
        let mut lengths = pipeline.lengths(train);
        lengths.sort_unstable();
        pipeline.median_steps = lengths.get(lengths.len() / 2).copied().unwrap_or(1);
        pipeline.longest_steps = lengths.last().copied().unwrap_or(1);
        Ok(pipeline)
    }

    /// The steps of each example.
    pub(super) fn lengths(&self, examples: &Examples) -> Vec<usize> {
        match (&examples.inputs, &self.reading) {
            (Inputs::Texts(texts), Reading::Texts(tokenizer)) => {
                let lengths = texts.iter();
                lengths
                    .map(|text| tokenizer.encode(text).numbers.len())
                    .collect()
            }
            (Inputs::Sequences(sequences), _) => {
                sequences.items.iter().map(|item| item.steps).collect()
            }
            (Inputs::Texts(texts), _) => vec![1; texts.len()],
        }
    }

    /// Refuses examples of another kind or other dimensions than those trained on.
    ///
    /// # Errors
    /// As said.
    pub fn require(&self, examples: &Examples) -> Result<(), ModelError> {
        match &self.reading {
            Reading::Texts(_) => require_kind(examples, &Inputs::Texts(Vec::new())),
            Reading::Scales(scales) => {
                let like = Sequences {
                    dims: scales.names.clone(),
                    items: Vec::new(),
                };
                if let Inputs::Sequences(found) = &examples.inputs {
                    require_dims(&named(examples), found, &like.dims)?;
                }
                require_kind(examples, &Inputs::Sequences(like))
            }
        }
    }

    /// Whether an example may have several classes, or none.
    pub fn of_several(&self) -> bool {
        self.label_separator.is_some()
    }

    /// The classes of each example, by their places among the classes.
    ///
    /// # Errors
    /// A class that is none of them, with its place.
    pub(super) fn truth(&self, examples: &Examples) -> Result<Target, ModelError> {
        if self.of_several() {
            let own = sets(examples, self.label_separator.as_deref());
            let own = own.map(|sets| sets.among(&self.classes, examples));
            return Ok(Target::Several {
                holds: own
                    .transpose()?
                    .map_or_else(Vec::new, |sets| sets.indicators()),
                classes: self.classes.len(),
            });
        }
        let places: HashMap<&str, usize> = self
            .classes
            .iter()
            .enumerate()
            .map(|(place, class)| (class.as_str(), place))
            .collect();
        let labels = examples.labels.iter().flatten().enumerate();
        let classes: Result<Vec<usize>, ModelError> = labels
            .map(|(at, label)| match places.get(label.as_str()) {
                Some(place) => Ok(*place),
                None => {
                    let origin = &examples.origins[at];
                    let file = examples.files.get(origin.file);
                    Err(ClassifyError::UnknownClass {
                        file: file.map_or_else(String::new, |file| file.display().to_string()),
                        place: origin.place.to_string(),
                        class: label.clone(),
                        known: self.classes.clone(),
                    }
                    .into())
                }
            })
            .collect();
        classes.map(Target::One)
    }
}
