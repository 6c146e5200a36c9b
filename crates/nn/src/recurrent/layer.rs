//! One layer in one direction: its parameters, and the choice of path.
use super::cell::LayerCell;
use super::fallback;
use super::init::{Column, Init, Sizes};
use super::noise::Noise;
use super::operation::{self, Call};
use crate::packed::PackCache;
use crate::random::Stream;
use crate::{Lengths, NnError, is_fused};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use ressac_kernels::recurrent::{PackedWeights, Recurrence};
use std::sync::Arc;

/// Parameters of one layer and direction.
#[derive(Module, Debug)]
pub(super) struct Direction {
    input_weights: Param<Tensor<2>>,
    recurrent_weights: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
    /// `[unit weights, hidden]`: peepholes.
    unit_weights: Option<Param<Tensor<2>>>,
    /// `[columns · hidden]`, with normalisation.
    gain: Option<Param<Tensor<1>>>,
    /// `[output, hidden]`, with projection.
    projection_weights: Option<Param<Tensor<2>>>,
    /// One row for each state, if it is learned: `[width]`.
    initial_state: Option<Vec<Param<Tensor<1>>>>,
    #[module(skip)]
    cell: Arc<dyn LayerCell>,
    #[module(skip)]
    reverse: bool,
    #[module(skip)]
    checkpoint_every: Option<usize>,
    #[module(skip)]
    cache: PackCache<PackedWeights>,
}

/// How a layer is made, beside its cell.
pub(super) struct Making<'a> {
    pub(super) reverse: bool,
    pub(super) init: &'a Init,
    pub(super) learned_state: bool,
    pub(super) checkpoint_every: Option<usize>,
}

impl Direction {
    pub(super) fn new(
        cell: Arc<dyn LayerCell>,
        making: &Making<'_>,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let engine = cell.engine();
        let widths = engine.widths();
        let sizes = Sizes {
            input: widths.input,
            hidden: widths.hidden,
            output: widths.fed,
        };
        let columns = Column::of(engine.name(), engine.sources(), engine.column_names());
        let values = making.init.values(engine.name(), &columns, sizes, stream)?;
        let matrix = |values: Vec<f32>, columns: usize| {
            let rows = values.len() / columns;
            let data = TensorData::new(values, [rows, columns]);
            Param::from_tensor(Tensor::<2>::from_data(data, device))
        };
        let vector = |values: Vec<f32>| {
            let count = values.len();
            Param::from_tensor(Tensor::<1>::from_data(
                TensorData::new(values, [count]),
                device,
            ))
        };
        let bound = 1.0 / (widths.hidden as f64).sqrt();
        let uniform = |purpose: &str, count: usize| -> Vec<f32> {
            let mut generator = stream.child(purpose).generator();
            (0..count)
                .map(|_| (bound * (2.0 * generator.uniform() - 1.0)) as f32)
                .collect()
        };
        let biases = values.bias.len();
        Ok(Self {
            input_weights: matrix(values.input, widths.input),
            recurrent_weights: matrix(values.recurrent, widths.fed),
            bias: vector(values.bias),
            unit_weights: (widths.units > 0).then(|| {
                let count = widths.units * widths.hidden;
                matrix(uniform("unit weights", count), widths.hidden)
            }),
            gain: engine
                .options()
                .normalised
                .then(|| vector(vec![1.0; biases])),
            projection_weights: widths.is_projected.then(|| {
                let count = widths.output * widths.hidden;
                matrix(uniform("projection", count), widths.hidden)
            }),
            initial_state: making.learned_state.then(|| {
                (0..engine.states())
                    .map(|state| vector(vec![0.0; engine.state_width(state)]))
                    .collect()
            }),
            cell: Arc::clone(&cell),
            reverse: making.reverse,
            checkpoint_every: making.checkpoint_every,
            cache: PackCache::default(),
        })
    }

    pub(super) fn engine(&self) -> &dyn Recurrence {
        self.cell.engine()
    }

    pub(super) fn has_learned_state(&self) -> bool {
        self.initial_state.is_some()
    }

