//! The options of recurrent layers, shared by every family that has some.

use ressac_nn::RecurrentConfig as Layers;
use ressac_nn::init::Init;

use super::options;
use super::value::from_text;
use crate::ModelError;
use crate::cell::{Activation, CellChoice, CellKind, Gates, Reset};
use crate::error::option_error;
use crate::ranges;
use crate::words::words;

/// The fewest steps that chrono initialisation spreads its gates over.
const SHORTEST_MEMORY: usize = 3;

words! {
    /// Where the weights of the recurrent layers start.
    Start: "initialisation" {
        /// Uniform on ±1/√hidden.
        Pytorch = "pytorch",
        /// Xavier and orthogonal weights, bias zero, forget gate 1.
        Keras = "keras",
        /// Xavier and orthogonal weights block by block, bias zero (Saxe et al. 2014).
        Orthogonal = "orthogonal",
        /// As orthogonal, with gates that forget over all times up to the context (Tallec and Ollivier 2018).
        Chrono = "chrono",
    }
}

from_text!(Start, "an initialisation in quotes");
from_text!(Activation, "an activation in quotes");
from_text!(Gates, "a state in quotes");
from_text!(Reset, "a place in quotes");

options! {
    /// Options of recurrent layers.
    pub RecurrentOptions => RecurrentConfig {
        "Network" {
            /// Hidden units of a layer
            hidden "N" ["64"]: usize => usize,
            /// Recurrent layers
            layers "N" ["1"]: usize => usize,
            /// Share of values dropped in training, between layers and before the output layer
            dropout "SHARE" ["0.1"]: f64 => f64,
        }
        "Recurrent layers" {
            /// Activation of the model rnn: tanh, relu, sigmoid or identity
            activation "PHI" ["tanh"]: Activation => Option<Activation>,
            /// What the gates of the model lstm read: hidden, cell or peephole
            gates "STATE" ["hidden"]: Gates => Option<Gates>,
            /// Reset gate of the model gru, after or before the product
            reset "WHERE" ["after"]: Reset => Option<Reset>,
            /// Share of fed-back units dropped in training, the same ones at every step
            recurrent_dropout "SHARE" ["0"]: f64 => f64,
            /// Share of state values that keep their value in a training step, at random (zoneout)
            zoneout "SHARE" ["0"]: f64 => f64,
            /// Normalise every gate over its units (layer normalisation)
            layer_norm "yes|no" ["no"]: bool => bool,
            /// Add the input of each layer to its output, from the second layer on
            residual "yes|no" ["no"]: bool => bool,
            /// Initial weights: pytorch, keras, orthogonal or chrono
            init "INIT" ["pytorch"]: Start => Start,
        }
    }
}

impl RecurrentOptions {
    /// The options with their defaults: `hidden`, `layers` and `dropout` are the family's. `kind` is the cell whose form
    /// is chosen; absent for a network whose form is fixed.
    pub fn resolve(
        &self,
        kind: Option<CellKind>,
        (hidden, layers, dropout): (usize, usize, f64),
    ) -> RecurrentConfig {
        let is = |wanted: CellKind| kind == Some(wanted);
        RecurrentConfig {
            hidden: self.hidden.unwrap_or(hidden),
            layers: self.layers.unwrap_or(layers),
            dropout: self.dropout.unwrap_or(dropout),
            // Given for another cell they are refused by `check`.
            activation: self
                .activation
                .or(is(CellKind::Rnn).then_some(Activation::Tanh)),
            gates: self.gates.or(is(CellKind::Lstm).then_some(Gates::Hidden)),
            reset: self.reset.or(is(CellKind::Gru).then_some(Reset::After)),
            recurrent_dropout: self.recurrent_dropout.unwrap_or(0.0),
            zoneout: self.zoneout.unwrap_or(0.0),
            layer_norm: self.layer_norm.unwrap_or(false),
            residual: self.residual.unwrap_or(false),
            init: self.init.unwrap_or(Start::Pytorch),
        }
    }
}

impl RecurrentConfig {
    /// The cell of this kind, in the form that the options say.
    pub fn cell(&self, kind: CellKind) -> CellChoice {
        match kind {
            CellKind::Rnn => CellChoice::Rnn(self.activation.unwrap_or(Activation::Tanh)),
            CellKind::Lstm => CellChoice::Lstm(self.gates.unwrap_or(Gates::Hidden)),
            CellKind::Gru => CellChoice::Gru(self.reset.unwrap_or(Reset::After)),
            CellKind::MinimalGru => CellChoice::MinimalGru,
            CellKind::MinimalLstm => CellChoice::MinimalLstm,
        }
    }

