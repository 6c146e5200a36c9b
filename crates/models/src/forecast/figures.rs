//! The measures of a forecast, summed over windows.

use serde::Serialize;

use ressac_stats::forecast as stats;

use super::scale::ColumnScale;
use crate::measure::{Measure, four, significant, three};

/// The figures, in the order in which they are told.
pub(super) const FIGURES: [Measure<Figures>; 6] = [
    Measure {
        key: "mse",
        head: "mse",
        of: |figures| Some(figures.mse),
        write: four,
    },
    Measure {
        key: "mae",
        head: "mae",
        of: |figures| Some(figures.mae),
        write: four,
    },
    Measure {
        key: "rmse",
        head: "rmse",
        of: |figures| Some(figures.rmse),
        write: significant,
    },
    Measure {
        key: "mape",
        head: "mape",
        of: |figures| figures.mape,
        write: percent,
    },
    Measure {
        key: "smape",
        head: "smape",
        of: |figures| figures.smape,
        write: percent,
    },
    Measure {
        key: "mase",
        head: "mase",
        of: |figures| figures.mase,
        write: three,
    },
];

/// What is said of them to who reads them the first time.
pub(super) const ABOUT: &str = "mse and mae are on z-scores of the training part, rmse in the column's unit; mape is left out where a value is at or below zero, mase without a season.";

/// A percentage with two decimals.
fn percent(value: f64) -> String {
    format!("{value:.2} %")
}

/// Figures of one method, for one column of one series or for all.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Mean squared error on z-scores of the training part.
    pub mse: f64,
    /// Mean absolute error on z-scores of the training part.
    pub mae: f64,
    /// Root mean squared error, in the column's unit; over several columns, their mean.
    pub rmse: f64,
    /// Mean absolute percentage error; absent where the truth has values that are not above zero.
    pub mape: Option<f64>,
    /// Symmetric mean absolute percentage error, as in the M4 competition.
    pub smape: Option<f64>,
    /// Mean absolute error over that of the seasonal-naive forecast within the rows before the part
    /// (Hyndman and Koehler 2006).
    pub mase: Option<f64>,
}

/// Sums of the errors of a method on one column of one series.
///
/// Windows are of one length, so the mean over windows is the mean over values; a window with
/// missing truths counts by the values it has.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    windows: f64,
    mse: f64,
    mae: f64,
    mape: f64,
    smape: f64,
    not_positive: bool,
}

impl Sums {
    /// Adds a window with at least one truth.
    pub(super) fn add(&mut self, scale: &ColumnScale, forecast: &[f64], truth: &[f64]) {
        self.windows += 1.0;
        self.mse += stats::mse(forecast, truth) / scale.deviation.powi(2);
        self.mae += stats::mae(forecast, truth) / scale.deviation;
        self.smape += stats::smape(forecast, truth);
        self.not_positive |= truth.iter().any(|value| *value <= 0.0);
        if !self.not_positive {
            self.mape += stats::mape(forecast, truth);
        }
    }

    /// The figures; nothing without a window. `seasonal_error` is what MASE divides by.
    pub(super) fn figures(
        &self,
        scale: &ColumnScale,
        seasonal_error: Option<f64>,
    ) -> Option<Figures> {
        if self.windows == 0.0 {
            return None;
        }
        let over = |sum: f64| sum / self.windows;
        let (mse, mae) = (over(self.mse), over(self.mae));
        Some(Figures {
            mse,
            mae,
            rmse: mse.sqrt() * scale.deviation,
            mape: (!self.not_positive).then(|| over(self.mape)),
            smape: Some(over(self.smape)).filter(|smape| smape.is_finite()),
            mase: seasonal_error.map(|error| mae * scale.deviation / error),
        })
    }
}

/// The mean over columns; a figure one column lacks is absent from the mean.
pub(super) fn mean(figures: &[&Figures]) -> Figures {
    let count = figures.len().max(1) as f64;
    let all = |get: fn(&Figures) -> Option<f64>| {
        figures
            .iter()
            .map(|figures| get(figures))
            .sum::<Option<f64>>()
            .filter(|_| !figures.is_empty())
            .map(|sum| sum / count)
    };
    let each =
        |get: fn(&Figures) -> f64| figures.iter().map(|figures| get(figures)).sum::<f64>() / count;
    Figures {
        mse: each(|figures| figures.mse),
        mae: each(|figures| figures.mae),
        rmse: each(|figures| figures.rmse),
        mape: all(|figures| figures.mape),
        smape: all(|figures| figures.smape),
        mase: all(|figures| figures.mase),
    }
}
