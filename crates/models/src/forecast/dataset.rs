//! A panel as the network reads it, and the windows cut from it.
//!
//! Windows overlap almost wholly, so they are copied out of the series when a batch needs them
//! instead of being laid out beforehand.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use ressac_data::panel::{Panel, Series};
use ressac_data::split::Split;

use super::error::ForecastError;
use super::pipeline::ForecastPipeline;
use super::scale::ColumnScale;
use crate::ModelError;

/// Where a forecast starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The series, by its place in the panel.
    pub series: usize,
    /// The row of the first step forecast.
    pub origin: usize,
}

/// What the network reads of some windows, on the network's scale.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The targets' context, with what is missing filled by the value before:
    /// `[windows, context, targets]`.
    pub values: Tensor<3>,
    /// 1 where such a value was there, 0 where it was filled: `[windows, context, targets]`.
    /// Only where training met missing values.
    pub observed: Option<Tensor<3>>,
    /// The past covariates' context: `[windows, context, past]`.
    pub past: Option<Tensor<3>>,
    /// What is known of context and horizon: `[windows, context + horizon, known]`.
    pub known: Option<Tensor<3>>,
}

/// What came after some windows, on the network's scale.
#[derive(Debug, Clone)]
pub struct Truth {
    /// The targets, 0 where missing: `[windows, horizon, targets]`.
    pub values: Tensor<3>,
    /// 1 where the target is there, 0 where it is missing; absent when none of the panel is.
    pub observed: Option<Tensor<3>>,
}

/// One series on the network's scale, row after row.
#[derive(Debug, Clone)]
struct ScaledSeries {
    /// `[rows, targets]`, filled forward.
    values: Vec<f32>,
    /// `[rows, targets]`, 1 or 0; empty when nothing is missing.
    observed: Vec<f32>,
    /// `[rows, past]`.
    past: Vec<f32>,
    /// `[rows and as far as the future is known, known]`.
    known: Vec<f32>,
    /// Rows with targets.
    rows: usize,
}

/// A panel on the network's scale.
#[derive(Debug, Clone)]
pub struct ScaledPanel {
    series: Vec<ScaledSeries>,
    targets: usize,
    past: usize,
    known: usize,
    masked: bool,
    context: usize,
    horizon: usize,
}

impl ScaledPanel {
    /// Scales `panel`, whose rows `before[series]` give the scale of a series that was not in
    /// training, and works out what is known of the `horizon` after each series' last value.
    ///
    /// # Errors
    /// When a column is missing, or a static cell is a text where training met numbers.
    pub fn new(
        panel: &Panel,
        pipeline: &ForecastPipeline,
        before: &[Range<usize>],
        context: usize,
        horizon: usize,
    ) -> Result<Self, ModelError> {
        pipeline.check(panel)?;
        let series = panel
            .series
            .iter()
            .zip(before)
            .map(|(series, before)| {
                let scales = pipeline.scales(series, before.clone())?;
                let rows = series.observed();
                let (values, observed) = fill_forward(&series.targets, &scales, rows);
                let past: Vec<ColumnScale> = pipeline
                    .past
                    .iter()
                    .map(|(_, scale)| scale.clone())
                    .collect();
                Ok(ScaledSeries {
                    values,
                    observed,
                    past: fill_forward(&series.past, &past, rows).0,
                    known: known(series, pipeline, rows, horizon)?,
                    rows,
                })
            })
            .collect::<Result<Vec<_>, ModelError>>()?;
        Ok(Self {
            series,
            targets: pipeline.targets.len(),
            past: pipeline.past.len(),
            known: pipeline.known_width()?,
            masked: pipeline.masked,
            context,
            horizon,
        })
    }

    /// Every `stride`-th window whose horizon lies in its series' part, whose context is whole, and
    /// whose horizon holds at least one value.
    pub fn windows<'a>(
        &self,
        parts: &'a [Split],
        part: fn(&'a Split) -> &'a Range<usize>,
        stride: usize,
    ) -> Vec<Window> {
        let mut windows = Vec::new();
        for (index, (series, split)) in self.series.iter().zip(parts).enumerate() {
            let part = part(split);
            let part = part.start..part.end.min(series.rows);
            let origins =
                ressac_data::window::origins(part, self.context, self.horizon, stride.max(1));
            windows.extend(origins.into_iter().filter_map(|origin| {
                let there = series.observed.is_empty()
                    || series.observed
                        [origin * self.targets..(origin + self.horizon) * self.targets]
                        .contains(&1.0);
                there.then_some(Window {
                    series: index,
                    origin,
                })
            }));
        }
        windows
    }

    /// What the network reads of `windows`.
    ///
    /// # Errors
    /// [`ForecastError::TooFewRows`] when a window's context or known future reaches beyond its series.
    pub fn batch(&self, windows: &[Window], device: &Device) -> Result<Batch, ModelError> {
        for window in windows {
            let series = &self.series[window.series];
            if window.origin < self.context || window.origin > series.rows {
                return Err(ForecastError::TooFewRows {
                    rows: window.origin.min(series.rows),
                    needed: self.context,
                    why: format!("a forecast is made from the last {} rows", self.context),
                }
                .into());
            }
            let known = series.known.len() / self.known.max(1);
            if self.known > 0 && window.origin + self.horizon > known {
                return Err(ForecastError::KnownFuture {
                    rows: known - window.origin.min(known),
                    needed: self.horizon,
                }
                .into());
            }
        }
        let context = |window: &Window| window.origin - self.context..window.origin;
        let whole = |window: &Window| window.origin - self.context..window.origin + self.horizon;
        let values = self.cut(
            windows,
            context,
            self.targets,
            |series| &series.values,
            device,
        );
        let observed = self.masked.then(|| self.mask(windows, context, device));
        let past = (self.past > 0)
            .then(|| self.cut(windows, context, self.past, |series| &series.past, device));
        let known = (self.known > 0)
            .then(|| self.cut(windows, whole, self.known, |series| &series.known, device));
        Ok(Batch {
            values,
            observed,
            past,
            known,
        })
    }

