//! The layers of a decoder.

use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor, TensorData};

use ressac_nn::attention::{Attended, Attention, AttentionConfig, Score};
use ressac_nn::loss::{OutputLoss, OutputLosses};
use ressac_nn::random::Stream;
use ressac_nn::{
    Activation, Embedding, EmbeddingConfig, Lengths, Linear, LinearConfig, NnError, PackedOnce,
    Recurrent, State, drop_out, linear,
};

use crate::cell::CellKind;
use crate::options::RecurrentConfig;
use crate::text::Vectors;

/// What a decoder is made from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DecoderConfig {
    /// The cell of the recurrent layers.
    pub(crate) cell: CellKind,
    /// The recurrent layers.
    pub(crate) recurrent: RecurrentConfig,
    /// Tokens.
    pub(crate) tokens: usize,
    /// Numbers of a token's vector.
    pub(crate) embedding: usize,
    /// Whether the output layer has the weights of the embedding (Press and Wolf 2017).
    pub(crate) tied: bool,
    /// How steps of the encoder are attended to, and how wide they are; nothing without an encoder, or with its last state
    /// alone.
    pub(crate) attention: Option<(Score, usize)>,
    /// Steps over which chrono initialisation spreads its gates.
    pub(crate) memory: usize,
    /// Share of the numbers of token vectors dropped in training.
    pub(crate) embedding_dropout: f64,
    /// Share of the recurrent weights dropped in training.
    pub(crate) weight_dropout: f64,
    /// Whether what is dropped is the same at every step of a sentence (Gal and Ghahramani 2016).
    pub(crate) variational: bool,
}

/// Embedding, recurrent layers, attention and output layer.
#[derive(Module, Debug)]
pub(crate) struct Decoder {
    embedding: Embedding,
    /// The layers below attention; all of them without it.
    first: Recurrent,
    attention: Option<Attention>,
    /// The layers that read the output of `first` and the context.
    rest: Option<Recurrent>,
    /// From what is known at a step to what the output layer reads.
    readout: Option<Linear>,
    /// Of the output layer; those of the embedding where it is tied.
    weights: Option<Param<Tensor<2>>>,
    bias: Param<Tensor<1>>,
    #[module(skip)]
    plan: Plan,
    /// The output layer's weights.
    #[module(skip)]
    packed: PackedOnce,
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    embedding_dropout: f64,
    dropout: f64,
    variational: bool,
}

/// What a decoder carries from step to step.
#[derive(Debug, Clone)]
pub(crate) struct DecoderState {
    first: State,
    rest: Option<State>,
}

impl DecoderState {
    /// A state of these parts, those of all layers one after the other.
    pub(crate) fn new(mut parts: Vec<Tensor<3>>, layers_of_first: usize) -> Self {
        let rest = parts.split_off(layers_of_first.min(parts.len()));
        Self {
            first: State::new(parts),
            rest: (!rest.is_empty()).then(|| State::new(rest)),
        }
    }

    /// The parts of all layers, each `[states, rows, hidden]`.
    pub(crate) fn parts(&self) -> Vec<Tensor<3>> {
        let rest = self.rest.iter().flat_map(|rest| rest.parts());
        self.first.parts().iter().chain(rest).cloned().collect()
    }

    fn map(&self, change: impl Fn(Tensor<3>) -> Tensor<3>) -> Self {
        let of = |state: &State| State::new(state.parts().iter().cloned().map(&change).collect());
        Self {
            first: of(&self.first),
            rest: self.rest.as_ref().map(of),
        }
    }

    /// The states of these rows, in this order.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        self.map(|part| {
            let places: Vec<i64> = rows.iter().map(|row| *row as i64).collect();
            let places = TensorData::new(places, [rows.len()]);
            let places = Tensor::<1, Int>::from_data(places, &part.device());
            part.select(1, places)
        })
    }

    /// The same values, cut off from the graph of training.
    pub(crate) fn detach(&self) -> Self {
        self.map(Tensor::detach)
    }
}

impl DecoderConfig {
    /// Recurrent layers below attention, and above it.
    fn layers(&self) -> [usize; 2] {
        match self.attention {
            None => [self.recurrent.layers, 0],
            Some(_) => [1, self.recurrent.layers - 1],
        }
    }

    fn of_layers(&self, layers: usize) -> RecurrentConfig {
        RecurrentConfig {
            layers,
            residual: self.recurrent.residual && layers > 1,
            ..self.recurrent.clone()
        }
    }

    /// What is known at a step behind the recurrent layers.
    fn known(&self) -> usize {
        match self.attention {
            None => self.recurrent.hidden,
            Some((_, values)) => (self.recurrent.hidden)
                .saturating_add(values)
                .saturating_add(self.embedding),
        }
    }

    /// What the output layer reads.
    fn read(&self) -> usize {
        match self.tied {
            true => self.embedding,
            false => self.recurrent.hidden,
        }
    }

    fn has_readout(&self) -> bool {
        self.attention.is_some() || self.known() != self.read()
    }

