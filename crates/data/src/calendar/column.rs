//! The columns of the calendar: the name of each, and its value at a moment.

use std::f64::consts::TAU;

use crate::civil::{DAY, Date, days_from_date, weekday};
use crate::time::Step;

/// A cycle of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cycle {
    Hour,
    Day,
    Year,
}

/// What decides whether a column is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A wave that turns so many times in a cycle.
    Wave(Cycle, u8),
    Weekday,
    Holiday,
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Sine(Cycle, u8),
    Cosine(Cycle, u8),
    /// From 0, Monday.
    Weekday(u32),
    Holiday,
    HolidayEve,
    HolidayAfter,
    BridgeDay,
    YearEnd,
}

/// Every column, in the order in which they are used.
pub(super) const COLUMNS: [Column; 22] = [
    Column::Sine(Cycle::Hour, 1),
    Column::Cosine(Cycle::Hour, 1),
    Column::Sine(Cycle::Day, 1),
    Column::Cosine(Cycle::Day, 1),
    Column::Sine(Cycle::Day, 2),
    Column::Cosine(Cycle::Day, 2),
    Column::Sine(Cycle::Year, 1),
    Column::Cosine(Cycle::Year, 1),
    Column::Sine(Cycle::Year, 2),
    Column::Cosine(Cycle::Year, 2),
    Column::Weekday(0),
    Column::Weekday(1),
    Column::Weekday(2),
    Column::Weekday(3),
    Column::Weekday(4),
    Column::Weekday(5),
    Column::Weekday(6),
    Column::Holiday,
    Column::HolidayEve,
    Column::HolidayAfter,
    Column::BridgeDay,
    Column::YearEnd,
];

/// A stamp, with what the columns ask of it.
pub(super) struct Moment {
    pub(super) stamp: i64,
    pub(super) date: Date,
    /// Whether the day before is a holiday.
    pub(super) yesterday: bool,
    /// Whether the day is a holiday.
    pub(super) today: bool,
    /// Whether the day after is a holiday.
    pub(super) tomorrow: bool,
}

impl Cycle {
    /// Its length; for the year, the mean of the Gregorian calendar.
    pub(super) fn nominal_seconds(self) -> i64 {
        match self {
            Cycle::Hour => 3_600,
            Cycle::Day => DAY,
            Cycle::Year => Step::Months(12).nominal_seconds(),
        }
    }

    /// The part of the cycle that has passed, from 0 to just under 1. A leap year's days are a
    /// little shorter parts of it, so that every year begins at 0.
    fn phase(self, moment: &Moment) -> f64 {
        let (passed, length) = match self {
            Cycle::Hour | Cycle::Day => {
                let length = self.nominal_seconds();
                (moment.stamp.rem_euclid(length), length)
            }
            Cycle::Year => {
                let new_year = |year| {
                    days_from_date(Date {
                        year,
                        month: 1,
                        day: 1,
                    })
                };
                let start = new_year(moment.date.year);
                let days = days_from_date(moment.date) - start;
                (
                    days * DAY + moment.stamp.rem_euclid(DAY),
                    (new_year(moment.date.year + 1) - start) * DAY,
                )
            }
        };
        passed as f64 / length as f64
    }
}

impl Column {
    pub(super) fn kind(self) -> Kind {
        match self {
            Column::Sine(cycle, harmonic) | Column::Cosine(cycle, harmonic) => {
                Kind::Wave(cycle, harmonic)
            }
            Column::Weekday(_) => Kind::Weekday,
            Column::Holiday
            | Column::HolidayEve
            | Column::HolidayAfter
            | Column::BridgeDay
            | Column::YearEnd => Kind::Holiday,
        }
    }

    /// Its name, without the country.
    pub(super) fn stem(self) -> &'static str {
        match self {
            Column::Sine(Cycle::Hour, _) => "minute_sin",
            Column::Cosine(Cycle::Hour, _) => "minute_cos",
            Column::Sine(Cycle::Day, 1) => "hour_sin_1",
            Column::Cosine(Cycle::Day, 1) => "hour_cos_1",
            Column::Sine(Cycle::Day, _) => "hour_sin_2",
            Column::Cosine(Cycle::Day, _) => "hour_cos_2",
            Column::Sine(Cycle::Year, 1) => "year_sin_1",
            Column::Cosine(Cycle::Year, 1) => "year_cos_1",
            Column::Sine(Cycle::Year, _) => "year_sin_2",
            Column::Cosine(Cycle::Year, _) => "year_cos_2",
            Column::Weekday(0) => "monday",
            Column::Weekday(1) => "tuesday",
            Column::Weekday(2) => "wednesday",
            Column::Weekday(3) => "thursday",
            Column::Weekday(4) => "friday",
            Column::Weekday(5) => "saturday",
            Column::Weekday(_) => "sunday",
            Column::Holiday => "holiday",
            Column::HolidayEve => "holiday_eve",
            Column::HolidayAfter => "holiday_after",
            Column::BridgeDay => "bridge_day",
            Column::YearEnd => "year_end",
        }
    }

    /// Its value, from −1 to 1. Sines come from `libm`, so that they are the same on every machine.
    pub(super) fn value(self, moment: &Moment) -> f32 {
        let angle = |cycle: Cycle, harmonic: u8| TAU * f64::from(harmonic) * cycle.phase(moment);
        let flag = |held: bool| if held { 1.0 } else { 0.0 };
        match self {
            Column::Sine(cycle, harmonic) => libm::sin(angle(cycle, harmonic)) as f32,
            Column::Cosine(cycle, harmonic) => libm::cos(angle(cycle, harmonic)) as f32,
            Column::Weekday(wanted) => flag(weekday(moment.stamp) == wanted),
            Column::Holiday => flag(moment.today),
            Column::HolidayEve => flag(moment.tomorrow),
            Column::HolidayAfter => flag(moment.yesterday),
            Column::BridgeDay => {
                let joins = match weekday(moment.stamp) {
                    0 => moment.tomorrow,
                    4 => moment.yesterday,
                    _ => false,
                };
                flag(joins && !moment.today)
            }
            Column::YearEnd => {
                let (month, day) = (moment.date.month, moment.date.day);
                flag((month, day) == (1, 1) || (month == 12 && day >= 24))
            }
        }
    }
}
