//! What is fitted on the training part and saved with the model: the tokens and how often each occurs.

use serde::{Deserialize, Serialize};

use crate::text::{Codes, Tokenizer};

/// The fitted pipeline of a language model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguagePipeline {
    /// What makes numbers of texts.
    pub texts: Tokenizer,
    /// Tokens of the training part, with the ends of its lines.
    pub tokens: usize,
    /// Lines of the training part.
    pub lines: usize,
}

impl LanguagePipeline {
    /// The tokens and the end of a line as numbers.
    pub(super) fn codes(&self) -> Codes<'_> {
        Codes::new(&self.texts)
    }
}
