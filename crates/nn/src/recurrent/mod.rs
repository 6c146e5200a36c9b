//! Recurrent layers: stacked, in one or both directions, over any cell.
mod cell;
mod fallback;
pub mod init;
mod layer;
mod operation;
mod state;

pub use state::State;

use crate::random::Stream;
use crate::{Cell, Lengths, NnError, drop_out, is_fused};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use cell::{LayerCell, erase};
use init::Init;
use layer::Direction;
use ressac_kernels::error::ShapeError;
use std::sync::Arc;

/// Makes the cell of a layer with the given input size.
type MakeCell = Arc<dyn Fn(usize, usize) -> Result<Arc<dyn LayerCell>, ShapeError> + Send + Sync>;

/// What a [`Recurrent`] is made from.
///
/// ```
/// use ressac_nn::{Lstm, RecurrentConfig, random::Stream};
/// let device = burn::tensor::Device::default();
/// let lstm = RecurrentConfig::new(Lstm, 8, 64)
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
    init: Init,
}

impl RecurrentConfig {
    /// One layer, one direction, no dropout. The cell is a value: [`crate::Lstm`], [`crate::Gru`],
    /// [`crate::Elman::tanh()`], or one of your own.
    pub fn new<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
        cell: C,
        input_size: usize,
        hidden_size: usize,
    ) -> Self
    where
        C: Cell<COLUMNS, STATES, KEPT>,
    {
        Self {
            make: Arc::new(move |input, hidden| erase(cell.clone(), input, hidden)),
            name: C::NAME,
            input_size,
            hidden_size,
            layers: 1,
            bidirectional: false,
            dropout: 0.0,
            init: Init::pytorch(),
        }
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
    /// 2014); nothing is dropped after the last layer.
    #[must_use]
    pub const fn with_dropout(mut self, dropout: f64) -> Self {
        self.dropout = dropout;
        self
    }

    /// Where the parameters start; without it as in PyTorch ([`Init::pytorch`]).
    #[must_use]
    pub const fn with_init(mut self, init: Init) -> Self {
        self.init = init;
        self
    }

    /// Makes the layer, its parameters drawn from `stream`.
    ///
    /// # Errors
    /// A size of zero, a dropout outside \[0, 1), or an initialisation that is not for this cell
    /// ([`Init::values`]).
    pub fn init(&self, stream: &Stream, device: &Device) -> Result<Recurrent, NnError> {
        if self.layers == 0 {
            return Err(NnError::shape(
                format!("{}: layers", self.name),
                "at least 1",
                "0",
            ));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(NnError::shape(
                format!("{}: dropout", self.name),
                "a probability from 0 to below 1",
                self.dropout.to_string(),
            ));
        }
        let directions = if self.bidirectional { 2 } else { 1 };
        let mut layers = Vec::with_capacity(self.layers * directions);
        for layer in 0..self.layers {
            let input = if layer == 0 {
                self.input_size
            } else {
                self.hidden_size * directions
            };
            for direction in 0..directions {
                let cell = (self.make)(input, self.hidden_size)?;
                let stream = stream.at(layer as u64).at(direction as u64);
                let direction = Direction::new(cell, direction == 1, &self.init, &stream, device)?;
                layers.push(direction);
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
        })
    }
}

/// A recurrent network: layers of a cell over time.
///
/// # Parameters
/// `layers.{layer · directions + direction}.{input_weights, recurrent_weights, bias}`, in the shapes
/// [`Cell`] describes.
#[derive(Module, Debug)]
pub struct Recurrent {
    layers: Vec<Direction>,
    #[module(skip)]
    directions: usize,
    #[module(skip)]
    dropout: f64,
}

impl Recurrent {
    /// Runs sequences: `input [batch, time, features]` to `output [batch, time, hidden · directions]` and
    /// the state after each row's last real step. Without `lengths` all rows have `time` steps; without
    /// `state` they start from zero. Nothing is dropped: see [`Recurrent::forward_train`].
    ///
    /// # Errors
    /// Features, lengths or a state that do not fit.
    pub fn forward(
        &self,
        input: Tensor<3>,
        lengths: Option<&Lengths>,
        state: Option<State>,
    ) -> Result<(Tensor<3>, State), NnError> {
        self.run(input, lengths, state, None)
    }

    /// As [`Recurrent::forward`], with dropout between the layers, its masks drawn from `draw`: give it a
    /// stream of its own for each training step.
    ///
    /// # Errors
    /// As [`Recurrent::forward`].
    pub fn forward_train(
        &self,
        input: Tensor<3>,
        lengths: Option<&Lengths>,
        state: Option<State>,
        draw: &Stream,
    ) -> Result<(Tensor<3>, State), NnError> {
        self.run(input, lengths, state, Some(draw))
    }

    /// One step of a stream: `input [batch, features]` to `output [batch, hidden]`. T steps give the bits
    /// of one `forward` over T.
    ///
    /// # Errors
    /// As [`Recurrent::forward`]; and a bidirectional layer, which needs the whole sequence.
    pub fn step(
        &self,
        input: Tensor<2>,
        state: Option<State>,
    ) -> Result<(Tensor<2>, State), NnError> {
        if self.directions > 1 {
            return Err(NnError::shape(
                format!("{}: step", self.layers[0].name()),
                "a layer in one direction (the reverse one reads the future first)",
                "a bidirectional layer",
            ));
        }
        let (output, state) = self.run(input.unsqueeze_dim(1), None, state, None)?;
        Ok((output.squeeze_dim(1), state))
    }

    /// Features of the output: hidden · directions.
    pub fn output_size(&self) -> usize {
        self.layers[0].hidden() * self.directions
    }

    fn run(
        &self,
        input: Tensor<3>,
        lengths: Option<&Lengths>,
        state: Option<State>,
        draw: Option<&Stream>,
    ) -> Result<(Tensor<3>, State), NnError> {
        let [batch, time, _] = input.dims();
        if let Some(state) = &state {
            state.check(
                self.layers.len(),
                self.layers[0].states(),
                batch,
                self.layers[0].hidden(),
            )?;
        }
        if batch == 0 || time == 0 {
            return Err(NnError::shape(
                format!("{}: input", self.layers[0].name()),
                "at least one row and one step",
                format!("batch {batch}, time {time}"),
            ));
        }
        let mut values = input;
        let mut finals = Vec::with_capacity(self.layers.len());
        for (layer, directions) in self.layers.chunks(self.directions).enumerate() {
            if let Some(draw) = draw
                && layer > 0
                && self.dropout > 0.0
            {
                values = drop_out(values, self.dropout, &draw.at(layer as u64));
            }
            let mut outputs = Vec::with_capacity(self.directions);
            for (direction, weights) in directions.iter().enumerate() {
                let initial = state
                    .as_ref()
                    .map(|state| state.part(layer * self.directions + direction));
                let (output, last) = weights.forward(values.clone(), lengths, initial)?;
                outputs.push(output);
                finals.push(last);
            }
            values = match outputs.len() {
                1 => outputs.remove(0),
                _ => Tensor::cat(outputs, 2),
            };
        }
        Ok((values, State::new(finals)))
    }
}
