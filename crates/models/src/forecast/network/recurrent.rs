//! A recurrent network over the context, and a head for the horizon.

mod graph;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::random::Stream;
use ressac_nn::{Activation, Linear, LinearConfig, NnError, Recurrent, State};

use super::{Widths, thinned};
use crate::forecast::choices::Head;
use crate::forecast::config::ForecastConfig;
use crate::forecast::dataset::Batch;

/// What the direct head keeps of the summary for each step of the horizon.
pub(super) const STEP_SUMMARY: usize = 16;

/// An encoder that reads the context, joint over the columns, and a head that forecasts each step
/// of the horizon from the encoder's last state and from what is known of the step: covariates,
/// calendar, and the values so many steps before it (the lags).
#[derive(Module, Debug)]
pub(super) struct RecurrentForecaster {
    encoder: Recurrent,
    head: HeadLayers,
    /// The share of each lag in the forecast: an autoregressive part beside the network (Lai et al.
    /// 2018, "Modeling long- and short-term temporal patterns").
    highway: Option<Param<Tensor<1>>>,
    #[module(skip)]
    lags: Vec<usize>,
    #[module(skip)]
    horizon: usize,
    #[module(skip)]
    dropout: f64,
}

#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "one of it in a network")]
enum HeadLayers {
    /// Nothing is known of the future: every step in one product with the summary.
    Plain(Linear),
    Direct(DirectHead),
    Decoder(DecoderHead),
}

#[derive(Module, Debug)]
struct DirectHead {
    summary: Linear,
    step: Linear,
    output: Linear,
}

#[derive(Module, Debug)]
struct DecoderHead {
    decoder: Recurrent,
    output: Linear,
}

/// A batch as the parts of the network read it.
pub(super) struct Read {
    /// What the encoder reads: `[windows, context, features]`.
    pub(super) input: Tensor<3>,
    /// The values so many steps before each step of the horizon, a tensor for each lag.
    lagged: Vec<Tensor<3>>,
    /// What is known of the horizon: `[windows, horizon, known]`.
    known_ahead: Option<Tensor<3>>,
}

impl RecurrentForecaster {
    pub(super) fn new(
        config: &ForecastConfig,
        widths: Widths,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let (hidden, horizon) = (config.recurrent.hidden, config.horizon);
        let masks = if widths.masked { widths.targets } else { 0 };
        let input = widths.targets + masks + widths.past + widths.known;
        let encoder = config
            .layers(input)
            .init(&stream.child("encoder"), device)?;

        let outputs = widths.targets * config.quantiles.len().max(1);
        let ahead = widths.known + widths.targets * config.lags.len();
        let linear = |name: &str, input: usize, output: usize, activation: Activation| {
            LinearConfig::new(input, output)
                .with_activation(activation)
                .init(&stream.child(name), device)
        };
        let head = if ahead == 0 {
            HeadLayers::Plain(linear(
                "head",
                hidden,
                horizon * outputs,
                Activation::Identity,
            )?)
        } else {
            match config.head {
                Head::Direct => HeadLayers::Direct(DirectHead {
                    summary: linear(
                        "summary",
                        hidden,
                        horizon * STEP_SUMMARY,
                        Activation::Identity,
                    )?,
                    step: linear("step", STEP_SUMMARY + ahead, hidden, Activation::Relu)?,
                    output: linear("head", hidden, outputs, Activation::Identity)?,
                }),
                Head::Decoder => HeadLayers::Decoder(DecoderHead {
                    decoder: config
                        .layers(ahead)
                        .init(&stream.child("decoder"), device)?,
                    output: linear("head", hidden, outputs, Activation::Identity)?,
                }),
            }
        };
        let highway = (!config.lags.is_empty()).then(|| {
            let share = 1.0 / config.lags.len() as f32;
            let shares = vec![share; config.lags.len()];
            Param::from_tensor(Tensor::from_data(
                TensorData::new(shares, [config.lags.len()]),
                device,
            ))
        });
        Ok(Self {
            encoder,
            head,
            highway,
            lags: config.lags.clone(),
            horizon,
            dropout: config.recurrent.dropout,
        })
    }

