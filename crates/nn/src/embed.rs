//! Words as vectors: a table with a row for each.
use crate::dropout::dropout_mask;
use crate::embedding::{Reading, lookup, read};
use crate::random::Stream;
use crate::{Lengths, NnError};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use ressac_kernels::embedding::NO_ROW;

/// What an [`Embedding`] is made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmbeddingConfig {
    words: usize,
    width: usize,
    deviation: f64,
}

impl EmbeddingConfig {
    /// A table of so many words, each a vector of so many numbers, which start from the standard normal distribution,
    /// as in PyTorch.
    pub const fn new(words: usize, width: usize) -> Self {
        Self {
            words,
            width,
            deviation: 1.0,
        }
    }

    /// The standard deviation of the numbers at the start. 1/√width makes vectors of about unit length.
    #[must_use]
    pub const fn with_deviation(mut self, deviation: f64) -> Self {
        self.deviation = deviation;
        self
    }

    /// Makes the table, drawn from `stream`. A word's vector does not depend on how many words there are.
    ///
    /// # Errors
    /// A size of zero, or a deviation below zero or not finite.
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<Embedding, NnError> {
        self.init_from(std::iter::empty(), stream, device)
    }

    /// The same with given vectors for some of the words, by their number.
    ///
    /// # Errors
    /// As [`EmbeddingConfig::init`]; a word beyond the table, or a vector of another width.
    pub fn init_from<'a>(
        &self,
        given: impl IntoIterator<Item = (usize, &'a [f32])>,
        stream: &Stream,
        device: &Device,
    ) -> Result<Embedding, NnError> {
        for (name, size) in [("words", self.words), ("width", self.width)] {
            if size == 0 {
                return Err(NnError::shape(
                    format!("embedding: {name}"),
                    "at least 1",
                    "0",
                ));
            }
        }
        if !self.deviation.is_finite() || self.deviation < 0.0 {
            return Err(NnError::shape(
                "embedding: deviation",
                "a finite number from 0",
                self.deviation.to_string(),
            ));
        }
        let mut generator = stream.child("weights").generator();
        let mut values: Vec<f32> = (0..self.words * self.width)
            .map(|_| (self.deviation * generator.normal()) as f32)
            .collect();
        for (word, vector) in given {
            let row = values.chunks_exact_mut(self.width).nth(word);
            match row.filter(|row| row.len() == vector.len()) {
                Some(row) => row.copy_from_slice(vector),
                None => {
                    return Err(NnError::shape(
                        "embedding: given vectors",
                        format!("words below {} and {} numbers each", self.words, self.width),
                        format!("word {word} with {} numbers", vector.len()),
                    ));
                }
            }
        }
        let data = TensorData::new(values, [self.words, self.width]);
        Ok(Embedding {
            weights: Param::from_tensor(Tensor::from_data(data, device)),
        })
    }
}

/// A vector for each word.
///
/// # Parameters
/// `weights [words, width]`.
#[derive(Module, Debug)]
pub struct Embedding {
    weights: Param<Tensor<2>>,
}

impl Embedding {
    /// The vectors of the words of sentences: `[sentences, longest, width]`. Sentences may be of unequal length; after
    /// the last word of a shorter one stand zeros, which have no gradient ([`Lengths::of`] gives the lengths as the
    /// recurrent layers take them).
    ///
    /// # Errors
    /// No sentence, one without a word, or a number that is not in the table.
    pub fn forward(&self, sentences: &[Vec<u32>]) -> Result<Tensor<3>, NnError> {
        let table = self.weights.val();
        let (ids, [rows, time]) = self.places(sentences)?;
        let shape = [rows, time, self.width()];
        if !table.is_tracked() {
            let vectors = read(&table, &ids, None).reshape(shape);
            return Ok(if table.is_autodiff() {
                Tensor::from_inner(vectors)
            } else {
                vectors
            });
        }
        let device = table.device();
        let padding = Lengths::of(sentences)?.padding(time, &device);
        // Padding is looked up as word 0.
        let ids: Vec<u32> = (ids.into_iter())
            .map(|id| if id == NO_ROW { 0 } else { id })
            .collect();
        let vectors = lookup(table, &ids)?.reshape(shape);
        Ok(vectors.mask_fill(padding.expand(shape), 0.0))
    }

    /// As [`Embedding::forward`], for a training step of [`crate::optim::AdamW::step_with_rows`], which moves the rows of
    /// these words alone: no work is as large as the table. With `dropout`, numbers of the vectors are dropped with that
    /// probability by a mask drawn from `draw`, as [`crate::drop_out`] does.
    ///
    /// # Errors
    /// As [`Embedding::forward`].
    pub fn read(
        &self,
        sentences: &[Vec<u32>],
        dropout: f64,
        draw: &Stream,
    ) -> Result<Reading, NnError> {
        let (ids, shape) = self.places(sentences)?;
        let count = ids.len() * self.width();
        let factors = (dropout > 0.0).then(|| dropout_mask(dropout, draw, count));
        let table = self.weights.val();
        Ok(Reading::new(self.weights.id, &table, shape, ids, factors))
    }

    /// The words at all places, sentence after sentence, [`NO_ROW`] where there is none; how many sentences, how many
    /// places each.
    fn places(&self, sentences: &[Vec<u32>]) -> Result<(Vec<u32>, [usize; 2]), NnError> {
        // Refuses what has no word.
        Lengths::of(sentences)?;
        let words = self.words();
        let time = sentences.iter().map(Vec::len).max().unwrap_or(0);
        let mut places = vec![NO_ROW; sentences.len() * time];
        for (row, sentence) in sentences.iter().enumerate() {
            for (step, &word) in sentence.iter().enumerate() {
                if word as usize >= words {
                    return Err(NnError::shape(
                        format!("embedding: word {step} of sentence {row}"),
                        format!("a number below {words}, the words of the table"),
                        word.to_string(),
                    ));
                }
                places[row * time + step] = word;
            }
        }
        Ok((places, [sentences.len(), time]))
    }

    /// The table itself, `[words, width]`: an output layer may have the same weights (Press & Wolf 2017).
    pub fn table(&self) -> Tensor<2> {
        self.weights.val()
    }

    /// Words of the table.
    pub fn words(&self) -> usize {
        self.weights.val().dims()[0]
    }

    /// Numbers of a vector.
    pub fn width(&self) -> usize {
        self.weights.val().dims()[1]
    }
}
