//! A trained forecaster: its configuration, pipeline and network together, and what it predicts.

use std::ops::Range;

use burn::tensor::Device;

use ressac_data::panel::{Panel, Series};
use ressac_data::{Table, TimeAxis};
use ressac_folder::ModelFiles;
use ressac_nn::random::Stream;

use super::config::ForecastConfig;
use super::dataset::{ScaledPanel, Window};
use super::error::ForecastError;
use super::family::Forecasting;
use super::network::{ForecastNetwork, Widths, median};
use super::pipeline::ForecastPipeline;
use super::scale::ColumnScale;
use crate::family::configuration;
use crate::{ModelError, intact};

/// Windows in one pass of the network: enough to fill every core, few enough to stay in cache.
pub(super) const WINDOWS_AT_ONCE: usize = 256;

/// A forecaster ready to run.
#[derive(Debug)]
pub struct Forecaster {
    config: ForecastConfig,
    pipeline: ForecastPipeline,
    network: ForecastNetwork,
    device: Device,
}

/// What was forecast of one window, in the user's units: `columns[target][level][step]`.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowForecast {
    /// For each target, for each of [`Forecaster::levels`], the steps of the horizon.
    pub columns: Vec<Vec<Vec<f64>>>,
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

    /// Opens the forecaster in `files`, to run on `device`.
    ///
    /// # Errors
    /// When a file is missing, damaged, of another version, or belongs to another model.
    pub fn open(files: &ModelFiles, device: &Device) -> Result<Self, ModelError> {
        let config = configuration::<Forecasting>(files)?;
        let pipeline: ForecastPipeline = files.pipeline()?;
        super::intact::check(&config, &pipeline)?;
        let widths = pipeline.widths()?;
        let expected = ForecastNetwork::parameters(&config, widths);
        let network = intact::network(files, expected, || {
            let stream = Stream::new(config.training.seed, "weights");
            ForecastNetwork::new(&config, widths, &stream, device)
        })?;
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

    /// Its layers.
    pub(super) fn layers(&self) -> &ForecastNetwork {
        &self.network
    }

    /// The same forecaster with another pipeline of the same widths.
    #[must_use]
    pub fn with_pipeline(mut self, pipeline: ForecastPipeline) -> Self {
        self.pipeline = pipeline;
        self
    }

    /// The levels of its quantiles, rising: the configuration's; those of an 80 % interval where
    /// the network forecasts one value and a calibration makes the interval; else the median alone.
    pub fn levels(&self) -> Vec<f64> {
        match (&self.pipeline.calibration, self.config.quantiles.is_empty()) {
            (Some(calibration), _) => calibration.levels.clone(),
            (None, true) => vec![0.5],
            (None, false) => self.config.quantiles.clone(),
        }
    }

    /// The place of the median among [`Forecaster::levels`].
    pub fn median(&self) -> usize {
        median(&self.levels())
    }

    /// `panel` on the network's scale; a series that was not in training is scaled by its rows
    /// `before`.
    ///
    /// # Errors
    /// When a column is missing or of another kind, or the rows are another time apart.
    pub fn scale(&self, panel: &Panel, before: &[Range<usize>]) -> Result<ScaledPanel, ModelError> {
        let (context, horizon) = (self.config.context, self.config.horizon);
        ScaledPanel::new(panel, &self.pipeline, before, context, horizon)
    }

    /// Forecasts each of `windows` and hands it to `each`, in their order, in the user's units.
    ///
    /// # Errors
    /// When a window reaches beyond its series, or the network refuses.
    pub fn forecast_each(
        &self,
        panel: &Panel,
        before: &[Range<usize>],
        windows: &[Window],
        mut each: impl FnMut(Window, WindowForecast),
    ) -> Result<(), ModelError> {
        let scaled = self.scale(panel, before)?;
        let scales = panel
            .series
            .iter()
            .zip(before)
            .map(|(series, before)| {
                Ok((
                    self.pipeline.scales(series, before.clone())?,
                    self.pipeline.own_scales(series, before.clone())?,
                ))
            })
            .collect::<Result<Vec<_>, ModelError>>()?;
        for windows in windows.chunks(WINDOWS_AT_ONCE) {
            let batch = scaled.batch(windows, &self.device)?;
            let forecast = self.network.forward(batch, None)?;
            let [_, horizon, targets, outputs] = forecast.dims();
            let values: Vec<f32> = forecast.into_data().iter::<f32>().collect();
            for (window, values) in windows
                .iter()
                .zip(values.chunks(horizon * targets * outputs))
            {
                let (network, own) = &scales[window.series];
                each(*window, self.in_units(values, outputs, network, own));
            }
        }
        Ok(())
    }

    /// One window's outputs `[horizon, targets, outputs]` in units, calibrated, in rising order.
    fn in_units(
        &self,
        values: &[f32],
        outputs: usize,
        network: &[ColumnScale],
        own: &[ColumnScale],
    ) -> WindowForecast {
        let targets = network.len();
        let horizon = values.len() / (targets * outputs);
        let levels = self.levels().len();
        let mut columns = vec![vec![vec![0.0; horizon]; levels]; targets];
        let mut sorted = vec![0.0; levels];
        for (target, column) in columns.iter_mut().enumerate() {
            for step in 0..horizon {
                for (level, value) in sorted.iter_mut().enumerate() {
                    // A network of one value has it for every level; the calibration spreads them.
                    let output = if outputs == 1 { 0 } else { level };
                    let z = values[(step * targets + target) * outputs + output];
                    *value = network[target].unscale(f64::from(z));
                    if let Some(calibration) = &self.pipeline.calibration {
                        *value +=
                            calibration.correction(target, step, level) * own[target].deviation;
                    }
                }
                // A correction may carry one quantile past another; rearranged they are quantiles
                // again, and no worse (Chernozhukov et al. 2010).
                sorted.sort_by(f64::total_cmp);
                for (level, value) in sorted.iter().enumerate() {
                    column[level][step] = *value;
                }
            }
        }
        WindowForecast { columns }
    }

    /// The `horizon` steps after the last value of each series, in the user's units, with their
    /// times when the series' times are evenly apart: one table for each series, with a column for
    /// each target and one for each other quantile of it (`load_q0.1`).
    ///
    /// # Errors
    /// When the panel lacks a column, a series has less than a context of rows, or its known
    /// columns do not reach over the horizon.
    pub fn forecast(&self, panel: &Panel) -> Result<Vec<(String, Table)>, ModelError> {
        let context = self.config.context;
        let mut windows = Vec::with_capacity(panel.series.len());
        let mut before = Vec::with_capacity(panel.series.len());
        for (index, series) in panel.series.iter().enumerate() {
            let rows = series.observed();
            if rows < context {
                return Err(ForecastError::TooFewRows {
                    rows,
                    needed: context,
                    why: format!(
                        "a forecast{} is made from the last {context} rows",
                        of_series(series)
                    ),
                }
                .into());
            }
            windows.push(Window {
                series: index,
                origin: rows,
            });
            before.push(0..rows);
        }
        let mut tables = Vec::with_capacity(windows.len());
        self.forecast_each(panel, &before, &windows, |window, forecast| {
            let series = &panel.series[window.series];
            tables.push((series.name.clone(), self.table(series, forecast)));
        })?;
        Ok(tables)
    }

    fn table(&self, series: &Series, forecast: WindowForecast) -> Table {
        let (levels, median) = (self.levels(), self.median());
        let mut names = Vec::new();
        let mut columns = Vec::new();
        for (name, mut quantiles) in self.pipeline.targets.iter().zip(forecast.columns) {
            names.push(name.clone());
            columns.push(std::mem::take(&mut quantiles[median]));
            for (place, values) in quantiles.into_iter().enumerate() {
                if place != median {
                    names.push(format!("{name}_q{}", levels[place]));
                    columns.push(values);
                }
            }
        }
        let time = series.time.as_ref().and_then(|axis| {
            let observed = TimeAxis {
                stamps: axis.stamps[..series.observed()].to_vec(),
                ..axis.clone()
            };
            let stamps = observed.future(self.config.horizon)?;
            Some(TimeAxis { stamps, ..observed })
        });
        Table {
            names,
            columns,
            time,
        }
    }
}

fn of_series(series: &Series) -> String {
    if series.name.is_empty() {
        String::new()
    } else {
        format!(" of `{}`", series.name)
    }
}

impl ForecastPipeline {
    /// How many numbers of each kind the network reads.
    ///
    /// # Errors
    /// When the calendar has a feature this build does not know.
    pub fn widths(&self) -> Result<Widths, ModelError> {
        Ok(Widths {
            targets: self.targets.len(),
            masked: self.masked,
            past: self.past.len(),
            known: self.known_width()?,
        })
    }
}
