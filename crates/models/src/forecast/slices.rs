//! Errors told apart: by series, column, time of the calendar, or the values of a column.
//!
//! A model that is good on the whole may fail on Sundays, in one shop, or in the cold. A slice holds
//! the values forecast (steps of the horizon, not windows) that have the same label; the label is that
//! of the moment forecast.

use std::collections::BTreeMap;

use ressac_data::civil::{date_from_days, weekday};
use ressac_data::panel::Panel;
use serde::Serialize;

use crate::ModelError;
use ressac_data::nearest;

/// A column of more values than this is cut into quarters.
const MOST_VALUES: usize = 12;

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What tells the slices apart: a label for every value that can be forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceBy {
    name: String,
    labels: Vec<String>,
    places: Places,
}

/// Where the labels are.
#[derive(Debug, Clone, PartialEq)]
enum Places {
    /// `[series]`: one for the whole of it.
    Series(Vec<usize>),
    /// One for each target.
    Target,
    /// `[series][row]`.
    Rows(Vec<Vec<u32>>),
}

/// The forecasts of one slice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slice {
    /// What they have in common, such as `Sunday`.
    pub name: String,
    /// Values forecast.
    pub values: usize,
    /// Mean squared error on z-scores of the training part.
    pub mse: f64,
    /// Mean absolute error on z-scores.
    pub mae: f64,
    /// That of the naive reference.
    pub reference: f64,
    /// Mean absolute percentage error; absent where a truth is not above zero.
    pub mape: Option<f64>,
    /// The share inside the interval, when there is one.
    pub inside: Option<f64>,
}

/// All slices, and what tells them apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slices {
    /// The column or word.
    pub by: String,
    /// In the order of their labels; those without a value are left out.
    pub slices: Vec<Slice>,
}

impl SliceBy {
    /// The words that name something other than a column of the file. A column of the same name that the model reads
    /// wins.
    pub const WORDS: [&str; 7] = [
        "series", "column", "hour", "weekday", "month", "quarter", "year",
    ];

    /// Whether `name` is a word or one of the panel's columns with a role, so that no other column of
    /// the file is needed.
    pub fn is_known(panel: &Panel, name: &str) -> bool {
        let roles = &panel.roles;
        let columns = [&roles.targets, &roles.known, &roles.past, &roles.statics];
        Self::WORDS.contains(&name)
            || panel.series_column.as_deref() == Some(name)
            || columns.into_iter().flatten().any(|column| column == name)
    }

    /// Slices by a column of the panel, by its series, or by a unit of the calendar.
    ///
    /// # Errors
    /// When there is no such column or word, or the panel has no times or no second series for it.
    pub fn new(panel: &Panel, name: &str) -> Result<Self, ModelError> {
        let roles = &panel.roles;
        let place = |columns: &[String]| columns.iter().position(|column| column == name);
        if let Some(column) = place(&roles.statics) {
            let cells = panel.series.iter().map(|series| &series.statics[column]);
            return Ok(Self::of_series(name, cells));
        }
        for (columns, values) in [(&roles.targets, 0), (&roles.known, 1), (&roles.past, 2)] {
            if let Some(column) = place(columns) {
                let of_series = panel.series.iter().map(|series| {
                    let values = [&series.targets, &series.known, &series.past][values];
                    values[column].as_slice()
                });
                return Ok(Self::of_values(name, &of_series.collect::<Vec<_>>()));
            }
        }
        if panel.series_column.as_deref() == Some(name) || name == "series" {
            return match panel.series.len() {
                1 => Err(refused(format!(
                    "is `{name}`, and the file holds one series"
                ))),
                _ => Ok(Self::of_series(
                    name,
                    panel.series.iter().map(|series| &series.name),
                )),
            };
        }
        match name {
            "column" => Ok(Self {
                name: name.to_owned(),
                labels: roles.targets.clone(),
                places: Places::Target,
            }),
            "hour" => {
                let labels = (0..24).map(|hour| format!("{hour:02}:00"));
                let hour = |stamp: i64| (stamp.rem_euclid(86_400) / 3_600) as u32;
                Self::of_times(panel, name, labels.collect(), hour)
            }
            "weekday" => Self::of_times(panel, name, owned(&WEEKDAYS), weekday),
            "month" => Self::of_times(panel, name, owned(&MONTHS), |stamp| date(stamp).1 - 1),
            "quarter" => {
                let labels = (1..=4).map(|quarter| format!("quarter {quarter}"));
                let quarter = |stamp| (date(stamp).1 - 1) / 3;
                Self::of_times(panel, name, labels.collect(), quarter)
            }
            "year" => {
                let axes = panel
                    .series
                    .iter()
                    .filter_map(|series| series.time.as_ref());
                let years: Vec<i64> = axes
                    .flat_map(|axis| &axis.stamps)
                    .map(|s| date(*s).0)
                    .collect();
                let first = years.iter().copied().min().unwrap_or(0);
                let last = years.iter().copied().max().unwrap_or(first - 1);
                let labels = (first..=last).map(|year| year.to_string());
                Self::of_times(panel, name, labels.collect(), move |stamp| {
                    (date(stamp).0 - first) as u32
                })
            }
            _ => Err(unknown(panel, name)),
        }
    }

