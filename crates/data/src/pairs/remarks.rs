//! What a person should know of their pairs before a training, in sentences.

use std::collections::HashSet;

use super::Pairs;

/// Share of pairs with the same text on both sides above which it is told.
const IDENTICAL: f64 = 0.05;
/// How many times longer one side is, and by how many words at least, where lengths are far apart.
const APART: (usize, usize) = (3, 10);

/// Pairs that are counted, and the first of them.
#[derive(Default)]
struct Tally {
    count: usize,
    first: Option<usize>,
}

impl Tally {
    fn add(&mut self, pair: usize) {
        self.count += 1;
        self.first = self.first.or(Some(pair));
    }
}

/// The remarks on these pairs, each a sentence without its full stop that gives a number and the first place:
/// sides that are empty, texts of more than `longest` words, lengths that are far apart, sources that are their
/// own targets, pairs that stand more than once.
pub fn remarks(pairs: &Pairs, longest: usize) -> Vec<String> {
    let (mut no_source, mut no_target, mut neither) =
        (Tally::default(), Tally::default(), Tally::default());
    let (mut long, mut apart, mut same, mut again) = (
        Tally::default(),
        Tally::default(),
        Tally::default(),
        Tally::default(),
    );
    let mut met: HashSet<(&str, &str)> = HashSet::with_capacity(pairs.len());
    for (at, (source, target)) in pairs.sources.iter().zip(&pairs.targets).enumerate() {
        match (source.trim().is_empty(), target.trim().is_empty()) {
            (true, true) => neither.add(at),
            (true, false) => no_source.add(at),
            (false, true) => no_target.add(at),
            (false, false) => {
                let (a, b) = (words(source), words(target));
                let (short, most) = (a.min(b), a.max(b));
                if most > longest {
                    long.add(at);
                }
                if most > APART.0 * short && most - short > APART.1 {
                    apart.add(at);
                }
                if source == target {
                    same.add(at);
                }
                if !met.insert((source, target)) {
                    again.add(at);
                }
            }
        }
    }
    if (same.count as f64) <= IDENTICAL * pairs.len() as f64 {
        same = Tally::default();
    }
    let share = 100.0 * same.count as f64 / pairs.len().max(1) as f64;
    let told = [
        (no_source, "an empty source beside a target".to_owned()),
        (no_target, "an empty target beside a source".to_owned()),
        (neither, "neither source nor target".to_owned()),
        (long, format!("more than {longest} words on one side")),
        (
            apart,
            format!("one side more than {} times as long as the other", APART.0),
        ),
        (
            same,
            format!("the same text on both sides ({share:.0} % of all)"),
        ),
    ];
    let mut sentences: Vec<String> = told
        .into_iter()
        .filter_map(|(tally, what)| {
            let first = pairs.place(tally.first?);
            Some(match tally.count {
                1 => format!("1 pair has {what}: {first}"),
                count => format!("{count} pairs have {what}; the first is {first}"),
            })
        })
        .collect();
    if let Some(first) = again.first {
        let first = pairs.place(first);
        sentences.push(match again.count {
            1 => format!("1 pair repeats an earlier one: {first}"),
            count => format!("{count} pairs repeat an earlier one; the first is {first}"),
        });
    }
    sentences
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}
