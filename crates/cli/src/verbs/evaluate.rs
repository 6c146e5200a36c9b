//! `ressac evaluate`: a model's figures beside those of the forecasts that need no training.

use std::ops::Range;
use std::path::Path;

use burn::tensor::Device;
use serde_json::{Value, json};

use ressac_data::split::Split;
use ressac_data::{Table, fingerprint};
use ressac_models::folder::ModelFolder;
use ressac_models::forecast::{Evaluation, Figures, Forecaster};

use crate::args::{EvaluateArgs, Part};
use crate::failure::Failure;
use crate::output::Output;
use crate::series;

pub(crate) fn run(args: &EvaluateArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let folder = ModelFolder::open(&args.model)?;
    let model = Forecaster::open(&folder, device)?;
    let trained_on = model.config().data.clone();
    let path = args.data.as_deref().unwrap_or(Path::new(&trained_on));
    let table = series::for_model(path, &model)?;
    let same_file = fingerprint::file(path)? == folder.config()?.run.data_fingerprint;
    let part = match args.part {
        None if same_file => Part::Test,
        None => Part::All,
        Some(part) if same_file || part == Part::All => part,
        Some(_) => {
            return Err(Failure::usage(format!(
                "`{}` is not the file the model was trained on, so it has no such part; leave `--part` out to score all of it",
                path.display()
            )));
        }
    };
    let rows = rows(part, &model, &table)?;
    let evaluation = model
        .evaluate(&table, rows.clone(), args.stride as usize)
        .map_err(|error| Failure::about(error, path))?;
    let name = format!("{part:?}").to_lowercase();
    output.say(&format!(
        "{}: {name} part, rows {} to {}, {} windows of {} steps",
        path.display(),
        rows.start + 1,
        rows.end,
        evaluation.windows,
        model.config().horizon
    ));
    output.result(&table_of(&evaluation));
    if evaluation
        .methods
        .iter()
        .any(|method| method.overall.mape.is_none())
    {
        output.say(
            "mape is left out where the truth has values at or below zero, mase without a season",
        );
    }
    output.json(&as_json(&evaluation, &name));
    Ok(())
}

fn rows(part: Part, model: &Forecaster, table: &Table) -> Result<Range<usize>, Failure> {
    if part == Part::All {
        return Ok(0..table.rows());
    }
    let split = Split::parse(&model.config().split, table.rows())?;
    Ok(match part {
        Part::Train => split.train,
        Part::Valid => split.valid,
        Part::Test | Part::All => split.test,
    })
}

/// The figures as people read them: one row a method; with several columns, the model's by column.
pub(crate) fn table_of(evaluation: &Evaluation) -> String {
    let heads = ["", "mse", "mae", "rmse", "mape", "smape", "mase"];
    let mut lines: Vec<Vec<String>> = vec![heads.iter().map(|head| (*head).to_owned()).collect()];
    for method in &evaluation.methods {
        lines.push(line(&method.method, &method.overall));
    }
    if let Some(model) = evaluation
        .methods
        .first()
        .filter(|method| method.columns.len() > 1)
    {
        lines.push(Vec::new());
        lines.push(line_of_heads("model, by column", heads.len()));
        lines.extend(
            model
                .columns
                .iter()
                .map(|(name, figures)| line(name, figures)),
        );
    }
    aligned(&lines)
}

fn line_of_heads(title: &str, columns: usize) -> Vec<String> {
    let mut line = vec![title.to_owned()];
    line.resize(columns, String::new());
    line
}

fn line(name: &str, figures: &Figures) -> Vec<String> {
    let percent =
        |value: Option<f64>| value.map_or_else(|| "–".into(), |value| format!("{value:.2} %"));
    vec![
        name.to_owned(),
        format!("{:.4}", figures.mse),
        format!("{:.4}", figures.mae),
        significant(figures.rmse),
        percent(figures.mape),
        percent(figures.smape),
        figures
            .mase
            .map_or_else(|| "–".into(), |value| format!("{value:.3}")),
    ]
}

/// Four digits that mean something, whatever the unit.
fn significant(value: f64) -> String {
    let before = value.abs().max(1e-300).log10().floor() as i32;
    format!("{value:.*}", (3 - before).clamp(0, 9) as usize)
}

fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let mut row = String::new();
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            if column == 0 {
                row.push_str(&format!("{cell:<width$}"));
            } else {
                row.push_str(&format!("  {cell:>width$}"));
            }
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

fn as_json(evaluation: &Evaluation, part: &str) -> Value {
    let figures = |figures: &Figures| {
        json!({
            "mse": figures.mse, "mae": figures.mae, "rmse": figures.rmse,
            "mape": figures.mape, "smape": figures.smape, "mase": figures.mase,
        })
    };
    let mut object = serde_json::Map::new();
    for (index, method) in evaluation.methods.iter().enumerate() {
        if index == 0 {
            // The model's own figures are the object's own keys.
            if let Value::Object(own) = figures(&method.overall) {
                object.extend(own);
            }
            let columns = method
                .columns
                .iter()
                .map(|(name, of)| (name.clone(), figures(of)));
            object.insert("columns".into(), Value::Object(columns.collect()));
        } else {
            object.insert(method.method.clone(), figures(&method.overall));
        }
    }
    object.insert("part".into(), part.into());
    object.insert("windows".into(), evaluation.windows.into());
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_four_digits_in_any_unit() {
        assert_eq!(significant(2456.4), "2456");
        assert_eq!(significant(2.4564), "2.456");
        assert_eq!(significant(0.0024564), "0.002456");
        assert_eq!(significant(0.0), "0.000000000");
    }

    #[test]
    fn columns_of_a_table_are_aligned() {
        let cells = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        let text = aligned(&[
            cells(&["", "mse"]),
            cells(&["model", "0.5"]),
            cells(&["a", "10.25"]),
        ]);
        assert_eq!(text, "         mse\nmodel    0.5\na      10.25\n");
    }
}
