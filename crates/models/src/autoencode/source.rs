//! Reading examples, with the columns that a person or a model names.

use ressac_data::Assumption;
use ressac_data::examples::{ExampleOptions, Examples, Inputs, Labels, MediaKind};

use super::config::{AutoencodeConfig, AutoencodeOptions};
use super::error::AutoencodeError;
use super::pipeline::AutoencodePipeline;
use crate::ModelError;
use crate::examples::{self, Material, column, named, require_kind};
use crate::model::Sources;
use crate::options::Files;

/// What the options say of the files. Classes are read where someone names them, and of files that have them by themselves: a
/// column of categories that nobody names is something to reconstruct.
fn example_options(options: &AutoencodeOptions) -> Result<ExampleOptions, ModelError> {
    let files = Files::all([options.data.as_ref()]);
    let have_them = |file: &std::path::PathBuf| {
        let is_ts = file.extension().is_some_and(|ending| ending == "ts");
        is_ts || MediaKind::of(file).is_some() || file.is_dir()
    };
    let label = match &options.label {
        Some(label) => Labels::Column(column(label)),
        None if options.normal.is_some() || files.iter().all(have_them) => Labels::Inferred,
        None => Labels::Absent,
    };
    let columns = options.columns.as_ref();
    let sequence = options.sequence.as_deref();
    let wanted = examples::options_of(options.header, sequence, columns, label);
    let time = options.time.as_deref().map(column);
    options.media.add_to(ExampleOptions { time, ..wanted })
}

/// Reads the examples to train on, all of one kind.
pub(super) fn for_training(
    options: &AutoencodeOptions,
) -> Result<(Material, Vec<Assumption>), ModelError> {
    let files = Files::to_learn_from(options.data.as_ref(), "my.csv")?;
    let others = [options.valid.as_ref(), options.test.as_ref()];
    let wanted = example_options(options)?;
    examples::read_parts(&files, others, wanted, refuse_texts)
}

/// Reads the files that a model was trained on again.
pub(super) fn trained_on(config: &AutoencodeConfig) -> Result<Material, ModelError> {
    for_training(&as_options(config)).map(|(material, _)| material)
}

fn as_options(config: &AutoencodeConfig) -> AutoencodeOptions {
    AutoencodeOptions {
        data: Some(config.data.clone()),
        valid: config.valid.clone(),
        test: config.test.clone(),
        header: config.header,
        label: config.label.clone(),
        normal: config.normal.clone(),
        sequence: config.sequence.clone(),
        time: config.time.clone(),
        columns: config.columns.clone(),
        media: config.media.as_options(),
        ..AutoencodeOptions::default()
    }
}

/// Reads examples for a trained model, with their classes where these are to be `judged` by.
pub(super) fn for_model(
    sources: &Sources,
    config: &AutoencodeConfig,
    pipeline: &AutoencodePipeline,
    judged: bool,
) -> Result<(Examples, Vec<Assumption>), ModelError> {
    let mut options = example_options(&as_options(config))?;
    if !judged {
        options.label = Labels::Absent;
    }
    let columns = pipeline.columns.as_ref();
    let (examples, told) =
        examples::read_for_model(sources, &options, columns, config.media.is_there())?;
    pipeline.require(&examples)?;
    Ok((examples, told))
}

fn refuse_texts(examples: &Examples) -> Result<(), ModelError> {
    match examples.inputs {
        Inputs::Sequences(_) => Ok(()),
        Inputs::Texts(_) => Err(AutoencodeError::Texts {
            file: named(examples),
        }
        .into()),
    }
}

/// Refuses examples that are no sequences of these dimensions.
pub(super) fn require(examples: &Examples, dims: &[String]) -> Result<(), ModelError> {
    refuse_texts(examples)?;
    let like = Inputs::Sequences(ressac_data::examples::Sequences {
        dims: dims.to_vec(),
        items: Vec::new(),
    });
    require_kind(examples, &like)
}
