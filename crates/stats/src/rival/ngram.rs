//! A language model of counted runs of tokens, with interpolated modified Kneser–Ney smoothing: the
//! best that counting does, and what a recurrent network has to beat.
//!
//! Kneser, Ney, "Improved backing-off for m-gram language modeling" (1995), ICASSP; Chen, Goodman,
//! "An empirical study of smoothing techniques for language modeling" (1998), TR-10-98, Harvard.
//!
//! ```
//! use ressac_stats::rival::ngram::Ngrams;
//!
//! let model = Ngrams::fit(&[&[0, 1, 2, 0, 1, 2, 0, 1][..]], 3, 4)?;
//! let after = model.probabilities(&[0, 1, 2, 0, 1]);
//! assert!(after[2] > 0.5 && after[3] > 0.0);
//! assert!((after.iter().sum::<f64>() - 1.0).abs() < 1e-12);
//! # Ok::<(), ressac_stats::rival::ngram::NgramError>(())
//! ```

mod counts;
#[cfg(test)]
mod tests;

use thiserror::Error;

use counts::{BEGIN, Level, levels};

/// Why no model can be made of token sequences.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NgramError {
    /// Runs of no token cannot be counted.
    #[error("an n-gram model counts runs of at least one token, found an order of 0")]
    Order,
    /// There is nothing to predict.
    #[error("an n-gram model needs a vocabulary of at least one token, found none")]
    NoVocabulary,
    /// A token is not below the size of the vocabulary.
    #[error(
        "sequence {sequence}, position {position}: token {token} does not exist, \
         the vocabulary has {vocabulary}"
    )]
    Token {
        /// Index of the sequence.
        sequence: usize,
        /// Index in the sequence.
        position: usize,
        /// What stands there.
        token: u32,
        /// Number of tokens in the vocabulary.
        vocabulary: u32,
    },
    /// The runs could not be numbered.
    #[error("{0} tokens are too many for an n-gram model: train it on fewer")]
    TooManyTokens(usize),
}

/// The probability of each token after those before it.
///
/// With runs of up to n tokens, h the n - 1 tokens before w and h' the same without the first,
///
/// p(w | h) = max(0, c(hw) - D(c(hw))) / c(h·) + γ(h) p(w | h'),
///
/// where γ(h) is what the discounts of c(h·) left. For the longest runs c counts, for shorter ones it
/// is the number of different tokens before the run. D has three values for each length, D₁, D₂ and
/// D₃₊, estimated from how many runs have the counts 1 to 4: Y = n₁ / (n₁ + 2 n₂),
/// Dₖ = k - (k + 1) Y nₖ₊₁ / nₖ. Below the runs of one token lies 1 / vocabulary: probabilities are
/// positive and sum to 1 after any history.
///
/// In front of each sequence stands one mark of its beginning, which is never predicted; runs that
/// begin with it keep their counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Ngrams {
    vocabulary: u32,
    order: usize,
    /// Runs of no token (one) to runs of `order` tokens.
    levels: Vec<Level>,
}

impl Ngrams {
    /// Counts runs of up to `order` tokens (5 is usual for words, more for characters) in sequences
    /// of tokens below `vocabulary`. No run goes over the end of a sequence: for a history that does,
    /// give one sequence that has all sentences with their end tokens.
    ///
    /// Where the counts of a length do not give three discounts above 0 (few or very even data; the
    /// single characters of a long text), they are 0.5, 1 and 1.5. Keeps 28 bytes for each different
    /// run, and needs 24 for each token while it counts.
    ///
    /// # Errors
    /// When order or vocabulary is 0, a token is not below the vocabulary, or there are 2³² tokens.
    pub fn fit<S: AsRef<[u32]>>(
        sequences: &[S],
        order: usize,
        vocabulary: u32,
    ) -> Result<Self, NgramError> {
        if order == 0 {
            return Err(NgramError::Order);
        }
        if vocabulary == 0 {
            return Err(NgramError::NoVocabulary);
        }
        let tokens: usize = sequences
            .iter()
            .map(|sequence| sequence.as_ref().len())
            .sum();
        if u32::try_from(tokens.saturating_add(sequences.len())).is_err() {
            return Err(NgramError::TooManyTokens(tokens));
        }
        let mut stream = Vec::with_capacity(tokens + sequences.len());
        for (index, sequence) in sequences.iter().enumerate() {
            let sequence = sequence.as_ref();
            if let Some(position) = sequence.iter().position(|token| *token >= vocabulary) {
                return Err(NgramError::Token {
                    sequence: index,
                    position,
                    token: sequence[position],
                    vocabulary,
                });
            }
            stream.push(BEGIN);
            stream.extend(sequence);
        }
        Ok(Ngrams {
            vocabulary,
            order,
            levels: levels(&stream, order),
        })
    }

