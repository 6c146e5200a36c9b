//! Texts as numbers, in words, subwords or characters: fitted on the training part, saved with the model, the same in
//! training and afterwards.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::characters::Characters;
use super::options::TextConfig;
use super::split::{Splitting, lowered, split};
use super::subwords::Subwords;
use super::vocabulary::Vocabulary;
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
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::text::options::{TextDefaults, TextOptions};

    fn fitted(kind: TokenizerKind, max_length: Option<usize>) -> Tokenizer {
        let texts: Vec<String> = ["it 's a good film", "a good, good day"]
            .map(str::to_owned)
            .into();
        let options = TextOptions {
            tokenizer: Some(kind),
            max_length,
            at_least: Some(1),
            ..TextOptions::default()
        };
        let config = options.resolve(&TextDefaults::default()).unwrap();
        Tokenizer::fit(&texts, &config)
    }

    const KINDS: [TokenizerKind; 4] = [
        TokenizerKind::Words,
        TokenizerKind::Spaces,
        TokenizerKind::Subwords,
        TokenizerKind::Characters,
    ];

    #[test]
    fn a_tokenizer_of_any_kind_is_the_same_when_read_back() {
        for kind in KINDS {
            for length in [None, Some(7)] {
                let tokenizer = fitted(kind, length);
                let text = serde_json::to_string(&tokenizer).unwrap();
                let back: Tokenizer = serde_json::from_str(&text).unwrap();
                assert_eq!(back, tokenizer, "{text}");
                assert_eq!(back.encode("a good dog"), tokenizer.encode("a good dog"));
            }
        }
    }

    #[test]
    fn words_of_earlier_versions_read_as_they_did() {
        let old = r#"{"lower_case": true, "words": ["'", "s", "it"]}"#;
        let tokenizer: Tokenizer = serde_json::from_str(old).unwrap();
        assert_eq!(tokenizer.encode("It 's").numbers, [3, 1, 2]);
        assert_eq!(
            fitted(TokenizerKind::Words, None)
                .encode("It 's")
                .numbers
                .len(),
            2
        );
    }

    #[test]
    fn a_text_without_a_token_is_an_unknown_one_and_a_long_one_is_cut() {
        for kind in KINDS {
            let tokenizer = fitted(kind, Some(3));
            let empty = tokenizer.encode("");
            assert_eq!(
                (empty.numbers, empty.empty, empty.cut),
                (vec![UNKNOWN], true, false)
            );
            let read = tokenizer.encode("a good film, good day");
            assert!(read.numbers.len() == 3 && read.cut && !read.empty, "{kind}");
            let texts = ["a", "", "й й й й й"].map(str::to_owned);
            let counts = tokenizer.count(&texts);
            assert_eq!(
                (counts.texts, counts.empty, counts.cut),
                (3, 1, 1),
                "{kind}"
            );
            assert!(
                counts.unknown >= 2 && counts.unknown < counts.tokens,
                "{kind} {counts:?}"
            );
        }
    }

    #[test]
    fn numbers_are_texts_again() {
        for kind in KINDS {
            let tokenizer = fitted(kind, None);
            let numbers = tokenizer.encode("A good film").numbers;
            assert_eq!(tokenizer.decode(&numbers), "a good film", "{kind}");
        }
    }

    #[test]
    fn what_is_unknown_keeps_its_place_and_its_letters() {
        for kind in KINDS {
            let tokenizer = fitted(kind, None);
            let text = "a жо film";
            let numbers = tokenizer.encode(text).numbers;
            let pieces = tokenizer.pieces(text, numbers.len());
            assert_eq!(pieces.len(), numbers.len(), "{kind} {pieces:?}");
            let filled = tokenizer.decode_with(&numbers, |place| pieces.get(place).cloned());
            assert_eq!(filled, text, "{kind} {pieces:?}");
            assert!(tokenizer.decode(&numbers).contains("<unk>"), "{kind}");
        }
    }

    #[test]
    fn a_million_characters_are_read_in_a_moment() {
        for text in [
            "x".repeat(1_000_000),
            "ab, ".repeat(250_000),
            "'".repeat(1_000_000),
        ] {
            for kind in KINDS {
                let begun = Instant::now();
                let texts = [text.clone()];
                let options = TextOptions {
                    tokenizer: Some(kind),
                    ..TextOptions::default()
                };
                let config = options.resolve(&TextDefaults::default()).unwrap();
                let tokenizer = Tokenizer::fit(&texts, &config);
                assert!(!tokenizer.encode(&text).numbers.is_empty());
                // The square of the length would take hours.
                assert!(begun.elapsed() < Duration::from_secs(60), "{kind}");
            }
        }
    }

    #[test]
    fn a_damaged_tokenizer_is_refused_in_words() {
        for (text, said) in [
            (r#"{"lower_case": true}"#, "without its `words`"),
            (
                r#"{"lower_case": true, "tokenizer": "bytes", "words": []}"#,
                "`bytes`",
            ),
            (
                r#"{"lower_case": true, "max_length": 0, "words": []}"#,
                "max_length",
            ),
            (
                r#"{"lower_case": true, "tokenizer": "subwords", "subwords": {}}"#,
                "vocab",
            ),
        ] {
            let error = serde_json::from_str::<Tokenizer>(text)
                .unwrap_err()
                .to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
