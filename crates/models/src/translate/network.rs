//! The network: an encoder over the source, and the decoder that starts from its last state.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::attention::Attended;
use ressac_nn::loss::OutputLosses;
use ressac_nn::random::Stream;
use ressac_nn::{
    Activation, Embedding, Lengths, Linear, LinearConfig, NnError, Recurrent, drop_out,
};

use super::config::TranslateConfig;
use super::encoded::Batch;
use super::pipeline::TranslatePipeline;
use crate::decoder::{Decoder, DecoderConfig, DecoderState, embedding};
use crate::text::Vectors;

/// Encoder and decoder.
#[derive(Module, Debug)]
pub struct TranslateNetwork {
    /// The vectors of source tokens; none where they are those of the decoder.
    embedding: Option<Embedding>,
    encoder: Recurrent,
    /// From the encoder's last states to the decoder's first.
    bridge: Linear,
    pub(super) decoder: Decoder,
    #[module(skip)]
    plan: Plan,
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    embedding_dropout: f64,
    dropout: f64,
    /// States of a layer of the decoder, and how wide one is.
    states: usize,
    hidden: usize,
    layers: usize,
}

/// What the encoder gives of some sources.
#[derive(Debug)]
pub(super) struct Sources {
    /// Where the decoder starts.
    pub(super) state: DecoderState,
    /// What it attends to.
    pub(super) to: Option<Attended>,
}

/// The sizes of the decoder.
pub(super) fn decoder_config(
    config: &TranslateConfig,
    pipeline: &TranslatePipeline,
) -> DecoderConfig {
    let values = config.recurrent.hidden.saturating_mul(config.directions());
    DecoderConfig {
        cell: config.model,
        recurrent: config.recurrent.clone(),
        tokens: pipeline.targets().count(),
        embedding: config.embedding(),
        tied: config.tied,
        attention: config.attention.score().map(|score| (score, values)),
        memory: pipeline.median_steps,
        embedding_dropout: config.texts.embedding_dropout.unwrap_or(0.0),
        weight_dropout: 0.0,
        variational: config.variational,
    }
}

/// Numbers that the bridge reads and gives.
fn bridge(config: &TranslateConfig) -> [usize; 2] {
    let states = config
        .cell()
        .size()
        .carried
        .saturating_mul(config.recurrent.hidden);
    [
        states.saturating_mul(config.directions()),
        states.saturating_mul(config.recurrent.layers),
    ]
}

impl TranslateNetwork {
    /// The weights of a network of these sizes; the largest number there is where it is more.
    pub(super) fn parameters(config: &TranslateConfig, pipeline: &TranslatePipeline) -> usize {
        let own = match config.shared_vocabulary {
            true => 0,
            false => pipeline
                .sources
                .vectors()
                .saturating_mul(config.embedding()),
        };
        let encoder =
            (config.recurrent).parameters(config.model, config.embedding(), config.directions());
        let [from, to] = bridge(config);
        own.saturating_add(encoder)
            .saturating_add(to.saturating_mul(from.saturating_add(1)))
            .saturating_add(decoder_config(config, pipeline).parameters())
    }

    /// A network with the weights that `stream` draws; vectors of words are those of sources.
    ///
    /// # Errors
    /// A size of zero, or vectors of another width.
    pub(super) fn new(
        config: &TranslateConfig,
        pipeline: &TranslatePipeline,
        vectors: Option<&Vectors>,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let own = (!config.shared_vocabulary).then(|| {
            let tokens = pipeline.sources.vectors();
            embedding(
                tokens,
                config.embedding(),
                vectors,
                &stream.child("sources"),
                device,
            )
        });
        let variational = config.variational && config.recurrent.layers > 1;
        let encoder = (config.recurrent)
            .layers_of(config.model, config.embedding(), pipeline.median_steps)
            .with_bidirectional(config.bidirectional)
            .with_variational_dropout(variational && config.recurrent.dropout > 0.0)
            .init(&stream.child("encoder"), device)?;
        let [from, to] = bridge(config);
        let of_decoder = vectors.filter(|_| config.shared_vocabulary);
        Ok(Self {
            embedding: own.transpose()?,
            encoder,
            bridge: LinearConfig::new(from, to)
                .with_activation(Activation::Tanh)
                .init(&stream.child("bridge"), device)?,
            decoder: decoder_config(config, pipeline).init(
                &stream.child("decoder"),
                of_decoder,
                device,
            )?,
            plan: Plan {
                embedding_dropout: config.texts.embedding_dropout.unwrap_or(0.0),
                dropout: config.recurrent.dropout,
                states: config.cell().size().carried,
                hidden: config.recurrent.hidden,
                layers: config.recurrent.layers,
            },
        })
    }

    /// Reads sources; `draw` says what is dropped in training.
    ///
    /// # Errors
    /// A source without a token, or a token that is none.
    pub(super) fn encode(
        &self,
        sources: &[Vec<u32>],
        draw: Option<&Stream>,
    ) -> Result<Sources, NnError> {
        let lengths = Lengths::of(sources)?;
        let table = self.embedding.as_ref().unwrap_or(self.decoder.embedding());
        let embedded = dropped(
            table.forward(sources)?,
            self.plan.embedding_dropout,
            (draw, "sources"),
        );
        let of_layers = draw.map(|draw| draw.child("encoder"));
        let (outputs, state) =
            (self.encoder).run(embedded, Some(&lengths), None, of_layers.as_ref())?;
        let parts = state.parts();
        // The last layer's, in each direction; of each its states side by side.
        let last = parts[parts.len() - self.encoder.directions()..].iter();
        let last: Vec<Tensor<2>> = last.flat_map(states_of).collect();
        let first = self.bridge.forward(Tensor::cat(last, 1))?;
        let Plan {
            states,
            hidden,
            layers,
            ..
        } = self.plan;
        let parts = (0..layers).map(|layer| {
            let of = |state: usize| {
                let from = (layer * states + state) * hidden;
                first.clone().narrow(1, from, hidden).unsqueeze_dim::<3>(0)
            };
            Tensor::cat((0..states).map(of).collect(), 0)
        });
        let state = DecoderState::new(parts.collect(), self.decoder.layers_of_first());
        let outputs = dropped(outputs, self.plan.dropout, (draw, "encoded"));
        Ok(Sources {
            state,
            to: self.decoder.attend_to(outputs, lengths)?,
        })
    }

    /// The loss of each step of some pairs.
    ///
    /// # Errors
    /// As [`TranslateNetwork::encode`].
    pub(super) fn loss(
        &self,
        batch: &Batch,
        smoothing: f64,
        draw: Option<&Stream>,
    ) -> Result<OutputLosses, NnError> {
        let Sources { state, to } = self.encode(&batch.sources, draw)?;
        let decoded = self.decoder.forward(
            &batch.read,
            Some(state),
            to.as_ref(),
            draw.map(|draw| draw.child("decoder")).as_ref(),
        )?;
        self.decoder.loss(decoded.read, &batch.next, smoothing)
    }
}

fn states_of(part: &Tensor<3>) -> Vec<Tensor<2>> {
    let [states, _, _] = part.dims();
    let of = |state: usize| part.clone().narrow(0, state, 1).squeeze_dim(0);
    (0..states).map(of).collect()
}

fn dropped(
    values: Tensor<3>,
    probability: f64,
    (draw, name): (Option<&Stream>, &str),
) -> Tensor<3> {
    match draw.filter(|_| probability > 0.0) {
        Some(draw) => drop_out(values, probability, &draw.child(name)),
        None => values,
    }
}
