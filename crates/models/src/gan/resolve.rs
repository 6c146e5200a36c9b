//! From options as given and the images themselves to a complete configuration.

use ressac_data::Assumption;
use ressac_data::examples::{Examples, Media};
use ressac_train::{Average, Schedule};

use super::choices::{GanKind, GanLoss};
use super::config::{GanConfig, GanOptions};
use super::error::GanError;
use super::images::Images;
use super::network::Maps;
use super::parts::{GanParts, USUAL, cut};
use super::pipeline::places;
use crate::ModelError;
use crate::error::option_error;
use crate::examples::{Material, named};
use crate::options::{Budget, TrainingDefaults};
use crate::part::split;
use crate::ranges;

/// A configuration complete, and the parts.
pub type Resolved = crate::family::Resolved<GanConfig, GanParts>;

/// The smallest and the largest side of images.
const LEAST_SIDE: usize = 8;
const MOST_SIDE: usize = 128;

/// Images that a class must have to be told, and classes at the most.
const OF_A_CLASS: usize = 20;
const CLASSES: usize = 100;

/// Random numbers of an image.
const LATENT: usize = 64;

/// Sets of fewer images than these are augmented always, or half of the time.
const SMALL: usize = 2_000;
const MEDIUM: usize = 20_000;

/// What holds where an option of training is not given, chosen on Fashion-MNIST (`bench/gan/tried.json`).
fn defaults(model: GanKind) -> TrainingDefaults {
    TrainingDefaults {
        batch: 64,
        lr: match model {
            GanKind::Dcgan => 4e-4,
            GanKind::Residual => 1e-3,
        },
        averaging: Average::Ema { decay: 0.999 },
        weight_decay: 0.0,
        budget: Budget {
            epochs: 40,
            least: 4_000,
            most: 20_000,
        },
    }
}

impl GanLoss {
    /// The weight of the penalty where nobody says another.
    fn usual_penalty(self) -> f64 {
        match self {
            GanLoss::Wasserstein => 1.0,
            _ => 0.1,
        }
    }
}

/// How often images are augmented, by how many there are to learn from.
fn usual_augment(images: usize) -> f64 {
    match images {
        ..SMALL => 1.0,
        SMALL..MEDIUM => 0.5,
        _ => 0.0,
    }
}

/// Whether there are classes to tell, each of enough images.
fn has_classes(parts: &GanParts) -> bool {
    let count = parts.classes.len();
    let places = places(&parts.parts.train, &parts.classes);
    let of = |class: usize| places.iter().filter(|place| **place == class).count();
    (2..=CLASSES).contains(&count) && (0..count).all(|class| of(class) >= OF_A_CLASS)
}

