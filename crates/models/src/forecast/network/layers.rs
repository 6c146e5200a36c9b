//! The recurrent layers that the options ask for.

use ressac_nn::RecurrentConfig;
use ressac_nn::cell::{Elman, Gru, GruBefore, Identity, Lstm, MinimalGru, MinimalLstm, Sigmoid};
use ressac_nn::init::Init;

use crate::forecast::choices::{Activation, Gates, ModelKind, Reset, Start};
use crate::forecast::config::ForecastConfig;

/// The fewest steps that chrono initialisation spreads its gates over.
const SHORTEST_MEMORY: usize = 3;

/// Layers of the model's cell, with everything that stands around it, that read `input` features.
pub(super) fn recurrent(config: &ForecastConfig, input: usize) -> RecurrentConfig {
    let hidden = config.hidden;
    let layers = match config.model {
        ModelKind::Rnn => match config.activation.unwrap_or(Activation::Tanh) {
            Activation::Tanh => RecurrentConfig::new(Elman::tanh(), input, hidden),
            Activation::Relu => RecurrentConfig::new(Elman::relu(), input, hidden),
            Activation::Sigmoid => RecurrentConfig::new(Elman::new(Sigmoid), input, hidden),
            Activation::Identity => RecurrentConfig::new(Elman::new(Identity), input, hidden),
        },
        ModelKind::Lstm => match config.gates.unwrap_or(Gates::Hidden) {
            Gates::Hidden => RecurrentConfig::new(Lstm, input, hidden),
            Gates::Cell => RecurrentConfig::new(Lstm::from_cell(), input, hidden),
            Gates::Peephole => RecurrentConfig::new(Lstm::peephole(), input, hidden),
        },
        ModelKind::Gru | ModelKind::Segment => match config.reset.unwrap_or(Reset::After) {
            Reset::After => RecurrentConfig::new(Gru, input, hidden),
            Reset::Before => RecurrentConfig::new(GruBefore, input, hidden),
        },
        ModelKind::MinimalGru => RecurrentConfig::new(MinimalGru, input, hidden),
        ModelKind::MinimalLstm => RecurrentConfig::new(MinimalLstm, input, hidden),
    };
    layers
        .with_layers(config.layers)
        .with_dropout(config.dropout)
        .with_recurrent_dropout(config.recurrent_dropout)
        .with_zoneout(config.zoneout, config.zoneout)
        .with_normalisation(config.layer_norm)
        .with_residual(config.residual)
        .with_init(match config.init {
            Start::Pytorch => Init::pytorch(),
            Start::Keras => Init::keras(),
            Start::Orthogonal => Init::orthogonal(),
            Start::Chrono => Init::chrono(config.context.max(SHORTEST_MEMORY)),
        })
}
