//! Autoencoding as a family.

use std::path::PathBuf;

use burn::tensor::Device;

use ressac_data::Assumption;
use ressac_folder::ModelFiles;

use super::ask::{EvaluateAsk, PredictAsk, SampleAsk};
use super::autoencoder::Autoencoder;
use super::config::{AutoencodeConfig, AutoencodeOptions};
use super::learner::{self, AutoencodeLearner};
use super::parts::AutoencodeParts;
use super::pipeline::AutoencodePipeline;
use super::resolve::{Resolved, resolve};
use super::source;
use super::{model, remarks};
use crate::examples::{Material, media};
use crate::family::{Ask, Capability, Family, Inspection, Remark};
use crate::options::{Files, Key, Options, TrainingConfig};
use crate::part::Part;
use crate::{Evaluated, ModelError};

/// The word of this task.
pub(super) const TASK: &str = "autoencode";

/// Codes of rows, sequences and images, and what is unusual among them.
#[derive(Debug)]
pub struct Autoencoding;

impl Family for Autoencoding {
    const TASK: &'static str = TASK;
    const ABOUT: &'static str =
        "Compress rows, sequences or images into codes, and find what is unusual";
    type Options = AutoencodeOptions;
    type Config = AutoencodeConfig;
    type Data = Material;
    type Parts = AutoencodeParts;
    type Pipeline = AutoencodePipeline;
    type Model = Autoencoder;
    type Learner = AutoencodeLearner;
    const CAN: &'static [Capability] = &[Capability::Sample];

    fn training(config: &AutoencodeConfig) -> &TrainingConfig {
        &config.training
    }

    fn files(options: &AutoencodeOptions) -> Vec<PathBuf> {
        Files::all([&options.data, &options.valid, &options.test].map(Option::as_ref))
    }

    fn read(options: &AutoencodeOptions) -> Result<(Material, Vec<Assumption>), ModelError> {
        source::for_training(options)
    }

    fn summary(data: &Material) -> String {
        let examples = [Some(&data.data), data.valid.as_ref(), data.test.as_ref()];
        let count: usize = examples.iter().flatten().map(|part| part.len()).sum();
        format!("{count} {}", media::noun(&data.data))
    }

    fn resolve(options: &AutoencodeOptions, data: &Material) -> Result<Resolved, ModelError> {
        resolve(options, data)
    }

    fn outline(resolved: &Resolved) -> String {
        let train = &resolved.parts.parts.train;
        model::described(&resolved.config, media::noun(train))
    }

    fn remarks(_: &AutoencodeOptions, data: &Material, resolved: &Resolved) -> Vec<Remark> {
        remarks::of(data, resolved)
    }

    fn inspect(_: &AutoencodeOptions, data: &Material, resolved: Option<&Resolved>) -> Inspection {
        remarks::inspect(data, resolved)
    }

    fn learner(
        resolved: &Resolved,
        _: &Material,
        device: &Device,
    ) -> Result<(AutoencodeLearner, AutoencodePipeline), ModelError> {
        learner::learner(resolved, device)
    }

    fn asks(ask: Ask) -> Vec<Key> {
        match ask {
            Ask::Evaluate => EvaluateAsk::keys(),
            Ask::Predict => PredictAsk::keys(),
            Ask::Sample => SampleAsk::keys(),
        }
    }

    fn open(files: &ModelFiles, device: &Device) -> Result<Autoencoder, ModelError> {
        Autoencoder::open(files, device)
    }

    fn finish(
        model: Autoencoder,
        _: &Material,
        resolved: &Resolved,
    ) -> Result<Autoencoder, ModelError> {
        model.calibrated(&resolved.parts)
    }

    fn score(
        model: &Autoencoder,
        _: &Material,
        resolved: &Resolved,
    ) -> Result<Option<Evaluated>, ModelError> {
        let prepared = &resolved.parts;
        if prepared.parts.test.is_empty() {
            return Ok(None);
        }
        model
            .evaluated(&prepared.parts.test, Ok(prepared), Part::Test, None)
            .map(Some)
    }
}