    /// The weights of a decoder of these sizes; the largest number there is where it is more.
    pub(crate) fn parameters(&self) -> usize {
        let times = usize::saturating_mul;
        let [first, rest] = self.layers();
        let of = |layers: usize, input: usize| match layers {
            0 => 0,
            _ => (self.of_layers(layers)).parameters(self.cell, input, 1),
        };
        let hidden = self.recurrent.hidden;
        let values = self.attention.map_or(0, |(_, values)| values);
        let attention = match self.attention {
            None => 0,
            Some((Score::Multiplicative, values)) => times(hidden, values),
            Some((Score::Additive, values)) => {
                times(hidden, values).saturating_add(times(hidden, hidden.saturating_add(2)))
            }
        };
        let readout = match self.has_readout() {
            true => times(self.read(), self.known().saturating_add(1)),
            false => 0,
        };
        let output = match self.tied {
            true => self.tokens,
            false => times(self.tokens, self.read().saturating_add(1)),
        };
        [
            times(self.tokens, self.embedding),
            of(first, self.embedding),
            of(rest, hidden.saturating_add(values)),
            attention,
            readout,
            output,
        ]
        .into_iter()
        .fold(0, usize::saturating_add)
    }

    /// A decoder with the weights that `stream` draws; where there are `vectors`, those of its tokens start from them.
    ///
    /// # Errors
    /// A size of zero, or vectors of another width.
    pub(crate) fn init(
        &self,
        stream: &Stream,
        vectors: Option<&Vectors>,
        device: &Device,
    ) -> Result<Decoder, NnError> {
        let [first, rest] = self.layers();
        let hidden = self.recurrent.hidden;
        let layers = |count: usize, input: usize, name: &str| {
            let config = self.of_layers(count);
            let variational = self.variational && count > 1 && config.dropout > 0.0;
            (config.layers_of(self.cell, input, self.memory))
                .with_variational_dropout(variational)
                .with_weight_dropout(self.weight_dropout)
                .init(&stream.child(name), device)
        };
        let attention = self.attention.map(|(score, values)| {
            AttentionConfig::new(score, hidden, values).init(&stream.child("attention"), device)
        });
        let values = self.attention.map_or(0, |(_, values)| values);
        let rest = (rest > 0).then(|| layers(rest, hidden + values, "rest"));
        let readout = self.has_readout().then(|| {
            let activation = match self.attention {
                Some(_) => Activation::Tanh,
                None => Activation::Identity,
            };
            LinearConfig::new(self.known(), self.read())
                .with_activation(activation)
                .init(&stream.child("readout"), device)
        });
        let weights = (!self.tied).then(|| {
            let bound = 1.0 / (self.read() as f64).sqrt();
            let mut generator = stream.child("output").generator();
            let count = self.tokens * self.read();
            let values: Vec<f32> = (0..count)
                .map(|_| (bound * (2.0 * generator.uniform() - 1.0)) as f32)
                .collect();
            let values = TensorData::new(values, [self.tokens, self.read()]);
            Param::from_tensor(Tensor::from_data(values, device))
        });
        Ok(Decoder {
            embedding: embedding(self.tokens, self.embedding, vectors, stream, device)?,
            first: layers(first, self.embedding, "first")?,
            attention: attention.transpose()?,
            rest: rest.transpose()?,
            readout: readout.transpose()?,
            weights,
            bias: Param::from_tensor(Tensor::zeros([self.tokens], device)),
            plan: Plan {
                embedding_dropout: self.embedding_dropout,
                dropout: self.recurrent.dropout,
                variational: self.variational,
            },
            packed: PackedOnce::default(),
        })
    }
}

/// The vectors of tokens, those that others learnt where there are some.
///
/// # Errors
/// A size of zero, or vectors of another width.
pub(crate) fn embedding(
    tokens: usize,
    width: usize,
    vectors: Option<&Vectors>,
    stream: &Stream,
    device: &Device,
) -> Result<Embedding, NnError> {
    let config = EmbeddingConfig::new(tokens, width);
    let stream = stream.child("embedding");
    match vectors {
        Some(vectors) => {
            (config.with_deviation(vectors.deviation())).init_from(vectors.rows(), &stream, device)
        }
        None => (config.with_deviation(1.0 / (width as f64).sqrt())).init(&stream, device),
    }
}

/// What a decoder gives for the tokens it reads.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// What the output layer reads at each step: `[rows, steps, width]`.
    pub(crate) read: Tensor<3>,
    /// The state after the last step.
    pub(crate) state: DecoderState,
    /// What each step attended to: `[rows, steps, sources]`.
    pub(crate) weights: Option<Tensor<3>>,
    /// The outputs of the recurrent layers, before anything is dropped: `[rows, steps, hidden]`.
    pub(crate) outputs: Tensor<3>,
}

impl Decoder {
    /// How the names of the parameters of the first recurrent layers begin, up to the number of the layer.
    pub(crate) const RECURRENT: &'static str = "first.layers.";

