//! The time axis of a table: its stamps, whether they are evenly spaced, and what comes next.

use std::fmt;
use std::str::FromStr;

use crate::civil::{DAY, Date, date_from_days, days_from_date, days_in_month, month_index};
use crate::error::{DataError, shown};
use crate::stamp::StampFormat;

/// The even distance from one row to the next.
///
/// A monthly series is even in months and uneven in seconds, so one number of seconds cannot say
/// both; quarters and years are 3 and 12 months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// That many seconds, at least 1.
    Seconds(i64),
    /// That many calendar months, at least 1.
    Months(i64),
}

impl Step {
    /// The step in seconds; for months, their mean length in the Gregorian calendar (2,629,746 s).
    pub fn nominal_seconds(self) -> i64 {
        match self {
            Step::Seconds(seconds) => seconds,
            // 146,097 days in 4,800 months.
            Step::Months(months) => months.saturating_mul(146_097 * DAY / 4_800),
        }
    }

    /// The step that leads through all the stamps, if there is one.
    pub fn of(stamps: &[i64]) -> Option<Step> {
        // Months first: two or three stamps on the first of July, August, September are also 31
        // days apart, but meant as months.
        Self::in_months(stamps).or_else(|| Self::in_seconds(stamps))
    }

    fn in_seconds(stamps: &[i64]) -> Option<Step> {
        let mut steps = stamps.windows(2).map(|pair| pair[1].checked_sub(pair[0]));
        let first = steps.next().flatten().filter(|step| *step > 0)?;
        steps
            .all(|step| step == Some(first))
            .then_some(Step::Seconds(first))
    }

    fn in_months(stamps: &[i64]) -> Option<Step> {
        let (&first, &second) = (stamps.first()?, stamps.get(1)?);
        let month = |stamp: i64| month_index(date_from_days(stamp.div_euclid(DAY)));
        let months = month(second) - month(first);
        // Whether a short series on the 31st is meant as "31st" or as "last day" is the same here:
        // both are written as the day clipped to the month.
        let day = stamps
            .iter()
            .map(|stamp| date_from_days(stamp.div_euclid(DAY)).day)
            .max()?;
        let even = months > 0
            && (0_i64..).zip(stamps).all(|(k, stamp)| {
                month(first)
                    .checked_add(months.saturating_mul(k))
                    .is_some_and(|index| month_stamp(index, day, first.rem_euclid(DAY)) == *stamp)
            });
        even.then_some(Step::Months(months))
    }
}

impl FromStr for Step {
    type Err = DataError;

    /// A number and a unit: `30s`, `15min` (or `15m`), `1h`, `1d`, `1w`, `1month`, `1y`; a unit
    /// alone is one of it. Words as [`Step`] writes them (`15 minutes`) are read too.
    fn from_str(text: &str) -> Result<Self, DataError> {
        let bad = || DataError::BadStep { text: shown(text) };
        let trimmed = text.trim();
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = trimmed.split_at(digits);
        let count: i64 = match count {
            "" => 1,
            count => count.parse().map_err(|_| bad())?,
        };
        let (of_one, months) = match unit.trim().to_ascii_lowercase().as_str() {
            "s" | "sec" | "second" | "seconds" => (1, false),
            "m" | "min" | "minute" | "minutes" => (60, false),
            "h" | "hour" | "hours" => (3_600, false),
            "d" | "day" | "days" => (DAY, false),
            "w" | "week" | "weeks" => (7 * DAY, false),
            "mo" | "month" | "months" => (1, true),
            "y" | "year" | "years" => (12, true),
            _ => return Err(bad()),
        };
        // A step longer than the years that files can write is a slip.
        let most = if months { 120_000 } else { 366 * 10_000 * DAY };
        let size = count
            .checked_mul(of_one)
            .filter(|size| (1..=most).contains(size))
            .ok_or_else(bad)?;
        Ok(if months {
            Step::Months(size)
        } else {
            Step::Seconds(size)
        })
    }
}

impl fmt::Display for Step {
    /// In words: `1 hour`, `15 minutes`, `1 month`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match *self {
            Step::Months(months) if months % 12 == 0 => (months / 12, "year"),
            Step::Months(months) => (months, "month"),
            Step::Seconds(s) if s % (7 * DAY) == 0 => (s / (7 * DAY), "week"),
            Step::Seconds(s) if s % DAY == 0 => (s / DAY, "day"),
            Step::Seconds(s) if s % 3_600 == 0 => (s / 3_600, "hour"),
            Step::Seconds(s) if s % 60 == 0 => (s / 60, "minute"),
            Step::Seconds(s) => (s, "second"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// The stamp of a day (clipped to the month's last) in a month counted from year 0.
pub(crate) fn month_stamp(index: i64, day: u32, second_of_day: i64) -> i64 {
    let year = index.div_euclid(12);
    // 1 to 12 by construction.
    let month = index.rem_euclid(12) as u32 + 1;
    let day = day.min(days_in_month(year, month));
    days_from_date(Date { year, month, day })
        .saturating_mul(DAY)
        .saturating_add(second_of_day)
}

/// When each row of a table was.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeAxis {
    /// Name of the time column.
    pub name: String,
    /// Seconds since 1970-01-01 00:00:00 in the file's own clock, no zone; strictly increasing.
    pub stamps: Vec<i64>,
    /// The even step, if there is one.
    pub step: Option<Step>,
    /// How the file writes its times.
    pub format: StampFormat,
}

impl TimeAxis {
    /// An axis of stamps that increase, with its step worked out.
    pub fn new(name: impl Into<String>, stamps: Vec<i64>, format: StampFormat) -> Self {
        let step = Step::of(&stamps);
        TimeAxis {
            name: name.into(),
            stamps,
            step,
            format,
        }
    }

