//! A generator as every verb knows it.

use std::path::PathBuf;

use toml::Table;

use ressac_data::rows::Sink;

use super::ask::EvaluateAsk;
use super::config::GanConfig;
use super::error::GanError;
use super::family::TASK;
use super::generator::ImageGenerator;
use super::parts::{self, GanParts};
use super::{source, structure};
use crate::family::COMMAND_LINE;
use crate::model::{Fact, Model, Sample, Sources, saved_by, unchanged};
use crate::options::{Files, Options};
use crate::part::Part;
use crate::{Evaluated, ModelError, Structure};

/// Fewer real images than this made ones are not compared with.
pub(super) const LEAST: usize = 8;

/// The networks in a few words: `residual GAN · 64 random numbers → 128 → 64 → 32 channels → image of 28x28, told 10 classes`.
pub(super) fn described(config: &GanConfig, classes: usize) -> String {
    let widths: Vec<String> = config.widths.iter().map(usize::to_string).collect();
    let [height, width, channels] = config.sides();
    let colour = match channels {
        3 => "colour",
        _ => "grey",
    };
    let told = match config.conditional {
        true => format!(", told {classes} classes"),
        false => String::new(),
    };
    format!(
        "{} GAN · {} random numbers → {} channels → {colour} image of {width}x{height}{told}",
        config.model,
        config.latent,
        widths.join(" → ")
    )
}

impl ImageGenerator {
    /// The parts it was trained on, read again; a sentence where the files are gone or others.
    fn training_parts(&self) -> Result<GanParts, String> {
        let read = || parts::again(&source::trained_on(self.config())?, self.config());
        unchanged(&self.trained_on(), self.fingerprint(), read)
    }
}

impl Model for ImageGenerator {
    fn task(&self) -> &'static str {
        TASK
    }

    fn network(&self) -> String {
        described(self.config(), self.pipeline().classes.len())
    }

    fn facts(&self) -> Vec<Fact> {
        let (config, pipeline) = (self.config(), self.pipeline());
        let mut facts = vec![
            Fact::new(
                "split",
                match &config.split {
                    Some(split) => format!("{split} of the images to train, validate, test"),
                    None => "files of their own".to_owned(),
                },
            ),
            Fact::new("learnt from", format!("{} images", pipeline.images)),
        ];
        facts.extend(config.media.fact());
        if config.conditional {
            facts.push(Fact::new("classes", ressac_data::listed(&pipeline.classes)));
        }
        facts.push(Fact::new("loss", config.loss.to_string()));
        for (what, value) in [("penalty", config.penalty), ("augment", config.augment)] {
            if value > 0.0 {
                facts.push(Fact::new(what, value.to_string()));
            }
        }
        let alarms = self.history().iter().map(|line| line.notes.len()).sum();
        facts.push(Fact::new(
            "alarms of collapse",
            match alarms {
                0 => "none in training".to_owned(),
                1_usize => "1 in training; the report tells it".to_owned(),
                alarms => format!("{alarms} in training; the report tells them"),
            },
        ));
        facts.push(Fact::new(
            "quality",
            "measured on features of an encoder trained on the same images: not comparable with published FID or KID",
        ));
        facts
    }

    fn structure(&self) -> Structure {
        structure::of(self)
    }

    saved_by!(self => self.config(), self.pipeline(), &self.networks().generator);

    fn trained_on(&self) -> Vec<PathBuf> {
        let config = self.config();
        Files::all([
            Some(&config.data),
            config.valid.as_ref(),
            config.test.as_ref(),
        ])
    }

    fn predict(&self, _: &Sources, _: &Table, _: &mut dyn Sink) -> Result<Vec<String>, ModelError> {
        Err(GanError::NothingToPredict.into())
    }

    fn evaluate(&self, sources: &Sources, ask: &Table) -> Result<Evaluated, ModelError> {
        let ask = EvaluateAsk::read(ask, COMMAND_LINE.as_ref())?;
        let part = Part::to_score(ask.part.part, sources)?;
        let prepared = self.training_parts();
        let of_training = prepared.as_ref().ok().and_then(|of| of.parts.of(part));
        let (scored, assumptions) = match of_training {
            Some(part) => (part.clone(), Vec::new()),
            None => source::for_model(sources, self.config())?,
        };
        part.require(scored.is_empty(), "image")?;
        let prepared = prepared.as_ref().map_err(Clone::clone);
        let mut evaluated = self.evaluated(&scored, prepared, part, ask.made)?;
        evaluated.assumptions = assumptions;
        Ok(evaluated)
    }

    fn sample(&self) -> Option<&dyn Sample> {
        Some(self)
    }
}
