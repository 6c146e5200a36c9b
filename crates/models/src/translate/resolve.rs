//! From options as given and the pairs themselves to a complete configuration.

use ressac_data::Assumption;
use ressac_data::pairs::{Pairs, Tongues};
use ressac_nn::random::Stream;

use super::choices::Attention;
use super::config::{TranslateConfig, TranslateOptions};
use super::encoded::Encoded;
use super::error::TranslateError;
use super::pipeline::TranslatePipeline;
use super::source::{self, Corpora};
use crate::ModelError;
use crate::cell::CellKind;
use crate::error::option_error;
use crate::options::{Budget, TrainingDefaults};
use crate::part::{Part, shares, split};
use crate::ranges;
use crate::text::{Codes, Fitted, TextDefaults, Tokenizer, TokenizerKind};

/// Pairs to learn from, to choose by and to judge on.
pub(super) type Parts = crate::part::Parts<Pairs>;

/// What a training has at hand before there is a network.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The pairs of each part.
    pub(super) parts: Parts,
    /// What was fitted on the sources, or on both sides together.
    pub(super) fitted: Fitted,
    /// What was fitted on the targets, where they have tokens of their own.
    pub(super) targets: Option<Tokenizer>,
    /// The pairs that are learnt from, as numbers.
    pub(super) training: Encoded,
    trigrams: [Vec<(String, u32)>; 2],
}

impl Prepared {
    /// What a model keeps of it.
    pub(super) fn pipeline(&self) -> TranslatePipeline {
        let tokens = |side: &[Vec<u32>]| side.iter().map(Vec::len).sum::<usize>();
        let mut lengths: Vec<usize> = self.training.sources.iter().map(Vec::len).collect();
        lengths.sort_unstable();
        let sources = tokens(&self.training.sources).max(1);
        TranslatePipeline {
            sources: self.fitted.tokenizer.clone(),
            targets: self.targets.clone(),
            trigrams: self.trigrams.clone(),
            columns: self.parts.train.columns.clone(),
            pairs: self.training.len(),
            median_steps: lengths.get(lengths.len() / 2).copied().unwrap_or(1),
            ratio: tokens(&self.training.targets) as f64 / sources as f64,
        }
    }
}

/// A configuration complete, and the parts.
pub(super) type Resolved = crate::family::Resolved<TranslateConfig, Prepared>;

/// The shares where nobody says others: for training, validation and test.
const USUAL: &str = "0.9,0.05,0.05";

/// Hidden units, layers and dropout.
const NETWORK: (usize, usize, f64) = (256, 2, 0.3);

/// Tokens of a text that are read at the most.
const LONGEST: usize = 200;

/// What holds where an option of training is not given.
const TRAINING: TrainingDefaults = TrainingDefaults {
    batch: 64,
    lr: 2e-3,
    averaging: ressac_train::Average::Ema { decay: 0.99 },
    weight_decay: 0.01,
    budget: Budget {
        epochs: 20,
        least: 2_000,
        most: 40_000,
    },
};

