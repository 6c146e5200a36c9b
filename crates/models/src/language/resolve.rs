//! From options as given and the text itself to a complete configuration.

use ressac_data::Assumption;

use super::config::{LanguageConfig, LanguageOptions};
use super::pipeline::LanguagePipeline;
use super::source::Text;
use crate::ModelError;
use crate::cell::CellKind;
use crate::error::option_error;
use crate::options::{Budget, TrainingDefaults};
use crate::part::{Part, shares, split};
use crate::ranges;
use crate::text::{Codes, Fitted, TextDefaults, TokenizerKind};

/// Lines to learn from, to choose by and to judge on.
pub(super) type Parts = crate::part::Parts<Vec<String>>;

/// What a training has at hand before there is a network.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The lines of each part.
    pub parts: Parts,
    /// What was fitted on the lines learnt from.
    pub fitted: Fitted,
    /// The training part as tokens, with the ends of its lines.
    pub training: Vec<u32>,
}

impl Prepared {
    /// What a model keeps of it.
    pub(super) fn pipeline(&self) -> LanguagePipeline {
        LanguagePipeline {
            texts: self.fitted.tokenizer.clone(),
            tokens: self.training.len(),
            lines: self.parts.train.len(),
        }
    }
}

/// A configuration complete, and the parts.
pub(super) type Resolved = crate::family::Resolved<LanguageConfig, Prepared>;

/// The shares where nobody says others: for training, validation and test.
const USUAL: &str = "0.9,0.05,0.05";

/// Hidden units, layers and dropout.
const NETWORK: (usize, usize, f64) = (256, 2, 0.2);

/// Numbers in the vector of a character.
const OF_CHARACTERS: usize = 64;

/// What holds where an option of training is not given.
const TRAINING: TrainingDefaults = TrainingDefaults {
    batch: 32,
    lr: 2e-3,
    budget: Budget {
        epochs: 12,
        least: 800,
        most: 40_000,
    },
    ..TrainingDefaults::OF_ITEMS
};

/// Completes `options` for this text.
///
/// # Errors
/// [`ModelError::Options`] for a value out of its range, and [`ModelError::EmptyPart`] where no line is left to learn from.
pub(super) fn resolve(options: &LanguageOptions, text: &Text) -> Result<Resolved, ModelError> {
    let own = [text.valid.is_some(), text.test.is_some()];
    let split = split(options.split.as_deref(), USUAL, own)?;
    let parts = cut_parts(text, split.as_deref())?;
    let mut assumptions = Vec::new();
    if split.is_some() && options.split.is_none() {
        assumptions.push(Assumption {
            what: "parts".into(),
            found: format!(
                "the first {} lines to train on, {} to validate on, {} to test on",
                parts.train.len(),
                parts.valid.len(),
                parts.test.len()
            ),
        });
    }
    let model = options.model.unwrap_or(CellKind::Lstm);
    let recurrent = options.recurrent.resolve(Some(model), NETWORK);
    let of_characters =
        options.texts.tokenizer.unwrap_or(TokenizerKind::Characters) == TokenizerKind::Characters;
    let texts = options.texts.resolve(&TextDefaults {
        tokenizer: TokenizerKind::Characters,
        lower_case: false,
        embedding: if of_characters {
            OF_CHARACTERS
        } else {
            recurrent.hidden
        },
        embedding_dropout: recurrent.dropout,
        word_dropout: 0.0,
    })?;
    let fitted = Fitted::new(&parts.train, &texts)?;
    fitted.tokenizer.require_some(&texts)?;
    let codes = Codes::new(&fitted.tokenizer);
    let training = codes.stream(parts.train.iter().map(String::as_str));
    let window = options.window.unwrap_or(64);
    let batch = options.training.batch.unwrap_or(TRAINING.batch).max(1);
    // About as many as the learner's streams have, for all rows of a batch together.
    let windows = (training.len() / batch).div_ceil(window.max(1)) + 1;
    let config = LanguageConfig {
        data: options.data.clone().unwrap_or_default(),
        valid: options.valid.clone(),
        test: options.test.clone(),
        split,
        text: options.text.clone(),
        model,
        window,
        tied: options.tied.unwrap_or(!of_characters),
        weight_dropout: options.weight_dropout.unwrap_or(0.0),
        variational: options.variational.unwrap_or(false),
        recurrent,
        texts,
        training: options.training.resolve(&TRAINING, windows * batch)?,
    };
    check(&config)?;
    assumptions.extend(fitted.assumptions());
    Ok(Resolved {
        config,
        parts: Prepared {
            parts,
            fitted,
            training,
        },
        assumptions,
    })
}

/// Refuses a configuration with a value out of its range.
pub(super) fn check(config: &LanguageConfig) -> Result<(), ModelError> {
    config.texts.check()?;
    ranges::whole("window", config.window, 1..=100_000)?;
    ranges::share("weight_dropout", config.weight_dropout)?;
    config.recurrent.check(config.model)?;
    let minimal = matches!(config.model, CellKind::MinimalGru | CellKind::MinimalLstm);
    if minimal && config.weight_dropout > 0.0 {
        return Err(option_error(
            "weight_dropout",
            &format!(
                "drops recurrent weights, and those of `{}` are none",
                config.model
            ),
        ));
    }
    config.training.check()
}

/// Cuts the lines in their order: `split` are shares for the parts that have no files of their own.
///
/// # Errors
/// Shares that are none, or a training part without a line.
pub(super) fn cut_parts(text: &Text, split: Option<&str>) -> Result<Parts, ModelError> {
    let shares = shares(
        split.unwrap_or(USUAL),
        USUAL,
        [text.valid.is_some(), text.test.is_some()],
    )?;
    let [train, valid, test] = text.data.cut(shares);
    let own = |part: &Option<ressac_data::corpus::Corpus>, cut: Vec<String>| match part {
        Some(own) => own.lines.clone(),
        None => cut,
    };
    let parts = Parts {
        train,
        valid: own(&text.valid, valid),
        test: own(&text.test, test),
    };
    match parts.train.iter().all(|line| line.trim().is_empty()) {
        true => Err(ModelError::EmptyPart {
            part: Part::Train,
            item: "text",
            advice: "Give more text, or it a larger share with `split`",
        }),
        false => Ok(parts),
    }
}
