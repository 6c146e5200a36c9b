//! The options of a forecaster, as given and resolved.

use super::choices::{FileLayout, Head, Loss, ModelKind, Scale};
use crate::cell::{CellChoice, CellKind};
use crate::options::{
    Files, Names, RecurrentConfig, RecurrentOptions, TrainingConfig, TrainingOptions, options,
};

options! {
    /// The options of a forecaster.
    pub ForecastOptions => ForecastConfig {
        "Data" {
            /// Files to learn from: CSV or Parquet, CSV also as .gz; several are put together
            data "FILE": Files => Files,
            /// Whether the first row holds column names
            header "yes|no" ["looked at"]: bool => Option<bool>,
            /// Long: one row for each time; wide-rows: one row for each series
            layout "LAYOUT" ["looked at"]: FileLayout => Option<FileLayout>,
            /// Column of times, or columns of date and clock, by name or number from 1
            time "COL[,COL]" ["looked for"]: Names => Names,
            /// Columns to forecast, by name or number
            target "COL,…" ["every numeric column without another role"]: Names => Names,
            /// Column that tells several series apart
            series "COL": String => Option<String>,
            /// Columns whose future is in the file too, such as a price list
            known "COL,…": Names => Names,
            /// Columns that help but whose future is not known, such as a measured temperature
            past "COL,…": Names => Names,
            /// Columns with one value for a whole series, such as a region
            statics as "static" "COL,…": Names => Names,
            /// Step to bring finer rows to: 1h keeps the values on the hour
            every "STEP" ["the file's"]: String => Option<String>,
            /// Whether the network reads hour, weekday and season of the year
            calendar "yes|no" ["yes where times are even; no for segment"]: bool => bool,
            /// National holidays for the calendar, such as FR
            holidays "COUNTRY": String => Option<String>,
        }
        "Task" {
            /// Steps to forecast
            horizon "N": usize => usize,
            /// Past steps a forecast sees
            context "N" ["four seasons, or a week of hours"]: usize => usize,
            /// Steps in a season
            season "N" ["from the time step, 24 for hours"]: usize => Option<usize>,
            /// Rows (8640,2880,2880; rest for one of them) or shares (0.7,0.1,0.2) to train, validate and test on
            split "A,B,C" ["0.7,0.1,0.2"]: String => String,
            /// Quantiles to forecast; the median is always among them
            quantiles "Q,…" ["0.1,0.5,0.9"]: Vec<f64> => Vec<f64>,
            /// Scaling: standard, series (each by itself) or reversible (each window by itself)
            scale "SCALING" ["standard for one series, series for several"]: Scale => Scale,
            /// Subtract the context's last value before the network and add it again after it
            subtract_last "[true|false]" ["true, but for reversible scaling"]: bool => bool,
        }
        "Network" {
            /// Network: rnn, lstm, gru, segment, minimal-gru or minimal-lstm
            model "MODEL" ["gru"]: ModelKind => ModelKind,
            /// From context to horizon: direct or decoder
            head "HEAD" ["decoder"]: Head => Head,
            /// Steps in a segment of the model segment
            segment "N" ["the longest up to 48 that divides context and horizon"]: usize => usize,
            /// Earlier values the head reads, so many steps before each step
            lags "N,…" ["a season and a week, as the context allows"]: Vec<usize> => Vec<usize>,
        }
        "Training" {
            /// Training loss: quantile, mae or mse
            loss "LOSS" ["quantile"]: Loss => Loss,
            /// Rows from one training window to the next
            stride "N" ["1"]: usize => usize,
        }
    }
    groups {
        recurrent: RecurrentOptions => RecurrentConfig {
            hidden = "64; 128 for segment", dropout = "0.1; 0.3 for segment"
        },
        training: TrainingOptions => TrainingConfig,
    }
}

impl ForecastConfig {
    /// The kind of its cell.
    pub fn cell_kind(&self) -> CellKind {
        match self.model {
            ModelKind::Rnn => CellKind::Rnn,
            ModelKind::Lstm => CellKind::Lstm,
            ModelKind::Gru | ModelKind::Segment => CellKind::Gru,
            ModelKind::MinimalGru => CellKind::MinimalGru,
            ModelKind::MinimalLstm => CellKind::MinimalLstm,
        }
    }

    /// The recurrent layers over `input` features.
    pub(super) fn layers(&self, input: usize) -> ressac_nn::RecurrentConfig {
        self.recurrent
            .layers_of(self.cell_kind(), input, self.context)
    }

    /// The cell of the recurrent layers.
    pub fn cell(&self) -> CellChoice {
        self.recurrent.cell(self.cell_kind())
    }
}
