//! Byte-pair encoding (Sennrich, Haddow & Birch 2016): the pair of neighbouring tokens that is most frequent becomes a token,
//! again and again; a word is cut by the same merges in the same order.
//!
//! Our own, and not the crate `tokenizers`: that costs three minutes of a core to build, brings a pool of threads with it, and where
//! pairs are equally frequent may take them in the order of a hash map. Here a tie goes to the pair with the lower numbers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

use super::tokenizer::UNKNOWN;

/// Two neighbouring tokens.
type Pair = (u32, u32);

/// Tokens, and the merges that lead to them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Merges {
    /// By number; number 0 stands for every character that is in none of them.
    tokens: Vec<String>,
    numbers: HashMap<String, u32>,
    /// In the order in which they were learnt.
    merges: Vec<Pair>,
    /// Of a pair the place of its merge, and the token that it becomes.
    ranks: HashMap<Pair, (usize, u32)>,
}

impl Merges {
    /// Characters as tokens, without a merge; `unknown` is the name of number 0.
    fn of_characters(unknown: &str, characters: impl IntoIterator<Item = char>) -> Self {
        let mut merges = Self {
            tokens: Vec::new(),
            numbers: HashMap::new(),
            merges: Vec::new(),
            ranks: HashMap::new(),
        };
        merges.token(unknown.to_owned());
        for character in characters {
            merges.token(character.to_string());
        }
        merges
    }

    /// The number of a token, a new one where it has none.
    fn token(&mut self, token: String) -> u32 {
        let next = self.tokens.len() as u32;
        *self.numbers.entry(token).or_insert_with_key(|token| {
            self.tokens.push(token.clone());
            next
        })
    }

    /// Learns merges from words until there are `most` tokens beside the unknown one, or no pair occurs `at_least` times.
    pub(super) fn fit(
        unknown: &str,
        words: impl IntoIterator<Item = String>,
        most: usize,
        at_least: usize,
    ) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for word in words {
            *counts.entry(word).or_default() += 1;
        }
        let mut characters: Vec<char> = counts.keys().flat_map(|word| word.chars()).collect();
        characters.sort_unstable();
        characters.dedup();
        let mut learnt = Self::of_characters(unknown, characters);
        let mut words: Vec<(Vec<u32>, usize)> = (counts.iter())
            .map(|(word, count)| (learnt.characters(word), *count))
            .collect();
        let mut pairs = Pairs::default();
        for (at, (word, count)) in words.iter().enumerate() {
            for pair in word.windows(2) {
                pairs.add((pair[0], pair[1]), *count, at);
            }
        }
        pairs.queue_changed();
        while learnt.tokens.len() <= most {
            let Some((pair, count)) = pairs.most_frequent() else {
                break;
            };
            if count < at_least.max(1) {
                break;
            }
            let merged = learnt.merge(pair);
            for at in pairs.holders(pair) {
                let (word, count) = &mut words[at];
                for old in word.windows(2) {
                    pairs.remove((old[0], old[1]), *count);
                }
                *word = merged_in(word, pair, merged);
                for new in word.windows(2) {
                    pairs.add((new[0], new[1]), *count, at);
                }
            }
            pairs.queue_changed();
        }
        learnt
    }

    /// Adds the merge of a pair, and gives the token that it becomes.
    fn merge(&mut self, pair: Pair) -> u32 {
        let text = format!(
            "{}{}",
            self.tokens[pair.0 as usize], self.tokens[pair.1 as usize]
        );
        let merged = self.token(text);
        self.ranks.insert(pair, (self.merges.len(), merged));
        self.merges.push(pair);
        merged
    }

    /// Tokens and merges as they were saved.
    ///
    /// # Errors
    /// What is damaged.
    pub(super) fn of(tokens: Vec<String>, merges: &[(String, String)]) -> Result<Self, String> {
        let numbers = tokens.iter().zip(0..);
        let mut read = Self {
            numbers: numbers.map(|(token, n)| (token.clone(), n)).collect(),
            tokens,
            merges: Vec::new(),
            ranks: HashMap::new(),
        };
        for (a, b) in merges {
            let pair = (read.numbers.get(a), read.numbers.get(b));
            let merged = read.numbers.contains_key(&format!("{a}{b}"));
            match pair {
                (Some(a), Some(b)) if merged => {
                    let pair = (*a, *b);
                    read.merge(pair);
                }
                _ => return Err(format!("`{a}` and `{b}` are merged into no token")),
            }
        }
        Ok(read)
    }

    /// The tokens by number.
    pub(super) fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// The merges as texts, in their order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = |number: u32| self.tokens[number as usize].as_str();
        self.merges.iter().map(move |(a, b)| (text(*a), text(*b)))
    }

    /// The characters of a word as tokens.
    fn characters(&self, word: &str) -> Vec<u32> {
        let mut buffer = [0_u8; 4];
        let number = |character: char| {
            let text: &str = character.encode_utf8(&mut buffer);
            self.numbers.get(text).copied().unwrap_or(UNKNOWN)
        };
        word.chars().map(number).collect()
    }

    /// The tokens of a word: its characters, merged in the order in which the merges were learnt.
    pub(super) fn encode(&self, word: &str) -> Vec<u32> {
        let mut tokens = self.characters(word);
        loop {
            let pairs = tokens.windows(2).map(|pair| (pair[0], pair[1]));
            let ranked = pairs.filter_map(|pair| Some((self.ranks.get(&pair)?, pair)));
            let Some(((_, merged), pair)) = ranked.min() else {
                return tokens;
            };
            tokens = merged_in(&tokens, pair, *merged);
        }
    }
}

