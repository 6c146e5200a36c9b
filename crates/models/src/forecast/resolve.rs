//! From options as given and the series itself to a complete configuration.
//!
//! Everything inferred is handed back as an assumption, for the command to tell: nothing is
//! guessed in silence.

use ressac_data::split::Split;
use ressac_data::{Assumption, Table};
use ressac_stats::season;

use super::config::{CellKind, ForecastConfig, ForecastOptions, Loss};
use crate::ModelError;

/// A configuration complete, the parts it cuts the rows into, and what was inferred.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Every option with its value.
    pub config: ForecastConfig,
    /// The rows of the training, validation and test parts.
    pub split: Split,
    /// What was inferred, in the order of the options.
    pub assumptions: Vec<Assumption>,
}

/// Completes `options` for the series in `table` (whose columns are the targets).
///
/// # Errors
/// [`ModelError::Options`] for a value out of its range or a missing horizon, and
/// [`ModelError::TooShort`] when not one training window fits.
pub fn resolve(options: &ForecastOptions, table: &Table) -> Result<Resolved, ModelError> {
    let mut assumptions = Vec::new();
    let mut assume = |what: &str, found: String| {
        assumptions.push(Assumption {
            what: what.to_owned(),
            found,
        })
    };
    let rows = table.rows();
    let horizon = options.horizon.ok_or_else(|| {
        option_error(
            "horizon",
            "is missing: say how many steps to forecast, such as `--horizon 24`",
        )
    })?;
    at_least_one("horizon", horizon)?;

    if options.target.is_none() {
        assume("target", table.names.join(", "));
    }
    let season = options.season.or_else(|| {
        let found = table
            .time
            .as_ref()
            .and_then(|axis| axis.step)
            .and_then(|step| season::from_step(step.nominal_seconds()));
        match found {
            Some(season) => assume("season", format!("{season} steps")),
            None => assume(
                "season",
                "none: seasonal-naive and mase are left out".into(),
            ),
        }
        found
    });
    if let Some(season) = season {
        at_least_one("season", season)?;
    }

    let split = match &options.split {
        Some(text) => Split::parse(text, rows)?,
        None => {
            let split = Split::default_for(rows);
            assume(
                "split",
                format!(
                    "{} rows to train, {} to validate, {} to test",
                    split.train.len(),
                    split.valid.len(),
                    split.test.len()
                ),
            );
            split
        }
    };
    let context = options.context.unwrap_or_else(|| {
        // Four seasons show the network the season and its change; a quarter of the training part
        // at the most, so that a short series still has windows to learn from.
        let wished = (4 * season.unwrap_or(0)).max(horizon).max(12);
        let context = wished.min((split.train.len() / 4).max(1));
        assume("context", format!("{context} steps"));
        context
    });
    at_least_one("context", context)?;
    if context + horizon > split.train.len() {
        return Err(too_short(rows, &split, context, horizon));
    }

    let config = ForecastConfig {
        data: options.data.clone().unwrap_or_default(),
        header: options.header,
        time: table.time.as_ref().map(|axis| axis.name.clone()),
        target: table.names.clone(),
        horizon,
        context,
        season,
        split: format!(
            "{},{},{}",
            split.train.len(),
            split.valid.len(),
            split.test.len()
        ),
        // Cell and learning rate did best on ETTh1's validation part among those tried.
        model: options.model.unwrap_or(CellKind::Gru),
        hidden: options.hidden.unwrap_or(64),
        layers: options.layers.unwrap_or(1),
        dropout: options.dropout.unwrap_or(0.1),
        subtract_last: options.subtract_last.unwrap_or(true),
        loss: options.loss.unwrap_or(Loss::Mse),
        epochs: options.epochs.unwrap_or(10),
        batch: options.batch.unwrap_or(32),
        lr: options.lr.unwrap_or(2e-3),
        weight_decay: options.weight_decay.unwrap_or(0.01),
        clip: options.clip.unwrap_or(1.0),
        patience: options.patience.unwrap_or(3),
        time_limit: options.time_limit,
        seed: options.seed.unwrap_or(0),
    };
    check_ranges(&config)?;
    Ok(Resolved {
        config,
        split,
        assumptions,
    })
}

fn check_ranges(config: &ForecastConfig) -> Result<(), ModelError> {
    for (key, value) in [
        ("hidden", config.hidden),
        ("layers", config.layers),
        ("epochs", config.epochs),
        ("batch", config.batch),
    ] {
        at_least_one(key, value)?;
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
    Ok(())
}

fn at_least_one(key: &str, value: usize) -> Result<(), ModelError> {
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

fn option_error(key: &str, problem: &str) -> ModelError {
    ModelError::Options {
        key: key.to_owned(),
        problem: problem.to_owned(),
    }
}

fn too_short(rows: usize, split: &Split, context: usize, horizon: usize) -> ModelError {
    let window = context + horizon;
    let training = split.train.len().max(1);
    ModelError::TooShort {
        rows,
        training: split.train.len(),
        context,
        horizon,
        // The same shares of a longer file.
        needed: (window * rows).div_ceil(training),
    }
}
