//! From options as given and the series themselves to a complete configuration.
//!
//! Everything inferred is handed back as an assumption, for the command to tell: nothing is
//! guessed in silence.

use ressac_data::panel::{Layout, Panel};
use ressac_data::split::Split;
use ressac_data::{Assumption, Step, listed, window};
use ressac_stats::season;
use ressac_train::Average;

use super::choices::{FileLayout, Head, Loss, ModelKind, Scale};
use super::config::{ForecastConfig, ForecastOptions};
use super::error::ForecastError;
use super::parts::parts;
use super::pipeline::refuse_too_large;
use super::ranges::check;
use crate::ModelError;
use crate::cell::CellKind;
use crate::error::option_error;
use crate::options::{Budget, Names, TrainingDefaults};
use crate::ranges::at_least_one;

/// A configuration complete, the rows of the training, validation and test parts of each series, and what was
/// inferred.
pub type Resolved = crate::family::Resolved<ForecastConfig, Vec<Split>>;

/// What holds where an option of training is not given.
const DEFAULTS: TrainingDefaults = TrainingDefaults {
    batch: 32,
    lr: 2e-3,
    averaging: Average::None,
    weight_decay: 0.01,
    budget: Budget {
        epochs: 10,
        least: 1000,
        most: 20_000,
    },
};

/// The kind of cell whose form an option can choose; the model `segment` is the published network.
fn cell_of(model: ModelKind) -> Option<CellKind> {
    match model {
        ModelKind::Rnn => Some(CellKind::Rnn),
        ModelKind::Lstm => Some(CellKind::Lstm),
        ModelKind::Gru => Some(CellKind::Gru),
        ModelKind::MinimalGru => Some(CellKind::MinimalGru),
        ModelKind::MinimalLstm => Some(CellKind::MinimalLstm),
        ModelKind::Segment => None,
    }
}

