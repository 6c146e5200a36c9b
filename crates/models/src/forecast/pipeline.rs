//! What is fitted on the training part and saved with the model: roles, scaling, calendar.
//!
//! The same pipeline runs in training, evaluation and prediction, so no figure of the validation or
//! test part ever reaches the network.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use ressac_data::calendar::CalendarFeatures;
use ressac_data::panel::{Panel, Series};
use ressac_data::split::Split;

use super::calibration::Calibration;
use super::choices::Scale;
use super::config::ForecastConfig;
use super::error::ForecastError;
use super::scale::{ColumnScale, MOST_WORDS, StaticScale};
use crate::ModelError;

/// The fitted pipeline of a forecaster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastPipeline {
    /// The columns forecast, in the order the network reads them.
    pub targets: Vec<String>,
    /// The columns whose future is known, with their scales.
    pub known: Vec<(String, ColumnScale)>,
    /// The columns whose future is not, with their scales.
    pub past: Vec<(String, ColumnScale)>,
    /// The columns with one value for a series.
    pub statics: Vec<(String, StaticScale)>,
    /// The scales of the targets over all series.
    pub pooled: Vec<ColumnScale>,
    /// The scales of each series' own targets.
    pub own: BTreeMap<String, Vec<ColumnScale>>,
    /// Whether the network reads values on the series' own scale, not on the pooled one.
    pub by_series: bool,
    /// Whether the training part lacks values, so that the network reads which are there.
    pub masked: bool,
    /// The calendar the network reads, by the names of its features; none without an even time.
    pub calendar: Vec<String>,
    /// The name of the column of times, when there is one.
    pub time: Option<String>,
    /// The column that tells series apart, when there is one.
    pub series_column: Option<String>,
    /// The time from one row to the next in words (`1 hour`), when it is even.
    pub step: Option<String>,
    /// Steps in one season.
    pub season: Option<usize>,
    /// What makes the intervals cover what they say; fitted on the validation part after training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// The calendar the network reads, where it is to read one and the rows are evenly apart.
fn calendar(
    panel: &Panel,
    training: &[Range<usize>],
    config: &ForecastConfig,
) -> Result<Option<CalendarFeatures>, ModelError> {
    let refused = |problem: String| ModelError::Options {
        key: "holidays".into(),
        problem,
    };
    let axis = panel.series.iter().find_map(|series| series.time.as_ref());
    let Some(step) = axis.and_then(|axis| axis.step).filter(|_| config.calendar) else {
        return Ok(None);
    };
    let country = config.holidays.as_deref().map(str::parse).transpose();
    let country = country.map_err(|error| refused(format!("cannot be followed: {error}")))?;
    let features = CalendarFeatures::infer(step, span(panel, training), country);
    if country.is_some() && features.country().is_none() {
        return Err(refused(format!(
            "are days, and the rows are {step} apart: leave it out"
        )));
    }
    Ok(Some(features))
}

impl ForecastPipeline {
    /// Whether the holidays that `config` asks for can be followed over the rows of `panel`.
    ///
    /// # Errors
    /// [`ModelError::Options`] where they cannot.
    pub fn check_holidays(config: &ForecastConfig, panel: &Panel) -> Result<(), ModelError> {
        let all: Vec<Range<usize>> = panel
            .series
            .iter()
            .map(|series| 0..series.observed())
            .collect();
        calendar(panel, &all, config).map(|_| ())
    }

