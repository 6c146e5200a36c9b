//! What a classifier reads: inputs, each with the name of its class, or without for a prediction.
//!
//! [`read_examples`] takes texts from tables (CSV, TSV, JSON lines, Parquet), and sequences from the
//! `.ts` files of the UCR/UEA archive or from tables in which a column tells the sequences apart. A
//! table of numbers and categories without texts has a row of features for each example: a sequence of
//! one step. Sounds and images, in folders by class or named in a table, become sequences too, and so do
//! the images of IDX and CIFAR files.
//! [`read_examples_like`] reads other files by the columns that were found once.

mod classes;
mod columns;
mod duplicates;
mod features;
mod folder;
mod kind;
mod label_sets;
mod media;
mod read;
mod remarks;
mod sequences;
mod stacks;
mod texts;
mod times;
mod ts;
mod ts_write;
mod windows;

use std::collections::BTreeSet;
use std::path::PathBuf;

pub use classes::require_classes;
pub(crate) use columns::{is_text_name, text_column};
pub use features::UNKNOWN_CATEGORIES;
pub use label_sets::LabelSets;
pub use media::{Media, MediaKind};
pub use read::{
    read_examples, read_examples_bytes, read_examples_like, read_examples_with_columns,
};
pub use remarks::{LabelRemark, label_counts, remarks, remarks_of_sets};
pub(crate) use stacks::beside;
pub use ts_write::write_ts;
pub use windows::{window_ends, windows};

use crate::error::Place;
use crate::picture::Colour;
use crate::table::ColumnRef;

/// Inputs with their classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    /// What a class is to be told of.
    pub inputs: Inputs,
    /// The class of each example, never empty; `None` if the files have none. Where an example may
    /// have several classes ([`Labels::Several`]), these with a separator between them, and empty for
    /// none: see [`Examples::label_sets`].
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
        let labels = self.labels.iter().flatten();
        in_order(labels.map(String::as_str).collect())
    }
}

/// Classes by value if all are numbers, else by the bytes of their names.
fn in_order(met: BTreeSet<&str>) -> Vec<String> {
    let mut classes: Vec<String> = met.into_iter().map(str::to_owned).collect();
    let numbers: Option<Vec<f64>> = classes.iter().map(|c| c.parse().ok()).collect();
    if let Some(numbers) = numbers.filter(|numbers| !numbers.iter().any(|n| n.is_nan())) {
        let mut pairs: Vec<(f64, String)> = numbers.into_iter().zip(classes).collect();
        // The sort is stable: `1` and `1.0` stay in the order of their names.
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        classes = pairs.into_iter().map(|(_, class)| class).collect();
    }
    classes
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
    /// The columns that are the dimensions of sequences; `None` = every column of numbers. Without
    /// `sequence` and `text`, those of features: then a row is an example.
    pub dims: Option<Vec<ColumnRef>>,
    /// Of rows of features, the column of their times, which name them; `None` = the first that holds times
    /// and no plain numbers, if there is one.
    pub time: Option<ColumnRef>,
    /// The column that names sounds or images, relative to the table; `None` = one of a usual name
    /// in which every cell has the ending of one, unless there are longer texts beside it.
    pub file: Option<ColumnRef>,
    /// Of sounds, the samples a second (Hz) that they are brought to; `None` = the lowest of the files.
    pub rate: Option<u32>,
    /// Of sounds, the bands of a frame; `None` = 40.
    pub bands: Option<usize>,
    /// Of sounds, how far below its loudest band (dB) one counts as silent, 0 for absolute levels; `None` = 60.
    pub range: Option<u32>,
    /// Of images, the width and height (pixels) that they are brought to; `None` = their own if all have
    /// the same and no side is beyond 64, otherwise 28 × 28.
    pub size: Option<(usize, usize)>,
    /// Of images, the numbers a pixel; `None` = grey if no image has a colour.
    pub colour: Option<Colour>,
    /// Whether sounds and images that cannot be read are left out, and told, instead of an error.
    pub skip_broken: bool,
}

/// Where the classes are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Labels {
    /// In a column found by its name or what it holds, if there is one; in a `.ts` file or one of several
    /// images, where it has them; of IDX, in the file of labels beside it.
    #[default]
    Inferred,
    /// In this column.
    Column(ColumnRef),
    /// In the names of folders: each sub-folder of a folder of sounds or images is a class; of a single
    /// file, the folder that it stands in.
    FromFolder,
    /// Nowhere: they are not read, even if the files have them.
    Absent,
    /// Several in each cell, or none in an empty one. JSON lines may have them as a list.
    Several {
        /// The column; `None` = found as with [`Labels::Inferred`].
        column: Option<ColumnRef>,
        /// What stands between two classes, such as `|`.
        separator: String,
    },
}

impl Labels {
    /// The column that the user names.
    fn column(&self) -> Option<&ColumnRef> {
        match self {
            Labels::Column(column) => Some(column),
            Labels::Several { column, .. } => column.as_ref(),
            Labels::Inferred | Labels::FromFolder | Labels::Absent => None,
        }
    }

    /// Whether the column is to be found.
    fn is_looked_for(&self) -> bool {
        !matches!(self, Labels::Absent | Labels::FromFolder) && self.column().is_none()
    }
}

/// The columns that examples were read from, as their file names them: what a model keeps, so that
/// it reads other files as those that it was trained on. Nothing for files without columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The column of texts.
    pub text: Option<String>,
    /// The column of the classes.
    pub label: Option<String>,
    /// The column that tells sequences apart.
    pub sequence: Option<String>,
    /// The column of the times of rows.
    pub time: Option<TimeColumn>,
    /// The columns that are dimensions, in order; nothing for texts.
    pub features: Vec<Feature>,
}

/// The column of the times of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeColumn {
    /// Its name.
    pub name: String,
    /// Seconds from a row to the next, if nearly all rows are as far apart.
    pub every: Option<i64>,
}

/// A column of numbers or of categories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// The values it has, ascending: each is a dimension, 1 where a row has it and 0 elsewhere.
    /// Nothing for numbers.
    pub categories: Vec<String>,
}

#[cfg(test)]
mod tests;
