//! A translator as every verb knows it.

use std::borrow::Cow;
use std::path::PathBuf;

use toml::Table;

use ressac_data::rows::{Cell, Column, Kind, Sink};

use super::ask::{EvaluateAsk, PredictAsk};
use super::config::TranslateConfig;
use super::family::TASK;
use super::resolve::{self, Parts};
use super::translator::Translator;
use super::{source, structure};
use crate::family::COMMAND_LINE;
use crate::model::{Fact, Model, Sources, saved_by, unchanged};
use crate::options::{Files, Options};
use crate::part::Part;
use crate::{Evaluated, ModelError, Structure};

/// Texts that are translated before the next are handed on.
const HANDED_ON: usize = 256;

/// The network in a few words.
pub(super) fn described(config: &TranslateConfig) -> String {
    let layers = (config.recurrent).described(config.model, config.directions());
    format!(
        "encoder {layers}, decoder {} of {} · attention {}",
        match config.recurrent.layers {
            1 => "1 layer".to_owned(),
            count => format!("{count} layers"),
        },
        config.recurrent.hidden,
        config.attention
    )
}

impl Model for Translator {
    fn task(&self) -> &'static str {
        TASK
    }

    fn network(&self) -> String {
        let pipeline = self.pipeline();
        let (sources, targets) = (&pipeline.sources, pipeline.targets.as_ref());
        let unit = sources.kind().unit();
        let tokens = match targets {
            Some(targets) => format!("{} → {} {unit}", sources.known(), targets.known()),
            None => format!("{} {unit} of both sides", sources.known()),
        };
        format!("{} · {tokens}", described(self.config()))
    }

    fn facts(&self) -> Vec<Fact> {
        let (config, pipeline) = (self.config(), self.pipeline());
        vec![
            Fact::new(
                "split",
                match &config.split {
                    Some(split) => format!("{split} of the pairs to train, validate, test"),
                    None => "files of their own".to_owned(),
                },
            ),
            Fact::new("pairs learnt from", pipeline.pairs.to_string()),
            Fact::new(
                "length",
                format!(
                    "sources of {} {} in the median, {:.2} target tokens for each of theirs",
                    pipeline.median_steps,
                    pipeline.sources.kind().unit(),
                    pipeline.ratio
                ),
            ),
            Fact::new(
                "letters",
                match pipeline.sources.lower_case() {
                    true => "A and a are the same",
                    false => "A and a differ",
                },
            ),
            Fact::new(
                "output layer",
                match config.tied {
                    true => "has the vectors of the target tokens",
                    false => "has weights of its own",
                },
            ),
        ]
    }

    fn structure(&self) -> Structure {
        structure::of(self)
    }

    saved_by!(self => self.config(), self.pipeline(), self.layers());

    fn trained_on(&self) -> Vec<PathBuf> {
        let config = self.config();
        Files::all([
            Some(&config.data),
            config.valid.as_ref(),
            config.test.as_ref(),
        ])
    }

    fn reads_texts(&self) -> bool {
        true
    }

    fn predict(
        &self,
        sources: &Sources,
        ask: &Table,
        sink: &mut dyn Sink,
    ) -> Result<Vec<String>, ModelError> {
        let ask = PredictAsk::read(ask, COMMAND_LINE.as_ref())?;
        let search = ask.search(self.pipeline(), self.attends())?;
        let texts = source::texts_for_model(sources, self.config(), self.pipeline())?;
        sink.begin(&[
            Column::new("source", Kind::Text),
            Column::new("translation", Kind::Text),
            Column::new("log_probability", Kind::Number),
        ])?;
        let (mut cut, mut copied, mut endless) = (0, 0, 0);
        for texts in texts.chunks(HANDED_ON) {
            for (text, translated) in texts.iter().zip(self.translate(texts, &search)?) {
                cut += usize::from(translated.cut);
                copied += translated.copied;
                endless += usize::from(!translated.found.ended && !translated.text.is_empty());
                sink.row(&[
                    Cell::Text(Cow::Borrowed(text)),
                    Cell::Text(Cow::Owned(translated.text)),
                    Cell::Number(translated.found.log_probability),
                ])?;
            }
        }
        sink.finish()?;
        Ok(self.told(&texts, [cut, copied, endless]))
    }

    fn evaluate(&self, sources: &Sources, ask: &Table) -> Result<Evaluated, ModelError> {
        let ask = EvaluateAsk::read(ask, COMMAND_LINE.as_ref())?;
        let search = ask.search.search(self.pipeline(), self.attends())?;
        let part = Part::to_score(ask.part.part, sources)?;
        let parts = self.training_parts();
        let (pairs, assumptions) = match parts.as_ref().ok().and_then(|parts| parts.of(part)) {
            Some(pairs) => (pairs.clone(), Vec::new()),
            None => source::pairs_for_model(sources, self.config(), self.pipeline())?,
        };
        part.require(pairs.is_empty(), "pair")?;
        let parts = parts.as_ref().map_err(Clone::clone);
        let mut evaluated = self.evaluated(&pairs, part, parts, &search)?;
        evaluated.assumptions = assumptions;
        Ok(evaluated)
    }
}

impl Translator {
    /// The parts it was trained on, read again; a sentence where the files are gone or others.
    fn training_parts(&self) -> Result<Parts, String> {
        let read = || {
            let config = self.config();
            let (corpora, _) = source::trained_on(config)?;
            resolve::cut_parts(&corpora, config.split.as_deref(), config.training.seed)
        };
        unchanged(&self.trained_on(), self.fingerprint(), read)
    }

    /// What a person should know of translations.
    fn told(&self, texts: &[String], [cut, copied, endless]: [usize; 3]) -> Vec<String> {
        let pipeline = self.pipeline();
        let count = texts.len();
        let mut told = vec![match count {
            1 => "1 text".to_owned(),
            _ => format!("{count} texts"),
        }];
        let unit = pipeline.sources.kind().unit();
        let filled: Vec<String> = texts
            .iter()
            .filter(|text| !text.trim().is_empty())
            .cloned()
            .collect();
        let counts = pipeline.sources.count(&filled);
        if counts.unknown > 0 {
            told.push(format!(
                "{:.1} % of their {unit} are unknown to the model",
                100.0 * counts.unknown_share()
            ));
        }
        if copied > 0 {
            told.push(format!(
                "{copied} {unit} that it does not know are copied from the sources"
            ));
        }
        if cut > 0 {
            let most = self.config().texts.max_length.unwrap_or(0);
            told.push(format!(
                "of {cut} texts the first {most} {unit} are translated and no more"
            ));
        }
        if endless > 0 {
            told.push(format!(
                "{endless} translations did not come to an end and were cut"
            ));
        }
        if pipeline.tongues().are_targets(texts) {
            told.push(
                "the texts look like the targets that were learnt from, not like the sources: is this the language to translate from?"
                    .to_owned(),
            );
        }
        told
    }
}
