//! Parts of words as numbers: byte-pair encoding (Sennrich et al. 2016), learnt on the training part.
//!
//! What is frequent is one token, what is rare is spelt out in pieces, so a word that was never seen is still read.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::merges::Merges;
use super::split::{is_mark, lowered};
use super::tokenizer::UNKNOWN;
use super::vocabulary::frequent;

/// What stands before the first piece of a word that follows a space, as in SentencePiece.
const SPACE: char = '▁';
/// The token of all characters that the training part does not have often enough.
const UNKNOWN_TOKEN: &str = "<unk>";
/// Characters of a run that are read as one word: merging looks at all pairs of a word, and texts without spaces
/// would take the square of their length.
const LONGEST: usize = 64;

/// Pieces of words that have a vector each. Number 0 is every character that is in none of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Subwords {
    merges: Merges,
    lower_case: bool,
}

/// Subwords as `pipeline.json` has them.
#[derive(Deserialize)]
struct Saved {
    vocab: BTreeMap<String, u32>,
    merges: Vec<(String, String)>,
}

impl Subwords {
    /// The characters that occur at least so often in these texts and, while pairs of tokens do, their merges: at most
    /// so many tokens.
    pub fn fit(texts: &[String], most: usize, at_least: usize, lower_case: bool) -> Self {
        let runs = |text: &String| runs(text, lower_case, usize::MAX);
        let letters = texts.iter().flat_map(|text| {
            let letters: Vec<char> = runs(text).iter().flat_map(|run| run.chars()).collect();
            letters.into_iter()
        });
        let alphabet: HashSet<char> = frequent(letters, most, at_least).into_iter().collect();
        let runs = texts.iter().flat_map(runs);
        let words = runs.flat_map(|run| {
            let parts = run.split(|letter| !alphabet.contains(&letter));
            let parts = parts.filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        });
        Self {
            merges: Merges::fit(UNKNOWN_TOKEN, words, most, at_least),
            lower_case,
        }
    }

    /// The subwords that were [`saved`](Self::saved).
    ///
    /// # Errors
    /// What is damaged.
    pub fn of(saved: &Value, lower_case: bool) -> Result<Self, String> {
        let Saved { vocab, merges } =
            Saved::deserialize(saved).map_err(|error| error.to_string())?;
        let mut tokens = vec![None; vocab.len()];
        for (token, number) in &vocab {
            match tokens.get_mut(*number as usize) {
                Some(place @ None) => *place = Some(token.clone()),
                _ => {
                    return Err(format!(
                        "`{token}` has the number {number}, which is another's or beyond their count"
                    ));
                }
            }
        }
        let tokens: Vec<String> = tokens.into_iter().flatten().collect();
        if tokens.first().map(String::as_str) != Some(UNKNOWN_TOKEN) {
            return Err(format!("number 0 is not `{UNKNOWN_TOKEN}`"));
        }
        Ok(Self {
            merges: Merges::of(tokens, &merges)?,
            lower_case,
        })
    }

    /// The tokens with their numbers and the merges, as `pipeline.json` has them.
    pub fn saved(&self) -> Value {
        let tokens = self.tokens().iter().zip(0_u32..);
        let vocab: BTreeMap<&String, u32> = tokens.collect();
        let merges: Vec<(&str, &str)> = self.merges.pairs().collect();
        json!({ "vocab": vocab, "merges": merges })
    }

    /// The tokens, from number 0, the unknown one, on.
    pub fn tokens(&self) -> &[String] {
        self.merges.tokens()
    }

    /// Whether A and a are the same letter.
    pub fn lower_case(&self) -> bool {
        self.lower_case
    }

    /// The numbers of the tokens of a text, at most so many.
    pub fn encode(&self, text: &str, most: usize) -> Vec<u32> {
        let mut numbers = Vec::new();
        // Every run has a token at the least.
        for run in runs(text, self.lower_case, most) {
            numbers.extend(self.merges.encode(&run));
            if numbers.len() >= most {
                numbers.truncate(most);
                break;
            }
        }
        numbers
    }

    /// The first `count` tokens of a text as they stand in it: characters that are in no token by themselves.
    pub fn pieces(&self, text: &str, count: usize) -> Vec<String> {
        let mut pieces = Vec::new();
        for run in runs(text, self.lower_case, count) {
            let mut letters = run.chars();
            for number in self.merges.encode(&run) {
                // An unknown token is one character.
                let length = match number {
                    UNKNOWN => 1,
                    known => self.tokens()[known as usize].chars().count(),
                };
                pieces.push(letters.by_ref().take(length).collect());
            }
        }
        pieces.truncate(count);
        pieces
    }

