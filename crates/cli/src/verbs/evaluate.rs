//! `ressac evaluate`: a model's figures beside those of the forecasts that need no training.

use std::ops::Range;
use std::path::PathBuf;

use burn::tensor::Device;
use serde_json::{Value, json};

use ressac_data::panel::Panel;
use ressac_models::folder::{ModelFolder, atomic};
use ressac_models::forecast::{Evaluation, Figures, Forecaster, Scored, SliceBy, Slices, parts};
use ressac_train::forecast::report;

use crate::args::{EvaluateArgs, Part};
use crate::failure::Failure;
use crate::output::Output;
use crate::series;

pub(crate) fn run(args: &EvaluateArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let folder = ModelFolder::open(&args.model)?;
    let model = Forecaster::open(&folder, device)?;
    let files = series::given_or_trained(&args.data, model.config());
    let first = series::first(&files);
    if let Some(report) = &args.report {
        series::refuse_as_output(report, &files)?;
        series::refuse_as_output(report, &args.history)?;
    }
    // A column to slice by that the model does not read is read beside the others, then taken out.
    let (mut panel, mut found) = series::for_model_with(&files, model.config(), None)?;
    let foreign = match &args.slice {
        Some(name) if !SliceBy::is_known(&panel, name) => Some(name.as_str()),
        _ => None,
    };
    let read = |files: &[PathBuf]| {
        match foreign {
        None => series::for_model_with(files, model.config(), None),
        Some(name) => series::for_model_with(files, model.config(), Some(name))
            .map_err(|error| {
                Failure::usage(format!(
                    "the option `--slice {name}`: {error} Beside a column of numbers or one that the model reads, it may be {}",
                    SliceBy::WORDS.join(", ")
                ))
            }),
    }
    };
    if foreign.is_some() {
        (panel, found) = read(&files)?;
    }
    let (rows, name) = if args.history.is_empty() {
        let same = series::digest(&files)? == folder.config()?.run.data_fingerprint;
        let part = part(args.part, same, &files)?;
        (
            rows(part, &model, &panel)?,
            format!("{part:?}").to_lowercase(),
        )
    } else {
        if args.part.is_some_and(|part| part != Part::All) {
            return Err(Failure::usage(
                "with `--history`, all of `--data` is scored; leave `--part` out",
            ));
        }
        let history = read(&args.history)?.0;
        let later: Vec<(String, usize)> = panel
            .series
            .iter()
            .map(|series| (series.name.clone(), series.rows()))
            .collect();
        panel = Panel::append(history, panel)?;
        let rows = panel
            .series
            .iter()
            .map(|series| {
                let new = later
                    .iter()
                    .find(|(name, _)| *name == series.name)
                    .map_or(0, |(_, rows)| *rows);
                series.rows() - new..series.rows()
            })
            .collect();
        (rows, "all".to_owned())
    };
    let slices = match (&args.slice, foreign) {
        (Some(_), Some(name)) => Some(taken_out(&mut panel, name)),
        (Some(name), None) => Some(SliceBy::new(&panel, name)?),
        (None, _) => None,
    };
    let scored = Scored {
        rows,
        stride: args.stride as usize,
        clock: args.origin,
        slices,
    };
    let evaluation = model
        .evaluate(&panel, &scored)
        .map_err(|error| Failure::about(error, first))?;
    output.say(&format!(
        "{}: {name} part{}, {} windows of {} steps",
        series::named(&files),
        match scored.rows.as_slice() {
            [one] => format!(", rows {} to {}", one.start + 1, one.end),
            several => format!(" of {} series", several.len()),
        },
        evaluation.windows,
        model.config().horizon
    ));
    tell(&evaluation, output);
    if let Some(path) = &args.report {
        let page = report::page(
            &model,
            &evaluation,
            &[],
            &report::About::new(&name, &files, found),
        );
        atomic::write(path, page.as_bytes()).map_err(|error| {
            Failure::failed(format!("cannot write `{}`: {error}", path.display()))
        })?;
        output.say(&format!("report: {}", path.display()));
    }
    output.json(&as_json(&evaluation, &name));
    Ok(())
}