    /// Fits the pipeline on the training rows of `panel`, one [`Split`] for each series.
    ///
    /// # Errors
    /// [`ForecastError::NoValue`] when a column of a series has no value in its training part,
    /// [`ModelError::Options`] when a static column has too many words.
    pub fn fit(
        panel: &Panel,
        parts: &[Split],
        config: &ForecastConfig,
    ) -> Result<Self, ModelError> {
        let training: Vec<Range<usize>> = parts.iter().map(|split| split.train.clone()).collect();
        let mut own = BTreeMap::new();
        let mut masked = false;
        for (series, rows) in panel.series.iter().zip(&training) {
            // A series that begins after the training part is forecast on a scale of its past.
            if rows.is_empty() {
                continue;
            }
            let mut scales = Vec::with_capacity(series.targets.len());
            for (name, values) in panel.roles.targets.iter().zip(&series.targets) {
                let values = &values[rows.clone()];
                masked |= values.iter().any(|value| value.is_nan());
                let scale = ColumnScale::fit(values.iter())
                    .ok_or_else(|| no_value(name, series, "training part"))?;
                scales.push(scale);
            }
            own.insert(series.name.clone(), scales);
        }
        let over_all = |name: &str, column: fn(&Series) -> &[Vec<f64>], index: usize| {
            let values = panel
                .series
                .iter()
                .zip(&training)
                .flat_map(|(series, rows)| &column(series)[index][rows.clone()]);
            ColumnScale::fit(values).ok_or_else(|| ForecastError::NoValue {
                column: name.to_owned(),
                series: String::new(),
                place: "training part".into(),
            })
        };
        let fitted = |names: &[String], column: fn(&Series) -> &[Vec<f64>]| {
            names
                .iter()
                .enumerate()
                .map(|(index, name)| Ok((name.clone(), over_all(name, column, index)?)))
                .collect::<Result<Vec<_>, ModelError>>()
        };
        let targets = fitted(&panel.roles.targets, |series| &series.targets)?;
        let axis = panel.series.iter().find_map(|series| series.time.as_ref());
        let step = axis.and_then(|axis| axis.step);
        let calendar =
            calendar(panel, &training, config)?.map_or_else(Vec::new, |features| features.names());
        Ok(Self {
            targets: panel.roles.targets.clone(),
            known: fitted(&panel.roles.known, |series| &series.known)?,
            past: fitted(&panel.roles.past, |series| &series.past)?,
            statics: fit_statics(panel)?,
            pooled: targets.into_iter().map(|(_, scale)| scale).collect(),
            own,
            by_series: config.scale != Scale::Standard,
            masked,
            calendar,
            time: axis.map(|axis| axis.name.clone()),
            series_column: panel.series_column.clone(),
            step: step.map(|step| step.to_string()),
            season: config.season,
            calibration: None,
        })
    }

    /// The calendar the network reads.
    ///
    /// # Errors
    /// [`ModelError::Mismatch`] for a feature this build does not know.
    pub fn calendar(&self) -> Result<CalendarFeatures, ModelError> {
        CalendarFeatures::from_names(&self.calendar)
            .map_err(|error| ModelError::Mismatch(error.to_string()))
    }

    /// The numbers a network reads of one moment whose future is known: covariates, calendar,
    /// static columns.
    ///
    /// # Errors
    /// Those of [`ForecastPipeline::calendar`].
    pub fn known_width(&self) -> Result<usize, ModelError> {
        let statics: usize = self.statics.iter().map(|(_, scale)| scale.width()).sum();
        Ok(self.known.len() + self.calendar()?.width() + statics)
    }

    /// The scales of a series' targets by its own values: those fitted in training, or for a series
    /// that was not there, those of its rows `before`.
    ///
    /// # Errors
    /// [`ForecastError::NoValue`] when such a series has no value there.
    pub fn own_scales(
        &self,
        series: &Series,
        before: Range<usize>,
    ) -> Result<Vec<ColumnScale>, ModelError> {
        if let Some(scales) = self.own.get(&series.name) {
            return Ok(scales.clone());
        }
        self.targets
            .iter()
            .zip(&series.targets)
            .map(|(name, values)| {
                ColumnScale::fit(values[before.clone()].iter())
                    .ok_or_else(|| no_value(name, series, "rows before the forecast"))
            })
            .collect()
    }

    /// The scales the network reads a series' targets on.
    ///
    /// # Errors
    /// Those of [`ForecastPipeline::own_scales`].
    pub fn scales(
        &self,
        series: &Series,
        before: Range<usize>,
    ) -> Result<Vec<ColumnScale>, ModelError> {
        if self.by_series {
            self.own_scales(series, before)
        } else {
            Ok(self.pooled.clone())
        }
    }

