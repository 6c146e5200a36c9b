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
        ("data", config.data.clone()),
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
    for column in &pipeline.columns {
        text.push_str(&format!(
            "  {}: {:.6}, {:.6}\n",
            column.name, column.mean, column.deviation
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
