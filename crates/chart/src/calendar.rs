//! Ticks of an axis of time: at midnights, Mondays, first days of months, never at "every
//! 100,000 seconds".
//!
//! Times are seconds since 1970 without zone. The two conversions are repeated here from the data
//! crate (Hinnant 2013) because a chart must not know of tables.

use crate::scale::{Scale, range};

const DAY: i64 = 86_400;

/// Steps in seconds, from a second to a fortnight, each dividing the next unit.
const SECONDS: [i64; 16] = [
    1,
    5,
    15,
    30,
    60,
    300,
    900,
    1_800,
    3_600,
    10_800,
    21_600,
    43_200,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
];

/// Steps in months, from one to a thousand years.
const MONTHS: [i64; 13] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 6_000, 12_000];

/// The years an axis of time can show; what lies outside is drawn at its end.
const EARLIEST: f64 = -62_167_219_200.0;
const LATEST: f64 = 253_402_300_799.0;

/// An axis over the finite ones of these times, with about `ticks` ticks; nothing without one.
pub(crate) fn scale(times: impl Iterator<Item = f64>, ticks: usize) -> Option<Scale> {
    let inside = times
        .filter(|time| time.is_finite())
        .map(|time| time.clamp(EARLIEST, LATEST));
    let (mut low, mut high) = range(inside)?;
    if high - low < 1.0 {
        (low, high) = (low - 1.0, high + 1.0);
    }
    let raw = (high - low) / ticks.max(1) as f64;
    // Within the limits above, so neither cast can lose anything.
    let (first, last) = (low.ceil() as i64, high.floor() as i64);
    let places: Vec<i64> = match SECONDS.iter().find(|step| **step as f64 >= raw) {
        Some(step) => {
            // Weeks begin on Mondays; 1970-01-05 was one.
            let origin = if step % (7 * DAY) == 0 { 4 * DAY } else { 0 };
            let start = first + (origin - first).rem_euclid(*step);
            (0..)
                .map(|k| start + k * step)
                .take_while(|time| *time <= last)
                .collect()
        }
        None => {
            let month = 30.44 * DAY as f64;
            let step = MONTHS
                .iter()
                .find(|step| **step as f64 * month >= raw)
                .unwrap_or(&24_000);
            let start = month_of(first).div_euclid(*step) * step;
            (0..)
                .map(|k| start_of_month(start + k * step))
                .skip_while(|time| *time < first)
                .take_while(|time| *time <= last)
                .collect()
        }
    };
    let labels = labels(&places);
    let ticks = places
        .iter()
        .map(|place| *place as f64)
        .zip(labels)
        .collect();
    Some(Scale {
        low,
        high,
        ticks,
        log: false,
    })
}

/// First and last time of a scale, as short as they can be said: `2016-07-01 to 2016-07-08`.
pub(crate) fn span(scale: &Scale) -> String {
    let (low, high) = (scale.low as i64, scale.high as i64);
    let clocks = high - low < 3 * DAY;
    let text = |time: i64| {
        let (year, month, day) = date(time);
        if clocks {
            let minute = time.rem_euclid(DAY) / 60;
            format!(
                "{year:04}-{month:02}-{day:02} {:02}:{:02}",
                minute / 60,
                minute % 60
            )
        } else {
            format!("{year:04}-{month:02}-{day:02}")
        }
    };
    format!("{} to {}", text(low), text(high))
}

/// Each place with the coarsest part that says it: years, else months, else days, with the clock
/// between midnights.
fn labels(places: &[i64]) -> Vec<String> {
    let all = |test: fn(i64) -> bool| places.iter().all(|time| test(*time));
    let years =
        all(|time| month_of(time).rem_euclid(12) == 0 && start_of_month(month_of(time)) == time);
    let months = all(|time| start_of_month(month_of(time)) == time);
    let seconds = !all(|time| time.rem_euclid(60) == 0);
    places
        .iter()
        .map(|time| {
            let (year, month, day) = date(*time);
            let clock = time.rem_euclid(DAY);
            let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
            match clock {
                0 if years && places.len() > 1 => format!("{year:04}"),
                0 if months && places.len() > 1 => format!("{year:04}-{month:02}"),
                0 => format!("{month:02}-{day:02}"),
                _ if seconds => format!("{hour:02}:{minute:02}:{second:02}"),
                _ => format!("{hour:02}:{minute:02}"),
            }
        })
        .collect()
}

/// Year, month and day of a time.
fn date(time: i64) -> (i64, i64, i64) {
    let days = time.div_euclid(DAY) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = (from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * from_march + 2) / 5 + 1)
}

/// Months from January of year 0 to the month of a time.
fn month_of(time: i64) -> i64 {
    let (year, month, _) = date(time);
    year * 12 + month - 1
}

/// First second of a month counted from January of year 0.
fn start_of_month(index: i64) -> i64 {
    let from_march = index - 2;
    let (year, month) = (from_march.div_euclid(12), from_march.rem_euclid(12));
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day = of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5;
    (era * 146_097 + day - 719_468) * DAY
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2016-07-01 00:00:00.
    const JULY: f64 = 1_467_331_200.0;

    fn ticks(hours: f64) -> Vec<String> {
        let scale = scale([JULY, JULY + hours * 3_600.0].into_iter(), 6).unwrap();
        scale.ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_stand_where_a_calendar_turns() {
        assert_eq!(ticks(1.0), ["07-01", "00:15", "00:30", "00:45", "01:00"]);
        assert_eq!(ticks(48.0), ["07-01", "12:00", "07-02", "12:00", "07-03"]);
        assert_eq!(ticks(24.0 * 30.0), ["07-04", "07-11", "07-18", "07-25"]);
        assert_eq!(
            ticks(24.0 * 365.0),
            [
                "2016-07", "2016-09", "2016-11", "2017-01", "2017-03", "2017-05", "2017-07"
            ]
        );
        assert_eq!(
            ticks(24.0 * 365.0 * 10.0),
            ["2018", "2020", "2022", "2024", "2026"]
        );
    }

    #[test]
    fn the_ends_are_said_with_the_clock_only_when_they_are_near() {
        let told =
            |hours: f64| span(&scale([JULY, JULY + hours * 3_600.0].into_iter(), 6).unwrap());
        assert_eq!(told(36.0), "2016-07-01 00:00 to 2016-07-02 12:00");
        assert_eq!(told(240.0), "2016-07-01 to 2016-07-11");
    }

    proptest! {
        #[test]
        fn months_start_where_they_start(index in -12_000_i64..120_000) {
            prop_assert_eq!(month_of(start_of_month(index)), index);
            prop_assert_eq!(month_of(start_of_month(index) - 1), index - 1);
        }

        #[test]
        fn any_times_give_few_ticks_inside_the_axis(a in proptest::num::f64::ANY, b in proptest::num::f64::ANY) {
            if let Some(scale) = scale([a, b].into_iter(), 6) {
                prop_assert!(scale.ticks.len() <= 8, "{:?}", scale);
                prop_assert!(scale.ticks.iter().all(|(t, _)| (scale.low..=scale.high).contains(t)));
            }
        }
    }
}
