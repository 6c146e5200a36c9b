//! Reading examples, with the columns that a person or a model names.

use ressac_data::examples::{
    Columns, ExampleOptions, Examples, Inputs, Labels, Sequences, read_examples,
    read_examples_bytes, read_examples_like, read_examples_with_columns,
};
use ressac_data::{Assumption, ColumnRef};

use super::config::{ClassifyConfig, ClassifyOptions};
use super::error::ClassifyError;
use super::explain::of_texts;
use super::media;
use super::pipeline::ClassifyPipeline;
use super::target::check_separator;
use crate::ModelError;
use crate::model::{Source, Sources, pieces};
use crate::options::Files;

/// The examples of a training: those to learn from, and those of parts that have their own files.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// Those of `data`.
    pub data: Examples,
    /// The columns that they were read from.
    pub columns: Columns,
    /// Those of `valid`.
    pub valid: Option<Examples>,
    /// Those of `test`.
    pub test: Option<Examples>,
    /// What stands between the classes of an example that may have several; absent where each has one.
    pub separator: Option<String>,
}

pub(super) fn column(text: &str) -> ColumnRef {
    let Ok(column) = text.parse();
    column
}

/// What the options say of the files.
fn example_options(options: &ClassifyOptions) -> Result<ExampleOptions, ModelError> {
    check_separator(options.label_separator.as_deref())?;
    let label = options.label.as_deref().map(column);
    let wanted = ExampleOptions {
        header: options.header,
        text: options.text.as_deref().map(column),
        label: match (&options.label_separator, label) {
            (Some(separator), column) => Labels::Several {
                column,
                separator: separator.clone(),
            },
            (None, Some(column)) => Labels::Column(column),
            (None, None) => Labels::Inferred,
        },
        sequence: options.sequence.as_deref().map(column),
        dims: options
            .columns
            .as_ref()
            .map(|names| names.0.iter().map(|name| column(name)).collect()),
        ..ExampleOptions::default()
    };
    media::options(options, wanted)
}

/// Reads the examples to train on; those of every part have classes, and are of one kind.
pub(super) fn for_training(
    options: &ClassifyOptions,
) -> Result<(Labelled, Vec<Assumption>), ModelError> {
    let files = Files::to_learn_from(options.data.as_ref(), "my.tsv")?;
    let mut wanted = example_options(options)?;
    let (data, columns, told) = read_examples_with_columns(&files, &wanted)?;
    require_labels(&data)?;
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
        require_labels(&examples)?;
        require_kind(&examples, &data.inputs)?;
        Ok(Some(examples))
    };
    let (valid, test) = (part(options.valid.as_ref())?, part(options.test.as_ref())?);
    let labelled = Labelled {
        data,
        columns,
        valid,
        test,
        separator: options.label_separator.clone(),
    };
    Ok((labelled, told))
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
        label_separator: config.label_separator.clone(),
        sequence: config.sequence.clone(),
        columns: config.columns.clone(),
        label_from: config.label_from,
        file: config.file.clone(),
        rate: config.rate,
        bands: config.bands,
        // Folders of earlier versions had absolute levels.
        dynamic_range: config.dynamic_range.or(config.rate.map(|_| 0)),
        size: config.size.clone(),
        colour: config.colour,
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
    let mut options = example_options(&as_options(config))?;
    if !labelled {
        options.label = Labels::Absent;
    }
    let texts = sources.of.iter().all(|of| matches!(of, Source::Text(_)));
    let (examples, told) = match texts && !sources.of.is_empty() {
        true => (texts_of(sources), Vec::new()),
        false => match media::paths(sources) {
            Some(paths)
                if media::is_media(config)
                    || paths.iter().any(|path| media::is_media_path(path)) =>
            {
                match read_examples(&paths, &options) {
                    // What is no sound and no image is refused for what it is, not for the rate that the model reads sounds at.
                    Err(error) if !paths.iter().any(|path| media::is_media_path(path)) => {
                        read_examples(&paths, &ExampleOptions::default())
                            .map_err(|_| ModelError::from(error))?
                    }
                    read => read?,
                }
            }
            _ => {
                let read = sources.read()?;
                match &pipeline.columns {
                    Some(saved) => read_examples_like(&pieces(&read), &saved.columns(), &options)?,
                    None => read_examples_bytes(&pieces(&read), &options)?,
                }
            }
        },
    };
    pipeline.require(&examples)?;
    if labelled {
        require_labels(&examples)?;
    }
    Ok((examples, told))
}

/// Texts given by themselves.
fn texts_of(sources: &Sources) -> Examples {
    let texts = sources.of.iter().filter_map(|source| match source {
        Source::Text(text) => Some(text.clone()),
        _ => None,
    });
    of_texts(texts.collect())
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
