//! The options of texts, shared by every family that reads some.

use std::path::Path;

use ressac_data::fingerprint;

use super::tokenizer::TokenizerKind;
use super::vectors;
use crate::ModelError;
use crate::error::option_error;
use crate::options::{Config as _, Options as _, options};
use crate::ranges;

options! {
    /// Options of texts.
    pub TextOptions => TextConfig {
        "Texts" {
            /// What texts are cut into: words, spaces (whatever stands between them, for text that is cut into words already), subwords (byte-pair encoding learnt on the training part) or characters
            tokenizer "TOKENIZER" ["words"]: TokenizerKind => Option<TokenizerKind>,
            /// Words (or subwords, characters) that have a vector of their own at the most, the frequent ones first
            words "N" ["20000; 8000 subwords"]: usize => Option<usize>,
            /// How often a word (or a character, or a pair of subwords to be merged) must occur in the training part to have one
            at_least "N" ["1; 2 for subwords"]: usize => Option<usize>,
            /// Whether A and a are the same letter
            lower_case "yes|no" ["yes"]: bool => Option<bool>,
            /// Words (or subwords, characters) of a text that are read at the most, from its beginning
            max_length "N" ["all"]: usize => Option<usize>,
            /// Numbers in the vector of a word
            embedding "N" ["100; as many as the vectors have"]: usize => Option<usize>,
            /// Vectors of words to start from: a text file of GloVe, word2vec or fastText, also as .gz
            vectors "FILE": String => Option<String>,
            /// The content of that file, so that a repetition starts from the same numbers
            vectors_sha256 "[SHA256]": String => Option<String>,
            /// Share of the numbers of word vectors dropped in training
            embedding_dropout "SHARE" ["0.5"]: f64 => Option<f64>,
            /// Share of words taken for unknown ones in training
            word_dropout "SHARE" ["0.1"]: f64 => Option<f64>,
        }
    }
}

/// What holds for a family where an option of texts is not given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextDefaults {
    /// What texts are cut into.
    pub tokenizer: TokenizerKind,
    /// Whether A and a are the same letter.
    pub lower_case: bool,
    /// Numbers in the vector of a token.
    pub embedding: usize,
    /// Share of them dropped in training.
    pub embedding_dropout: f64,
    /// Share of tokens taken for unknown ones in training.
    pub word_dropout: f64,
}

impl Default for TextDefaults {
    /// Those that the help tells.
    fn default() -> Self {
        Self {
            tokenizer: TokenizerKind::Words,
            lower_case: true,
            embedding: 100,
            embedding_dropout: 0.5,
            word_dropout: 0.1,
        }
    }
}

impl TextOptions {
    /// The options with their defaults.
    ///
    /// # Errors
    /// [`ModelError::Options`] for vectors that cannot be read, are not those of a repeated training, or are of another
    /// width than asked for.
    pub fn resolve(&self, defaults: &TextDefaults) -> Result<TextConfig, ModelError> {
        let tokenizer = self.tokenizer.unwrap_or(defaults.tokenizer);
        let (words, at_least) = match tokenizer {
            TokenizerKind::Words | TokenizerKind::Spaces | TokenizerKind::Characters => (20_000, 1),
            TokenizerKind::Subwords => (8_000, 2),
        };
        let (width, digest) = self.of_vectors()?.unzip();
        let embedding = self.embedding.or(width).unwrap_or(defaults.embedding);
        if let (Some(width), Some(file)) = (width, &self.vectors)
            && width != embedding
        {
            return Err(option_error(
                "embedding",
                &format!(
                    "is {embedding}, and the vectors of `{file}` have {width} numbers: leave it out"
                ),
            ));
        }
        Ok(TextConfig {
            tokenizer: Some(tokenizer),
            words: Some(self.words.unwrap_or(words)),
            at_least: Some(self.at_least.unwrap_or(at_least)),
            lower_case: Some(self.lower_case.unwrap_or(defaults.lower_case)),
            max_length: self.max_length,
            embedding: Some(embedding),
            vectors: self.vectors.clone(),
            vectors_sha256: digest,
            embedding_dropout: Some(self.embedding_dropout.unwrap_or(defaults.embedding_dropout)),
            word_dropout: Some(self.word_dropout.unwrap_or(defaults.word_dropout)),
        })
    }

    /// The width of the vectors to start from, and what tells their file from others.
    fn of_vectors(&self) -> Result<Option<(usize, String)>, ModelError> {
        let Some(file) = &self.vectors else {
            return match &self.vectors_sha256 {
                None => Ok(None),
                Some(_) => Err(option_error(
                    "vectors_sha256",
                    "is of the file of `vectors`, which is not given: leave it out",
                )),
            };
        };
        let path = Path::new(file);
        let width = vectors::width(path)?;
        let digest = fingerprint::file(path)?;
        match &self.vectors_sha256 {
            Some(known) if *known != digest => Err(option_error(
                "vectors",
                &format!(
                    "is `{file}`, whose content has changed since the training that is repeated. Put the old file back, or leave `vectors_sha256` out"
                ),
            )),
            _ => Ok(Some((width, digest))),
        }
    }

