//! What a forecaster is trained with: options as given, and the same options resolved.
//!
//! [`ForecastOptions`] is what a person wrote (each may be absent); [`ForecastConfig`] has every
//! value, and is what `config.toml` keeps. Both have the same keys, so the saved file can be given
//! back as options.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::folder::{Task, TaskOptions};

/// The recurrent cell of the encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellKind {
    /// The plain recurrent unit with tanh (Elman 1990).
    Rnn,
    /// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers 1999).
    Lstm,
    /// Gated recurrent unit (Cho et al. 2014), reset gate after the recurrent product.
    Gru,
}

impl fmt::Display for CellKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CellKind::Rnn => "rnn",
            CellKind::Lstm => "lstm",
            CellKind::Gru => "gru",
        })
    }
}

/// What training makes small, on z-scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// Mean squared error: the forecast aims at the mean.
    Mse,
    /// Mean absolute error: the forecast aims at the median, and minds outliers less.
    Mae,
}

/// A length of time as people write it: `90s`, `10m`, `2h`, or a bare number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimit(pub Duration);

impl FromStr for TimeLimit {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let seconds = match &text[digits..] {
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            other => {
                return Err(format!(
                    "`{other}` is no unit of time; write `90s`, `10m` or `2h`"
                ));
            }
        };
        let number: f64 = text[..digits]
            .parse()
            .map_err(|_| format!("`{text}` is no length of time; write `90s`, `10m` or `2h`"))?;
        Duration::try_from_secs_f64(number * seconds)
            .map(TimeLimit)
            .map_err(|_| format!("`{text}` is too long a time"))
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0.as_secs_f64())
    }
}

impl Serialize for TimeLimit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeLimit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Declares the two structs and their keys together, so that they cannot drift apart.
macro_rules! options {
    ($($(#[$doc:meta])* $key:ident: $given:ty => $resolved:ty,)*) => {
        /// Options as given by a person: whatever is absent is inferred or takes its default.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct ForecastOptions {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $key: Option<$given>,)*
        }

        /// Options resolved: everything a training run depends on.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct ForecastConfig {
            $($(#[$doc])* pub $key: $resolved,)*
        }

        impl ForecastConfig {
            const ALL_KEYS: &'static [&'static str] = &[$(stringify!($key)),*];
        }
    };
}

options! {
    /// The file of the series.
    data: String => String,
    /// Whether the file's first row holds the column names; absent, it is looked at.
    header: bool => Option<bool>,
    /// The column of times, by name or number from 1; absent, it is looked for.
    time: String => Option<String>,
    /// The columns to forecast, by name or number from 1; absent, every numeric column.
    target: Vec<String> => Vec<String>,
    /// How many steps to forecast.
    horizon: usize => usize,
    /// How many past steps the forecast sees.
    context: usize => usize,
    /// Steps in one season (24 for hourly data): for the seasonal-naive forecast and MASE.
    season: usize => Option<usize>,
    /// Rows or shares of the training, validation and test parts, in time order.
    split: String => String,
    /// The recurrent cell.
    model: CellKind => CellKind,
    /// Hidden units of each recurrent layer.
    hidden: usize => usize,
    /// Recurrent layers, one above the other.
    layers: usize => usize,
    /// The share of values dropped in training, between layers and before the head.
    dropout: f64 => f64,
    /// Whether the context's last value is taken off before the network and put back after it,
    /// which makes the forecast follow a level that drifts.
    subtract_last: bool => bool,
    /// What training makes small.
    loss: Loss => Loss,
    /// Passes over the training part at the most.
    epochs: usize => usize,
    /// Windows in one optimiser step.
    batch: usize => usize,
    /// The learning rate at its highest.
    lr: f64 => f64,
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

impl TaskOptions for ForecastOptions {
    const TASK: Task = Task::Forecast;
    const KEYS: &'static [&'static str] = ForecastConfig::ALL_KEYS;
}

impl TaskOptions for ForecastConfig {
    const TASK: Task = Task::Forecast;
    const KEYS: &'static [&'static str] = ForecastConfig::ALL_KEYS;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_as_people_write_them() {
        let seconds = |text: &str| text.parse::<TimeLimit>().map(|limit| limit.0.as_secs_f64());
        assert_eq!(seconds("90"), Ok(90.0));
        assert_eq!(seconds("90s"), Ok(90.0));
        assert_eq!(seconds("1.5m"), Ok(90.0));
        assert_eq!(seconds("2h"), Ok(7200.0));
        for wrong in [
            "",
            "m",
            "10 parsecs",
            "-3s",
            "1e999h",
            "99999999999999999999h",
        ] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_length_of_time_writes_back_to_itself() {
        let limit: TimeLimit = "1.5m".parse().unwrap();
        assert_eq!(limit.to_string().parse(), Ok(limit));
    }
}
