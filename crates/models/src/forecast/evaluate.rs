//! How good a forecaster is, beside the forecasts that need no training.
//!
//! `mse` and `mae` are on z-scores of the training part, so that they compare with published
//! figures; the others are in the user's units. Every method is scored on the same windows.

use std::ops::Range;

use serde::Serialize;

use ressac_data::{Table, window};
use ressac_stats::forecast as stats;

use super::forecaster::Forecaster;
use super::pipeline::ColumnScale;
use super::series::ScaledSeries;
use crate::ModelError;

/// Figures of one method, for one column or for all.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Mean squared error on z-scores.
    pub mse: f64,
    /// Mean absolute error on z-scores.
    pub mae: f64,
    /// Root mean squared error, in the column's unit; over several columns, their mean.
    pub rmse: f64,
    /// Mean absolute percentage error; absent where the truth has values that are not above zero.
    pub mape: Option<f64>,
    /// Symmetric mean absolute percentage error, as in the M4 competition.
    pub smape: Option<f64>,
    /// Mean absolute error over that of the seasonal-naive forecast within the training part.
    pub mase: Option<f64>,
}

/// A method and its figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodFigures {
    /// `model`, `repeat-last` or `seasonal-naive`.
    pub method: String,
    /// Over every column.
    pub overall: Figures,
    /// Column by column, in the model's order.
    pub columns: Vec<(String, Figures)>,
}

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many windows were forecast.
    pub windows: usize,
    /// The model first, then the naive methods.
    pub methods: Vec<MethodFigures>,
}

impl Forecaster {
    /// Forecasts every `stride`-th window whose horizon lies in the rows `part`, and scores it.
    ///
    /// A window's context may reach back before the part, never before the first row. The
    /// seasonal-naive forecast is there when the pipeline knows a season; it may look back further
    /// than the context.
    ///
    /// # Errors
    /// When the part has no window, or the table lacks a column or a value.
    pub fn evaluate(
        &self,
        table: &Table,
        part: Range<usize>,
        stride: usize,
    ) -> Result<Evaluation, ModelError> {
        let (context, horizon) = (self.config().context, self.config().horizon);
        let season = self.pipeline().season;
        // Every method gets the same windows, so each must have the history the greediest one needs.
        let history = context.max(season.unwrap_or(0));
        let origins = window::origins(part.clone(), history, horizon, stride.max(1));
        if origins.is_empty() {
            return Err(ModelError::TooFewRows {
                rows: part.len(),
                needed: history.saturating_sub(part.start) + horizon,
                why: format!("one window is {history} rows of history and {horizon} to forecast"),
            });
        }
        let columns = self.pipeline().select(table, 0..table.rows())?;
        let series = ScaledSeries::new(table, self.pipeline())?;
        let scaled = self.forecast_scaled(&series, &origins)?;

        let variables = columns.len();
        let mut names = vec!["model", "repeat-last"];
        names.extend(season.map(|_| "seasonal-naive"));
        let mut methods: Vec<Vec<Sums>> = names
            .iter()
            .map(|_| vec![Sums::default(); variables])
            .collect();
        for (index, &origin) in origins.iter().enumerate() {
            for (variable, (scale, values)) in
                self.pipeline().columns.iter().zip(&columns).enumerate()
            {
                let truth = &values[origin..origin + horizon];
                let forecast: Vec<f64> = (0..horizon)
                    .map(|step| {
                        scale.unscale(f64::from(
                            scaled[(index * horizon + step) * variables + variable],
                        ))
                    })
                    .collect();
                methods[0][variable].add(scale, &forecast, truth);
                methods[1][variable].add(
                    scale,
                    &stats::repeat_last(&values[..origin], horizon),
                    truth,
                );
                if let Some(season) = season {
                    let past = &values[origin - season..origin];
                    methods[2][variable].add(
                        scale,
                        &stats::seasonal_naive(past, season, horizon),
                        truth,
                    );
                }
            }
        }
        let methods = names
            .into_iter()
            .zip(methods)
            .map(|(method, sums)| {
                let figures: Vec<Figures> = sums
                    .iter()
                    .zip(&self.pipeline().columns)
                    .map(|(sums, scale)| sums.figures(scale))
                    .collect();
                MethodFigures {
                    method: method.to_owned(),
                    overall: mean(&figures),
                    columns: self
                        .pipeline()
                        .columns
                        .iter()
                        .map(|scale| scale.name.clone())
                        .zip(figures)
                        .collect(),
                }
            })
            .collect();
        Ok(Evaluation {
            windows: origins.len(),
            methods,
        })
    }
}

/// Sums of each window's figures: windows are of one length, so their mean is the mean over values.
#[derive(Debug, Clone, Default)]
struct Sums {
    windows: f64,
    mse: f64,
    mae: f64,
    mape: f64,
    smape: f64,
    positive: bool,
}

impl Sums {
    fn add(&mut self, scale: &ColumnScale, forecast: &[f64], truth: &[f64]) {
        let first = self.windows == 0.0;
        self.windows += 1.0;
        self.mse += stats::mse(forecast, truth) / scale.deviation.powi(2);
        self.mae += stats::mae(forecast, truth) / scale.deviation;
        self.smape += stats::smape(forecast, truth);
        self.positive = (first || self.positive) && truth.iter().all(|value| *value > 0.0);
        if self.positive {
            self.mape += stats::mape(forecast, truth);
        }
    }

    fn figures(&self, scale: &ColumnScale) -> Figures {
        let over = |sum: f64| sum / self.windows;
        let (mse, mae) = (over(self.mse), over(self.mae));
        Figures {
            mse,
            mae,
            rmse: mse.sqrt() * scale.deviation,
            mape: self.positive.then(|| over(self.mape)),
            smape: Some(over(self.smape)).filter(|smape| smape.is_finite()),
            mase: scale
                .seasonal_error
                .map(|error| mae * scale.deviation / error),
        }
    }
}

/// The mean over columns; a figure one column lacks is absent from the mean.
fn mean(figures: &[Figures]) -> Figures {
    let count = figures.len().max(1) as f64;
    let all = |get: fn(&Figures) -> Option<f64>| {
        figures
            .iter()
            .map(get)
            .sum::<Option<f64>>()
            .map(|sum| sum / count)
    };
    let each = |get: fn(&Figures) -> f64| figures.iter().map(get).sum::<f64>() / count;
    Figures {
        mse: each(|figures| figures.mse),
        mae: each(|figures| figures.mae),
        rmse: each(|figures| figures.rmse),
        mape: all(|figures| figures.mape),
        smape: all(|figures| figures.smape),
        mase: all(|figures| figures.mase),
    }
}
