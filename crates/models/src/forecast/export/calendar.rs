//! The calendar inside the graph: from seconds since 1970 to the features that `ressac_data::calendar` gives.
//!
//! Days become dates by the arithmetic of Howard Hinnant ("chrono-Compatible Low-Level Date Algorithms", 2013), the
//! year beginning in March, on whole numbers counted from the year 0 so that none is negative. Holidays are a table
//! of days, made here from the laws, for all the years the laws are known for.

use std::f64::consts::{FRAC_PI_2, TAU};

use ressac_data::civil::{Date, days_from_date};
use ressac_data::holidays::{Country, FIRST_YEAR, LAST_YEAR, holiday_days};
use ressac_nn::onnx::{Element, Graph, Value, Values};

use crate::ModelError;

const DAY: i64 = 86_400;

/// Days from 0000-03-01 to 1970-01-01.
const TO_1970: i64 = 719_468;

/// `time [batch, steps]` to `[batch, steps, features]`, the features of those names.
///
/// # Errors
/// [`ModelError::Mismatch`] for a feature that has no form here.
pub(super) fn features(
    graph: &mut Graph,
    time: &Value,
    names: &[String],
    country: Option<Country>,
) -> Result<Value, ModelError> {
    let mut calendar = Calendar::new(graph, time);
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        let stem = name.split(':').next().unwrap_or(name);
        let column = graph.within(stem, |graph| calendar.feature(graph, stem, country));
        let column = column.ok_or_else(|| {
            ModelError::Mismatch(format!(
                "the calendar's feature `{name}` cannot be exported"
            ))
        })?;
        columns.push(graph.unsqueeze(&column, &[2]));
    }
    Ok(graph.concat(&columns, 2))
}

/// What the features of one graph share, each made when first asked for.
struct Calendar {
    /// Seconds since midnight.
    second: Value,
    /// Days since 0000-03-01.
    day: Value,
    year: Option<Year>,
    weekday: Option<Value>,
    holidays: Option<Holidays>,
}

/// Where in its year a day is.
#[derive(Clone)]
struct Year {
    /// Days since 1 January.
    day: Value,
    /// 365 or 366.
    length: Value,
}

/// Whether the day before, the day and the day after are holidays.
#[derive(Clone)]
struct Holidays {
    yesterday: Value,
    today: Value,
    tomorrow: Value,
}

impl Calendar {
    fn new(graph: &mut Graph, time: &Value) -> Self {
        let second = modulo(graph, time, DAY);
        let midnight = graph.sub(time, &second);
        let day = quotient(graph, &midnight, DAY);
        let day = plus(graph, &day, TO_1970);
        Self {
            second,
            day,
            year: None,
            weekday: None,
            holidays: None,
        }
    }

    /// The feature of that name without its country, `[batch, steps]`, 32-bit.
    fn feature(
        &mut self,
        graph: &mut Graph,
        stem: &str,
        country: Option<Country>,
    ) -> Option<Value> {
        const WEEKDAYS: [&str; 7] = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        if let Some(weekday) = WEEKDAYS.iter().position(|name| *name == stem) {
            let is = self.is_weekday(graph, weekday as i64);
            return Some(graph.cast(&is, Element::F32));
        }
        let flag = match stem {
            "holiday" => self.holidays(graph, country?).today,
            "holiday_eve" => self.holidays(graph, country?).tomorrow,
            "holiday_after" => self.holidays(graph, country?).yesterday,
            "bridge_day" => self.bridge_day(graph, country?),
            "year_end" => self.year_end(graph),
            _ => return self.wave(graph, stem),
        };
        Some(graph.cast(&flag, Element::F32))
    }

