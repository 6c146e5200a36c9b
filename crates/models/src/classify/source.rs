//! Reading examples, with the columns that a person or a model names.

use std::path::{Path, PathBuf};

use ressac_data::examples::{
    ExampleOptions, Examples, Inputs, Labels, Origin, Sequences, read_examples, read_examples_bytes,
};
use ressac_data::{Assumption, ColumnRef, Place};

use super::config::{ClassifyConfig, ClassifyOptions};
use super::error::ClassifyError;
use super::pipeline::ClassifyPipeline;
use crate::ModelError;
use crate::error::option_error;
use crate::model::{Source, Sources};
use crate::options::Files;

/// The examples of a training: those to learn from, and those of parts that have their own files.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// Those of `data`.
    pub data: Examples,
    /// Those of `valid`.
    pub valid: Option<Examples>,
    /// Those of `test`.
    pub test: Option<Examples>,
}

pub(super) fn paths(files: Option<&Files>) -> Vec<PathBuf> {
    let files = files.iter().flat_map(|files| &files.0);
    files.map(PathBuf::from).collect()
}

fn column(text: &str) -> ColumnRef {
    let Ok(column) = text.parse();
    column
}

/// What the options say of the files.
fn example_options(options: &ClassifyOptions) -> ExampleOptions {
    ExampleOptions {
        header: options.header,
        text: options.text.as_deref().map(column),
        label: match &options.label {
            Some(name) => Labels::Column(column(name)),
            None => Labels::Inferred,
        },
        sequence: options.sequence.as_deref().map(column),
        dims: options
            .columns
            .as_ref()
            .map(|names| names.0.iter().map(|name| column(name)).collect()),
        ..ExampleOptions::default()
    }
}

/// Reads the examples to train on; those of every part have classes, and are of one kind.
pub(super) fn for_training(
    options: &ClassifyOptions,
) -> Result<(Labelled, Vec<Assumption>), ModelError> {
    let files = paths(options.data.as_ref());
    if files.is_empty() {
        return Err(option_error(
            "data",
            "is missing: name the files to learn from, such as `--data my.tsv`",
        ));
    }
    let wanted = example_options(options);
    let (data, told) = read_examples(&files, &wanted)?;
    require_labels(&data)?;
    let part = |files: Option<&Files>| -> Result<Option<Examples>, ModelError> {
        let files = paths(files);
        if files.is_empty() {
            return Ok(None);
        }
        let (examples, _) = read_examples(&files, &wanted)?;
        require_labels(&examples)?;
        require_kind(&examples, &data.inputs)?;
        Ok(Some(examples))
    };
    let (valid, test) = (part(options.valid.as_ref())?, part(options.test.as_ref())?);
    Ok((Labelled { data, valid, test }, told))
}

/// Reads the files that a model was trained on again.
pub(super) fn trained_on(
    config: &ClassifyConfig,
) -> Result<(Labelled, Vec<Assumption>), ModelError> {
    for_training(&as_options(config))
}

fn as_options(config: &ClassifyConfig) -> ClassifyOptions {
    ClassifyOptions {
        data: Some(config.data.clone()),
        valid: config.valid.clone(),
        test: config.test.clone(),
        header: config.header,
        text: config.text.clone(),
        label: config.label.clone(),
        sequence: config.sequence.clone(),
        columns: config.columns.clone(),
        ..ClassifyOptions::default()
    }
}

/// Reads examples for a trained model, with their classes where these are to be scored.
pub(super) fn for_model(
    sources: &Sources,
    config: &ClassifyConfig,
    pipeline: &ClassifyPipeline,
    labelled: bool,
) -> Result<(Examples, Vec<Assumption>), ModelError> {
    let mut options = example_options(&as_options(config));
    if !labelled {
        options.label = Labels::Absent;
    }
    let texts = sources.of.iter().all(|of| matches!(of, Source::Text(_)));
    let (examples, told) = match texts && !sources.of.is_empty() {
        true => (of_texts(sources), Vec::new()),
        false => {
            let read = sources.read()?;
            let pieces: Vec<(&Path, &[u8])> = read
                .iter()
                .map(|(name, bytes)| (name.as_path(), bytes.as_slice()))
                .collect();
            read_examples_bytes(&pieces, &options)?
        }
    };
    pipeline.require(&examples)?;
    if labelled {
        require_labels(&examples)?;
    }
    Ok((examples, told))
}

/// Texts given by themselves.
fn of_texts(sources: &Sources) -> Examples {
    let texts: Vec<String> = sources
        .of
        .iter()
        .filter_map(|source| match source {
            Source::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    Examples {
        origins: (1..=texts.len())
            .map(|line| Origin {
                file: 0,
                place: Place::Line(line),
                id: None,
            })
            .collect(),
        inputs: Inputs::Texts(texts),
        labels: None,
        files: vec![PathBuf::from("the text")],
        media: None,
    }
}

fn require_labels(examples: &Examples) -> Result<(), ModelError> {
    match examples.labels {
        Some(_) => Ok(()),
        None => Err(ClassifyError::NoLabels {
            file: named(examples),
            found: match examples.inputs {
                Inputs::Texts(_) => ": no column was found whose values repeat".to_owned(),
                Inputs::Sequences(_) => String::new(),
            },
        }
        .into()),
    }
}

/// Refuses examples that are not of the kind of `like`.
pub(super) fn require_kind(examples: &Examples, like: &Inputs) -> Result<(), ModelError> {
    let kind = |found, expected, advice| ClassifyError::Kind {
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
pub(super) fn require_dims(
    file: &str,
    found: &Sequences,
    wanted: &[String],
) -> Result<(), ModelError> {
    match found.dims.len() == wanted.len() {
        true => Ok(()),
        false => Err(ClassifyError::Dimensions {
            file: file.to_owned(),
            found: found.dims.len(),
            expected: wanted.len(),
            names: found.dims.clone(),
            wanted: wanted.to_vec(),
        }
        .into()),
    }
}

/// The files of examples as a message names them.
pub(super) fn named(examples: &Examples) -> String {
    let names: Vec<String> = examples
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    names.join(", ")
}
