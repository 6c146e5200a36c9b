//! What a classifier reads: inputs, each with the name of its class, or without for a prediction.
//!
//! [`read_examples`] takes texts from tables (CSV, TSV, JSON lines, Parquet), and sequences from the
//! `.ts` files of the UCR/UEA archive or from tables in which a column tells the sequences apart. A
//! row of features is a sequence of one step. Sounds and images, in folders by class or named in a table, become
//! sequences too.

mod columns;
mod duplicates;
mod folder;
mod media;
mod read;
mod remarks;
mod sequences;
mod texts;
mod ts;
mod ts_write;

use std::collections::BTreeSet;
use std::path::PathBuf;

pub use media::{Media, MediaKind};
pub use read::{read_examples, read_examples_bytes};
pub use remarks::{LabelRemark, label_counts, remarks};
pub use ts_write::write_ts;

use crate::error::Place;
use crate::picture::Colour;
use crate::table::ColumnRef;

/// Inputs with their classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    /// What a class is to be told of.
    pub inputs: Inputs,
    /// The class of each example, never empty; `None` if the files have none.
    pub labels: Option<Vec<String>>,
    /// Where each example comes from.
    pub origins: Vec<Origin>,
    /// The files, which the origins count.
    pub files: Vec<PathBuf>,
    /// How sounds or images became sequences; `None` for everything else.
    pub media: Option<Media>,
}

/// The inputs of examples, all of one kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Texts.
    Texts(Vec<String>),
    /// Sequences of numbers.
    Sequences(Sequences),
}

/// Sequences of the same dimensions, each of its own length.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequences {
    /// Name of each dimension.
    pub dims: Vec<String>,
    /// The sequences.
    pub items: Vec<Sequence>,
}

/// One sequence of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Shape \[dims, steps\], the steps of one dimension beside one another; NaN = missing, never
    /// infinite when read from a file.
    pub values: Vec<f64>,
    /// How many steps; at least one when read from a file.
    pub steps: usize,
}

impl Sequence {
    /// The steps of a dimension; nothing beyond the last.
    pub fn dim(&self, dim: usize) -> &[f64] {
        let start = dim.saturating_mul(self.steps);
        let end = start.saturating_add(self.steps);
        self.values.get(start..end).unwrap_or_default()
    }
}

/// Where an example comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which of the files, from 0.
    pub file: usize,
    /// Line or row in it; of a sequence of several rows, the first.
    pub place: Place,
    /// What the file calls the example, if it names its examples.
    pub id: Option<String>,
}

impl Inputs {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Inputs::Texts(texts) => texts.len(),
            Inputs::Sequences(sequences) => sequences.items.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Examples {
    /// How many.
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The classes met, each once: by value if all are numbers, else by the bytes of their names.
    /// The order of the examples makes no difference.
    pub fn classes(&self) -> Vec<String> {
        let met: BTreeSet<&String> = self.labels.iter().flatten().collect();
        let mut classes: Vec<String> = met.into_iter().cloned().collect();
        let numbers: Option<Vec<f64>> = classes.iter().map(|c| c.parse().ok()).collect();
        if let Some(numbers) = numbers.filter(|numbers| !numbers.iter().any(|n| n.is_nan())) {
            let mut pairs: Vec<(f64, String)> = numbers.into_iter().zip(classes).collect();
            // The sort is stable: `1` and `1.0` stay in the order of their names.
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            classes = pairs.into_iter().map(|(_, class)| class).collect();
        }
        classes
    }
}

/// What the user says about files of examples; everything else is inferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExampleOptions {
    /// Whether the first row names the columns; `None` = inferred.
    pub header: Option<bool>,
    /// The column of texts; `None` = found by its name or its length.
    pub text: Option<ColumnRef>,
    /// Where the classes are.
    pub label: Labels,
    /// The column that tells sequences apart; with it the examples are sequences, a row a step.
    pub sequence: Option<ColumnRef>,
    /// The columns that are the dimensions of sequences; `None` = every column of numbers.
    pub dims: Option<Vec<ColumnRef>>,
    /// The column that names sounds or images, relative to the table; `None` = one of a usual name
    /// in which every cell has the ending of one, unless there are longer texts beside it.
    pub file: Option<ColumnRef>,
    /// Of sounds, the samples a second (Hz) that they are brought to; `None` = the lowest of the files.
    pub rate: Option<u32>,
    /// Of sounds, the bands of a frame; `None` = 40.
    pub bands: Option<usize>,
    /// Of images, the width and height (pixels) that they are brought to; `None` = their own if all have
    /// the same and no side is beyond 64, otherwise 28 × 28.
    pub size: Option<(usize, usize)>,
    /// Of images, the numbers a pixel; `None` = grey if no image has a colour.
    pub colour: Option<Colour>,
}

/// Where the classes are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Labels {
    /// In a column found by its name or what it holds, if there is one; in a `.ts` file, where it
    /// has them.
    #[default]
    Inferred,
    /// In this column.
    Column(ColumnRef),
    /// In the names of folders: each sub-folder of a folder of sounds or images is a class; of a single
    /// file, the folder that it stands in.
    FromFolder,
    /// Nowhere: they are not read, even if the files have them.
    Absent,
}

#[cfg(test)]
mod tests;
