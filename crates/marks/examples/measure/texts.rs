//! How many tokens the mark of texts needs, sampled from models of counts of the Penn Treebank's words and of Shakespeare's characters.

use std::collections::HashMap;

use ressac_marks::{Key, text};

use crate::images::data;
use crate::synthetic::Numbers;

/// How often each token follows each context of `order` tokens, mixed with how often it occurs at all.
struct Counts {
    order: usize,
    vocabulary: usize,
    all: Vec<f64>,
    after: HashMap<Vec<u32>, Vec<(u32, f64)>>,
}

impl Counts {
    fn of(tokens: &[u32], order: usize) -> Self {
        let vocabulary = tokens.iter().max().map_or(0, |token| *token as usize + 1);
        let mut all = vec![0.0; vocabulary];
        let mut after: HashMap<Vec<u32>, Vec<(u32, f64)>> = HashMap::new();
        for token in tokens {
            all[*token as usize] += 1.0 / tokens.len() as f64;
        }
        for window in tokens.windows(order + 1) {
            let counts = after.entry(window[..order].to_vec()).or_default();
            match counts.iter_mut().find(|(token, _)| *token == window[order]) {
                Some((_, count)) => *count += 1.0,
                None => counts.push((window[order], 1.0)),
            }
        }
        Counts {
            order,
            vocabulary,
            all,
            after,
        }
    }

    fn probabilities(&self, written: &[u32]) -> Vec<f64> {
        let from = written.len().saturating_sub(self.order);
        let counts = self
            .after
            .get(&written[from..])
            .map_or(&[][..], |counts| counts);
        let total: f64 = counts.iter().map(|(_, count)| count).sum();
        // Add-five mixing: rare contexts lean on the words at large.
        let mut p: Vec<f64> = self.all.iter().map(|p| 5.0 * p / (total + 5.0)).collect();
        for (token, count) in counts {
            p[*token as usize] += count / (total + 5.0);
        }
        p
    }
}

/// Prints tables in Markdown.
pub(crate) fn tables() {
    let words = std::fs::read_to_string(data("ptb/ptb.train.txt")).expect("the Penn Treebank");
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let words: Vec<u32> = words
        .split_whitespace()
        .map(|word| {
            let next = numbers.len() as u32;
            *numbers.entry(word).or_insert(next)
        })
        .collect();
    table(
        "words, pairs of the Penn Treebank",
        &Counts::of(&words, 1),
        text::ORDER_OF_WORDS,
        10,
    );
    let play = std::fs::read_to_string(data("tinyshakespeare/input.txt")).expect("Shakespeare");
    let mut numbers: HashMap<char, u32> = HashMap::new();
    let characters: Vec<u32> = play
        .chars()
        .map(|character| {
            let next = numbers.len() as u32;
            *numbers.entry(character).or_insert(next)
        })
        .collect();
    table(
        "characters, five of Shakespeare",
        &Counts::of(&characters, 4),
        text::ORDER_OF_CHARACTERS,
        40,
    );
}

fn table(name: &str, counts: &Counts, order: usize, every: usize) {
    const TEXTS: u64 = 200;
    const LENGTHS: [usize; 5] = [25, 50, 100, 200, 400];
    let key = Key::project();
    let longest = LENGTHS[LENGTHS.len() - 1];
    let sampled = |seed: u64, marked: bool| {
        let mut numbers = Numbers(seed);
        // Without a mark, no context is ever long enough.
        let mut sampler = text::Sampler::new(&key, if marked { order } else { usize::MAX });
        let mut written = Vec::new();
        for _ in 0..longest {
            let p = counts.probabilities(&written);
            let token = sampler.choose(&p, &written, f64::from(numbers.share()));
            written.push(token.expect("a token") as u32);
        }
        written
    };
    let marked: Vec<Vec<u32>> = (0..TEXTS).map(|seed| sampled(seed, true)).collect();
    let plain: Vec<Vec<u32>> = (0..TEXTS).map(|seed| sampled(seed, false)).collect();
    let exchanged = |text: &[u32]| {
        let mut text = text.to_vec();
        text.iter_mut()
            .step_by(every)
            .for_each(|token| *token = (*token + 1) % counts.vocabulary as u32);
        text
    };
    println!("\n### Texts of {name}: {TEXTS} of each, order {order}\n");
    println!(
        "| tokens | found | median log10 p | found, every {every}th token exchanged | unmarked found | unmarked p below 0.05 |"
    );
    println!("|---:|---:|---:|---:|---:|---:|");
    for length in LENGTHS {
        let log10 = |text: &[u32]| text::detect(&text[..length], &key, order).log10_false_positive;
        let mut logs: Vec<f64> = marked.iter().map(|text| log10(text)).collect();
        logs.sort_by(f64::total_cmp);
        let edited = marked
            .iter()
            .filter(|text| log10(&exchanged(text)) < text::THRESHOLD)
            .count();
        let none: Vec<f64> = plain.iter().map(|text| log10(text)).collect();
        let count = |logs: &[f64], limit: f64| logs.iter().filter(|p| **p < limit).count();
        let share = |count: usize| 100.0 * count as f64 / TEXTS as f64;
        println!(
            "| {length} | {:.1} % | {:.1} | {:.1} % | {} | {:.1} % |",
            share(count(&logs, text::THRESHOLD)),
            logs[logs.len() / 2],
            share(edited),
            count(&none, text::THRESHOLD),
            share(count(&none, 0.05_f64.log10()))
        );
    }
}
