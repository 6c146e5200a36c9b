//! The ranges of the options.

use super::choices::{ModelKind, Start};
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
    for (key, share) in [
        ("dropout", config.dropout),
        ("recurrent_dropout", config.recurrent_dropout),
        ("zoneout", config.zoneout),
    ] {
        if !(0.0..1.0).contains(&share) {
            return Err(option_error(
                key,
                &format!("is {share}; it is a share from 0 to less than 1"),
            ));
        }
    }
    check_cell(config)?;
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

/// Refuses what does not concern the model, or cannot stand around its cell.
fn check_cell(config: &ForecastConfig) -> Result<(), ModelError> {
    let model = config.model;
    for (key, given, wanted) in [
        ("activation", config.activation.is_some(), ModelKind::Rnn),
        ("gates", config.gates.is_some(), ModelKind::Lstm),
        ("reset", config.reset.is_some(), ModelKind::Gru),
    ] {
        if given && model != wanted {
            return Err(option_error(
                key,
                &format!("is for the model `{wanted}`; the model is `{model}`"),
            ));
        }
    }
    if model == ModelKind::Segment {
        for (key, given) in [
            ("recurrent_dropout", config.recurrent_dropout > 0.0),
            ("zoneout", config.zoneout > 0.0),
            ("layer_norm", config.layer_norm),
            ("residual", config.residual),
        ] {
            if given {
                return Err(option_error(
                    key,
                    "is for the models that read step by step; `segment` is the published network",
                ));
            }
        }
    }
    let minimal = matches!(model, ModelKind::MinimalGru | ModelKind::MinimalLstm);
    if minimal && config.recurrent_dropout > 0.0 {
        return Err(option_error(
            "recurrent_dropout",
            &format!("drops what the gates read of the state, and those of `{model}` read none"),
        ));
    }
    if config.residual && config.layers < 2 {
        return Err(option_error(
            "residual",
            "adds the input of a layer to its output, which are as wide from the second layer on: it needs `layers = 2` or more",
        ));
    }
    if config.init == Start::Chrono && model == ModelKind::Rnn {
        return Err(option_error(
            "init",
            "is `chrono`, which sets the gates that keep the state, and the model `rnn` has none; take `orthogonal`",
        ));
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
