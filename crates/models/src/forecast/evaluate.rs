//! How good a forecaster is, beside the forecasts that need no training.
//!
//! `mse` and `mae` are on z-scores of the training part, so that they compare with published
//! figures; the others are in the user's units. Every method is scored on the same windows.

use std::collections::BTreeMap;
use std::ops::Range;

use ressac_data::civil::date_from_days;
use ressac_data::panel::{Panel, Series};
use ressac_stats::forecast as stats;

use super::dataset::Window;
use super::error::ForecastError;
use super::evaluation::{Coverage, Evaluation, MethodFigures, Period, Sample, StepErrors};
use super::figures::{Figures, Sums, mean};
use super::forecaster::{Forecaster, WindowForecast};
use super::scale::ColumnScale;
use super::skill;
use super::slices::{Forecast, SliceBy, SliceSums};
use crate::ModelError;

/// Which windows are scored.
#[derive(Debug, Clone)]
pub struct Scored {
    /// For each series, the rows whose forecasts are scored.
    pub rows: Vec<Range<usize>>,
    /// Rows from one forecast to the next.
    pub stride: usize,
    /// Only forecasts whose first step is at this second of the day.
    pub clock: Option<i64>,
    /// What the errors are told apart by, beside months and steps.
    pub slices: Option<SliceBy>,
}

/// Cells of history that the seasonally adjusted naive forecast (of OWA) may read in all: it reads
/// the whole history of every window.
const MOST_HISTORY: usize = 200_000_000;

/// Forecasts kept whole, to be drawn.
const SAMPLES: usize = 4;

const SECONDS_A_DAY: i64 = 86_400;

impl Forecaster {
    /// Forecasts the windows of `scored` and scores them.
    ///
    /// A window's context may reach back before the rows, never before the first. The
    /// seasonal-naive forecast is there when the pipeline knows a season; it may look back further
    /// than the context.
    ///
    /// # Errors
    /// When there is no window, or the panel lacks a column.
    pub fn score(&self, panel: &Panel, scored: &Scored) -> Result<Evaluation, ModelError> {
        let before: Vec<Range<usize>> = panel
            .series
            .iter()
            .zip(&scored.rows)
            .map(|(series, rows)| match rows.start {
                0 => 0..series.observed(),
                start => 0..start,
            })
            .collect();
        let windows = self.windows(panel, scored)?;
        let mut scores = Scores::new(self, panel, scored, &before, &windows)?;
        self.forecast_each(panel, &before, &windows, |window, forecast| {
            scores.add(window, &forecast);
        })?;
        Ok(scores.evaluation(windows.len()))
    }

    fn windows(&self, panel: &Panel, scored: &Scored) -> Result<Vec<Window>, ModelError> {
        let horizon = self.config().horizon;
        // Every method gets the same windows, so each must have the history the greediest needs.
        let history = self
            .config()
            .context
            .max(self.pipeline().season.unwrap_or(0));
        let mut windows = Vec::new();
        for (index, (series, rows)) in panel.series.iter().zip(&scored.rows).enumerate() {
            let part = rows.start..rows.end.min(series.observed());
            let stride = if scored.clock.is_some() {
                1
            } else {
                scored.stride
            };
            let origins = ressac_data::window::origins(part, history, horizon, stride)
                .into_iter()
                .filter(|&origin| at_clock(series, origin, scored.clock))
                .filter(|&origin| {
                    series
                        .targets
                        .iter()
                        .any(|values| values[origin..origin + horizon].iter().any(|v| !v.is_nan()))
                });
            let nth = if scored.clock.is_some() {
                scored.stride
            } else {
                1
            };
            windows.extend(origins.step_by(nth.max(1)).map(|origin| Window {
                series: index,
                origin,
            }));
        }
        if windows.is_empty() {
            let rows = scored.rows.iter().map(Range::len).max().unwrap_or(0);
            let start = scored.rows.iter().map(|rows| rows.start).max().unwrap_or(0);
            let needed = history.saturating_sub(start) + horizon;
            return Err(ForecastError::NoWindow(match scored.clock {
                _ if rows == 0 => "the part holds no rows. Score another with `--part`".into(),
                Some(_) if rows >= needed => {
                    "none begins at that time of day. Give another `--origin`, at which the file has a row".into()
                }
                _ => format!(
                    "the part has {rows} rows, and one needs {needed} of them: {history} rows of history, {} of which lie before the part, and {horizon} to forecast. Give more rows, or what came before with `--history`",
                    start.min(history)
                ),
            }).into());
        }
        Ok(windows)
    }
}

