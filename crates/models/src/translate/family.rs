//! Translation as a family.

use std::path::PathBuf;

use burn::tensor::Device;

use ressac_data::Assumption;
use ressac_folder::ModelFiles;

use super::ask::{EvaluateAsk, PredictAsk};
use super::config::{TranslateConfig, TranslateOptions};
use super::learner::{self, TranslateLearner};
use super::pipeline::TranslatePipeline;
use super::resolve::{Prepared, Resolved, resolve};
use super::source::{self, Corpora};
use super::translator::Translator;
use super::{model, remarks};
use crate::family::{Ask, Capability, Family, Inspection, Remark};
use crate::options::{Files, Key, Options, TrainingConfig};
use crate::part::Part;
use crate::{Evaluated, ModelError};

/// The word of this task.
pub(super) const TASK: &str = "translate";

/// From a text to a text.
#[derive(Debug)]
pub struct Translation;

impl Family for Translation {
    const TASK: &'static str = TASK;
    const ABOUT: &'static str = "Learn from pairs of texts to write the second for the first: translation, or any text to text";
    type Options = TranslateOptions;
    type Config = TranslateConfig;
    type Data = Corpora;
    type Parts = Prepared;
    type Pipeline = TranslatePipeline;
    type Model = Translator;
    type Learner = TranslateLearner;
    const CAN: &'static [Capability] = &[];

    fn training(config: &TranslateConfig) -> &TrainingConfig {
        &config.training
    }

    fn files(options: &TranslateOptions) -> Vec<PathBuf> {
        Files::all([&options.data, &options.valid, &options.test].map(Option::as_ref))
    }

    fn read(options: &TranslateOptions) -> Result<(Corpora, Vec<Assumption>), ModelError> {
        source::for_training(options)
    }

    fn summary(corpora: &Corpora) -> String {
        let all = [
            Some(&corpora.data),
            corpora.valid.as_ref(),
            corpora.test.as_ref(),
        ];
        let count: usize = all.iter().flatten().map(|pairs| pairs.len()).sum();
        format!("{count} pairs")
    }

    fn resolve(options: &TranslateOptions, corpora: &Corpora) -> Result<Resolved, ModelError> {
        resolve(options, corpora)
    }

    fn outline(resolved: &Resolved) -> String {
        let (config, parts) = (&resolved.config, &resolved.parts);
        let sources = &parts.fitted.tokenizer;
        let targets = parts.targets.as_ref().unwrap_or(sources);
        format!(
            "{} · {} → {} {}",
            model::described(config),
            sources.known(),
            targets.known(),
            targets.kind().unit()
        )
    }

    fn remarks(_: &TranslateOptions, _: &Corpora, resolved: &Resolved) -> Vec<Remark> {
        remarks::of(resolved)
    }

    fn inspect(_: &TranslateOptions, corpora: &Corpora, resolved: Option<&Resolved>) -> Inspection {
        let mut inspection = Inspection::default();
        let pairs = &corpora.data;
        for (side, texts) in [("sources", &pairs.sources), ("targets", &pairs.targets)] {
            let words: usize = texts
                .iter()
                .map(|text| text.split_whitespace().count())
                .sum();
            let longest = texts
                .iter()
                .map(|text| text.split_whitespace().count())
                .max();
            inspection.lines.push(format!(
                "{side}: {} texts, {words} words, {:.1} in the mean, {} in the longest",
                texts.len(),
                words as f64 / texts.len().max(1) as f64,
                longest.unwrap_or(0)
            ));
        }
        if let Some(resolved) = resolved {
            let parts = &resolved.parts;
            inspection
                .lines
                .push(format!("{} pairs are learnt from", parts.training.len()));
            let told = remarks::of(resolved);
            let told = told
                .into_iter()
                .map(|remark| format!("note: {}", remark.text));
            inspection.lines.extend(told);
            inspection.problems.extend(remarks::left_out(resolved));
        }
        inspection
            .figures
            .insert("pairs".into(), pairs.len().into());
        inspection
    }

    fn learner(
        resolved: &Resolved,
        _: &Corpora,
        device: &Device,
    ) -> Result<(TranslateLearner, TranslatePipeline), ModelError> {
        learner::learner(resolved, device)
    }

    fn asks(ask: Ask) -> Vec<Key> {
        match ask {
            Ask::Evaluate => EvaluateAsk::keys(),
            Ask::Predict => PredictAsk::keys(),
            Ask::Sample => Vec::new(),
        }
    }

    fn open(files: &ModelFiles, device: &Device) -> Result<Translator, ModelError> {
        Translator::open(files, device)
    }

    fn score(
        model: &Translator,
        _: &Corpora,
        resolved: &Resolved,
    ) -> Result<Option<Evaluated>, ModelError> {
        let parts = &resolved.parts.parts;
        if parts.test.is_empty() {
            return Ok(None);
        }
        let search = PredictAsk::default().search(model.pipeline(), model.attends())?;
        model
            .evaluated(&parts.test, Part::Test, Ok(parts), &search)
            .map(Some)
    }
}
