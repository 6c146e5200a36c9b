//! The ranges of the options.

use super::choices::ModelKind;
use super::config::ForecastConfig;
use crate::ModelError;

/// Refuses a configuration with a value out of its range.
pub(super) fn check(config: &ForecastConfig) -> Result<(), ModelError> {
    for (key, value) in [
        ("horizon", config.horizon),
        ("context", config.context),
        ("hidden", config.hidden),
        ("layers", config.layers),
        ("segment", config.segment),
        ("epochs", config.epochs),
        ("batch", config.batch),
        ("stride", config.stride),
    ] {
        at_least_one(key, value)?;
    }
    // Weights of more would not fit into the memory of the machines this is made for.
    for (key, value, most) in [
        ("hidden", config.hidden, 16_384),
        ("layers", config.layers, 64),
    ] {
        if value > most {
            return Err(option_error(
                key,
                &format!("is {value}; it is at most {most}"),
            ));
        }
    }
    if !(config.lr.is_finite() && config.lr > 0.0) {
        return Err(option_error(
            "lr",
            &format!(
                "is {}; a learning rate is above 0, such as 0.001",
                config.lr
            ),
        ));
    }
    if !(0.0..1.0).contains(&config.dropout) {
        return Err(option_error(
            "dropout",
            &format!("is {}; it is a share from 0 to less than 1", config.dropout),
        ));
    }
    for (key, value) in [("weight_decay", config.weight_decay), ("clip", config.clip)] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(option_error(
                key,
                &format!("is {value}; it is 0 (off) or more"),
            ));
        }
    }
    let (context, horizon) = (config.context, config.horizon);
    if let Some(lag) = config
        .lags
        .iter()
        .find(|lag| **lag < horizon || **lag > context)
    {
        return Err(option_error(
            "lags",
            &format!(
                "holds {lag}; a lag is at least the horizon ({horizon}), so that it is known for every step, and at most the context ({context})"
            ),
        ));
    }
    if config.model == ModelKind::Segment {
        if !config.lags.is_empty() {
            return Err(option_error(
                "lags",
                "are for the models rnn, lstm and gru; `segment` reads its context in segments",
            ));
        }
        if config.segment > context {
            return Err(option_error(
                "segment",
                &format!(
                    "is {}, longer than the context of {context} steps",
                    config.segment
                ),
            ));
        }
        if config.hidden < 2 {
            return Err(option_error(
                "hidden",
                "is 1; the model `segment` shares its hidden units between position and column and needs 2",
            ));
        }
    }
    Ok(())
}

pub(super) fn at_least_one(key: &str, value: usize) -> Result<(), ModelError> {
    // The upper bound keeps products of sizes far from overflow.
    if (1..=1_000_000).contains(&value) {
        Ok(())
    } else {
        Err(option_error(
            key,
            &format!("is {value}; it is a number from 1 to 1000000"),
        ))
    }
}

pub(super) fn option_error(key: &str, problem: &str) -> ModelError {
    ModelError::Options {
        key: key.to_owned(),
        problem: problem.to_owned(),
    }
}
