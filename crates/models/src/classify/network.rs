//! The network: words to vectors, recurrent layers, pooling over the real steps, one output for each class.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::embedding;
use ressac_nn::pool::{self, AttentionPool, AttentionPoolConfig};
use ressac_nn::random::Stream;
use ressac_nn::{
    Embedding, EmbeddingConfig, Lengths, Linear, LinearConfig, NnError, Recurrent, drop_out,
};

use super::choices::Pool;
use super::config::ClassifyConfig;
use super::encoded::{Batch, BatchItems};
use super::pipeline::{ClassifyPipeline, Reading};
use super::vocabulary::UNKNOWN;

/// What the network reads and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Widths {
    /// Vectors of the embedding; none for sequences of numbers.
    pub(super) vectors: Option<usize>,
    /// Numbers that the recurrent layers read of each step.
    pub(super) input: usize,
    /// Classes.
    pub(super) classes: usize,
    /// Steps of half of the training examples at the most.
    pub(super) steps: usize,
}

impl Widths {
    pub(super) fn of(config: &ClassifyConfig, pipeline: &ClassifyPipeline) -> Self {
        let (vectors, input) = match &pipeline.reading {
            Reading::Vocabulary(words) => (Some(words.vectors()), config.embedding.unwrap_or(0)),
            Reading::Scales(scales) => (None, scales.width()),
        };
        Self {
            vectors,
            input,
            classes: pipeline.classes.len(),
            steps: pipeline.median_steps,
        }
    }
}

/// A classifier's layers.
#[derive(Module, Debug)]
pub(super) struct ClassifyNetwork {
    /// The vectors of words; none for sequences of numbers.
    embedding: Option<Embedding>,
    recurrent: Recurrent,
    attention: Option<AttentionPool>,
    head: Linear,
    #[module(skip)]
    plan: Plan,
}

/// Items that fit the network.
enum Read<'a> {
    Words(Vec<Vec<u32>>, &'a Embedding),
    Steps(Box<Tensor<3>>),
}

/// How values pass the layers.
#[derive(Debug, Clone, Copy)]
struct Plan {
    pool: Pool,
    embedding_dropout: f64,
    word_dropout: f64,
    dropout: f64,
}

impl ClassifyNetwork {
    /// A network with the weights that `stream` draws.
    ///
    /// # Errors
    /// A size of zero.
    pub(super) fn new(
        config: &ClassifyConfig,
        widths: Widths,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let recurrent = config
            .recurrent
            .layers_of(config.model, widths.input, widths.steps)
            .with_bidirectional(config.bidirectional)
            .init(&stream.child("recurrent"), device)?;
        let features = recurrent.output_size();
        let embedding = widths.vectors.map(|vectors| {
            EmbeddingConfig::new(vectors, widths.input)
                .with_deviation(1.0 / (widths.input as f64).sqrt())
                .init(&stream.child("embedding"), device)
        });
        let attention = (config.pool == Pool::Attention).then(|| {
            AttentionPoolConfig::new(features, config.recurrent.hidden)
                .init(&stream.child("attention"), device)
        });
        Ok(Self {
            embedding: embedding.transpose()?,
            recurrent,
            attention: attention.transpose()?,
            head: LinearConfig::new(features, widths.classes)
                .init(&stream.child("head"), device)?,
            plan: Plan {
                pool: config.pool,
                embedding_dropout: config.embedding_dropout.unwrap_or(0.0),
                word_dropout: config.word_dropout.unwrap_or(0.0),
                dropout: config.recurrent.dropout,
            },
        })
    }

    /// The weights of a network of these sizes; the largest number there is where it is more.
    pub(super) fn parameters(config: &ClassifyConfig, widths: Widths) -> usize {
        let sizes = config.cell().size();
        let (hidden, directions) = (config.recurrent.hidden, config.directions());
        let features = hidden.saturating_mul(directions);
        let mut total = widths.vectors.unwrap_or(0).saturating_mul(widths.input);
        let gains = if config.recurrent.layer_norm {
            sizes.columns
        } else {
            0
        };
        let own = sizes.columns + gains + sizes.units;
        for layer in 0..config.recurrent.layers {
            let input = if layer == 0 { widths.input } else { features };
            let row = (sizes.inputs.saturating_mul(input))
                .saturating_add(sizes.states.saturating_mul(hidden))
                .saturating_add(own);
            total = total.saturating_add(features.saturating_mul(row));
        }
        if config.pool == Pool::Attention {
            total = total.saturating_add(hidden.saturating_mul(features.saturating_add(2)));
        }
        total.saturating_add(widths.classes.saturating_mul(features.saturating_add(1)))
    }

    /// The logits `[batch, classes]`; nothing is dropped.
    ///
    /// # Errors
    /// Values that are not as wide as those the network was made for.
    pub(super) fn forward(&self, batch: Batch) -> Result<Tensor<2>, NnError> {
        let lengths = batch.lengths.clone();
        let input = self.input(batch)?;
        self.forward_from(input, &lengths, None)
    }

