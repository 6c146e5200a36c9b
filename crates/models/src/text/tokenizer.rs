//! Texts as numbers, in words, subwords or characters: fitted on the training part, saved with the model, the same in
//! training and afterwards.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::characters::Characters;
use super::options::TextConfig;
use super::split::{Splitting, lowered, split};
use super::subwords::Subwords;
use super::vocabulary::Vocabulary;
use crate::ModelError;
use crate::error::option_error;
use crate::options::from_text;
use crate::words::words;

/// The number of every token without a vector of its own.
pub const UNKNOWN: u32 = 0;

words! {
    /// What a text is cut into.
    TokenizerKind: "tokenizer" {
        /// Words, and every mark of punctuation.
        Words = "words",
        /// What stands between spaces, for texts that were cut into words before.
        Spaces = "spaces",
        /// Frequent words and pieces of rare ones, by byte-pair encoding.
        Subwords = "subwords",
        /// Characters.
        Characters = "characters",
    }
}

from_text!(TokenizerKind, "a tokenizer in quotes");

/// What makes numbers of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct Tokenizer {
    tokens: Tokens,
    max_length: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
enum Tokens {
    Words(Vocabulary),
    Subwords(Subwords),
    Characters(Characters),
}

/// A text as numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// One for each token, at least one.
    pub numbers: Vec<u32>,
    /// Whether the text has no token: it is read as one unknown token.
    pub empty: bool,
    /// Whether the text has more tokens than are read.
    pub cut: bool,
}

/// How texts fare when they are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Texts.
    pub texts: usize,
    /// Their tokens.
    pub tokens: usize,
    /// Those without a vector of their own.
    pub unknown: usize,
    /// Texts of which only the beginning is read.
    pub cut: usize,
    /// Texts without a token.
    pub empty: usize,
}

impl Counts {
    /// The share of tokens without a vector of their own.
    pub fn unknown_share(&self) -> f64 {
        self.unknown as f64 / self.tokens.max(1) as f64
    }
}

impl Tokenizer {
    /// Fits the tokens on texts.
    pub fn fit(texts: &[String], config: &TextConfig) -> Self {
        let most = config.words.unwrap_or(usize::MAX);
        let at_least = config.at_least.unwrap_or(1);
        let lower_case = config.lower_case.unwrap_or(true);
        let tokens = match config.tokenizer.unwrap_or(TokenizerKind::Words) {
            TokenizerKind::Words => {
                let how = Splitting::new(lower_case);
                Tokens::Words(Vocabulary::fit(texts, most, at_least, how))
            }
            TokenizerKind::Spaces => {
                let how = Splitting::at_spaces(lower_case);
                Tokens::Words(Vocabulary::fit(texts, most, at_least, how))
            }
            TokenizerKind::Characters => {
                Tokens::Characters(Characters::fit(texts, most, at_least, lower_case))
            }
            TokenizerKind::Subwords => {
                Tokens::Subwords(Subwords::fit(texts, most, at_least, lower_case))
            }
        };
        Self {
            tokens,
            max_length: config.max_length,
        }
    }

    /// Refuses a tokenizer without a token, of which nothing could be written.
    ///
    /// # Errors
    /// [`ModelError::Options`] naming `at_least`.
    pub(crate) fn require_some(&self, config: &TextConfig) -> Result<(), ModelError> {
        match self.known() {
            0 => Err(option_error(
                "at_least",
                &format!(
                    "is {}, and nothing in the training part occurs so often: give more text, or a smaller number",
                    config.at_least.unwrap_or(1)
                ),
            )),
            _ => Ok(()),
        }
    }

    /// What texts are cut into.
    pub fn kind(&self) -> TokenizerKind {
        match &self.tokens {
            Tokens::Words(words) if words.splitting().spaces => TokenizerKind::Spaces,
            Tokens::Words(_) => TokenizerKind::Words,
            Tokens::Subwords(_) => TokenizerKind::Subwords,
            Tokens::Characters(_) => TokenizerKind::Characters,
        }
    }

    /// The words, where texts are cut into words.
    pub fn vocabulary(&self) -> Option<&Vocabulary> {
        match &self.tokens {
            Tokens::Words(words) => Some(words),
            Tokens::Subwords(_) | Tokens::Characters(_) => None,
        }
    }

    /// Tokens with a vector of their own.
    pub fn known(&self) -> usize {
        match &self.tokens {
            Tokens::Words(words) => words.words().len(),
            // The first is the unknown one.
            Tokens::Subwords(subwords) => subwords.tokens().len().saturating_sub(1),
            Tokens::Characters(characters) => characters.characters().len(),
        }
    }

    /// Vectors that an embedding needs: one for each token, and one for all others.
    pub fn vectors(&self) -> usize {
        self.known() + 1
    }

    /// Whether A and a are the same letter.
    pub fn lower_case(&self) -> bool {
        match &self.tokens {
            Tokens::Words(words) => words.splitting().lower_case,
            Tokens::Subwords(subwords) => subwords.lower_case(),
            Tokens::Characters(characters) => characters.lower_case(),
        }
    }

    /// Tokens of a text that are read at the most.
    pub fn max_length(&self) -> Option<usize> {
        self.max_length
    }

    /// A text as numbers.
    pub fn encode(&self, text: &str) -> Encoding {
        let most = self.max_length.unwrap_or(usize::MAX);
        // One more tells whether there are more.
        let enough = most.saturating_add(1);
        let mut numbers = match &self.tokens {
            Tokens::Words(words) => words.encode(text, enough),
            Tokens::Subwords(subwords) => subwords.encode(text, enough),
            Tokens::Characters(characters) => characters.encode(text, enough),
        };
        let (empty, cut) = (numbers.is_empty(), numbers.len() > most);
        numbers.truncate(most);
        if empty {
            numbers.push(UNKNOWN);
        }
        Encoding {
            numbers,
            empty,
            cut,
        }
    }

