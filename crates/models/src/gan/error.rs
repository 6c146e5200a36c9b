//! What can be wrong with the data of a GAN: each error a sentence saying what was expected, what was found and what to do.

use ressac_data::listed;

use crate::{ErrorKind, FamilyError};

/// Why images cannot be learnt from, or none be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GanError {
    /// Something else than images.
    #[error(
        "`{file}` holds {found}, and a GAN learns from images. Give `data` a folder of PNG, JPEG or GIF files, an IDX file or a CIFAR batch"
    )]
    NotImages {
        /// The files.
        file: String,
        /// What they hold.
        found: &'static str,
    },
    /// Too few images to learn from.
    #[error(
        "there are {found} images to learn from in `{file}`, and a GAN needs {least} at the least and some hundreds to be of use. Give more with `data`, or the training part a larger share with `split`"
    )]
    TooFew {
        /// The files.
        file: String,
        /// Images found.
        found: usize,
        /// Images needed.
        least: usize,
    },
    /// Every image is the same.
    #[error(
        "all {count} images to learn from in `{file}` are the same, pixel for pixel: there is nothing to make others from. Give images that differ"
    )]
    AllTheSame {
        /// The files.
        file: String,
        /// How many there are.
        count: usize,
    },
    /// Images smaller or larger than the networks make them.
    #[error(
        "images of {width}x{height} pixels are outside of what the networks make, {least} to {most} a side. Bring them to another size with `size`, such as 32x32"
    )]
    Sides {
        /// Width found.
        width: usize,
        /// Height found.
        height: usize,
        /// The smallest side.
        least: usize,
        /// The largest.
        most: usize,
    },
    /// Classes are needed and there are none.
    #[error(
        "`conditional` is yes, and `{file}` has no classes. Leave it out, or name them with `label_from` or `label`"
    )]
    NoClasses {
        /// The files.
        file: String,
    },
    /// Images of a class that was not learnt.
    #[error("this model has no class `{class}`; its classes are {}", listed(known))]
    NoSuchClass {
        /// The class asked for.
        class: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A class asked of a model that was not told any.
    #[error(
        "`label` asks for the class `{class}`, and this model was trained without classes. Leave it out, or train with `conditional = true`"
    )]
    Unconditional {
        /// The class asked for.
        class: String,
    },
    /// Nothing to compare made images with.
    #[error(
        "{found} images are too few to compare made ones with: at least {least} are needed. Score another part with `part`, or give more with `data`"
    )]
    TooFewToScore {
        /// Images found.
        found: usize,
        /// Images needed.
        least: usize,
    },
    /// A generator has nothing to predict.
    #[error(
        "a GAN predicts nothing of images: it makes new ones with `sample`, and `evaluate` compares these with real ones"
    )]
    NothingToPredict,
}

impl FamilyError for GanError {
    fn kind(&self) -> ErrorKind {
        match self {
            GanError::NoSuchClass { .. }
            | GanError::Unconditional { .. }
            | GanError::NothingToPredict => ErrorKind::Usage,
            _ => ErrorKind::Input,
        }
    }

    fn keys(&self) -> &'static [&'static str] {
        match self {
            GanError::NotImages { .. } => &["data"],
            GanError::TooFew { .. } => &["data", "split"],
            GanError::AllTheSame { .. } | GanError::NothingToPredict => &[],
            GanError::Sides { .. } => &["size"],
            GanError::NoClasses { .. } => &["conditional", "label_from", "label"],
            GanError::NoSuchClass { .. } => &["label"],
            GanError::Unconditional { .. } => &["label", "conditional"],
            GanError::TooFewToScore { .. } => &["part", "data"],
        }
    }
}
