//! Language modelling as a family.

use std::path::PathBuf;

use burn::tensor::Device;

use ressac_data::Assumption;
use ressac_folder::ModelFiles;

use super::ask::{EvaluateAsk, SampleAsk};
use super::config::{LanguageConfig, LanguageOptions};
use super::learner::{self, LanguageLearner};
use super::model::LanguageModel;
use super::pipeline::LanguagePipeline;
use super::resolve::{Prepared, Resolved, resolve};
use super::source::{self, Text};
use crate::family::{Ask, Capability, Family, Inspection, Remark};
use crate::options::{Files, Key, Options, TrainingConfig};
use crate::part::Part;
use crate::{Evaluated, ModelError};

/// The word of this task.
pub(super) const TASK: &str = "language";

/// What follows in a text.
#[derive(Debug)]
pub struct Language;

impl Family for Language {
    const TASK: &'static str = TASK;
    const ABOUT: &'static str =
        "Learn what follows in a text, in characters, subwords or words, and write more of it";
    type Options = LanguageOptions;
    type Config = LanguageConfig;
    type Data = Text;
    type Parts = Prepared;
    type Pipeline = LanguagePipeline;
    type Model = LanguageModel;
    type Learner = LanguageLearner;
    const CAN: &'static [Capability] = &[Capability::Recurrence, Capability::Sample];

    fn training(config: &LanguageConfig) -> &TrainingConfig {
        &config.training
    }

    fn files(options: &LanguageOptions) -> Vec<PathBuf> {
        Files::all([&options.data, &options.valid, &options.test].map(Option::as_ref))
    }

    fn read(options: &LanguageOptions) -> Result<(Text, Vec<Assumption>), ModelError> {
        source::for_training(options)
    }

    fn summary(text: &Text) -> String {
        let all = [Some(&text.data), text.valid.as_ref(), text.test.as_ref()];
        let lines = || all.iter().flatten().flat_map(|corpus| &corpus.lines);
        let characters: usize = lines().map(|line| line.chars().count() + 1).sum();
        format!("{} lines, {characters} characters", lines().count())
    }

    fn resolve(options: &LanguageOptions, text: &Text) -> Result<Resolved, ModelError> {
        resolve(options, text)
    }

    fn outline(resolved: &Resolved) -> String {
        let (config, parts) = (&resolved.config, &resolved.parts);
        let tokenizer = &parts.fitted.tokenizer;
        format!(
            "{} · {} {} · window {} · {} {} to learn from",
            config.recurrent.described(config.model, 1),
            tokenizer.known(),
            tokenizer.kind().unit(),
            config.window,
            parts.training.len(),
            tokenizer.kind().unit(),
        )
    }

    fn remarks(_: &LanguageOptions, _: &Text, resolved: &Resolved) -> Vec<Remark> {
        let parts = &resolved.parts;
        let all = &parts.parts;
        let others: [(&str, &[String]); 2] = [("validation", &all.valid), ("test", &all.test)];
        parts.fitted.remarks(&all.train, &others)
    }

    fn inspect(_: &LanguageOptions, text: &Text, resolved: Option<&Resolved>) -> Inspection {
        let mut inspection = Inspection::default();
        let lines = &text.data.lines;
        let empty = lines.iter().filter(|line| line.trim().is_empty()).count();
        inspection
            .lines
            .push(format!("{} lines, {empty} of them empty", lines.len()));
        if let Some(resolved) = resolved {
            let tokenizer = &resolved.parts.fitted.tokenizer;
            inspection.lines.push(format!(
                "{} {} with a vector of their own, {} in the training part",
                tokenizer.known(),
                tokenizer.kind().unit(),
                resolved.parts.training.len()
            ));
        }
        inspection
            .figures
            .insert("lines".into(), lines.len().into());
        inspection
            .figures
            .insert("empty_lines".into(), empty.into());
        inspection
    }

    fn learner(
        resolved: &Resolved,
        _: &Text,
        device: &Device,
    ) -> Result<(LanguageLearner, LanguagePipeline), ModelError> {
        learner::learner(resolved, device)
    }

    fn asks(ask: Ask) -> Vec<Key> {
        match ask {
            Ask::Evaluate => EvaluateAsk::keys(),
            Ask::Sample => SampleAsk::keys(),
            Ask::Predict => Vec::new(),
        }
    }

    fn open(files: &ModelFiles, device: &Device) -> Result<LanguageModel, ModelError> {
        LanguageModel::open(files, device)
    }

    fn score(
        model: &LanguageModel,
        text: &Text,
        resolved: &Resolved,
    ) -> Result<Option<Evaluated>, ModelError> {
        let parts = &resolved.parts.parts;
        if parts.test.is_empty() {
            return Ok(None);
        }
        let files = text.test.as_ref().unwrap_or(&text.data).files.iter();
        let files: Vec<String> = files.map(|file| file.display().to_string()).collect();
        let named = (Part::Test, files.join(", "));
        let ask = EvaluateAsk::default();
        let scored = model.evaluated(&parts.test, (named.0, &named.1), Ok(parts), &ask);
        scored.map(Some)
    }
}