/// The slices by a column that was read only for them, which leaves the panel.
fn taken_out(panel: &mut Panel, name: &str) -> SliceBy {
    panel.roles.past.pop();
    let values: Vec<Vec<f64>> = panel
        .series
        .iter_mut()
        .map(|series| series.past.pop().unwrap_or_default())
        .collect();
    let values: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
    SliceBy::of_values(name, &values)
}

/// The table, the coverage, the verdict.
pub(crate) fn tell(evaluation: &Evaluation, output: &Output) {
    output.result(&table_of(evaluation));
    if evaluation
        .methods
        .iter()
        .any(|method| method.overall.mape.is_none())
    {
        output.say(
            "mape is left out where the truth has values at or below zero, mase without a season",
        );
    }
    if let Some(owa) = evaluation.owa {
        output.result(&format!(
            "overall weighted average (M4), relative to naive2: {owa:.3}"
        ));
    }
    if let Some(coverage) = &evaluation.coverage {
        output.result(&format!(
            "{:.0} % interval: {:.1} % of the truth lay inside",
            100.0 * coverage.nominal,
            100.0 * coverage.inside
        ));
    }
    if let Some(slices) = &evaluation.slices {
        output.result(&table_of_slices(slices, &evaluation.reference));
    }
    output.result(&report::verdict(evaluation));
}

fn part(
    asked: Option<Part>,
    same_files: bool,
    files: &[std::path::PathBuf],
) -> Result<Part, Failure> {
    match asked {
        None if same_files => Ok(Part::Test),
        None => Ok(Part::All),
        Some(part) if same_files || part == Part::All => Ok(part),
        Some(_) => Err(Failure::usage(format!(
            "`{}` is not the data the model was trained on, so it has no such part; leave `--part` out to score all of it",
            series::named(files)
        ))),
    }
}

fn rows(part: Part, model: &Forecaster, panel: &Panel) -> Result<Vec<Range<usize>>, Failure> {
    if part == Part::All {
        return Ok(panel
            .series
            .iter()
            .map(|series| 0..series.observed())
            .collect());
    }
    Ok(parts(panel, Some(&model.config().split))
        .map_err(ressac_models::ModelError::from)?
        .into_iter()
        .map(|split| match part {
            Part::Train => split.train,
            Part::Valid => split.valid,
            Part::Test | Part::All => split.test,
        })
        .collect())
}

/// More columns or series than this are not listed one by one.
const LISTED: usize = 20;
/// More slices than this are not listed: the hours of a day, the days of a month are.
const LISTED_SLICES: usize = 31;

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
        .filter(|method| (2..=LISTED).contains(&method.columns.len()))
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

/// The figures slice by slice.
fn table_of_slices(slices: &Slices, reference: &str) -> String {
    let optional = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$} %"))
    };
    let reference = format!("{reference} mae");
    let heads = ["values", "mse", "mae", &reference, "mape", "inside"];
    let mut lines = vec![vec![format!("by {}", slices.by)]];
    lines[0].extend(heads.map(str::to_owned));
    for slice in slices.slices.iter().take(LISTED_SLICES) {
        lines.push(vec![
            slice.name.clone(),
            slice.values.to_string(),
            format!("{:.4}", slice.mse),
            format!("{:.4}", slice.mae),
            format!("{:.4}", slice.reference),
            optional(slice.mape, 2),
            optional(slice.inside.map(|share| 100.0 * share), 1),
        ]);
    }
    let more = slices.slices.len().saturating_sub(LISTED_SLICES);
    if more > 0 {
        lines.push(vec![format!("… {more} more, with --json")]);
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
    let coverage = evaluation.coverage.map(|coverage| coverage.inside);
    object.insert("owa".into(), json!(evaluation.owa));
    object.insert("coverage".into(), json!(coverage));
    object.insert(
        "skill".into(),
        json!(evaluation.skill.as_ref().map(|skill| json!({
            "against": evaluation.reference, "skill": skill.skill, "lower": skill.lower,
            "upper": skill.upper, "level": skill.level,
        }))),
    );
    object.insert("months".into(), json!(evaluation.months));
    if let Some(slices) = &evaluation.slices {
        object.insert("slice".into(), slices.by.clone().into());
        object.insert("slices".into(), json!(slices.slices));
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
