//! A trained forecaster: its configuration, pipeline and network together, and what it predicts.

use burn::module::Module;
use burn::tensor::Device;

use ressac_data::{Table, TimeAxis};
use ressac_nn::random::Stream;
use ressac_nn::weights;

use super::config::ForecastConfig;
use super::network::ForecastNetwork;
use super::pipeline::ForecastPipeline;
use super::series::ScaledSeries;
use crate::ModelError;
use crate::folder::{ModelFolder, Task};
use crate::model::{Input, Model, Prediction};

/// Windows in one pass of the network: enough to fill every core, few enough to stay in cache.
const WINDOWS_AT_ONCE: usize = 256;

/// A forecaster ready to run.
#[derive(Debug)]
pub struct Forecaster {
    config: ForecastConfig,
    pipeline: ForecastPipeline,
    network: ForecastNetwork,
    device: Device,
}

impl Forecaster {
    /// A forecaster from its parts; `network` must be one for `config` and `pipeline`.
    pub fn new(
        config: ForecastConfig,
        pipeline: ForecastPipeline,
        network: ForecastNetwork,
        device: Device,
    ) -> Self {
        Self {
            config,
            pipeline,
            network,
            device,
        }
    }

    /// Opens the forecaster in `folder`, to run on `device`.
    ///
    /// # Errors
    /// When a file of the folder is missing, damaged, of another version, or belongs to another
    /// model.
    pub fn open(folder: &ModelFolder, device: &Device) -> Result<Self, ModelError> {
        let config: ForecastConfig = folder.config()?.typed(&folder.file("config.toml"))?;
        let pipeline: ForecastPipeline = folder.pipeline()?;
        let tensors = folder.weights()?;
        // The weights drawn here are all replaced; `apply` refuses any that are not.
        let network = ForecastNetwork::new(
            &config,
            pipeline.columns.len(),
            &Stream::new(config.seed, "weights"),
            device,
        )?;
        let network = weights::apply(network, &tensors)
            .map_err(|error| ModelError::Mismatch(error.to_string()))?;
        Ok(Self::new(config, pipeline, network, device.clone()))
    }

    /// The configuration it was trained with.
    pub fn config(&self) -> &ForecastConfig {
        &self.config
    }

    /// What was fitted on its training part.
    pub fn pipeline(&self) -> &ForecastPipeline {
        &self.pipeline
    }

    /// Forecasts from each of `origins` (the row of the first step forecast), as z-scores:
    /// `[origins, horizon, variables]`, flat.
    ///
    /// # Errors
    /// When the network refuses the series' number of variables.
    pub fn forecast_scaled(
        &self,
        series: &ScaledSeries,
        origins: &[usize],
    ) -> Result<Vec<f32>, ModelError> {
        forecast_windows(
            &self.network,
            series,
            origins,
            self.config.context,
            &self.device,
        )
    }

    /// The `horizon` steps after the last row of `table`, in the user's units, with their times when
    /// the table's times are evenly apart.
    ///
    /// # Errors
    /// When the table lacks a column, a value in its last `context` rows, or rows.
    pub fn forecast(&self, table: &Table) -> Result<Table, ModelError> {
        let (rows, context, horizon) = (table.rows(), self.config.context, self.config.horizon);
        if rows < context {
            return Err(ModelError::TooFewRows {
                rows,
                needed: context,
                why: format!("a forecast is made from the last {context} rows"),
            });
        }
        let tail = tail(table, rows - context);
        let series = ScaledSeries::new(&tail, &self.pipeline)?;
        let scaled = self.forecast_scaled(&series, &[context])?;
        let variables = self.pipeline.columns.len();
        let columns = self
            .pipeline
            .columns
            .iter()
            .enumerate()
            .map(|(variable, scale)| {
                (0..horizon)
                    .map(|step| scale.unscale(f64::from(scaled[step * variables + variable])))
                    .collect()
            })
            .collect();
        Ok(Table {
            names: self
                .pipeline
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            columns,
            time: table.time.as_ref().and_then(|axis| {
                let stamps = axis.future(horizon)?;
                Some(TimeAxis {
                    stamps,
                    ..axis.clone()
                })
            }),
        })
    }
}

impl Model for Forecaster {
    fn task(&self) -> Task {
        Task::Forecast
    }

    fn network(&self) -> String {
        let config = &self.config;
        format!(
            "{} · {} layer{} of {} · context {} → horizon {} · {} column{}",
            config.model,
            config.layers,
            if config.layers == 1 { "" } else { "s" },
            config.hidden,
            config.context,
            config.horizon,
            self.pipeline.columns.len(),
            if self.pipeline.columns.len() == 1 {
                ""
            } else {
                "s"
            },
        )
    }

    fn parameters(&self) -> usize {
        self.network.num_params()
    }

    fn predict(&self, input: Input<'_>) -> Result<Prediction, ModelError> {
        match input {
            Input::Table(table) => self.forecast(table).map(Prediction::Table),
        }
    }
}

/// Forecasts of `network` from each of `origins`, as z-scores `[origins, horizon, variables]`, flat.
pub(super) fn forecast_windows(
    network: &ForecastNetwork,
    series: &ScaledSeries,
    origins: &[usize],
    context: usize,
    device: &Device,
) -> Result<Vec<f32>, ModelError> {
    let mut scaled = Vec::with_capacity(origins.len() * network.horizon() * network.variables());
    for origins in origins.chunks(WINDOWS_AT_ONCE) {
        let forecast = network.forward(series.contexts(origins, context, device), None)?;
        scaled.extend(forecast.into_data().iter::<f32>());
    }
    Ok(scaled)
}

/// The rows of `table` from `start` on.
fn tail(table: &Table, start: usize) -> Table {
    Table {
        names: table.names.clone(),
        columns: table
            .columns
            .iter()
            .map(|values| values[start..].to_vec())
            .collect(),
        time: table.time.as_ref().map(|axis| TimeAxis {
            stamps: axis.stamps[start..].to_vec(),
            ..axis.clone()
        }),
    }
}
