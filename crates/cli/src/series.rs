//! Reading the series a verb works on, with the columns the user or the model names.

use std::path::{Path, PathBuf};

use ressac_data::panel::{Panel, Series};
use ressac_data::{Assumption, ColumnRef, Layout, PanelOptions, Step, fingerprint, read_panel};
use ressac_models::forecast::{FileLayout, ForecastConfig, ForecastOptions, Names};

use crate::failure::Failure;

fn column(text: &str) -> ColumnRef {
    let Ok(column) = text.parse();
    column
}

fn columns(names: &Names) -> Vec<ColumnRef> {
    names.0.iter().map(|name| column(name)).collect()
}

/// What the options say of the files.
fn panel_options(options: &ForecastOptions) -> Result<PanelOptions, Failure> {
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
        .map_err(|problem| Failure::usage(format!("the option `--every`: {problem}")))?;
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

/// The files of the options, made absolute so that the model folder finds them from anywhere.
pub(crate) fn files(options: &ForecastOptions) -> Result<Vec<PathBuf>, Failure> {
    let given = options.data.as_ref().map_or(&[][..], |names| &names.0);
    if given.is_empty() {
        return Err(Failure::usage(
            "`--data` is missing: name the files to learn from, such as `--data my.csv`",
        ));
    }
    given
        .iter()
        .map(|file| {
            std::path::absolute(file).map_err(|error| Failure::failed(format!("`{file}`: {error}")))
        })
        .collect()
}

/// Reads the series to train on.
pub(crate) fn for_training(
    files: &[PathBuf],
    options: &ForecastOptions,
) -> Result<(Panel, Vec<Assumption>), Failure> {
    Ok(read_panel(files, &panel_options(options)?)?)
}

/// Reads series for a trained model: its columns and its time column, by name.
pub(crate) fn for_model(files: &[PathBuf], config: &ForecastConfig) -> Result<Panel, Failure> {
    Ok(for_model_with(files, config, None)?.0)
}

/// As [`for_model`], with one more column of numbers after the past ones, that the model does not read; and what was
/// assumed.
pub(crate) fn for_model_with(
    files: &[PathBuf],
    config: &ForecastConfig,
    also: Option<&str>,
) -> Result<(Panel, Vec<Assumption>), Failure> {
    let some = |names: &Names| Some(names.clone()).filter(|names| !names.0.is_empty());
    let mut past = config.past.clone();
    past.0.extend(also.map(str::to_owned));
    let options = ForecastOptions {
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
    };
    for_training(files, &options)
}

/// What tells these files from others: one digest over theirs.
pub(crate) fn digest(files: &[PathBuf]) -> Result<String, Failure> {
    let digests = files
        .iter()
        .map(|file| fingerprint::file(file))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(match digests.as_slice() {
        [one] => one.clone(),
        several => fingerprint::bytes(several.join("\n").as_bytes()),
    })
}

/// The files as a message names them.
pub(crate) fn named(files: &[PathBuf]) -> String {
    match files {
        [] => String::new(),
        [one] => one.display().to_string(),
        [first, .., last] => format!("{} to {}", first.display(), last.display()),
    }
}

/// The files given, or those the model was trained on.
pub(crate) fn given_or_trained(given: &[PathBuf], config: &ForecastConfig) -> Vec<PathBuf> {
    if given.is_empty() {
        config.data.0.iter().map(PathBuf::from).collect()
    } else {
        given.to_vec()
    }
}

/// Refuses to write over a file that is read.
pub(crate) fn refuse_as_output(out: &Path, read: &[PathBuf]) -> Result<(), Failure> {
    let Ok(target) = out.canonicalize() else {
        return Ok(());
    };
    let same = |file: &PathBuf| file.canonicalize().is_ok_and(|file| file == target);
    match read.iter().any(same) {
        false => Ok(()),
        true => Err(Failure::usage(format!(
            "`{}` is read, so it cannot be written: its rows would be lost. Give another file",
            out.display()
        ))),
    }
}

/// The first file, for a message about all.
pub(crate) fn first(files: &[PathBuf]) -> &Path {
    files.first().map_or(Path::new(""), PathBuf::as_path)
}

/// What a column of a series is called where there are so many series and targets.
pub(crate) fn titled(
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