    /// Slices by the values of a column that the model does not read: `values[series][row]`.
    pub fn of_values(name: &str, values: &[&[f64]]) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().flatten().copied().collect();
        sorted.retain(|value| !value.is_nan());
        sorted.sort_by(f64::total_cmp);
        let mut distinct = sorted.clone();
        distinct.dedup();
        // The upper end of each slice.
        let (ends, mut labels): (Vec<f64>, Vec<String>) = if distinct.len() <= MOST_VALUES {
            let labels = distinct.iter().map(f64::to_string).collect();
            (distinct, labels)
        } else {
            let quarters = (1..=4).map(|part| sorted[(sorted.len() * part).div_ceil(4) - 1]);
            let mut ends: Vec<f64> = quarters.collect();
            ends.dedup();
            let mut from = Some(sorted[0]);
            let labels = ends
                .iter()
                .map(|end| match from.replace(*end) {
                    Some(first) if *end == ends[0] => format!("{first} to {end}"),
                    Some(below) => format!("above {below} to {end}"),
                    None => format!("to {end}"),
                })
                .collect();
            (ends, labels)
        };
        let missing = labels.len();
        labels.push("missing".to_owned());
        let place = |value: &f64| match value.is_nan() {
            true => missing as u32,
            false => ends.partition_point(|end| end < value) as u32,
        };
        let rows = values
            .iter()
            .map(|values| values.iter().map(place).collect());
        Self {
            name: name.to_owned(),
            labels,
            places: Places::Rows(rows.collect()),
        }
    }

    fn of_series<'a>(name: &str, labels: impl Iterator<Item = &'a String>) -> Self {
        let mut places = BTreeMap::new();
        let labels: Vec<&String> = labels.collect();
        for label in &labels {
            places.insert(label.as_str(), 0);
        }
        for (place, slot) in places.values_mut().enumerate() {
            *slot = place;
        }
        Self {
            name: name.to_owned(),
            labels: places.keys().map(|label| (*label).to_owned()).collect(),
            places: Places::Series(labels.iter().map(|label| places[label.as_str()]).collect()),
        }
    }

    fn of_times(
        panel: &Panel,
        name: &str,
        labels: Vec<String>,
        place: impl Fn(i64) -> u32,
    ) -> Result<Self, ModelError> {
        let rows = panel.series.iter().map(|series| {
            let axis = series.time.as_ref()?;
            Some(axis.stamps.iter().map(|stamp| place(*stamp)).collect())
        });
        match rows.collect() {
            Some(rows) => Ok(Self {
                name: name.to_owned(),
                labels,
                places: Places::Rows(rows),
            }),
            None => Err(refused(format!(
                "is `{name}`, and the file has no column of times"
            ))),
        }
    }

    fn place(&self, series: usize, target: usize, row: usize) -> usize {
        match &self.places {
            Places::Series(places) => places[series],
            Places::Target => target,
            Places::Rows(places) => places[series][row] as usize,
        }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Year and month.
fn date(stamp: i64) -> (i64, u32) {
    let date = date_from_days(stamp.div_euclid(86_400));
    (date.year, date.month)
}

fn refused(problem: String) -> ModelError {
    ModelError::Options {
        key: "slice".to_owned(),
        problem,
    }
}

fn unknown(panel: &Panel, name: &str) -> ModelError {
    let roles = &panel.roles;
    let columns = [&roles.targets, &roles.known, &roles.past, &roles.statics];
    let mut names: Vec<&str> = columns.into_iter().flatten().map(String::as_str).collect();
    names.extend(panel.series_column.as_deref());
    names.extend(SliceBy::WORDS);
    let near = nearest(name, names).map_or_else(
        || ".".to_owned(),
        |near| format!("; did you mean `{near}`?"),
    );
    refused(format!(
        "is `{name}`, which is no column of the file{near} Beside columns it may be {}",
        SliceBy::WORDS.join(", ")
    ))
}

/// Sums of a slice on their way to its figures.
#[derive(Debug, Clone, Default)]
struct Sum {
    values: f64,
    squared: f64,
    /// Absolute errors on z-scores: the model's, that of repeating the last value, the seasonal one's.
    errors: [f64; 3],
    percent: f64,
    not_positive: bool,
    inside: f64,
}

/// Sums of all slices.
pub(super) struct SliceSums {
    by: SliceBy,
    sums: Vec<Sum>,
}

/// One value forecast: where it stands, what came, and how far off each forecast was.
pub(super) struct Forecast {
    pub(super) series: usize,
    pub(super) target: usize,
    pub(super) row: usize,
    pub(super) truth: f64,
    /// Absolute errors in the column's unit, the model's first.
    pub(super) errors: [f64; 3],
    /// The column's deviation in training.
    pub(super) deviation: f64,
    pub(super) inside: bool,
}

impl SliceSums {
    pub(super) fn new(by: &SliceBy) -> Self {
        Self {
            sums: vec![Sum::default(); by.labels.len()],
            by: by.clone(),
        }
    }

    pub(super) fn add(&mut self, of: &Forecast) {
        let place = self.by.place(of.series, of.target, of.row);
        let sum = &mut self.sums[place];
        sum.values += 1.0;
        sum.squared += (of.errors[0] / of.deviation).powi(2);
        for (sum, error) in sum.errors.iter_mut().zip(of.errors) {
            *sum += error / of.deviation;
        }
        sum.not_positive |= of.truth <= 0.0;
        if !sum.not_positive {
            sum.percent += 100.0 * of.errors[0] / of.truth;
        }
        sum.inside += f64::from(u8::from(of.inside));
    }

    /// The figures, beside those of the method `naive`; the shares inside only with an interval.
    pub(super) fn slices(&self, naive: usize, interval: bool) -> Slices {
        let there = self.by.labels.iter().zip(&self.sums);
        let slices = there
            .filter(|(_, sum)| sum.values > 0.0)
            .map(|(name, sum)| {
                let over = |total: f64| total / sum.values;
                Slice {
                    name: name.clone(),
                    values: sum.values as usize,
                    mse: over(sum.squared),
                    mae: over(sum.errors[0]),
                    reference: over(sum.errors[naive]),
                    mape: (!sum.not_positive).then(|| over(sum.percent)),
                    inside: interval.then(|| over(sum.inside)),
                }
            });
        Slices {
            by: self.by.name.clone(),
            slices: slices.collect(),
        }
    }
}

#[cfg(test)]
mod tests;
