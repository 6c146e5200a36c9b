//! Examples as the network reads them: words as numbers or scaled values, in batches padded to their longest.

use burn::tensor::{Device, Tensor};

use ressac_data::examples::{Examples, Inputs};
use ressac_nn::random::Stream;
use ressac_nn::{Lengths, NnError};

use super::augment::Augmentation;
use super::pipeline::{ClassifyPipeline, Reading};
use crate::ModelError;
use crate::examples::batch;
use crate::text::hashed::words_and_pairs;

/// Examples ready for the network.
#[derive(Debug, Clone)]
pub(super) struct Encoded {
    items: Items,
    lengths: Vec<usize>,
    /// Of each text the buckets of its words and pairs; empty without them.
    wide: Vec<Vec<u32>>,
}

#[derive(Debug, Clone)]
enum Items {
    Words(Vec<Vec<u32>>),
    /// Of each example its values `[steps · width]`: `dims` numbers, and in some models which of them are there.
    Steps {
        values: Vec<Vec<f32>>,
        dims: usize,
        width: usize,
    },
}

/// Some examples beside one another, the shorter ones padded.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) items: BatchItems,
    /// The buckets of the words and pairs of texts.
    pub(super) wide: Option<Vec<Vec<u32>>>,
    pub(super) lengths: Lengths,
}

#[derive(Debug, Clone)]
pub(super) enum BatchItems {
    /// Words by number.
    Words(Vec<Vec<u32>>),
    /// `[batch, steps, width]`.
    Steps(Box<Tensor<3>>),
}

impl Encoded {
    /// `examples` as `pipeline` reads them.
    ///
    /// # Errors
    /// Another kind, or other dimensions, than the pipeline's.
    pub(super) fn new(
        pipeline: &ClassifyPipeline,
        examples: &Examples,
    ) -> Result<Self, ModelError> {
        pipeline.require(examples)?;
        let items = match (&examples.inputs, &pipeline.reading) {
            (Inputs::Texts(texts), Reading::Texts(tokenizer)) => {
                let texts = texts.iter();
                Items::Words(texts.map(|text| tokenizer.encode(text).numbers).collect())
            }
            (Inputs::Sequences(sequences), Reading::Scales(scales)) => {
                let items = sequences.items.iter();
                Items::Steps {
                    values: items.map(|item| scales.scaled(item)).collect(),
                    dims: scales.names.len(),
                    width: scales.width(),
                }
            }
            // `require` refuses it.
            _ => Items::Words(Vec::new()),
        };
        let lengths = match &items {
            Items::Words(words) => words.iter().map(Vec::len).collect(),
            Items::Steps { values, width, .. } => values.iter().map(|v| v.len() / width).collect(),
        };
        let wide = match (&examples.inputs, &pipeline.reading) {
            (Inputs::Texts(texts), Reading::Texts(tokenizer)) if pipeline.wide > 0 => {
                let (lower, most) = (tokenizer.lower_case(), tokenizer.max_length());
                let most = most.unwrap_or(usize::MAX);
                let texts = texts.iter();
                texts
                    .map(|text| words_and_pairs(text, lower, most, pipeline.wide))
                    .collect()
            }
            _ => Vec::new(),
        };
        Ok(Self {
            items,
            lengths,
            wide,
        })
    }

    /// How many examples.
    pub(super) fn len(&self) -> usize {
        self.lengths.len()
    }

    /// The steps of each.
    pub(super) fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// The scaled values of sequences step by step, and how many there are of each step; nothing for texts.
    pub(super) fn sequences(&self) -> (Vec<Vec<f64>>, usize) {
        match &self.items {
            Items::Words(_) => (Vec::new(), 0),
            Items::Steps { values, width, .. } => {
                let wide = |values: &Vec<f32>| values.iter().copied().map(f64::from).collect();
                (values.iter().map(wide).collect(), *width)
            }
        }
    }

    /// Places of all examples in batches of at most `most`, those of about one length together: little is padding.
    pub(super) fn batches(&self, most: usize) -> Vec<Vec<usize>> {
        batch::by_length(&self.lengths, most)
    }

    /// The examples at these places.
    ///
    /// # Errors
    /// No example.
    pub(super) fn batch(&self, places: &[usize], device: &Device) -> Result<Batch, NnError> {
        match &self.items {
            Items::Words(words) => {
                let lengths: Vec<usize> = places.iter().map(|at| self.lengths[*at]).collect();
                let wide = places.iter().map(|at| self.wide.get(*at).cloned());
                Ok(Batch {
                    items: BatchItems::Words(places.iter().map(|at| words[*at].clone()).collect()),
                    wide: wide.collect(),
                    lengths: Lengths::new(lengths)?,
                })
            }
            Items::Steps { values, width, .. } => {
                let rows: Vec<&[f32]> = places.iter().map(|at| values[*at].as_slice()).collect();
                padded(&rows, *width, device)
            }
        }
    }

    /// The examples at these places, changed at random as `draw` says; texts stay as they are.
    ///
    /// # Errors
    /// As [`Encoded::batch`].
    pub(super) fn augmented(
        &self,
        places: &[usize],
        device: &Device,
        augmentation: &Augmentation,
        draw: &Stream,
    ) -> Result<Batch, NnError> {
        let Items::Steps {
            values,
            dims,
            width,
        } = &self.items
        else {
            return self.batch(places, device);
        };
        let changed = places.iter().enumerate().map(|(row, at)| {
            let mut changed = values[*at].clone();
            augmentation.apply(&mut changed, (*dims, *width), &draw.at(row as u64));
            changed
        });
        let changed: Vec<Vec<f32>> = changed.collect();
        let rows: Vec<&[f32]> = changed.iter().map(Vec::as_slice).collect();
        padded(&rows, *width, device)
    }
}

/// Sequences `[steps · width]` beside one another.
fn padded(rows: &[&[f32]], width: usize, device: &Device) -> Result<Batch, NnError> {
    let (values, lengths) = batch::padded(rows, width, device)?;
    Ok(Batch {
        items: BatchItems::Steps(Box::new(values)),
        wide: None,
        lengths,
    })
}