    /// The keys of what is to be attended to; nothing where there is no attention.
    ///
    /// # Errors
    /// Values of another width.
    pub(crate) fn attend_to(
        &self,
        values: Tensor<3>,
        lengths: Lengths,
    ) -> Result<Option<Attended>, NnError> {
        let attention = self.attention.as_ref();
        attention
            .map(|layer| layer.attend_to(values, lengths))
            .transpose()
    }

    /// Recurrent layers below attention.
    pub(crate) fn layers_of_first(&self) -> usize {
        self.first.describe().len()
    }

    /// The vectors of tokens.
    pub(crate) fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// Reads tokens, from `state` where there is one; `draw` says what is dropped in training.
    ///
    /// # Errors
    /// A token that is none, or what does not fit the layers.
    pub(crate) fn forward(
        &self,
        tokens: &[Vec<u32>],
        state: Option<DecoderState>,
        to: Option<&Attended>,
        draw: Option<&Stream>,
    ) -> Result<Decoded, NnError> {
        let lengths = Lengths::of(tokens)?;
        // Rows of one length, as those of a stream, need none.
        let longest = tokens.iter().map(Vec::len).max().unwrap_or(0);
        let lengths = tokens
            .iter()
            .any(|row| row.len() < longest)
            .then_some(lengths);
        let lengths = lengths.as_ref();
        let (first, rest) = match state {
            Some(DecoderState { first, rest }) => (Some(first), rest),
            None => (None, None),
        };
        let embedded = self.dropped(
            self.embedding.forward(tokens)?,
            self.plan.embedding_dropout,
            (draw, "embedding"),
        );
        let run = |layers: &Recurrent, input, state, name| {
            layers.run(
                input,
                lengths,
                state,
                draw.map(|draw| draw.child(name)).as_ref(),
            )
        };
        let (outputs, first) = run(&self.first, embedded.clone(), first, "first")?;
        let Some((attention, to)) = self.attention.as_ref().zip(to) else {
            let read = self.dropped(outputs.clone(), self.plan.dropout, (draw, "outputs"));
            return Ok(Decoded {
                read: self.read_out(read)?,
                state: DecoderState { first, rest: None },
                weights: None,
                outputs,
            });
        };
        let (context, weights) = attention.forward(outputs.clone(), lengths, to)?;
        let (outputs, rest) = match &self.rest {
            None => (outputs, None),
            Some(layers) => {
                let below = Tensor::cat(vec![outputs, context.clone()], 2);
                let below = self.dropped(below, self.plan.dropout, (draw, "between"));
                let (outputs, state) = run(layers, below, rest, "rest")?;
                (outputs, Some(state))
            }
        };
        let known = Tensor::cat(vec![outputs.clone(), context, embedded], 2);
        let read = self.read_out(known)?;
        Ok(Decoded {
            read: self.dropped(read, self.plan.dropout, (draw, "readout")),
            state: DecoderState { first, rest },
            weights: Some(weights),
            outputs,
        })
    }

    /// What the output layer reads, from what is known at each step.
    ///
    /// # Errors
    /// Values of another width.
    pub(crate) fn read_out(&self, known: Tensor<3>) -> Result<Tensor<3>, NnError> {
        match &self.readout {
            Some(readout) => readout.forward(known),
            None => Ok(known),
        }
    }

    /// The mean loss of these targets, one for each step of each row, [`ressac_nn::loss::PADDING`] where there is none.
    ///
    /// # Errors
    /// A target that is no token, or none at all.
    pub(crate) fn loss(
        &self,
        read: Tensor<3>,
        targets: &[u32],
        smoothing: f64,
    ) -> Result<OutputLosses, NnError> {
        let [rows, steps, width] = read.dims();
        let (weights, bias) = self.output();
        let loss = OutputLoss::new().with_smoothing(smoothing);
        loss.of(read.reshape([rows * steps, width]), weights, bias, targets)
    }

    /// The logits of each token behind each row: `[rows, tokens]`.
    ///
    /// # Errors
    /// Values of another width.
    pub(crate) fn logits(&self, read: Tensor<2>) -> Result<Tensor<2>, NnError> {
        let (weights, bias) = self.output();
        linear(read, weights, Some(bias), &self.packed)
    }

    fn output(&self) -> (Tensor<2>, Tensor<1>) {
        let weights = match &self.weights {
            Some(weights) => weights.val(),
            None => self.embedding.table(),
        };
        (weights, self.bias.val())
    }

    fn dropped(
        &self,
        values: Tensor<3>,
        probability: f64,
        (draw, name): (Option<&Stream>, &str),
    ) -> Tensor<3> {
        let Some(draw) = draw.filter(|_| probability > 0.0) else {
            return values;
        };
        let draw = draw.child(name);
        if !self.plan.variational {
            return drop_out(values, probability, &draw);
        }
        let [rows, _, width] = values.dims();
        let ones = Tensor::<3>::ones([rows, 1, width], &values.device());
        values * drop_out(ones, probability, &draw)
    }
}
