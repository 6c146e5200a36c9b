//! What of the examples is no error, and yet not what a person expects of a training.

use std::collections::HashSet;

use ressac_data::examples::{Examples, Inputs, LabelRemark, remarks};
use ressac_data::listed;

use super::parts::{FEW, Parts, Prepared};
use super::resolve::Resolved;
use super::source::Labelled;
use crate::family::Remark;

/// Names listed in one remark.
const TOLD: usize = 5;

/// What a person would want to know of the data before a training on it.
pub(super) fn of(data: &Labelled, resolved: &Resolved) -> Vec<Remark> {
    let mut notes = repeated(&data.data);
    notes.extend(problems(data, Some(resolved)));
    notes
}

/// Those of them that a person should do something about.
pub(super) fn problems(data: &Labelled, resolved: Option<&Resolved>) -> Vec<Remark> {
    let mut found = of_labels(&data.data, |remark| !is_repetition(remark));
    if let Some(resolved) = resolved {
        found.extend(of_parts(&resolved.parts.parts));
        found.extend(of_texts(&resolved.parts));
    }
    found
}

/// Examples that repeat others of their class: they are kept together, and nothing need be done.
pub(super) fn repeated(examples: &Examples) -> Vec<Remark> {
    of_labels(examples, is_repetition)
}

fn is_repetition(remark: &LabelRemark) -> bool {
    matches!(remark, LabelRemark::Repeated { .. })
}

fn of_labels(examples: &Examples, which: fn(&LabelRemark) -> bool) -> Vec<Remark> {
    let found = remarks(examples);
    let found = found.iter().filter(|remark| which(remark));
    found.map(|remark| told(examples, remark)).collect()
}

/// Parts without an example, and examples that are in two parts.
fn of_parts(parts: &Parts) -> Vec<Remark> {
    let mut notes = Vec::new();
    for (name, examples) in [("validation", &parts.valid), ("test", &parts.test)] {
        // Of few examples none are held back to validate on: that is the default, and told as such.
        if examples.is_empty() && name == "validation" && parts.train.len() < FEW {
            continue;
        }
        if examples.is_empty() {
            let text = format!(
                "the {name} part holds no example: give more examples, another `split`, or files of its own"
            );
            notes.push(Remark::new(text, &["split"]));
            continue;
        }
        let shared = shared(&parts.train, examples);
        if shared > 0 {
            notes.push(
                format!(
                    "{shared} of {} examples of the {name} part are in the training part too: what is learnt by heart is scored there",
                    examples.len()
                )
                .into(),
            );
        }
    }
    notes
}

/// Texts that are cut, and parts with many unknown words.
fn of_texts(Prepared { parts, fitted, .. }: &Prepared) -> Vec<Remark> {
    match (
        fitted,
        [&parts.train, &parts.valid, &parts.test].map(|part| &part.inputs),
    ) {
        (
            Some(fitted),
            [
                Inputs::Texts(train),
                Inputs::Texts(valid),
                Inputs::Texts(test),
            ],
        ) => fitted.remarks(train, &[("validation", valid), ("test", test)]),
        _ => Vec::new(),
    }
}

/// How many of `others` have an input that `train` has.
fn shared(train: &Examples, others: &Examples) -> usize {
    match (&train.inputs, &others.inputs) {
        (Inputs::Texts(train), Inputs::Texts(others)) => {
            let known: HashSet<&String> = train.iter().collect();
            others.iter().filter(|text| known.contains(text)).count()
        }
        (Inputs::Sequences(train), Inputs::Sequences(others)) => {
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<u64>>();
            let known: HashSet<Vec<u64>> =
                train.items.iter().map(|item| bits(&item.values)).collect();
            let others = others.items.iter();
            others
                .filter(|item| known.contains(&bits(&item.values)))
                .count()
        }
        _ => 0,
    }
}

fn told(examples: &Examples, remark: &LabelRemark) -> Remark {
    match remark {
        LabelRemark::Single { classes } => Remark::from(format!(
            "{} with one example alone ({}): it can be learnt from or judged on, not both",
            counted(classes.len(), "class", "classes"),
            listed(classes)
        )),
        LabelRemark::Alike { classes } => Remark::from(format!(
            "the classes {} differ by case or space alone: write them alike if they are one",
            listed(classes)
        )),
        LabelRemark::EmptyTexts { examples: empty } => Remark::from(format!(
            "{} empty ({}): each is read as one unknown word",
            match empty.len() {
                1 => "1 text is".to_owned(),
                count => format!("{count} texts are"),
            },
            places(examples, empty)
        )),
        LabelRemark::Repeated { examples: again } => Remark::from(format!(
            "{} an earlier one ({}): each stays in the part of the first",
            match again.len() {
                1 => "1 example repeats".to_owned(),
                count => format!("{count} examples repeat"),
            },
            places(examples, again)
        )),
        LabelRemark::Contradictory { groups } => {
            let firsts: Vec<usize> = groups
                .iter()
                .filter_map(|group| group.get(1))
                .copied()
                .collect();
            Remark::from(format!(
                "{} more than one class ({}): nothing can be right on all of them",
                match groups.len() {
                    1 => "1 input has".to_owned(),
                    count => format!("{count} inputs have"),
                },
                places(examples, &firsts)
            ))
        }
    }
}

fn counted(count: usize, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    }
}

/// Where examples stand.
fn places(examples: &Examples, these: &[usize]) -> String {
    let mut shown: Vec<String> = these
        .iter()
        .take(TOLD)
        .map(
            |at| match (&examples.origins[*at], examples.files.as_slice()) {
                (origin, [_]) => origin.place.to_string(),
                (origin, files) => {
                    let file = files
                        .get(origin.file)
                        .map(|file| file.display().to_string());
                    format!("{} {}", file.unwrap_or_default(), origin.place)
                }
            },
        )
        .collect();
    if these.len() > TOLD {
        shown.push("…".into());
    }
    shown.join(", ")
}
