//! What the calendar says of a stamp: hour, weekday, season, holiday.
//!
//! A network sees only numbers, and a stamp as one number grows without end. Each cycle of the
//! calendar is therefore given as points on a circle, where the last hour of a day lies beside the
//! first of the next, and each kind of day as a flag. All of it is known for the future too.
//!
//! | column | value | used |
//! |---|---|---|
//! | `minute_sin`, `minute_cos` | place in the hour, −1 to 1 | step under 1 h |
//! | `hour_sin_1`, `hour_cos_1` | place in the day, −1 to 1 | step under 1 day |
//! | `hour_sin_2`, `hour_cos_2` | the same, twice a day: morning and evening peaks | step of 6 h at most |
//! | `year_sin_1`, `year_cos_1` | place in the year, −1 to 1 | step under 1 year |
//! | `year_sin_2`, `year_cos_2` | the same, twice a year: heating and cooling | step of a quarter at most |
//! | `monday` … `sunday` | 1 on that day, else 0 | step of 1 day at most |
//! | `holiday:FR` | 1 on a holiday of that country, else 0 | a country, step of 1 day at most |
//! | `holiday_eve:FR`, `holiday_after:FR` | 1 on the day before, the day after, else 0 | the same |
//! | `bridge_day:FR` | 1 on a Friday after a holiday or a Monday before one, when no holiday itself, else 0 | the same |
//! | `year_end:FR` | 1 from 24 December to 1 January, else 0 | the same |
//!
//! A cycle is also left out where the data are shorter than it: nothing could be learnt of its other
//! part. The day of the month is left out: few loads follow it, and a network would learn chance.
//!
//! Stamps are taken as the file has them. Where its clock keeps summer time, so does the hour here,
//! as people's habits do; where it does not, the hour is an hour of winter time all year.

mod column;

use std::collections::BTreeMap;

use crate::civil::{DAY, date_from_days};
use crate::holidays::{Country, UnknownCountry, holiday_days};
use crate::nearest::nearest;
use crate::time::Step;
use column::{COLUMNS, Column, Kind};

/// Which features of the calendar are used, in order.
///
/// A model keeps it as its [`names`](Self::names), and reads it back with
/// [`from_names`](Self::from_names).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarFeatures {
    columns: Vec<Column>,
    country: Option<Country>,
}

/// Names that are no features of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// A name that no feature has.
    #[error(
        "`{name}` is no feature of the calendar.{} The features are: {known}; those with a colon are followed by the code of a country.",
        meant(.nearest)
    )]
    UnknownFeature {
        /// The name.
        name: String,
        /// The feature that was probably meant, if one is near.
        nearest: Option<&'static str>,
        /// All features.
        known: String,
    },
    /// A feature named twice.
    #[error("the feature `{name}` of the calendar is named twice: name it once.")]
    Twice {
        /// The name.
        name: String,
    },
    /// Holidays of two countries.
    #[error(
        "the features of the calendar name the holidays of {first} and of {second}: name those of one country."
    )]
    TwoCountries {
        /// The first country's code.
        first: &'static str,
        /// The second country's code.
        second: &'static str,
    },
    /// Holidays of a country that is not known.
    #[error("the feature `{name}` of the calendar: {source}")]
    Country {
        /// The feature.
        name: String,
        /// What is wrong with its country.
        source: UnknownCountry,
    },
}

fn meant(nearest: &Option<&'static str>) -> String {
    nearest
        .map(|name| format!(" Did you mean `{name}`?"))
        .unwrap_or_default()
}

impl CalendarFeatures {
    /// The features that make sense for data with that step and that time between first and last
    /// row, in seconds. The time should be that of the rows to train on.
    ///
    /// With a step of more than a day no row is a holiday or none, and the holidays are left out:
    /// [`country`](Self::country) tells.
    pub fn infer(step: Step, span_seconds: i64, holidays: Option<Country>) -> Self {
        let step = step.nominal_seconds();
        let country = holidays.filter(|_| step <= DAY);
        let columns = COLUMNS
            .into_iter()
            .filter(|column| match column.kind() {
                Kind::Wave(cycle, harmonic) => {
                    let period = cycle.nominal_seconds();
                    // The base wave goes with any step shorter than it; a faster one needs two rows
                    // in each of its turns, or it would be seen as a slower one.
                    let fine = match harmonic {
                        1 => step < period,
                        _ => step.saturating_mul(2 * i64::from(harmonic)) <= period,
                    };
                    fine && span_seconds >= period
                }
                Kind::Weekday => step <= DAY && span_seconds >= 7 * DAY,
                Kind::Holiday => country.is_some(),
            })
            .collect();
        CalendarFeatures { columns, country }
    }

