//! N-grams against counts by hand, sums of probabilities, and what is refused.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

use crate::draw::Draws;

/// The definition, word by word: every probability from counts in maps.
struct Plain {
    vocabulary: u32,
    order: usize,
    /// Of each run with its last token apart: what is counted.
    counts: BTreeMap<Vec<u32>, BTreeMap<u32, u32>>,
}

impl Plain {
    fn fit(sequences: &[Vec<u32>], order: usize, vocabulary: u32) -> Self {
        let mut counts: BTreeMap<Vec<u32>, BTreeMap<u32, u32>> = BTreeMap::new();
        let mut before: BTreeMap<Vec<u32>, BTreeSet<u32>> = BTreeMap::new();
        for sequence in sequences {
            let marked: Vec<u32> = [BEGIN].iter().chain(sequence).copied().collect();
            for length in 1..=order {
                for at in 0..=marked.len().saturating_sub(length) {
                    let Some(run) = marked.get(at..at + length) else {
                        continue;
                    };
                    let counted = length == order || at == 0;
                    if counted && run != [BEGIN] {
                        let (last, context) = run.split_last().unwrap();
                        *counts
                            .entry(context.to_vec())
                            .or_default()
                            .entry(*last)
                            .or_default() += 1;
                    }
                    if !counted {
                        before
                            .entry(run.to_vec())
                            .or_default()
                            .insert(marked[at - 1]);
                    }
                }
            }
        }
        for (run, tokens) in before {
            if run != [BEGIN] {
                let (last, context) = run.split_last().unwrap();
                let of = counts.entry(context.to_vec()).or_default();
                of.insert(*last, tokens.len() as u32);
            }
        }
        Plain {
            vocabulary,
            order,
            counts,
        }
    }

    fn probability(&self, context: &[u32], token: u32) -> f64 {
        let shorter = match context.split_first() {
            Some((_, rest)) => self.probability(rest, token),
            None => 1.0 / f64::from(self.vocabulary),
        };
        let Some(after) = self.counts.get(context) else {
            return shorter;
        };
        let of_length = self.counts.iter();
        let of_length = of_length.filter(|(run, _)| run.len() == context.len());
        let all: Vec<u32> = of_length
            .flat_map(|(_, after)| after.values().copied())
            .collect();
        let n = |k| all.iter().filter(|count| **count == k).count() as f64;
        let y = n(1) / (n(1) + 2.0 * n(2));
        let mut d = [
            0.0,
            1.0 - 2.0 * y * n(2) / n(1),
            2.0 - 3.0 * y * n(3) / n(2),
            3.0 - 4.0 * y * n(4) / n(3),
        ];
        if !d[1..].iter().all(|d| *d > 0.0) {
            d = [0.0, 0.5, 1.0, 1.5];
        }
        let d = |count: u32| d[count.min(3) as usize];
        let total: f64 = after.values().map(|count| f64::from(*count)).sum();
        let left: f64 = after.values().map(|count| d(*count)).sum();
        let count = after.get(&token).copied().unwrap_or(0);
        (f64::from(count) - d(count)) / total + left / total * shorter
    }

    fn after(&self, history: &[u32], token: u32) -> f64 {
        let marked: Vec<u32> = [BEGIN].iter().chain(history).copied().collect();
        let from = marked.len().saturating_sub(self.order - 1);
        self.probability(&marked[from..], token)
    }
}

/// Tokens of which some are much more frequent than others, and follow each other.
fn text(seed: u64, length: usize, vocabulary: u32) -> Vec<u32> {
    let mut draws = Draws::new(seed);
    let mut last = 0;
    (0..length)
        .map(|_| {
            let rare = draws.uniform() * draws.uniform();
            last = (last + (f64::from(vocabulary) * rare) as u32) % vocabulary;
            last
        })
        .collect()
}

#[test]
fn a_small_example_has_the_probabilities_computed_by_hand() {
    // a b a b a: pairs ^a once, ab and ba twice; a comes after ^ and b, b after a alone. The counts of
    // neither length give three discounts: they are 1/2, 1 and 3/2.
    let model = Ngrams::fit(&[[0, 1, 0, 1, 0]], 2, 3).unwrap();
    assert_eq!(model.runs(), [3, 3]);
    let third = 1.0 / 3.0;
    for (history, expected) in [
        // What c is followed by is unknown: a (2 - 1)/3 + 1/2 · 1/3, b (1 - 1/2)/3 + 1/6, c 1/6.
        (vec![2], [0.5, third, third / 2.0]),
        // After a: 1/2 of the above, and (2 - 1)/2 for b.
        (vec![0], [0.25, 2.0 * third, third / 4.0]),
        (vec![1, 1, 0], [0.25, 2.0 * third, third / 4.0]),
        // At the beginning: 1/2 of the above, and (1 - 1/2)/1 for a.
        (vec![], [0.75, third / 2.0, third / 4.0]),
    ] {
        let found = model.probabilities(&history);
        for (token, expected) in (0..3).zip(expected) {
            assert!(
                (found[token as usize] - expected).abs() < 1e-15,
                "{history:?} {token}"
            );
            let alone = model.log_probability(&history, token).exp();
            assert!((alone - expected).abs() < 1e-15, "{history:?} {token}");
        }
    }
    let nats = model.nats(&[vec![0, 1], vec![]]);
    assert!((nats + (0.75_f64 * 2.0 / 3.0).ln()).abs() < 1e-15);
    assert_eq!(model.log_probability(&[0], 3), f64::NEG_INFINITY);
}

