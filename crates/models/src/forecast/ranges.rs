//! The ranges of a forecaster's options.

use super::choices::ModelKind;
use super::config::ForecastConfig;
use crate::ModelError;
use crate::error::option_error;
use crate::ranges::at_least_one;

/// Refuses a configuration with a value out of its range.
pub(super) fn check(config: &ForecastConfig) -> Result<(), ModelError> {
    for (key, value) in [
        ("horizon", config.horizon),
        ("context", config.context),
        ("segment", config.segment),
        ("stride", config.stride),
    ] {
        at_least_one(key, value)?;
    }
    config.recurrent.check(config.cell_kind())?;
    config.training.check()?;
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
        check_segment(config)?;
    }
    Ok(())
}

/// Refuses what the published network does not have.
fn check_segment(config: &ForecastConfig) -> Result<(), ModelError> {
    let recurrent = &config.recurrent;
    if recurrent.reset.is_some() {
        return Err(option_error(
            "reset",
            "is for the model `gru`; the model is `segment`",
        ));
    }
    for (key, given) in [
        ("recurrent_dropout", recurrent.recurrent_dropout > 0.0),
        ("zoneout", recurrent.zoneout > 0.0),
        ("layer_norm", recurrent.layer_norm),
        ("residual", recurrent.residual),
    ] {
        if given {
            return Err(option_error(
                key,
                "is for the models that read step by step; `segment` is the published network",
            ));
        }
    }
    if !config.lags.is_empty() {
        return Err(option_error(
            "lags",
            "are for the models rnn, lstm and gru; `segment` reads its context in segments",
        ));
    }
    if config.segment > config.context {
        return Err(option_error(
            "segment",
            &format!(
                "is {}, longer than the context of {} steps",
                config.segment, config.context
            ),
        ));
    }
    if recurrent.hidden < 2 {
        return Err(option_error(
            "hidden",
            "is 1; the model `segment` shares its hidden units between position and column and needs 2",
        ));
    }
    Ok(())
}
