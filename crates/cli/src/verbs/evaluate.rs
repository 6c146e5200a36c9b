//! `ressac evaluate`: a model's figures beside those of the rivals that cost less.

use burn::tensor::Device;
use serde_json::Value;

use ressac_models::Evaluated;
use ressac_models::family::Ask;
use ressac_models::job::configuration;

use crate::args::EvaluateArgs;
use crate::failure::Failure;
use crate::opened::{Opened, refuse_as_output, write};
use crate::output::Output;
use crate::table::aligned;

pub(crate) fn run(args: &EvaluateArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let opened = Opened::new(&args.model, device)?;
    opened.refuse_foreign(&args.ask.0, Ask::Evaluate)?;
    let files = opened.files(&args.data);
    if let Some(report) = &args.report {
        refuse_as_output(report, &files)?;
    }
    let sources = opened.sources(&files)?;
    let evaluated = opened
        .model
        .evaluate(&sources, &args.ask.0)
        .map_err(|error| Failure::about(error, &sources))?;
    output.say(&evaluated.scored);
    tell(&evaluated, output);
    if let Some(path) = &args.report {
        let page = evaluated.report(&[], &configuration(&*opened.model));
        write(path, page.as_bytes())?;
        output.say(&format!("report: {}", path.display()));
    }
    output.json(&Value::Object(evaluated.figures));
    Ok(())
}

/// The tables, the sentences, the verdict.
pub(crate) fn tell(evaluated: &Evaluated, output: &Output) {
    let mut tables = evaluated.tables.iter();
    if let Some(first) = tables.next() {
        output.result(&aligned(first));
    }
    for note in &evaluated.notes {
        output.say(note);
    }
    for sentence in &evaluated.sentences {
        output.result(sentence);
    }
    for table in tables {
        output.result(&aligned(table));
    }
    output.result(&evaluated.verdict);
}
