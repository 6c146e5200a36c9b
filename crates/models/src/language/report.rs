//! The report: how likely a passage was, token by token, and texts that the model writes.

use ressac_chart::Page;

use super::model::LanguageModel;
use super::sample::{Asked, written};
use crate::ModelError;

/// Tokens of the passage that is shown.
const SHOWN: usize = 300;
/// Texts that are written.
const TEXTS: usize = 3;
/// Tokens of each.
const LENGTH: usize = 300;

/// A text that was scored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passage<'a> {
    pub(super) tokens: &'a [u32],
    pub(super) nats: &'a [f32],
}

/// The page of an evaluation with what can be seen of a language model.
///
/// # Errors
/// When the network refuses its input.
pub(super) fn extended(
    page: Page,
    model: &LanguageModel,
    passage: &Passage<'_>,
) -> Result<Page, ModelError> {
    let codes = model.pipeline().codes();
    let shown = passage.tokens.len().min(SHOWN);
    let (tokens, nats) = (&passage.tokens[..shown], &passage.nats[..shown]);
    let mean = nats.iter().map(|value| f64::from(*value)).sum::<f64>() / shown.max(1) as f64;
    let words: Vec<(String, f64)> = (tokens.iter().zip(nats))
        .map(|(token, nats)| (codes.shown(*token), mean - f64::from(*nats)))
        .collect();
    let mut page = page
        .heading("What it did not expect")
        .paragraph("The beginning of the text. Green tokens were likelier than in the mean, orange ones less likely: the difference in nats stands behind each.")
        .marked("", &words)
        .heading("What it writes")
        .paragraph(&format!(
            "{TEXTS} texts of {LENGTH} tokens at temperature 0.8, from the beginning of a line. They are the model's own, not anyone's words."
        ));
    let asked = Asked {
        count: TEXTS,
        length: LENGTH,
        ..Asked::default()
    };
    for text in written(model, &asked, 0)? {
        page = page.verbatim(&text);
    }
    Ok(page)
}
