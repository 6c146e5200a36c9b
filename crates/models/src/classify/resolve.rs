//! From options as given and the examples themselves to a complete configuration.

use ressac_data::Assumption;
use ressac_data::examples::Inputs;
use ressac_train::Average;

use super::choices::Pool;
use super::config::{ClassifyConfig, ClassifyOptions};
use super::parts::{Parts, SHARES, cut as cut_parts};
use super::source::{Labelled, named};
use crate::ModelError;
use crate::cell::CellKind;
use crate::error::option_error;
use crate::options::{Budget, TrainingDefaults};
use crate::ranges::{self, at_least_one};

/// A configuration complete, and the parts.
pub type Resolved = crate::family::Resolved<ClassifyConfig, Parts>;

/// What holds for texts where an option of training is not given.
const TEXTS: TrainingDefaults = TrainingDefaults {
    batch: 32,
    lr: 2e-3,
    averaging: Average::Ema { decay: 0.99 },
    weight_decay: 0.01,
    budget: Budget {
        epochs: 12,
        least: 800,
        most: 20_000,
    },
};

/// The same for sequences of numbers.
const SEQUENCES: TrainingDefaults = TrainingDefaults {
    batch: 16,
    lr: 2e-3,
    averaging: Average::Ema { decay: 0.99 },
    weight_decay: 0.01,
    budget: Budget {
        epochs: 60,
        least: 1_200,
        most: 20_000,
    },
};

/// Hidden units, layers and dropout.
const NETWORK: (usize, usize, f64) = (64, 1, 0.3);

/// Completes `options` for these examples.
///
/// # Errors
/// [`ModelError::Options`] for a value out of its range or one that does not concern the kind of examples, and
/// [`ModelError::EmptyPart`] where no example is left to learn from.
pub fn resolve(options: &ClassifyOptions, data: &Labelled) -> Result<Resolved, ModelError> {
    let texts = matches!(data.data.inputs, Inputs::Texts(_));
    refuse_other_kind(options, data, texts)?;
    let seed = options.training.seed.unwrap_or(0);
    let cut = data.valid.is_none() || data.test.is_none();
    if let Some(split) = options.split.as_deref().filter(|_| !cut) {
        return Err(option_error(
            "split",
            &format!(
                "is `{split}`, and both `valid` and `test` have files of their own: leave it out"
            ),
        ));
    }
    let split = cut.then(|| options.split.clone().unwrap_or_else(|| SHARES.to_owned()));
    let (parts, mut assumptions) = cut_parts(data, split.as_deref(), seed)?;
    if cut && options.split.is_none() {
        assumptions.push(Assumption {
            what: "parts".into(),
            found: format!(
                "{} examples to train on, {} to validate on, {} to test on",
                parts.train.len(),
                parts.valid.len(),
                parts.test.len()
            ),
        });
    }
    let model = options.model.unwrap_or(CellKind::Lstm);
    let given = |value: Option<usize>, usual: usize| texts.then(|| value.unwrap_or(usual));
    let share = |value: Option<f64>, usual: f64| texts.then(|| value.unwrap_or(usual));
    let config = ClassifyConfig {
        data: options.data.clone().unwrap_or_default(),
        valid: options.valid.clone(),
        test: options.test.clone(),
        split,
        header: options.header,
        text: options.text.clone(),
        label: options.label.clone(),
        sequence: options.sequence.clone(),
        columns: options.columns.clone(),
        words: given(options.words, 20_000),
        at_least: given(options.at_least, 1),
        lower_case: texts.then(|| options.lower_case.unwrap_or(true)),
        embedding: given(options.embedding, 100),
        embedding_dropout: share(options.embedding_dropout, 0.5),
        word_dropout: share(options.word_dropout, 0.1),
        model,
        bidirectional: options.bidirectional.unwrap_or(true),
        pool: options.pool.unwrap_or(Pool::Max),
        recurrent: options.recurrent.resolve(Some(model), NETWORK),
        training: options
            .training
            .resolve(if texts { &TEXTS } else { &SEQUENCES }, parts.train.len())?,
    };
    check(&config)?;
    Ok(Resolved {
        config,
        parts,
        assumptions,
    })
}

/// Refuses options of texts for sequences, and the other way round.
fn refuse_other_kind(
    options: &ClassifyOptions,
    data: &Labelled,
    texts: bool,
) -> Result<(), ModelError> {
    let of_texts = [
        ("words", options.words.is_some()),
        ("at_least", options.at_least.is_some()),
        ("lower_case", options.lower_case.is_some()),
        ("embedding", options.embedding.is_some()),
        ("embedding_dropout", options.embedding_dropout.is_some()),
        ("word_dropout", options.word_dropout.is_some()),
    ];
    let given = of_texts.iter().find(|(_, given)| *given && !texts);
    match given {
        None => Ok(()),
        Some((key, _)) => Err(option_error(
            key,
            &format!(
                "is for texts, and `{}` holds sequences of numbers: leave it out",
                named(&data.data)
            ),
        )),
    }
}

/// Refuses a configuration with a value out of its range.
pub(super) fn check(config: &ClassifyConfig) -> Result<(), ModelError> {
    for (key, value) in [("words", config.words), ("at_least", config.at_least)] {
        if let Some(value) = value {
            at_least_one(key, value)?;
        }
    }
    if let Some(width) = config.embedding {
        ranges::whole("embedding", width, 1..=16_384)?;
    }
    for (key, share) in [
        ("embedding_dropout", config.embedding_dropout),
        ("word_dropout", config.word_dropout),
    ] {
        if let Some(share) = share {
            ranges::share(key, share)?;
        }
    }
    config.recurrent.check(config.model)?;
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