#[test]
fn a_longer_text_has_the_probabilities_of_the_definition() {
    let sequences = [text(1, 400, 9), text(2, 300, 9), text(3, 3, 9)];
    for order in [1, 2, 5] {
        let model = Ngrams::fit(&sequences, order, 11).unwrap();
        let plain = Plain::fit(&sequences, order, 11);
        let other = text(4, 60, 11);
        let mut nats = 0.0;
        for at in 0..other.len() {
            let expected = plain.after(&other[..at], other[at]);
            let found = model.log_probability(&other[..at], other[at]).exp();
            assert!((found - expected).abs() < 1e-12, "order {order}, at {at}");
            nats -= expected.ln();
        }
        assert!((model.nats(&[other]) - nats).abs() < 1e-9);
    }
}

#[test]
fn a_run_does_not_go_over_the_end_of_a_sequence() {
    let apart = Ngrams::fit(&[[0, 1], [2, 0]], 2, 3).unwrap();
    let joined = Ngrams::fit(&[[0, 1, 2, 0]], 2, 3).unwrap();
    // Nothing was seen after 1.
    assert_eq!(apart.probabilities(&[1]), apart.probabilities(&[9]));
    assert!(joined.probabilities(&[1])[2] > joined.probabilities(&[9])[2]);
    // Both first tokens were, at the beginning.
    let first = apart.probabilities(&[]);
    assert!(first[0] > first[1] && first[2] > first[1]);
}

#[test]
fn longer_runs_predict_better_what_has_memory() {
    // The tokens repeat with a period of six; the token before does not tell which comes.
    let period = [0, 0, 1, 0, 1, 1];
    let stream: Vec<u32> = (0..600).map(|at| period[at % 6]).collect();
    let nats = |order| {
        let model = Ngrams::fit(&[&stream[..400]], order, 2).unwrap();
        model.nats(&[&stream[400..]])
    };
    assert!(nats(5) < 0.2 * nats(2), "{} {}", nats(5), nats(2));
}

#[test]
fn without_a_token_every_token_is_as_probable() {
    let none = Ngrams::fit::<Vec<u32>>(&[], 3, 4).unwrap();
    assert_eq!(none.probabilities(&[1, 2]), [0.25; 4]);
    assert_eq!(none.nats::<Vec<u32>>(&[]), 0.0);
    let empty = Ngrams::fit(&[vec![], vec![]], 3, 4).unwrap();
    assert_eq!(empty.probabilities(&[]), [0.25; 4]);
    assert_eq!((none.order(), none.vocabulary()), (3, 4));
}

#[test]
fn what_makes_no_model_is_said() {
    let of = |order, vocabulary| Ngrams::fit(&[vec![0], vec![1, 3]], order, vocabulary);
    assert_eq!(of(0, 4), Err(NgramError::Order));
    assert_eq!(of(2, 0), Err(NgramError::NoVocabulary));
    let said = of(2, 3).unwrap_err();
    assert_eq!(
        said,
        NgramError::Token {
            sequence: 1,
            position: 1,
            token: 3,
            vocabulary: 3
        }
    );
    assert!(said.to_string().contains("sequence 1, position 1: token 3"));
}

proptest! {
    #[test]
    fn probabilities_are_positive_and_sum_to_1_after_any_history(
        sequences in prop::collection::vec(prop::collection::vec(0_u32..4, 0..40), 0..6),
        history in prop::collection::vec(0_u32..6, 0..8), order in 1_usize..6,
    ) {
        let model = Ngrams::fit(&sequences, order, 5).unwrap();
        let plain = Plain::fit(&sequences, order, 5);
        let found = model.probabilities(&history);
        prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for (token, probability) in (0..5).zip(&found) {
            prop_assert!(*probability > 0.0);
            let alone = model.log_probability(&history, token);
            prop_assert!((alone.exp() - probability).abs() < 1e-12);
            prop_assert!((plain.after(&history, token) - probability).abs() < 1e-12);
        }
    }
}
