//! An autoencoder as every verb knows it.

use std::path::PathBuf;

use toml::Table;

use ressac_data::examples::{Examples, UNKNOWN_CATEGORIES, windows};
use ressac_data::listed;
use ressac_data::rows::Sink;

use super::ask::{EvaluateAsk, PredictAsk, Rate};
use super::autoencoder::Autoencoder;
use super::choices::{AutoencoderKind, Give};
use super::config::AutoencodeConfig;
use super::family::TASK;
use super::judge::Judge;
use super::parts::{self, AutoencodeParts};
use super::rows::{self, Told};
use super::{series, source, structure};
use crate::error::option_error;
use crate::examples::media;
use crate::family::COMMAND_LINE;
use crate::model::{Fact, Model, Sample, Sources, saved_by, unchanged};
use crate::options::{Files, Options};
use crate::part::Part;
use crate::{Evaluated, ModelError, Structure};

/// Windows of a series that are in memory at once.
const WINDOWS_AT_ONCE: usize = 8_192;

/// The network in a few words, reading so-called examples: `denoising dense autoencoder · images → 512 → 256 → code of 32`.
pub(super) fn described(config: &AutoencodeConfig, noun: &str) -> String {
    let kinds = config.kinds();
    let kinds = kinds
        .iter()
        .map(|kind| format!("{kind} "))
        .collect::<String>();
    let layers = config
        .layers()
        .iter()
        .map(|width| format!("{width} → "))
        .collect::<String>();
    let cell = match (config.model, config.cell) {
        (AutoencoderKind::Recurrent, Some(cell)) => format!(" ({cell})"),
        _ => String::new(),
    };
    format!(
        "{kinds}{}{cell} autoencoder · {noun} → {layers}code of {}",
        config.model,
        config.code()
    )
}

impl Autoencoder {
    /// What its examples are called.
    pub(super) fn noun(&self) -> &'static str {
        if self.config().windowed().is_some() {
            return "windows";
        }
        let media = &self.config().media;
        match (media.rate, media.sides(), self.pipeline().steps) {
            (Some(_), _, _) => "sounds",
            (None, Some(_), _) => "images",
            (None, None, Some(1)) => "rows",
            (None, None, _) => "sequences",
        }
    }

    /// Seconds from an example to the next, of a series that is evenly spaced in time.
    pub(super) fn every(&self) -> Option<i64> {
        let columns = self.pipeline().columns.as_ref()?;
        self.config().windowed()?;
        columns.time.as_ref()?.every
    }

    /// The parts it was trained on, read again; a sentence where the files are gone or others.
    fn training_parts(&self) -> Result<AutoencodeParts, String> {
        let read = || {
            let material = source::trained_on(self.config())?;
            let (parts, _) = parts::cut(&material, &self.config().into())?;
            Ok(parts)
        };
        unchanged(&self.trained_on(), self.fingerprint(), read)
    }
}

