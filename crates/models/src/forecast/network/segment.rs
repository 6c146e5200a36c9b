//! SegRNN: a GRU over segments of the context, each column by itself, and parallel decoding.
//!
//! Lin, Lin, Wu, Zhao, Mo, Zhang, "SegRNN: Segment recurrent neural network for long-term time
//! series forecasting" (2023). Beyond the paper, the segments of covariates and calendar are read
//! beside those of the values where there are any.

mod graph;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::random::Stream;
use ressac_nn::{Activation, Linear, LinearConfig, NnError, Recurrent, State, fan_out};

use super::{Widths, thinned};
use crate::forecast::config::ForecastConfig;
use crate::forecast::dataset::Batch;

#[derive(Module, Debug)]
pub(super) struct SegmentForecaster {
    /// A segment of values, and what stands beside them → hidden.
    embed: Linear,
    recurrent: Recurrent,
    /// One vector for each segment of the horizon: `[segments, hidden / 2]`.
    position: Param<Tensor<2>>,
    /// One vector for each column: `[targets, hidden − hidden / 2]`.
    column: Param<Tensor<2>>,
    /// What is known of a segment of the horizon → hidden.
    ahead: Option<Linear>,
    predict: Linear,
    #[module(skip)]
    segment: usize,
    #[module(skip)]
    horizon: usize,
    #[module(skip)]
    dropout: f64,
}

impl SegmentForecaster {
    pub(super) fn new(
        config: &ForecastConfig,
        widths: Widths,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let (hidden, segment, horizon) = (config.recurrent.hidden, config.segment, config.horizon);
        let beside = usize::from(widths.masked) + widths.past + widths.known;
        let linear = |name: &str, input: usize, output: usize, activation: Activation| {
            LinearConfig::new(input, output)
                .with_activation(activation)
                .init(&stream.child(name), device)
        };
        let normal = |name: &str, rows: usize, width: usize| {
            let mut generator = stream.child(name).generator();
            let values: Vec<f32> = (0..rows * width)
                .map(|_| generator.normal() as f32)
                .collect();
            Param::from_tensor(Tensor::from_data(
                TensorData::new(values, [rows, width]),
                device,
            ))
        };
        let outputs = config.quantiles.len().max(1);
        Ok(Self {
            embed: linear("embed", segment * (1 + beside), hidden, Activation::Relu)?,
            recurrent: config
                .layers(hidden)
                .init(&stream.child("recurrent"), device)?,
            position: normal("position", horizon.div_ceil(segment), hidden / 2),
            column: normal("column", widths.targets, hidden - hidden / 2),
            ahead: (widths.known > 0)
                .then(|| {
                    linear(
                        "ahead",
                        segment * widths.known,
                        hidden,
                        Activation::Identity,
                    )
                })
                .transpose()?,
            predict: linear("predict", hidden, segment * outputs, Activation::Identity)?,
            segment,
            horizon,
            dropout: config.recurrent.dropout,
        })
    }

    /// `[windows, horizon, targets · outputs]`.
    pub(super) fn forward(
        &self,
        batch: Batch,
        draw: Option<&Stream>,
    ) -> Result<Tensor<3>, NnError> {
        let embedded = self.embedded(batch.clone())?;
        let (_, state) = match draw.map(|draw| draw.child("recurrent")) {
            Some(draw) => self.recurrent.forward_train(embedded, None, None, &draw)?,
            None => self.recurrent.forward(embedded, None, None)?,
        };
        self.decode(batch, state, draw)
    }

    /// What the recurrence reads of a batch: `[windows · columns, segments, hidden]`.
    pub(super) fn embedded(&self, batch: Batch) -> Result<Tensor<3>, NnError> {
        let [windows, context, targets] = batch.values.dims();
        let (segment, read) = (self.segment, context / self.segment);
        let skipped = context - read * segment;

        // `[windows, steps, columns]` → `[windows · columns, segments, segment]`, the oldest steps
        // that fill no segment left out.
        let by_column = |values: Tensor<3>| -> Tensor<3> {
            values
                .narrow(1, skipped, read * segment)
                .swap_dims(1, 2)
                .reshape([windows * targets, read, segment])
        };
        let mut parts = vec![by_column(batch.values)];
        parts.extend(batch.observed.map(by_column));
        // What is not of one column stands beside every column.
        let mut beside = Vec::new();
        beside.extend(
            batch
                .past
                .map(|past| past.narrow(1, skipped, read * segment)),
        );
        beside.extend(
            batch
                .known
                .clone()
                .map(|known| known.narrow(1, skipped, read * segment)),
        );
        for values in beside {
            let width = values.dims()[2];
            parts.push(repeated(
                values.reshape([windows, read, segment * width]),
                targets,
            ));
        }
        let input = match parts.len() {
            1 => parts.remove(0),
            _ => Tensor::cat(parts, 2),
        };
        self.embed.forward(input)
    }

    /// The state after the segments of the context, without dropout.
    pub(super) fn encode(&self, embedded: Tensor<3>) -> Result<State, NnError> {
        Ok(self.recurrent.forward(embedded, None, None)?.1)
    }

    /// What [`SegmentForecaster::forward`] gives, from a state of the recurrence.
    pub(super) fn decode(
        &self,
        batch: Batch,
        state: State,
        draw: Option<&Stream>,
    ) -> Result<Tensor<3>, NnError> {
        let [windows, context, targets] = batch.values.dims();
        let segment = self.segment;
        let draw_of = |name: &str| draw.map(|draw| draw.child(name));

        // Each segment of the horizon is one step from the same state; what tells the segments apart is
        // the same for every window, what is known of them for every column.
        let [segments, half] = self.position.val().dims();
        let other = self.column.val().dims()[1];
        let position = self
            .position
            .val()
            .reshape([1, segments, half])
            .expand([targets, segments, half]);
        let column = self
            .column
            .val()
            .reshape([targets, 1, other])
            .expand([targets, segments, other]);
        let query = Tensor::cat(vec![position, column], 2);
        let future = match (&self.ahead, batch.known) {
            (Some(ahead), Some(known)) => {
                let width = known.dims()[2];
                let short = segments * segment - self.horizon;
                let mut future = known.narrow(1, context, self.horizon);
                if short > 0 {
                    let device = future.device();
                    let padding = Tensor::zeros([windows, short, width], &device);
                    future = Tensor::cat(vec![future, padding], 1);
                }
                Some(ahead.forward(future.reshape([windows, segments, segment * width]))?)
            }
            _ => None,
        };
        let draw_decode = draw_of("decode");
        let decoded = fan_out(&self.recurrent, state, query, future, draw_decode.as_ref())?;
        let decoded = thinned(decoded, self.dropout, draw_of("predict"));
        let outputs = self.predict.forward(decoded)?;
        let count = outputs.dims()[2] / segment;
        Ok(outputs
            .reshape([windows, targets, segments * segment, count])
            .narrow(2, 0, self.horizon)
            .swap_dims(1, 2)
            .reshape([windows, self.horizon, targets * count]))
    }
}

/// `[windows, steps, width]` → `[windows · times, steps, width]`, each window's rows one after another.
fn repeated(values: Tensor<3>, times: usize) -> Tensor<3> {
    let [windows, steps, width] = values.dims();
    values
        .reshape([windows, 1, steps, width])
        .expand([windows, times, steps, width])
        .reshape([windows * times, steps, width])
}
