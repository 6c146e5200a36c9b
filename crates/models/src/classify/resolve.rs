//! From options as given and the examples themselves to a complete configuration.

use ressac_data::Assumption;
use ressac_data::examples::{Examples, Inputs, Media};

use super::augment::Kind;
use super::choices::{ClassWeights, Pool};
use super::config::{ClassifyConfig, ClassifyOptions};
use super::parts::{Parts, Prepared, cut as cut_parts, usual_shares};
use super::source::Labelled;
use super::stem::{self, StemOptions};
use super::target::{check_separator, require_learnable};
use crate::ModelError;
use crate::cell::CellKind;
use crate::error::option_error;
use crate::examples::named;
use crate::options::{Budget, RecurrentConfig, TrainingDefaults};
use crate::part::split;
use crate::ranges;
use crate::text::{Fitted, TextDefaults};

/// A configuration complete, and the parts.
pub type Resolved = crate::family::Resolved<ClassifyConfig, Prepared>;

/// What holds for sequences of numbers where an option of training is not given.
const SEQUENCES: TrainingDefaults = TrainingDefaults {
    batch: 16,
    budget: Budget {
        epochs: 60,
        least: 1_200,
        most: 20_000,
    },
    ..TrainingDefaults::OF_ITEMS
};

/// The same of images: a map has many places, and each is an example for a kernel.
const IMAGES: TrainingDefaults = TrainingDefaults {
    batch: 64,
    budget: Budget {
        epochs: 15,
        least: 1_200,
        most: 20_000,
    },
    ..TrainingDefaults::OF_ITEMS
};

/// Hashes of more words and pairs than this no training part has.
const MOST_BUCKETS: usize = 1 << 26;

/// Hidden units, layers and dropout.
pub(super) const NETWORK: (usize, usize, f64) = (64, 1, 0.3);

/// Completes `options` for these examples.
///
/// # Errors
/// [`ModelError::Options`] for a value out of its range or one that does not concern the kind of examples, and
/// [`ModelError::EmptyPart`] where no example is left to learn from.
pub fn resolve(options: &ClassifyOptions, data: &Labelled) -> Result<Resolved, ModelError> {
    require_learnable(data)?;
    let texts = matches!(data.data.inputs, Inputs::Texts(_));
    let seed = options.training.seed.unwrap_or(0);
    let own = [data.valid.is_some(), data.test.is_some()];
    let split = split(options.split.as_deref(), usual_shares(data), own)?;
    let (parts, mut assumptions) = cut_parts(data, split.as_deref(), seed)?;
    if split.is_some() && options.split.is_none() {
        assumptions.push(Assumption {
            what: "parts".into(),
            found: format!(
                "{} examples to train on, {} to validate on, {} to test on",
                parts.train.len(),
                match parts.valid.len() {
                    0 => "too few to hold some back".to_owned(),
                    count => count.to_string(),
                },
                parts.test.len()
            ),
        });
    }
    let model = options.model.unwrap_or(CellKind::Lstm);
    let of_texts = match texts {
        true => options.texts.resolve(&TextDefaults::default())?,
        false => {
            let held = format!("`{}` holds sequences of numbers", named(&data.data));
            if options.wide.is_some() {
                return Err(option_error(
                    "wide",
                    &format!("is for texts, and {held}: leave it out"),
                ));
            }
            options.texts.refused(&held)?
        }
    };
    let augment = match texts {
        true => options.augment.refused()?,
        false => options.augment.resolve(Kind::of(data.data.media))?,
    };
    let front = StemOptions {
        stem: options.stem.clone(),
        filters: options.filters,
        stride: options.stride,
    };
    let images = matches!(data.data.media, Some(Media::Image { .. }));
    let front = front.resolve(median_steps(&parts.train), images)?;
    let (hidden, layers, dropout) = NETWORK;
    // What convolutions make of an image needs no order.
    let alone = images && front.stem.as_ref().is_some_and(|stem| !stem.is_empty());
    let network = (hidden, if alone { 0 } else { layers }, dropout);
    let config = ClassifyConfig {
        media: options.media.resolve(&data.data)?,
        stem: front.stem,
        filters: front.filters,
        stride: front.stride,
        data: options.data.clone().unwrap_or_default(),
        valid: options.valid.clone(),
        test: options.test.clone(),
        split,
        header: options.header,
        text: options.text.clone(),
        label: options.label.clone(),
        label_separator: options.label_separator.clone(),
        sequence: options.sequence.clone(),
        columns: options.columns.clone(),
        learning_curve: options.learning_curve,
        model,
        bidirectional: options.bidirectional.unwrap_or(true),
        class_weights: Some(options.class_weights.unwrap_or(ClassWeights::None)),
        label_smoothing: Some(options.label_smoothing.unwrap_or(0.0)),
        pool: options.pool.unwrap_or(Pool::Max),
        ensemble: Some(options.ensemble.unwrap_or(1)),
        wide: texts.then(|| options.wide.unwrap_or(0)),
        recurrent: options.recurrent.resolve(Some(model), network),
        texts: of_texts,
        augment,
        training: options.training.resolve(
            match (texts, images) {
                (true, _) => &TrainingDefaults::OF_ITEMS,
                (false, true) => &IMAGES,
                (false, false) => &SEQUENCES,
            },
            parts.train.len(),
        )?,
    };
    check(&config)?;
    let fitted = match &parts.train.inputs {
        Inputs::Texts(texts) => Some(Fitted::new(texts, &config.texts)?),
        Inputs::Sequences(_) => None,
    };
    assumptions.extend(fitted.iter().flat_map(Fitted::assumptions));
    Ok(Resolved {
        config,
        parts: Prepared {
            parts,
            fitted,
            columns: data.columns.clone(),
        },
        assumptions,
    })
}

/// The steps of half of these sequences at the most; nothing for texts.
fn median_steps(examples: &Examples) -> Option<usize> {
    let Inputs::Sequences(sequences) = &examples.inputs else {
        return None;
    };
    let mut steps: Vec<usize> = sequences.items.iter().map(|item| item.steps).collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied()
}

/// Refuses a configuration with a value out of its range.
pub(super) fn check(config: &ClassifyConfig) -> Result<(), ModelError> {
    config.texts.check()?;
    config.media.check()?;
    config.augment.check()?;
    ranges::whole("ensemble", config.members(), 1..=100)?;
    check_separator(config.label_separator.as_deref())?;
    stem::check(config)?;
    if let Some(smoothing) = config.label_smoothing {
        ranges::share("label_smoothing", smoothing)?;
    }
    if let Some(buckets) = config.wide {
        ranges::whole("wide", buckets, 0..=MOST_BUCKETS)?;
    }
    let recurrent = RecurrentConfig {
        layers: match config.kernels().is_empty() {
            true => config.recurrent.layers,
            false => config.recurrent.layers.max(1),
        },
        ..config.recurrent.clone()
    };
    recurrent.check(config.model)?;
    if config.recurrent.residual && config.bidirectional && config.recurrent.layers < 2 {
        return Err(option_error("residual", "needs `layers = 2` or more"));
    }
    config.training.check()
}

/// Refuses a validation or test part with a class that the training part does not have.
pub(super) fn require_known(
    pipeline: &super::ClassifyPipeline,
    parts: &Parts,
) -> Result<(), ModelError> {
    for part in [&parts.valid, &parts.test] {
        pipeline.truth(part)?;
    }
    Ok(())
}
