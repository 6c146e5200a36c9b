//! Which examples have the same input.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{Inputs, Sequence};

impl Inputs {
    /// For each example, the first with the same input: itself unless it is a duplicate.
    ///
    /// Texts are the same if their characters are, sequences if their bits are.
    pub fn first_same(&self) -> Vec<usize> {
        match self {
            Inputs::Texts(texts) => {
                let mut firsts: HashMap<&str, usize> = HashMap::with_capacity(texts.len());
                let texts = texts.iter().enumerate();
                texts
                    .map(|(at, text)| *firsts.entry(text).or_insert(at))
                    .collect()
            }
            Inputs::Sequences(sequences) => {
                let items = &sequences.items;
                let mut firsts: HashMap<u64, Vec<usize>> = HashMap::with_capacity(items.len());
                let mut of_item = |(at, item): (usize, &Sequence)| {
                    let mut hash = DefaultHasher::new();
                    bits(item).for_each(|bits| bits.hash(&mut hash));
                    let alike = firsts.entry(hash.finish()).or_default();
                    let same = |first: &&usize| {
                        items[**first].steps == item.steps && bits(&items[**first]).eq(bits(item))
                    };
                    match alike.iter().find(same) {
                        Some(first) => *first,
                        None => {
                            alike.push(at);
                            at
                        }
                    }
                };
                items.iter().enumerate().map(&mut of_item).collect()
            }
        }
    }
}

fn bits(item: &Sequence) -> impl Iterator<Item = u64> {
    item.values.iter().map(|value| value.to_bits())
}