    /// Sines and cosines: so many turns in an hour, a day, a year.
    fn wave(&mut self, graph: &mut Graph, stem: &str) -> Option<Value> {
        let (cycle, turns) = match stem {
            "minute_sin" | "minute_cos" => ("minute", 1.0),
            _ => match stem.rsplit_once('_')? {
                (rest, "1") => (rest.split('_').next()?, 1.0),
                (rest, "2") => (rest.split('_').next()?, 2.0),
                _ => return None,
            },
        };
        let (passed, length) = match cycle {
            "minute" => (modulo(graph, &self.second, 3_600), None),
            "hour" => (self.second.clone(), None),
            "year" => {
                let year = self.year(graph);
                let passed = times(graph, &year.day, DAY);
                let passed = graph.add(&passed, &self.second);
                let length = times(graph, &year.length, DAY);
                (passed, Some(graph.cast(&length, Element::F64)))
            }
            _ => return None,
        };
        let passed = graph.cast(&passed, Element::F64);
        let length = length.unwrap_or_else(|| {
            let length = if cycle == "minute" {
                3_600.0
            } else {
                DAY as f64
            };
            real(graph, "length", length)
        });
        let phase = graph.div(&passed, &length);
        let turn = real(graph, "turn", TAU * turns);
        let mut angle = graph.mul(&phase, &turn);
        if stem.contains("_cos") {
            // A sine too: not every runtime has a cosine of 64 bits.
            let quarter = real(graph, "quarter", FRAC_PI_2);
            angle = graph.add(&angle, &quarter);
        }
        let wave = graph.node("Sin", &[&angle], &[]);
        Some(graph.cast(&wave, Element::F32))
    }

    fn year(&mut self, graph: &mut Graph) -> Year {
        if let Some(year) = &self.year {
            return year.clone();
        }
        let era = quotient(graph, &self.day, 146_097);
        let day_of_era = modulo(graph, &self.day, 146_097);
        let leaps = quotient(graph, &day_of_era, 1_460);
        let centuries = quotient(graph, &day_of_era, 36_524);
        let last = quotient(graph, &day_of_era, 146_096);
        let years = graph.sub(&day_of_era, &leaps);
        let years = graph.add(&years, &centuries);
        let years = graph.sub(&years, &last);
        let year_of_era = quotient(graph, &years, 365);
        let whole = times(graph, &year_of_era, 365);
        let leaps = quotient(graph, &year_of_era, 4);
        let centuries = quotient(graph, &year_of_era, 100);
        let before = graph.add(&whole, &leaps);
        let before = graph.sub(&before, &centuries);
        // From 1 March.
        let day_of_year = graph.sub(&day_of_era, &before);
        // January and February, which end that year, begin ours.
        let new_year = graph.whole_number("new_year", 306);
        let begun = graph.node("GreaterOrEqual", &[&day_of_year, &new_year], &[]);
        let eras = times(graph, &era, 400);
        let year = graph.add(&eras, &year_of_era);
        let one = graph.cast(&begun, Element::I64);
        let year = graph.add(&year, &one);
        let leap = leap(graph, &year);
        let length = plus(graph, &leap, 365);
        let early = plus(graph, &day_of_year, -306);
        let late = plus(graph, &day_of_year, 59);
        let late = graph.add(&late, &leap);
        let day = graph.select(&begun, &early, &late);
        let year = Year { day, length };
        self.year = Some(year.clone());
        year
    }

    fn is_weekday(&mut self, graph: &mut Graph, weekday: i64) -> Value {
        let of_week = match &self.weekday {
            Some(of_week) => of_week.clone(),
            None => {
                // 0000-03-01 was a Wednesday.
                let shifted = plus(graph, &self.day, 2);
                let of_week = modulo(graph, &shifted, 7);
                self.weekday = Some(of_week.clone());
                of_week
            }
        };
        let wanted = graph.whole_number("weekday", weekday);
        graph.node("Equal", &[&of_week, &wanted], &[])
    }

