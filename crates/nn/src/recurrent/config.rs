//! What a recurrent network is made from.
use super::Recurrent;
use super::cell::{LayerCell, erase};
use super::choice::{Activation, CellChoice, Gates, Reset, UseCell};
use super::init::Init;
use super::layer::{Direction, Making};
use super::noise::Disturbance;
use crate::random::Stream;
use crate::{Cell, NnError, is_fused};
use burn::tensor::Device;
use ressac_kernels::error::ShapeError;
use ressac_kernels::recurrent::Options;
use std::sync::Arc;

/// Makes the cell of a layer with the given input size.
type MakeCell =
    Arc<dyn Fn(usize, usize, Options) -> Result<Arc<dyn LayerCell>, ShapeError> + Send + Sync>;

/// The sizes of a layer whose cell is to be chosen.
struct Sizes {
    input: usize,
    hidden: usize,
}

impl UseCell for Sizes {
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

/// What a [`Recurrent`] is made from.
///
/// ```
/// use ressac_nn::{RecurrentConfig, random::Stream};
/// let device = burn::tensor::Device::default();
/// let lstm = RecurrentConfig::lstm(8, 64)
///     .with_layers(2)
///     .init(&Stream::new(1, "weights"), &device)?;
/// let input = burn::tensor::Tensor::<3>::zeros([4, 10, 8], &device);
/// let (output, _state) = lstm.forward(input, None, None)?;
/// assert_eq!(output.dims(), [4, 10, 64]);
/// # Ok::<(), ressac_nn::NnError>(())
/// ```
#[derive(Clone)]
pub struct RecurrentConfig {
    make: MakeCell,
    name: &'static str,
    input_size: usize,
    hidden_size: usize,
    layers: usize,
    bidirectional: bool,
    dropout: f64,
    variational: bool,
    disturbance: Disturbance,
    residual: bool,
    learned_state: bool,
    checkpoint_every: Option<usize>,
    options: Options,
    init: Init,
}

impl RecurrentConfig {
    /// One layer, one direction, nothing around the cell. The cell is a value: [`crate::Lstm`], [`crate::Gru`],
    /// [`crate::Elman::tanh()`], another of [`crate::cell`], or one of your own.
    ///
    /// The engine is compiled for the cell's type in the crate that calls this, optimised some twenty seconds of every
    /// rebuild. For a cell that [`CellChoice`] lists take [`RecurrentConfig::of`], [`RecurrentConfig::lstm`],
    /// [`RecurrentConfig::gru`] or [`RecurrentConfig::rnn`]: they give the same layer, compiled once with this crate.
    pub fn new<
        C,
        const COLUMNS: usize,
        const STATES: usize,
        const KEPT: usize,
        const UNITS: usize,
    >(
        cell: C,
        input_size: usize,
        hidden_size: usize,
    ) -> Self
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>,
    {
        Self {
            make: Arc::new(move |input, hidden, options| {
                erase(cell.clone(), input, hidden, options)
            }),
            name: C::NAME,
            input_size,
            hidden_size,
            layers: 1,
            bidirectional: false,
            dropout: 0.0,
            variational: false,
            disturbance: Disturbance::default(),
            residual: false,
            learned_state: false,
            checkpoint_every: None,
            options: Options::default(),
            init: Init::pytorch(),
        }
    }

    /// As [`RecurrentConfig::new`], for a cell chosen by value, without compiling anything in the caller's crate.
    pub fn of(cell: CellChoice, input_size: usize, hidden_size: usize) -> Self {
        cell.give(Sizes {
            input: input_size,
            hidden: hidden_size,
        })
    }

    /// The LSTM whose gates read the input and the output of the step before: [`crate::Lstm`].
    pub fn lstm(input_size: usize, hidden_size: usize) -> Self {
        Self::of(CellChoice::Lstm(Gates::Hidden), input_size, hidden_size)
    }

    /// The GRU with the reset after the product, as in PyTorch: [`crate::Gru`].
    pub fn gru(input_size: usize, hidden_size: usize) -> Self {
        Self::of(CellChoice::Gru(Reset::After), input_size, hidden_size)
    }

