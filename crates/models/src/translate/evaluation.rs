//! How good translations are, beside what costs less.

use serde_json::json;

use ressac_data::pairs::Pairs;
use ressac_stats::translation::{
    BleuCounts, Casing, ChrfCounts, bleu_difference, bleu_signature, chrf_signature,
    sentence_bleu_counts, sentence_chrf_counts,
};

use super::encoded::Encoded;
use super::report::{self, Shown};
use super::resolve::Parts;
use super::rivals::rivals;
use super::source;
use super::translator::Translator;
use crate::decoder::search::Search;
use crate::evaluated::beside;
use crate::measure::{Measure, Method, significant};
use crate::part::Part;
use crate::{Evaluated, Model as _, ModelError};

/// How sure the interval of a difference is.
const LEVEL: f64 = 0.95;
/// Draws that it is made of.
const RESAMPLES: usize = 1_000;

/// Words of a source from which on sentences are counted together.
const LENGTHS: [usize; 6] = [0, 8, 12, 16, 20, 30];

/// How a method translates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scored {
    bleu: f64,
    chrf: f64,
    /// e to the nats of a target token; a rival has no probabilities.
    perplexity: Option<f64>,
}

fn one(value: f64) -> String {
    format!("{value:.1}")
}

pub(super) const MEASURES: [Measure<Scored>; 3] = [
    Measure {
        key: "bleu",
        head: "BLEU",
        of: |scored| Some(scored.bleu),
        write: one,
    },
    Measure {
        key: "chrf",
        head: "chrF",
        of: |scored| Some(scored.chrf),
        write: one,
    },
    Measure {
        key: "perplexity",
        head: "perplexity",
        of: |scored| scored.perplexity,
        write: significant,
    },
];

const ABOUT: &str = "BLEU counts runs of one to four words that the reference has too, chrF runs of one to six characters: 100 is the reference itself. Perplexity is e to the nats of a target token, the true ones before it known; – where a method gives no probabilities";

/// The sentences whose sources have about so many words.
#[derive(Debug, Clone)]
pub(super) struct OfLength {
    /// Words: `8 to 11`.
    pub(super) words: String,
    /// How many sentences.
    pub(super) sentences: usize,
    /// Of the model.
    pub(super) bleu: f64,
}