/// Completes `options` for these pairs.
///
/// # Errors
/// [`ModelError::Options`] for a value out of its range, [`TranslateError`] for parts whose sides are exchanged, and
/// [`ModelError::EmptyPart`] where no pair is left to learn from.
pub(super) fn resolve(
    options: &TranslateOptions,
    corpora: &Corpora,
) -> Result<Resolved, ModelError> {
    let own = [corpora.valid.is_some(), corpora.test.is_some()];
    let split = split(options.split.as_deref(), USUAL, own)?;
    let seed = options.training.seed.unwrap_or(0);
    let parts = cut_parts(corpora, split.as_deref(), seed)?;
    let mut assumptions = Vec::new();
    if split.is_some() && options.split.is_none() {
        assumptions.push(Assumption {
            what: "parts".into(),
            found: format!(
                "{} pairs to train on, {} to validate on, {} to test on",
                parts.train.len(),
                parts.valid.len(),
                parts.test.len()
            ),
        });
    }
    let tongues = Tongues::of(&parts.train);
    for part in [&parts.valid, &parts.test] {
        if tongues.are_exchanged(part) {
            return Err(TranslateError::Exchanged(source::named(part)).into());
        }
    }
    let model = options.model.unwrap_or(CellKind::Gru);
    let recurrent = options.recurrent.resolve(Some(model), NETWORK);
    let mut texts = options.texts.resolve(&TextDefaults {
        tokenizer: TokenizerKind::Subwords,
        lower_case: false,
        embedding: recurrent.hidden,
        embedding_dropout: recurrent.dropout,
        word_dropout: 0.0,
    })?;
    texts.max_length = texts.max_length.or(Some(LONGEST));
    let shared = options.shared_vocabulary.unwrap_or(false);
    let (sources, targets) = (&parts.train.sources, &parts.train.targets);
    let (fitted, targets) = match shared {
        true => (
            Fitted::new(&[&sources[..], &targets[..]].concat(), &texts)?,
            None,
        ),
        false => (
            Fitted::new(sources, &texts)?,
            Some(Tokenizer::fit(targets, &texts)),
        ),
    };
    let codes = [
        &fitted.tokenizer,
        targets.as_ref().unwrap_or(&fitted.tokenizer),
    ]
    .map(Codes::new);
    let training = Encoded::to_learn_from(codes[0], codes[1], &parts.train);
    if training.len() == 0 {
        return Err(TranslateError::NoPair {
            pairs: parts.train.len(),
            most: texts.max_length.unwrap_or(0),
        }
        .into());
    }
    for tokenizer in [Some(&fitted.tokenizer), targets.as_ref()]
        .into_iter()
        .flatten()
    {
        tokenizer.require_some(&texts)?;
    }
    let config = TranslateConfig {
        data: options.data.clone().unwrap_or_default(),
        valid: options.valid.clone(),
        test: options.test.clone(),
        split,
        header: options.header,
        source: options.source.clone(),
        target: options.target.clone(),
        model,
        bidirectional: options.bidirectional.unwrap_or(true),
        attention: options.attention.unwrap_or(Attention::Bahdanau),
        tied: options.tied.unwrap_or(true),
        shared_vocabulary: shared,
        label_smoothing: options.label_smoothing.unwrap_or(0.1),
        variational: options.variational.unwrap_or(false),
        recurrent,
        texts,
        training: options.training.resolve(&TRAINING, training.len())?,
    };
    check(&config)?;
    assumptions.extend(fitted.assumptions());
    Ok(Resolved {
        config,
        parts: Prepared {
            parts,
            fitted,
            targets,
            training,
            trigrams: [tongues.source.trigrams, tongues.target.trigrams],
        },
        assumptions,
    })
}

/// Refuses a configuration with a value out of its range.
pub(super) fn check(config: &TranslateConfig) -> Result<(), ModelError> {
    config.texts.check()?;
    ranges::share("label_smoothing", config.label_smoothing)?;
    config.recurrent.check(config.model)?;
    if config.recurrent.residual && config.bidirectional {
        return Err(option_error(
            "residual",
            "adds the input of a layer to its output, and of an encoder in both directions the output is twice as wide: it needs `bidirectional = no`",
        ));
    }
    config.training.check()
}

/// Cuts the pairs: `split` are shares for the parts that have no files of their own, of an order that `seed` draws.
///
/// # Errors
/// Shares that are none, or a training part without a pair.
pub(super) fn cut_parts(
    corpora: &Corpora,
    split: Option<&str>,
    seed: u64,
) -> Result<Parts, ModelError> {
    let own = [corpora.valid.is_some(), corpora.test.is_some()];
    let shares = shares(split.unwrap_or(USUAL), USUAL, own)?;
    let count = corpora.data.len();
    let parts = if own == [true, true] {
        Parts {
            train: corpora.data.clone(),
            valid: corpora.valid.clone().unwrap_or_default(),
            test: corpora.test.clone().unwrap_or_default(),
        }
    } else {
        let mut order: Vec<usize> = (0..count).collect();
        Stream::new(seed, "split").generator().shuffle(&mut order);
        let end = |share: f64| ((share * count as f64).round() as usize).min(count);
        let ends = [end(shares[0]), end(shares[0] + shares[1])];
        let part = |own: &Option<Pairs>, places: &[usize]| match own {
            Some(own) => own.clone(),
            None => corpora.data.subset(places),
        };
        Parts {
            train: corpora.data.subset(&order[..ends[0]]),
            valid: part(&corpora.valid, &order[ends[0]..ends[1]]),
            test: part(&corpora.test, &order[ends[1]..]),
        }
    };
    match parts.train.is_empty() {
        false => Ok(parts),
        true => Err(ModelError::EmptyPart {
            part: Part::Train,
            item: "pair",
            advice: "Give more pairs, or it a larger share with `split`",
        }),
    }
}
