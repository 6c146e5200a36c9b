//! Characters as numbers: Unicode scalar values, spaces and punctuation among them.

use std::collections::HashMap;

use super::split::lowered;
use super::tokenizer::UNKNOWN;
use super::vocabulary::frequent;

/// The characters that have a vector of their own. Number 0 is every other character, the first of the list has number 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Characters {
    characters: Vec<char>,
    lower_case: bool,
    numbers: HashMap<char, u32>,
}

impl Characters {
    /// The characters that occur at least so often in these texts, at most so many of them, the frequent ones first.
    pub fn fit(texts: &[String], most: usize, at_least: usize, lower_case: bool) -> Self {
        let found = texts.iter().flat_map(|text| {
            let text: Vec<char> = lowered(text, lower_case).chars().collect();
            text.into_iter()
        });
        Self::of(frequent(found, most, at_least), lower_case)
    }

    /// These characters, in the order of their numbers.
    pub fn of(characters: Vec<char>, lower_case: bool) -> Self {
        let numbers = characters.iter().copied().zip(UNKNOWN + 1..);
        Self {
            numbers: numbers.collect(),
            characters,
            lower_case,
        }
    }

    /// The characters, from number 1 on.
    pub fn characters(&self) -> &[char] {
        &self.characters
    }

    /// Whether A and a are the same letter.
    pub fn lower_case(&self) -> bool {
        self.lower_case
    }

    /// The numbers of the characters of a text, at most so many.
    pub fn encode(&self, text: &str, most: usize) -> Vec<u32> {
        let text = lowered(text, self.lower_case);
        let characters = text.chars().take(most);
        characters
            .map(|letter| self.numbers.get(&letter).copied().unwrap_or(UNKNOWN))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_a_number_and_rare_ones_share_number_0() {
        let texts = ["aBa b".to_owned()];
        let characters = Characters::fit(&texts, 2, 1, true);
        assert_eq!(characters.characters(), ['a', 'b']);
        assert_eq!(characters.encode("BAé a", 9), [2, 1, 0, 0, 1]);
        assert_eq!(characters.encode("BAé a", 2), [2, 1]);
        assert_eq!(
            Characters::fit(&texts, 9, 1, false).characters(),
            ['a', ' ', 'B', 'b']
        );
    }
}