impl Translator {
    /// What an evaluation on these pairs tells.
    ///
    /// # Errors
    /// When the network refuses a pair.
    pub(super) fn evaluated(
        &self,
        pairs: &Pairs,
        part: Part,
        parts: Result<&Parts, String>,
        search: &Search,
    ) -> Result<Evaluated, ModelError> {
        let translated = self.translate(&pairs.sources, search)?;
        let texts: Vec<&str> = translated.iter().map(|found| found.text.as_str()).collect();
        let (nats, tokens) = self.nats(&Encoded::to_score(self.pipeline(), pairs))?;
        let counts = counts(&texts, &pairs.targets);
        let own = Scored {
            perplexity: (tokens > 0).then(|| (nats / tokens as f64).exp()),
            ..scored(&counts, &texts, &pairs.targets)
        };
        let (others, left_out) = match parts {
            Ok(parts) => (rivals(&parts.train, &pairs.sources), None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let others: Vec<(&str, Vec<BleuCounts>, Scored)> = (others.iter())
            .map(|(name, texts)| {
                let of = self::counts(texts, &pairs.targets);
                let scored = scored(&of, texts, &pairs.targets);
                (*name, of, scored)
            })
            .collect();
        let rivals = others.iter().map(|(name, _, scored)| (*name, scored));
        let methods: Vec<Method<'_, Scored>> =
            [("model", &own)].into_iter().chain(rivals).collect();
        let best = others.iter().max_by(|a, b| a.2.bleu.total_cmp(&b.2.bleu));
        let best = best.and_then(|(name, of, scored)| {
            let interval = bleu_difference(&counts, of, LEVEL, RESAMPLES, 0).ok()?;
            Some((*name, scored.bleu, interval))
        });
        let verdict = match &best {
            None => format!(
                "BLEU {}; there is no rival to compare it with.",
                one(own.bleu)
            ),
            Some((name, bleu, interval)) => beside(
                "BLEU",
                &[one(own.bleu), one(*bleu)],
                (name, interval),
                |step| format!("{step:+.1}"),
                "",
            ),
        };
        let named = source::named(pairs);
        let count = pairs.len();
        let mut evaluated = Evaluated::of_methods(
            ("Translation", &self.network(), ABOUT),
            (
                format!("{named}: {part} part, {count} pairs"),
                &[
                    ("part", part.to_string().into()),
                    ("pairs", count.into()),
                    ("target_tokens", tokens.into()),
                ],
            ),
            &MEASURES,
            &methods,
            verdict,
        );
        let lengths = by_length(pairs, &counts);
        let heads = ["words of the source", "sentences", "BLEU"]
            .map(str::to_owned)
            .to_vec();
        let lines = lengths
            .iter()
            .map(|of| vec![of.words.clone(), of.sentences.to_string(), one(of.bleu)]);
        evaluated
            .tables
            .push([heads].into_iter().chain(lines).collect());
        evaluated.sentences.push(format!(
            "beam {}, length penalty {}; BLEU {}, chrF {}",
            search.beam,
            search.length_penalty,
            bleu_signature(Casing::Mixed),
            chrf_signature()
        ));
        evaluated.sentences.extend(left_out);
        let copied: usize = translated.iter().map(|found| found.copied).sum();
        if copied > 0 {
            evaluated.sentences.push(format!(
                "{copied} unknown tokens were copied from the sources"
            ));
        }
        evaluated.figures.insert(
            "by_length".into(),
            lengths
                .iter()
                .map(|of| json!({ "words": of.words, "sentences": of.sentences, "bleu": of.bleu }))
                .collect(),
        );
        evaluated.figures.insert("beam".into(), search.beam.into());
        evaluated
            .figures
            .insert("length_penalty".into(), search.length_penalty.into());
        evaluated
            .figures
            .insert("signature".into(), bleu_signature(Casing::Mixed).into());
        evaluated.page = report::extended(
            evaluated.page.clone(),
            &Shown {
                pairs,
                translated: &translated,
                counts: &counts,
                lengths: &lengths,
            },
        );
        Ok(evaluated)
    }
}

/// What each translation has in common with its reference.
fn counts<T: AsRef<str>>(texts: &[T], references: &[String]) -> Vec<BleuCounts> {
    // There is a reference for each translation.
    sentence_bleu_counts(texts, references, Casing::Mixed).unwrap_or_default()
}

fn scored<T: AsRef<str>>(counts: &[BleuCounts], texts: &[T], references: &[String]) -> Scored {
    let chrf = sentence_chrf_counts(texts, references).unwrap_or_default();
    Scored {
        bleu: counts.iter().copied().sum::<BleuCounts>().bleu().score,
        chrf: chrf.into_iter().sum::<ChrfCounts>().chrf(),
        perplexity: None,
    }
}

/// BLEU of the sentences of about one length.
fn by_length(pairs: &Pairs, counts: &[BleuCounts]) -> Vec<OfLength> {
    let ends = LENGTHS.iter().skip(1).map(|end| Some(*end)).chain([None]);
    let mut all = Vec::new();
    for (from, end) in LENGTHS.into_iter().zip(ends) {
        let fits = |source: &String| {
            let words = source.split_whitespace().count();
            words >= from && end.is_none_or(|end| words < end)
        };
        let own = pairs
            .sources
            .iter()
            .zip(counts)
            .filter(|(source, _)| fits(source));
        let own: Vec<BleuCounts> = own.map(|(_, counts)| *counts).collect();
        if own.is_empty() {
            continue;
        }
        all.push(OfLength {
            words: match end {
                Some(end) => format!("{from} to {}", end - 1),
                None => format!("{from} and more"),
            },
            sentences: own.len(),
            bleu: own.into_iter().sum::<BleuCounts>().bleu().score,
        });
    }
    all
}
