//! Classification as a family.

use std::path::PathBuf;

use burn::tensor::Device;

use ressac_data::Assumption;
use ressac_folder::ModelFiles;

use super::ask::PredictAsk;
use super::classifier::Classifier;
use super::config::{ClassifyConfig, ClassifyOptions};
use super::learner::{self, ClassifyLearner};
use super::parts::Prepared;
use super::pipeline::ClassifyPipeline;
use super::resolve::{Resolved, resolve};
use super::source::{self, Labelled};
use super::target::class_counts;
use super::{check, remarks, told};
use crate::examples::{media, named};
use crate::family::{Ask, Capability, Family, Inspection, Remark};
use crate::options::{Files, Key, Options, TrainingConfig};
use crate::part::{Part, PartAsk};
use crate::{Evaluated, ModelError};

/// The word of this task.
pub(super) const TASK: &str = "classify";

/// The class of texts, or of sequences of numbers.
#[derive(Debug)]
pub struct Classification;

impl Family for Classification {
    const TASK: &'static str = TASK;
    const ABOUT: &'static str = "Tell the class of texts, or of sequences of numbers";
    type Options = ClassifyOptions;
    type Config = ClassifyConfig;
    type Data = Labelled;
    type Parts = Prepared;
    type Pipeline = ClassifyPipeline;
    type Model = Classifier;
    type Learner = ClassifyLearner;
    const CAN: &'static [Capability] = &[Capability::Recurrence];

    fn training(config: &ClassifyConfig) -> &TrainingConfig {
        &config.training
    }

    fn files(options: &ClassifyOptions) -> Vec<PathBuf> {
        Files::all([&options.data, &options.valid, &options.test].map(Option::as_ref))
    }

    fn read(options: &ClassifyOptions) -> Result<(Labelled, Vec<Assumption>), ModelError> {
        source::for_training(options)
    }

    fn summary(data: &Labelled) -> String {
        let examples = [Some(&data.data), data.valid.as_ref(), data.test.as_ref()];
        let count: usize = examples.iter().flatten().map(|part| part.len()).sum();
        let kind = media::noun(&data.data);
        let classes = class_counts(&data.data, data.separator.as_deref()).len();
        format!("{count} {kind} of {classes} classes")
    }

    fn resolve(options: &ClassifyOptions, data: &Labelled) -> Result<Resolved, ModelError> {
        resolve(options, data)
    }

    fn outline(resolved: &Resolved) -> String {
        let separator = resolved.config.label_separator.as_deref();
        let classes = class_counts(&resolved.parts.parts.train, separator).len();
        format!(
            "{} · {} → {classes} classes",
            super::model::described(&resolved.config),
            match resolved.config.texts.tokenizer {
                Some(kind) => kind.to_string(),
                None if resolved.config.sides().is_some() => "images".to_owned(),
                None => "steps".to_owned(),
            }
        )
    }

    fn remarks(_: &ClassifyOptions, data: &Labelled, resolved: &Resolved) -> Vec<Remark> {
        remarks::of(data, resolved)
    }

    fn inspect(_: &ClassifyOptions, data: &Labelled, resolved: Option<&Resolved>) -> Inspection {
        check::inspect(data, resolved)
    }

    fn learner(
        resolved: &Resolved,
        _: &Labelled,
        device: &Device,
    ) -> Result<(ClassifyLearner, ClassifyPipeline), ModelError> {
        learner::learner(resolved, device)
    }

    fn shares(resolved: &Resolved) -> Result<Vec<Resolved>, ModelError> {
        match resolved.config.learning_curve {
            Some(true) => resolved.parts.shares(&resolved.config).map(|shares| {
                let of_share = |parts| Resolved {
                    config: resolved.config.clone(),
                    parts,
                    assumptions: Vec::new(),
                };
                shares.into_iter().map(of_share).collect()
            }),
            _ => Ok(Vec::new()),
        }
    }

    fn asks(ask: Ask) -> Vec<Key> {
        match ask {
            Ask::Evaluate => PartAsk::keys(),
            Ask::Predict => PredictAsk::keys(),
            Ask::Sample => Vec::new(),
        }
    }

    fn open(files: &ModelFiles, device: &Device) -> Result<Classifier, ModelError> {
        Classifier::open(files, device)
    }

    fn finish(
        model: Classifier,
        _: &Labelled,
        resolved: &Resolved,
    ) -> Result<Classifier, ModelError> {
        model.calibrated(&resolved.parts.parts)
    }

    fn score(
        model: &Classifier,
        _: &Labelled,
        resolved: &Resolved,
    ) -> Result<Option<Evaluated>, ModelError> {
        let parts = &resolved.parts.parts;
        if parts.test.is_empty() {
            return Ok(None);
        }
        let evaluation = model.evaluation(&parts.test, Ok(parts))?;
        let part = Part::Test.to_string();
        let files = named(&parts.test);
        Ok(Some(told::evaluated(model, &evaluation, (&part, &files))))
    }
}
