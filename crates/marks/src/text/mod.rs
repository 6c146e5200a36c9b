//! A watermark in the choice of sampled tokens, which leaves their distribution as it was; short texts have a
//! [`crate::credentials::sidecar`] alone.
//!
//! **The mark** (Aaronson 2022; analysed by Kuditipudi et al., "Robust Distortion-free Watermarks for Language Models", 2023, and Fernandez
//! et al., "Three Bricks to Consolidate Watermarks for Large Language Models", 2023). Key and the last few tokens give each token v of the vocabulary a uniform
//! number r; the token with the largest r^(1/p) is chosen, which is v with probability p (the exponential race, the Gumbel
//! trick). So a text is as likely as without the mark, while its tokens have large r for who has the key.
//!
//! The same tokens before give the same numbers, so their second occurrence in a text is sampled without a mark: the distribution of a
//! whole text is the model's. So are its first tokens, without which all texts after one prompt would be the same. Two texts that
//! come to the same last tokens go on alike for a while; a larger `order` makes that rarer and the mark less robust, as
//! each exchanged token spoils as many after it.
//!
//! **The test.** Without the key, r of each different (last tokens, token) is uniform and independent of the text, so the sum of −ln(1 − r) over them is
//! a Gamma variable: the p-value is exact, for any text. Repetitions count once. With the mark the mean of the summand is above 1 by an
//! amount that grows with the entropy of the model's choices: a text that the model was sure of carries no mark.

use std::collections::HashSet;

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};

use crate::{Key, tail::log10_gamma};

/// How many tokens before one give its numbers, where tokens are words or subwords.
pub const ORDER_OF_WORDS: usize = 4;
/// The same, where tokens are characters, few of which come back more often.
pub const ORDER_OF_CHARACTERS: usize = 10;
/// Base-10 logarithm of the p-value below which a mark counts as found.
pub const THRESHOLD: f64 = -6.0;

/// Chooses the tokens of one text so that they carry the mark of a key.
#[derive(Clone, Debug)]
pub struct Sampler {
    key: Key,
    order: usize,
    seen: HashSet<Vec<u32>>,
}

impl Sampler {
    /// For one text; `order` is how many tokens before one give its numbers, and is needed again to find the mark.
    pub fn new(key: &Key, order: usize) -> Self {
        Sampler {
            key: key.clone(),
            order,
            seen: HashSet::new(),
        }
    }

    /// The next token, as an index of `probabilities` (relative to their sum; what is not positive is never chosen).
    ///
    /// `written` are the tokens sampled so far, without a prompt; `otherwise` is a random number from 0 to 1, for the tokens that carry no
    /// mark. `None` if no token has a probability.
    pub fn choose(
        &mut self,
        probabilities: &[f64],
        written: &[u32],
        otherwise: f64,
    ) -> Option<usize> {
        match last(written, self.order) {
            Some(context) if self.seen.insert(context.to_vec()) => {
                let mut numbers = numbers(&self.key, context);
                let mut best = None;
                for (token, p) in probabilities.iter().enumerate() {
                    let arrival = -libm::log(uniform(&mut numbers)) / p;
                    if *p > 0.0 && best.is_none_or(|(least, _)| arrival < least) {
                        best = Some((arrival, token));
                    }
                }
                best.map(|(_, token)| token)
            }
            _ => drawn(probabilities, otherwise),
        }
    }
}

/// The token at which the probabilities before and with it reach `share` of their sum.
fn drawn(probabilities: &[f64], share: f64) -> Option<usize> {
    let positive = || {
        let all = probabilities.iter().enumerate();
        all.filter(|(_, p)| **p > 0.0)
    };
    let mut left = share * positive().map(|(_, p)| p).sum::<f64>();
    let reached = positive().find(|(_, p)| {
        left -= **p;
        left < 0.0
    });
    // Rounding may leave a little.
    reached
        .or_else(|| positive().next_back())
        .map(|(token, _)| token)
}

/// The last `order` tokens, if there are so many.
fn last(tokens: &[u32], order: usize) -> Option<&[u32]> {
    tokens.get(tokens.len().checked_sub(order)?..)
}

/// The numbers of the tokens of the vocabulary, in order.
fn numbers(key: &Key, context: &[u32]) -> ChaCha8Rng {
    let bytes: Vec<u8> = context
        .iter()
        .flat_map(|token| token.to_le_bytes())
        .collect();
    ChaCha8Rng::from_seed(key.bytes(b"text", &bytes))
}

/// Between 0 and 1, neither included.
fn uniform(numbers: &mut ChaCha8Rng) -> f64 {
    ((numbers.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// What looking for a mark in a text gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Tokens that could carry it, repetitions counted once.
    pub tokens: usize,
    /// Mean of −ln(1 − r): about 1 without a mark. 0 without tokens.
    pub statistic: f64,
    /// Base-10 logarithm of the probability that a text without this mark gives as much.
    pub log10_false_positive: f64,
    /// Whether that is below [`THRESHOLD`].
    pub found: bool,
}

/// Looks for the mark of a key in the tokens of a text, or of a part of one; `order` as in [`Sampler::new`].
pub fn detect(tokens: &[u32], key: &Key, order: usize) -> Detection {
    let mut seen = HashSet::new();
    let mut sum = 0.0;
    for window in tokens.windows(order.saturating_add(1)) {
        if let Some((token, context)) = window.split_last()
            && seen.insert(window)
        {
            let mut numbers = numbers(key, context);
            // A number is two words of 32 bits.
            numbers.set_word_pos(2 * u128::from(*token));
            sum -= libm::log(1.0 - uniform(&mut numbers));
        }
    }
    let log10 = log10_gamma(sum, seen.len());
    Detection {
        tokens: seen.len(),
        statistic: sum / seen.len().max(1) as f64,
        log10_false_positive: log10,
        found: log10 < THRESHOLD,
    }
}

#[cfg(test)]
mod tests;