    /// A stamp as the file would write it: [`StampFormat::write_whole`] in the file's format.
    pub fn write(&self, stamp: i64) -> String {
        self.format.write_whole(stamp)
    }

    /// The stamps of the `count` rows after the last, or nothing if the step is not even.
    pub fn future(&self, count: usize) -> Option<Vec<i64>> {
        let (&first, &last) = (self.stamps.first()?, self.stamps.last()?);
        let steps = 1..=i64::try_from(count).ok()?;
        match self.step? {
            Step::Seconds(seconds) => Some(
                steps
                    .map(|k| last.saturating_add(seconds.saturating_mul(k)))
                    .collect(),
            ),
            Step::Months(months) => {
                let date = |stamp: i64| date_from_days(stamp.div_euclid(DAY));
                // The day of the month is the latest seen: after 31 January and 28 February comes
                // 31 March, not 28 March.
                let day = self.stamps.iter().map(|stamp| date(*stamp).day).max()?;
                let index = month_index(date(last));
                let clock = first.rem_euclid(DAY);
                Some(
                    steps
                        .map(|k| {
                            month_stamp(index.saturating_add(months.saturating_mul(k)), day, clock)
                        })
                        .collect(),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(cells: &[&str]) -> TimeAxis {
        let format = StampFormat::candidates(cells[0])[0];
        let stamps = cells
            .iter()
            .map(|cell| format.parse(cell).unwrap())
            .collect();
        TimeAxis::new("time", stamps, format)
    }

    fn next(axis: &TimeAxis, count: usize) -> Vec<String> {
        axis.future(count)
            .unwrap()
            .into_iter()
            .map(|stamp| axis.write(stamp))
            .collect()
    }

    #[test]
    fn hours_go_on_into_the_next_year() {
        let axis = axis(&[
            "2016-12-31 21:00:00",
            "2016-12-31 22:00:00",
            "2016-12-31 23:00:00",
        ]);
        assert_eq!(axis.step, Some(Step::Seconds(3_600)));
        assert_eq!(
            next(&axis, 2),
            ["2017-01-01 00:00:00", "2017-01-01 01:00:00"]
        );
    }

    #[test]
    fn months_are_even_though_their_seconds_are_not() {
        let axis = axis(&["1949-11", "1949-12", "1950-01", "1950-02"]);
        assert_eq!(axis.step, Some(Step::Months(1)));
        assert_eq!(next(&axis, 2), ["1950-03", "1950-04"]);
        assert_eq!(Step::Months(1).nominal_seconds(), 2_629_746);
    }

    #[test]
    fn month_ends_stay_month_ends() {
        let axis = axis(&["31/12/2015", "31/01/2016", "29/02/2016"]);
        assert_eq!(axis.step, Some(Step::Months(1)));
        assert_eq!(next(&axis, 2), ["31/03/2016", "30/04/2016"]);
    }

    #[test]
    fn a_hole_makes_the_step_unknown_and_the_future_with_it() {
        let axis = axis(&["2016-07-01", "2016-07-02", "2016-07-04"]);
        assert_eq!(axis.step, None);
        assert_eq!(axis.future(1), None);
        assert_eq!(Step::of(&[0]), None);
    }

    #[test]
    fn a_stamp_finer_than_the_format_is_still_told_apart() {
        let axis = axis(&["2016-07-01", "2016-07-02"]);
        let noon = axis.stamps[0] + 43_200;
        assert_eq!(axis.write(noon), "2016-07-01 12:00");
        assert_eq!(axis.write(axis.stamps[0]), "2016-07-01");
    }

    #[test]
    fn steps_read_as_people_say_them() {
        let words = [
            (Step::Seconds(3_600), "1 hour"),
            (Step::Seconds(900), "15 minutes"),
            (Step::Seconds(DAY), "1 day"),
            (Step::Seconds(7 * DAY), "1 week"),
            (Step::Seconds(90), "90 seconds"),
            (Step::Months(3), "3 months"),
            (Step::Months(12), "1 year"),
        ];
        for (step, text) in words {
            assert_eq!(step.to_string(), text);
            assert_eq!(text.parse::<Step>().unwrap(), step);
        }
    }

    #[test]
    fn steps_are_read_as_people_write_them() {
        for (text, step) in [
            ("1h", Step::Seconds(3_600)),
            ("15min", Step::Seconds(900)),
            (" 30 s ", Step::Seconds(30)),
            ("day", Step::Seconds(DAY)),
            ("2w", Step::Seconds(14 * DAY)),
            ("1month", Step::Months(1)),
            ("1y", Step::Months(12)),
        ] {
            assert_eq!(text.parse::<Step>().unwrap(), step, "{text}");
        }
        for text in [
            "",
            "0h",
            "1",
            "-1h",
            "1.5h",
            "99999999999999999999s",
            "1 fortnight",
            "9999999y",
        ] {
            let message = text.parse::<Step>().unwrap_err().to_string();
            assert!(
                message.contains(&format!("`{text}` is no step of time")),
                "{message}"
            );
        }
    }
}
