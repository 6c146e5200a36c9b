//! An autoencoder as every verb knows it.

use std::path::PathBuf;

use toml::Table;

use ressac_data::examples::UNKNOWN_CATEGORIES;
use ressac_data::listed;
use ressac_data::rows::Sink;

use super::ask::{EvaluateAsk, PredictAsk, Rate};
use super::autoencoder::Autoencoder;
use super::choices::{AutoencoderKind, Give};
use super::config::AutoencodeConfig;
use super::family::TASK;
use super::parts::{self, AutoencodeParts};
use super::{rows, source, structure};
use crate::examples::{media, name_of};
use crate::family::COMMAND_LINE;
use crate::model::{Fact, Model, Sample, Sources, saved_by, unchanged};
use crate::options::{Files, Options};
use crate::part::Part;
use crate::{Evaluated, ModelError, Structure};

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
    fn noun(&self) -> &'static str {
        let media = &self.config().media;
        match (media.rate, media.sides(), self.pipeline().steps) {
            (Some(_), _, _) => "sounds",
            (None, Some(_), _) => "images",
            (None, None, Some(1)) => "rows",
            (None, None, _) => "sequences",
        }
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
        let rate = match (&ask.alarms, give) {
            (Some(rate), Give::Scores) => Some(Rate::read(rate)?),
            (Some(_), other) => {
                return Err(crate::error::option_error(
                    "alarms",
                    &format!("is for scores, and `give` is `{other}`: leave one of the two out"),
                ));
            }
            (None, _) => None,
        };
        let held_back = self.pipeline().held_back.as_ref();
        let threshold = rate
            .as_ref()
            .map(|rate| rate.require(held_back))
            .transpose()?;
        let (examples, told) = source::for_model(sources, self.config(), self.pipeline(), false)?;
        // What was found once need not be told each time; what is read as something else must be.
        let told = told
            .into_iter()
            .filter(|told| told.what == UNKNOWN_CATEGORIES);
        let mut told: Vec<String> = told
            .map(|told| format!("{}: {}", told.what, told.found))
            .collect();
        let encoded = self.encoded(&examples)?;
        let passed = self.pass(&encoded)?;
        let counted = format!("{} {}", examples.len(), media::noun(&examples));
        match give {
            Give::Scores => {
                let alarms = rows::scores(self, (&examples, &encoded, &passed), threshold, sink)?;
                told.push(match &rate {
                    Some(rate) => format!(
                        "{counted}; {alarms} are unusual at a rate of false alarms of {}",
                        rate.written
                    ),
                    None => counted,
                });
            }
            Give::Codes => {
                rows::codes(self, &examples, &passed, sink)?;
                told.push(counted);
            }
            Give::Reconstructions => {
                let written = passed.written.iter().enumerate();
                let written =
                    written.map(|(at, values)| (name_of(&examples, at), values.as_slice()));
                rows::reconstructions(self, written, sink)?;
                told.push(counted);
            }
        }
        Ok(told)
    }

    fn evaluate(&self, sources: &Sources, ask: &Table) -> Result<Evaluated, ModelError> {
        let ask = EvaluateAsk::read(ask, COMMAND_LINE.as_ref())?;
        let part = Part::to_score(ask.part.part, sources)?;
        let prepared = self.training_parts();
        let of_training = prepared.as_ref().ok().and_then(|of| of.parts.of(part));
        let (scored, assumptions) = match of_training {
            Some(part) => (part.clone(), Vec::new()),
            None => source::for_model(sources, self.config(), self.pipeline(), true)?,
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
