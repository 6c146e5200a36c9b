//! The recurrent layers that the options ask for.

use ressac_nn::init::Init;
use ressac_nn::{Cell, RecurrentConfig};

use crate::cell::UseCell;
use crate::forecast::choices::Start;
use crate::forecast::config::ForecastConfig;

/// The fewest steps that chrono initialisation spreads its gates over.
const SHORTEST_MEMORY: usize = 3;

/// One layer of a cell.
struct Layer {
    input: usize,
    hidden: usize,
}

impl UseCell for Layer {
    type Output = RecurrentConfig;
    fn with<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>(
        self,
        cell: C,
    ) -> RecurrentConfig
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>,
    {
        RecurrentConfig::new(cell, self.input, self.hidden)
    }
}

/// Layers of the model's cell, with everything that stands around it, that read `input` features.
pub(super) fn recurrent(config: &ForecastConfig, input: usize) -> RecurrentConfig {
    let hidden = config.hidden;
    config
        .cell()
        .give(Layer { input, hidden })
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
