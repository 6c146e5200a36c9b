//! Words, counts and scores held against sacreBLEU: `fixtures/translation/make.py`.

use super::*;

const GOLDEN: &str = include_str!("../../../../fixtures/translation/scores.tsv");

/// Pairs of texts, and the fields that follow them.
fn pairs() -> Vec<(String, String, Vec<&'static str>)> {
    let records = GOLDEN.lines().map(|line| line.split('\t').collect());
    let pairs = records.filter(|fields: &Vec<&str>| fields[0] == "pair");
    pairs
        .map(|fields| (text(fields[1]), text(fields[2]), fields[3..].to_vec()))
        .collect()
}

fn text(escaped: &str) -> String {
    let mut text = String::new();
    let mut rest = escaped.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '\\' => match rest.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            },
            c => c,
        });
    }
    text
}

fn numbers<N: std::str::FromStr<Err: std::fmt::Debug>>(field: &str) -> Vec<N> {
    field
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect()
}

fn counts(field: &str) -> BleuCounts {
    let all: Vec<u64> = numbers(field);
    BleuCounts {
        hypothesis_length: all[0],
        reference_length: all[1],
        matches: all[2..6].try_into().unwrap(),
        totals: all[6..].try_into().unwrap(),
    }
}

fn close(found: f64, field: &str) -> bool {
    (found - field.parse::<f64>().unwrap()).abs() < 1e-9
}

#[test]
fn sentences_are_counted_as_by_sacrebleu() {
    let pairs = pairs();
    assert!(pairs.len() > 60);
    for (hypothesis, reference, fields) in &pairs {
        let words = tokenise_13a(hypothesis);
        assert_eq!(words.join(" "), fields[0]);
        let found = BleuCounts::of(hypothesis, reference, Casing::Mixed);
        assert_eq!(found, counts(fields[1]), "{hypothesis}");
        assert!(close(found.bleu().score, fields[3]), "{hypothesis}");

        let found = ChrfCounts::of(hypothesis, reference);
        let expected: Vec<u64> = numbers(fields[2]);
        for n in 0..CHRF_ORDER {
            let of_length = [found.hypothesis[n], found.reference[n], found.matches[n]];
            assert_eq!(of_length, expected[3 * n..3 * n + 3], "{hypothesis}");
        }
        assert!(close(found.chrf(), fields[4]), "{hypothesis}");
    }
}

#[test]
fn corpora_have_the_scores_of_sacrebleu() {
    let pairs = pairs();
    let mut corpora = 0;
    for line in GOLDEN.lines().filter(|line| line.starts_with("corpus")) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (first, end) = (fields[2].parse().unwrap(), fields[3].parse().unwrap());
        let part: &[_] = &pairs[first..end];
        let hypotheses: Vec<&String> = part.iter().map(|pair| &pair.0).collect();
        let references: Vec<&String> = part.iter().map(|pair| &pair.1).collect();
        let casing = match fields[4] {
            "mixed" => Casing::Mixed,
            _ => Casing::Lower,
        };
        let sentences = sentence_bleu_counts(&hypotheses, &references, casing).unwrap();
        assert_eq!(
            sentences.iter().copied().sum::<BleuCounts>(),
            counts(fields[8])
        );
        let found = corpus_bleu(&hypotheses, &references, casing).unwrap();
        assert!(close(found.score, fields[5]), "{line}");
        for (precision, expected) in found.precisions.iter().zip(fields[6].split(' ')) {
            assert!(close(*precision, expected), "{line}");
        }
        assert!(close(found.brevity_penalty, fields[7]), "{line}");
        let found = corpus_chrf(&hypotheses, &references).unwrap();
        assert!(close(found, fields[9]), "{line}");
        corpora += 1;
    }
    assert_eq!(corpora, 9);
}
