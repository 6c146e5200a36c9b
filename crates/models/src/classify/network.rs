//! The network: words to vectors, recurrent layers, pooling over the real steps, one output for each class.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::embedding;
use ressac_nn::image::Running;
use ressac_nn::pool::{self, AttentionPool, AttentionPoolConfig};
use ressac_nn::random::Stream;
use ressac_nn::{
    Embedding, EmbeddingConfig, Lengths, Linear, LinearConfig, NnError, Recurrent, drop_out,
};

use super::choices::Pool;
use super::config::ClassifyConfig;
use super::encoded::{Batch, BatchItems};
use super::pipeline::{ClassifyPipeline, Reading};
use super::stem::{self, OverImages, OverTime};
use crate::text::{Vectors, drop_tokens};

/// What the network reads and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Widths {
    /// Vectors of the embedding; none for sequences of numbers.
    pub(super) vectors: Option<usize>,
    /// Numbers of each step: a word's vector, or the values of a sequence.
    pub(super) input: usize,
    /// Numbers that the recurrent layers read of each step.
    pub(super) read: usize,
    /// Classes.
    pub(super) classes: usize,
    /// Steps of the recurrent layers in half of the training examples at the most.
    pub(super) steps: usize,
}

impl Widths {
    pub(super) fn of(config: &ClassifyConfig, pipeline: &ClassifyPipeline) -> Self {
        let (vectors, input) = match &pipeline.reading {
            Reading::Texts(tokens) => (Some(tokens.vectors()), config.texts.embedding.unwrap_or(0)),
            Reading::Scales(scales) => (None, scales.width()),
        };
        let [read, steps] = stem::steps(config, input, pipeline.median_steps);
        Self {
            vectors,
            input,
            read,
            classes: pipeline.classes.len(),
            steps,
        }
    }
}

/// A classifier's layers.
#[derive(Module, Debug)]
pub struct ClassifyNetwork {
    /// The vectors of words; none for sequences of numbers.
    embedding: Option<Embedding>,
    /// Convolutions over time in front of the recurrent layers.
    stem: Option<OverTime>,
    /// Convolutions of images.
    images: Option<OverImages>,
    /// None where what the convolutions give is pooled.
    recurrent: Option<Recurrent>,
    attention: Option<AttentionPool>,
    head: Linear,
    /// What each bucket of words and pairs adds to the logits.
    wide: Option<Embedding>,
    /// Further networks like this one, which started from other weights: the mean of all logits counts.
    others: Vec<ClassifyNetwork>,
    #[module(skip)]
    plan: Plan,
}

/// The logits of the first network of an ensemble, and of the others.
pub(super) type Members = (Tensor<2>, Vec<Tensor<2>>);

