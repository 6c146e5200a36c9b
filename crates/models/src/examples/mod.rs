//! Examples, for every family that reads some: rows, sequences, sounds and images of a training and of a trained model, their
//! columns and scales, and the options of sounds and images.

pub(crate) mod batch;
mod columns;
mod error;
pub(crate) mod media;
mod scales;

use std::path::PathBuf;

use ressac_data::examples::{
    Columns, ExampleOptions, Examples, Inputs, Labels, Sequences, read_examples,
    read_examples_bytes, read_examples_like, read_examples_with_columns,
};
use ressac_data::{Assumption, ColumnRef};

pub use columns::{SavedColumns, SavedFeature, SavedTime};
pub use error::ExamplesError;
pub use media::{Colours, LabelFrom, MediaConfig, MediaOptions};
pub use scales::Scales;

use crate::ModelError;
use crate::model::{Sources, pieces};
use crate::options::{Files, Names};

/// A column as a person names it: its name, or a number from 1.
pub(crate) fn column(text: &str) -> ColumnRef {
    let Ok(column) = text.parse();
    column
}

/// What a person says of files of sequences and rows, whoever asks; the rest is inferred.
pub(crate) fn options_of(
    header: Option<bool>,
    sequence: Option<&str>,
    columns: Option<&Names>,
    label: Labels,
) -> ExampleOptions {
    let dims = |names: &Names| names.0.iter().map(|name| column(name)).collect();
    ExampleOptions {
        header,
        label,
        sequence: sequence.map(column),
        dims: columns.map(dims),
        ..ExampleOptions::default()
    }
}

/// What an example is called: as its file calls it, else by its place.
pub(crate) fn name_of(examples: &Examples, at: usize) -> String {
    let origin = &examples.origins[at];
    let id = origin.id.clone();
    id.unwrap_or_else(|| origin.place.to_string())
}

/// The examples of a training: those to learn from, and those of parts that have their own files.
#[derive(Debug, Clone)]
pub struct Material {
    /// Those to learn from.
    pub data: Examples,
    /// The columns that they were read from.
    pub columns: Columns,
    /// Those to validate on, where they have files of their own.
    pub valid: Option<Examples>,
    /// Those to test on, likewise.
    pub test: Option<Examples>,
}

/// Reads the examples to learn from, and those of the files to validate and to test on; those of every part are `accept`ed, and of
/// one kind.
///
/// # Errors
/// What is wrong with a file, and where.
pub(crate) fn read_parts(
    files: &[PathBuf],
    others: [Option<&Files>; 2],
    mut wanted: ExampleOptions,
    accept: impl Fn(&Examples) -> Result<(), ModelError>,
) -> Result<(Material, Vec<Assumption>), ModelError> {
    let (data, columns, told) = read_examples_with_columns(files, &wanted)?;
    accept(&data)?;
    // What was inferred of the files to learn from holds for those of the other parts.
    if let Some(of) = data.media {
        wanted = of.options(wanted);
    }
    let part = |files: Option<&Files>| -> Result<Option<Examples>, ModelError> {
        let files = files.map(Files::paths).unwrap_or_default();
        if files.is_empty() {
            return Ok(None);
        }
        let (examples, _) = match data.media {
            Some(_) => read_examples(&files, &wanted)?,
            None => {
                let read = Sources::files(&files, true).read()?;
                let like = read_examples_like(&pieces(&read), &columns, &wanted);
                match like {
                    Ok(read) => read,
                    // Of another kind altogether: that is what is wrong, not a column that it has not.
                    Err(error) => match read_examples(&files, &wanted) {
                        Ok((other, _)) => {
                            require_kind(&other, &data.inputs)?;
                            return Err(error.into());
                        }
                        Err(_) => return Err(error.into()),
                    },
                }
            }
        };
        accept(&examples)?;
        require_kind(&examples, &data.inputs)?;
        Ok(Some(examples))
    };
    let [valid, test] = others;
    let (valid, test) = (part(valid)?, part(test)?);
    let read = Material {
        data,
        columns,
        valid,
        test,
    };
    Ok((read, told))
}

