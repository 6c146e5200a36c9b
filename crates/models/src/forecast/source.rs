//! Reading series, with the columns that a person or a model names.

use std::path::PathBuf;

use ressac_data::panel::{Panel, Series};
use ressac_data::{
    Assumption, ColumnRef, Layout, PanelOptions, Step, read_panel, read_panel_bytes,
};

use super::choices::FileLayout;
use super::config::{ForecastConfig, ForecastOptions};
use crate::ModelError;
use crate::error::option_error;
use crate::model::{Source, Sources};
use crate::options::{Files, Names};

fn column(text: &str) -> ColumnRef {
    let Ok(column) = text.parse();
    column
}

fn columns(names: &Names) -> Vec<ColumnRef> {
    names.0.iter().map(|name| column(name)).collect()
}

/// What the options say of the files.
fn panel_options(options: &ForecastOptions) -> Result<PanelOptions, ModelError> {
    let listed = |names: &Option<Names>| names.as_ref().map(columns).unwrap_or_default();
    // A resolved configuration names the one column of values and the column of names of wide rows,
    // which have no header of their own to be found by.
    let wide = options.layout == Some(FileLayout::WideRows);
    let target = options
        .target
        .as_ref()
        .filter(|names| !(wide && names.0 == ["value"]));
    let series = options
        .series
        .as_deref()
        .filter(|name| !(wide && *name == "series"));
    let every = options
        .every
        .as_deref()
        .map(str::parse::<Step>)
        .transpose()
        .map_err(|problem| option_error("every", &format!("cannot be followed: {problem}")))?;
    Ok(PanelOptions {
        header: options.header,
        time: listed(&options.time),
        target: target.map(columns),
        series: series.map(column),
        known: listed(&options.known),
        past: listed(&options.past),
        statics: listed(&options.statics),
        every,
        layout: options.layout.map(|layout| match layout {
            FileLayout::Long => Layout::Long,
            FileLayout::WideRows => Layout::WideRows,
        }),
    })
}

/// Reads the series to train on.
pub(super) fn for_training(
    options: &ForecastOptions,
) -> Result<(Panel, Vec<Assumption>), ModelError> {
    let files = Files::to_learn_from(options.data.as_ref(), "my.csv")?;
    Ok(read_panel(&files, &panel_options(options)?)?)
}

/// Reads series for a trained model: its columns and its time column, by name; and, after the past ones, one more
/// column of numbers that the model does not read, where `also` names it.
pub(super) fn for_model(
    sources: &Sources,
    config: &ForecastConfig,
    also: Option<&str>,
) -> Result<(Panel, Vec<Assumption>), ModelError> {
    let some = |names: &Names| Some(names.clone()).filter(|names| !names.0.is_empty());
    let mut past = config.past.clone();
    past.0.extend(also.map(str::to_owned));
    let options = panel_options(&ForecastOptions {
        header: config.header,
        layout: config.layout,
        time: some(&config.time),
        target: some(&config.target),
        series: config.series.clone(),
        known: some(&config.known),
        past: some(&past),
        statics: some(&config.statics),
        every: config.every.clone(),
        ..ForecastOptions::default()
    })?;
    let files: Option<Vec<PathBuf>> = sources
        .of
        .iter()
        .map(|source| match source {
            Source::File(path) => Some(path.clone()),
            _ => None,
        })
        .collect();
    if let Some(files) = files {
        return Ok(read_panel(&files, &options)?);
    }
    let read = sources.read()?;
    let pieces: Vec<_> = read
        .iter()
        .map(|(name, bytes)| (name.as_path(), bytes.as_slice()))
        .collect();
    Ok(read_panel_bytes(&pieces, &options)?)
}

/// What a column of a series is called where there are so many series and targets.
pub(super) fn titled(
    series: &Series,
    column: &str,
    (series_count, targets): (usize, usize),
) -> String {
    match (series_count, targets) {
        (1, _) => column.to_owned(),
        (_, 1) => series.name.clone(),
        _ => format!("{} {column}", series.name),
    }
}
