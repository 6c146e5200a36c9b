//! What is fitted on the texts of a training part before there is a network: the tokenizer, and the vectors that its
//! words start from; and what a person should know of both.

use std::path::Path;

use ressac_data::Assumption;

use super::options::TextConfig;
use super::tokenizer::{Counts, Tokenizer};
use super::vectors::Vectors;
use crate::ModelError;
use crate::error::option_error;
use crate::family::Remark;

/// A larger share of unknown tokens is told.
const MANY: f64 = 0.05;

/// What was fitted on texts.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// What makes numbers of texts.
    pub tokenizer: Tokenizer,
    /// Vectors that its words start from.
    pub vectors: Option<Vectors>,
}

impl Fitted {
    /// Fits the tokenizer on these texts, and reads the vectors that `config` names.
    ///
    /// # Errors
    /// As [`Vectors::read`].
    pub fn new(texts: &[String], config: &TextConfig) -> Result<Self, ModelError> {
        let tokenizer = Tokenizer::fit(texts, config);
        let vectors = match (&config.vectors, tokenizer.vocabulary()) {
            (None, _) => None,
            (Some(file), Some(words)) => Some(Vectors::read(Path::new(file), words)?),
            (Some(_), None) => {
                return Err(option_error(
                    "vectors",
                    "holds vectors of words: take the tokenizer `words`",
                ));
            }
        };
        Ok(Self { tokenizer, vectors })
    }

    /// What was found of the vectors.
    pub fn assumptions(&self) -> Vec<Assumption> {
        let vectors = self.vectors.iter();
        vectors
            .map(|vectors| Assumption {
                what: "vectors".into(),
                found: vectors.told(),
            })
            .collect()
    }

    /// What is not as one expects it in the texts of the training part and in those of the others, each with its name.
    pub fn remarks(&self, train: &[String], others: &[(&str, &[String])]) -> Vec<Remark> {
        let tokenizer = &self.tokenizer;
        let unit = tokenizer.kind().unit();
        let counted: Vec<(&str, Counts)> = others
            .iter()
            .map(|(name, texts)| (*name, tokenizer.count(texts)))
            .collect();
        let mut remarks = Vec::new();
        if let Some(most) = tokenizer.max_length() {
            let others = counted.iter().map(|(_, counts)| *counts);
            let all: Vec<Counts> = others.chain([tokenizer.count(train)]).collect();
            let cut: usize = all.iter().map(|counts| counts.cut).sum();
            let of: usize = all.iter().map(|counts| counts.texts).sum();
            if cut > 0 {
                let text = format!(
                    "of {cut} of {of} texts the first {most} {unit} are read and no more (`max_length`)"
                );
                remarks.push(Remark::new(text, &["max_length"]));
            }
        }
        for (name, counts) in counted {
            let share = counts.unknown_share();
            if share > MANY {
                let mut text = format!(
                    "{:.1} % of the {unit} of the {name} part are unknown: the training part does not have them, or not often enough (`words`, `at_least`)",
                    100.0 * share
                );
                if unit == "words" {
                    text.push_str("; subwords (`tokenizer`) read them in pieces");
                }
                remarks.push(Remark::new(text, &["words", "at_least", "tokenizer"]));
            }
        }
        remarks
    }
}

#[cfg(test)]
mod tests {
    use super::super::options::{TextDefaults, TextOptions};
    use super::*;

    #[test]
    fn cut_texts_and_many_unknown_words_are_told_with_their_keys() {
        let options = TextOptions {
            max_length: Some(3),
            ..TextOptions::default()
        };
        let config = options.resolve(&TextDefaults::default()).unwrap();
        let texts = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        let train = texts(&["a b c d", "a b"]);
        let fitted = Fitted::new(&train, &config).unwrap();
        let (valid, test) = (texts(&["a x y z"]), texts(&["a b c"]));
        let remarks = fitted.remarks(&train, &[("validation", &valid), ("test", &test)]);
        let told: Vec<&str> = remarks.iter().map(|remark| remark.text.as_str()).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].contains("of 2 of 4 texts the first 3 words"),
            "{told:?}"
        );
        assert!(
            told[1].contains("66.7 % of the words of the validation part"),
            "{told:?}"
        );
        assert!(remarks[1].keys.contains(&"at_least"));
    }
}
