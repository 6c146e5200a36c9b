//! The parts of a training: images to learn from, to choose the best weights by and to judge on.

use ressac_data::Assumption;
use ressac_data::examples::Examples;
use ressac_data::split::stratified;

use super::config::GanConfig;
use super::error::GanError;
use crate::ModelError;
use crate::examples::{Material, chosen, named};
use crate::part::{Parts, shares};

/// The shares where nobody says others: for training, validation and test.
pub(super) const USUAL: &str = "0.8,0.1,0.1";

/// Fewer images than this nothing is learnt from.
pub(super) const LEAST: usize = 16;

/// What a training has at hand before there is a network.
#[derive(Debug, Clone)]
pub struct GanParts {
    /// The images.
    pub parts: Parts<Examples>,
    /// The classes of those to learn from, in their order; nothing where they have none.
    pub classes: Vec<String>,
}

/// Cuts the images, each class in the same shares.
///
/// # Errors
/// Shares that are none; too few images to learn from.
pub(super) fn cut(
    material: &Material,
    split: Option<&str>,
    seed: u64,
) -> Result<(GanParts, Vec<Assumption>), ModelError> {
    let own = [material.valid.is_some(), material.test.is_some()];
    let shares = shares(split.unwrap_or(USUAL), USUAL, own)?;
    let (cut, told) = stratified(&material.data, shares, seed)?;
    let of_data = |places: &[usize]| chosen(&material.data, places);
    let train = of_data(&cut.train);
    if train.len() < LEAST {
        return Err(GanError::TooFew {
            file: named(&train),
            found: train.len(),
            least: LEAST,
        }
        .into());
    }
    let other = |own: &Option<Examples>, places: &[usize]| match own {
        Some(own) => own.clone(),
        None => of_data(places),
    };
    let parts = GanParts {
        classes: train.classes(),
        parts: Parts {
            valid: other(&material.valid, &cut.valid),
            test: other(&material.test, &cut.test),
            train,
        },
    };
    Ok((parts, told))
}

/// The parts of `material` as a training of this configuration cut them.
pub(super) fn again(material: &Material, config: &GanConfig) -> Result<GanParts, ModelError> {
    cut(material, config.split.as_deref(), config.training.seed).map(|(parts, _)| parts)
}
