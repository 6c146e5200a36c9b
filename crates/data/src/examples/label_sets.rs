//! Several classes for one example: a cell of names with a separator between them.
//!
//! Where a cell may hold several, [`Examples::labels`] keeps each cell in one spelling (the names
//! ascending, each once), so that splitting and remarks work on the combinations as they do on
//! single classes; here they are taken apart.

use std::collections::{BTreeSet, HashMap};

use super::{Examples, in_order};
use crate::error::{DataError, shown};

/// The classes that each example has: none, one or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelSets {
    /// The classes, in the order of [`Examples::classes`].
    pub classes: Vec<String>,
    /// For each example the places of its classes among these, ascending.
    pub sets: Vec<Vec<usize>>,
}

/// A cell in its one spelling: its names ascending, each once, the empty ones left out.
pub(super) fn joined(cell: &str, separator: &str) -> String {
    let names: BTreeSet<&str> = parts(cell, separator).collect();
    names.into_iter().collect::<Vec<_>>().join(separator)
}

fn parts<'a>(cell: &'a str, separator: &'a str) -> impl Iterator<Item = &'a str> {
    let parts: Vec<&str> = match separator {
        "" => vec![cell],
        separator => cell.split(separator).collect(),
    };
    parts
        .into_iter()
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

impl Examples {
    /// The labels taken apart at the separator with which they were read
    /// ([`super::Labels::Several`]); `None` if there are none.
    pub fn label_sets(&self, separator: &str) -> Option<LabelSets> {
        let labels = self.labels.as_ref()?;
        let met = labels.iter().flat_map(|label| parts(label, separator));
        let classes = in_order(met.collect());
        let places: HashMap<&str, usize> = places(&classes);
        let sets = labels.iter().map(|label| {
            let names = parts(label, separator).filter_map(|name| places.get(name).copied());
            let set: BTreeSet<usize> = names.collect();
            set.into_iter().collect()
        });
        let sets = sets.collect();
        Some(LabelSets { classes, sets })
    }
}

fn places(classes: &[String]) -> HashMap<&str, usize> {
    let places = classes.iter().enumerate();
    places.map(|(at, class)| (class.as_str(), at)).collect()
}

impl LabelSets {
    /// Whether each example has each class, \[examples × classes\].
    pub fn indicators(&self) -> Vec<bool> {
        let mut all = vec![false; self.sets.len() * self.classes.len()];
        for (row, set) in all.chunks_mut(self.classes.len().max(1)).zip(&self.sets) {
            set.iter().for_each(|class| row[*class] = true);
        }
        all
    }

    /// How many examples have each class.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        self.sets
            .iter()
            .flatten()
            .for_each(|class| counts[*class] += 1);
        counts
    }

    /// The same sets among the classes of a model, which may have more.
    ///
    /// # Errors
    /// [`DataError::Unexpected`] at the first example with a class that is none of these. The
    /// examples are those that the sets are of.
    pub fn among(&self, classes: &[String], examples: &Examples) -> Result<LabelSets, DataError> {
        let places = places(classes);
        let mut sets = Vec::with_capacity(self.sets.len());
        for (at, set) in self.sets.iter().enumerate() {
            let mut own = Vec::with_capacity(set.len());
            for class in set {
                let name = &self.classes[*class];
                let Some(place) = places.get(name.as_str()) else {
                    return Err(unknown(name, classes, examples, at));
                };
                own.push(*place);
            }
            own.sort_unstable();
            sets.push(own);
        }
        Ok(LabelSets {
            classes: classes.to_vec(),
            sets,
        })
    }

    /// Refuses sets that no classifier can be trained on: where each class is that of every example,
    /// there is nothing to tell apart.
    ///
    /// # Errors
    /// [`DataError::Unfit`], which names the file of the examples.
    pub fn require_classes(&self, examples: &Examples) -> Result<(), DataError> {
        let all = self.sets.len();
        match self.counts().iter().any(|count| *count < all) {
            true => Ok(()),
            false => Err(DataError::Unfit {
                file: examples.files.first().cloned().unwrap_or_default(),
                problem: format!(
                    "every one of {all} examples has the same classes ({}): there is nothing to tell apart",
                    crate::table::listed(&self.classes)
                ),
                advice: "Give examples that have a class beside examples that have it not.",
            }),
        }
    }
}

fn unknown(name: &str, classes: &[String], examples: &Examples, at: usize) -> DataError {
    let origin = examples.origins.get(at);
    let file = origin.and_then(|origin| examples.files.get(origin.file));
    DataError::Unexpected {
        file: file.cloned().unwrap_or_default(),
        place: origin.map_or(crate::error::Place::Row(at + 1), |origin| origin.place),
        expected: format!(
            "classes of the {} that the model knows ({})",
            classes.len(),
            crate::table::listed(classes)
        )
        .into(),
        found: format!("`{}`", shown(name)).into(),
        advice: "Correct it, or train on examples of it.",
    }
}
