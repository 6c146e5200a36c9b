//! The lists against those that the authorities have published.

use super::*;
use crate::civil::{DAY, days_from_date, weekday};
use proptest::prelude::*;

fn country(code: &str) -> Country {
    code.parse().unwrap()
}

/// The dates of a year as months and days.
fn dates(code: &str, year: i64) -> Vec<(u32, u32)> {
    holidays(country(code), year)
        .iter()
        .map(|holiday| {
            assert_eq!(holiday.date.year, year);
            (holiday.date.month, holiday.date.day)
        })
        .collect()
}

#[test]
fn france_has_the_eleven_days_of_the_labour_code() {
    // service-public.fr, "Jours fériés", 2024 and 2025; in 2008, Ascension Day was 1 May.
    assert_eq!(
        dates("FR", 2024),
        [
            (1, 1),
            (4, 1),
            (5, 1),
            (5, 8),
            (5, 9),
            (5, 20),
            (7, 14),
            (8, 15),
            (11, 1),
            (11, 11),
            (12, 25)
        ]
    );
    let spring: Vec<_> = dates("FR", 2025)[1..6].to_vec();
    assert_eq!(spring, [(4, 21), (5, 1), (5, 8), (5, 29), (6, 9)]);
    assert_eq!(dates("FR", 2008).len(), 10);
    assert_eq!(
        dates("FR-AM", 2025),
        [
            (1, 1),
            (4, 18),
            (4, 21),
            (5, 1),
            (5, 8),
            (5, 29),
            (6, 9),
            (7, 14),
            (8, 15),
            (11, 1),
            (11, 11),
            (12, 25),
            (12, 26)
        ]
    );
}

#[test]
fn the_united_states_keep_the_nearest_weekday_even_in_the_year_before() {
    // Office of Personnel Management, "Federal Holidays", 2021 and 2022.
    assert_eq!(
        dates("US", 2021),
        [
            (1, 1),
            (1, 18),
            (2, 15),
            (5, 31),
            (6, 18),
            (6, 19),
            (7, 4),
            (7, 5),
            (9, 6),
            (10, 11),
            (11, 11),
            (11, 25),
            (12, 24),
            (12, 25),
            (12, 31)
        ]
    );
    assert_eq!(dates("US", 2022)[..2], [(1, 1), (1, 17)]);
    assert_eq!(dates("US", 2022).last(), Some(&(12, 26)));
    assert_eq!(holidays(country("US"), 2021)[14].name, "New Year's Day");
}

#[test]
fn england_and_scotland_have_their_substitute_days_and_proclaimed_ones() {
    // gov.uk, "UK bank holidays", 2022 for both; the weekend days themselves are listed here too.
    assert_eq!(
        dates("GB", 2022),
        [
            (1, 1),
            (1, 3),
            (4, 15),
            (4, 18),
            (5, 2),
            (6, 2),
            (6, 3),
            (8, 29),
            (9, 19),
            (12, 25),
            (12, 26),
            (12, 27)
        ]
    );
    assert_eq!(
        dates("GB-SCT", 2022),
        [
            (1, 1),
            (1, 2),
            (1, 3),
            (1, 4),
            (4, 15),
            (5, 2),
            (6, 2),
            (6, 3),
            (8, 1),
            (9, 19),
            (11, 30),
            (12, 25),
            (12, 26),
            (12, 27)
        ]
    );
    assert!(dates("GB", 2020).contains(&(5, 8)) && !dates("GB", 2020).contains(&(5, 4)));
    let christmas_2021: Vec<_> = holidays(country("GB"), 2021)
        .into_iter()
        .filter(|holiday| holiday.date.month == 12)
        .map(|holiday| (holiday.date.day, holiday.name))
        .collect();
    assert_eq!(
        christmas_2021,
        [
            (25, "Christmas Day"),
            (26, "Boxing Day"),
            (27, "Christmas Day"),
            (28, "Boxing Day")
        ]
    );
}

#[test]
fn japan_has_substitutes_and_days_between() {
    // Cabinet Office of Japan, "Kokumin no shukujitsu", 2019 and 2020.
    assert_eq!(
        dates("JP", 2019),
        [
            (1, 1),
            (1, 14),
            (2, 11),
            (3, 21),
            (4, 29),
            (4, 30),
            (5, 1),
            (5, 2),
            (5, 3),
            (5, 4),
            (5, 5),
            (5, 6),
            (7, 15),
            (8, 11),
            (8, 12),
            (9, 16),
            (9, 23),
            (10, 14),
            (10, 22),
            (11, 3),
            (11, 4),
            (11, 23)
        ]
    );
    assert_eq!(
        dates("JP", 2020),
        [
            (1, 1),
            (1, 13),
            (2, 11),
            (2, 23),
            (2, 24),
            (3, 20),
            (4, 29),
            (5, 3),
            (5, 4),
            (5, 5),
            (5, 6),
            (7, 23),
            (7, 24),
            (8, 10),
            (9, 21),
            (9, 22),
            (11, 3),
            (11, 23)
        ]
    );
    // The same office: 22 September lay between two holidays in 2009 and 2015, not in 2021.
    assert!(dates("JP", 2009).contains(&(9, 22)) && dates("JP", 2015).contains(&(9, 22)));
    assert!(!dates("JP", 2021).contains(&(9, 22)));
}

