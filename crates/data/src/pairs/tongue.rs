//! Whether texts are in the language of the sources or in that of the targets: how often three characters follow one another.
//!
//! Enough to see that two files were exchanged, and small enough to be kept with a model. Languages are not
//! named: only the two sides of the training pairs are told apart.

use std::collections::HashMap;

use super::Pairs;

/// Trigrams kept of a language.
const KEPT: usize = 400;
/// Characters counted at the most.
const COUNTED: usize = 1_000_000;
/// Frequencies are whole numbers of so many trigrams.
const SCALE: f64 = 100_000.0;
/// Characters needed to judge.
const ENOUGH: usize = 200;
/// By how much the logarithm of a trigram's probability must be greater under one language than under the other,
/// on average.
pub const MARGIN: f64 = 0.5;

/// The most frequent trigrams of some texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tongue {
    /// Three characters in small letters, words with a space on either side, and how many of 100,000 trigrams they are;
    /// the most frequent first.
    pub trigrams: Vec<(String, u32)>,
}

/// The languages of both sides of some pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tongues {
    /// That of the sources.
    pub source: Tongue,
    /// That of the targets.
    pub target: Tongue,
}

impl Tongue {
    /// Counts the trigrams of the texts, up to a million.
    pub fn of<S: AsRef<str>>(texts: &[S]) -> Tongue {
        let (mut counts, total) = counted(texts, COUNTED);
        let mut trigrams: Vec<([char; 3], usize)> = counts.drain().collect();
        trigrams.sort_unstable_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        trigrams.truncate(KEPT);
        let scaled = |count: usize| (SCALE * count as f64 / total.max(1) as f64).round() as u32;
        Tongue {
            trigrams: trigrams
                .into_iter()
                .map(|(trigram, count)| (trigram.iter().collect(), scaled(count)))
                .collect(),
        }
    }

    /// By how much the logarithm of a trigram of these texts is more probable here than in the other language, on average:
    /// positive if they are closer to this one. Each trigram is counted once more than it was met. `None` for fewer
    /// than 200 characters.
    pub fn closer<S: AsRef<str>>(&self, other: &Tongue, texts: &[S]) -> Option<f64> {
        let (counts, total) = counted(texts, COUNTED);
        if total < ENOUGH {
            return None;
        }
        let (own, others) = (self.frequencies(), other.frequencies());
        let log = |of: &HashMap<[char; 3], u32>, trigram| {
            let count = of.get(trigram).copied().unwrap_or(0);
            libm::log(f64::from(count) + 1.0)
        };
        // Summed in one order, so that the bits are the same each time.
        let mut counts: Vec<([char; 3], usize)> = counts.into_iter().collect();
        counts.sort_unstable();
        let sum: f64 = counts
            .iter()
            .map(|(trigram, count)| *count as f64 * (log(&own, trigram) - log(&others, trigram)))
            .sum();
        Some(sum / total as f64)
    }

    fn frequencies(&self) -> HashMap<[char; 3], u32> {
        let of = |(text, count): &(String, u32)| {
            let mut letters = text.chars();
            Some(([letters.next()?, letters.next()?, letters.next()?], *count))
        };
        self.trigrams.iter().filter_map(of).collect()
    }
}

impl Tongues {
    /// The languages of the training pairs.
    pub fn of(training: &Pairs) -> Tongues {
        Tongues {
            source: Tongue::of(&training.sources),
            target: Tongue::of(&training.targets),
        }
    }

    /// Whether other pairs are the wrong way round: their sources are clearly in the language of the training targets,
    /// and their targets in that of the training sources. `false` where there is too little text to say.
    pub fn are_exchanged(&self, other: &Pairs) -> bool {
        let sources = self.source.closer(&self.target, &other.sources);
        let targets = self.target.closer(&self.source, &other.targets);
        let clearly = |closer: Option<f64>| closer.is_some_and(|closer| closer < -MARGIN);
        clearly(sources) && clearly(targets)
    }

    /// Whether texts that are to be translated are clearly in the language of the targets. `false` where there is too little
    /// text to say.
    pub fn are_targets<S: AsRef<str>>(&self, texts: &[S]) -> bool {
        let closer = self.source.closer(&self.target, texts);
        closer.is_some_and(|closer| closer < -MARGIN)
    }
}

/// The trigrams of texts and how many they are, up to a number: small letters, one space around and between words.
fn counted<S: AsRef<str>>(texts: &[S], most: usize) -> (HashMap<[char; 3], usize>, usize) {
    let (mut counts, mut total) = (HashMap::new(), 0);
    for text in texts {
        let mut last = [' '; 3];
        let words = text.as_ref().split_whitespace();
        let letters = words.flat_map(|word| word.chars().flat_map(char::to_lowercase).chain([' ']));
        for (at, letter) in letters.enumerate() {
            last = [last[1], last[2], letter];
            if at > 0 {
                *counts.entry(last).or_insert(0) += 1;
                total += 1;
            }
        }
        if total >= most {
            break;
        }
    }
    (counts, total)
}