    /// Layers of this kind's cell that read `input` features, with everything that stands around them; chrono
    /// initialisation spreads its gates over `memory` steps.
    pub fn layers_of(&self, kind: CellKind, input: usize, memory: usize) -> Layers {
        // Dropout between layers; with one layer it stands before the output layer alone.
        let between = if self.layers > 1 { self.dropout } else { 0.0 };
        Layers::of(self.cell(kind), input, self.hidden)
            .with_layers(self.layers)
            .with_dropout(between)
            .with_recurrent_dropout(self.recurrent_dropout)
            .with_zoneout(self.zoneout, self.zoneout)
            .with_normalisation(self.layer_norm)
            .with_residual(self.residual)
            .with_init(match self.init {
                Start::Pytorch => Init::pytorch(),
                Start::Keras => Init::keras(),
                Start::Orthogonal => Init::orthogonal(),
                Start::Chrono => Init::chrono(memory.max(SHORTEST_MEMORY)),
            })
    }

    /// These layers in a few words: `bidirectional lstm · 2 layers of 64`.
    pub fn described(&self, kind: CellKind, directions: usize) -> String {
        let directions = if directions == 2 {
            "bidirectional "
        } else {
            ""
        };
        let layers = match self.layers {
            1 => "1 layer".to_owned(),
            count => format!("{count} layers"),
        };
        format!("{directions}{kind} · {layers} of {}", self.hidden)
    }

    /// The weights of these layers where they read `input` features.
    pub fn parameters(&self, kind: CellKind, input: usize, directions: usize) -> usize {
        let sizes = self.cell(kind).size();
        let features = self.hidden.saturating_mul(directions);
        let gains = if self.layer_norm { sizes.columns } else { 0 };
        let own = sizes.columns + gains + sizes.units;
        (0..self.layers).fold(0, |total, layer| {
            let input = if layer == 0 { input } else { features };
            let row = (sizes.inputs.saturating_mul(input))
                .saturating_add(sizes.states.saturating_mul(self.hidden))
                .saturating_add(own);
            total.saturating_add(features.saturating_mul(row))
        })
    }

    /// The values that these layers keep of a step of one sequence for the backward pass: of each layer its gates, its
    /// state and output, and the gradients of both.
    pub fn kept_per_step(&self, kind: CellKind, directions: usize) -> usize {
        let gates = self.cell(kind).size().inputs;
        [self.hidden, directions, 2 * (gates + 2)]
            .into_iter()
            .fold(self.layers, usize::saturating_mul)
    }

    /// Refuses values out of their range, and what does not concern the cell or cannot stand around it.
    ///
    /// # Errors
    /// [`ModelError::Options`] naming the key.
    pub fn check(&self, kind: CellKind) -> Result<(), ModelError> {
        for (key, value, most) in [
            // Weights of more would not fit into the memory of the machines this is made for.
            ("hidden", self.hidden, 16_384),
            ("layers", self.layers, 64),
        ] {
            ranges::at_least_one(key, value)?;
            if value > most {
                return Err(option_error(
                    key,
                    &format!("is {value}; it is at most {most}"),
                ));
            }
        }
        for (key, share) in [
            ("dropout", self.dropout),
            ("recurrent_dropout", self.recurrent_dropout),
            ("zoneout", self.zoneout),
        ] {
            ranges::share(key, share)?;
        }
        for (key, given, wanted) in [
            ("activation", self.activation.is_some(), CellKind::Rnn),
            ("gates", self.gates.is_some(), CellKind::Lstm),
            ("reset", self.reset.is_some(), CellKind::Gru),
        ] {
            if given && kind != wanted {
                return Err(option_error(
                    key,
                    &format!("is for the model `{wanted}`; the model is `{kind}`"),
                ));
            }
        }
        let minimal = matches!(kind, CellKind::MinimalGru | CellKind::MinimalLstm);
        if minimal && self.recurrent_dropout > 0.0 {
            return Err(option_error(
                "recurrent_dropout",
                &format!("drops what the gates read of the state, and those of `{kind}` read none"),
            ));
        }
        if self.residual && self.layers < 2 {
            return Err(option_error(
                "residual",
                "adds the input of a layer to its output, which are as wide from the second layer on: it needs `layers = 2` or more",
            ));
        }
        if self.init == Start::Chrono && kind == CellKind::Rnn {
            return Err(option_error(
                "init",
                "is `chrono`, which sets the gates that keep the state, and the model `rnn` has none; take `orthogonal`",
            ));
        }
        Ok(())
    }
}
