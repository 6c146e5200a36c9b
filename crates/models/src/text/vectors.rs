//! Vectors of words that others learnt on much text, as starting values of an embedding: the text files of GloVe
//! (Pennington et al. 2014), word2vec and fastText.
//!
//! Each line is a word and its numbers with spaces between them; word2vec and fastText begin with a line that tells how
//! many words there are and how many numbers each has. Such files are large: they are read line by line, and only what
//! a vocabulary asks for is kept.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ressac_data::{DataError, Lines, Place};

use super::vocabulary::Vocabulary;
use crate::ModelError;
use crate::error::option_error;

/// Words without a vector that are named.
const NAMED: usize = 5;
/// The widest vectors that are believed.
const WIDEST: usize = 16_384;

/// The vectors of the words of a vocabulary, as far as a file has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    width: usize,
    /// By the number of the word, ascending.
    rows: Vec<(u32, Vec<f32>)>,
    of: usize,
    without: Vec<String>,
    twice: usize,
}

/// How well a line suits a word of the vocabulary, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The same letters.
    Exact,
    /// The word in small letters.
    Lower,
    /// The word with other capitals.
    Capitals,
}

/// Numbers in each vector of a file.
///
/// # Errors
/// A file that cannot be read, or that begins with no vector.
pub fn width(file: &Path) -> Result<usize, ModelError> {
    Ok(Table::open(file)?.width)
}

/// A line of a table: its number, its word, and the numbers, not yet read.
type Line<'a> = (usize, &'a [u8], &'a [u8]);

/// A file of vectors, at the line after its head.
struct Table {
    file: PathBuf,
    lines: Lines,
    width: usize,
}

impl Table {
    fn open(file: &Path) -> Result<Self, ModelError> {
        let mut lines = Lines::open(file)?;
        let first = match lines.next_line()? {
            Some((_, line)) => parts(line).map(<[u8]>::to_vec).collect::<Vec<_>>(),
            None => {
                return Err(DataError::Empty {
                    file: file.to_owned(),
                }
                .into());
            }
        };
        let head = match first.as_slice() {
            [words, width] => number::<usize>(words).and(number::<usize>(width)),
            _ => None,
        };
        let width = head.unwrap_or(first.len().saturating_sub(1));
        if !(1..=WIDEST).contains(&width) {
            let found = String::from_utf8_lossy(&first.join(&b' '))
                .chars()
                .take(40)
                .collect::<String>();
            return Err(wrong(
                file,
                1,
                "a word and its numbers, or how many words and numbers there are",
                &format!("`{found}`"),
            ));
        }
        if head.is_none() {
            // The first line is a word's.
            lines = Lines::open(file)?;
        }
        Ok(Self {
            file: file.to_owned(),
            lines,
            width,
        })
    }

    /// The next word and its numbers, not yet read; `None` after the last.
    fn next(&mut self) -> Result<Option<Line<'_>>, ModelError> {
        let width = self.width;
        loop {
            // Two looks at a line, as it cannot be lent out of a loop.
            match self.lines.next_line()? {
                None => return Ok(None),
                Some((_, line)) if line.iter().all(u8::is_ascii_whitespace) => {}
                Some(_) => break,
            }
        }
        let (number, line) = self.lines.line();
        match cut(line, width) {
            Some((word, numbers)) => Ok(Some((number, word, numbers))),
            None => {
                let found = parts(line).count().saturating_sub(1);
                let expected = format!("a word and {width} numbers");
                Err(wrong(
                    &self.file,
                    number,
                    &expected,
                    &format!("a word and {found}"),
                ))
            }
        }
    }
}

