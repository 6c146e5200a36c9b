//! The date of Easter, from which the movable feasts of the churches are counted.

use crate::civil::{Date, days_from_date};

/// Easter Sunday of the western churches, in days since 1970.
///
/// The Gregorian computus in the form of Meeus, Jones and Butcher (J. Meeus, "Astronomical
/// Algorithms", 1991, chapter 8); right for every year of the Gregorian calendar.
pub(super) fn western(year: i64) -> i64 {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let moon_correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact =
        (19 * golden + century - century.div_euclid(4) - moon_correction + 15).rem_euclid(30);
    let to_sunday = (32 + 2 * century.rem_euclid(4) + 2 * of_century.div_euclid(4)
        - epact
        - of_century.rem_euclid(4))
    .rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday).div_euclid(451);
    march_or_april(year, epact + to_sunday - 7 * late + 114)
}

/// Easter Sunday of the Orthodox churches, in days since 1970, as a day of the Gregorian calendar.
///
/// Meeus's rule for the Julian calendar (the same chapter), then the days between the calendars:
/// 13 from 1900 to 2099.
pub(super) fn orthodox(year: i64) -> i64 {
    let moon = (19 * year.rem_euclid(19) + 15).rem_euclid(30);
    let to_sunday = (2 * year.rem_euclid(4) + 4 * year.rem_euclid(7) - moon + 34).rem_euclid(7);
    let between = year.div_euclid(100) - year.div_euclid(400) - 2;
    march_or_april(year, moon + to_sunday + 114) + between
}

/// Meeus's last line: 31 times the month, and the day counted from 0.
fn march_or_april(year: i64, month_and_day: i64) -> i64 {
    let month = if month_and_day < 4 * 31 { 3 } else { 4 };
    let first = days_from_date(Date {
        year,
        month,
        day: 1,
    });
    first + month_and_day - 31 * i64::from(month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::{DAY, date_from_days, weekday};
    use proptest::prelude::*;

    #[test]
    fn easter_falls_where_the_tables_of_the_churches_have_it() {
        // United States Census Bureau, "Easter Dates from 1600 to 2099", and, for 1818, 1943, 2008
        // and 2038, the earliest and latest dates in Meeus.
        let known = [
            (1818, 3, 22),
            (1943, 4, 25),
            (1991, 3, 31),
            (1995, 4, 16),
            (2000, 4, 23),
            (2005, 3, 27),
            (2008, 3, 23),
            (2011, 4, 24),
            (2016, 3, 27),
            (2018, 4, 1),
            (2019, 4, 21),
            (2020, 4, 12),
            (2021, 4, 4),
            (2022, 4, 17),
            (2023, 4, 9),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2049, 4, 18),
        ];
        for (year, month, day) in known {
            assert_eq!(date_from_days(western(year)), Date { year, month, day });
        }
    }

    #[test]
    fn orthodox_easter_falls_where_the_paschalion_has_it() {
        // Greek Orthodox Archdiocese of America, table of the dates of Pascha.
        let known = [
            (2005, 5, 1),
            (2010, 4, 4),
            (2013, 5, 5),
            (2016, 5, 1),
            (2019, 4, 28),
            (2020, 4, 19),
            (2021, 5, 2),
            (2022, 4, 24),
            (2023, 4, 16),
            (2024, 5, 5),
            (2025, 4, 20),
            (2026, 4, 12),
            (2027, 5, 2),
        ];
        for (year, month, day) in known {
            assert_eq!(date_from_days(orthodox(year)), Date { year, month, day });
        }
    }

    proptest! {
        #[test]
        fn easter_is_a_sunday_of_its_five_weeks(year in 1583_i64..10_000) {
            let date = date_from_days(western(year));
            prop_assert_eq!(weekday(western(year) * DAY), 6);
            prop_assert_eq!(date.year, year);
            prop_assert!((3, 22) <= (date.month, date.day) && (date.month, date.day) <= (4, 25));
        }

        #[test]
        fn orthodox_easter_is_a_sunday_that_is_never_before_the_western(year in 1583_i64..10_000) {
            prop_assert_eq!(weekday(orthodox(year) * DAY), 6);
            prop_assert!(orthodox(year) >= western(year));
        }
    }
}
