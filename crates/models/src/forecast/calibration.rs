//! Intervals that cover what they say: split-conformal corrections fitted on the validation part.
//!
//! Each quantile is moved by the least amount that gives it its level on the validation windows
//! (conformalised quantile regression, Romano, Patterson and Candès 2019, one side at a time). The
//! guarantee holds where the future is exchangeable with the validation part; overlapping windows
//! and a load that drifts weaken it, so an evaluation tells the coverage that was reached.
//!
//! A quantile may be moved inwards as well as outwards. Never to narrow would look safer, since the
//! weights kept are those that were best on the validation part; but they are the best of a few epochs,
//! which flatters the errors there by little, while a network stopped early spreads its quantiles far too
//! wide, and an interval said to hold 80 % that holds 90 % is not what it says either. Step by step it
//! would also keep every excess and mend every lack, and so be too wide on the whole even where the
//! network is right on average.

use serde::{Deserialize, Serialize};

use ressac_data::panel::Panel;
use ressac_data::split::Split;
use ressac_stats::conformal;

use super::forecaster::Forecaster;
use crate::ModelError;

/// The levels of an interval where the network forecasts one value only.
const INTERVAL: [f64; 3] = [0.1, 0.5, 0.9];

/// Fewer scores than this at a step of the horizon, and all steps share theirs.
const FEWEST: usize = 100;

/// Corrections of the quantiles, in deviations of the series' own scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The levels of the quantiles, rising.
    pub levels: Vec<f64>,
    /// `corrections[target][step][level]`, added to the quantile; 0 for the median.
    pub corrections: Vec<Vec<Vec<f64>>>,
    /// The windows it was fitted on.
    pub windows: usize,
}

impl Calibration {
    /// What to add to a quantile, in deviations.
    pub fn correction(&self, target: usize, step: usize, level: usize) -> f64 {
        self.corrections[target][step][level]
    }
}

impl Forecaster {
    /// The same forecaster, calibrated on the validation rows of `panel`; without a calibration
    /// where they hold no window.
    ///
    /// # Errors
    /// Those of [`Forecaster::forecast_each`].
    pub fn calibrated(self, panel: &Panel, parts: &[Split]) -> Result<Self, ModelError> {
        let mut pipeline = self.pipeline().clone();
        pipeline.calibration = None;
        let plain = self.with_pipeline(pipeline.clone());
        pipeline.calibration = plain.calibration(panel, parts)?;
        Ok(plain.with_pipeline(pipeline))
    }

    fn calibration(
        &self,
        panel: &Panel,
        parts: &[Split],
    ) -> Result<Option<Calibration>, ModelError> {
        let pipeline = self.pipeline();
        let before: Vec<_> = parts.iter().map(|split| 0..split.valid.start).collect();
        let windows = self
            .scale(panel, &before)?
            .windows(parts, |split| &split.valid, 1);
        if windows.is_empty() {
            return Ok(None);
        }
        let levels = match self.config().quantiles.is_empty() {
            true => INTERVAL.to_vec(),
            false => self.config().quantiles.clone(),
        };
        let (targets, horizon) = (pipeline.targets.len(), self.config().horizon);
        let own = panel
            .series
            .iter()
            .zip(&before)
            .map(|(series, before)| pipeline.own_scales(series, before.clone()))
            .collect::<Result<Vec<_>, ModelError>>()?;
        // `[target][step][level]`: how far the truth lay beyond the quantile.
        let mut scores = vec![vec![vec![Vec::new(); levels.len()]; horizon]; targets];
        let median = |level: f64| (level - 0.5).abs() < 1e-9;
        self.forecast_each(panel, &before, &windows, |window, forecast| {
            let series = &panel.series[window.series];
            for target in 0..targets {
                let deviation = own[window.series][target].deviation;
                for step in 0..horizon {
                    let truth = series.targets[target][window.origin + step];
                    if truth.is_nan() {
                        continue;
                    }
                    for (place, &level) in levels.iter().enumerate() {
                        let quantiles = &forecast.columns[target];
                        let quantile = quantiles[place.min(quantiles.len() - 1)][step];
                        let beyond = if level < 0.5 {
                            quantile - truth
                        } else {
                            truth - quantile
                        };
                        scores[target][step][place].push(beyond / deviation);
                    }
                }
            }
        })?;
        let corrections = scores
            .into_iter()
            .map(|steps| {
                let few = steps.iter().any(|levels| levels[0].len() < FEWEST);
                let pooled = few.then(|| pool(&steps));
                steps
                    .iter()
                    .map(|of_step| {
                        levels
                            .iter()
                            .zip(pooled.as_ref().unwrap_or(of_step))
                            .map(|(&level, scores)| match level {
                                level if median(level) => 0.0,
                                level if level < 0.5 => -conformal::one_sided(scores, 1.0 - level),
                                level => conformal::one_sided(scores, level),
                            })
                            .collect()
                    })
                    .collect()
            })
            .collect();
        Ok(Some(Calibration {
            levels,
            corrections,
            windows: windows.len(),
        }))
    }
}

/// The scores of all steps together, level by level.
fn pool(steps: &[Vec<Vec<f64>>]) -> Vec<Vec<f64>> {
    let levels = steps.first().map_or(0, Vec::len);
    (0..levels)
        .map(|level| {
            steps
                .iter()
                .flat_map(|of_step| of_step[level].iter().copied())
                .collect()
        })
        .collect()
}