/// A word with each pair, from its first token on, taken together.
fn merged_in(word: &[u32], pair: Pair, merged: u32) -> Vec<u32> {
    let mut tokens = Vec::with_capacity(word.len());
    let mut at = 0;
    while at < word.len() {
        if at + 1 < word.len() && (word[at], word[at + 1]) == pair {
            tokens.push(merged);
            at += 2;
        } else {
            tokens.push(word[at]);
            at += 1;
        }
    }
    tokens
}

/// How often pairs occur, and in which words.
#[derive(Default)]
struct Pairs {
    counts: HashMap<Pair, usize>,
    words: HashMap<Pair, HashSet<usize>>,
    /// Pairs with the count that they had when they were queued: the most frequent first, of equal ones the lower numbers.
    queue: BinaryHeap<(usize, Reverse<Pair>)>,
    changed: HashSet<Pair>,
}

impl Pairs {
    fn add(&mut self, pair: Pair, count: usize, word: usize) {
        *self.counts.entry(pair).or_default() += count;
        self.words.entry(pair).or_default().insert(word);
        self.changed.insert(pair);
    }

    fn remove(&mut self, pair: Pair, count: usize) {
        if let Some(of) = self.counts.get_mut(&pair) {
            *of = of.saturating_sub(count);
            self.changed.insert(pair);
        }
    }

    /// Queues what has changed with its count of now.
    fn queue_changed(&mut self) {
        for pair in self.changed.drain() {
            if let Some(count) = self.counts.get(&pair).filter(|count| **count > 0) {
                self.queue.push((*count, Reverse(pair)));
            }
        }
    }

    /// The pair that occurs most often, and how often; what is queued with another count than it has now is out of date.
    fn most_frequent(&mut self) -> Option<(Pair, usize)> {
        while let Some((count, Reverse(pair))) = self.queue.pop() {
            if self.counts.get(&pair) == Some(&count) {
                return Some((pair, count));
            }
        }
        None
    }

    /// The words that hold a pair, in their order; they hold it no longer.
    fn holders(&mut self, pair: Pair) -> Vec<usize> {
        let mut words: Vec<usize> = self.words.remove(&pair).into_iter().flatten().collect();
        words.sort_unstable();
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Vec<String> {
        let of = |word: &str, count: usize| vec![word.to_owned(); count];
        [
            of("low", 5),
            of("lower", 2),
            of("newest", 6),
            of("widest", 3),
        ]
        .concat()
    }

    /// The example of Sennrich et al. (2016): `e s`, then `es t`, then `l o`, then `lo w`. Of `es` and `st`, both nine times, the
    /// pair with the lower numbers goes first.
    #[test]
    fn the_example_of_the_paper_is_merged_as_there() {
        let learnt = Merges::fit("<unk>", words(), 10 + 4, 1);
        let pairs: Vec<(&str, &str)> = learnt.pairs().collect();
        assert_eq!(pairs, [("e", "s"), ("es", "t"), ("l", "o"), ("lo", "w")]);
        let named = |word: &str| -> Vec<&str> {
            let tokens = learnt.encode(word).into_iter();
            tokens
                .map(|n| learnt.tokens()[n as usize].as_str())
                .collect()
        };
        assert_eq!(named("lowest"), ["low", "est"]);
        assert_eq!(named("xlow"), ["<unk>", "low"]);
    }

    #[test]
    fn words_become_one_token_where_there_is_room_and_counts_stay_those_of_a_recount() {
        let learnt = Merges::fit("<unk>", words(), 1_000, 1);
        for word in ["low", "lower", "newest", "widest"] {
            assert_eq!(learnt.encode(word).len(), 1, "{word}");
        }
        // A pair of one letter with itself overlaps with its neighbours.
        let learnt = Merges::fit("<unk>", vec!["aaaa".to_owned(); 3], 1_000, 1);
        assert_eq!(learnt.encode("aaaa").len(), 1);
        assert_eq!(learnt.encode("aaaaa").len(), 2);
        assert!(Merges::fit("<unk>", words(), 1_000, 7).pairs().count() <= 4);
    }
}
