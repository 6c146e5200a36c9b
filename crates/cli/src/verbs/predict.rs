//! `ressac predict`: the steps after the end of a file, in its own units and times, as CSV.

use std::path::Path;

use burn::tensor::Device;
use serde_json::{Map, Value, json};

use ressac_data::{Table, write_csv};
use ressac_models::folder::{ModelFolder, atomic};
use ressac_models::forecast::Forecaster;

use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::series;

pub(crate) fn run(args: &PredictArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let folder = ModelFolder::open(&args.model)?;
    let model = Forecaster::open(&folder, device)?;
    let trained_on = model.config().data.clone();
    let path = args.data.as_deref().unwrap_or(Path::new(&trained_on));
    let table = series::for_model(path, &model)?;
    let forecast = model
        .forecast(&table)
        .map_err(|error| Failure::about(error, path))?;
    if forecast.time.is_none() {
        output.say("the file has no times at even steps, so the rows are the steps after its last one, in order");
    }
    let mut csv = Vec::new();
    write_csv(&forecast, &mut csv)?;
    match &args.out {
        Some(out) => {
            atomic::write(out, &csv).map_err(|error| {
                Failure::failed(format!("cannot write `{}`: {error}", out.display()))
            })?;
            output.say(&format!(
                "{}: {} steps written",
                out.display(),
                forecast.rows()
            ));
        }
        None => output.result(&String::from_utf8_lossy(&csv)),
    }
    output.json(&as_json(&forecast));
    Ok(())
}

fn as_json(forecast: &Table) -> Value {
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
    json!({ "time": times, "columns": columns })
}