    /// The simple unit with φ = tanh: [`crate::Elman::tanh()`].
    pub fn rnn(input_size: usize, hidden_size: usize) -> Self {
        Self::of(CellChoice::Rnn(Activation::Tanh), input_size, hidden_size)
    }

    /// Layers on top of one another; each after the first reads the output of the one below.
    #[must_use]
    pub const fn with_layers(mut self, layers: usize) -> Self {
        self.layers = layers;
        self
    }

    /// A second set of weights that reads from the last real step to the first; its output stands after
    /// the forward one's in the features.
    #[must_use]
    pub const fn with_bidirectional(mut self, bidirectional: bool) -> Self {
        self.bidirectional = bidirectional;
        self
    }

    /// Probability of dropping a value between layers in [`Recurrent::forward_train`] (Zaremba et al.
    /// 2014). Nothing is dropped after the last layer, so it takes two: [`RecurrentConfig::init`] refuses it on one.
    /// What a head reads is dropped by [`crate::drop_out`], the state between steps by
    /// [`RecurrentConfig::with_recurrent_dropout`].
    #[must_use]
    pub const fn with_dropout(mut self, dropout: f64) -> Self {
        self.dropout = dropout;
        self
    }

    /// Whether the dropout between layers drops the same features at every step of a sequence (Gal & Ghahramani
    /// 2016) instead of drawing anew for each step. Goes with [`RecurrentConfig::with_dropout`].
    #[must_use]
    pub const fn with_variational_dropout(mut self, variational: bool) -> Self {
        self.variational = variational;
        self
    }

    /// Probability of dropping a unit of the fed-back state before the recurrent product, the same units at every
    /// step of a sequence (Gal & Ghahramani 2016), in [`Recurrent::forward_train`].
    #[must_use]
    pub const fn with_recurrent_dropout(mut self, probability: f64) -> Self {
        self.disturbance.recurrent = probability;
        self
    }

    /// Probability of dropping a recurrent weight, the same ones at every step of a call and for every row (DropConnect
    /// on the recurrent weights, the weight-dropped LSTM of Merity et al. 2018), in [`Recurrent::forward_train`].
    #[must_use]
    pub const fn with_weight_dropout(mut self, probability: f64) -> Self {
        self.disturbance.weights = probability;
        self
    }

    /// Zoneout (Krueger et al. 2017): probabilities that a unit of h, and of the states beside it (c), keeps its value
    /// of the step before. [`Recurrent::forward_train`] draws them; [`Recurrent::forward`] and `step` take the
    /// expectation, as the paper does. Not with a projection.
    #[must_use]
    pub const fn with_zoneout(mut self, output: f64, others: f64) -> Self {
        self.disturbance.zoneout = [output, others];
        self
    }

    /// Layer normalisation of every gate (Ba, Kiros & Hinton 2016): see [`Options::normalised`].
    #[must_use]
    pub const fn with_normalisation(mut self, normalised: bool) -> Self {
        self.options.normalised = normalised;
        self
    }

    /// Projects the output of each layer to this width before it is fed back (LSTMP, Sak et al. 2014; PyTorch's
    /// `proj_size`). For LSTMs and simple units.
    #[must_use]
    pub const fn with_projection(mut self, width: usize) -> Self {
        self.options.projection = Some(width);
        self
    }

    /// Adds to the output of each layer its input, where both are as wide: usually from the second layer on.
    #[must_use]
    pub const fn with_residual(mut self, residual: bool) -> Self {
        self.residual = residual;
        self
    }

    /// Learns the state that sequences start from where none is given, from zero.
    #[must_use]
    pub const fn with_learned_state(mut self, learned: bool) -> Self {
        self.learned_state = learned;
        self
    }

    /// In training, keeps the states only every so many steps and runs the steps between again when going back: less
    /// memory for one more forward pass ([`ressac_kernels::recurrent::checkpoint`]). Only the fused kernels do it.
    #[must_use]
    pub const fn with_checkpoints_every(mut self, steps: usize) -> Self {
        self.checkpoint_every = Some(steps);
        self
    }

