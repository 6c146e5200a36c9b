//! What costs less than a network: how often each token occurs, and counted runs of tokens.

use ressac_stats::rival::ngram::Ngrams;

use super::resolve::Parts;
use crate::text::{Codes, TokenizerKind};

/// Tokens of a counted run, for words and subwords, and for characters.
const ORDERS: [usize; 2] = [5, 9];

/// −ln p of each token by each rival, in the order of the text.
pub(super) type Rival = (String, Vec<f32>);

/// The rivals, fitted on the training part, on the tokens of another text.
pub(super) fn rivals(
    parts: &Parts,
    codes: Codes<'_>,
    kind: TokenizerKind,
    stream: &[u32],
) -> Vec<Rival> {
    let train = codes.stream(parts.train.iter().map(String::as_str));
    let order = match kind {
        TokenizerKind::Characters => ORDERS[1],
        _ => ORDERS[0],
    };
    let of = |order: usize, name: String| {
        // It refuses an order of 0, tokens beyond the count and texts of 2³² tokens, which there are not here.
        let fitted = Ngrams::fit(&[train.as_slice()], order, codes.count() as u32).ok()?;
        let tokens = stream.iter().enumerate();
        let nats = tokens.map(|(at, token)| {
            let history = &stream[at.saturating_sub(order)..at];
            -fitted.log_probability(history, *token) as f32
        });
        Some((name, nats.collect()))
    };
    let names = [
        (1, "frequency".to_owned()),
        (order, format!("{order}-grams, Kneser–Ney")),
    ];
    names
        .into_iter()
        .filter_map(|(order, name)| of(order, name))
        .collect()
}