impl Vectors {
    /// The vectors that `file` has for the words of `vocabulary`: of the same letters, else in small letters, else with
    /// other capitals. Of words that stand twice the first counts. Only the numbers that are kept are looked at.
    ///
    /// # Errors
    /// A line without a word and as many numbers as the others, or with what is no finite number; no word of the vocabulary
    /// in the file.
    pub fn read(file: &Path, vocabulary: &Vocabulary) -> Result<Self, ModelError> {
        let mut table = Table::open(file)?;
        let width = table.width;
        let path = table.file.clone();
        let exact: HashMap<&str, u32> = numbered(vocabulary).collect();
        let mut by_lower: HashMap<String, Vec<(u32, &str)>> = HashMap::new();
        for (word, number) in numbered(vocabulary) {
            by_lower
                .entry(word.to_lowercase())
                .or_default()
                .push((number, word));
        }
        let mut found: HashMap<u32, (Fit, Vec<f32>)> = HashMap::new();
        let mut twice = 0;
        while let Some((line, word, numbers)) = table.next()? {
            // A word that is no UTF-8 is none of a vocabulary.
            let Ok(word) = std::str::from_utf8(word) else {
                continue;
            };
            let lower = word.to_lowercase();
            let Some(alike) = by_lower.get(&lower) else {
                continue;
            };
            let mut values: Option<Vec<f32>> = None;
            for (number, own) in alike {
                let fit = match word {
                    _ if word == *own => Fit::Exact,
                    _ if word == lower => Fit::Lower,
                    _ => Fit::Capitals,
                };
                match found.get(number) {
                    Some((known, _)) if *known == Fit::Exact && fit == Fit::Exact => {
                        twice += 1;
                        continue;
                    }
                    Some((known, _)) if *known <= fit => continue,
                    _ => {}
                }
                let read = match &values {
                    Some(read) => read.clone(),
                    None => finite(&path, line, numbers)?,
                };
                values = Some(read.clone());
                found.insert(*number, (fit, read));
            }
        }
        if found.is_empty() {
            return Err(option_error(
                "vectors",
                &format!(
                    "is `{}`, which has a vector for none of the {} words, such as {}. Give vectors of the language of the texts",
                    path.display(),
                    exact.len(),
                    listed(vocabulary.words().iter().take(NAMED))
                ),
            ));
        }
        let without = numbered(vocabulary).filter(|(_, number)| !found.contains_key(number));
        let without = without.map(|(word, _)| word.to_owned()).collect();
        let rows = found
            .into_iter()
            .map(|(number, (_, values))| (number, values));
        let mut rows: Vec<(u32, Vec<f32>)> = rows.collect();
        rows.sort_unstable_by_key(|(number, _)| *number);
        Ok(Self {
            width,
            rows,
            of: exact.len(),
            without,
            twice,
        })
    }

    /// Numbers in each vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The vectors by the number of their word, ascending.
    pub fn rows(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let rows = self.rows.iter();
        rows.map(|(number, values)| (*number as usize, values.as_slice()))
    }

    /// The standard deviation of all their numbers about 0: what is drawn for the other words has the same.
    pub fn deviation(&self) -> f64 {
        let values = || self.rows.iter().flat_map(|(_, values)| values);
        let squares: f64 = values().map(|value| f64::from(*value).powi(2)).sum();
        (squares / values().count().max(1) as f64).sqrt()
    }

    /// Words of the vocabulary that have a vector, and all of them.
    pub fn coverage(&self) -> (usize, usize) {
        (self.rows.len(), self.of)
    }

    /// What a person should know of them, in a sentence.
    pub fn told(&self) -> String {
        let (with, of) = self.coverage();
        let mut told = format!(
            "{} of {} words have a vector",
            thousands(with),
            thousands(of)
        );
        if !self.without.is_empty() {
            let named = listed(self.without.iter().take(NAMED));
            told.push_str(&format!(
                "; such as {named} do not, and start from drawn numbers"
            ));
        }
        if self.twice > 0 {
            let lines = match self.twice {
                1 => "1 line repeats".to_owned(),
                twice => format!("{} lines repeat", thousands(twice)),
            };
            told.push_str(&format!("; {lines} a word, whose first line counts"));
        }
        told
    }
}

fn numbered(vocabulary: &Vocabulary) -> impl Iterator<Item = (&str, u32)> {
    vocabulary.words().iter().map(String::as_str).zip(1..)
}

fn listed<'a>(words: impl Iterator<Item = &'a String>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// A number with a comma at every third digit.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut written = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// What stands between spaces or tabs.
fn parts(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parts = line.split(|byte| matches!(byte, b' ' | b'\t'));
    parts.filter(|part| !part.is_empty())
}

fn number<T: std::str::FromStr>(part: &[u8]) -> Option<T> {
    std::str::from_utf8(part).ok()?.parse().ok()
}

/// The word of a line, and its last `width` parts; a word may have spaces. `None` where there are fewer parts.
fn cut(line: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let mut end = line.len();
    for _ in 0..width {
        // Over spaces, then over a part.
        end = line[..end].iter().rposition(|byte| !space(byte))? + 1;
        end = line[..end].iter().rposition(space)? + 1;
    }
    let word = &line[..end];
    let word = &word[..word.iter().rposition(|byte| !space(byte))? + 1];
    Some((word, &line[end..]))
}

