//! Reading images, as a person's options or a model's configuration say.

use ressac_data::Assumption;
use ressac_data::examples::{ExampleOptions, Examples, Labels, Media};

use super::config::{GanConfig, GanOptions};
use super::error::GanError;
use crate::ModelError;
use crate::examples::{self, Material, column, media, named};
use crate::model::Sources;
use crate::options::Files;

fn example_options(options: &GanOptions) -> Result<ExampleOptions, ModelError> {
    let label = match &options.label {
        Some(label) => Labels::Column(column(label)),
        None => Labels::Inferred,
    };
    options
        .media
        .add_to(examples::options_of(None, None, None, label))
}

/// Reads the images to train on.
pub(super) fn for_training(
    options: &GanOptions,
) -> Result<(Material, Vec<Assumption>), ModelError> {
    let files = Files::to_learn_from(options.data.as_ref(), "images/")?;
    let others = [options.valid.as_ref(), options.test.as_ref()];
    examples::read_parts(&files, others, example_options(options)?, require_images)
}

/// Reads the files that a model was trained on again.
pub(super) fn trained_on(config: &GanConfig) -> Result<Material, ModelError> {
    for_training(&as_options(config)).map(|(material, _)| material)
}

fn as_options(config: &GanConfig) -> GanOptions {
    GanOptions {
        data: Some(config.data.clone()),
        valid: config.valid.clone(),
        test: config.test.clone(),
        label: config.label.clone(),
        media: config.media.as_options(),
        ..GanOptions::default()
    }
}

/// Reads images that made ones are compared with: of any classes, or of none.
pub(super) fn for_model(
    sources: &Sources,
    config: &GanConfig,
) -> Result<(Examples, Vec<Assumption>), ModelError> {
    let mut options = example_options(&as_options(config))?;
    options.label = Labels::Absent;
    let (examples, told) = examples::read_for_model(sources, &options, None, true)?;
    require_images(&examples).map(|()| (examples, told))
}

/// Refuses what holds no images.
fn require_images(examples: &Examples) -> Result<(), ModelError> {
    match examples.media {
        Some(Media::Image { .. }) => Ok(()),
        _ => Err(GanError::NotImages {
            file: named(examples),
            found: media::noun(examples),
        }
        .into()),
    }
}