    /// The features of those names, in that order.
    ///
    /// # Errors
    /// [`CalendarError`] for a name that no feature has, one that comes twice, a country that is not
    /// known, and for holidays of two countries.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Result<Self, CalendarError> {
        let mut features = CalendarFeatures {
            columns: Vec::with_capacity(names.len()),
            country: None,
        };
        for name in names {
            let name = name.as_ref();
            let (stem, code) = match name.split_once(':') {
                Some((stem, code)) => (stem, Some(code)),
                None => (name, None),
            };
            let column = COLUMNS
                .into_iter()
                .find(|column| {
                    column.stem() == stem && (column.kind() == Kind::Holiday) == code.is_some()
                })
                .ok_or_else(|| unknown(name, stem))?;
            if features.columns.contains(&column) && code.is_none() {
                return Err(CalendarError::Twice {
                    name: name.to_owned(),
                });
            }
            if let Some(code) = code {
                let country = code
                    .parse::<Country>()
                    .map_err(|source| CalendarError::Country {
                        name: name.to_owned(),
                        source,
                    })?;
                match features.country {
                    Some(first) if first != country => {
                        return Err(CalendarError::TwoCountries {
                            first: first.code(),
                            second: country.code(),
                        });
                    }
                    _ if features.columns.contains(&column) => {
                        return Err(CalendarError::Twice {
                            name: name.to_owned(),
                        });
                    }
                    _ => features.country = Some(country),
                }
            }
            features.columns.push(column);
        }
        Ok(features)
    }

    /// The name of each column, in order.
    pub fn names(&self) -> Vec<String> {
        self.columns
            .iter()
            .map(|column| match self.country {
                Some(country) if column.kind() == Kind::Holiday => {
                    format!("{}:{country}", column.stem())
                }
                _ => column.stem().to_owned(),
            })
            .collect()
    }

    /// How many columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The country whose holidays are used.
    pub fn country(&self) -> Option<Country> {
        self.country
    }

    /// The features of one stamp (seconds since 1970 in the file's own clock) into the first
    /// [`width`](Self::width) places of `out`, each from −1 to 1.
    ///
    /// A shorter `out` takes the columns it has room for; what lies beyond the width stays as it is.
    /// For many stamps, [`write_all`](Self::write_all) looks the holidays up once.
    pub fn write(&self, stamp: i64, out: &mut [f32]) {
        let day = stamp.div_euclid(DAY);
        let holidays = self.country.map_or_else(BTreeMap::new, |country| {
            holiday_days(country, day - 1, day + 1)
        });
        self.write_with(stamp, &holidays, out);
    }

    /// The features of many stamps, `[stamps, width]` row after row, as [`write`](Self::write) gives
    /// them. Rows for which `out` has no room are left out.
    pub fn write_all(&self, stamps: &[i64], out: &mut [f32]) {
        let days = stamps.iter().map(|stamp| stamp.div_euclid(DAY));
        let ends = days.clone().min().zip(days.max());
        let holidays = match (self.country, ends) {
            (Some(country), Some((first, last))) => holiday_days(country, first - 1, last + 1),
            _ => BTreeMap::new(),
        };
        // Without columns there is nothing to write, and no length to cut by.
        for (stamp, row) in stamps.iter().zip(out.chunks_exact_mut(self.width().max(1))) {
            self.write_with(*stamp, &holidays, row);
        }
    }

    fn write_with(&self, stamp: i64, holidays: &BTreeMap<i64, &'static str>, out: &mut [f32]) {
        let day = stamp.div_euclid(DAY);
        let moment = column::Moment {
            stamp,
            date: date_from_days(day),
            yesterday: holidays.contains_key(&(day - 1)),
            today: holidays.contains_key(&day),
            tomorrow: holidays.contains_key(&(day + 1)),
        };
        for (column, value) in self.columns.iter().zip(out) {
            *value = column.value(&moment);
        }
    }
}

fn unknown(name: &str, stem: &str) -> CalendarError {
    let shown_name = |column: Column| match column.kind() {
        Kind::Holiday => format!("{}:", column.stem()),
        _ => column.stem().to_owned(),
    };
    CalendarError::UnknownFeature {
        name: crate::error::shown(name),
        nearest: nearest(stem, COLUMNS.iter().map(|column| column.stem())),
        known: COLUMNS.map(shown_name).join(", "),
    }
}

#[cfg(test)]
mod tests;