fn at_clock(series: &Series, origin: usize, clock: Option<i64>) -> bool {
    match (clock, &series.time) {
        (Some(clock), Some(axis)) => axis.stamps[origin].rem_euclid(SECONDS_A_DAY) == clock,
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// One target of one series.
struct Unit {
    name: String,
    scale: ColumnScale,
    seasonal_error: Option<f64>,
    /// One for each method.
    sums: Vec<Sums>,
}

/// Absolute errors: the model's, that of repeating the last value, the seasonal one's.
type Errors = [f64; 3];

#[derive(Default, Clone)]
struct Month {
    values: f64,
    inside: f64,
    errors: Errors,
    mape: f64,
    positive: f64,
}

/// Sums on their way to an [`Evaluation`].
struct Scores<'a> {
    panel: &'a Panel,
    horizon: usize,
    season: Option<usize>,
    /// How many windows in a row share a step.
    overlap: usize,
    levels: Vec<f64>,
    median: usize,
    methods: Vec<&'static str>,
    /// `units[series][target]`.
    units: Vec<Vec<Unit>>,
    /// Errors step by step of the horizon, and how many.
    steps: Vec<(Errors, f64)>,
    months: BTreeMap<(i64, u32), Month>,
    slices: Option<SliceSums>,
    inside: f64,
    width: f64,
    covered: f64,
    /// Mean errors on z-scores, window by window.
    errors: Vec<Errors>,
    samples: Vec<Sample>,
    sampled: Vec<Window>,
}

impl<'a> Scores<'a> {
    fn new(
        model: &Forecaster,
        panel: &'a Panel,
        scored: &Scored,
        before: &[Range<usize>],
        windows: &[Window],
    ) -> Result<Self, ModelError> {
        let season = model.pipeline().season;
        let mut methods = vec!["model", "repeat-last"];
        methods.extend(season.map(|_| "seasonal-naive"));
        let history: usize = windows.iter().map(|window| window.origin).sum();
        if season.is_some() && history * panel.roles.targets.len() <= MOST_HISTORY {
            methods.push("naive2");
        }
        let several = panel.series.len() > 1;
        let units = panel
            .series
            .iter()
            .zip(before)
            .zip(&scored.rows)
            .map(|((series, before), rows)| {
                let scales = model.pipeline().own_scales(series, before.clone())?;
                Ok(panel
                    .roles
                    .targets
                    .iter()
                    .zip(scales)
                    .zip(&series.targets)
                    .map(|((name, scale), values)| {
                        // Without rows before the part, those of the part itself.
                        let end = if rows.start == 0 {
                            rows.end
                        } else {
                            rows.start
                        };
                        let insample = &values[..end.min(values.len())];
                        Unit {
                            name: match (several, panel.roles.targets.len()) {
                                (false, _) => name.clone(),
                                (true, 1) => series.name.clone(),
                                (true, _) => format!("{} {name}", series.name),
                            },
                            scale,
                            seasonal_error: season
                                .map(|season| stats::seasonal_error(insample, season))
                                .filter(|error| error.is_finite() && *error > 0.0),
                            sums: vec![Sums::default(); methods.len()],
                        }
                    })
                    .collect())
            })
            .collect::<Result<Vec<Vec<Unit>>, ModelError>>()?;
        let every = windows.len().div_ceil(SAMPLES).max(1);
        let apart = windows
            .windows(2)
            .filter(|pair| pair[0].series == pair[1].series)
            .map(|pair| pair[1].origin - pair[0].origin)
            .min();
        Ok(Self {
            panel,
            horizon: model.config().horizon,
            season,
            overlap: apart.map_or(1, |apart| model.config().horizon.div_ceil(apart)),
            levels: model.levels(),
            median: model.median(),
            methods,
            units,
            steps: vec![([0.0; 3], 0.0); model.config().horizon],
            months: BTreeMap::new(),
            slices: scored.slices.as_ref().map(SliceSums::new),
            inside: 0.0,
            width: 0.0,
            covered: 0.0,
            errors: Vec::with_capacity(windows.len()),
            samples: Vec::new(),
            sampled: windows
                .iter()
                .copied()
                .skip(every / 2)
                .step_by(every)
                .collect(),
        })
    }

    fn add(&mut self, window: Window, forecast: &WindowForecast) {
        let series = &self.panel.series[window.series];
        let (mut errors, mut columns) = ([0.0; 3], 0.0);
        for (target, values) in series.targets.iter().enumerate() {
            let truth = &values[window.origin..window.origin + self.horizon];
            if truth.iter().all(|value| value.is_nan()) {
                continue;
            }
            let past = &values[..window.origin];
            let quantiles = &forecast.columns[target];
            let median = &quantiles[self.median];
            let last = stats::repeat_last(past, self.horizon);
            let seasonal = self
                .season
                .map(|season| stats::seasonal_naive(past, season, self.horizon));
            let unit = &mut self.units[window.series][target];
            unit.sums[0].add(&unit.scale, median, truth);
            unit.sums[1].add(&unit.scale, &last, truth);
            if let Some(seasonal) = &seasonal {
                unit.sums[2].add(&unit.scale, seasonal, truth);
            }
            if let (Some(season), Some(sums)) = (self.season, unit.sums.get_mut(3)) {
                let naive2 = stats::naive2(past, season, self.horizon);
                sums.add(&unit.scale, &naive2, truth);
            }
            let seasonal = seasonal.as_ref().unwrap_or(&last);
            let deviation = unit.scale.deviation;
            for (sum, forecast) in errors.iter_mut().zip([median, &last, seasonal]) {
                *sum += stats::mae(forecast, truth) / deviation;
            }
            columns += 1.0;
            let naive = [&last[..], seasonal];
            self.add_values(series, window, target, quantiles, naive, truth, deviation);
            if self.sampled.contains(&window) && target == 0 {
                self.sample(window, quantiles, seasonal);
            }
        }
        self.errors.push(errors.map(|sum| sum / columns));
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what one column of one window is"
    )]
    fn add_values(
        &mut self,
        series: &Series,
        window: Window,
        target: usize,
        quantiles: &[Vec<f64>],
        naive: [&[f64]; 2],
        truth: &[f64],
        deviation: f64,
    ) {
        let (lower, upper) = (&quantiles[0], &quantiles[quantiles.len() - 1]);
        let interval = quantiles.len() > 1;
        for step in 0..self.horizon {
            let value = truth[step];
            if value.is_nan() {
                continue;
            }
            let errors = [quantiles[self.median][step], naive[0][step], naive[1][step]]
                .map(|forecast| (forecast - value).abs());
            let (sums, count) = &mut self.steps[step];
            for (sum, error) in sums.iter_mut().zip(errors) {
                *sum += error / deviation;
            }
            *count += 1.0;
            let inside = interval && lower[step] <= value && value <= upper[step];
            if let Some(slices) = &mut self.slices {
                slices.add(&Forecast {
                    series: window.series,
                    target,
                    row: window.origin + step,
                    truth: value,
                    errors,
                    deviation,
                    inside,
                });
            }
            let inside = f64::from(u8::from(inside));
            self.inside += inside;
            self.width += (upper[step] - lower[step]) / deviation;
            self.covered += 1.0;
            // By month only in the unit of one column: several have no common unit.
            let Some(axis) = series.time.as_ref().filter(|_| target == 0) else {
                continue;
            };
            let stamp = axis.stamps[window.origin + step];
            let date = date_from_days(stamp.div_euclid(SECONDS_A_DAY));
            let month = self.months.entry((date.year, date.month)).or_default();
            month.values += 1.0;
            month.inside += inside;
            for (sum, error) in month.errors.iter_mut().zip(errors) {
                *sum += error;
            }
            if value > 0.0 {
                month.mape += errors[0] / value;
                month.positive += 1.0;
            }
        }
    }

    fn sample(&mut self, window: Window, quantiles: &[Vec<f64>], naive: &[f64]) {
        let series = &self.panel.series[window.series];
        let shown = 2 * self.horizon;
        let rows = window.origin.saturating_sub(shown)..window.origin + self.horizon;
        self.samples.push(Sample {
            series: series.name.clone(),
            column: self.panel.roles.targets[0].clone(),
            first_row: rows.start,
            stamps: series
                .time
                .as_ref()
                .map(|axis| axis.stamps[rows.clone()].to_vec()),
            truth: series.targets[0][rows.clone()].to_vec(),
            origin: window.origin - rows.start,
            quantiles: quantiles.to_vec(),
            naive: naive.to_vec(),
        });
    }

    fn evaluation(self, windows: usize) -> Evaluation {
        let units: Vec<&Unit> = self.units.iter().flatten().collect();
        let methods: Vec<MethodFigures> = self
            .methods
            .iter()
            .enumerate()
            .map(|(method, name)| {
                let columns: Vec<(String, Figures)> = units
                    .iter()
                    .filter_map(|unit| {
                        let figures =
                            unit.sums[method].figures(&unit.scale, unit.seasonal_error)?;
                        Some((unit.name.clone(), figures))
                    })
                    .collect();
                let figures: Vec<&Figures> = columns.iter().map(|(_, figures)| figures).collect();
                MethodFigures {
                    method: (*name).to_owned(),
                    overall: mean(&figures),
                    columns,
                }
            })
            .collect();
        let owa = match (
            &methods[0].overall,
            methods.get(3).map(|naive2| &naive2.overall),
        ) {
            (
                Figures {
                    smape: Some(smape),
                    mase: Some(mase),
                    ..
                },
                Some(Figures {
                    smape: Some(smape2),
                    mase: Some(mase2),
                    ..
                }),
            ) => Some(stats::owa(*smape, *mase, *smape2, *mase2)),
            _ => None,
        };
        // The better of the naive forecasts is the one to beat.
        let total = |method: usize| self.errors.iter().map(|errors| errors[method]).sum::<f64>();
        let seasonal = self.season.is_some() && total(2) <= total(1);
        let (naive, reference) = match seasonal {
            true => (2, "seasonal-naive"),
            false => (1, "repeat-last"),
        };
        let pairs: Vec<(f64, f64)> = self
            .errors
            .iter()
            .map(|errors| (errors[0], errors[naive]))
            .collect();
        let interval = self.levels.len() > 1;
        let nominal = self.levels[self.levels.len() - 1] - self.levels[0];
        Evaluation {
            windows,
            methods,
            owa,
            coverage: interval.then(|| Coverage {
                nominal,
                inside: self.inside / self.covered,
                width: self.width / self.covered,
            }),
            reference: reference.to_owned(),
            skill: skill::of(&pairs, self.overlap),
            steps: self
                .steps
                .iter()
                .map(|(errors, count)| StepErrors {
                    model: errors[0] / count,
                    reference: errors[naive] / count,
                })
                .collect(),
            months: self
                .months
                .iter()
                .map(|((year, month), sums)| Period {
                    name: format!("{year:04}-{month:02}"),
                    values: sums.values as usize,
                    mae: sums.errors[0] / sums.values,
                    reference: sums.errors[naive] / sums.values,
                    mape: (sums.positive == sums.values).then(|| 100.0 * sums.mape / sums.positive),
                    inside: interval.then(|| sums.inside / sums.values),
                })
                .collect(),
            slices: self.slices.map(|sums| sums.slices(naive, interval)),
            levels: self.levels,
            samples: self.samples,
        }
    }
}