#[test]
fn days_that_a_law_took_away_or_gave_keep_to_its_years() {
    // The laws named beside the rules.
    let cases = [
        ("DK", 2023, (5, 5), true),
        ("DK", 2024, (4, 26), false),
        ("PT", 2012, (12, 1), true),
        ("PT", 2014, (12, 1), false),
        ("PT", 2016, (12, 1), true),
        ("NL", 2013, (4, 30), true),
        ("NL", 2014, (4, 26), true),
        ("NL", 2015, (4, 27), true),
        ("NL", 2020, (5, 5), true),
        ("NL", 2021, (5, 5), false),
        ("DE", 1994, (11, 16), true),
        ("DE", 1995, (11, 22), false),
        ("DE", 2017, (10, 31), true),
        ("DE", 2018, (10, 31), false),
        ("SE", 2004, (5, 31), true),
        ("SE", 2005, (5, 16), false),
        ("SE", 2024, (6, 22), true),
        ("SE", 2024, (11, 2), true),
        ("FI", 2025, (6, 21), true),
        ("PL", 2024, (12, 24), false),
        ("PL", 2025, (12, 24), true),
        ("CZ", 2015, (4, 3), false),
        ("CZ", 2016, (3, 25), true),
        ("LU", 2018, (5, 9), false),
        ("LU", 2019, (5, 9), true),
        ("IE", 2023, (2, 6), true),
        ("IE", 2030, (2, 1), true),
        ("IE", 2030, (2, 4), false),
        ("IT", 2000, (6, 2), false),
        ("IT", 2001, (6, 2), true),
        ("GR", 2024, (5, 6), true),
        ("GR", 2024, (5, 7), true),
        ("GR", 2024, (5, 1), false),
        ("NZ", 2021, (4, 26), true),
        ("NZ", 2010, (4, 26), false),
        ("NZ", 2025, (6, 20), true),
        ("CA", 2024, (5, 20), true),
        ("AU", 2022, (9, 22), true),
        ("AT", 2024, (5, 30), true),
        ("NO", 2024, (3, 28), true),
        ("ES", 2024, (12, 6), true),
        ("BE", 2024, (7, 21), true),
        ("CH", 1993, (8, 1), false),
        ("CH", 1994, (8, 1), true),
    ];
    for (code, year, date, held) in cases {
        let found = dates(code, year).contains(&date);
        assert_eq!(found, held, "{code} {year} {date:?}");
    }
}

#[test]
fn a_code_is_read_in_any_case_and_written_back() {
    for country in Country::all() {
        let again: Country = country.code().to_lowercase().parse().unwrap();
        assert_eq!(again, country);
        assert_eq!(again.to_string(), country.code());
    }
    assert_eq!(country(" uk "), country("GB"));
    assert_ne!(country("FR"), country("FR-AM"));
}

#[test]
fn an_unknown_code_names_the_one_meant_and_all_there_are() {
    let said = |code: &str| code.parse::<Country>().unwrap_err().to_string();
    assert!(
        said("France").contains("Did you mean `FR`?"),
        "{}",
        said("France")
    );
    assert!(
        said("fr-al").contains("Did you mean `FR-AM`?"),
        "{}",
        said("fr-al")
    );
    let far = said("Atlantis");
    assert!(far.contains("`Atlantis`") && far.contains("AT (Austria), AU (") && far.contains("US"));
    assert!(!far.contains("Did you mean"));
}

#[test]
fn years_outside_the_known_ones_have_no_holidays() {
    for year in [i64::MIN, 0, FIRST_YEAR - 1, LAST_YEAR + 1, i64::MAX] {
        assert_eq!(holidays(country("FR"), year), []);
    }
    let all = holiday_days(country("FR"), i64::MIN, i64::MAX);
    let counted: usize = (FIRST_YEAR..=LAST_YEAR)
        .map(|year| holidays(country("FR"), year).len())
        .sum();
    assert_eq!(all.len(), counted);
    assert!(holiday_days(country("FR"), 20_000, 19_000).is_empty());
}

proptest! {
    #[test]
    fn a_list_is_in_order_of_its_year_and_of_a_likely_length(
        which in 0_usize..1_000, year in FIRST_YEAR..=LAST_YEAR,
    ) {
        let all = Country::all();
        let list = holidays(all[which % all.len()], year);
        prop_assert!((6..=26).contains(&list.len()), "{}", list.len());
        prop_assert!(list.windows(2).all(|pair| pair[0].date < pair[1].date));
        prop_assert!(list.iter().all(|holiday| holiday.date.year == year));
        prop_assert!(list.iter().any(|holiday| holiday.name == "New Year's Day"));
    }

    #[test]
    fn a_range_has_the_days_of_its_years_between_its_ends(
        which in 0_usize..1_000, first in 7_000_i64..40_000, length in 0_i64..1_500,
    ) {
        let all = Country::all();
        let country = all[which % all.len()];
        let days = holiday_days(country, first, first + length);
        for day in first..=first + length {
            let date = date_from_days(day);
            let listed = holidays(country, date.year)
                .into_iter()
                .find(|holiday| holiday.date == date)
                .map(|holiday| holiday.name);
            prop_assert_eq!(days.get(&day).copied(), listed);
        }
        prop_assert!(days.range(..first).next().is_none());
    }

    #[test]
    fn british_holidays_on_a_weekend_are_made_up_for(year in FIRST_YEAR..=LAST_YEAR) {
        // The eight yearly bank holidays of England; those proclaimed come on top.
        let free = holidays(country("GB"), year)
            .into_iter()
            .filter(|holiday| weekday(days_from_date(holiday.date) * DAY) < 5)
            .count();
        prop_assert!(free >= 8, "{free}");
    }

    #[test]
    fn any_text_is_a_country_or_a_sentence(text in ".{0,40}") {
        if let Err(error) = text.parse::<Country>() {
            prop_assert!(error.to_string().contains("The codes are"));
        }
    }
}
