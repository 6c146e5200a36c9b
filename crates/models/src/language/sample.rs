//! Writing text with a language model.

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use toml::Table;

use ressac_data::rows::{Cell, Column, Kind, Sink};
use ressac_nn::random::Stream;

use super::ask::SampleAsk;
use super::model::LanguageModel;
use crate::decoder::generate::{Running, Sampling, Steps};
use crate::error::option_error;
use crate::family::COMMAND_LINE;
use crate::model::Sample;
use crate::options::Options;
use crate::{ModelError, ranges};

/// The texts to write.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) count: usize,
    pub(super) prompt: String,
    pub(super) length: usize,
    pub(super) sampling: Sampling,
    pub(super) one_line: bool,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            count: 1,
            prompt: String::new(),
            length: 200,
            sampling: Sampling {
                temperature: 0.8,
                top_k: None,
                top_p: None,
            },
            one_line: false,
        }
    }
}

impl Asked {
    fn of(ask: &SampleAsk) -> Result<Self, ModelError> {
        let usual = Self::default();
        let asked = Self {
            count: ask.count.unwrap_or(usual.count),
            prompt: ask.prompt.clone().unwrap_or_default(),
            length: ask.length.unwrap_or(usual.length),
            sampling: Sampling {
                temperature: ask.temperature.unwrap_or(usual.sampling.temperature),
                top_k: ask.top_k,
                top_p: ask.top_p,
            },
            one_line: ask.one_line.unwrap_or(false),
        };
        ranges::whole("count", asked.count, 1..=10_000)?;
        ranges::whole("length", asked.length, 1..=1_000_000)?;
        if let Some(top) = asked.sampling.top_k {
            ranges::at_least_one("top_k", top)?;
        }
        let temperature = asked.sampling.temperature;
        if !(temperature.is_finite() && temperature >= 0.0) {
            return Err(option_error(
                "temperature",
                &format!("is {temperature}; it is 0 or more"),
            ));
        }
        match asked.sampling.top_p {
            Some(share) if !(share > 0.0 && share <= 1.0) => Err(option_error(
                "top_p",
                &format!("is {share}; it is a share above 0, up to 1"),
            )),
            _ => Ok(asked),
        }
    }

    fn told(&self) -> Map<String, Value> {
        let Sampling {
            temperature,
            top_k,
            top_p,
        } = self.sampling;
        let told = json!({
            "count": self.count, "prompt": self.prompt, "length": self.length,
            "temperature": temperature, "top_k": top_k, "top_p": top_p, "one_line": self.one_line,
        });
        match told {
            Value::Object(told) => told,
            _ => Map::new(),
        }
    }
}

/// The texts that the model writes, each with the prompt before it. A text depends on the seed and its place alone.
///
/// # Errors
/// When the network refuses its input.
pub(super) fn written(
    model: &LanguageModel,
    asked: &Asked,
    seed: u64,
) -> Result<Vec<String>, ModelError> {
    let codes = model.pipeline().codes();
    let end = codes.end();
    let mut prompt = vec![end];
    // The last line of the prompt goes on.
    let stream = codes.stream(asked.prompt.split('\n'));
    prompt.extend(&stream[..stream.len().saturating_sub(1)]);
    let stream = Stream::new(seed, "sample");
    let mut generators: Vec<_> = (0..asked.count as u64)
        .map(|place| stream.at(place).generator())
        .collect();
    let mut texts: Vec<Vec<u32>> = vec![prompt[1..].to_vec(); asked.count];
    // Rows that go on, by their text.
    let mut alive: Vec<usize> = (0..asked.count).collect();
    let mut running = Running::new(model.layers(), asked.count, None, None);
    let mut logits = running.read_all(&vec![prompt; asked.count])?;
    for step in 0..asked.length {
        let width = codes.count();
        let mut next = Vec::with_capacity(alive.len());
        let mut kept = Vec::with_capacity(alive.len());
        for (row, text) in alive.iter().enumerate() {
            let row_logits = &logits[row * width..][..width];
            let allowed = |token: u32| token != codes.unknown();
            let drawn = asked
                .sampling
                .draw(row_logits, allowed, &mut generators[*text]);
            let token = drawn.unwrap_or(end);
            if asked.one_line && token == end {
                continue;
            }
            texts[*text].push(token);
            kept.push(row);
            next.push(token);
        }
        if next.is_empty() || step + 1 == asked.length {
            break;
        }
        if kept.len() < alive.len() {
            running.keep(&kept)?;
            alive = kept.iter().map(|row| alive[*row]).collect();
        }
        logits = running.read(&next)?;
    }
    Ok(texts.iter().map(|text| codes.decode(text)).collect())
}

impl Sample for LanguageModel {
    fn sample(
        &self,
        ask: &Table,
        seed: u64,
        sink: &mut dyn Sink,
    ) -> Result<Map<String, Value>, ModelError> {
        let asked = Asked::of(&SampleAsk::read(ask, COMMAND_LINE.as_ref())?)?;
        let codes = self.pipeline().codes();
        let unknown = codes.stream(asked.prompt.split('\n'));
        let unknown = unknown
            .iter()
            .filter(|token| **token == codes.unknown())
            .count();
        sink.begin(&[Column::new("text", Kind::Text)])?;
        for text in written(self, &asked, seed)? {
            sink.row(&[Cell::Text(Cow::Owned(text))])?;
        }
        sink.finish()?;
        let mut told = asked.told();
        if unknown > 0 {
            told.insert("unknown_in_prompt".into(), unknown.into());
        }
        Ok(told)
    }
}
