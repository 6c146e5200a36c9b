//! How well a model knows what comes next in a text.

use serde_json::json;

use ressac_nn::loss::PADDING;
use ressac_stats::bootstrap::skill_interval;

use super::ask::EvaluateAsk;
use super::cache::{Cache, CacheConfig};
use super::error::LanguageError;
use super::model::LanguageModel;
use super::report::{self, Passage};
use super::resolve::Parts;
use super::rivals::rivals;
use crate::error::option_error;
use crate::evaluated::beside;
use crate::measure::{Measure, Method, four, significant};
use crate::part::Part;
use crate::{Evaluated, Model as _, ModelError, ranges};

/// Tokens read in one pass.
const AT_ONCE: usize = 256;
/// Tokens that stand for one observation in an interval: neighbours are alike. Of a short text fewer, so that there are
/// some observations.
const BLOCK: usize = 50;
const OBSERVATIONS: usize = 20;
/// How sure the interval is.
const LEVEL: f64 = 0.95;
/// Draws that it is made of.
const RESAMPLES: usize = 2_000;

/// How a method fared on a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fared {
    /// −ln p of the whole text.
    pub(super) nats: f64,
    /// Its tokens, the ends of its lines among them.
    pub(super) tokens: usize,
    /// Its characters, with a line break for each line.
    pub(super) characters: usize,
}

impl Fared {
    fn per_token(&self) -> f64 {
        self.nats / self.tokens as f64
    }
}

pub(super) const MEASURES: [Measure<Fared>; 3] = [
    Measure {
        key: "perplexity",
        head: "perplexity",
        of: |fared| Some(fared.per_token().exp()),
        write: significant,
    },
    Measure {
        key: "nats_per_token",
        head: "nats a token",
        of: |fared| Some(fared.per_token()),
        write: four,
    },
    Measure {
        key: "bits_per_character",
        head: "bits a character",
        of: |fared| Some(fared.nats / fared.characters as f64 / std::f64::consts::LN_2),
        write: four,
    },
];

const ABOUT: &str = "perplexity is e to the nats a token, every token counted and the end of each line too; the state is carried over the whole text. Bits a character compare models of other tokens";

impl LanguageModel {
    /// −ln p of every token of a running text, the state carried from the first to the last; as the next token is read
    /// only after the one before was predicted, each counts.
    ///
    /// # Errors
    /// When the network refuses its input.
    pub(super) fn nats(
        &self,
        stream: &[u32],
        cache: Option<CacheConfig>,
    ) -> Result<Vec<f32>, ModelError> {
        let end = self.pipeline().codes().end();
        let mut cache = cache.map(Cache::new);
        let (mut all, mut state, mut before) = (Vec::with_capacity(stream.len()), None, end);
        for next in stream.chunks(AT_ONCE) {
            let mut read = vec![before];
            read.extend(&next[..next.len() - 1]);
            before = next.last().copied().unwrap_or(end);
            let decoded = self.layers().forward(&[read], state, None, None)?;
            let losses = self.layers().loss(decoded.read, next, 0.0)?;
            state = Some(decoded.state);
            let nats = losses.rows.into_data();
            match &mut cache {
                None => all.extend(nats.iter::<f32>()),
                Some(cache) => {
                    let [_, _, width] = decoded.outputs.dims();
                    let outputs: Vec<f32> = decoded.outputs.into_data().iter::<f32>().collect();
                    let steps = outputs
                        .chunks_exact(width)
                        .zip(next)
                        .zip(nats.iter::<f32>());
                    all.extend(steps.map(|((state, token), nats)| {
                        cache.next(state, *token, f64::from(nats)) as f32
                    }));
                }
            }
        }
        debug_assert!(!stream.contains(&PADDING));
        Ok(all)
    }