/// Completes `options` for the series in `panel` (whose roles are settled).
///
/// # Errors
/// [`ModelError::Options`] for a value out of its range or a missing horizon, and
/// [`ForecastError::TooShort`] when not one training window fits.
pub fn resolve(options: &ForecastOptions, panel: &Panel) -> Result<Resolved, ModelError> {
    let mut told = Told(Vec::new());
    let horizon = options.horizon.ok_or_else(|| {
        option_error(
            "horizon",
            "is missing: say how many steps to forecast, such as `--horizon 24`",
        )
    })?;
    at_least_one("horizon", horizon)?;
    refuse_too_large(panel)?;
    if options.target.is_none() {
        told.assume("target", listed(&panel.roles.targets));
    }
    let axis = panel.series.iter().find_map(|series| series.time.as_ref());
    let step = axis.and_then(|axis| axis.step);
    let season = options.season.or_else(|| inferred_season(step, &mut told));
    if let Some(season) = season {
        at_least_one("season", season)?;
    }

    let parts = parts(panel, options.split.as_deref())?;
    let split = options
        .split
        .clone()
        .unwrap_or_else(|| inferred_split(panel, &parts, &mut told));
    let longest = parts
        .iter()
        .map(|split| split.train.len())
        .max()
        .unwrap_or(0);
    if let Some(season) = options.season.filter(|season| *season >= longest) {
        return Err(option_error(
            "season",
            &format!(
                "is {season}, and the training part has {longest} rows: it must hold more than one season"
            ),
        ));
    }
    // A week of hours, or four seasons, show the network the season and its change; a quarter
    // of the training part at the most, so that a short series still has windows.
    let context_of = |training: usize| {
        let cycle = step.map_or(0, |step| longer_season(step).unwrap_or(0));
        let season = season.filter(|season| *season < training).unwrap_or(0);
        let wished = (4 * season).max(cycle).max(horizon).max(12);
        options.context.unwrap_or(wished.min((training / 4).max(1)))
    };
    let context = context_of(longest);
    let season = season.filter(|season| *season < longest);
    if options.context.is_none() {
        told.assume("context", format!("{context} steps"));
    }
    at_least_one("context", context)?;
    if context + horizon > longest {
        let rows = panel.series.iter().map(|series| series.observed()).max();
        return Err(ForecastError::TooShort {
            rows: rows.unwrap_or(0),
            training: longest,
            context,
            horizon,
            needed: fewest_rows(options.split.as_deref(), |split| {
                context_of(split.train.len()).saturating_add(horizon) <= split.train.len()
            }),
        }
        .into());
    }

    let model = options.model.unwrap_or(ModelKind::Gru);
    let segmented = model == ModelKind::Segment;
    let calendar = options.calendar.unwrap_or(!segmented) && step.is_some();
    if options.calendar == Some(true) && step.is_none() {
        return Err(option_error(
            "calendar",
            "is asked for, and the file has no column of evenly spaced times",
        ));
    }
    let holidays = match (&options.holidays, calendar) {
        (Some(country), false) => {
            return Err(option_error(
                "holidays",
                &format!(
                    "is `{country}`, and the network reads no calendar here: it needs evenly spaced times and `calendar = true`"
                ),
            ));
        }
        (holidays, _) => holidays.clone(),
    };
    let lags = match &options.lags {
        Some(lags) => lags.clone(),
        None if segmented => Vec::new(),
        None => inferred_lags(season, step, context, horizon, &mut told),
    };
    let quantiles = resolved_quantiles(options)?;
    let scale = options.scale.unwrap_or_else(|| {
        if panel.series.len() > 1 {
            told.assume(
                "scale",
                "series: each series by its own mean and deviation".into(),
            );
            Scale::Series
        } else {
            Scale::Standard
        }
    });

    let stride = options.stride.unwrap_or(1);
    let windows = parts
        .iter()
        .map(|split| window::origins(split.train.clone(), context, horizon, stride.max(1)).len())
        .sum();
    let config = ForecastConfig {
        data: options.data.clone().unwrap_or_default(),
        header: options.header,
        layout: Some(match panel.layout {
            Layout::Long => FileLayout::Long,
            Layout::WideRows => FileLayout::WideRows,
        }),
        // Inferred columns stay so: the same file gives the same ones, and a pair of them has no name.
        time: options.time.clone().unwrap_or_default(),
        target: Names(panel.roles.targets.clone()),
        series: panel.series_column.clone(),
        known: Names(panel.roles.known.clone()),
        past: Names(panel.roles.past.clone()),
        statics: Names(panel.roles.statics.clone()),
        every: options.every.clone(),
        calendar,
        holidays,
        horizon,
        context,
        season,
        split,
        scale,
        subtract_last: options.subtract_last.unwrap_or(scale != Scale::Reversible),
        lags,
        loss: options.loss.unwrap_or(if quantiles.is_empty() {
            Loss::Mse
        } else {
            Loss::Quantile
        }),
        quantiles,
        model,
        head: options.head.unwrap_or(Head::Decoder),
        segment: options
            .segment
            .unwrap_or_else(|| inferred_segment(context, horizon, segmented, &mut told)),
        stride,
        recurrent: options.recurrent.resolve(
            cell_of(model),
            if segmented {
                (128, 1, 0.3)
            } else {
                (64, 1, 0.1)
            },
        ),
        training: options.training.resolve(&DEFAULTS, windows)?,
    };
    check(&config)?;
    Ok(Resolved {
        config,
        parts,
        assumptions: told.0,
    })
}

struct Told(Vec<Assumption>);

impl Told {
    fn assume(&mut self, what: &str, found: String) {
        self.0.push(Assumption {
            what: what.to_owned(),
            found,
        });
    }
}

fn inferred_season(step: Option<Step>, told: &mut Told) -> Option<usize> {
    let found = step.and_then(|step| season::from_step(step.nominal_seconds()));
    match found {
        Some(season) => told.assume("season", format!("{season} steps")),
        None => told.assume(
            "season",
            "none: seasonal-naive and mase are left out".into(),
        ),
    }
    found
}

/// The split of 70, 10 and 20 %, as rows for one series and as shares for several.
fn inferred_split(panel: &Panel, parts: &[Split], told: &mut Told) -> String {
    match parts {
        [split] => {
            let [train, valid, test] =
                [&split.train, &split.valid, &split.test].map(|part| part.len());
            told.assume(
                "split",
                format!("{train} rows to train, {valid} to validate, {test} to test"),
            );
            format!("{train},{valid},{test}")
        }
        _ => {
            let timed = panel.series.iter().all(|series| series.time.is_some());
            told.assume(
                "split",
                format!(
                    "70 % of the {} to train, 10 % to validate, 20 % to test",
                    if timed { "time" } else { "rows of each series" }
                ),
            );
            "0.7,0.1,0.2".to_owned()
        }
    }
}

