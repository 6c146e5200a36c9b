//! `ressac demo`: the whole road in a minute, on data made here, and where to go next.

use std::fs;

use burn::tensor::Device;
use serde_json::json;

use ressac_data::generate;
use ressac_data::split::Split;
use ressac_models::folder::ModelFolder;
use ressac_models::forecast::{ForecastOptions, Forecaster, TimeLimit};

use super::evaluate::table_of;
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
        data: Some(file.display().to_string()),
        target: Some(vec!["load".into()]),
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
    let table = series::for_model(&file, &model)?;
    let split = Split::parse(&model.config().split, table.rows())?;
    let evaluation = model.evaluate(&table, split.test, 1)?;
    output.result(&format!(
        "\nthe last fifth of the year, {} forecasts of 24 hours:\n",
        evaluation.windows
    ));
    output.result(&table_of(&evaluation));
    let [mse, naive] =
        [0, evaluation.methods.len() - 1].map(|index| evaluation.methods[index].overall.mse);
    output.result(&verdict(mse, naive));

    let forecast = model.forecast(&table)?;
    let past = table.column("load").unwrap_or_default();
    let past = &past[past.len().saturating_sub(96)..];
    output.result("\nfour days of load, and the forecast after the line:\n");
    output.result(&plot(past, &forecast.columns[0], 60, 10));

    let csv = place.join("forecast.csv");
    let mut bytes = Vec::new();
    ressac_data::write_csv(&forecast, &mut bytes)?;
    fs::write(&csv, bytes)
        .map_err(|error| Failure::failed(format!("cannot write `{}`: {error}", csv.display())))?;
    output.result(&format!(
        "\nthe forecast is in {}. Next:\n\n  ressac evaluate {out}\n  ressac predict {out} --data {file}\n  ressac train forecast --data {file} --target load --horizon 48 --model lstm\n",
        csv.display(),
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

fn verdict(mse: f64, naive: f64) -> String {
    if mse < naive {
        format!(
            "the model's squared error is {:.0} % of seasonal-naive's",
            100.0 * mse / naive
        )
    } else {
        "the model is no better than seasonal-naive here".into()
    }
}