impl Model for Autoencoder {
    fn task(&self) -> &'static str {
        TASK
    }

    fn network(&self) -> String {
        described(self.config(), self.noun())
    }

    fn facts(&self) -> Vec<Fact> {
        let (config, pipeline) = (self.config(), self.pipeline());
        let mut facts = vec![Fact::new(
            "split",
            match &config.split {
                Some(split) => format!("{split} of the examples to train, validate, test"),
                None => "files of their own".to_owned(),
            },
        )];
        if let Some(normal) = &config.normal {
            facts.push(Fact::new("normal", normal.0.join(", ")));
        }
        facts.extend(config.media.fact());
        if !config.media.is_there() {
            facts.push(Fact::new("values", listed(&pipeline.scales.names)));
            facts.push(Fact::new(
                "steps",
                match pipeline.steps {
                    Some(steps) if config.windowed().is_some() => {
                        format!("{steps} rows of a series, one after another")
                    }
                    Some(steps) => steps.to_string(),
                    None => format!("{} in the median", pipeline.median_steps),
                },
            ));
            facts.push(Fact::new(
                "missing values",
                match pipeline.scales.masked {
                    true => "read as the mean, beside whether they are there; never an error",
                    false => "read as the mean, never an error; the training part has none",
                },
            ));
        }
        for (what, value) in [
            ("noise in training", config.noise),
            ("sparsity", config.sparsity),
            ("contraction", config.contraction),
            ("beta", config.beta.unwrap_or(0.0)),
        ] {
            if value > 0.0 {
                facts.push(Fact::new(what, value.to_string()));
            }
        }
        facts.push(Fact::new(
            "false alarms",
            match &pipeline.held_back {
                Some(held_back) => format!(
                    "down to 1/{} can be promised: {} normal examples were held back",
                    held_back.held_back() + 1,
                    held_back.held_back()
                ),
                None => "no rate can be promised: nothing was held back".to_owned(),
            },
        ));
        facts
    }

    fn structure(&self) -> Structure {
        structure::of(self, self.noun())
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

    fn predict(
        &self,
        sources: &Sources,
        ask: &Table,
        sink: &mut dyn Sink,
    ) -> Result<Vec<String>, ModelError> {
        let ask = PredictAsk::read(ask, COMMAND_LINE.as_ref())?;
        let give = ask.give.unwrap_or(Give::Scores);
        let follow = ask.follow.unwrap_or(false);
        let rate = match (&ask.alarms, give) {
            (Some(rate), Give::Scores) => Some(Rate::read(rate, self.every())?),
            (Some(_), other) => {
                return Err(option_error(
                    "alarms",
                    &format!("is for scores, and `give` is `{other}`: leave one of the two out"),
                ));
            }
            (None, _) => None,
        };
        let window = self.config().windowed();
        if follow && (rate.is_none() || window.is_none()) {
            return Err(option_error(
                "follow",
                "is for the alarms of a series: it needs `alarms`, and a model of windows of rows",
            ));
        }
        let judge = Judge::new(self.pipeline().held_back.as_ref(), rate.as_ref(), follow)?;
        let mut kind = match give {
            Give::Scores => Told::Scores(judge),
            Give::Codes => Told::Codes,
            Give::Reconstructions => Told::Reconstructions,
        };
        let (examples, told) = source::for_model(sources, self.config(), self.pipeline(), false)?;
        // What was found once need not be told each time; what is read as something else must be.
        let told = told
            .into_iter()
            .filter(|told| told.what == UNKNOWN_CATEGORIES);
        let mut told: Vec<String> = told
            .map(|told| format!("{}: {}", told.what, told.found))
            .collect();
        let ends = match window {
            Some(window) => series::ends(&examples, window)?,
            None => Vec::new(),
        };
        rows::begin(self, rows::name(self), &kind, sink)?;
        let mut add = |examples: &Examples| {
            let encoded = self.encoded(examples)?;
            let passed = self.pass(&encoded)?;
            rows::add(self, (examples, &encoded, &passed), &mut kind, sink)
        };
        match window {
            Some(window) => {
                for ends in ends.chunks(WINDOWS_AT_ONCE) {
                    add(&windows(&examples, ends, window))?;
                }
            }
            None => add(&examples)?,
        }
        sink.finish()?;
        let counted = match window {
            Some(window) => format!(
                "{} of {} rows have a window of {window} rows that ends with them",
                ends.len(),
                examples.len()
            ),
            None => format!("{} {}", examples.len(), media::noun(&examples)),
        };
        told.push(match (&rate, &kind) {
            (Some(rate), Told::Scores(judge)) => {
                let stretches = match window {
                    Some(_) => format!(", in {} stretches,", judge.stretches),
                    None => String::new(),
                };
                format!(
                    "{counted}; {}{stretches} are unusual at a rate of false alarms of {}",
                    judge.alarms, rate.written
                )
            }
            _ => counted,
        });
        Ok(told)
    }

    fn evaluate(&self, sources: &Sources, ask: &Table) -> Result<Evaluated, ModelError> {
        let ask = EvaluateAsk::read(ask, COMMAND_LINE.as_ref())?;
        let part = Part::to_score(ask.part.part, sources)?;
        let prepared = self.training_parts();
        let of_training = prepared.as_ref().ok().and_then(|of| of.parts.of(part));
        let (scored, assumptions) = match of_training {
            Some(part) => (part.clone(), Vec::new()),
            None => {
                let (read, told) =
                    source::for_model(sources, self.config(), self.pipeline(), true)?;
                match self.config().windowed() {
                    Some(window) => (series::all(&read, window)?, told),
                    None => (read, told),
                }
            }
        };
        part.require(scored.is_empty(), "example")?;
        let prepared = prepared.as_ref().map_err(Clone::clone);
        let mut evaluated = self.evaluated(&scored, prepared, part, ask.alarms.as_deref())?;
        evaluated.assumptions = assumptions;
        Ok(evaluated)
    }

    fn sample(&self) -> Option<&dyn Sample> {
        Some(self)
    }
}
