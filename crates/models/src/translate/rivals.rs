//! What costs less than a network: the source as it is, its words one by one, the most similar sentence that is known.

use std::collections::HashMap;

use ressac_data::pairs::Pairs;
use ressac_stats::rival::lexicon::Lexicon;
use ressac_stats::rival::memory::Memory;

use crate::text::{Splitting, split};

/// Passes of the expectation-maximisation of the lexicon.
const PASSES: usize = 8;

/// The words of texts as numbers, one for each word there is.
#[derive(Default)]
struct Numbers {
    numbers: HashMap<String, u32>,
    words: Vec<String>,
}

impl Numbers {
    fn of(&mut self, text: &str) -> Vec<u32> {
        let words = split(text, Splitting::new(false), usize::MAX).into_iter();
        words
            .map(|word| {
                let next = self.words.len() as u32;
                let number = *self.numbers.entry(word.clone()).or_insert(next);
                if number == next {
                    self.words.push(word);
                }
                number
            })
            .collect()
    }
}

/// The translations of each rival, fitted on the training part.
pub(super) fn rivals(training: &Pairs, texts: &[String]) -> Vec<(&'static str, Vec<String>)> {
    let mut rivals = vec![("source as it is", texts.to_vec())];
    let (mut sources, mut targets) = (Numbers::default(), Numbers::default());
    let known: Vec<Vec<u32>> = training
        .sources
        .iter()
        .map(|text| sources.of(text))
        .collect();
    let said: Vec<Vec<u32>> = training
        .targets
        .iter()
        .map(|text| targets.of(text))
        .collect();
    let count = sources.words.len() as u32;
    let asked: Vec<Vec<u32>> = texts.iter().map(|text| sources.of(text)).collect();
    // They refuse sides of unequal number and nothing at all, which there is not here.
    if let Ok(lexicon) = Lexicon::fit(&known, &said, PASSES) {
        let word_by_word = asked.iter().map(|source| {
            let words = source.iter().flat_map(|word| match *word < count {
                true => {
                    let found = lexicon.translate(&[*word]).into_iter();
                    found
                        .map(|target| targets.words[target as usize].clone())
                        .collect()
                }
                // A word that was never seen stays.
                false => vec![sources.words[*word as usize].clone()],
            });
            words.collect::<Vec<_>>().join(" ")
        });
        rivals.push(("word by word, IBM model 1", word_by_word.collect()));
    }
    if let Ok(memory) = Memory::fit(&known) {
        let nearest = asked
            .iter()
            .map(|source| training.targets[memory.nearest(source)].clone());
        rivals.push(("most similar training source", nearest.collect()));
    }
    rivals
}
