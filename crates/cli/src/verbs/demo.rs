//! `ressac demo`: the whole road in a minute, on data made here, and where to go next.

use std::fs;

use burn::tensor::Device;
use serde_json::json;

use ressac_data::generate;
use ressac_models::folder::ModelFolder;
use ressac_models::forecast::{ForecastOptions, Forecaster, Names, Scored, TimeLimit, parts};

use super::evaluate::tell;
use super::train::Job;
use super::{data, new_run};
use crate::args::{DemoArgs, Globals};
use crate::failure::Failure;
use crate::output::Output;
use crate::series;
use crate::terminal_plot::plot;

/// One year of hours.
const HOURS: usize = 8760;

pub(crate) fn run(
    args: &DemoArgs,
    globals: &Globals,
    device: &Device,
    output: &Output,
) -> Result<(), Failure> {
    let place = match &args.out {
        Some(out) => ModelFolder::create(out)?.path().to_path_buf(),
        None => new_run("demo")?,
    };
    let seed = globals.seed.unwrap_or(0);
    let file = place.join("load.csv");
    data::write(&generate::load(seed, HOURS), &file)?;
    output.say("a year of hourly electricity load, made here: forecast the next 24 hours from the last 168");

    let options = ForecastOptions {
        data: Some(Names(vec![file.display().to_string()])),
        target: Some(Names(vec!["load".into()])),
        horizon: Some(24),
        context: Some(168),
        seed: Some(seed),
        time_limit: Some(TimeLimit(std::time::Duration::from_secs(60))),
        ..ForecastOptions::default()
    };
    let out = place.join("model");
    let job = Job {
        saved: None,
        options,
        out: Some(out.clone()),
        resume: false,
        dry_run: false,
        checkpoint_every: None,
    };
    let trained = job.run(device, output)?;

    let model = Forecaster::open(&ModelFolder::open(&out)?, device)?;
    let panel = series::for_model(std::slice::from_ref(&file), model.config())?;
    let parts =
        parts(&panel, Some(&model.config().split)).map_err(ressac_models::ModelError::from)?;
    let evaluation = model.evaluate(
        &panel,
        &Scored {
            rows: parts.into_iter().map(|split| split.test).collect(),
            stride: 1,
            clock: None,
            slices: None,
        },
    )?;
    output.result(&format!(
        "\nthe last fifth of the year, {} forecasts of 24 hours:\n",
        evaluation.windows
    ));
    tell(&evaluation, output);
    let overall = |name: &str| {
        evaluation
            .methods
            .iter()
            .find(|method| method.method == name)
            .map(|method| method.overall.mse)
    };
    let (mse, naive) = (overall("model"), overall("seasonal-naive"));

    let forecasts = model.forecast(&panel)?;
    let forecast = &forecasts[0].1;
    let past = &panel.series[0].targets[0];
    let past = &past[past.len().saturating_sub(96)..];
    output.result("\nfour days of load, and the forecast after the line:\n");
    output.result(&plot(past, &forecast.columns[0], 60, 10));

    let csv = place.join("forecast.csv");
    let mut bytes = Vec::new();
    ressac_data::write_csv(forecast, &mut bytes)?;
    fs::write(&csv, bytes)
        .map_err(|error| Failure::failed(format!("cannot write `{}`: {error}", csv.display())))?;
    // As it was called, so that the lines can be pasted where `ressac` is not on the path.
    let ressac = std::env::args().next().unwrap_or_else(|| "ressac".into());
    output.result(&format!(
        "\nthe forecast is in {}, the report in {}. Next:\n\n  {ressac} evaluate {out}\n  {ressac} predict {out} --data {file}\n  {ressac} train forecast --data {file} --target load --horizon 48 --model lstm\n",
        csv.display(),
        out.join("report.html").display(),
        out = out.display(),
        file = file.display(),
    ));
    output.json(&json!({
        "model": out,
        "data": file,
        "forecast": csv,
        "training": trained,
        "mse": mse,
        "seasonal-naive": { "mse": naive },
    }));
    Ok(())
}
