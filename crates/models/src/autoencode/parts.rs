//! The parts of a training: to learn from, to choose by, to calibrate with and to judge on. What is normal is learnt, chosen by
//! and calibrated with; what is not is only judged on.

use ressac_data::Assumption;
use ressac_data::examples::{Columns, Examples};
use ressac_data::split::stratified;
use ressac_nn::random::Stream;

use super::config::AutoencodeConfig;
use super::error::AutoencodeError;
use super::series;
use crate::examples::{Material, chosen, named};
use crate::options::Names;
use crate::part::{Part, Parts, shares};
use crate::{ModelError, ranges};

/// The shares where nobody says others: for training, validation and test.
pub(super) const USUAL: &str = "0.8,0.1,0.1";

/// What a training has at hand before there is a network.
#[derive(Debug, Clone)]
pub struct AutoencodeParts {
    /// What is learnt from, chosen by (both normal alone) and judged on.
    pub parts: Parts<Examples>,
    /// Normal examples of the training part that were held back from training.
    pub held_back: Examples,
    /// The columns that they were read from.
    pub columns: Columns,
    /// Unusual examples that are in no part.
    pub aside: usize,
}

/// Whether each example is unusual, by its class; nothing where nobody says which classes are normal, or there are none.
pub(super) fn unusual(examples: &Examples, normal: Option<&Names>) -> Option<Vec<bool>> {
    let labels = examples.labels.as_ref()?;
    let normal = normal?;
    let is_normal = |label: &String| normal.0.iter().any(|class| class == label);
    Some(labels.iter().map(|label| !is_normal(label)).collect())
}

/// The places of the normal and of the unusual examples.
fn apart(examples: &Examples, normal: Option<&Names>) -> (Vec<usize>, Vec<usize>) {
    let all = 0..examples.len();
    match unusual(examples, normal) {
        None => (all.collect(), Vec::new()),
        Some(unusual) => all.partition(|place| !unusual[*place]),
    }
}

/// Refuses classes said to be normal that are not there.
fn require_classes(material: &Material, normal: Option<&Names>) -> Result<(), ModelError> {
    let Some(normal) = normal else { return Ok(()) };
    let file = || named(&material.data);
    if material.data.labels.is_none() {
        return Err(AutoencodeError::NoLabels { file: file() }.into());
    }
    let known = material.data.classes();
    match normal.0.iter().find(|class| !known.contains(class)) {
        None => Ok(()),
        Some(class) => Err(AutoencodeError::NoSuchClass {
            file: file(),
            class: class.clone(),
            known,
        }
        .into()),
    }
}

/// What decides how examples are cut.
pub(super) struct Cutting<'a> {
    pub(super) split: Option<&'a str>,
    pub(super) normal: Option<&'a Names>,
    /// Rows of a window, of a series.
    pub(super) window: Option<usize>,
    pub(super) held_back: f64,
    pub(super) seed: u64,
}

impl<'a> From<&'a AutoencodeConfig> for Cutting<'a> {
    fn from(config: &'a AutoencodeConfig) -> Self {
        Self {
            split: config.split.as_deref(),
            normal: config.normal.as_ref(),
            window: config.windowed(),
            held_back: config.held_back,
            seed: config.training.seed,
        }
    }
}

/// Cuts the examples.
///
/// # Errors
/// Shares that are none, a class that is not there, a training part without an example.
pub(super) fn cut(
    material: &Material,
    cutting: &Cutting<'_>,
) -> Result<(AutoencodeParts, Vec<Assumption>), ModelError> {
    let Cutting {
        split,
        normal,
        window,
        held_back: share,
        seed,
    } = *cutting;
    ranges::share("held_back", share)?;
    require_classes(material, normal)?;
    if let Some(window) = window {
        return series::cut(material, cutting, window);
    }
    let own = [material.valid.is_some(), material.test.is_some()];
    let shares = shares(split.unwrap_or(USUAL), USUAL, own)?;
    let (places, unusual) = apart(&material.data, normal);
    let usual = chosen(&material.data, &places);
    let (cut, told) = stratified(&usual, shares, seed)?;
    let of_data = |cut: &[usize]| -> Vec<usize> { cut.iter().map(|at| places[*at]).collect() };
    let (mut train, mut held_back) = (of_data(&cut.train), Vec::new());
    let count = (train.len() as f64 * share).round() as usize;
    if count > 0 {
        let mut order: Vec<usize> = (0..train.len()).collect();
        Stream::new(seed, "held back")
            .generator()
            .shuffle(&mut order);
        let mut back = order[..count].to_vec();
        back.sort_unstable();
        held_back = back.iter().map(|at| train[*at]).collect();
        let mut at = 0;
        train.retain(|_| {
            at += 1;
            back.binary_search(&(at - 1)).is_err()
        });
    }
    let mut test = of_data(&cut.test);
    let mut aside = 0;
    match &material.test {
        None => test.extend(&unusual),
        Some(_) => aside += unusual.len(),
    }
    test.sort_unstable();
    let valid = match &material.valid {
        None => chosen(&material.data, &of_data(&cut.valid)),
        Some(valid) => {
            let (places, unusual) = apart(valid, normal);
            aside += unusual.len();
            chosen(valid, &places)
        }
    };
    let parts = AutoencodeParts {
        parts: Parts {
            train: chosen(&material.data, &train),
            valid,
            test: match &material.test {
                Some(test) => test.clone(),
                None => chosen(&material.data, &test),
            },
        },
        held_back: chosen(&material.data, &held_back),
        columns: material.columns.clone(),
        aside,
    };
    match parts.parts.train.is_empty() {
        false => Ok((parts, told)),
        true => Err(ModelError::EmptyPart {
            part: Part::Train,
            item: "example",
            advice: "Give more examples, or it a larger share with `split`",
        }),
    }
}
