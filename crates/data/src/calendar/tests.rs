//! The features against the calendar on the wall, and their promises for any stamp.

use std::collections::HashMap;

use super::*;
use crate::civil::{Date, days_from_date};
use proptest::prelude::*;

const HOUR: Step = Step::Seconds(3_600);
const TEN_YEARS: i64 = 3_653 * DAY;

fn stamp(year: i64, month: u32, day: u32, hour: i64) -> i64 {
    days_from_date(Date { year, month, day }) * DAY + hour * 3_600
}

fn french(step: Step) -> CalendarFeatures {
    CalendarFeatures::infer(step, TEN_YEARS, Some("FR".parse().unwrap()))
}

fn named(features: &CalendarFeatures, stamp: i64) -> HashMap<String, f32> {
    let mut row = vec![f32::NAN; features.width()];
    features.write(stamp, &mut row);
    features.names().into_iter().zip(row).collect()
}

#[test]
fn an_hour_of_a_working_day_stands_on_its_circles() {
    let features = french(HOUR);
    // Tuesday 2 July 2024, 06:00: a quarter of the day, and half of the leap year but for 42 hours.
    let row = named(&features, stamp(2024, 7, 2, 6));
    let near = |name: &str, expected: f32| {
        assert!((row[name] - expected).abs() < 1e-6, "{name}: {}", row[name]);
    };
    near("hour_sin_1", 1.0);
    near("hour_cos_1", 0.0);
    near("hour_sin_2", 0.0);
    near("hour_cos_2", -1.0);
    near("tuesday", 1.0);
    let others = [
        "monday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    for name in others {
        near(name, 0.0);
    }
    for name in [
        "holiday:FR",
        "holiday_eve:FR",
        "holiday_after:FR",
        "year_end:FR",
    ] {
        near(name, 0.0);
    }
    assert!(row["year_cos_1"] < -0.999 && !row.contains_key("minute_sin"));
}

#[test]
fn days_around_a_holiday_are_told_from_it() {
    let features = french(HOUR);
    let flags = |month, day, hour| {
        let row = named(&features, stamp(2024, month, day, hour));
        [
            "holiday_eve:FR",
            "holiday:FR",
            "holiday_after:FR",
            "bridge_day:FR",
        ]
        .map(|name| row[name] == 1.0)
    };
    // 2024: Thursday 15 August, and Thursday 9 May after Wednesday 8 May.
    assert_eq!(flags(8, 14, 23), [true, false, false, false]);
    assert_eq!(flags(8, 15, 0), [false, true, false, false]);
    assert_eq!(flags(8, 15, 23), [false, true, false, false]);
    assert_eq!(flags(8, 16, 12), [false, false, true, true]);
    assert_eq!(flags(8, 17, 12), [false, false, false, false]);
    assert_eq!(flags(5, 8, 12), [true, true, false, false]);
    assert_eq!(flags(5, 9, 12), [false, true, true, false]);
    assert_eq!(flags(5, 10, 12), [false, false, true, true]);
    // Monday 1 April is a holiday; Tuesday after it makes no bridge.
    assert_eq!(flags(4, 2, 12), [false, false, true, false]);
    // Monday 13 July 2026 stands before Tuesday 14 July.
    let bridge = named(&features, stamp(2026, 7, 13, 9));
    assert_eq!(
        (bridge["bridge_day:FR"], bridge["holiday_eve:FR"]),
        (1.0, 1.0)
    );
}

#[test]
fn the_end_of_the_year_is_one_season_over_the_new_year() {
    let features = french(Step::Seconds(DAY));
    let held =
        |year, month, day| named(&features, stamp(year, month, day, 0))["year_end:FR"] == 1.0;
    assert!(!held(2024, 12, 23) && held(2024, 12, 24) && held(2024, 12, 31));
    assert!(held(2025, 1, 1) && !held(2025, 1, 2));
    // 31 December is the eve of a holiday of the next year.
    assert_eq!(
        named(&features, stamp(2024, 12, 31, 0))["holiday_eve:FR"],
        1.0
    );
    assert_eq!(
        named(&features, stamp(2025, 1, 2, 0))["holiday_after:FR"],
        1.0
    );
}

