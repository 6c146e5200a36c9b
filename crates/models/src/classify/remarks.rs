//! What of the examples is no error, and yet not what a person expects of a training.

use std::collections::HashSet;

use ressac_data::examples::{Examples, Inputs, LabelRemark, LabelSets, remarks, remarks_of_sets};
use ressac_data::listed;

use super::parts::{FEW, Parts, Prepared};
use super::resolve::Resolved;
use super::source::Labelled;
use super::target::sets;
use crate::family::Remark;

/// Names listed in one remark.
const TOLD: usize = 5;

/// What a person would want to know of the data before a training on it.
pub(super) fn of(data: &Labelled, resolved: &Resolved) -> Vec<Remark> {
    let mut found = notes(data);
    found.extend(problems(data, Some(resolved)));
    found
}

/// Those of them that a person should do something about.
pub(super) fn problems(data: &Labelled, resolved: Option<&Resolved>) -> Vec<Remark> {
    let mut found = of_labels(data, |remark| !is_repetition(remark));
    if let (Some(sets), Some(separator)) = (sets_of(data), &data.separator) {
        found.extend(of_sets(&sets, separator));
    }
    if let Some(resolved) = resolved {
        found.extend(of_parts(&resolved.parts.parts));
        found.extend(of_texts(&resolved.parts));
    }
    found
}

/// Examples that repeat others of their class, which are kept together, and those without any of several classes: nothing
/// need be done.
pub(super) fn notes(data: &Labelled) -> Vec<Remark> {
    let mut notes = of_labels(data, is_repetition);
    let without = sets_of(data).map_or(0, |sets| sets.sets.iter().filter(|s| s.is_empty()).count());
    if without > 0 {
        let text = format!(
            "{} an empty cell of classes: learnt from as examples that have none",
            match without {
                1 => "1 example has".to_owned(),
                count => format!("{count} examples have"),
            }
        );
        notes.push(text.into());
    }
    notes
}

fn sets_of(data: &Labelled) -> Option<LabelSets> {
    sets(&data.data, data.separator.as_deref())
}

/// What is odd about several classes at once.
fn of_sets(sets: &LabelSets, separator: &str) -> Vec<Remark> {
    let mut found = Vec::new();
    if sets.sets.iter().all(|set| set.len() < 2) {
        let text = format!(
            "no example has more than one class: `{separator}` stands in none of their cells. Give another `label_separator`, or leave it out where each example has one class"
        );
        found.push(Remark::new(text, &["label_separator"]));
    }
    let always = sets.classes.iter().zip(sets.counts());
    let always = always.filter(|(_, count)| *count == sets.sets.len());
    let always: Vec<String> = always.map(|(class, _)| class.clone()).collect();
    if !always.is_empty() {
        let text = format!(
            "every example has {} ({}): nothing can be learnt of it",
            counted(always.len(), "class", "classes"),
            listed(&always)
        );
        found.push(text.into());
    }
    found
}

fn is_repetition(remark: &LabelRemark) -> bool {
    matches!(remark, LabelRemark::Repeated { .. })
}

fn of_labels(data: &Labelled, which: fn(&LabelRemark) -> bool) -> Vec<Remark> {
    let found = match sets_of(data) {
        Some(sets) => remarks_of_sets(&data.data, &sets),
        None => remarks(&data.data),
    };
    let found = found.iter().filter(|remark| which(remark));
    let several = data.separator.is_some();
    found
        .map(|remark| told(&data.data, remark, several))
        .collect()
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

fn told(examples: &Examples, remark: &LabelRemark, several: bool) -> Remark {
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
                "{} more than one {} ({}): nothing can be right on all of them",
                match groups.len() {
                    1 => "1 input has".to_owned(),
                    count => format!("{count} inputs have"),
                },
                if several { "set of classes" } else { "class" },
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
