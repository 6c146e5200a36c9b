//! The parts that training cuts data into.

use std::ops::Range;

use ressac_data::split::Split;
use ressac_nn::random::Stream;

use crate::ModelError;
use crate::error::option_error;
use crate::model::Sources;
use crate::options::{from_text, options};
use crate::words::words;

words! {
    /// A part of the data, as training cut it.
    Part: "part" {
        /// What was learnt from.
        Train = "train",
        /// What decided which weights were kept.
        Valid = "valid",
        /// What was held back.
        Test = "test",
        /// Everything.
        All = "all",
    }
}

from_text!(Part, "a part in quotes");

options! {
    /// What `evaluate` asks of a model beyond the data.
    pub(crate) PartAsk => PartAsked {
        "Evaluation" {
            /// Part to score: train, valid, test or all
            part "PART" ["test for the files trained on, else all"]: Part => Option<Part>,
        }
    }
}

/// Data to learn from, to choose by and to judge on.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts<T> {
    /// What is learnt from.
    pub train: T,
    /// What decides which weights are kept.
    pub valid: T,
    /// What is held back.
    pub test: T,
}

impl<T> Parts<T> {
    /// One of the three; nothing for all of the data.
    pub fn of(&self, part: Part) -> Option<&T> {
        match part {
            Part::Train => Some(&self.train),
            Part::Valid => Some(&self.valid),
            Part::Test => Some(&self.test),
            Part::All => None,
        }
    }
}

impl<T: Clone> Parts<Vec<T>> {
    /// The items to score of those in `part`, cut as [`Parts::shuffled`] did for the training; `item` is what one is called.
    ///
    /// # Errors
    /// [`ModelError::EmptyPart`] where there is none.
    pub fn to_score(
        items: Vec<T>,
        part: Part,
        (split, seed): (&str, u64),
        item: &'static str,
    ) -> Result<Vec<T>, ModelError> {
        let chosen = match part {
            Part::All => items,
            part => {
                let parts = Self::shuffled(&items, split, seed)?;
                parts.of(part).cloned().unwrap_or_default()
            }
        };
        part.require(chosen.is_empty(), item).map(|()| chosen)
    }

    /// Cuts items that have no order of their own: into counts or shares, as [`Split::parse`] reads them, of an order that
    /// `seed` draws.
    ///
    /// # Errors
    /// A split that is none, or leaves no item to learn from.
    pub fn shuffled(items: &[T], split: &str, seed: u64) -> Result<Self, ModelError> {
        let cut = Split::parse(split, items.len())?;
        let mut order: Vec<usize> = (0..items.len()).collect();
        Stream::new(seed, "split").generator().shuffle(&mut order);
        let part = |range: Range<usize>| order[range].iter().map(|at| items[*at].clone());
        Ok(Self {
            train: part(cut.train).collect(),
            valid: part(cut.valid).collect(),
            test: part(cut.test).collect(),
        })
    }
}

/// The shares that data is cut by, as given or `usual`; nothing where the validation and the test part both have files of their own.
///
/// # Errors
/// [`ModelError::Options`] for shares given although there is nothing to cut.
pub(crate) fn split(
    given: Option<&str>,
    usual: &str,
    own: [bool; 2],
) -> Result<Option<String>, ModelError> {
    match (own, given) {
        ([true, true], Some(split)) => Err(option_error(
            "split",
            &format!(
                "is `{split}`, and both `valid` and `test` have files of their own: leave it out"
            ),
        )),
        ([true, true], None) => Ok(None),
        (_, given) => Ok(Some(given.unwrap_or(usual).to_owned())),
    }
}

/// Three shares of data to train, validate and test on, the first above 0, such as `usual`. A validation or test part that has
/// files of its own leaves its share to the others.
///
/// # Errors
/// [`ModelError::Options`] for a text that is not three such shares.
pub(crate) fn shares(text: &str, usual: &str, own: [bool; 2]) -> Result<[f64; 3], ModelError> {
    let wrong = || {
        option_error(
            "split",
            &format!(
                "is `{text}`; write three shares to train, validate and test on that add up to at most 1, such as `{usual}`"
            ),
        )
    };
    let numbers: Vec<f64> = text
        .split(',')
        .map(|share| share.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| wrong())?;
    let [train, valid, test]: [f64; 3] = numbers.try_into().map_err(|_| wrong())?;
    let all = [train, valid, test];
    let fits = all.iter().all(|share| (0.0..=1.0).contains(share))
        && train > 0.0
        && all.iter().sum::<f64>() <= 1.0 + 1e-9;
    if !fits {
        return Err(wrong());
    }
    let left = |share: f64, own: bool| if own { 0.0 } else { share };
    let (valid, test) = (left(valid, own[0]), left(test, own[1]));
    let total = train + valid + test;
    Ok([train / total, valid / total, test / total])
}

impl Part {
    /// Refuses a part to score that holds nothing.
    ///
    /// # Errors
    /// [`ModelError::EmptyPart`].
    pub(crate) fn require(self, is_empty: bool, item: &'static str) -> Result<(), ModelError> {
        match is_empty {
            false => Ok(()),
            true => Err(ModelError::EmptyPart {
                part: self,
                item,
                advice: "Score another with `part`, or give files with `data`",
            }),
        }
    }

    /// The part in words: `training part`.
    pub(crate) fn named(self) -> &'static str {
        match self {
            Part::Train => "training part",
            Part::Valid => "validation part",
            Part::Test => "test part",
            Part::All => "data",
        }
    }

    /// The part to score: the one asked for, or the test part of the data trained on and all of other data.
    ///
    /// # Errors
    /// When a part is asked for that other data does not have.
    pub(crate) fn to_score(asked: Option<Part>, sources: &Sources) -> Result<Part, ModelError> {
        match asked {
            None if sources.trained_on => Ok(Part::Test),
            None => Ok(Part::All),
            Some(part) if sources.trained_on || part == Part::All => Ok(part),
            Some(part) => Err(option_error(
                "part",
                &format!(
                    "is `{part}`, and `{}` is not the data the model was trained on, so it has no such part; leave it out to score all of it",
                    sources.named()
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffled_parts_hold_every_item_once_in_an_order_of_the_seed_alone() {
        let items: Vec<usize> = (0..23).collect();
        let parts = Parts::shuffled(&items, "0.7,0.1,0.2", 5).unwrap();
        assert_eq!(
            (parts.train.len(), parts.valid.len(), parts.test.len()),
            (16, 3, 4)
        );
        let mut all = [parts.train.clone(), parts.valid.clone(), parts.test.clone()].concat();
        assert_ne!(all, items);
        all.sort_unstable();
        assert_eq!(all, items);
        assert_eq!(parts, Parts::shuffled(&items, "0.7,0.1,0.2", 5).unwrap());
        assert_ne!(parts, Parts::shuffled(&items, "0.7,0.1,0.2", 6).unwrap());
        assert_eq!(parts.of(Part::Valid), Some(&parts.valid));
        assert!(Parts::shuffled(&items, "0,1,22", 5).is_err());
    }
}