#[test]
fn the_step_decides_which_cycles_are_seen() {
    let stems = |step: Step, span: i64| {
        CalendarFeatures::infer(step, span, None)
            .names()
            .into_iter()
            .filter(|name| !name.ends_with("day"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let day = "hour_sin_1 hour_cos_1 hour_sin_2 hour_cos_2";
    let year = "year_sin_1 year_cos_1 year_sin_2 year_cos_2";
    let minutes = stems(Step::Seconds(900), TEN_YEARS);
    assert_eq!(minutes, format!("minute_sin minute_cos {day} {year}"));
    assert_eq!(stems(HOUR, TEN_YEARS), format!("{day} {year}"));
    assert_eq!(
        stems(Step::Seconds(43_200), TEN_YEARS),
        format!("hour_sin_1 hour_cos_1 {year}")
    );
    assert_eq!(stems(Step::Seconds(DAY), TEN_YEARS), year);
    assert_eq!(stems(Step::Seconds(7 * DAY), TEN_YEARS), year);
    assert_eq!(stems(Step::Months(1), TEN_YEARS), year);
    assert_eq!(stems(Step::Months(3), TEN_YEARS), year);
    assert_eq!(stems(Step::Months(6), TEN_YEARS), "year_sin_1 year_cos_1");
    assert_eq!(stems(Step::Months(12), TEN_YEARS), "");
    assert_eq!(stems(HOUR, 365 * DAY), day);
    assert_eq!(stems(HOUR, DAY - 1), "");
}

#[test]
fn weekdays_and_holidays_need_a_step_of_a_day_at_most() {
    let has = |step, span, name: &str| {
        CalendarFeatures::infer(step, span, Some("FR".parse().unwrap()))
            .names()
            .contains(&name.to_owned())
    };
    assert!(has(Step::Seconds(DAY), TEN_YEARS, "monday"));
    assert!(!has(Step::Seconds(DAY), 6 * DAY, "monday"));
    assert!(!has(Step::Seconds(2 * DAY), TEN_YEARS, "monday"));
    assert!(has(Step::Seconds(DAY), 6 * DAY, "holiday:FR"));
    assert!(!has(Step::Months(1), TEN_YEARS, "holiday:FR"));
    assert_eq!(french(Step::Months(1)).country(), None);
    assert_eq!(
        french(HOUR).country().map(|country| country.code()),
        Some("FR")
    );
    assert_eq!(french(Step::Seconds(60)).width(), COLUMNS.len());
}

#[test]
fn names_make_the_same_features_again() {
    for step in [
        Step::Seconds(600),
        HOUR,
        Step::Seconds(DAY),
        Step::Months(12),
    ] {
        let features = french(step);
        assert_eq!(
            CalendarFeatures::from_names(&features.names()),
            Ok(features)
        );
    }
    let chosen = ["sunday", "holiday:FR-AM", "hour_cos_1"];
    let features = CalendarFeatures::from_names(&chosen).unwrap();
    assert_eq!(features.names(), chosen);
    let mut row = [0.0; 3];
    // Good Friday 2025, a holiday in Alsace-Moselle, at midnight.
    features.write(stamp(2025, 4, 18, 0), &mut row);
    assert_eq!(row, [0.0, 1.0, 1.0]);
}

#[test]
fn names_that_are_no_features_say_what_is_wrong() {
    let said = |names: &[&str]| CalendarFeatures::from_names(names).unwrap_err().to_string();
    assert!(
        said(&["munday"])
            .contains("`munday` is no feature of the calendar. Did you mean `monday`?")
    );
    assert!(said(&["holiday"]).contains("followed by the code of a country"));
    assert!(said(&["monday:FR"]).contains("is no feature"));
    assert!(said(&["holiday:XX"]).contains("the holidays of `XX` are not known"));
    assert!(said(&["holiday:FR", "bridge_day:DE"]).contains("of FR and of DE"));
    assert!(said(&["holiday:FR", "holiday:DE"]).contains("of FR and of DE"));
    assert!(said(&["sunday", "sunday"]).contains("twice"));
    assert!(said(&["holiday:FR", "holiday:fr"]).contains("twice"));
}

#[test]
fn an_output_of_another_length_is_filled_as_far_as_both_go() {
    let features = french(HOUR);
    let mut short = [9.0; 2];
    features.write(0, &mut short);
    assert_eq!(short, [0.0, 1.0]);
    let mut long = vec![9.0; features.width() + 1];
    features.write(0, &mut long);
    assert_eq!(long.last(), Some(&9.0));
    let nothing = CalendarFeatures::from_names::<&str>(&[]).unwrap();
    nothing.write_all(&[0, 3_600], &mut short);
    assert_eq!(short, [0.0, 1.0]);
}

proptest! {
    #[test]
    fn any_stamp_has_its_features_in_range(
        stamp in prop_oneof![any::<i64>(), -4_000_000_000_i64..9_000_000_000],
        which in 0_usize..100,
    ) {
        let all = Country::all();
        let features =
            CalendarFeatures::infer(Step::Seconds(60), TEN_YEARS, Some(all[which % all.len()]));
        let mut row = vec![f32::NAN; features.width()];
        features.write(stamp, &mut row);
        prop_assert!(row.iter().all(|value| (-1.0..=1.0).contains(value)), "{row:?}");
        let weekdays = &row[10..17];
        prop_assert_eq!(weekdays.iter().sum::<f32>(), 1.0);
    }

    #[test]
    fn cycles_come_back_to_the_bit(stamp in -4_000_000_000_i64..9_000_000_000) {
        let features = CalendarFeatures::infer(Step::Seconds(60), TEN_YEARS, None);
        let (now, hour) = (named(&features, stamp), named(&features, stamp + 3_600));
        let (day, week) = (named(&features, stamp + DAY), named(&features, stamp + 7 * DAY));
        // Four centuries are a whole number of weeks and the period of the whole calendar.
        let centuries = named(&features, stamp + 146_097 * DAY);
        for (name, value) in &now {
            if name.starts_with("minute") {
                prop_assert_eq!(hour[name], *value);
            }
            if name.starts_with("hour") {
                prop_assert_eq!(day[name], *value);
            }
            if name.ends_with("day") {
                prop_assert_eq!(week[name], *value);
            }
            prop_assert_eq!(centuries[name], *value);
        }
    }

    #[test]
    fn neighbours_stay_neighbours_over_midnight_and_the_new_year(stamp in 0_i64..4_000_000_000) {
        let features = CalendarFeatures::infer(Step::Seconds(60), TEN_YEARS, None);
        let (now, next) = (named(&features, stamp), named(&features, stamp + 60));
        for (name, value) in &now {
            if name.contains("_") {
                let jump = (next[name] - value).abs();
                prop_assert!(jump < 0.11, "{name}: {jump}");
            }
        }
    }

    #[test]
    fn many_stamps_at_once_are_each_alone(
        stamps in prop::collection::vec(600_000_000_i64..4_200_000_000, 0..20),
    ) {
        let features = french(HOUR);
        let mut together = vec![f32::NAN; stamps.len() * features.width()];
        features.write_all(&stamps, &mut together);
        for (stamp, row) in stamps.iter().zip(together.chunks_exact(features.width())) {
            let mut alone = vec![f32::NAN; features.width()];
            features.write(*stamp, &mut alone);
            prop_assert_eq!(row, &alone[..]);
        }
    }

    #[test]
    fn any_step_and_span_give_features_that_their_names_give_again(
        seconds in any::<i64>(), months in any::<bool>(), span in any::<i64>(),
    ) {
        let step = if months { Step::Months(seconds) } else { Step::Seconds(seconds) };
        let features = CalendarFeatures::infer(step, span, "JP".parse().ok());
        let names = features.names();
        prop_assert_eq!(names.len(), features.width());
        prop_assert_eq!(CalendarFeatures::from_names(&names), Ok(features));
    }

    #[test]
    fn any_names_are_features_or_a_sentence(names in prop::collection::vec(".{0,20}", 0..4)) {
        if let Err(error) = CalendarFeatures::from_names(&names) {
            prop_assert!(error.to_string().contains("feature"));
        }
    }
}