    /// What an evaluation on these lines of a part of `named` tells.
    ///
    /// # Errors
    /// When the network refuses the text, or a key of `ask` is out of its range.
    pub(super) fn evaluated(
        &self,
        lines: &[String],
        (part, named): (Part, &str),
        parts: Result<&Parts, String>,
        ask: &EvaluateAsk,
    ) -> Result<Evaluated, ModelError> {
        let (codes, kind) = (self.pipeline().codes(), self.pipeline().texts.kind());
        let unit = kind.unit();
        let cached = cache_of(ask)?;
        let stream = codes.stream(lines.iter().map(String::as_str));
        if stream.iter().all(|token| *token == codes.end()) {
            return Err(LanguageError::Nothing(named.to_owned()).into());
        }
        let characters = lines.iter().map(|line| line.chars().count() + 1).sum();
        let of = |nats: &[f32]| Fared {
            nats: nats.iter().map(|value| f64::from(*value)).sum(),
            tokens: nats.len(),
            characters,
        };
        let own = self.nats(&stream, None)?;
        let rate = dynamic_of(ask)?;
        let other = match (cached, rate) {
            (Some(config), _) => Some(("model with cache", self.nats(&stream, Some(config))?)),
            (None, Some(rate)) => Some(("model learning on", self.nats_learning(&stream, rate)?)),
            (None, None) => None,
        };
        let (others, left_out) = match parts {
            Ok(parts) => (rivals(parts, codes, kind, &stream), None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let judged = other.as_ref().map_or(&own, |(_, nats)| nats);
        let mut fared = Vec::new();
        fared.extend(
            other
                .iter()
                .map(|(name, nats)| ((*name).to_owned(), of(nats))),
        );
        fared.push(("model".to_owned(), of(&own)));
        fared.extend(others.iter().map(|(name, nats)| (name.clone(), of(nats))));
        let methods: Vec<Method<'_, Fared>> =
            fared.iter().map(|(name, of)| (name.as_str(), of)).collect();
        let unknown = stream
            .iter()
            .filter(|token| **token == codes.unknown())
            .count();
        let scored = format!(
            "{named}: {part} part, {} {unit} in {} lines",
            stream.len(),
            lines.len()
        );
        let mut evaluated = Evaluated::of_methods(
            ("Language model", &self.network(), ABOUT),
            (
                scored,
                &[
                    ("part", part.to_string().into()),
                    ("tokens", stream.len().into()),
                    ("lines", lines.len().into()),
                    ("unknown", unknown.into()),
                ],
            ),
            &MEASURES,
            &methods,
            verdict(judged, &others, &of),
        );
        if unknown > 0 {
            evaluated.sentences.push(format!(
                "{:.2} % of the {unit} are unknown to the model; all of them count as one token, which makes a text easier to predict",
                100.0 * unknown as f64 / stream.len() as f64
            ));
        }
        if let Some(most) = self.pipeline().texts.max_length() {
            let cut = lines.iter().filter(|line| codes.read(line).cut).count();
            evaluated.sentences.push(format!(
                "Of {cut} of {} lines the first {most} {unit} are read and scored, and no more",
                lines.len()
            ));
        }
        if let Some(config) = cached {
            evaluated.sentences.push(format!(
                "The cache holds {} tokens, weight {}, flatness {}",
                config.size, config.weight, config.flatness
            ));
            evaluated.figures.insert(
                "cache".into(),
                json!({ "size": config.size, "weight": config.weight, "flatness": config.flatness }),
            );
        }
        if let Some(rate) = rate {
            evaluated.sentences.push(format!(
                "The model that is scored first learns from the text as it goes, at a rate of {rate}: its own past is no longer the training part alone"
            ));
            evaluated.figures.insert("dynamic".into(), rate.into());
        }
        evaluated.sentences.extend(left_out);
        evaluated.page = report::extended(
            evaluated.page.clone(),
            self,
            &Passage {
                tokens: &stream,
                nats: judged,
            },
        )?;
        Ok(evaluated)
    }
}

/// The cache that is asked for.
fn cache_of(ask: &EvaluateAsk) -> Result<Option<CacheConfig>, ModelError> {
    let size = ask.cache.unwrap_or(0);
    for (key, given) in [
        ("cache_weight", ask.cache_weight),
        ("cache_flatness", ask.cache_flatness),
    ] {
        if size == 0 && given.is_some() {
            return Err(option_error(
                key,
                "is of the cache, and `cache` is 0: say how many tokens it holds",
            ));
        }
    }
    if size == 0 {
        return Ok(None);
    }
    ranges::whole("cache", size, 1..=1_000_000)?;
    let weight = ask.cache_weight.unwrap_or(0.1);
    ranges::share("cache_weight", weight)?;
    let flatness = ask.cache_flatness.unwrap_or(0.3);
    if !(flatness.is_finite() && flatness >= 0.0) {
        return Err(option_error(
            "cache_flatness",
            &format!("is {flatness}; it is 0 or more"),
        ));
    }
    Ok(Some(CacheConfig {
        size,
        weight,
        flatness,
    }))
}

/// The rate of dynamic evaluation that is asked for.
fn dynamic_of(ask: &EvaluateAsk) -> Result<Option<f64>, ModelError> {
    let rate = ask.dynamic.unwrap_or(0.0);
    if !(rate.is_finite() && rate >= 0.0) {
        return Err(option_error(
            "dynamic",
            &format!("is {rate}; it is 0 (off) or more"),
        ));
    }
    match rate > 0.0 && ask.cache.unwrap_or(0) > 0 {
        true => Err(option_error(
            "dynamic",
            "and `cache` are two ways to follow a text: give one of them",
        )),
        false => Ok((rate > 0.0).then_some(rate)),
    }
}

/// Whether the model is worth having, in one sentence.
fn verdict(own: &[f32], rivals: &[(String, Vec<f32>)], of: &dyn Fn(&[f32]) -> Fared) -> String {
    let best = rivals
        .iter()
        .min_by(|a, b| of(&a.1).nats.total_cmp(&of(&b.1).nats));
    let perplexity = |nats: &[f32]| significant(of(nats).per_token().exp());
    let block = (own.len() / OBSERVATIONS).clamp(1, BLOCK);
    let blocks = |nats: &[f32]| -> Vec<f64> {
        let blocks = nats.chunks(block);
        blocks
            .map(|block| block.iter().map(|nats| f64::from(*nats)).sum())
            .collect()
    };
    let Some((name, nats)) = best else {
        return format!(
            "Perplexity {}; there is no rival to compare it with.",
            perplexity(own)
        );
    };
    let written = [perplexity(own), perplexity(nats)];
    let of_rival = of(nats).per_token();
    let (own, other) = (blocks(own), blocks(nats));
    // Texts go on: runs of blocks are drawn.
    let run = (own.len() as f64).cbrt().round() as usize;
    match skill_interval(&own, &other, run.max(1), LEVEL, RESAMPLES, 0) {
        Err(_) => format!(
            "Perplexity {} against {} of {name}: too short a text to say whether that is luck.",
            written[0], written[1]
        ),
        Ok(interval) => beside(
            "perplexity",
            &written,
            (name, &interval),
            // What is saved, by the rival's own.
            |share| format!("{:+.3}", share * of_rival),
            " nats a token",
        ),
    }
}
