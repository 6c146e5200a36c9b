//! The forecaster's networks: all see a context on the network's scale and forecast every step of
//! the horizon at once, so that no error of a step is fed back into the next (Taieb et al. 2012
//! compare the two ways).

mod encoder;
mod graph;
mod quantiles;
mod recurrent;
mod segment;
mod size;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::random::Stream;
use ressac_nn::{NnError, drop_out};

pub(super) use self::graph::GraphBatch;
pub(super) use self::quantiles::median;
use self::quantiles::spread;
use self::recurrent::RecurrentForecaster;
use self::segment::SegmentForecaster;
use super::choices::{ModelKind, Scale};
use super::config::ForecastConfig;
use super::dataset::Batch;

/// How many numbers of each kind the network reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    /// Columns forecast.
    pub targets: usize,
    /// Whether it reads which of their values were there.
    pub masked: bool,
    /// Past covariates.
    pub past: usize,
    /// What is known of a moment in the future: covariates, calendar, static columns.
    pub known: usize,
}

/// The network. Its inputs and outputs are on the network's scale.
#[derive(Module, Debug)]
pub struct ForecastNetwork {
    body: Body,
    #[module(skip)]
    reversible: bool,
    #[module(skip)]
    subtract_last: bool,
    #[module(skip)]
    horizon: usize,
    #[module(skip)]
    targets: usize,
    #[module(skip)]
    quantiles: Vec<f64>,
}

#[derive(Module, Debug)]
enum Body {
    Recurrent(RecurrentForecaster),
    Segment(SegmentForecaster),
}

impl ForecastNetwork {
    /// A network of random weights drawn from `stream`.
    ///
    /// # Errors
    /// When a size of `config` is zero.
    pub fn new(
        config: &ForecastConfig,
        widths: Widths,
        stream: &Stream,
        device: &Device,
    ) -> Result<Self, NnError> {
        let body = match config.model {
            ModelKind::Segment => {
                Body::Segment(SegmentForecaster::new(config, widths, stream, device)?)
            }
            _ => Body::Recurrent(RecurrentForecaster::new(config, widths, stream, device)?),
        };
        Ok(Self {
            body,
            reversible: config.scale == Scale::Reversible,
            subtract_last: config.subtract_last,
            horizon: config.horizon,
            targets: widths.targets,
            quantiles: config.quantiles.clone(),
        })
    }

    /// The number of weights that the network of `config` will have, told before any of them is made;
    /// the largest number there is where it has more.
    pub fn parameters(config: &ForecastConfig, widths: Widths) -> usize {
        size::parameters(config, widths)
    }

    /// The forecast: `[windows, horizon, targets, quantiles]`, the quantiles in rising order; one
    /// value in the place of the quantiles where there are none.
    ///
    /// With `draw`, values are dropped as in training, drawn from that stream; without, none are.
    ///
    /// # Errors
    /// When the batch has not the network's widths.
    pub fn forward(&self, batch: Batch, draw: Option<&Stream>) -> Result<Tensor<4>, NnError> {
        let (batch, window) = self.own_scale(batch);
        let (raw, carried) = match &self.body {
            Body::Recurrent(network) => network.forward(batch, draw)?,
            Body::Segment(network) => (network.forward(batch, draw)?, None),
        };
        Ok(self.finished(raw, carried, window))
    }

    /// A batch on the scale of the windows themselves, where the network has one, and what undoes it.
    fn own_scale(&self, mut batch: Batch) -> (Batch, OwnScale) {
        let context = batch.values.dims()[1];
        let level = if self.subtract_last {
            let last = batch.values.clone().narrow(1, context - 1, 1);
            batch.values = batch.values - last.clone();
            Some(last)
        } else {
            None
        };
        let instance = self.reversible.then(|| Instance::of(&batch.values));
        if let Some(instance) = &instance {
            batch.values = instance.scale(batch.values);
        }
        (batch, OwnScale { level, instance })
    }

    /// The body's outputs as a forecast on the batch's scale.
    fn finished(&self, raw: Tensor<3>, carried: Option<Tensor<3>>, window: OwnScale) -> Tensor<4> {
        let (windows, outputs) = (raw.dims()[0], self.quantiles.len().max(1));
        let raw: Tensor<4> = raw.reshape([windows, self.horizon, self.targets, outputs]);
        let mut forecast = spread(raw, &self.quantiles);
        if let Some(carried) = carried {
            forecast = forecast + carried.unsqueeze_dim::<4>(3);
        }
        if let Some(instance) = &window.instance {
            forecast = instance.unscale(forecast);
        }
        match window.level {
            Some(last) => forecast + last.unsqueeze_dim::<4>(3),
            None => forecast,
        }
    }

    /// The number of steps the network forecasts.
    pub fn horizon(&self) -> usize {
        self.horizon
    }

    /// Whether each window is scaled by itself, and scaled back.
    pub(super) fn is_reversible(&self) -> bool {
        self.reversible
    }

    /// The number of columns the network forecasts.
    pub fn targets(&self) -> usize {
        self.targets
    }
}

/// What was taken off each window before the network, to be put back after it.
struct OwnScale {
    /// The context's last values: `[windows, 1, targets]`.
    level: Option<Tensor<3>>,
    instance: Option<Instance>,
}

/// The mean and deviation of each window's context, column by column: `[windows, 1, targets]`.
struct Instance {
    mean: Tensor<3>,
    deviation: Tensor<3>,
}

impl Instance {
    fn of(values: &Tensor<3>) -> Self {
        let mean = values.clone().mean_dim(1);
        let centred = values.clone() - mean.clone();
        // A context without change keeps its scale instead of being blown up.
        let deviation = (centred.clone() * centred)
            .mean_dim(1)
            .add_scalar(1e-5)
            .sqrt();
        Self { mean, deviation }
    }

    fn scale(&self, values: Tensor<3>) -> Tensor<3> {
        (values - self.mean.clone()) / self.deviation.clone()
    }

    fn unscale(&self, values: Tensor<4>) -> Tensor<4> {
        values * self.deviation.clone().unsqueeze_dim::<4>(3)
            + self.mean.clone().unsqueeze_dim::<4>(3)
    }
}

/// `values` with some dropped as in training, or as they are where nothing is drawn.
fn thinned<const D: usize>(values: Tensor<D>, share: f64, draw: Option<Stream>) -> Tensor<D> {
    match draw {
        Some(draw) if share > 0.0 => drop_out(values, share, &draw),
        _ => values,
    }
}

#[cfg(test)]
mod tests;
