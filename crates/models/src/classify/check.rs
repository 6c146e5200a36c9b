//! What `check` finds in examples: how many each class has, how long they are, and what is wrong with them.

use serde_json::{Map, Value, json};

use ressac_data::examples::{Examples, Inputs, LabelSets, Media};

use super::remarks;
use super::resolve::Resolved;
use super::source::Labelled;
use super::target::{class_counts, sets};
use crate::family::Inspection;
use crate::text::{Splitting, split};

/// More classes than this are not listed one by one.
const LISTED: usize = 30;

/// Looks at the examples.
pub(super) fn inspect(data: &Labelled, resolved: Option<&Resolved>) -> Inspection {
    let separator = data.separator.as_deref();
    let counts = class_counts(&data.data, separator);
    let sets = sets(&data.data, separator);
    let total = data.data.len().max(1) as f64;
    let width = counts.iter().map(|(class, _)| class.chars().count()).max();
    let width = width.unwrap_or(0).clamp(5, 40);
    let mut lines = vec![format!("{:width$}  examples", "class")];
    for (class, count) in counts.iter().take(LISTED) {
        let share = 100.0 * *count as f64 / total;
        lines.push(format!("{class:width$}  {count:8}  {share:5.1} %"));
    }
    if counts.len() > LISTED {
        lines.push(format!(
            "… {} more classes, with --json",
            counts.len() - LISTED
        ));
    }
    lines.extend(sets.iter().map(per_example));
    let mut lengths = lengths(&data.data);
    lengths.sort_unstable();
    let (median, longest) = (
        lengths.get(lengths.len() / 2).copied().unwrap_or(0),
        lengths.last().copied().unwrap_or(0),
    );
    let unit = match data.data.inputs {
        Inputs::Texts(_) => "words",
        Inputs::Sequences(_) => "steps",
    };
    // The size of images was told when they were read.
    if !matches!(data.data.media, Some(Media::Image { .. })) {
        lines.push(format!(
            "{unit}: {median} in the median, {longest} in the longest"
        ));
    }
    let missing = missing(&data.data);
    if missing > 0 {
        lines.push(format!("{missing} values are missing"));
    }
    let notes = remarks::notes(data);
    lines.extend(notes.into_iter().map(|remark| remark.text));
    let mut figures = Map::new();
    let classes: Map<String, Value> = counts
        .into_iter()
        .map(|(class, count)| (class, json!(count)))
        .collect();
    figures.insert("examples".into(), data.data.len().into());
    figures.insert("classes".into(), Value::Object(classes));
    figures.insert(unit.into(), json!({ "median": median, "longest": longest }));
    figures.insert("missing".into(), missing.into());
    if let Some(sets) = &sets {
        let (mean, most, none) = sizes(sets);
        let sizes = json!({ "mean": mean, "most": most, "none": none });
        figures.insert("classes_of_an_example".into(), sizes);
    }
    Inspection {
        lines,
        problems: remarks::problems(data, resolved),
        figures,
    }
}

/// The classes of an example: in the mean, at the most, and how many examples have none.
fn sizes(sets: &LabelSets) -> (f64, usize, usize) {
    let sizes = || sets.sets.iter().map(Vec::len);
    let mean = sizes().sum::<usize>() as f64 / sets.sets.len().max(1) as f64;
    let none = sizes().filter(|size| *size == 0).count();
    (mean, sizes().max().unwrap_or(0), none)
}

fn per_example(sets: &LabelSets) -> String {
    let (mean, most, none) = sizes(sets);
    format!(
        "classes of an example: {mean:.2} in the mean, {most} at the most; {none} examples have none"
    )
}

fn lengths(examples: &Examples) -> Vec<usize> {
    match &examples.inputs {
        Inputs::Texts(texts) => {
            let how = Splitting::new(true);
            let texts = texts.iter();
            texts
                .map(|text| split(text, how, usize::MAX).len())
                .collect()
        }
        Inputs::Sequences(sequences) => sequences.items.iter().map(|item| item.steps).collect(),
    }
}

fn missing(examples: &Examples) -> usize {
    match &examples.inputs {
        Inputs::Texts(_) => 0,
        Inputs::Sequences(sequences) => {
            let values = sequences.items.iter().flat_map(|item| &item.values);
            values.filter(|value| value.is_nan()).count()
        }
    }
}
