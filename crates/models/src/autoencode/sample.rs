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
use crate::model::Sample;
use crate::options::Options;

/// Examples where nobody says how many.
const COUNT: usize = 16;

/// Codes `[count · width]` of a standard normal distribution times `temperature`; each is a function of the seed and its place.
pub(super) fn drawn(count: usize, width: usize, temperature: f64, seed: u64) -> Vec<f64> {
    let stream = Stream::new(seed, "sample");
    let codes = (0..count as u64).flat_map(|place| {
        let mut generator = stream.at(place).generator();
        (0..width)
            .map(|_| temperature * generator.normal())
            .collect::<Vec<f64>>()
    });
    codes.collect()
}

/// Codes on the way from each of `drawn` to the next and from the last to the first, `steps` of them, along the arc between them:
/// on a straight line codes would come nearer to 0 than drawn ones are (White 2016).
pub(super) fn between(drawn: &[f64], width: usize, count: usize, steps: usize) -> Vec<f64> {
    let places = drawn.len() / width.max(1);
    let norm = |code: &[f64]| code.iter().map(|value| value * value).sum::<f64>().sqrt();
    let way = (0..count).flat_map(|at| {
        let (from, step) = ((at / steps) % places, at % steps);
        let (a, b) = (
            &drawn[from * width..][..width],
            &drawn[(from + 1) % places * width..][..width],
        );
        let share = step as f64 / steps as f64;
        let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
        let angle = (dot / (norm(a) * norm(b)).max(1e-300))
            .clamp(-1.0, 1.0)
            .acos();
        let (of_a, of_b) = match angle.sin() < 1e-6 {
            true => (1.0 - share, share),
            false => (
                ((1.0 - share) * angle).sin() / angle.sin(),
                (share * angle).sin() / angle.sin(),
            ),
        };
        a.iter()
            .zip(b)
            .map(|(a, b)| of_a * a + of_b * b)
            .collect::<Vec<f64>>()
    });
    way.collect()
}

impl Sample for Autoencoder {
    fn sample(
        &self,
        ask: &Table,
        seed: u64,
        sink: &mut dyn Sink,
    ) -> Result<Map<String, Value>, ModelError> {
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
        let codes = match ask.interpolate {
            None => drawn(count, width, temperature, seed),
            Some(between_two) => {
                let ends = drawn(count.div_ceil(between_two).max(2), width, temperature, seed);
                between(&ends, width, count, between_two)
            }
        };
        let written = self.written_from(&codes, steps)?;
        let named = written.iter().enumerate();
        let named = named.map(|(at, values)| (format!("{}", at + 1), values.as_slice()));
        rows::begin(self, "id", &Told::Reconstructions, sink)?;
        rows::reconstructions(self, named, sink)?;
        sink.finish()?;
        let told = json!({
            "count": count, "steps": steps, "temperature": temperature, "interpolate": ask.interpolate,
        });
        match told {
            Value::Object(told) => Ok(told),
            _ => Ok(Map::new()),
        }
    }
}