/// Completes `options` for these images.
///
/// # Errors
/// [`ModelError::Options`] for a value out of its range, and [`GanError`] for images that cannot be learnt from.
pub(super) fn resolve(options: &GanOptions, material: &Material) -> Result<Resolved, ModelError> {
    let own = [material.valid.is_some(), material.test.is_some()];
    let split = split(options.split.as_deref(), USUAL, own)?;
    let sides = sides(&material.data)?;
    let seed = options.training.seed.unwrap_or(0);
    let (parts, mut assumptions) = cut(material, split.as_deref(), seed)?;
    let train = &parts.parts.train;
    let images = train.len();
    if Images::of(train, sides, &[]).are_one() {
        return Err(GanError::AllTheSame {
            file: named(train),
            count: images,
        }
        .into());
    }
    let model = options.model.unwrap_or(GanKind::Residual);
    let loss = options.loss.unwrap_or(GanLoss::Relativistic);
    let conditional = match options.conditional {
        Some(true) if parts.classes.len() < 2 => {
            return Err(GanError::NoClasses {
                file: named(&material.data),
            }
            .into());
        }
        Some(asked) => asked,
        None => has_classes(&parts),
    };
    let defaults = defaults(model);
    let mut training = options.training.resolve(&defaults, images)?;
    // A generator is never done: its rate stays, its average is what is kept, and the best of it is kept by the distance.
    training.schedule = options.training.schedule.unwrap_or(Schedule::Constant);
    training.clip = options.training.clip.unwrap_or(0.0);
    training.patience = options.training.patience.unwrap_or(0);
    let config = GanConfig {
        data: options.data.clone().unwrap_or_default(),
        valid: options.valid.clone(),
        test: options.test.clone(),
        split,
        label: options.label.clone(),
        model,
        latent: options.latent.unwrap_or(LATENT),
        widths: (options.widths.clone()).unwrap_or_else(|| Maps::usual_widths(model, sides)),
        conditional,
        spectral: options.spectral.unwrap_or(false),
        loss,
        penalty: options.penalty.unwrap_or(loss.usual_penalty()),
        augment: options.augment.unwrap_or(usual_augment(images)),
        discriminator_lr: options.discriminator_lr.unwrap_or(training.lr),
        discriminator_steps: options.discriminator_steps.unwrap_or(1),
        media: options.media.resolve(&material.data)?,
        training,
    };
    check(&config)?;
    assumptions.push(Assumption {
        what: "parts".into(),
        found: format!(
            "{images} images to learn from, {} to choose by, {} to judge on",
            parts.parts.valid.len(),
            parts.parts.test.len()
        ),
    });
    if options.conditional.is_none() && !parts.classes.is_empty() {
        let count = parts.classes.len();
        assumptions.push(Assumption {
            what: "conditional".into(),
            found: match conditional {
                true => format!("yes: both networks are told the {count} classes"),
                false => format!("no: {count} classes, not all of {OF_A_CLASS} images"),
            },
        });
    }
    if options.augment.is_none() && config.augment > 0.0 {
        assumptions.push(Assumption {
            what: "augment".into(),
            found: format!(
                "{}: there are {images} images to learn from",
                config.augment
            ),
        });
    }
    Ok(Resolved {
        config,
        parts,
        assumptions,
    })
}

/// Height, width and channels of images.
fn sides(examples: &Examples) -> Result<[usize; 3], ModelError> {
    let Some(Media::Image { size, colour }) = examples.media else {
        return Err(GanError::NotImages {
            file: named(examples),
            found: "no images",
        }
        .into());
    };
    let (width, height) = size;
    require_sides([height, width]).map(|()| [height, width, colour.channels()])
}

fn require_sides([height, width]: [usize; 2]) -> Result<(), ModelError> {
    let fits = LEAST_SIDE..=MOST_SIDE;
    match fits.contains(&height) && fits.contains(&width) {
        true => Ok(()),
        false => Err(GanError::Sides {
            width,
            height,
            least: LEAST_SIDE,
            most: MOST_SIDE,
        }
        .into()),
    }
}

/// Refuses a configuration with a value out of its range.
pub(super) fn check(config: &GanConfig) -> Result<(), ModelError> {
    let Some(sides) = config.media.sides() else {
        return Err(option_error(
            "size",
            "and `colour` of the images are missing",
        ));
    };
    require_sides([sides[0], sides[1]])?;
    ranges::whole("latent", config.latent, 1..=4_096)?;
    ranges::whole("discriminator_steps", config.discriminator_steps, 1..=100)?;
    for width in &config.widths {
        ranges::whole("widths", *width, 1..=4_096)?;
    }
    if config.widths.is_empty() || !Maps::fit(config.model, config.widths.len(), sides) {
        return Err(option_error(
            "widths",
            &format!(
                "has {} numbers; each further one halves the smallest map, and images of {}x{} can be halved so often as to have {} at the most",
                config.widths.len(),
                sides[1],
                sides[0],
                sides[0].min(sides[1]).ilog2()
            ),
        ));
    }
    if !(config.penalty.is_finite() && config.penalty >= 0.0) {
        let problem = format!("is {}; it is 0 (off) or more", config.penalty);
        return Err(option_error("penalty", &problem));
    }
    if !(0.0..=1.0).contains(&config.augment) {
        let problem = format!("is {}; it is a share from 0 (off) to 1", config.augment);
        return Err(option_error("augment", &problem));
    }
    if !(config.discriminator_lr.is_finite() && config.discriminator_lr > 0.0) {
        let problem = format!(
            "is {}; a learning rate is above 0, such as 0.001",
            config.discriminator_lr
        );
        return Err(option_error("discriminator_lr", &problem));
    }
    config.media.check()?;
    config.training.check()
}
