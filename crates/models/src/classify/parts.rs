//! The parts of a training: files of their own, or shares of the files to learn from, each class in its share.

use std::collections::HashMap;

use ressac_data::Assumption;
use ressac_data::examples::{Columns, Examples, Inputs};
use ressac_data::split::{stratified, stratified_sets};
use ressac_stats::learning_curve::{SHARES, nested};

use super::config::ClassifyConfig;
use super::source::Labelled;
use super::target::sets;
use crate::ModelError;
use crate::examples::chosen;
use crate::part::{Part, shares};
use crate::text::Fitted;

/// The shares where nobody says others: for training, validation and test.
pub(super) const USUAL: &str = "0.8,0.1,0.1";

/// The same of few examples: a tenth of them would not tell one network from another, and is better learnt from.
const SHARES_OF_FEW: &str = "0.9,0,0.1";
/// Fewer examples than this are few.
pub(super) const FEW: usize = 200;

/// The shares where nobody says others.
pub(super) fn usual_shares(data: &Labelled) -> &'static str {
    match data.valid.is_none() && data.data.len() < FEW {
        true => SHARES_OF_FEW,
        false => USUAL,
    }
}

/// Examples to learn from, to choose by and to judge on.
pub type Parts = crate::part::Parts<Examples>;

/// What a training has at hand before there is a network.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The examples.
    pub parts: Parts,
    /// What was fitted on the texts learnt from; absent for sequences.
    pub fitted: Option<Fitted>,
    /// The columns that they were read from.
    pub columns: Columns,
}

impl Prepared {
    /// The same with growing shares of the training part, each class in its share.
    ///
    /// # Errors
    /// Texts in which no word is frequent enough.
    pub(super) fn shares(&self, config: &ClassifyConfig) -> Result<Vec<Self>, ModelError> {
        let train = &self.parts.train;
        let classes = train.classes();
        let places: HashMap<&str, usize> = (classes.iter().enumerate())
            .map(|(place, class)| (class.as_str(), place))
            .collect();
        let labels = train.labels.iter().flatten();
        let labels: Vec<usize> = labels.map(|label| places[label.as_str()]).collect();
        let smaller: Vec<f64> = SHARES.into_iter().filter(|share| *share < 1.0).collect();
        let subsets = nested(&labels, &smaller, config.training.seed);
        let mut all = Vec::new();
        for subset in subsets {
            let train = chosen(train, &subset);
            all.push(Self {
                fitted: match &train.inputs {
                    Inputs::Texts(texts) => Some(Fitted::new(texts, &config.texts)?),
                    Inputs::Sequences(_) => None,
                },
                parts: Parts {
                    train,
                    valid: self.parts.valid.clone(),
                    test: self.parts.test.clone(),
                },
                columns: self.columns.clone(),
            });
        }
        Ok(all)
    }
}

/// Cuts the examples: `split` are shares for the parts that have no files of their own.
///
/// # Errors
/// Shares that are none, or a training part without an example.
pub(super) fn cut(
    data: &Labelled,
    split: Option<&str>,
    seed: u64,
) -> Result<(Parts, Vec<Assumption>), ModelError> {
    let own = [data.valid.is_some(), data.test.is_some()];
    let shares = shares(split.unwrap_or(USUAL), USUAL, own)?;
    let (cut, told) = match sets(&data.data, data.separator.as_deref()) {
        Some(sets) => stratified_sets(&data.data, &sets, shares, seed)?,
        None => stratified(&data.data, shares, seed)?,
    };
    let part = |own: &Option<Examples>, cut: &[usize]| match own {
        Some(own) => own.clone(),
        None => chosen(&data.data, cut),
    };
    let parts = Parts {
        train: chosen(&data.data, &cut.train),
        valid: part(&data.valid, &cut.valid),
        test: part(&data.test, &cut.test),
    };
    match parts.train.is_empty() {
        true => Err(ModelError::EmptyPart {
            part: Part::Train,
            item: "example",
            advice: "Give more examples, or it a larger share with `split`",
        }),
        false => Ok((parts, told)),
    }
}