    /// What came after `windows`, whose horizons must lie in their series.
    pub fn truth(&self, windows: &[Window], device: &Device) -> Truth {
        let horizon = |window: &Window| window.origin..window.origin + self.horizon;
        let missing = windows
            .iter()
            .any(|window| !self.series[window.series].observed.is_empty());
        let values = self.cut(
            windows,
            horizon,
            self.targets,
            |series| &series.values,
            device,
        );
        let observed = missing.then(|| self.mask(windows, horizon, device));
        Truth { values, observed }
    }

    /// Numbers held, over all series: for an estimate of memory.
    pub fn len(&self) -> usize {
        self.series
            .iter()
            .map(|series| {
                series.values.len() + series.observed.len() + series.past.len() + series.known.len()
            })
            .sum()
    }

    /// Whether no series has a row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// 1 where the targets of `rows` are there, 0 where they were filled.
    fn mask(
        &self,
        windows: &[Window],
        rows: impl Fn(&Window) -> Range<usize>,
        device: &Device,
    ) -> Tensor<3> {
        let count = windows.first().map_or(0, |window| rows(window).len());
        let mut mask = Vec::with_capacity(windows.len() * count * self.targets);
        for window in windows {
            let series = &self.series[window.series];
            let rows = rows(window);
            if series.observed.is_empty() {
                mask.resize(mask.len() + rows.len() * self.targets, 1.0);
            } else {
                mask.extend_from_slice(
                    &series.observed[rows.start * self.targets..rows.end * self.targets],
                );
            }
        }
        let shape = [windows.len(), count, self.targets];
        Tensor::from_data(TensorData::new(mask, shape), device)
    }

    fn cut(
        &self,
        windows: &[Window],
        rows: impl Fn(&Window) -> Range<usize>,
        width: usize,
        column: fn(&ScaledSeries) -> &Vec<f32>,
        device: &Device,
    ) -> Tensor<3> {
        let count = windows.first().map_or(0, |window| rows(window).len());
        let mut values = Vec::with_capacity(windows.len() * count * width);
        for window in windows {
            let rows = rows(window);
            values.extend_from_slice(
                &column(&self.series[window.series])[rows.start * width..rows.end * width],
            );
        }
        let shape = [windows.len(), count, width];
        Tensor::from_data(TensorData::new(values, shape), device)
    }
}

/// Columns as z-scores, row after row, each missing value replaced by the one before it (by 0, the
/// mean, where there is none), and where values were there; that second part is empty if all were.
fn fill_forward(columns: &[Vec<f64>], scales: &[ColumnScale], rows: usize) -> (Vec<f32>, Vec<f32>) {
    let width = columns.len();
    let mut values = vec![0.0; rows * width];
    let whole = columns
        .iter()
        .all(|column| column[..rows].iter().all(|value| !value.is_nan()));
    let mut observed = if whole {
        Vec::new()
    } else {
        vec![0.0; rows * width]
    };
    for (index, (column, scale)) in columns.iter().zip(scales).enumerate() {
        let mut last = 0.0;
        for (row, value) in column[..rows].iter().enumerate() {
            let there = !value.is_nan();
            if there {
                last = scale.scale(*value) as f32;
            }
            values[row * width + index] = last;
            if there && !whole {
                observed[row * width + index] = 1.0;
            }
        }
    }
    (values, observed)
}

/// What is known of each moment of a series, up to `horizon` rows after its last value or as far as
/// the file's known columns go.
fn known(
    series: &Series,
    pipeline: &ForecastPipeline,
    rows: usize,
    horizon: usize,
) -> Result<Vec<f32>, ModelError> {
    let calendar = pipeline.calendar()?;
    let width = pipeline.known_width()?;
    let mut statics = Vec::new();
    for ((name, scale), cell) in pipeline.statics.iter().zip(&series.statics) {
        scale
            .write(cell, &mut statics)
            .ok_or_else(|| ForecastError::Static {
                column: name.clone(),
                series: series.name.clone(),
                found: cell.clone(),
            })?;
    }
    let stamps = match (&series.time, calendar.width()) {
        (Some(axis), 1..) => {
            let mut stamps = axis.stamps.clone();
            stamps.extend(axis.future(horizon).unwrap_or_default());
            stamps.truncate(rows + horizon);
            stamps
        }
        _ => Vec::new(),
    };
    let total = if pipeline.known.is_empty() {
        rows + horizon
    } else {
        (rows + horizon).min(series.rows())
    };
    let scales: Vec<ColumnScale> = pipeline
        .known
        .iter()
        .map(|(_, scale)| scale.clone())
        .collect();
    let (filled, _) = fill_forward(&series.known, &scales, total.min(series.rows()));
    let days = calendar.width();
    let mut features = vec![0.0; stamps.len() * days];
    calendar.write_all(&stamps, &mut features);
    let total = if days > 0 {
        total.min(stamps.len())
    } else {
        total
    };
    let mut known = Vec::with_capacity(total * width);
    for row in 0..total {
        known.extend_from_slice(&filled[row * scales.len()..(row + 1) * scales.len()]);
        known.extend_from_slice(&features[row * days..(row + 1) * days]);
        known.extend_from_slice(&statics);
    }
    Ok(known)
}
