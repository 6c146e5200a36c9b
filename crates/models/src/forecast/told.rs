//! An evaluation in tables, sentences and named figures.

use serde_json::{Map, Value, json};

use super::evaluate::Scored;
use super::evaluation::Evaluation;
use super::figures::{FIGURES, Figures};
use super::forecaster::Forecaster;
use super::report;
use super::slices::Slices;
use crate::Evaluated;
use crate::evaluated::TextTable;
use crate::measure::{self, Method};

/// What was found, for whoever tells it; `part` names the rows that were scored, `files` where they are from.
pub(super) fn evaluated(
    model: &Forecaster,
    evaluation: &Evaluation,
    scored: &Scored,
    (part, files): (&str, &str),
) -> Evaluated {
    let mut tables = vec![table_of(evaluation)];
    if let Some(slices) = &evaluation.slices {
        tables.push(table_of_slices(slices, &evaluation.reference));
    }
    let mut notes = Vec::new();
    let lacks_mape = |found: &super::MethodFigures| found.overall.mape.is_none();
    if evaluation.methods.iter().any(lacks_mape) {
        notes.push(
            "mape is left out where the truth has values at or below zero, mase without a season"
                .to_owned(),
        );
    }
    let mut sentences = Vec::new();
    if let Some(owa) = evaluation.owa {
        sentences.push(format!(
            "overall weighted average (M4), relative to naive2: {owa:.3}"
        ));
    }
    if let Some(coverage) = &evaluation.coverage {
        sentences.push(format!(
            "{:.0} % interval: {:.1} % of the truth lay inside",
            100.0 * coverage.nominal,
            100.0 * coverage.inside
        ));
    }
    let rows = match scored.rows.as_slice() {
        [one] => format!(", rows {} to {}", one.start + 1, one.end),
        several => format!(" of {} series", several.len()),
    };
    Evaluated {
        headline: None,
        scored: format!(
            "{files}: {part} part{rows}, {} windows of {} steps",
            evaluation.windows,
            model.config().horizon
        ),
        tables,
        sentences,
        notes,
        verdict: report::verdict(evaluation),
        figures: by_name(evaluation, part),
        page: report::page(model, evaluation, part, files),
        assumptions: Vec::new(),
    }
}

/// More columns or series than this are not listed one by one.
const LISTED: usize = 20;
/// More slices than this are not listed: the hours of a day, the days of a month are.
const LISTED_SLICES: usize = 31;

/// The figures as people read them: one row a method; with several columns, the model's by column.
fn table_of(evaluation: &Evaluation) -> TextTable {
    let mut lines = measure::table(&FIGURES, methods(evaluation));
    if let Some(model) = evaluation
        .methods
        .first()
        .filter(|method| (2..=LISTED).contains(&method.columns.len()))
    {
        lines.push(Vec::new());
        lines.push(line_of_heads("model, by column", lines[0].len()));
        let columns = model.columns.iter();
        lines.extend(columns.map(|(name, of)| measure::line(&FIGURES, (name, of))));
    }
    lines
}

/// The figures slice by slice.
fn table_of_slices(slices: &Slices, reference: &str) -> TextTable {
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
    lines
}

fn line_of_heads(title: &str, columns: usize) -> Vec<String> {
    let mut line = vec![title.to_owned()];
    line.resize(columns, String::new());
    line
}

/// The methods by name, the model first.
pub(super) fn methods(evaluation: &Evaluation) -> impl Iterator<Item = Method<'_, Figures>> {
    let methods = evaluation.methods.iter();
    methods.map(|method| (method.method.as_str(), &method.overall))
}

fn by_name(evaluation: &Evaluation, part: &str) -> Map<String, Value> {
    let mut object = measure::by_name(&FIGURES, methods(evaluation));
    if let Some(model) = evaluation.methods.first() {
        let columns = model.columns.iter();
        let columns =
            columns.map(|(name, of)| (name.clone(), measure::by_key(&FIGURES, of).into()));
        object.insert("columns".into(), Value::Object(columns.collect()));
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
    object
}
