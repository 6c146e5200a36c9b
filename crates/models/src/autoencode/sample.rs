//! New examples from a variational autoencoder: codes drawn from the standard normal distribution, or on the way from one to another,
//! and what is written from them.

use serde_json::{Map, Value, json};
use toml::Table;

use ressac_data::rows::Sink;
use ressac_nn::random::Stream;

use super::ask::SampleAsk;
use super::autoencoder::Autoencoder;
use super::rows::{self, Told};
use crate::ModelError;
use crate::error::option_error;
use crate::family::COMMAND_LINE;
use crate::latent::{between, drawn};
use crate::model::{MadePictures, Sample};
use crate::options::Options;
use crate::pictures::Pictures;

/// Examples where nobody says how many.
const COUNT: usize = 16;

/// What is written from new codes, and what was asked.
struct Made {
    written: Vec<Vec<f32>>,
    interpolate: Option<usize>,
    asked: Map<String, Value>,
}

/// Codes `[count · width]` of a standard normal distribution; each is a function of the seed and its place.
pub(super) fn codes(count: usize, width: usize, seed: u64) -> Vec<f64> {
    drawn(count, width, None, &Stream::new(seed, "sample"))
}

impl Autoencoder {
    fn made(&self, ask: &Table, seed: u64) -> Result<Made, ModelError> {
        let ask = SampleAsk::read(ask, COMMAND_LINE.as_ref())?;
        ask.check()?;
        if !self.config().variational {
            return Err(option_error(
                "variational",
                "was not asked for when this model was trained, so that the distribution of its codes is not known. Train with `variational = true` to draw new examples",
            ));
        }
        let fixed = self.config().model.only(self.pipeline().steps);
        let steps = match (fixed, ask.length) {
            (Some(steps), Some(length)) if length != steps => {
                return Err(option_error(
                    "length",
                    &format!(
                        "is {length}, and this model writes examples of {steps} steps alone: leave it out"
                    ),
                ));
            }
            (Some(steps), _) => steps,
            (None, length) => length.unwrap_or(self.pipeline().median_steps),
        };
        let (count, width) = (ask.count.unwrap_or(COUNT), self.config().code());
        let temperature = ask.temperature.unwrap_or(1.0);
        let mut ends = match ask.interpolate {
            None => codes(count, width, seed),
            Some(between_two) => codes(count.div_ceil(between_two).max(2), width, seed),
        };
        ends.iter_mut().for_each(|value| *value *= temperature);
        let new = match ask.interpolate {
            None => ends,
            Some(between_two) => between(&ends, width, count, between_two),
        };
        let asked = json!({
            "count": count, "steps": steps, "temperature": temperature, "interpolate": ask.interpolate,
        });
        Ok(Made {
            written: self.written_from(&new, steps)?,
            interpolate: ask.interpolate,
            asked: match asked {
                Value::Object(asked) => asked,
                _ => Map::new(),
            },
        })
    }
}

impl Sample for Autoencoder {
    fn sample(
        &self,
        ask: &Table,
        seed: u64,
        sink: &mut dyn Sink,
    ) -> Result<Map<String, Value>, ModelError> {
        let made = self.made(ask, seed)?;
        let named = made.written.iter().enumerate();
        let named = named.map(|(at, values)| (format!("{}", at + 1), values.as_slice()));
        rows::begin(self, "id", &Told::Reconstructions, sink)?;
        rows::reconstructions(self, named, sink)?;
        sink.finish()?;
        Ok(made.asked)
    }

    fn pictures(&self, ask: &Table, seed: u64) -> Result<Option<MadePictures>, ModelError> {
        let Some(sides) = self.config().media.sides() else {
            return Ok(None);
        };
        let made = self.made(ask, seed)?;
        let scales = &self.pipeline().scales;
        let dims = scales.names.len().max(1);
        let pixels = made.written.iter().flat_map(|written| {
            let values = written.iter().enumerate();
            values.map(|(at, value)| scales.unscaled(at % dims, f64::from(*value)) as f32)
        });
        let mut pictures = Pictures::of(&pixels.collect::<Vec<f32>>(), sides);
        if let Some(steps) = made.interpolate {
            // Each way is a row of a sheet.
            pictures = pictures.across(steps);
        }
        Ok(Some((pictures, made.asked)))
    }
}
