//! `ressac predict`: what a model was trained for, in the user's own units, as rows.

use burn::tensor::Device;
use serde_json::{Map, Value, json};

use ressac_data::rows::{Cell, Collected, CsvRows, Kind, row_writer};
use ressac_models::family::Ask;
use ressac_models::{Source, Sources};

use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::opened::{Opened, refuse_as_output, write};
use crate::output::Output;

pub(crate) fn run(args: &PredictArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let opened = Opened::new(&args.model, device)?;
    opened.refuse_foreign(&args.ask.0, Ask::Predict)?;
    let sources = sources(args, &opened)?;
    let about = |error| Failure::about(error, &sources);
    let ask = &args.ask.0;
    if args.out.is_none() && !output.is_json() {
        // Rows are told as they come.
        let mut rows = CsvRows::new(output.stream());
        let told = opened
            .model
            .predict(&sources, ask, &mut rows)
            .map_err(about)?;
        told.iter().for_each(|line| output.say(line));
        return Ok(());
    }
    let mut rows = Collected::default();
    let told = opened
        .model
        .predict(&sources, ask, &mut rows)
        .map_err(about)?;
    told.iter().for_each(|line| output.say(line));
    if let Some(out) = &args.out {
        let mut bytes = Vec::new();
        rows.replay(&mut *row_writer(out, &mut bytes)?)?;
        write(out, &bytes)?;
        output.say(&format!("{}: {} rows", out.display(), rows.rows().len()));
    }
    output.json(&as_json(&rows));
    Ok(())
}

/// The texts or the files to predict from.
fn sources(args: &PredictArgs, opened: &Opened) -> Result<Sources, Failure> {
    if args.text.is_empty() {
        let files = opened.files(&args.data);
        if let Some(out) = &args.out {
            refuse_as_output(out, &files)?;
        }
        return opened.sources(&files);
    }
    if !opened.model.reads_texts() {
        return Err(Failure::usage(format!(
            "the option `--text` is for models that read texts, and this {} model does not. Give it files with `--data`",
            opened.model.task()
        )));
    }
    Ok(Sources {
        of: args.text.iter().cloned().map(Source::Text).collect(),
        trained_on: false,
    })
}

/// The rows column by column.
pub(crate) fn as_json(rows: &Collected) -> Value {
    let columns: Map<String, Value> = rows
        .columns()
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let cells = rows.rows().iter();
            let values: Vec<Value> = cells.map(|row| cell(&row[place], column.kind)).collect();
            (column.name.clone(), Value::from(values))
        })
        .collect();
    json!({ "rows": rows.rows().len(), "columns": columns })
}

fn cell(cell: &Cell<'_>, kind: Kind) -> Value {
    match (cell, kind) {
        (Cell::Missing, _) => Value::Null,
        (Cell::Number(value), _) => json!(value),
        (Cell::Integer(value), _) => json!(value),
        (Cell::Text(text), _) => json!(text),
        (Cell::Time(stamp), Kind::Time(format)) => json!(format.write(*stamp)),
        (Cell::Time(stamp), _) => json!(stamp),
        (Cell::Numbers(values), _) => json!(values),
    }
}
