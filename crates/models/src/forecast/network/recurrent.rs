//! A recurrent network over the context, and a head for the horizon.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::cell::{Elman, Gru, Lstm};
use ressac_nn::random::Stream;
use ressac_nn::{Activation, Linear, LinearConfig, NnError, Recurrent, RecurrentConfig, State};

use super::{Widths, thinned};
use crate::forecast::choices::{Head, ModelKind};
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

impl RecurrentForecaster {
    pub(super) fn new(
        config: &ForecastConfig,
        widths: Widths,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let (hidden, horizon) = (config.hidden, config.horizon);
        let recurrent = |input: usize| {
            match config.model {
                ModelKind::Rnn => RecurrentConfig::new(Elman::tanh(), input, hidden),
                ModelKind::Lstm => RecurrentConfig::new(Lstm, input, hidden),
                ModelKind::Gru | ModelKind::Segment => RecurrentConfig::new(Gru, input, hidden),
            }
            .with_layers(config.layers)
            .with_dropout(config.dropout)
        };
        let masks = if widths.masked { widths.targets } else { 0 };
        let input = widths.targets + masks + widths.past + widths.known;
        let encoder = recurrent(input).init(&stream.child("encoder"), device)?;

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
                    decoder: recurrent(ahead).init(&stream.child("decoder"), device)?,
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
            dropout: config.dropout,
        })
    }

    /// The head's outputs `[windows, horizon, targets · outputs]`, and what the lags carry to all
    /// outputs of a step alike, `[windows, horizon, targets]`.
    pub(super) fn forward(
        &self,
        batch: Batch,
        draw: Option<&Stream>,
    ) -> Result<(Tensor<3>, Option<Tensor<3>>), NnError> {
        let [windows, context, _] = batch.values.dims();
        let lagged: Vec<Tensor<3>> = self
            .lags
            .iter()
            .map(|&lag| batch.values.clone().narrow(1, context - lag, self.horizon))
            .collect();
        let mut inputs = vec![batch.values];
        inputs.extend(batch.observed);
        inputs.extend(batch.past);
        let mut ahead = lagged.clone();
        if let Some(known) = batch.known {
            inputs.push(known.clone().narrow(1, 0, context));
            ahead.push(known.narrow(1, context, self.horizon));
        }
        let input = joined(inputs);
        let draw_of = |name: &str| draw.map(|draw| draw.child(name));
        let (_, state) = run(&self.encoder, input, None, draw_of("encoder"))?;
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
