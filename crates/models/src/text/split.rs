//! Where one word of a text ends and the next begins.
//!
//! A word is a run of letters, digits and inner apostrophes (`don't`); any other character that is not a space is a
//! word by itself, so that punctuation, which says a lot in short texts, is read too. Texts that were cut into words
//! before, as those of the Penn Treebank are, have English endings apart (`it 's`, `they 're`): such an ending is one
//! word.

use std::borrow::Cow;

/// What follows the apostrophe in the endings that stand apart in texts cut as the Penn Treebank is.
const ENDINGS: [&str; 6] = ["s", "re", "ve", "ll", "d", "m"];

/// How texts are cut into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splitting {
    /// Whether A and a are the same letter.
    pub lower_case: bool,
    /// Whether `'s` that stands apart is one word; two in models of earlier versions.
    pub endings: bool,
    /// Whether a word is whatever stands between spaces: for texts that were cut into words before.
    pub spaces: bool,
}

impl Splitting {
    /// As texts are cut today.
    pub fn new(lower_case: bool) -> Self {
        Self {
            lower_case,
            endings: true,
            spaces: false,
        }
    }

    /// At spaces alone.
    pub fn at_spaces(lower_case: bool) -> Self {
        Self {
            spaces: true,
            ..Self::new(lower_case)
        }
    }
}

/// The words of a text, no more than `most`: beyond that the text is not read.
pub fn split(text: &str, how: Splitting, most: usize) -> Vec<String> {
    let text = lowered(text, how.lower_case);
    if how.spaces {
        return text
            .split_whitespace()
            .take(most)
            .map(str::to_owned)
            .collect();
    }
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, letter) in text.char_indices() {
        if letter.is_alphanumeric() || is_mark(letter) {
            word.push(letter);
            continue;
        }
        let rest = &text[at + letter.len_utf8()..];
        let before_letter = rest.chars().next().is_some_and(char::is_alphanumeric);
        let apostrophe = matches!(letter, '\'' | '’');
        if apostrophe && before_letter && (!word.is_empty() || how.endings && is_ending(rest)) {
            // Both apostrophes are one word's.
            word.push('\'');
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if words.len() < most && !letter.is_whitespace() && !letter.is_control() {
            words.push(letter.to_string());
        }
        if words.len() >= most {
            return words;
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The text in small letters, where A and a are the same.
pub(super) fn lowered(text: &str, lower_case: bool) -> Cow<'_, str> {
    match lower_case {
        true => Cow::Owned(text.to_lowercase()),
        false => Cow::Borrowed(text),
    }
}

/// Whether what follows an apostrophe is an ending and nothing more.
fn is_ending(rest: &str) -> bool {
    // The longest ending has two letters.
    let mut letters = rest.chars();
    let mut ending = String::new();
    for letter in letters.by_ref().take(3) {
        if !letter.is_alphanumeric() && !is_mark(letter) {
            break;
        }
        ending.extend(letter.to_lowercase());
    }
    ENDINGS.contains(&ending.as_str())
}

/// Whether a character only changes the letter before it: the accents of decomposed letters.
pub(super) fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, lower_case: bool) -> Vec<String> {
        split(text, Splitting::new(lower_case), usize::MAX)
    }

    #[test]
    fn words_keep_inner_apostrophes_and_punctuation_is_a_word_each() {
        let found = words("Don’t stop, it 's GREAT!! (été 2024)", true);
        let expected = [
            "don't", "stop", ",", "it", "'s", "great", "!", "!", "(", "été", "2024", ")",
        ];
        assert_eq!(found, expected);
        assert_eq!(words("It's\tA", false), ["It's", "A"]);
        assert!(words(" \u{0}\n", true).is_empty());
    }

    #[test]
    fn endings_that_stand_apart_are_words_and_quotes_are_not() {
        let found = words("they 'RE do n't 'so 's' '", true);
        let expected = ["they", "'re", "do", "n't", "'", "so", "'s", "'", "'"];
        assert_eq!(found, expected);
        let old = Splitting {
            endings: false,
            ..Splitting::new(true)
        };
        assert_eq!(split("it 's", old, usize::MAX), ["it", "'", "s"]);
    }

    #[test]
    fn words_between_spaces_are_taken_as_they_are() {
        let how = Splitting::at_spaces(false);
        assert_eq!(
            split(" N u.s.  <unk>\tdo n't ", how, 9),
            ["N", "u.s.", "<unk>", "do", "n't"]
        );
        assert_eq!(split("a b c", how, 2), ["a", "b"]);
    }

    #[test]
    fn a_text_is_read_no_further_than_asked() {
        let how = Splitting::new(true);
        assert_eq!(split("a b. c", how, 3), ["a", "b", "."]);
        assert_eq!(split("a b. c", how, 2), ["a", "b"]);
        assert_eq!(split("ab", how, 1), ["ab"]);
    }
}