    /// The most tokens in a run.
    pub fn order(&self) -> usize {
        self.order
    }

    /// Number of tokens that can be predicted.
    pub fn vocabulary(&self) -> u32 {
        self.vocabulary
    }

    /// Number of different runs of each length that were seen, those with the mark of the beginning
    /// among them: from one token to the order.
    pub fn runs(&self) -> Vec<usize> {
        let lengths = self.levels.iter().skip(1);
        lengths.map(Level::runs).collect()
    }

    /// The natural logarithm of the probability of `token` after `history`: the tokens before it in
    /// its sequence from the first on, of which the last `order` - 1 count. A shorter history is the
    /// beginning of a sequence. Minus infinity for a token that is not in the vocabulary.
    pub fn log_probability(&self, history: &[u32], token: u32) -> f64 {
        if token >= self.vocabulary {
            return f64::NEG_INFINITY;
        }
        let mut probability = 1.0 / f64::from(self.vocabulary);
        for (level, run) in self.contexts(history) {
            let own = self.child(level, run, token);
            let count = own.map_or(0, |own| self.levels[level + 1].counts[own]);
            probability = self.levels[level].interpolated(run, count, probability);
        }
        probability.ln()
    }

    /// The probability of each token after `history`, as [`Ngrams::log_probability`] reads it.
    pub fn probabilities(&self, history: &[u32]) -> Vec<f64> {
        let uniform = 1.0 / f64::from(self.vocabulary);
        let mut probabilities = vec![uniform; self.vocabulary as usize];
        for (level, run) in self.contexts(history) {
            let (context, next) = (&self.levels[level], &self.levels[level + 1]);
            for probability in &mut probabilities {
                *probability = context.interpolated(run, 0, *probability);
            }
            for child in context.children(run) {
                // The mark of the beginning is beyond the vocabulary.
                if let Some(probability) = probabilities.get_mut(next.tokens[child] as usize) {
                    *probability += context.seen(run, next.counts[child]);
                }
            }
        }
        probabilities
    }

    /// The negative log-likelihood of sequences, in nats: minus the sum of [`Ngrams::log_probability`]
    /// over their tokens, each after all before it in its sequence. The exponential of it over the
    /// number of tokens is the perplexity.
    pub fn nats<S: AsRef<[u32]>>(&self, sequences: &[S]) -> f64 {
        let of_sequence = |sequence: &S| {
            let sequence = sequence.as_ref();
            let tokens = sequence.iter().enumerate();
            let logarithms = tokens.map(|(at, token)| {
                let from = at.saturating_sub(self.order);
                self.log_probability(&sequence[from..at], *token)
            });
            -logarithms.sum::<f64>()
        };
        sequences.iter().map(of_sequence).sum()
    }

    /// The ends of a history that were seen with a token after them, from no token to the longest:
    /// their length and number.
    fn contexts(&self, history: &[u32]) -> impl Iterator<Item = (usize, usize)> {
        let whole = history.len() < self.order - 1;
        let length = move |level: usize| level - usize::from(whole && level == history.len() + 1);
        let levels = 0..self.order.min(history.len() + 1 + usize::from(whole));
        levels.map_while(move |level| {
            let end = &history[history.len() - length(level)..];
            let begin = (length(level) < level).then_some(BEGIN);
            let mut run = 0;
            for (depth, token) in begin.iter().chain(end).enumerate() {
                run = self.child(depth, run, *token)?;
            }
            (self.levels[level].totals[run] > 0.0).then_some((level, run))
        })
    }

    /// The run of a level and one token more.
    fn child(&self, level: usize, run: usize, token: u32) -> Option<usize> {
        let children = self.levels[level].children(run);
        let tokens = &self.levels[level + 1].tokens[children.clone()];
        Some(children.start + tokens.binary_search(&token).ok()?)
    }
}
