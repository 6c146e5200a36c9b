//! `ressac show`: what is in a model folder, in words.

use burn::tensor::Device;
use serde_json::json;

use ressac_models::Model;
use ressac_models::folder::ModelFolder;
use ressac_models::forecast::Forecaster;

use crate::args::ShowArgs;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: &ShowArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let folder = ModelFolder::open(&args.model)?;
    let record = folder.config()?.run;
    let model = Forecaster::open(&folder, device)?;
    let (config, pipeline) = (model.config(), model.pipeline());
    let mut lines = vec![
        ("task", model.task().to_string()),
        ("network", model.network()),
        ("parameters", model.parameters().to_string()),
        ("data", config.data.0.join(", ")),
        (
            "split",
            format!("{} rows to train, validate, test", config.split),
        ),
        (
            "step",
            pipeline.step.clone().unwrap_or_else(|| "not known".into()),
        ),
        (
            "season",
            pipeline
                .season
                .map_or_else(|| "none".into(), |season| format!("{season} steps")),
        ),
    ];
    let listed = |names: Vec<&str>| match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    lines.push((
        "reads",
        listed(
            pipeline
                .known
                .iter()
                .chain(&pipeline.past)
                .map(|(name, _)| name.as_str())
                .chain(pipeline.statics.iter().map(|(name, _)| name.as_str()))
                .chain((!pipeline.calendar.is_empty()).then_some("the calendar"))
                .chain(config.holidays.as_deref().map(|_| "holidays"))
                .collect(),
        ),
    ));
    lines.push(("series", pipeline.own.len().to_string()));
    lines.push((
        "quantiles",
        model
            .levels()
            .iter()
            .map(f64::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    ));
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
    lines.push((
        "made by",
        format!(
            "ressac {} on {}, seed {}",
            record.ressac, record.instruction_set, config.seed
        ),
    ));
    let mut text = String::new();
    for (what, value) in lines {
        text.push_str(&format!("{what:<12}{value}\n"));
    }
    text.push_str("\ncolumn: mean, standard deviation of the training part\n");
    for (name, scale) in pipeline.targets.iter().zip(&pipeline.pooled) {
        text.push_str(&format!(
            "  {name}: {:.6}, {:.6}\n",
            scale.mean, scale.deviation
        ));
    }
    output.result(&text);
    output.json(&json!({
        "task": model.task().to_string(),
        "parameters": model.parameters(),
        "config": config,
        "run": record,
        "pipeline": pipeline,
    }));
    Ok(())
}