    /// How these texts fare.
    pub fn count(&self, texts: &[String]) -> Counts {
        let mut counts = Counts {
            texts: texts.len(),
            ..Counts::default()
        };
        for text in texts {
            let read = self.encode(text);
            let unknown = read.numbers.iter().filter(|number| **number == UNKNOWN);
            counts.unknown += unknown.count();
            counts.tokens += read.numbers.len();
            counts.cut += usize::from(read.cut);
            counts.empty += usize::from(read.empty);
        }
        counts
    }

    /// The text that these numbers are, as far as the tokens say: words and punctuation with a space between them.
    /// Unknown tokens are written `<unk>`.
    pub fn decode(&self, numbers: &[u32]) -> String {
        self.decode_with(numbers, |_| None)
    }

    /// As [`Tokenizer::decode`], with what `fill` says of a place in that of an unknown token.
    pub fn decode_with(
        &self,
        numbers: &[u32],
        mut fill: impl FnMut(usize) -> Option<String>,
    ) -> String {
        let mut of_token = |place: usize, number: u32| match self.token(number) {
            Some(token) => token,
            None => fill(place).unwrap_or_else(|| UNKNOWN_WORD.to_owned()),
        };
        let tokens: Vec<String> = (numbers.iter().enumerate())
            .map(|(place, number)| of_token(place, *number))
            .collect();
        match &self.tokens {
            Tokens::Words(_) => tokens.join(" "),
            Tokens::Subwords(_) => Subwords::joined(&tokens),
            Tokens::Characters(_) => tokens.concat(),
        }
    }

    /// A token as it stands within a text, with the space before it where one does.
    pub fn shown(&self, number: u32) -> String {
        let token = self.token(number);
        let token = token.unwrap_or_else(|| UNKNOWN_WORD.to_owned());
        match &self.tokens {
            Tokens::Words(_) => format!(" {token}"),
            Tokens::Subwords(_) => Subwords::spaced(&token),
            Tokens::Characters(_) => token,
        }
    }

    /// The token of a number; nothing for the unknown one.
    fn token(&self, number: u32) -> Option<String> {
        let at = (number as usize).checked_sub(1)?;
        match &self.tokens {
            Tokens::Words(words) => words.words().get(at).cloned(),
            Tokens::Subwords(subwords) => subwords.tokens().get(at + 1).cloned(),
            Tokens::Characters(letters) => letters.characters().get(at).map(char::to_string),
        }
    }

    /// The first `count` tokens of a text as they stand in it, those without a vector of their own too.
    pub fn pieces(&self, text: &str, count: usize) -> Vec<String> {
        match &self.tokens {
            Tokens::Words(words) => split(text, words.splitting(), count),
            Tokens::Subwords(subwords) => subwords.pieces(text, count),
            Tokens::Characters(letters) => {
                let text = lowered(text, letters.lower_case());
                text.chars().take(count).map(String::from).collect()
            }
        }
    }
}

/// What stands in the place of a token that is not known.
const UNKNOWN_WORD: &str = "<unk>";

/// A tokenizer as `pipeline.json` has it. What earlier versions wrote has words and `lower_case` alone.
#[derive(Clone, Serialize, Deserialize)]
struct Saved {
    #[serde(default = "of_words")]
    tokenizer: String,
    lower_case: bool,
    /// Whether endings that stand apart are words.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    endings: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    characters: Option<String>,
    /// The JSON of the crate that learnt them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subwords: Option<Value>,
}

fn of_words() -> String {
    TokenizerKind::Words.to_string()
}

impl TryFrom<Saved> for Tokenizer {
    type Error = String;
    fn try_from(saved: Saved) -> Result<Self, String> {
        let kind: TokenizerKind = saved.tokenizer.parse()?;
        let lower_case = saved.lower_case;
        let list = match kind {
            TokenizerKind::Spaces => TokenizerKind::Words,
            other => other,
        };
        let missing = || format!("a tokenizer of {kind} without its `{list}`");
        if saved.max_length == Some(0) {
            return Err("a tokenizer that reads no token: `max_length` is 0".to_owned());
        }
        let tokens = match kind {
            TokenizerKind::Words | TokenizerKind::Spaces => Tokens::Words(Vocabulary::of(
                saved.words.ok_or_else(missing)?,
                Splitting {
                    lower_case,
                    endings: saved.endings,
                    spaces: kind == TokenizerKind::Spaces,
                },
            )),
            TokenizerKind::Characters => {
                let characters = saved.characters.ok_or_else(missing)?;
                Tokens::Characters(Characters::of(characters.chars().collect(), lower_case))
            }
            TokenizerKind::Subwords => Tokens::Subwords(Subwords::of(
                &saved.subwords.ok_or_else(missing)?,
                lower_case,
            )?),
        };
        Ok(Self {
            tokens,
            max_length: saved.max_length,
        })
    }
}

impl From<Tokenizer> for Saved {
    fn from(tokenizer: Tokenizer) -> Self {
        let mut saved = Self {
            tokenizer: tokenizer.kind().to_string(),
            lower_case: tokenizer.lower_case(),
            endings: false,
            max_length: tokenizer.max_length,
            words: None,
            characters: None,
            subwords: None,
        };
        match tokenizer.tokens {
            Tokens::Words(words) => {
                saved.endings = words.splitting().endings;
                saved.words = Some(words.words().to_vec());
            }
            Tokens::Characters(characters) => {
                saved.characters = Some(characters.characters().iter().collect());
            }
            Tokens::Subwords(subwords) => saved.subwords = Some(subwords.saved()),
        }
        saved
    }
}

#[cfg(test)]
mod tests;