    /// Refuses a panel of other columns or another step, and any that has no times where the
    /// network reads the calendar.
    ///
    /// # Errors
    /// [`ForecastError::Column`], [`ForecastError::Step`], [`ForecastError::NoTime`],
    /// [`ForecastError::TooLarge`].
    pub fn check(&self, panel: &Panel) -> Result<(), ModelError> {
        refuse_too_large(panel)?;
        let names = |columns: &[(String, ColumnScale)]| -> Vec<String> {
            columns.iter().map(|(name, _)| name.clone()).collect()
        };
        let statics: Vec<String> = self.statics.iter().map(|(name, _)| name.clone()).collect();
        for (expected, found) in [
            (&self.targets, &panel.roles.targets),
            (&names(&self.known), &panel.roles.known),
            (&names(&self.past), &panel.roles.past),
            (&statics, &panel.roles.statics),
        ] {
            if let Some(name) = expected.iter().find(|name| !found.contains(name)) {
                return Err(ForecastError::Column {
                    name: name.clone(),
                    expected: expected.clone(),
                    found: found.clone(),
                }
                .into());
            }
            if expected != found {
                return Err(ForecastError::Column {
                    name: found
                        .iter()
                        .find(|name| !expected.contains(name))
                        .unwrap_or(&found[0])
                        .clone(),
                    expected: expected.clone(),
                    found: found.clone(),
                }
                .into());
            }
        }
        for series in &panel.series {
            let found = series.time.as_ref().and_then(|axis| axis.step);
            match (&self.step, found) {
                (Some(expected), Some(found)) if *expected != found.to_string() => {
                    return Err(ForecastError::Step {
                        expected: expected.clone(),
                        found: found.to_string(),
                    }
                    .into());
                }
                // A single row has no step, and any continues it.
                (Some(expected), None) if !self.calendar.is_empty() && series.rows() > 1 => {
                    return Err(ForecastError::NoTime {
                        expected: expected.clone(),
                        uneven: series.time.is_some(),
                    }
                    .into());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Seconds from the first training row of any series to the last.
fn span(panel: &Panel, training: &[Range<usize>]) -> i64 {
    let ends = panel
        .series
        .iter()
        .zip(training)
        .filter_map(|(series, rows)| {
            let stamps = series.time.as_ref()?.stamps.get(rows.clone())?;
            Some((*stamps.first()?, *stamps.last()?))
        });
    let (first, last) = ends.fold((i64::MAX, i64::MIN), |(first, last), (start, end)| {
        (first.min(start), last.max(end))
    });
    last.saturating_sub(first).max(0)
}

fn fit_statics(panel: &Panel) -> Result<Vec<(String, StaticScale)>, ModelError> {
    panel
        .roles
        .statics
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let cells: Vec<&str> = panel
                .series
                .iter()
                .map(|series| series.statics[index].as_str())
                .collect();
            let scale = StaticScale::fit(&cells).ok_or_else(|| ModelError::Options {
                key: "static".into(),
                problem: format!(
                    "names `{name}`, which has more than {MOST_WORDS} different words: too many to learn from. Leave it out, or group them"
                ),
            })?;
            Ok((name.clone(), scale))
        })
        .collect()
}

/// Squares of values beyond this, summed, would be infinite.
const MOST: f64 = 1e100;

pub(super) fn refuse_too_large(panel: &Panel) -> Result<(), ModelError> {
    let roles = &panel.roles;
    for series in &panel.series {
        for (names, columns) in [
            (&roles.targets, &series.targets),
            (&roles.known, &series.known),
            (&roles.past, &series.past),
        ] {
            for (name, values) in names.iter().zip(columns) {
                if let Some(value) = values.iter().find(|value| value.abs() > MOST) {
                    return Err(ForecastError::TooLarge {
                        column: name.clone(),
                        value: *value,
                        most: MOST,
                    }
                    .into());
                }
            }
        }
    }
    Ok(())
}

fn no_value(column: &str, series: &Series, place: &str) -> ModelError {
    ForecastError::NoValue {
        column: column.to_owned(),
        series: series.name.clone(),
        place: place.to_owned(),
    }
    .into()
}
