//! GANs as a family.

use std::path::PathBuf;

use burn::tensor::Device;

use ressac_data::Assumption;
use ressac_folder::ModelFiles;

use super::ask::{EvaluateAsk, SampleAsk};
use super::config::{GanConfig, GanOptions};
use super::generator::ImageGenerator;
use super::learner::{self, GanLearner};
use super::parts::GanParts;
use super::pipeline::GanPipeline;
use super::resolve::{Resolved, resolve};
use super::{model, remarks, source};
use crate::examples::{Material, media};
use crate::family::{Ask, Capability, Family, Inspection, Remark};
use crate::options::{Files, Key, Options, TrainingConfig};
use crate::part::Part;
use crate::{Evaluated, ModelError};

/// The word of this task.
pub(super) const TASK: &str = "gan";

/// Images of things that do not exist.
#[derive(Debug)]
pub struct Gan;

impl Family for Gan {
    const TASK: &'static str = TASK;
    const ABOUT: &'static str = "Learn from images to make others of their kind";
    type Options = GanOptions;
    type Config = GanConfig;
    type Data = Material;
    type Parts = GanParts;
    type Pipeline = GanPipeline;
    type Model = ImageGenerator;
    type Learner = GanLearner;
    const CAN: &'static [Capability] = &[Capability::Sample];

    fn training(config: &GanConfig) -> &TrainingConfig {
        &config.training
    }

    fn files(options: &GanOptions) -> Vec<PathBuf> {
        Files::all([&options.data, &options.valid, &options.test].map(Option::as_ref))
    }

    fn read(options: &GanOptions) -> Result<(Material, Vec<Assumption>), ModelError> {
        source::for_training(options)
    }

    fn summary(data: &Material) -> String {
        let examples = [Some(&data.data), data.valid.as_ref(), data.test.as_ref()];
        let count: usize = examples.iter().flatten().map(|part| part.len()).sum();
        format!("{count} {}", media::noun(&data.data))
    }

    fn resolve(options: &GanOptions, data: &Material) -> Result<Resolved, ModelError> {
        resolve(options, data)
    }

    fn outline(resolved: &Resolved) -> String {
        model::described(&resolved.config, resolved.parts.classes.len())
    }

    fn remarks(_: &GanOptions, _: &Material, resolved: &Resolved) -> Vec<Remark> {
        remarks::of(resolved)
    }

    fn inspect(_: &GanOptions, data: &Material, resolved: Option<&Resolved>) -> Inspection {
        remarks::inspect(data, resolved)
    }

    fn learner(
        resolved: &Resolved,
        _: &Material,
        device: &Device,
    ) -> Result<(GanLearner, GanPipeline), ModelError> {
        learner::learner(resolved, device)
    }

    fn asks(ask: Ask) -> Vec<Key> {
        match ask {
            Ask::Evaluate => EvaluateAsk::keys(),
            Ask::Predict => Vec::new(),
            Ask::Sample => SampleAsk::keys(),
        }
    }

    fn open(files: &ModelFiles, device: &Device) -> Result<ImageGenerator, ModelError> {
        ImageGenerator::open(files, device)
    }

    fn score(
        model: &ImageGenerator,
        _: &Material,
        resolved: &Resolved,
    ) -> Result<Option<Evaluated>, ModelError> {
        let parts = &resolved.parts;
        if parts.parts.test.len() < model::LEAST {
            return Ok(None);
        }
        model
            .evaluated(&parts.parts.test, Ok(parts), Part::Test, None)
            .map(Some)
    }
}