/// What a training step is told beside the logits: the rows of tables that were read, and running averages.
pub(super) type Beside = (Vec<embedding::Reading>, Vec<Running>);

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
    /// A network with the weights that `stream` draws, and the others of its ensemble.
    ///
    /// # Errors
    /// A size of zero.
    pub(super) fn new(
        config: &ClassifyConfig,
        widths: Widths,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let mut first = Self::alone(config, widths, stream, device)?;
        let others = 1..config.members() as u64;
        first.others = others
            .map(|member| Self::alone(config, widths, &member_of(stream, member), device))
            .collect::<Result<_, _>>()?;
        Ok(first)
    }

    fn alone(
        config: &ClassifyConfig,
        widths: Widths,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let recurrent = (config.recurrent.layers > 0).then(|| {
            config
                .recurrent
                .layers_of(config.model, widths.read, widths.steps)
                .with_bidirectional(config.bidirectional)
                .init(&stream.child("recurrent"), device)
        });
        let recurrent = recurrent.transpose()?;
        let features = recurrent
            .as_ref()
            .map_or(widths.read, Recurrent::output_size);
        let embedding = widths.vectors.map(|vectors| {
            EmbeddingConfig::new(vectors, widths.input)
                .with_deviation(1.0 / (widths.input as f64).sqrt())
                .init(&stream.child("embedding"), device)
        });
        let attention = (config.pool == Pool::Attention).then(|| {
            AttentionPoolConfig::new(features, config.recurrent.hidden)
                .init(&stream.child("attention"), device)
        });
        let convolves = !config.kernels().is_empty();
        let of_stem = stream.child("stem");
        let sides = config.sides().filter(|_| convolves);
        let images = sides.map(|sides| OverImages::new(config, sides, &of_stem, device));
        let over_time = (convolves && sides.is_none())
            .then(|| OverTime::new(config, widths.input, &of_stem, device));
        // A row for each bucket, which starts from nothing.
        let wide = config.wide.filter(|buckets| *buckets > 0).map(|buckets| {
            EmbeddingConfig::new(buckets, widths.classes)
                .with_deviation(0.0)
                .init(&stream.child("wide"), device)
        });
        Ok(Self {
            others: Vec::new(),
            wide: wide.transpose()?,
            embedding: embedding.transpose()?,
            stem: over_time.transpose()?,
            images: images.transpose()?,
            recurrent,
            attention: attention.transpose()?,
            head: LinearConfig::new(features, widths.classes)
                .init(&stream.child("head"), device)?,
            plan: Plan {
                pool: config.pool,
                embedding_dropout: config.texts.embedding_dropout.unwrap_or(0.0),
                word_dropout: config.texts.word_dropout.unwrap_or(0.0),
                dropout: config.recurrent.dropout,
            },
        })
    }

    /// The same network with vectors of words that others learnt; those of other words are drawn as wide.
    ///
    /// # Errors
    /// Vectors of another width.
    pub(super) fn starting_from(
        mut self,
        vectors: &Vectors,
        widths: Widths,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let embedding = widths.vectors.map(|words| {
            EmbeddingConfig::new(words, widths.input)
                .with_deviation(vectors.deviation())
                .init_from(vectors.rows(), &stream.child("embedding"), device)
        });
        self.embedding = embedding.transpose()?;
        let others = std::mem::take(&mut self.others).into_iter().zip(1..);
        self.others = others
            .map(|(other, member)| {
                other.starting_from(vectors, widths, &member_of(stream, member), device)
            })
            .collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// The weights of a network of these sizes; the largest number there is where it is more.
    pub(super) fn parameters(config: &ClassifyConfig, widths: Widths) -> usize {
        let (hidden, directions) = (config.recurrent.hidden, config.directions());
        let features = match config.recurrent.layers {
            0 => widths.read,
            _ => hidden.saturating_mul(directions),
        };
        let of_layers = (config.recurrent).parameters(config.model, widths.read, directions);
        let mut total = widths.vectors.unwrap_or(0).saturating_mul(widths.input);
        let buckets = config.wide.unwrap_or(0);
        total = total.saturating_add(of_layers);
        total = total.saturating_add(stem::parameters(config, widths.input));
        total = total.saturating_add(buckets.saturating_mul(widths.classes));
        if config.pool == Pool::Attention {
            total = total.saturating_add(hidden.saturating_mul(features.saturating_add(2)));
        }
        total = total.saturating_add(widths.classes.saturating_mul(features.saturating_add(1)));
        total.saturating_mul(config.members())
    }

    /// The logits `[batch, classes]`; nothing is dropped.
    ///
    /// # Errors
    /// Values that are not as wide as those the network was made for.
    pub(super) fn forward(&self, batch: Batch) -> Result<Tensor<2>, NnError> {
        let others = self.others.iter();
        let others = others.map(|other| other.forward_alone(batch.clone()));
        let others = others.collect::<Result<_, _>>()?;
        Ok(mean(self.forward_alone(batch)?, others))
    }

    /// The logits of this network without the others.
    fn forward_alone(&self, batch: Batch) -> Result<Tensor<2>, NnError> {
        let wide = self.wide(&batch)?;
        let (input, lengths) = self.input(batch)?;
        Ok(beside(self.forward_from(input, &lengths, None)?, wide))
    }

    /// The logits of each network for a training step, in which `draw` says what is dropped, what was read of the vectors of
    /// words, and the running averages of normalisations after it.
    ///
    /// # Errors
    /// As [`ClassifyNetwork::forward`].
    pub(super) fn forward_train(
        &self,
        batch: Batch,
        draw: &Stream,
    ) -> Result<(Members, Beside), NnError> {
        let mut all = Beside::default();
        let mut others = Vec::with_capacity(self.others.len());
        for (other, member) in self.others.iter().zip(1..) {
            let draw = member_of(draw, member);
            others.push(other.train_alone(batch.clone(), &draw, &mut all)?);
        }
        let first = self.train_alone(batch, draw, &mut all)?;
        Ok(((first, others), all))
    }

    fn train_alone(
        &self,
        batch: Batch,
        draw: &Stream,
        all: &mut Beside,
    ) -> Result<Tensor<2>, NnError> {
        let wide = match (&self.wide, &batch.wide) {
            (Some(table), Some(buckets)) => {
                let read = table.read(buckets, 0.0, &draw.child("wide"))?;
                let sum = rooted(read.vectors(), buckets)?;
                all.0.push(read);
                Some(sum)
            }
            _ => None,
        };
        let lengths = batch.lengths.clone();
        let values = match self.read(batch.items)? {
            Read::Steps(values) => *values,
            Read::Words(mut sentences, embedding) => {
                drop_tokens(&mut sentences, self.plan.word_dropout, &draw.child("words"));
                let draw = draw.child("embedding");
                let read = embedding.read(&sentences, self.plan.embedding_dropout, &draw)?;
                let vectors = read.vectors();
                all.0.push(read);
                vectors
            }
        };
        let (input, lengths) = self.stemmed(values, lengths, Some(&mut all.1))?;
        let logits = self.forward_from(input, &lengths, Some(draw))?;
        Ok(beside(logits, wide))
    }

    /// What the words and pairs of texts add to the logits: the sum of what their buckets hold over the root of their
    /// number, so that a long text does not drown what was read of it.
    ///
    /// # Errors
    /// As [`ClassifyNetwork::forward`].
    pub(super) fn wide(&self, batch: &Batch) -> Result<Option<Tensor<2>>, NnError> {
        let (Some(table), Some(buckets)) = (&self.wide, &batch.wide) else {
            return Ok(None);
        };
        rooted(table.forward(buckets)?, buckets).map(Some)
    }

    /// What the recurrent layers read: `[batch, steps, width]`, and the steps of each row.
    ///
    /// # Errors
    /// As [`ClassifyNetwork::forward`].
    pub(super) fn input(&self, batch: Batch) -> Result<(Tensor<3>, Lengths), NnError> {
        let values = match self.read(batch.items)? {
            Read::Steps(values) => *values,
            Read::Words(sentences, embedding) => embedding.forward(&sentences)?,
        };
        self.stemmed(values, batch.lengths, None)
    }

    fn stemmed(
        &self,
        values: Tensor<3>,
        lengths: Lengths,
        running: Option<&mut Vec<Running>>,
    ) -> Result<(Tensor<3>, Lengths), NnError> {
        match (&self.stem, &self.images) {
            (Some(stem), _) => stem.forward(values, lengths),
            (None, Some(images)) => images.forward(values, running),
            (None, None) => Ok((values, lengths)),
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
        let Some(recurrent) = &self.recurrent else {
            return self.pool(input, lengths);
        };
        let draw = draw.map(|draw| draw.child("recurrent"));
        let (output, _) = recurrent.run(input, Some(lengths), None, draw.as_ref())?;
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
        let layers = self.recurrent.as_ref().map(Recurrent::describe);
        let first = layers.as_ref().and_then(|layers| layers.first());
        first.map_or(1, |layer| layer.states)
    }

    /// One vector from the outputs at all real steps.
    fn pool(&self, output: Tensor<3>, lengths: &Lengths) -> Result<Tensor<2>, NnError> {
        match (&self.attention, self.plan.pool) {
            (Some(attention), _) => Ok(attention.forward(output, Some(lengths))?.0),
            (None, Pool::Mean) => pool::mean(output, Some(lengths)),
            (None, Pool::Last)
                if (self.recurrent.as_ref()).is_some_and(|layers| layers.directions() == 2) =>
            {
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

/// The mean of what the networks of an ensemble give, the first apart as there is always one.
pub(super) fn mean<const D: usize>(first: Tensor<D>, others: Vec<Tensor<D>>) -> Tensor<D> {
    match others.len() {
        0 => first,
        count => others.into_iter().fold(first, |sum, other| sum + other) / (count + 1) as f64,
    }
}

/// The stream of a further network of an ensemble.
fn member_of(stream: &Stream, member: u64) -> Stream {
    stream.child("member").at(member)
}

/// The sum of what the buckets of each text hold over the root of their number.
fn rooted(held: Tensor<3>, buckets: &[Vec<u32>]) -> Result<Tensor<2>, NnError> {
    let roots: Vec<f32> = buckets
        .iter()
        .map(|own| (own.len() as f32).sqrt())
        .collect();
    let roots = TensorData::new(roots, [buckets.len(), 1]);
    let roots = Tensor::<2>::from_data(roots, &held.device());
    Ok(pool::mean(held, Some(&Lengths::of(buckets)?))? * roots)
}

/// The logits of the recurrent layers and what words and pairs add to them.
pub(super) fn beside(logits: Tensor<2>, wide: Option<Tensor<2>>) -> Tensor<2> {
    match wide {
        Some(wide) => logits + wide,
        None => logits,
    }
}
