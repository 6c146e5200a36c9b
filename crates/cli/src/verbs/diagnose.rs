//! `ressac diagnose`: does the gradient vanish or explode, how far back does the model remember, did
//! it learn as fast as it could; and the cure to try.

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde_json::Value;

use ressac_diagnose::{DiagnoseOptions, Diagnosis, RateTestOptions, diagnose, figures, report};
use ressac_models::family::Capability;
use ressac_models::unable;
use ressac_train::read_metrics;

use crate::args::DiagnoseArgs;
use crate::failure::Failure;
use crate::opened::{Opened, refuse_as_output, write};
use crate::output::Output;

/// A step counts as remembered from this share of the outputs' spread on.
const REMEMBERED: f64 = 0.01;

pub(crate) fn run(args: &DiagnoseArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let opened = Opened::new(&args.model, device)?;
    let (folder, model) = (&opened.folder, &opened.model);
    let Some(recurrence) = model.recurrence() else {
        return Err(unable(model.task(), Capability::Recurrence).into());
    };
    let files = opened.files(&args.data);
    let (html, json) = places(args)?;
    for place in [&html, &json] {
        refuse_as_output(place, &files)?;
    }
    let sources = opened.sources(&files)?;
    let about = |error| Failure::about(error, &sources);
    let subject = recurrence
        .subject(&sources, args.windows as usize, device)
        .map_err(about)?;
    let rate_test = (!args.no_rate_test && sources.trained_on).then_some(RateTestOptions {
        steps: args.rate_steps as usize,
        time_limit: args.time_limit.0,
    });
    if !args.no_rate_test && !sources.trained_on {
        output
            .say("this is not the data the model was trained on, so learning rates are not tested");
    }
    let options = DiagnoseOptions {
        threshold: REMEMBERED,
        rate_test,
    };
    let lines = read_metrics(folder, u64::MAX)?;
    let mut tell = |what: &str| output.say(&format!("measuring: {what}"));
    let diagnosis = diagnose(
        &recurrence.patient(),
        &*subject,
        &lines,
        &options,
        &mut tell,
    )
    .map_err(about)?;

    let value = serde_json::to_value(&diagnosis)
        .map_err(|error| Failure::failed(format!("the diagnosis cannot be written: {error}")))?;
    let about = report::About {
        model: args.model.display().to_string(),
        part: subject.named(),
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
        "{}: {} {} of the {}",
        args.model.display(),
        diagnosis.items,
        subject.unit(),
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

fn with_places(mut value: Value, html: &Path, json: &Path) -> Value {
    if let Value::Object(object) = &mut value {
        object.insert("page".into(), html.display().to_string().into());
        object.insert("numbers".into(), json.display().to_string().into());
    }
    value
}

/// What was found, a line for each check.
fn table(diagnosis: &Diagnosis) -> String {
    let width = |get: fn(&ressac_diagnose::Check) -> &str| {
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
