//! What is fitted on the training part and saved with the model: the tokens of both sides, and what their languages look
//! like.

use serde::{Deserialize, Serialize};

use ressac_data::pairs::{Tongue, Tongues};

use crate::text::{Codes, Tokenizer};

/// The fitted pipeline of a translation model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TranslatePipeline {
    /// What makes numbers of sources.
    pub sources: Tokenizer,
    /// What makes numbers of targets; absent where the sources' does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<Tokenizer>,
    /// The most frequent runs of three characters of the sources and of the targets, and how many of 100,000 each is.
    pub trigrams: [Vec<(String, u32)>; 2],
    /// The columns of the tables trained on, that of the sources first; absent for files of lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<[String; 2]>,
    /// Pairs learnt from.
    pub pairs: usize,
    /// Steps of half of the sources learnt from at the most.
    pub median_steps: usize,
    /// Target tokens for each source token, of all pairs learnt from together.
    pub ratio: f64,
}

impl TranslatePipeline {
    /// The tokens of targets, with the end of a text.
    pub(super) fn targets(&self) -> Codes<'_> {
        Codes::new(self.targets.as_ref().unwrap_or(&self.sources))
    }

    /// The tokens of sources.
    pub(super) fn sources(&self) -> Codes<'_> {
        Codes::new(&self.sources)
    }

    /// What the languages of both sides look like.
    pub(super) fn tongues(&self) -> Tongues {
        let of = |trigrams: &[(String, u32)]| Tongue {
            trigrams: trigrams.to_vec(),
        };
        Tongues {
            source: of(&self.trigrams[0]),
            target: of(&self.trigrams[1]),
        }
    }

    /// Tokens of a translation of so many source tokens at the most.
    pub(super) fn longest(&self, tokens: usize) -> usize {
        (2.0 * self.ratio.max(0.5) * tokens as f64) as usize + 10
    }
}