/// Reads examples for a trained model, by the columns that it was trained on where there were some; `of_media` if it was trained
/// on sounds or images.
///
/// # Errors
/// What is wrong with a file, and where.
pub(crate) fn read_for_model(
    sources: &Sources,
    options: &ExampleOptions,
    columns: Option<&SavedColumns>,
    of_media: bool,
) -> Result<(Examples, Vec<Assumption>), ModelError> {
    let is_media = |paths: &[PathBuf]| paths.iter().any(|path| media::is_media_path(path));
    match media::paths(sources) {
        Some(paths) if of_media || is_media(&paths) => {
            match read_examples(&paths, options) {
                // What is no sound and no image is refused for what it is, not for the rate that the model reads sounds at.
                Err(error) if !is_media(&paths) => {
                    read_examples(&paths, &ExampleOptions::default())
                        .map_err(|_| ModelError::from(error))
                }
                read => Ok(read?),
            }
        }
        _ => {
            let read = sources.read()?;
            Ok(match columns {
                Some(saved) => read_examples_like(&pieces(&read), &saved.columns(), options)?,
                None => read_examples_bytes(&pieces(&read), options)?,
            })
        }
    }
}

/// Some of the examples, in this order.
pub(crate) fn chosen(examples: &Examples, places: &[usize]) -> Examples {
    Examples {
        inputs: match &examples.inputs {
            Inputs::Texts(texts) => {
                Inputs::Texts(places.iter().map(|at| texts[*at].clone()).collect())
            }
            Inputs::Sequences(sequences) => Inputs::Sequences(Sequences {
                dims: sequences.dims.clone(),
                items: places
                    .iter()
                    .map(|at| sequences.items[*at].clone())
                    .collect(),
            }),
        },
        labels: (examples.labels.as_ref())
            .map(|labels| places.iter().map(|at| labels[*at].clone()).collect()),
        origins: places
            .iter()
            .map(|at| examples.origins[*at].clone())
            .collect(),
        files: examples.files.clone(),
        media: examples.media,
    }
}

/// Refuses examples that are not of the kind of `like`.
pub(crate) fn require_kind(examples: &Examples, like: &Inputs) -> Result<(), ModelError> {
    let kind = |found, expected, advice| ExamplesError::Kind {
        file: named(examples),
        found,
        expected,
        advice,
    };
    match (&examples.inputs, like) {
        (Inputs::Texts(_), Inputs::Texts(_)) => Ok(()),
        (Inputs::Texts(_), Inputs::Sequences(_)) => Err(kind(
            "texts",
            "sequences of numbers",
            "give a .ts file, or name the column that tells sequences apart when training",
        )
        .into()),
        (Inputs::Sequences(_), Inputs::Texts(_)) => Err(kind(
            "sequences of numbers",
            "texts",
            "give a table with a column of texts",
        )
        .into()),
        (Inputs::Sequences(found), Inputs::Sequences(wanted)) => {
            require_dims(&named(examples), found, &wanted.dims)
        }
    }
}

/// Refuses sequences of other dimensions.
pub(crate) fn require_dims(
    file: &str,
    found: &Sequences,
    wanted: &[String],
) -> Result<(), ModelError> {
    match found.dims.len() == wanted.len() {
        true => Ok(()),
        false => Err(ExamplesError::Dimensions {
            file: file.to_owned(),
            found: found.dims.len(),
            expected: wanted.len(),
            names: found.dims.clone(),
            wanted: wanted.to_vec(),
        }
        .into()),
    }
}

/// Files that a message names at the most.
const NAMED: usize = 3;

/// The files of examples as a message names them: the first ones, and how many more there are.
pub(crate) fn named(examples: &Examples) -> String {
    let names = examples.files.iter().map(|file| file.display().to_string());
    let names: Vec<String> = names.take(NAMED).collect();
    match examples.files.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more files", names.join(", ")),
    }
}