    /// What holds for a model that reads no texts: `instead` says what its data hold, such as "`a.ts` holds sequences of
    /// numbers".
    ///
    /// # Errors
    /// [`ModelError::Options`] naming the first option given.
    pub fn refused(&self, instead: &str) -> Result<TextConfig, ModelError> {
        match self.table().keys().next() {
            Some(key) => Err(option_error(
                key,
                &format!("is for texts, and {instead}: leave it out"),
            )),
            None => Ok(TextConfig::none()),
        }
    }
}

impl TextConfig {
    /// The configuration of a model that reads no texts.
    pub fn none() -> Self {
        Self {
            tokenizer: None,
            words: None,
            at_least: None,
            lower_case: None,
            max_length: None,
            embedding: None,
            vectors: None,
            vectors_sha256: None,
            embedding_dropout: None,
            word_dropout: None,
        }
    }

    /// Whether there are texts to read.
    pub fn is_there(&self) -> bool {
        self.embedding.is_some()
    }

    /// Refuses values out of their range, and what does not concern the tokenizer.
    ///
    /// # Errors
    /// [`ModelError::Options`] naming the key.
    pub fn check(&self) -> Result<(), ModelError> {
        if !self.is_there() {
            return match self.table().keys().next() {
                None => Ok(()),
                Some(key) => Err(option_error(key, "stands without `embedding`")),
            };
        }
        for (key, value) in [
            ("words", self.words),
            ("at_least", self.at_least),
            ("max_length", self.max_length),
        ] {
            if let Some(value) = value {
                ranges::at_least_one(key, value)?;
            }
        }
        if let Some(width) = self.embedding {
            ranges::whole("embedding", width, 1..=16_384)?;
        }
        for (key, share) in [
            ("embedding_dropout", self.embedding_dropout),
            ("word_dropout", self.word_dropout),
        ] {
            if let Some(share) = share {
                ranges::share(key, share)?;
            }
        }
        match self.tokenizer {
            Some(kind @ (TokenizerKind::Subwords | TokenizerKind::Characters))
                if self.vectors.is_some() =>
            {
                Err(option_error(
                    "vectors",
                    &format!(
                        "holds vectors of words, and `tokenizer` is `{kind}`: leave one of the two out"
                    ),
                ))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    fn resolved(text: &str) -> Result<TextConfig, ModelError> {
        let options = TextOptions::read(&text.parse().unwrap(), Path::new("my.toml"))?;
        let config = options.resolve(&TextDefaults::default())?;
        config.check()?;
        Ok(config)
    }

    fn refusal(text: &str) -> String {
        resolved(text).expect_err("a refusal").to_string()
    }

    #[test]
    fn the_help_tells_the_defaults_that_hold() {
        let words = resolved("").unwrap();
        let subwords = resolved("tokenizer = \"subwords\"").unwrap();
        for key in TextOptions::keys() {
            let Some(told) = key.default else { continue };
            let of = |config: &TextConfig| {
                config.table().get(key.name).map(|value| match value {
                    toml::Value::Boolean(yes) => if *yes { "yes" } else { "no" }.to_owned(),
                    toml::Value::String(text) => text.clone(),
                    other => other.to_string(),
                })
            };
            let (first, second) = told.split_once("; ").unwrap_or((told, told));
            assert_eq!(
                of(&words).as_deref().unwrap_or("all"),
                first,
                "{}",
                key.name
            );
            if matches!(key.name, "words" | "at_least") {
                let second = second.split(' ').next();
                assert_eq!(of(&subwords).as_deref(), second, "{}", key.name);
            }
        }
    }

    #[test]
    fn what_is_out_of_range_or_for_another_tokenizer_names_its_key() {
        for (text, key) in [
            ("tokenizer = \"bytes\"", "`tokenizer`"),
            ("words = 0", "`words`"),
            ("max_length = 0", "`max_length`"),
            ("embedding = 0", "`embedding`"),
            ("word_dropout = 1.0", "`word_dropout`"),
            ("vectors_sha256 = \"ab\"", "`vectors_sha256`"),
            ("vectors = \"/nowhere/glove.txt\"", "/nowhere/glove.txt"),
        ] {
            let error = refusal(text);
            assert!(error.contains(key), "{text}: {error}");
        }
        let given = TextOptions {
            max_length: Some(9),
            ..TextOptions::default()
        };
        let error = given
            .refused("`a.ts` holds sequences of numbers")
            .unwrap_err();
        assert!(
            error.to_string().contains("`max_length` is for texts"),
            "{error}"
        );
        assert_eq!(
            TextOptions::default().refused("").unwrap(),
            TextConfig::none()
        );
    }

    #[test]
    fn vectors_say_the_width_and_are_known_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.txt");
        std::fs::write(&path, "a 1 2\nb 3 4\n").unwrap();
        let given = format!("vectors = {:?}\n", path.display().to_string());
        let config = resolved(&given).unwrap();
        assert_eq!(config.embedding, Some(2));
        let again = config.table().to_string();
        assert_eq!(resolved(&again).unwrap(), config);
        assert!(refusal(&format!("{given}embedding = 3")).contains("have 2 numbers"));
        assert!(refusal(&format!("{given}tokenizer = \"characters\"")).contains("`vectors`"));
        std::fs::write(&path, "a 1 2\nb 3 5\n").unwrap();
        assert!(refusal(&again).contains("has changed"));
    }
}
