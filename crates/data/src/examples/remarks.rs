//! What a person should know of the classes of their examples before a training.

use std::collections::{BTreeMap, HashMap};

use super::{Examples, Inputs, LabelSets};

/// Something about the classes that is worth a word. Examples are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelRemark {
    /// Classes with one example each: it can be learned from or judged on, not both.
    Single {
        /// The classes, in their order.
        classes: Vec<String>,
    },
    /// Classes whose names differ only by case or space: probably one class.
    Alike {
        /// The classes, in their order.
        classes: Vec<String>,
    },
    /// Texts without a character.
    EmptyTexts {
        /// The examples.
        examples: Vec<usize>,
    },
    /// The same input more than once, always with the same class.
    Repeated {
        /// The examples that have the input of an earlier one.
        examples: Vec<usize>,
    },
    /// The same input with different classes.
    Contradictory {
        /// Examples of one input each, at least two of them with different classes.
        groups: Vec<Vec<usize>>,
    },
}

/// How many examples each class has, the classes in the order of [`Examples::classes`].
pub fn label_counts(examples: &Examples) -> Vec<(String, usize)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for label in examples.labels.iter().flatten() {
        *counts.entry(label).or_default() += 1;
    }
    let classes = examples.classes().into_iter();
    classes
        .map(|class| {
            let count = counts.get(class.as_str()).copied().unwrap_or(0);
            (class, count)
        })
        .collect()
}

/// The remarks on these examples, always in the order of [`LabelRemark`].
pub fn remarks(examples: &Examples) -> Vec<LabelRemark> {
    remarks_on(examples, label_counts(examples))
}

/// As [`remarks`], of examples that may have several classes each: `sets` are theirs.
pub fn remarks_of_sets(examples: &Examples, sets: &LabelSets) -> Vec<LabelRemark> {
    let counts = sets.classes.iter().cloned().zip(sets.counts());
    remarks_on(examples, counts.collect())
}

fn remarks_on(examples: &Examples, counts: Vec<(String, usize)>) -> Vec<LabelRemark> {
    let mut remarks = Vec::new();
    let single = counts.iter().filter(|(_, count)| *count == 1);
    let classes: Vec<String> = single.map(|(class, _)| class.clone()).collect();
    if !classes.is_empty() {
        remarks.push(LabelRemark::Single { classes });
    }
    let mut alike: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (class, _) in counts {
        let folded = class.split_whitespace().collect::<Vec<_>>().join(" ");
        alike.entry(folded.to_lowercase()).or_default().push(class);
    }
    remarks.extend(
        alike
            .into_values()
            .filter(|classes| classes.len() > 1)
            .map(|classes| LabelRemark::Alike { classes }),
    );
    if let Inputs::Texts(texts) = &examples.inputs {
        let empty = texts.iter().enumerate().filter(|(_, text)| text.is_empty());
        let empty: Vec<usize> = empty.map(|(at, _)| at).collect();
        if !empty.is_empty() {
            remarks.push(LabelRemark::EmptyTexts { examples: empty });
        }
    }
    duplicates(examples, &mut remarks);
    remarks
}

fn duplicates(examples: &Examples, remarks: &mut Vec<LabelRemark>) {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, first) in examples.inputs.first_same().into_iter().enumerate() {
        groups.entry(first).or_default().push(at);
    }
    let label = |at: &usize| examples.labels.as_ref().and_then(|labels| labels.get(*at));
    let (alike, contradictory): (Vec<_>, Vec<_>) = groups
        .into_values()
        .filter(|group| group.len() > 1)
        .partition(|group| group.iter().all(|at| label(at) == label(&group[0])));
    let mut repeated: Vec<usize> = alike.iter().flat_map(|g| &g[1..]).copied().collect();
    repeated.sort_unstable();
    if !repeated.is_empty() {
        remarks.push(LabelRemark::Repeated { examples: repeated });
    }
    if !contradictory.is_empty() {
        remarks.push(LabelRemark::Contradictory {
            groups: contradictory,
        });
    }
}
