//! Beam search against every text there is, and sampling against its probabilities.

use ressac_nn::NnError;
use ressac_nn::loss::log_sum_exp;
use ressac_nn::random::Stream;

use super::generate::{Sampling, Steps};
use super::search::{Found, Search};

const TOKENS: usize = 4;
const END: u32 = 3;

/// A network that is a table: what may follow depends on the sentence, the last token and the step.
struct Table {
    /// The sentence and the tokens read of each row.
    rows: Vec<(usize, Vec<u32>)>,
}

fn logits(sentence: usize, read: &[u32]) -> Vec<f32> {
    let last = read.last().copied().unwrap_or(0);
    let stream = Stream::new(5, "logits")
        .at(sentence as u64)
        .at(u64::from(last));
    let mut generator = stream.at(read.len() as u64).generator();
    (0..TOKENS)
        .map(|_| 2.0 * generator.normal() as f32)
        .collect()
}

impl Table {
    fn new(sentences: &[usize]) -> Self {
        let rows = sentences.iter().map(|sentence| (*sentence, Vec::new()));
        Self {
            rows: rows.collect(),
        }
    }
}

impl Steps for Table {
    fn read(&mut self, tokens: &[u32]) -> Result<Vec<f32>, NnError> {
        assert_eq!(tokens.len(), self.rows.len());
        for ((_, read), token) in self.rows.iter_mut().zip(tokens) {
            read.push(*token);
        }
        let all = self
            .rows
            .iter()
            .map(|(sentence, read)| logits(*sentence, read));
        Ok(all.collect::<Vec<_>>().concat())
    }

    fn keep(&mut self, rows: &[usize]) -> Result<(), NnError> {
        self.rows = rows.iter().map(|row| self.rows[*row].clone()).collect();
        Ok(())
    }

    fn attended(&self) -> (Vec<f32>, usize) {
        (Vec::new(), 0)
    }
}

fn search(beam: usize, length_penalty: f64) -> Search {
    Search {
        beam,
        length_penalty,
        coverage_penalty: 0.0,
        end: END,
        never: Some(0),
    }
}

/// The best of all texts of at most so many tokens.
fn best_of_all(sentence: usize, longest: usize, length_penalty: f64) -> (Vec<u32>, f64) {
    let mut best = (Vec::new(), f64::NEG_INFINITY);
    let mut open = vec![(Vec::new(), 0.0)];
    while let Some((text, nats)) = open.pop() {
        let read: Vec<u32> = [END].iter().chain(&text).copied().collect();
        let row = logits(sentence, &read);
        let all = log_sum_exp(&row, TOKENS).unwrap()[0];
        let of = |token: u32| nats + f64::from(row[token as usize]) - all;
        let length = text.len() as f64 + 1.0;
        let score = of(END) / ((5.0 + length) / 6.0).powf(length_penalty);
        if score > best.1 {
            best = (text.clone(), score);
        }
        if text.len() + 1 < longest {
            for token in 1..END {
                let mut next = text.clone();
                next.push(token);
                open.push((next, of(token)));
            }
        }
    }
    best
}

#[test]
fn a_wide_beam_finds_the_best_of_all_texts_and_each_sentence_by_itself() {
    const LONGEST: usize = 5;
    for penalty in [0.0, 1.0] {
        let wide = search(64, penalty);
        let all: Vec<usize> = (0..20).collect();
        let together = wide.run(&mut Table::new(&all), &[LONGEST; 20]).unwrap();
        let mut longer = 0;
        for (sentence, found) in together.iter().enumerate() {
            let alone = wide.run(&mut Table::new(&[sentence]), &[LONGEST]).unwrap();
            assert_eq!(&alone[0], found);
            let (text, score) = best_of_all(sentence, LONGEST, penalty);
            assert_eq!(found.tokens, text, "{sentence} {penalty}");
            assert!((found.score - score).abs() < 1e-9 && found.ended);
            longer += found.tokens.len();
        }
        assert!(longer > 5, "the table ends every text at once");
    }
}

#[test]
fn a_beam_of_one_takes_the_likeliest_token_at_each_step_and_stops_at_the_longest_length() {
    for sentence in 0..20 {
        let found = search(1, 1.0)
            .run(&mut Table::new(&[sentence]), &[6])
            .unwrap();
        let Found { tokens, ended, .. } = &found[0];
        let mut read = vec![END];
        for token in tokens.iter().copied().chain(ended.then_some(END)) {
            let row = logits(sentence, &read);
            let likeliest =
                (1..TOKENS as u32).max_by(|a, b| row[*a as usize].total_cmp(&row[*b as usize]));
            assert_eq!(Some(token), likeliest, "{sentence} {read:?}");
            read.push(token);
        }
        assert!(*ended || tokens.len() == 6);
    }
}

#[test]
fn tokens_are_drawn_as_often_as_their_probability_says() {
    let logits = [0.0, 2.0_f32.ln(), 4.0_f32.ln(), 8.0_f32.ln(), 9.0];
    let allowed = |token: u32| token != 4;
    let shares = |sampling: Sampling| -> [f64; 5] {
        let mut generator = Stream::new(1, "draw").generator();
        let mut counts = [0.0; 5];
        for _ in 0..40_000 {
            let token = sampling.draw(&logits, allowed, &mut generator).unwrap();
            counts[token as usize] += 1.0 / 40_000.0;
        }
        counts
    };
    let plain = Sampling {
        temperature: 1.0,
        top_k: None,
        top_p: None,
    };
    let close = |found: [f64; 5], expected: [f64; 5]| {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 0.01, "{found} {expected}");
        }
    };
    close(
        shares(plain),
        [1.0, 2.0, 4.0, 8.0, 0.0].map(|share| share / 15.0),
    );
    let squared = [1.0, 4.0, 16.0, 64.0, 0.0].map(|share| share / 85.0);
    close(
        shares(Sampling {
            temperature: 0.5,
            ..plain
        }),
        squared,
    );
    let two = [0.0, 0.0, 4.0, 8.0, 0.0].map(|share| share / 12.0);
    close(
        shares(Sampling {
            top_k: Some(2),
            ..plain
        }),
        two,
    );
    // 8 of 15 are less than 0.6, 12 of 15 are not.
    close(
        shares(Sampling {
            top_p: Some(0.6),
            ..plain
        }),
        two,
    );
    let likeliest = Sampling {
        temperature: 0.0,
        ..plain
    };
    assert_eq!(shares(likeliest)[3].round(), 1.0);
}
