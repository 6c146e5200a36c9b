//! `ressac check`: reads data as `train` would, and says what was found, assumed, and is wrong, before
//! any training. Ends with code 3 when it found a problem.

use serde_json::{Map, Value};

use ressac_models::Sources;
use ressac_models::family::Checked;
use ressac_models::job::Layers;

use super::train::{absolute, tell_data};
use crate::args::CheckArgs;
use crate::failure::{Failure, remark};
use crate::output::Output;

pub(crate) fn run(args: &CheckArgs, output: &Output) -> Result<(), Failure> {
    let task = &args.task;
    let layers = Layers::new(task.family, None, absolute(task.family, &task.options)?)?;
    let Checked {
        files,
        summary,
        assumptions,
        mut inspection,
    } = task
        .family
        .check(&layers.options)
        .map_err(|error| Failure::about(error, &Sources::default()))?;
    let readable = summary.is_some();
    if let Some(summary) = &summary {
        let named = Sources::files(&files, false).named();
        tell_data(&named, summary, &assumptions, output);
    }
    for line in &inspection.lines {
        output.result(line);
    }
    let problems: Vec<String> = inspection.problems.iter().map(remark).collect();
    for problem in &problems {
        output.result(&format!("problem: {problem}"));
    }
    let count = problems.len();
    if count == 0 {
        output.result("no problem found");
    }
    if readable {
        let assumed: Map<String, Value> = assumptions
            .iter()
            .map(|told| (told.what.clone(), Value::from(told.found.clone())))
            .collect();
        inspection.figures.insert("assumed".into(), assumed.into());
    }
    inspection
        .figures
        .insert("problems".into(), problems.into());
    output.json(&Value::Object(inspection.figures));
    match count {
        0 => Ok(()),
        _ if !readable => Err(Failure::found("the data cannot be read past this problem")),
        1 => Err(Failure::found("1 problem found")),
        count => Err(Failure::found(format!("{count} problems found"))),
    }
}