    /// The logits for a training step, in which `draw` says what is dropped, and what was read of the vectors of words.
    ///
    /// # Errors
    /// As [`ClassifyNetwork::forward`].
    pub(super) fn forward_train(
        &self,
        batch: Batch,
        draw: &Stream,
    ) -> Result<(Tensor<2>, Vec<embedding::Reading>), NnError> {
        let Batch { items, lengths } = batch;
        let (input, read) = match self.read(items)? {
            Read::Steps(values) => (*values, Vec::new()),
            Read::Words(mut sentences, embedding) => {
                self.drop_words(&mut sentences, draw);
                let draw = draw.child("embedding");
                let read = embedding.read(&sentences, self.plan.embedding_dropout, &draw)?;
                (read.vectors(), vec![read])
            }
        };
        Ok((self.forward_from(input, &lengths, Some(draw))?, read))
    }

    /// What the recurrent layers read: `[batch, steps, width]`.
    ///
    /// # Errors
    /// As [`ClassifyNetwork::forward`].
    pub(super) fn input(&self, batch: Batch) -> Result<Tensor<3>, NnError> {
        match self.read(batch.items)? {
            Read::Steps(values) => Ok(*values),
            Read::Words(sentences, embedding) => embedding.forward(&sentences),
        }
    }

    fn read(&self, items: BatchItems) -> Result<Read<'_>, NnError> {
        match (items, &self.embedding) {
            (BatchItems::Words(words), Some(embedding)) => Ok(Read::Words(words, embedding)),
            (BatchItems::Steps(values), None) => Ok(Read::Steps(values)),
            (BatchItems::Words(_), None) | (BatchItems::Steps(_), Some(_)) => Err(NnError::Shape {
                argument: "classifier: input".into(),
                expected: "texts for a model of texts, sequences for one of sequences".into(),
                found: "the other kind".into(),
            }),
        }
    }

    /// Takes some words for unknown ones.
    fn drop_words(&self, sentences: &mut [Vec<u32>], draw: &Stream) {
        let share = self.plan.word_dropout;
        if share > 0.0 {
            let mut generator = draw.child("words").generator();
            for word in sentences.iter_mut().flatten() {
                if generator.uniform() < share {
                    *word = UNKNOWN;
                }
            }
        }
    }

    /// The logits from what the recurrent layers read.
    ///
    /// # Errors
    /// As [`ClassifyNetwork::forward`].
    pub(super) fn forward_from(
        &self,
        input: Tensor<3>,
        lengths: &Lengths,
        draw: Option<&Stream>,
    ) -> Result<Tensor<2>, NnError> {
        let pooled = self.pooled(input, lengths, draw)?;
        self.head(match draw.filter(|_| self.plan.dropout > 0.0) {
            Some(draw) => drop_out(pooled, self.plan.dropout, &draw.child("head")),
            None => pooled,
        })
    }

    /// The pooled outputs `[batch, features]` from what the recurrent layers read.
    ///
    /// # Errors
    /// As [`ClassifyNetwork::forward`].
    pub(super) fn pooled(
        &self,
        input: Tensor<3>,
        lengths: &Lengths,
        draw: Option<&Stream>,
    ) -> Result<Tensor<2>, NnError> {
        let (recurrent, lengths_of) = (&self.recurrent, Some(lengths));
        let (output, _) = match draw {
            Some(draw) => {
                recurrent.forward_train(input, lengths_of, None, &draw.child("recurrent"))?
            }
            None => recurrent.forward(input, lengths_of, None)?,
        };
        self.pool(output, lengths)
    }

    /// The logits from the pooled outputs.
    ///
    /// # Errors
    /// Another number of features.
    pub(super) fn head(&self, pooled: Tensor<2>) -> Result<Tensor<2>, NnError> {
        self.head.forward(pooled)
    }

    /// States that a layer of the recurrence carries.
    pub(super) fn states(&self) -> usize {
        self.recurrent
            .describe()
            .first()
            .map_or(1, |layer| layer.states)
    }

    /// One vector from the outputs at all real steps.
    fn pool(&self, output: Tensor<3>, lengths: &Lengths) -> Result<Tensor<2>, NnError> {
        match (&self.attention, self.plan.pool) {
            (Some(attention), _) => Ok(attention.forward(output, Some(lengths))?.0),
            (None, Pool::Mean) => pool::mean(output, Some(lengths)),
            (None, Pool::Last) if self.recurrent.directions() == 2 => {
                // The reverse direction ends at the first step.
                let half = output.dims()[2] / 2;
                let forward = pool::last(output.clone().narrow(2, 0, half), Some(lengths))?;
                let reverse = output.narrow(2, half, half).narrow(1, 0, 1).squeeze_dim(1);
                Ok(Tensor::cat(vec![forward, reverse], 1))
            }
            (None, Pool::Last) => pool::last(output, Some(lengths)),
            (None, Pool::Max | Pool::Attention) => pool::max(output, Some(lengths)),
        }
    }

    /// How the names of the parameters of the forward direction begin, up to the number of the layer.
    pub(super) const RECURRENT: &'static str = "recurrent.layers.";
}
