//! Reading examples, with the columns that a person or a model names.

use ressac_data::Assumption;
use ressac_data::examples::{Columns, ExampleOptions, Examples, Inputs, Labels};

use super::config::{ClassifyConfig, ClassifyOptions};
use super::error::ClassifyError;
use super::explain::of_texts;
use super::pipeline::ClassifyPipeline;
use super::target::check_separator;
use crate::ModelError;
use crate::examples::{self, column, named};
use crate::model::{Source, Sources};
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

/// What the options say of the files.
fn example_options(options: &ClassifyOptions) -> Result<ExampleOptions, ModelError> {
    check_separator(options.label_separator.as_deref())?;
    let label = options.label.as_deref().map(column);
    let label = match (&options.label_separator, label) {
        (Some(separator), column) => Labels::Several {
            column,
            separator: separator.clone(),
        },
        (None, Some(column)) => Labels::Column(column),
        (None, None) => Labels::Inferred,
    };
    let columns = options.columns.as_ref();
    let sequence = options.sequence.as_deref();
    let wanted = ExampleOptions {
        text: options.text.as_deref().map(column),
        ..examples::options_of(options.header, sequence, columns, label)
    };
    options.media.add_to(wanted)
}

/// Reads the examples to train on; those of every part have classes, and are of one kind.
pub(super) fn for_training(
    options: &ClassifyOptions,
) -> Result<(Labelled, Vec<Assumption>), ModelError> {
    let files = Files::to_learn_from(options.data.as_ref(), "my.tsv")?;
    let others = [options.valid.as_ref(), options.test.as_ref()];
    let wanted = example_options(options)?;
    let (read, told) = examples::read_parts(&files, others, wanted, require_labels)?;
    let labelled = Labelled {
        data: read.data,
        columns: read.columns,
        valid: read.valid,
        test: read.test,
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
        media: config.media.as_options(),
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
        false => {
            let columns = pipeline.columns.as_ref();
            examples::read_for_model(sources, &options, columns, config.media.is_there())?
        }
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
