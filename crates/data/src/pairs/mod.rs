//! Pairs of texts, a source and its target: a sentence and its translation.
//!
//! [`read_parallel`] takes them from two files of lines, [`read_pairs`] from a table with a column of each.
//! [`remarks`] says what a person should know of them before a training, [`overlap`] how much of one part stands in
//! another, and [`Tongues`] whether the two sides were exchanged.

mod columns;
mod overlap;
mod read;
mod remarks;
#[cfg(test)]
mod tests;
mod tongue;
mod write;

use std::path::PathBuf;

pub use overlap::{Overlap, overlap};
pub(crate) use read::tell;
pub use read::{PairOptions, read_pairs, read_parallel};
pub use remarks::remarks;
pub use tongue::{MARGIN, Tongue, Tongues};
pub use write::write_pairs;

use crate::error::Place;

/// Sources and their targets, without the spaces around them; either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// The source of each pair.
    pub sources: Vec<String>,
    /// The target of each pair.
    pub targets: Vec<String>,
    /// Where each pair comes from.
    pub places: Vec<PairPlace>,
    /// The files, which the places count.
    pub files: Vec<PathBuf>,
    /// The columns of the sources and of the targets in a table, for a later reading of another one.
    pub columns: Option<[String; 2]>,
}

/// Where a pair stands: for each side which of the files, and where in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairPlace {
    /// That of the source.
    pub source: (usize, Place),
    /// That of the target.
    pub target: (usize, Place),
}

impl Pairs {
    /// How many pairs.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// These pairs, in this order; numbers that are no pair are left out.
    pub fn subset(&self, rows: &[usize]) -> Pairs {
        let rows: Vec<usize> = rows.iter().copied().filter(|at| *at < self.len()).collect();
        let taken = |texts: &[String]| -> Vec<String> {
            let texts = rows.iter().filter_map(|at| texts.get(*at));
            texts.cloned().collect()
        };
        Pairs {
            sources: taken(&self.sources),
            targets: taken(&self.targets),
            places: rows
                .iter()
                .filter_map(|at| self.places.get(*at).copied())
                .collect(),
            files: self.files.clone(),
            columns: self.columns.clone(),
        }
    }

    /// Sources and targets the other way round.
    pub fn exchanged(&self) -> Pairs {
        let exchanged = |place: &PairPlace| PairPlace {
            source: place.target,
            target: place.source,
        };
        Pairs {
            sources: self.targets.clone(),
            targets: self.sources.clone(),
            places: self.places.iter().map(exchanged).collect(),
            files: self.files.clone(),
            columns: self
                .columns
                .clone()
                .map(|[source, target]| [target, source]),
        }
    }

    /// Where a pair stands, in words: `pairs.tsv, line 3`, or `train.en and train.fr, line 3`.
    pub fn place(&self, pair: usize) -> String {
        let Some(place) = self.places.get(pair) else {
            return format!("pair {}", pair + 1);
        };
        let file = |(file, _): (usize, Place)| {
            let file = self.files.get(file);
            file.map_or_else(String::new, |file| file.display().to_string())
        };
        match (place.source, place.target) {
            (source, target) if source == target => format!("{}, {}", file(source), source.1),
            (source, target) if source.1 == target.1 => {
                format!("{} and {}, {}", file(source), file(target), source.1)
            }
            (source, target) => {
                format!(
                    "{}, {} and {}, {}",
                    file(source),
                    source.1,
                    file(target),
                    target.1
                )
            }
        }
    }
}
