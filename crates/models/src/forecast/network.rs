//! The forecaster's network: a recurrent encoder over the context, and a linear head that makes
//! every step of the horizon at once from the encoder's last output.
//!
//! A direct head (all steps in one product) has no errors fed back to it, unlike a forecast that
//! reads its own output step by step; Taieb et al. 2012 compare the two.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::cell::{Elman, Gru, Lstm};
use ressac_nn::random::Stream;
use ressac_nn::{Linear, LinearConfig, NnError, Recurrent, RecurrentConfig};

use super::config::{CellKind, ForecastConfig};

/// The network. Its inputs and outputs are z-scores.
#[derive(Module, Debug)]
pub struct ForecastNetwork {
    encoder: Recurrent,
    head: Linear,
    horizon: usize,
    variables: usize,
    subtract_last: bool,
    dropout: f64,
}

impl ForecastNetwork {
    /// A network of random weights drawn from `stream`, for `variables` columns.
    ///
    /// # Errors
    /// When a size of `config` is zero.
    pub fn new(
        config: &ForecastConfig,
        variables: usize,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let (hidden, layers, dropout) = (config.hidden, config.layers, config.dropout);
        let encoder = match config.model {
            CellKind::Rnn => RecurrentConfig::new(Elman::tanh(), variables, hidden),
            CellKind::Lstm => RecurrentConfig::new(Lstm, variables, hidden),
            CellKind::Gru => RecurrentConfig::new(Gru, variables, hidden),
        }
        .with_layers(layers)
        .with_dropout(dropout)
        .init(&stream.child("encoder"), device)?;
        let head = LinearConfig::new(encoder.output_size(), config.horizon * variables)
            .with_bias(true)
            .init(&stream.child("head"), device)?;
        Ok(Self {
            encoder,
            head,
            horizon: config.horizon,
            variables,
            subtract_last: config.subtract_last,
            dropout,
        })
    }

    /// The forecast: `context` `[batch, context, variables]` → `[batch, horizon, variables]`.
    ///
    /// With `draw`, values are dropped as in training, drawn from that stream; without, none are.
    ///
    /// # Errors
    /// When the context's last axis is not the network's number of variables.
    pub fn forward(&self, context: Tensor<3>, draw: Option<&Stream>) -> Result<Tensor<3>, NnError> {
        let [batch, steps, variables] = context.dims();
        let last = context
            .clone()
            .slice([0..batch, steps - 1..steps, 0..variables]);
        let input = if self.subtract_last {
            context - last.clone()
        } else {
            context
        };
        let (_output, state) = match draw {
            Some(draw) => self
                .encoder
                .forward_train(input, None, None, &draw.child("encoder"))?,
            None => self.encoder.forward(input, None, None)?,
        };
        let hidden = self.encoder.output_size();
        // The state's last output is the output's last step without the rest, whose gradient
        // would be zeros.
        let Some(mut summary) = state.last_output() else {
            return Err(NnError::Shape {
                argument: "the encoder".into(),
                expected: "at least one layer".into(),
                found: "none".into(),
            });
        };
        if let Some(draw) = draw
            && self.dropout > 0.0
        {
            let kept = kept(&draw.child("head"), self.dropout, batch * hidden);
            let mask =
                Tensor::<2>::from_data(TensorData::new(kept, [batch, hidden]), &summary.device());
            summary = summary * mask;
        }
        let forecast = self
            .head
            .forward(summary)?
            .reshape([batch, self.horizon, self.variables]);
        Ok(if self.subtract_last {
            forecast + last
        } else {
            forecast
        })
    }

    /// The number of steps the network forecasts.
    pub fn horizon(&self) -> usize {
        self.horizon
    }

    /// The number of columns the network reads and forecasts.
    pub fn variables(&self) -> usize {
        self.variables
    }
}

/// A dropout mask: 0 with probability `share`, else what keeps the mean.
fn kept(stream: &Stream, share: f64, count: usize) -> Vec<f32> {
    let mut generator = stream.generator();
    let scale = (1.0 / (1.0 - share)) as f32;
    (0..count)
        .map(|_| {
            if generator.uniform() < share {
                0.0
            } else {
                scale
            }
        })
        .collect()
}