/// The numbers of a line.
fn finite(file: &Path, line: usize, numbers: &[u8]) -> Result<Vec<f32>, ModelError> {
    let each = parts(numbers).map(|part| {
        let value = number::<f32>(part).filter(|value| value.is_finite());
        value.ok_or_else(|| {
            let found: String = String::from_utf8_lossy(part).chars().take(40).collect();
            wrong(file, line, "a finite number", &format!("`{found}`"))
        })
    });
    each.collect()
}

fn wrong(file: &Path, line: usize, expected: &str, found: &str) -> ModelError {
    DataError::Unexpected {
        file: file.to_owned(),
        place: Place::Line(line),
        expected: expected.into(),
        found: found.into(),
        advice: "Give a text file of GloVe, word2vec or fastText; their binary files are not read.",
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::super::split::Splitting;
    use super::*;

    fn vocabulary(words: &[&str]) -> Vocabulary {
        let texts: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Vocabulary::fit(&texts, 99, 1, Splitting::new(false))
    }

    fn read(text: &str, words: &[&str]) -> Result<Vectors, ModelError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.txt");
        std::fs::write(&path, text).unwrap();
        assert_eq!(
            width(&path).ok(),
            Table::open(&path).ok().map(|table| table.width)
        );
        Vectors::read(&path, &vocabulary(words))
    }

    fn of<'a>(vectors: &'a Vectors, words: &[&str], word: &str) -> Option<&'a [f32]> {
        let vocabulary = vocabulary(words);
        let at = vocabulary
            .words()
            .iter()
            .position(|own| own == word)
            .unwrap();
        vectors
            .rows()
            .find(|(number, _)| *number == at + 1)
            .map(|(_, values)| values)
    }

    #[test]
    fn the_three_formats_give_the_same_vectors() {
        let words = ["good", "film", "zebra"];
        let glove = read("good 1 2 3\n, 9 9 9\nfilm -1.5e0 0 .25\n", &words).unwrap();
        let head = "3 3\ngood 1 2 3 \n, 9 9 9 \nfilm -1.5 0 0.25 \n";
        assert_eq!(read(head, &words).unwrap(), glove);
        assert_eq!(
            read("good\t1\t2\t3\nfilm\t-1.5\t0\t0.25", &words).unwrap(),
            glove
        );
        assert_eq!((glove.width(), glove.coverage()), (3, (2, 3)));
        assert_eq!(of(&glove, &words, "film"), Some(&[-1.5, 0.0, 0.25][..]));
        assert_eq!(of(&glove, &words, "zebra"), None);
        let told = glove.told();
        assert!(
            told.contains("2 of 3 words") && told.contains("`zebra` do not"),
            "{told}"
        );
        let squares = 1.0 + 4.0 + 9.0 + 2.25 + 0.0625;
        assert!((glove.deviation() - f64::sqrt(squares / 6.0)).abs() < 1e-12);
    }

    #[test]
    fn the_same_letters_come_before_small_ones_and_those_before_other_capitals() {
        let words = ["The", "paris", "USA", "x"];
        let text = "the 1\nPARIS 2\nParis 3\nUsa 4\nusa 5\nUSA 6\nUSA 7\nodd word 8\n";
        let found = read(text, &words).unwrap();
        for (word, value) in [("The", 1.0), ("paris", 2.0), ("USA", 6.0)] {
            assert_eq!(of(&found, &words, word), Some(&[value][..]), "{word}");
        }
        assert!(found.told().contains("1 line repeats"), "{}", found.told());
    }

    #[test]
    fn a_bad_line_is_told_by_its_number_with_what_was_expected() {
        for (text, said) in [
            (
                "a 1 2\nb 1\n",
                ["line 2", "a word and 2 numbers", "a word and 1"],
            ),
            (
                "a 1 2\n\nz NaN 2\nb 1 nan\n",
                ["line 4", "a finite number", "`nan`"],
            ),
            ("a 1 2\nb 1 1e99\n", ["line 2", "a finite number", "`1e99`"]),
            ("2 2\na 1 2\nb 1 x\n", ["line 3", "a finite number", "`x`"]),
            ("a\n", ["line 1", "a word and its numbers", "`a`"]),
            ("", ["empty", "", ""]),
            ("q 1\nr 2\n", ["none of the 2 words", "`a`", "`b`"]),
        ] {
            let error = read(text, &["a", "b"]).unwrap_err().to_string();
            assert!(
                said.iter().all(|part| error.contains(part)),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn numbers_are_told_with_commas() {
        for (number, told) in [
            (0, "0"),
            (999, "999"),
            (14_001, "14,001"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), told);
        }
    }
}
