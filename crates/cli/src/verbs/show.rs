//! `ressac show`: what is in a model folder, in words.

use burn::tensor::Device;
use serde_json::json;

use crate::args::ShowArgs;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::output::Output;

pub(crate) fn run(args: &ShowArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let Opened { folder, model } = Opened::new(&args.model, device)?;
    let record = folder.config()?.run;
    let config = model.configuration();
    let data = model.trained_on();
    let data: Vec<String> = data.iter().map(|file| file.display().to_string()).collect();
    let mut lines = vec![
        ("task", model.task().to_owned()),
        ("network", model.network()),
        ("parameters", model.parameters().to_string()),
        ("data", data.join(", ")),
    ];
    let facts = model.facts();
    lines.extend(facts.into_iter().map(|fact| (fact.what, fact.value)));
    lines.push((
        "training",
        match (record.steps, &record.ended) {
            (Some(steps), Some(ended)) => format!(
                "{steps} steps, ended by {ended}; weights of step {}",
                record.best_step.unwrap_or(steps)
            ),
            _ => format!(
                "not finished: the weights are the best so far. Go on with `ressac train {} --resume --out {}`",
                model.task(),
                folder.path().display()
            ),
        },
    ));
    for imported in &record.imported {
        lines.push(("imported", imported.clone()));
    }
    let seed = config
        .get("seed")
        .map_or_else(String::new, |seed| format!(", seed {seed}"));
    lines.push((
        "made by",
        format!(
            "ressac {} on {}{seed}",
            record.ressac, record.instruction_set
        ),
    ));
    let width = lines.iter().map(|(what, _)| what.chars().count()).max();
    let width = width.unwrap_or(0) + 2;
    let mut text = String::new();
    for (what, value) in lines {
        text.push_str(&format!("{what:<width$}{value}\n"));
    }
    output.result(&text);
    output.json(&json!({
        "task": model.task(),
        "parameters": model.parameters(),
        "config": config,
        "run": record,
        "pipeline": model.fitted(),
    }));
    Ok(())
}
