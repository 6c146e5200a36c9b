//! Reading the series a verb works on, with the columns the user or the model names.

use std::path::Path;

use ressac_data::{Assumption, ColumnRef, ReadOptions, Table, read_table};
use ressac_models::forecast::{ForecastConfig, ForecastOptions, Forecaster};

use crate::failure::Failure;

fn column(text: &str) -> ColumnRef {
    let Ok(column) = text.parse();
    column
}

/// Reads the series to train on.
pub(crate) fn for_training(
    path: &Path,
    options: &ForecastOptions,
) -> Result<(Table, Vec<Assumption>), Failure> {
    let options = ReadOptions {
        time: options.time.as_deref().map(column),
        columns: options
            .target
            .as_ref()
            .map(|names| names.iter().map(|name| column(name)).collect()),
        header: options.header,
    };
    Ok(read_table(path, &options)?)
}

/// Reads a series for a trained model: its columns and its time column, by name.
pub(crate) fn for_model(path: &Path, model: &Forecaster) -> Result<Table, Failure> {
    let config: &ForecastConfig = model.config();
    let names = model
        .pipeline()
        .columns
        .iter()
        .map(|scale| ColumnRef::Name(scale.name.clone()));
    let options = ReadOptions {
        time: config.time.clone().map(ColumnRef::Name),
        columns: Some(names.collect()),
        header: config.header,
    };
    Ok(read_table(path, &options)?.0)
}
