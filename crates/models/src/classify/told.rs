//! An evaluation in tables, sentences and named figures.

use serde_json::{Map, Value, json};

use ressac_stats::classification::wilson;

use super::classifier::Classifier;
use super::evaluation::Evaluation;
use super::figures::{about, measures};
use super::report;
use crate::evaluated::TextTable;
use crate::measure::percent;
use crate::{Evaluated, Model};

/// How sure the interval of the accuracy is.
const LEVEL: f64 = 0.95;

/// More classes than this are not listed one by one.
const LISTED: usize = 20;

/// What was found, for whoever tells it; `part` names the examples that were scored, `files` where they are from.
pub(super) fn evaluated(
    model: &Classifier,
    evaluation: &Evaluation,
    (part, files): (&str, &str),
) -> Evaluated {
    let methods: Vec<_> = evaluation.methods().collect();
    let count = evaluation.examples;
    let several = evaluation.of_several();
    let mut evaluated = Evaluated::of_methods(
        ("Classification", &model.network(), about(several)),
        (
            format!("{files}: {part} part, {count} examples"),
            &[("part", part.into()), ("examples", count.into())],
        ),
        measures(several),
        &methods,
        report::verdict(evaluation),
    );
    // Of two classes, one each, the table says little more than the accuracy.
    let least = if several { 1 } else { 3 };
    if (least..=LISTED).contains(&evaluation.classes.len()) {
        evaluated.tables.push(by_class(evaluation));
    }
    evaluated
        .sentences
        .extend(evaluation.left_out.iter().cloned());
    let own = evaluation
        .methods
        .first()
        .map_or(f64::NAN, |own| own.accuracy);
    let right = (own * count as f64).round() as u64;
    if let Some(interval) = wilson(right, count as u64, LEVEL) {
        evaluated.sentences.push(format!(
            "{} {}, {:.0} % interval {} to {}",
            if several {
                "subset accuracy"
            } else {
                "accuracy"
            },
            percent(own),
            100.0 * LEVEL,
            percent(interval.lower),
            percent(interval.upper)
        ));
    }
    evaluated.figures.extend(by_name(evaluation));
    evaluated.page = report::page(model, evaluation, part, files);
    evaluated
}

pub(super) const CLASS_HEADS: [&str; 6] =
    ["", "precision", "recall", "f1", "examples", "predicted"];

fn by_class(evaluation: &Evaluation) -> TextTable {
    let mut lines = vec![CLASS_HEADS.map(str::to_owned).to_vec()];
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

/// Further figures by name: of each class, the confusion matrix, the difference to the best rival.
fn by_name(evaluation: &Evaluation) -> Map<String, Value> {
    let mut object = Map::new();
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
    if let Some(confusion) = &evaluation.confusion {
        object.insert("confusion".into(), json!(confusion.counts()));
    }
    let several = evaluation.of_several();
    let difference = evaluation.difference.as_ref().map(|(rival, interval)| {
        let what = if several { "micro_f1" } else { "accuracy" };
        json!({
            "against": rival, what: interval.estimate, "lower": interval.lower,
            "upper": interval.upper, "level": interval.level,
        })
    });
    object.insert("difference".into(), json!(difference));
    let mistakes = evaluation.mistakes.iter().map(|mistake| {
        let words = mistake.words.iter();
        let words = words.map(|word| json!({ "word": word.word, "effect": word.effect }));
        let mut told = json!({
            "example": mistake.example, "probability": mistake.probability,
            "words": words.collect::<Vec<_>>(),
        });
        let names = |classes: &[usize]| -> Vec<&String> {
            classes
                .iter()
                .map(|class| &evaluation.classes[*class])
                .collect()
        };
        let (truth, predicted) = (names(&mistake.truth), names(&mistake.predicted));
        if several {
            told["classes"] = json!(truth);
            told["predicted"] = json!(predicted);
            told["wrong"] = json!(evaluation.classes[mistake.class]);
        } else {
            told["class"] = json!(truth.first());
            told["predicted"] = json!(predicted.first());
        }
        told
    });
    object.insert("mistakes".into(), Value::Array(mistakes.collect()));
    object
}