    /// The state that the layer has learned to start from, for a batch; `None` where it starts from zero.
    fn learned(&self, batch: usize) -> Option<Vec<Tensor<2>>> {
        let states = self.initial_state.as_ref()?;
        let rows = states.iter().map(|state| {
            let row = state.val().unsqueeze::<2>();
            row.repeat_dim(0, batch)
        });
        Some(rows.collect())
    }

    /// `input [batch, time, features]` and a part of a state to output and final part.
    pub(super) fn forward(
        &self,
        input: Tensor<3>,
        lengths: Option<&Lengths>,
        initial: Option<Tensor<3>>,
        noise: Noise,
    ) -> Result<(Tensor<3>, Tensor<3>), NnError> {
        let engine = self.cell.engine();
        let [batch, time, features] = input.dims();
        if features != engine.widths().input {
            return Err(NnError::shape(
                format!("{}: input features", engine.name()),
                engine.widths().input.to_string(),
                features.to_string(),
            ));
        }
        if let Some(lengths) = lengths {
            lengths.check(engine.name(), batch, time)?;
        }
        let initial =
            initial.or_else(|| self.learned(batch).map(|learned| joined(engine, learned)));
        let (units, gain) = (
            self.unit_weights.as_ref().map(Param::val),
            self.gain.as_ref().map(Param::val),
        );
        let projection = self.projection_weights.as_ref().map(Param::val);
        let recurrent = noise.of_weights(self.recurrent_weights.val());
        if !is_fused(&input.device()) {
            let run = fallback::Run {
                cell: &*self.cell,
                lengths,
                reverse: self.reverse,
                noise: &noise,
            };
            let parameters = fallback::Parameters {
                input: self.input_weights.val(),
                recurrent,
                bias: self.bias.val(),
                units,
                gain,
                projection,
            };
            let initial = initial.map(|part| separate(engine, &part));
            let (output, finals) = fallback::forward(&run, input, parameters, initial);
            return Ok((output, joined(engine, finals)));
        }
        let flat = |matrix: Tensor<2>| matrix.flatten::<1>(0, 1);
        let extra: Vec<Tensor<1>> = [units.map(flat), gain, projection.map(flat)]
            .into_iter()
            .flatten()
            .collect();
        let call = Call {
            cell: Arc::clone(&self.cell),
            lengths: lengths.cloned(),
            reverse: self.reverse,
            noise,
            checkpoint_every: self.checkpoint_every,
            cache: self.cache.clone(),
        };
        Ok(operation::recurrent(
            input,
            [self.input_weights.val(), recurrent],
            self.bias.val(),
            match extra.len() {
                0 => None,
                _ => Some(Tensor::cat(extra, 0)),
            },
            initial,
            call,
        ))
    }
}

/// States one after another as one part: `[states, batch, hidden]`, or side by side where a projection makes
/// them unequal: `[1, batch, output + (states − 1) · hidden]`.
pub(super) fn joined(engine: &dyn Recurrence, states: Vec<Tensor<2>>) -> Tensor<3> {
    if engine.widths().is_projected {
        return Tensor::cat(states, 1).unsqueeze_dim(0);
    }
    let states: Vec<Tensor<3>> = states
        .into_iter()
        .map(|state| state.unsqueeze_dim(0))
        .collect();
    Tensor::cat(states, 0)
}

/// The inverse of [`joined`].
pub(super) fn separate(engine: &dyn Recurrence, part: &Tensor<3>) -> Vec<Tensor<2>> {
    let mut from = 0;
    (0..engine.states())
        .map(|state| {
            if !engine.widths().is_projected {
                return part.clone().narrow(0, state, 1).squeeze_dim(0);
            }
            let width = engine.state_width(state);
            from += width;
            part.clone()
                .narrow(2, from - width, width)
                .squeeze_dim::<2>(0)
        })
        .collect()
}

/// The shape of a part for a batch.
pub(super) fn part_shape(engine: &dyn Recurrence, batch: usize) -> [usize; 3] {
    let widths = engine.widths();
    if widths.is_projected {
        let beside = (engine.states() - 1) * widths.hidden;
        [1, batch, widths.output + beside]
    } else {
        [engine.states(), batch, widths.hidden]
    }
}
