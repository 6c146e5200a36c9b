//! An evaluation in tables, sentences and named figures.

use serde_json::{Map, Value, json};

use super::classifier::Classifier;
use super::evaluation::{Evaluation, MethodFigures};
use super::report;
use crate::Evaluated;
use crate::evaluated::TextTable;

/// More classes than this are not listed one by one.
const LISTED: usize = 20;

/// What was found, for whoever tells it; `part` names the examples that were scored, `files` where they are from.
pub(super) fn evaluated(
    model: &Classifier,
    evaluation: &Evaluation,
    (part, files): (&str, &str),
) -> Evaluated {
    let mut tables = vec![methods(evaluation)];
    if (3..=LISTED).contains(&evaluation.classes.len()) {
        tables.push(by_class(evaluation));
    }
    Evaluated {
        scored: format!("{files}: {part} part, {} examples", evaluation.examples),
        tables,
        sentences: evaluation.left_out.clone(),
        notes: vec![
            "macro f1 is the mean over the classes; auroc is of the second of two classes, or the mean of each against the rest; ece is the expected calibration error; – where a method gives no probabilities".into(),
        ],
        verdict: report::verdict(evaluation),
        figures: by_name(evaluation, part),
        page: report::page(model, evaluation, part, files),
        assumptions: Vec::new(),
    }
}

pub(super) const HEADS: [&str; 6] = ["", "accuracy", "macro f1", "auroc", "ece", "cross-entropy"];

fn texts(heads: &[&str]) -> Vec<String> {
    heads.iter().map(|head| (*head).to_owned()).collect()
}

fn methods(evaluation: &Evaluation) -> TextTable {
    let mut lines = vec![texts(&HEADS)];
    lines.extend(evaluation.methods.iter().map(line));
    lines
}

/// The figures of a method as people read them.
pub(super) fn line(method: &MethodFigures) -> Vec<String> {
    let of = |value: Option<f64>, write: fn(f64) -> String| {
        let value = value.filter(|value| !value.is_nan());
        value.map_or_else(|| "–".to_owned(), write)
    };
    let probable = method.probable.as_ref();
    vec![
        method.method.to_owned(),
        percent(method.accuracy),
        format!("{:.3}", method.macro_f1),
        of(probable.map(|p| p.auroc), |value| format!("{value:.3}")),
        of(probable.map(|p| p.ece), percent),
        of(probable.map(|p| p.cross_entropy), |value| {
            format!("{value:.3}")
        }),
    ]
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

pub(super) const CLASS_HEADS: [&str; 6] =
    ["", "precision", "recall", "f1", "examples", "predicted"];

fn by_class(evaluation: &Evaluation) -> TextTable {
    let mut lines = vec![texts(&CLASS_HEADS)];
    lines.extend(class_lines(evaluation));
    lines
}

/// The figures of each class.
pub(super) fn class_lines(evaluation: &Evaluation) -> Vec<Vec<String>> {
    let classes = evaluation.classes.iter().zip(&evaluation.by_class);
    classes
        .map(|(class, score)| {
            vec![
                class.clone(),
                percent(score.precision),
                percent(score.recall),
                format!("{:.3}", score.f1),
                score.support.to_string(),
                score.predicted.to_string(),
            ]
        })
        .collect()
}

fn by_name(evaluation: &Evaluation, part: &str) -> Map<String, Value> {
    let figures = |method: &MethodFigures| {
        json!({
            "accuracy": method.accuracy,
            "macro_f1": method.macro_f1,
            "auroc": method.probable.map(|p| p.auroc),
            "ece": method.probable.map(|p| p.ece),
            "cross_entropy": method.probable.map(|p| p.cross_entropy),
        })
    };
    let mut object = Map::new();
    for (index, method) in evaluation.methods.iter().enumerate() {
        match figures(method) {
            // The model's own figures are the object's own keys.
            Value::Object(own) if index == 0 => object.extend(own),
            rival => {
                object.insert(method.method.into(), rival);
            }
        }
    }
    let classes = evaluation.classes.iter().zip(&evaluation.by_class);
    let classes: Map<String, Value> = classes
        .map(|(class, score)| {
            let figures = json!({
                "precision": score.precision, "recall": score.recall, "f1": score.f1,
                "examples": score.support, "predicted": score.predicted,
            });
            (class.clone(), figures)
        })
        .collect();
    object.insert("classes".into(), Value::Object(classes));
    object.insert("confusion".into(), json!(evaluation.confusion.counts()));
    let difference = evaluation.difference.as_ref().map(|(rival, interval)| {
        json!({
            "against": rival, "accuracy": interval.estimate, "lower": interval.lower,
            "upper": interval.upper, "level": interval.level,
        })
    });
    object.insert("difference".into(), json!(difference));
    object.insert("part".into(), part.into());
    object.insert("examples".into(), evaluation.examples.into());
    object
}
