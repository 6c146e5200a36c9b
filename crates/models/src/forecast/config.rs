//! What a forecaster is trained with: options as given, and the same options resolved.
//!
//! [`ForecastOptions`] is what a person wrote (each may be absent); [`ForecastConfig`] has every
//! value, and is what `config.toml` keeps. Both have the same keys, so the saved file can be given
//! back as options.

use serde::{Deserialize, Serialize};

use super::choices::{FileLayout, Head, Loss, ModelKind, Names, Scale, Start, TimeLimit};
use crate::cell::{Activation, CellChoice, Gates, Reset};
use crate::folder::{Task, TaskOptions};

/// A key as files write it: the field's name, unless that is a word of the language.
macro_rules! written {
    ($key:ident) => {
        stringify!($key)
    };
    ($key:ident $name:literal) => {
        $name
    };
}

/// Declares the two structs and their keys together, so that they cannot drift apart.
macro_rules! options {
    ($($(#[$doc:meta])* $key:ident $(as $name:literal)?: $given:ty => $resolved:ty,)*) => {
        /// Options as given by a person: whatever is absent is inferred or takes its default.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct ForecastOptions {
            $(
                $(#[$doc])*
                $(#[serde(rename = $name)])?
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $key: Option<$given>,
            )*
        }

        /// Options resolved: everything a training run depends on. What does not concern the model is absent.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct ForecastConfig {
            $($(#[$doc])* $(#[serde(rename = $name)])? pub $key: $resolved,)*
        }

        impl ForecastConfig {
            const ALL_KEYS: &'static [&'static str] = &[$(written!($key $($name)?)),*];
        }
    };
}

options! {
    /// The files of the series, in any order.
    data: Names => Names,
    /// Whether the files' first row holds the column names; absent, it is looked at.
    header: bool => Option<bool>,
    /// How the files lay out their series; absent, it is looked at.
    layout: FileLayout => Option<FileLayout>,
    /// The column of times, or the columns of dates and clocks, by name or number from 1; absent,
    /// they are looked for.
    time: Names => Names,
    /// The columns to forecast, by name or number from 1; absent, every numeric column without
    /// another role.
    target: Names => Names,
    /// The column that tells the series of a file apart.
    series: String => Option<String>,
    /// Columns whose future is in the file too.
    known: Names => Names,
    /// Columns that help but whose future is not known.
    past: Names => Names,
    /// Columns with one value for a whole series.
    statics as "static": Names => Names,
    /// The step to bring the rows to, such as `1h`; absent, the file's own.
    every: String => Option<String>,
    /// Whether the network reads the calendar: hour, weekday, season of the year.
    calendar: bool => bool,
    /// The country whose national holidays the network reads, such as `FR`.
    holidays: String => Option<String>,
    /// How many steps to forecast.
    horizon: usize => usize,
    /// How many past steps the forecast sees.
    context: usize => usize,
    /// Steps in one season (24 for hourly data): for the seasonal-naive forecast and MASE.
    season: usize => Option<usize>,
    /// Rows or shares of the training, validation and test parts, in time order.
    split: String => String,
    /// What values are divided by before the network reads them.
    scale: Scale => Scale,
    /// Whether the context's last value is taken off before the network and put back after it,
    /// which makes the forecast follow a level that drifts.
    subtract_last: bool => bool,
    /// Earlier values the head reads beside the calendar: those so many steps before each step of
    /// the horizon.
    lags: Vec<usize> => Vec<usize>,
    /// The quantiles to forecast; none for a single value. The median is always among them.
    quantiles: Vec<f64> => Vec<f64>,
    /// The network.
    model: ModelKind => ModelKind,
    /// The activation of the model `rnn`.
    activation: Activation => Option<Activation>,
    /// What the gates of the model `lstm` read.
    gates: Gates => Option<Gates>,
    /// Where the reset gate of the model `gru` stands.
    reset: Reset => Option<Reset>,
    /// How a recurrent network forecasts the steps of the horizon.
    head: Head => Head,
    /// Hidden units of each recurrent layer.
    hidden: usize => usize,
    /// Recurrent layers, one above the other.
    layers: usize => usize,
    /// Steps in one segment of the model `segment`.
    segment: usize => usize,
    /// The share of values dropped in training, between layers and before the head.
    dropout: f64 => f64,
    /// The share of fed-back units dropped in training, the same at every step of a window.
    recurrent_dropout: f64 => f64,
    /// The share of state values that stay as they were, in training at random (zoneout).
    zoneout: f64 => f64,
    /// Whether every gate is normalised over its units (layer normalisation).
    layer_norm: bool => bool,
    /// Whether the input of each layer is added to its output.
    residual: bool => bool,
    /// Where the weights of the recurrent layers start.
    init: Start => Start,
    /// What training makes small.
    loss: Loss => Loss,
    /// Passes over the training windows at the most.
    epochs: usize => usize,
    /// Windows in one optimiser step.
    batch: usize => usize,
    /// Rows from one training window to the next.
    stride: usize => usize,
    /// The learning rate at its highest.
    lr: f64 => f64,
    /// How the learning rate changes over the planned steps.
    schedule: String => String,
    /// Which average of the weights is kept.
    averaging: String => String,
    /// AdamW's weight decay.
    weight_decay: f64 => f64,
    /// The largest global norm of the gradient; 0 switches clipping off.
    clip: f64 => f64,
    /// Epochs without a better validation loss before training ends; 0 never ends it early.
    patience: usize => usize,
    /// The longest training may take; the schedule still follows the planned steps.
    time_limit: TimeLimit => Option<TimeLimit>,
    /// The seed of everything random.
    seed: u64 => u64,
}

impl ForecastConfig {
    /// The cell of the recurrent layers.
    pub fn cell(&self) -> CellChoice {
        match self.model {
            ModelKind::Rnn => CellChoice::Rnn(self.activation.unwrap_or(Activation::Tanh)),
            ModelKind::Lstm => CellChoice::Lstm(self.gates.unwrap_or(Gates::Hidden)),
            ModelKind::Gru | ModelKind::Segment => {
                CellChoice::Gru(self.reset.unwrap_or(Reset::After))
            }
            ModelKind::MinimalGru => CellChoice::MinimalGru,
            ModelKind::MinimalLstm => CellChoice::MinimalLstm,
        }
    }
}

impl TaskOptions for ForecastOptions {
    const TASK: Task = Task::Forecast;
    const KEYS: &'static [&'static str] = ForecastConfig::ALL_KEYS;
}

impl TaskOptions for ForecastConfig {
    const TASK: Task = Task::Forecast;
    const KEYS: &'static [&'static str] = ForecastConfig::ALL_KEYS;
}
