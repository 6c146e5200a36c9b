//! `ressac predict`: the steps after the end of a file, in its own units and times, as CSV.

use burn::tensor::Device;
use serde_json::{Map, Value, json};

use ressac_data::{Table, write_long_csv};
use ressac_models::folder::{ModelFolder, atomic};
use ressac_models::forecast::Forecaster;

use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::series;

pub(crate) fn run(args: &PredictArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let folder = ModelFolder::open(&args.model)?;
    let model = Forecaster::open(&folder, device)?;
    let files = series::given_or_trained(&args.data, model.config());
    if let Some(out) = &args.out {
        series::refuse_as_output(out, &files)?;
    }
    let panel = series::for_model(&files, model.config())?;
    let forecasts = model
        .forecast(&panel)
        .map_err(|error| Failure::about(error, series::first(&files)))?;
    if forecasts.iter().any(|(_, table)| table.time.is_none()) {
        output.say("the file has no times at even steps, so the rows are the steps after its last one, in order");
    }
    let series_column = model.pipeline().series_column.as_deref();
    let mut csv = Vec::new();
    write_long_csv(&mut csv, series_column, &forecasts)?;
    match &args.out {
        Some(out) => {
            atomic::write(out, &csv).map_err(|error| {
                Failure::failed(format!("cannot write `{}`: {error}", out.display()))
            })?;
            output.say(&format!(
                "{}: {} steps of {} series written",
                out.display(),
                model.config().horizon,
                forecasts.len()
            ));
        }
        None => output.result(&String::from_utf8_lossy(&csv)),
    }
    let objects: Vec<Value> = forecasts
        .iter()
        .map(|(name, table)| as_json(name, table))
        .collect();
    output.json(&match objects.as_slice() {
        [one] => one.clone(),
        several => json!({ "series": several }),
    });
    Ok(())
}

fn as_json(series: &str, forecast: &Table) -> Value {
    let columns: Map<String, Value> = forecast
        .names
        .iter()
        .cloned()
        .zip(forecast.columns.iter().map(|values| json!(values)))
        .collect();
    let times: Option<Vec<String>> = forecast
        .time
        .as_ref()
        .map(|axis| axis.stamps.iter().map(|stamp| axis.write(*stamp)).collect());
    json!({ "series": series, "time": times, "columns": columns })
}
