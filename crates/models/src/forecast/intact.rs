//! Whether the files of a model folder belong together and hold what a forecaster can run with: a
//! damaged folder is refused in words, before anything is allocated or computed from it.

use super::config::ForecastConfig;
use super::pipeline::ForecastPipeline;
use super::ranges;
use super::scale::ColumnScale;
use crate::{ModelError, intact};

/// Refuses a configuration and a pipeline that are not of one sound model.
pub(super) fn check(
    config: &ForecastConfig,
    pipeline: &ForecastPipeline,
) -> Result<(), ModelError> {
    let wrong = |what: String| Err(intact::wrong(what));
    intact::of_options(ranges::check(config))?;
    let targets = pipeline.targets.len();
    let fits = |scales: &[ColumnScale]| scales.len() == targets;
    if targets == 0 || !fits(&pipeline.pooled) || !pipeline.own.values().all(|own| fits(own)) {
        return wrong(format!(
            "the pipeline does not hold one scale for each of {targets} columns"
        ));
    }
    let usable = |scale: &ColumnScale| {
        scale.mean.is_finite() && scale.deviation.is_finite() && scale.deviation > 0.0
    };
    let covariates = pipeline.known.iter().chain(&pipeline.past);
    let scales = pipeline
        .pooled
        .iter()
        .chain(pipeline.own.values().flatten());
    if !scales.chain(covariates.map(|(_, scale)| scale)).all(usable) {
        return wrong("the pipeline holds a scale that is not a number above 0".into());
    }
    let Some(calibration) = &pipeline.calibration else {
        return Ok(());
    };
    let levels = calibration.levels.len();
    let shaped = calibration.corrections.len() == targets
        && calibration.corrections.iter().all(|steps| {
            steps.len() == config.horizon
                && steps.iter().all(|of_step| {
                    of_step.len() == levels && of_step.iter().all(|value| value.is_finite())
                })
        });
    let same = config.quantiles.is_empty() || config.quantiles == calibration.levels;
    if !shaped || !same || !calibration.levels.is_sorted() || levels == 0 {
        return wrong(
            "the pipeline's calibration is of another horizon or of other quantiles".into(),
        );
    }
    Ok(())
}