    /// The text that pieces are.
    pub fn joined(pieces: &[String]) -> String {
        Self::spaced(&pieces.concat()).trim_start().to_owned()
    }

    /// Pieces with spaces for the marks of them.
    pub fn spaced(pieces: &str) -> String {
        pieces.replace(SPACE, " ")
    }
}

/// The runs of letters and digits and those of other characters, the first after a space marked so; at most so many.
fn runs(text: &str, lower_case: bool, most: usize) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    // Of the run that is being read: characters, and whether they are letters.
    let mut run: Option<(usize, bool)> = None;
    let mut after_space = true;
    for letter in lowered(text, lower_case).chars() {
        if letter.is_whitespace() || letter.is_control() {
            (run, after_space) = (None, true);
            continue;
        }
        let of_word = letter.is_alphanumeric() || is_mark(letter);
        match (&mut run, runs.last_mut()) {
            (Some((count, kind)), Some(last)) if *kind == of_word && *count < LONGEST => {
                *count += 1;
                last.push(letter);
            }
            _ => {
                if runs.len() >= most {
                    break;
                }
                let space = after_space.then_some(SPACE);
                runs.push(space.into_iter().chain([letter]).collect());
                run = Some((1, of_word));
            }
        }
        after_space = false;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<String> {
        let of = |text: &str| vec![text.to_owned(); 3];
        [
            of("the lower, the lowest"),
            of("newer and wider"),
            of("Low tide…"),
        ]
        .concat()
    }

    #[test]
    fn frequent_words_are_one_token_and_new_ones_are_spelt_in_known_pieces() {
        let subwords = Subwords::fit(&texts(), 60, 1, true);
        assert_eq!(subwords.encode("THE", 9).len(), 1);
        let new = subwords.encode("newest low", 99);
        assert!(new.len() > 2 && !new.contains(&UNKNOWN), "{new:?}");
        let tokens: Vec<String> =
            (new.iter().map(|n| subwords.tokens()[*n as usize].clone())).collect();
        assert_eq!(Subwords::joined(&tokens), "newest low");
        assert_eq!(subwords.pieces("newest low", 99), tokens);
        assert_eq!(subwords.encode("newest low", 2), new[..2]);
        // Cyrillic letters are nowhere in the texts.
        let unknown = subwords.encode("жо", 9);
        assert_eq!(
            unknown.iter().filter(|n| **n == UNKNOWN).count(),
            2,
            "{unknown:?}"
        );
    }

    #[test]
    fn the_same_texts_give_the_same_tokens_each_time_and_they_read_back_equal() {
        let first = Subwords::fit(&texts(), 40, 1, false);
        for _ in 0..5 {
            assert_eq!(Subwords::fit(&texts(), 40, 1, false).saved(), first.saved());
        }
        assert_eq!(Subwords::of(&first.saved(), false).unwrap(), first);
        assert!(first.tokens().len() <= 41);
    }

    #[test]
    fn rare_characters_are_left_out_and_so_is_what_is_beyond_the_count() {
        let few = Subwords::fit(&texts(), 5, 1, true);
        assert_eq!(few.tokens().len(), 6);
        let all = Subwords::fit(&texts(), 500, 4, true);
        assert!(!all.tokens().iter().any(|token| token.contains('…')));
    }

    #[test]
    fn runs_are_marked_after_a_space_and_cut_at_their_length() {
        assert_eq!(
            runs("Ab, c\u{300}1--d ", true, 9),
            ["▁ab", ",", "▁c\u{300}1", "--", "d"]
        );
        let long = "x".repeat(2 * LONGEST + 3);
        let lengths: Vec<usize> = runs(&long, true, 9)
            .iter()
            .map(|run| run.chars().count())
            .collect();
        assert_eq!(lengths, [LONGEST + 1, LONGEST, 3]);
        assert_eq!(runs("a b c", true, 2).len(), 2);
    }

    #[test]
    fn damaged_merges_are_refused_in_words() {
        let sound = Subwords::fit(&texts(), 40, 1, true).saved();
        let merged = |value: Value| {
            let mut damaged = sound.clone();
            damaged["merges"][0][0] = value;
            Subwords::of(&damaged, true).unwrap_err()
        };
        assert!(
            merged("long enough to be no token at all".into()).contains("merged into no token")
        );
        assert!(merged(3.into()).contains("string"));
        let mut damaged = sound.clone();
        damaged["vocab"]["<unk>"] = 4.into();
        assert!(Subwords::of(&damaged, true).unwrap_err().contains("number"));
        assert!(Subwords::of(&Value::Null, true).is_err());
    }
}
