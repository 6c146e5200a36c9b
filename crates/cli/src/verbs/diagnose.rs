//! `ressac diagnose`: does the gradient vanish or explode, how far back does the model remember, did
//! it learn as fast as it could; and the cure to try.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde_json::Value;

use ressac_data::panel::Panel;
use ressac_models::folder::{ModelFolder, atomic};
use ressac_models::forecast::{Forecaster, parts};
use ressac_train::TrainError;
use ressac_train::diagnose::{
    DiagnoseOptions, Diagnosis, Patient, RateTestOptions, diagnose, figures, report,
};

use crate::args::DiagnoseArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::series;

/// A step counts as remembered from this share of the forecasts' spread on.
const REMEMBERED: f64 = 0.01;

pub(crate) fn run(args: &DiagnoseArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let folder = ModelFolder::open(&args.model)?;
    let model = Forecaster::open(&folder, device)?;
    let files = series::given_or_trained(&args.data, model.config());
    let (html, json) = places(args)?;
    for place in [&html, &json] {
        series::refuse_as_output(place, &files)?;
    }
    let panel = series::for_model(&files, model.config())?;
    let trained_on = series::digest(&files)? == folder.config()?.run.data_fingerprint;
    let rows = rows(trained_on, &model, &panel)?;
    let part = match trained_on {
        true => "validation part",
        false => "rows",
    };
    let rate_test = (!args.no_rate_test && trained_on).then_some(RateTestOptions {
        steps: args.rate_steps as usize,
        time_limit: args.time_limit.0,
    });
    if !args.no_rate_test && !trained_on {
        output
            .say("this is not the data the model was trained on, so learning rates are not tested");
    }
    let options = DiagnoseOptions {
        windows: args.windows as usize,
        threshold: REMEMBERED,
        rate_test,
    };
    let patient = Patient {
        folder: &folder,
        panel: &panel,
        rows: &rows,
    };
    let mut tell = |what: &str| output.say(&format!("measuring: {what}"));
    let diagnosis =
        diagnose(&patient, &options, device, &mut tell).map_err(|error| match error {
            TrainError::Model(error) => Failure::about(error, series::first(&files)),
            error => error.into(),
        })?;

    let value = serde_json::to_value(&diagnosis)
        .map_err(|error| Failure::failed(format!("the diagnosis cannot be written: {error}")))?;
    let about = report::About {
        model: args.model.display().to_string(),
        part: format!("{part} of {}", series::named(&files)),
    };
    write(&html, report::page(&diagnosis, &about).as_bytes())?;
    write(&json, format!("{value:#}\n").as_bytes())?;
    if let Some(place) = &args.svg {
        make(place)?;
        for (name, svg) in figures(&diagnosis) {
            write(&place.join(format!("{name}.svg")), svg.as_bytes())?;
        }
    }
    output.say(&format!(
        "{}: {} windows of the {}",
        args.model.display(),
        diagnosis.windows,
        about.part
    ));
    output.result(&table(&diagnosis));
    output.result(&diagnosis.verdict.sentence);
    output.say(&format!("page: {}", html.display()));
    output.json(&with_places(value, &html, &json));
    Ok(())
}

/// Where the page and its numbers go.
fn places(args: &DiagnoseArgs) -> Result<(PathBuf, PathBuf), Failure> {
    let within = |folder: &Path| (folder.join("diagnose.html"), folder.join("diagnose.json"));
    let Some(out) = &args.out else {
        return Ok(within(&args.model));
    };
    let ends_in = |ending: &str| {
        out.extension()
            .is_some_and(|found| found.eq_ignore_ascii_case(ending))
    };
    if out.is_dir() {
        return Ok(within(out));
    }
    if ends_in("html") {
        return Ok((out.clone(), out.with_extension("json")));
    }
    if ends_in("json") || ends_in("svg") || out.is_file() {
        return Err(Failure::usage(format!(
            "`--out {}`: the page is HTML, and its numbers go beside it as JSON; give a name that ends in .html, or a folder (figures by themselves: `--svg DIR`)",
            out.display()
        )));
    }
    make(out)?;
    Ok(within(out))
}

fn make(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        Failure::failed(format!(
            "cannot make the folder `{}`: {error}",
            folder.display()
        ))
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    atomic::write(path, bytes)
        .map_err(|error| Failure::failed(format!("cannot write `{}`: {error}", path.display())))
}

/// The validation part of the data trained on, which the weights have not seen; of other data all.
fn rows(trained_on: bool, model: &Forecaster, panel: &Panel) -> Result<Vec<Range<usize>>, Failure> {
    if !trained_on {
        return Ok(panel
            .series
            .iter()
            .map(|series| 0..series.observed())
            .collect());
    }
    let parts =
        parts(panel, Some(&model.config().split)).map_err(ressac_models::ModelError::from)?;
    Ok(parts.into_iter().map(|split| split.valid).collect())
}

fn with_places(mut value: Value, html: &Path, json: &Path) -> Value {
    if let Value::Object(object) = &mut value {
        object.insert("page".into(), html.display().to_string().into());
        object.insert("numbers".into(), json.display().to_string().into());
    }
    value
}

/// What was found, a line for each check.
fn table(diagnosis: &Diagnosis) -> String {
    let width = |get: fn(&ressac_train::diagnose::Check) -> &str| {
        let lengths = diagnosis
            .verdict
            .checks
            .iter()
            .map(|check| get(check).chars().count());
        lengths.max().unwrap_or(0)
    };
    let (question, found) = (width(|check| check.question), width(|check| &check.found));
    let mut text = format!(
        "{:<question$}  {:<3}  {:<found$}  yes from\n",
        "", "", "found"
    );
    for check in &diagnosis.verdict.checks {
        let answer = match check.is_so {
            Some(true) => "YES",
            Some(false) => "no",
            None => "–",
        };
        text.push_str(&format!(
            "{:<question$}  {answer:<3}  {:<found$}  {}\n",
            check.question, check.found, check.threshold
        ));
    }
    text
}
