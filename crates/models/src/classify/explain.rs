//! Which words of a text decided: what the probability of a class loses when a word is taken out.
//!
//! Erasure (Li, Monroe & Jurafsky 2016, "Understanding neural networks through representation erasure"): the text is read
//! again without each word, whatever the tokenizer cuts it into. What two words say together is counted for both.

use std::path::PathBuf;

use ressac_data::Place;
use ressac_data::examples::{Examples, Inputs, Origin};

use super::classifier::Classifier;
use crate::ModelError;
use crate::text::{Splitting, split};

/// Words that are explained at the most: a text is read once for each.
const MOST: usize = 200;
/// Words named in a line.
const NAMED: usize = 5;

/// A word of a text, and what the probability of the class loses without it: above 0 it speaks for the class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub(super) word: String,
    pub(super) effect: f64,
}

impl Classifier {
    /// The first words of a text, each with its effect on the probability of `class`.
    ///
    /// # Errors
    /// When the network refuses the text.
    pub(super) fn words_of(&self, text: &str, class: usize) -> Result<Vec<Word>, ModelError> {
        let words = split(text, Splitting::new(false), MOST);
        let without = |left_out: usize| -> String {
            let kept = words.iter().enumerate().filter(|(at, _)| *at != left_out);
            let kept: Vec<&str> = kept.map(|(_, word)| word.as_str()).collect();
            kept.join(" ")
        };
        // The words as they are read, joined alike, so that only the word makes a difference.
        let texts: Vec<String> = [usize::MAX]
            .into_iter()
            .chain(0..words.len())
            .map(without)
            .collect();
        let probabilities = self.probabilities(&of_texts(texts))?;
        let mut rows = probabilities.chunks_exact(self.pipeline().classes.len());
        let whole = rows.next().map_or(0.0, |row| row[class]);
        let words = words.iter().zip(rows);
        Ok(words
            .map(|(word, row)| Word {
                word: word.clone(),
                effect: whole - row[class],
            })
            .collect())
    }
}

/// Texts without classes, given by themselves.
pub(super) fn of_texts(texts: Vec<String>) -> Examples {
    Examples {
        origins: (1..=texts.len())
            .map(|line| Origin {
                file: 0,
                place: Place::Line(line),
                id: None,
            })
            .collect(),
        inputs: Inputs::Texts(texts),
        labels: None,
        files: vec![PathBuf::from("the text")],
        media: None,
    }
}

/// The words that matter most, the largest effect first: `great +0.41, not −0.20`.
pub(super) fn named(words: &[Word]) -> String {
    let mut order: Vec<&Word> = words.iter().collect();
    order.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
    let shown = order.iter().take(NAMED);
    let shown: Vec<String> = shown
        .map(|word| format!("{} {:+.2}", word.word, word.effect).replace('-', "\u{2212}"))
        .collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_effects_come_first_with_their_sign() {
        let word = |word: &str, effect| Word {
            word: word.to_owned(),
            effect,
        };
        let words = [word("a", 0.001), word("not", -0.2), word("great", 0.41)];
        assert_eq!(named(&words), "great +0.41, not \u{2212}0.20, a +0.00");
    }
}
