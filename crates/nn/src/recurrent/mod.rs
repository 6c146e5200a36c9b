//! Recurrent layers: stacked, in one or both directions, over any cell.
mod cell;
pub mod choice;
mod config;
mod fallback;
pub mod init;
mod layer;
mod noise;
mod operation;
mod parameters;
mod parted;
mod state;

pub use config::RecurrentConfig;
pub use state::State;

use crate::random::Stream;
use crate::{Lengths, NnError, drop_out};
use burn::module::Module;
use burn::tensor::Tensor;
use layer::{Direction, part_shape};
use noise::Disturbance;
use ressac_kernels::recurrent::Recurrence;

/// A recurrent network: layers of a cell over time.
///
/// # Parameters
/// `layers.{layer · directions + direction}.{input_weights, recurrent_weights, bias}`, in the shapes
/// [`crate::Cell`] describes; and where there are any `unit_weights [unit weights, hidden]` (peepholes),
/// `gain [columns · hidden]`, `projection_weights [output, hidden]`, `initial_state.{state} [width]`.
#[derive(Module, Debug)]
pub struct Recurrent {
    layers: Vec<Direction>,
    #[module(skip)]
    directions: usize,
    #[module(skip)]
    dropout: f64,
    #[module(skip)]
    variational: bool,
    #[module(skip)]
    residual: bool,
    #[module(skip)]
    disturbance: Disturbance,
}

/// What a layer of a network is, for those who write it down elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerDescription {
    /// The name of the cell.
    pub cell: &'static str,
    /// The name with what the value of the cell adds to it: `rnn-tanh`, `lstm, cell clip 3`.
    pub described: String,
    /// What each column is called, in the order of the parameters.
    pub columns: &'static [&'static str],
    /// Input features.
    pub input: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Width of the output of one direction.
    pub output: usize,
    /// How many states it carries.
    pub states: usize,
    /// Whether the output is projected.
    pub projected: bool,
    /// Whether the columns are normalised.
    pub normalised: bool,
    /// Whether units of the fed-back state are dropped in training.
    pub recurrent_dropout: bool,
    /// Whether it has zoneout, which mixes old states and new in inference too.
    pub zoneout: bool,
    /// Whether its input is added to its output, where both are as wide.
    pub residual: bool,
    /// Whether it has learned the state it starts from.
    pub learned_state: bool,
    /// The type of the cell: names are anyone's to give.
    pub cell_type: std::any::TypeId,
}

impl Recurrent {
    /// Runs sequences: `input [batch, time, features]` to `output [batch, time, hidden · directions]` and
    /// the state after each row's last real step. Without `lengths` all rows have `time` steps; without
    /// `state` they start from the learned state where there is one, else from zero. Nothing is dropped: see [`Recurrent::forward_train`].
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
                format!("{}: step", self.engine().name()),
                "a layer in one direction (the reverse one reads the future first)",
                "a bidirectional layer",
            ));
        }
        let (output, state) = self.run(input.unsqueeze_dim(1), None, state, None)?;
        Ok((output.squeeze_dim(1), state))
    }

    /// Features of the output: hidden (or projected) · directions.
    pub fn output_size(&self) -> usize {
        self.engine().widths().output * self.directions
    }

    /// One or two: whether it reads in one direction or both.
    pub fn directions(&self) -> usize {
        self.directions
    }

    /// What its layers are, from the first to the last, both directions of a layer being alike.
    pub fn describe(&self) -> Vec<LayerDescription> {
        let layers = self.layers.iter().step_by(self.directions);
        layers
            .map(|layer| {
                let engine = layer.engine();
                let widths = engine.widths();
                LayerDescription {
                    cell: engine.name(),
                    described: engine.describe(),
                    columns: engine.column_names(),
                    input: widths.input,
                    hidden: widths.hidden,
                    output: widths.output,
                    states: engine.states(),
                    projected: widths.is_projected,
                    normalised: engine.options().normalised,
                    recurrent_dropout: self.disturbance.recurrent > 0.0,
                    zoneout: self.disturbance.zoneout != [0.0; 2],
                    residual: self.residual,
                    learned_state: layer.has_learned_state(),
                    cell_type: engine.cell_type(),
                }
            })
            .collect()
    }

    fn engine(&self) -> &dyn Recurrence {
        self.layers[0].engine()
    }

    /// `values`, with some dropped as in training.
    fn drop_between(&self, values: Tensor<3>, draw: &Stream) -> Tensor<3> {
        if !self.variational {
            return drop_out(values, self.dropout, draw);
        }
        let [batch, _, features] = values.dims();
        let ones = Tensor::<3>::ones([batch, 1, features], &values.device());
        values * drop_out(ones, self.dropout, draw)
    }

    /// [`Recurrent::forward_train`] where there is a `draw`, else [`Recurrent::forward`].
    ///
    /// # Errors
    /// As [`Recurrent::forward`].
    pub fn run(
        &self,
        input: Tensor<3>,
        lengths: Option<&Lengths>,
        state: Option<State>,
        draw: Option<&Stream>,
    ) -> Result<(Tensor<3>, State), NnError> {
        let [batch, time, _] = input.dims();
        if let Some(state) = &state {
            state.check(self.layers.len(), part_shape(self.engine(), batch))?;
        }
        if batch == 0 || time == 0 {
            return Err(NnError::shape(
                format!("{}: input", self.engine().name()),
                "at least one row and one step",
                format!("batch {batch}, time {time}"),
            ));
        }
        let mut values = input;
        let mut finals = Vec::with_capacity(self.layers.len());
        for (layer, directions) in self.layers.chunks(self.directions).enumerate() {
            let below = values.clone();
            if let Some(draw) = draw
                && layer > 0
                && self.dropout > 0.0
            {
                values = self.drop_between(values, &draw.at(layer as u64));
            }
            let mut outputs = Vec::with_capacity(self.directions);
            for (direction, weights) in directions.iter().enumerate() {
                let initial = state
                    .as_ref()
                    .map(|state| state.part(layer * self.directions + direction));
                let draw = draw.map(|draw| draw.at(layer as u64).at(direction as u64));
                let engine = weights.engine();
                let noise = self.disturbance.noise(
                    engine.widths(),
                    engine.states(),
                    [batch, time],
                    draw.as_ref(),
                );
                let (output, last) = weights.forward(values.clone(), lengths, initial, noise)?;
                outputs.push(output);
                finals.push(last);
            }
            values = match outputs.len() {
                1 => outputs.remove(0),
                _ => Tensor::cat(outputs, 2),
            };
            if self.residual && below.dims() == values.dims() {
                values = values + below;
            }
        }
        let state = State::new(finals);
        let widths = self.engine().widths();
        Ok((
            values,
            match widths.is_projected {
                true => state.with_projection(widths.output),
                false => state,
            },
        ))
    }
}