    fn holidays(&mut self, graph: &mut Graph, country: Country) -> Holidays {
        if let Some(holidays) = &self.holidays {
            return holidays.clone();
        }
        let new_year = |year| {
            days_from_date(Date {
                year,
                month: 1,
                day: 1,
            })
        };
        // The middle one of three days without holidays at each end stands for all days before and after.
        let first = new_year(FIRST_YEAR) - 3;
        let last = new_year(LAST_YEAR + 1) + 2;
        let days = holiday_days(country, first, last);
        let table: Vec<bool> = (first..=last).map(|day| days.contains_key(&day)).collect();
        let end = table.len() as i64 - 2;
        let table = graph.constant("days", &[table.len()], &Values::Bool(table));
        let place = plus(graph, &self.day, -(TO_1970 + first));
        let least = graph.whole_number("before", 1);
        let most = graph.whole_number("after", end);
        let place = graph.node("Max", &[&place, &least], &[]);
        let place = graph.node("Min", &[&place, &most], &[]);
        let before = plus(graph, &place, -1);
        let after = plus(graph, &place, 1);
        let holidays = Holidays {
            yesterday: graph.node("Gather", &[&table, &before], &[]),
            today: graph.node("Gather", &[&table, &place], &[]),
            tomorrow: graph.node("Gather", &[&table, &after], &[]),
        };
        self.holidays = Some(holidays.clone());
        holidays
    }

    /// A Monday before a holiday or a Friday after one, and no holiday itself.
    fn bridge_day(&mut self, graph: &mut Graph, country: Country) -> Value {
        let holidays = self.holidays(graph, country);
        let monday = self.is_weekday(graph, 0);
        let monday = graph.node("And", &[&monday, &holidays.tomorrow], &[]);
        let friday = self.is_weekday(graph, 4);
        let friday = graph.node("And", &[&friday, &holidays.yesterday], &[]);
        let joins = graph.node("Or", &[&monday, &friday], &[]);
        let works = graph.node("Not", &[&holidays.today], &[]);
        graph.node("And", &[&joins, &works], &[])
    }

    /// From 24 December, eight days before the year's end, to 1 January.
    fn year_end(&mut self, graph: &mut Graph) -> Value {
        let year = self.year(graph);
        let zero = graph.whole_number("new_year", 0);
        let first = graph.node("Equal", &[&year.day, &zero], &[]);
        let christmas = plus(graph, &year.length, -8);
        let late = graph.node("GreaterOrEqual", &[&year.day, &christmas], &[]);
        graph.node("Or", &[&first, &late], &[])
    }
}

/// 1 in a leap year, else 0.
fn leap(graph: &mut Graph, year: &Value) -> Value {
    let zero = graph.whole_number("whole", 0);
    let divides = |graph: &mut Graph, by: i64| {
        let rest = modulo(graph, year, by);
        graph.node("Equal", &[&rest, &zero], &[])
    };
    let (four, hundred, four_hundred) =
        (divides(graph, 4), divides(graph, 100), divides(graph, 400));
    let usual = graph.node("Not", &[&hundred], &[]);
    let usual = graph.node("Or", &[&usual, &four_hundred], &[]);
    let leap = graph.node("And", &[&four, &usual], &[]);
    graph.cast(&leap, Element::I64)
}

/// The rest of a division, never negative: runtimes differ in the sign they give it.
fn modulo(graph: &mut Graph, values: &Value, by: i64) -> Value {
    let by = graph.whole_number("by", by);
    let rest = graph.node("Mod", &[values, &by], &[]);
    let rest = graph.add(&rest, &by);
    graph.node("Mod", &[&rest, &by], &[])
}

/// The quotient of values that are not negative, or divide without a rest.
fn quotient(graph: &mut Graph, values: &Value, by: i64) -> Value {
    let by = graph.whole_number("by", by);
    graph.div(values, &by)
}

fn plus(graph: &mut Graph, values: &Value, more: i64) -> Value {
    let more = graph.whole_number("plus", more);
    graph.add(values, &more)
}

fn times(graph: &mut Graph, values: &Value, factor: i64) -> Value {
    let factor = graph.whole_number("times", factor);
    graph.mul(values, &factor)
}

fn real(graph: &mut Graph, name: &str, value: f64) -> Value {
    graph.constant(name, &[], &Values::F64(vec![value]))
}
