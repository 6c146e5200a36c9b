//! National holidays: on which days a country does not work.
//!
//! A day without work changes loads, sales and traffic as much as a Sunday does, and its date is
//! known years ahead. The lists are computed from the laws, one table of rules for each country
//! ([`Country::all`] names them), so they need no network and do not end with the year they were
//! compiled in. A list holds what the whole country keeps; the days of single regions are left out,
//! except where a region has a code of its own (`FR-AM`, `GB-SCT`), and so are days on which most
//! people do not work though no law says so, as Christmas Eve in Sweden.
//!
//! The rules hold from [`FIRST_YEAR`] to [`LAST_YEAR`], future years by the law as it stands.

mod easter;
mod europe_north_east;
mod europe_west;
mod overseas;
mod rule;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::civil::{Date, date_from_days};
use crate::error::shown;
use crate::nearest::nearest;
use rule::{Rule, Shift, is_sunday, is_weekend};

/// The first year whose holidays are known; years before it have none.
pub const FIRST_YEAR: i64 = 1991;

/// The last year whose holidays are known: the formula of the Japanese equinoxes and the distance
/// between the calendars of east and west hold until then. Years after it have none.
pub const LAST_YEAR: i64 = 2099;

/// The holidays of one country, as its law has them.
#[derive(Debug)]
struct Law {
    code: &'static str,
    country: &'static str,
    rules: &'static [Rule],
    /// Whether a working day between two holidays is one too (Japan).
    between: bool,
}

impl Law {
    const fn new(code: &'static str, country: &'static str, rules: &'static [Rule]) -> Law {
        Law {
            code,
            country,
            rules,
            between: false,
        }
    }
}

/// A country, or a part of one with holidays of its own, whose holidays are known.
///
/// It is read from its ISO 3166 code, upper or lower case: `FR`, `de`, `GB-SCT`.
#[derive(Clone, Copy)]
pub struct Country(&'static Law);

/// A code that no country known here has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the holidays of `{wanted}` are not known.{} The codes are: {known}.", meant(.nearest))]
pub struct UnknownCountry {
    /// What was asked for.
    pub wanted: String,
    /// The code that was probably meant, if one is near.
    pub nearest: Option<&'static str>,
    /// All codes with their countries.
    pub known: String,
}

fn meant(nearest: &Option<&'static str>) -> String {
    nearest
        .map(|code| format!(" Did you mean `{code}`?"))
        .unwrap_or_default()
}

/// Codes in use beside those of ISO 3166.
const ALIASES: [(&str, &str); 3] = [("UK", "GB"), ("EL", "GR"), ("GB-EAW", "GB")];

impl Country {
    /// All countries known, by code.
    pub fn all() -> Vec<Country> {
        let mut all: Vec<Country> = [europe_west::LAWS, europe_north_east::LAWS, overseas::LAWS]
            .into_iter()
            .flatten()
            .map(Country)
            .collect();
        all.sort_by_key(|country| country.code());
        all
    }

    /// The code: `FR`.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// The name in English, with the part of the country or of the law that is meant.
    pub fn name(self) -> &'static str {
        self.0.country
    }
}

impl PartialEq for Country {
    fn eq(&self, other: &Country) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Country {}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Country").field(&self.code()).finish()
    }
}

impl fmt::Display for Country {
    /// The code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Country, UnknownCountry> {
        let upper = text.trim().to_uppercase();
        let code = ALIASES
            .iter()
            .find(|(alias, _)| *alias == upper)
            .map_or(upper.as_str(), |(_, code)| code);
        let all = Country::all();
        all.iter()
            .copied()
            .find(|country| country.code() == code)
            .ok_or_else(|| {
                // A name is the likelier slip; a code of two letters is near to many others.
                let name = nearest(text, all.iter().map(|country| country.name()))
                    .and_then(|name| all.iter().find(|country| country.name() == name))
                    .map(|country| country.code());
                UnknownCountry {
                    wanted: shown(text),
                    nearest: name
                        .or_else(|| nearest(&upper, all.iter().map(|country| country.code()))),
                    known: all
                        .iter()
                        .map(|country| format!("{} ({})", country.code(), country.name()))
                        .collect::<Vec<_>>()
                        .join(", "),
                }
            })
    }
}

/// A day without work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// When.
    pub date: Date,
    /// Its name in English. A day kept instead of, or beside, a holiday on a week-end has the name
    /// of that holiday.
    pub name: &'static str,
}

/// The holidays of a year, in order; none before [`FIRST_YEAR`] and after [`LAST_YEAR`].
///
/// Where two fall on one day, the list has it once. A holiday on a week-end is in the list, and so
/// is the working day that the law gives for it, which may lie in the year before: in the United
/// States, 31 December 2021 stands for 1 January 2022.
pub fn holidays(country: Country, year: i64) -> Vec<Holiday> {
    days_of(country.0, year)
        .into_iter()
        .map(|(day, name)| Holiday {
            date: date_from_days(day),
            name,
        })
        .collect()
}

/// The holidays from one day to another, both included, by days since 1970-01-01.
pub fn holiday_days(
    country: Country,
    first_day: i64,
    last_day: i64,
) -> BTreeMap<i64, &'static str> {
    let first_year = date_from_days(first_day).year.max(FIRST_YEAR);
    let last_year = date_from_days(last_day).year.min(LAST_YEAR);
    (first_year..=last_year)
        .flat_map(|year| days_of(country.0, year))
        .filter(|(day, _)| (first_day..=last_day).contains(day))
        .collect()
}

/// The holidays of a year by days since 1970.
fn days_of(law: &Law, year: i64) -> BTreeMap<i64, &'static str> {
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return BTreeMap::new();
    }
    // The years beside it too: a week-end can shift a holiday over the new year.
    let mut days = BTreeMap::new();
    let mut on_weekends = Vec::new();
    for year in year - 1..=year + 1 {
        for rule in law.rules {
            let Some(day) = rule.day(year) else { continue };
            days.entry(day).or_insert(rule.name);
            if is_weekend(day) {
                on_weekends.push((day, rule));
            }
        }
    }
    let named: BTreeSet<i64> = days.keys().copied().collect();
    // In the order of time: of two holidays on one week-end, the first takes the first free day.
    on_weekends.sort_by_key(|(day, _)| *day);
    for (day, rule) in on_weekends {
        let instead = match rule.shift {
            Shift::Stays | Shift::SaturdayBefore => None,
            Shift::NearestWeekday if is_sunday(day) => Some(day + 1),
            Shift::NearestWeekday => Some(day - 1),
            Shift::NextMonday => (day + 1..).find(|day| !is_weekend(*day)),
            Shift::NextWeekday => {
                (day + 1..).find(|day| !is_weekend(*day) && !days.contains_key(day))
            }
            Shift::NextDay if is_sunday(day) => (day + 1..).find(|day| !days.contains_key(day)),
            Shift::NextDay => None,
        };
        if let Some(instead) = instead {
            days.entry(instead).or_insert(rule.name);
        }
    }
    if law.between {
        for day in &named {
            let next = day + 1;
            if named.contains(&(next + 1)) && !is_sunday(next) {
                days.entry(next).or_insert("Citizens' Holiday");
            }
        }
    }
    days.retain(|day, _| date_from_days(*day).year == year);
    days
}

#[cfg(test)]
mod tests;