/// The steps of the cycle above the season: a week for hours and finer, a year for days and weeks.
fn longer_season(step: Step) -> Option<usize> {
    const DAY: i64 = 86_400;
    let seconds = step.nominal_seconds();
    match seconds {
        900..DAY if (7 * DAY) % seconds == 0 => usize::try_from(7 * DAY / seconds).ok(),
        _ => None,
    }
}

/// For each cycle the least multiple that is known for every step of the horizon, where the context
/// reaches so far.
fn inferred_lags(
    season: Option<usize>,
    step: Option<Step>,
    context: usize,
    horizon: usize,
    told: &mut Told,
) -> Vec<usize> {
    let cycles = [season, step.and_then(longer_season)];
    let mut lags: Vec<usize> = cycles
        .into_iter()
        .flatten()
        .map(|cycle| cycle * horizon.div_ceil(cycle))
        .filter(|lag| *lag <= context)
        .collect();
    lags.sort_unstable();
    lags.dedup();
    if !lags.is_empty() {
        let words: Vec<String> = lags.iter().map(usize::to_string).collect();
        told.assume("lags", format!("{} steps before", words.join(" and ")));
    }
    lags
}

/// The longest segment of at most 48 steps that divides context and horizon, if that is at least 4;
/// else one of about an eighth of the context.
fn inferred_segment(context: usize, horizon: usize, segmented: bool, told: &mut Told) -> usize {
    if !segmented {
        return 1;
    }
    let divides =
        |length: &usize| context.is_multiple_of(*length) && horizon.is_multiple_of(*length);
    let most = (context / 2).min(48);
    let segment = (4..=most)
        .rev()
        .find(divides)
        .unwrap_or((context / 8).clamp(1, horizon));
    told.assume("segment", format!("{segment} steps"));
    segment
}

fn resolved_quantiles(options: &ForecastOptions) -> Result<Vec<f64>, ModelError> {
    let wants_point = matches!(options.loss, Some(Loss::Mse | Loss::Mae));
    let mut quantiles = match &options.quantiles {
        Some(quantiles) if wants_point && !quantiles.is_empty() => {
            return Err(option_error(
                "quantiles",
                "and a loss of mse or mae exclude each other: quantiles are learnt with the quantile loss",
            ));
        }
        Some(quantiles) => quantiles.clone(),
        None if wants_point => Vec::new(),
        None => vec![0.1, 0.5, 0.9],
    };
    if quantiles.is_empty() {
        if options.loss == Some(Loss::Quantile) {
            return Err(option_error(
                "quantiles",
                "is empty, and the quantile loss needs some, such as 0.1,0.5,0.9",
            ));
        }
        return Ok(quantiles);
    }
    if let Some(level) = quantiles
        .iter()
        .find(|level| !(level.is_finite() && **level > 0.0 && **level < 1.0))
    {
        return Err(option_error(
            "quantiles",
            &format!("holds {level}; a quantile's level is above 0 and below 1"),
        ));
    }
    if !quantiles.iter().any(|level| (level - 0.5).abs() < 1e-9) {
        quantiles.push(0.5);
    }
    quantiles.sort_by(f64::total_cmp);
    quantiles.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    Ok(quantiles)
}

/// The fewest rows from which on every split passes `fits`; `None` where a longer file has no larger parts, because the
/// split counts rows.
pub fn fewest_rows(split: Option<&str>, fits: impl Fn(&Split) -> bool) -> Option<usize> {
    /// Shares are rounded: where a file grows by a row, a part may lose one, but not over so many rows.
    const JITTER: usize = 100;
    let fits = |rows: usize| match split {
        Some(text) => Split::parse(text, rows).is_ok_and(|split| fits(&split)),
        None => fits(&Split::default_for(rows)),
    };
    let lasts = |rows: usize| (rows..rows + JITTER).all(&fits);
    let mut most = (0..40).map(|power| 1 << power).find(|rows| lasts(*rows))?;
    let mut least = most / 2;
    while most - least > 1 {
        let middle = least.midpoint(most);
        if lasts(middle) {
            most = middle;
        } else {
            least = middle;
        }
    }
    Some(most)
}