    /// Where the parameters start; without it as in PyTorch ([`Init::pytorch`]).
    #[must_use]
    pub const fn with_init(mut self, init: Init) -> Self {
        self.init = init;
        self
    }

    fn check(&self) -> Result<(), NnError> {
        let refuse = |what: &str, expected: &str, found: String| {
            Err(NnError::shape(
                format!("{}: {what}", self.name),
                expected,
                found,
            ))
        };
        if self.layers == 0 {
            return refuse("layers", "at least 1", "0".into());
        }
        for (what, probability) in [
            ("dropout", self.dropout),
            ("recurrent dropout", self.disturbance.recurrent),
            ("weight dropout", self.disturbance.weights),
            ("zoneout", self.disturbance.zoneout[0]),
            ("zoneout", self.disturbance.zoneout[1]),
        ] {
            if !(0.0..1.0).contains(&probability) {
                let expected = "a probability from 0 to below 1";
                return refuse(what, expected, probability.to_string());
            }
        }
        if self.layers == 1 && self.dropout > 0.0 {
            return refuse(
                "dropout",
                "two layers or more, for it to stand between (`drop_out` drops values behind the last)",
                format!("{} on one layer", self.dropout),
            );
        }
        if self.variational && self.dropout == 0.0 {
            let expected = "a dropout between layers to apply it to (`with_dropout`)";
            return refuse("variational dropout", expected, "none".into());
        }
        if self.checkpoint_every == Some(0) {
            return refuse("checkpoints", "every step or more", "every 0 steps".into());
        }
        if self.options.projection.is_some() && self.disturbance.zoneout != [0.0; 2] {
            return refuse("zoneout", "no projection beside it", "a projection".into());
        }
        if self.residual {
            let output = self.options.projection.unwrap_or(self.hidden_size)
                * if self.bidirectional { 2 } else { 1 };
            if self.layers == 1 && self.input_size != output {
                return refuse(
                    "residual",
                    "two layers, or an input as wide as the output",
                    format!("one layer from {} to {output} features", self.input_size),
                );
            }
        }
        Ok(())
    }

    /// Makes the layer, its parameters drawn from `stream`.
    ///
    /// # Errors
    /// A size of zero, a probability outside \[0, 1), dropout between layers where there is one, options that do not go
    /// together or with this cell, or an initialisation that is not for this cell ([`Init::values`]).
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<Recurrent, NnError> {
        self.check()?;
        let directions = if self.bidirectional { 2 } else { 1 };
        let output = self.options.projection.unwrap_or(self.hidden_size);
        let mut layers = Vec::with_capacity(self.layers * directions);
        for layer in 0..self.layers {
            let input = if layer == 0 {
                self.input_size
            } else {
                output * directions
            };
            for direction in 0..directions {
                let cell = (self.make)(input, self.hidden_size, self.options)?;
                if self.disturbance.recurrent > 0.0
                    && !cell.engine().sources().iter().any(|s| s.reads_state())
                {
                    return Err(NnError::shape(
                        format!("{}: recurrent dropout", self.name),
                        "a cell that reads its state through weights",
                        "a minimal one",
                    ));
                }
                let stream = stream.at(layer as u64).at(direction as u64);
                let making = Making {
                    reverse: direction == 1,
                    init: &self.init,
                    learned_state: self.learned_state,
                    checkpoint_every: self.checkpoint_every,
                };
                layers.push(Direction::new(cell, &making, &stream, device)?);
            }
        }
        log::debug!(
            "{}: input {}, hidden {}, {} layers, {} directions: {}",
            self.name,
            self.input_size,
            self.hidden_size,
            self.layers,
            directions,
            if is_fused(device) {
                "fused kernels"
            } else {
                "composed of Burn operations"
            }
        );
        Ok(Recurrent {
            layers,
            directions,
            dropout: self.dropout,
            variational: self.variational,
            residual: self.residual,
            disturbance: self.disturbance,
        })
    }
}
