//! The network cut in two at the encoder's last state, for whoever looks at what is remembered.

use burn::tensor::Tensor;

use ressac_nn::{NnError, State};

use super::{Body, ForecastNetwork};
use crate::forecast::dataset::Batch;

impl ForecastNetwork {
    /// What the encoder reads of `batch`: `[windows, context, features]`; of the model `segment`
    /// its segments, each column by itself: `[windows · targets, segments, hidden]`.
    ///
    /// # Errors
    /// When the batch has not the network's widths.
    pub fn encoder_input(&self, batch: Batch) -> Result<Tensor<3>, NnError> {
        let (batch, _) = self.own_scale(batch);
        match &self.body {
            Body::Recurrent(network) => Ok(network.read(batch).input),
            Body::Segment(network) => network.embedded(batch),
        }
    }

    /// The encoder's state after reading `input`, as [`ForecastNetwork::encoder_input`] gives it.
    ///
    /// # Errors
    /// When `input` has not the encoder's width.
    pub fn encode(&self, input: Tensor<3>) -> Result<State, NnError> {
        match &self.body {
            Body::Recurrent(network) => network.encode(input),
            Body::Segment(network) => network.encode(input),
        }
    }

    /// The forecast of `batch` from a state of the encoder in the place of its own, nothing
    /// dropped. What does not go through that state (lags, what is known of the horizon) is read
    /// from `batch`.
    ///
    /// # Errors
    /// When batch or state have not the network's widths.
    pub fn forward_from(&self, batch: Batch, state: State) -> Result<Tensor<4>, NnError> {
        let (batch, window) = self.own_scale(batch);
        let (raw, carried) = match &self.body {
            Body::Recurrent(network) => network.decode(network.read(batch), state, None)?,
            Body::Segment(network) => (network.decode(batch, state, None)?, None),
        };
        Ok(self.finished(raw, carried, window))
    }

    /// The path of the encoder's first layer among the names of the parameters, up to its number.
    pub fn encoder_layers(&self) -> &'static str {
        match &self.body {
            Body::Recurrent(_) => "encoder.layers.",
            Body::Segment(_) => "recurrent.layers.",
        }
    }
}