    /// The head's outputs `[windows, horizon, targets · outputs]`, and what the lags carry to all
    /// outputs of a step alike, `[windows, horizon, targets]`.
    pub(super) fn forward(
        &self,
        batch: Batch,
        draw: Option<&Stream>,
    ) -> Result<(Tensor<3>, Option<Tensor<3>>), NnError> {
        let read = self.read(batch);
        let draw_encoder = draw.map(|draw| draw.child("encoder"));
        let (_, state) = run(&self.encoder, read.input.clone(), None, draw_encoder)?;
        self.decode(read, state, draw)
    }

    /// What the encoder reads of a batch, and what goes past it to the head.
    pub(super) fn read(&self, batch: Batch) -> Read {
        let context = batch.values.dims()[1];
        let lagged = self
            .lags
            .iter()
            .map(|&lag| batch.values.clone().narrow(1, context - lag, self.horizon))
            .collect();
        let mut inputs = vec![batch.values];
        inputs.extend(batch.observed);
        inputs.extend(batch.past);
        let mut known_ahead = None;
        if let Some(known) = batch.known {
            inputs.push(known.clone().narrow(1, 0, context));
            known_ahead = Some(known.narrow(1, context, self.horizon));
        }
        Read {
            input: joined(inputs),
            lagged,
            known_ahead,
        }
    }

    /// The encoder's state after what it reads, without dropout.
    pub(super) fn encode(&self, input: Tensor<3>) -> Result<State, NnError> {
        Ok(run(&self.encoder, input, None, None)?.1)
    }

    /// What [`RecurrentForecaster::forward`] gives, from a state of the encoder.
    pub(super) fn decode(
        &self,
        read: Read,
        state: State,
        draw: Option<&Stream>,
    ) -> Result<(Tensor<3>, Option<Tensor<3>>), NnError> {
        let windows = read.input.dims()[0];
        let lagged = read.lagged;
        let mut ahead = lagged.clone();
        ahead.extend(read.known_ahead);
        let draw_of = |name: &str| draw.map(|draw| draw.child(name));
        let outputs = match &self.head {
            HeadLayers::Plain(head) => {
                let summary = thinned(summary(&state)?, self.dropout, draw_of("head"));
                let forecast = head.forward(summary)?;
                let width = forecast.dims()[1] / self.horizon;
                forecast.reshape([windows, self.horizon, width])
            }
            HeadLayers::Direct(head) => {
                let summary = thinned(summary(&state)?, self.dropout, draw_of("head"));
                let steps =
                    head.summary
                        .forward(summary)?
                        .reshape([windows, self.horizon, STEP_SUMMARY]);
                ahead.insert(0, steps);
                let steps = head.step.forward(joined(ahead))?;
                head.output
                    .forward(thinned(steps, self.dropout, draw_of("step")))?
            }
            HeadLayers::Decoder(head) => {
                let (steps, _) = run(
                    &head.decoder,
                    joined(ahead),
                    Some(state),
                    draw_of("decoder"),
                )?;
                head.output
                    .forward(thinned(steps, self.dropout, draw_of("step")))?
            }
        };
        let carried = self.highway.as_ref().and_then(|highway| {
            let shares = highway.val();
            lagged
                .into_iter()
                .enumerate()
                .map(|(place, lagged)| {
                    lagged * shares.clone().narrow(0, place, 1).reshape([1, 1, 1])
                })
                .reduce(|sum, part| sum + part)
        });
        Ok((outputs, carried))
    }
}

fn joined(parts: Vec<Tensor<3>>) -> Tensor<3> {
    let mut parts = parts;
    match parts.len() {
        1 => parts.remove(0),
        _ => Tensor::cat(parts, 2),
    }
}

fn run(
    network: &Recurrent,
    input: Tensor<3>,
    state: Option<State>,
    draw: Option<Stream>,
) -> Result<(Tensor<3>, State), NnError> {
    match draw {
        Some(draw) => network.forward_train(input, None, state, &draw),
        None => network.forward(input, None, state),
    }
}

/// The encoder's last output: the state's, which is the output's last step without the rest, whose
/// gradient would be zeros.
fn summary(state: &State) -> Result<Tensor<2>, NnError> {
    state.last_output().ok_or_else(|| NnError::Shape {
        argument: "the encoder".into(),
        expected: "at least one layer".into(),
        found: "none".into(),
    })
}
