//! The demonstration of the command: a year of electricity load made here, and the next day.

use std::path::Path;

use toml::Table;

use ressac_data::{DataError, generate, write_csv};

use super::config::ForecastOptions;
use crate::family::Demo;
use crate::options::{Files, Names, Options, TimeLimit, TrainingOptions};

/// One year of hours.
const HOURS: usize = 8760;
/// Values drawn before the forecast: four days.
const DRAWN: usize = 96;

pub(super) fn demo() -> Demo {
    Demo {
        about: "a year of hourly electricity load, made here: forecast the next 24 hours from the last 168",
        file: "load.csv",
        write,
        options,
        past,
        scored: "the last fifth of the year:",
        drawn: "four days of load, and the forecast after the line:",
        next: &[
            "evaluate {model}",
            "predict {model} --data {data}",
            "train forecast --data {data} --target load --horizon 48 --model lstm",
        ],
    }
}

fn write(seed: u64, file: &Path) -> Result<(), DataError> {
    let mut csv = Vec::new();
    write_csv(&generate::load(seed, HOURS), &mut csv)?;
    std::fs::write(file, csv).map_err(|source| DataError::Unwritable { source })
}

fn past(seed: u64) -> Vec<f64> {
    let table = generate::load(seed, HOURS);
    let load = table.column("load").unwrap_or_default();
    load[load.len().saturating_sub(DRAWN)..].to_vec()
}

fn options(seed: u64, file: &Path) -> Table {
    ForecastOptions {
        data: Some(Files(vec![file.display().to_string()])),
        target: Some(Names(vec!["load".into()])),
        horizon: Some(24),
        context: Some(168),
        training: TrainingOptions {
            seed: Some(seed),
            time_limit: Some(TimeLimit(std::time::Duration::from_secs(60))),
            ..TrainingOptions::default()
        },
        ..ForecastOptions::default()
    }
    .table()
}
