//! Days and dates of the Gregorian calendar, without zones.
//!
//! Files carry local times with no zone, so all that is needed is the count of days; a calendar
//! crate would bring zone tables that nothing here may use. The two functions are those of
//! Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013): the year is taken to
//! start in March, so that the leap day is its last day.

/// Seconds of a day; local times without zone have no other length of day.
pub const DAY: i64 = 86_400;

/// A date of the Gregorian calendar, extended to all years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year; 0 is 1 BC.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day of the month, from 1.
    pub day: u32,
}

/// Days since 1970-01-01 of a date. The month must be 1 to 12.
pub fn days_from_date(date: Date) -> i64 {
    let month = i64::from(date.month);
    let year = if month <= 2 { date.year - 1 } else { date.year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(date.day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date that many days after 1970-01-01.
pub fn date_from_days(days: i64) -> Date {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    // `month` is 1 to 12 and `day` 1 to 31 by construction, so neither cast can lose anything.
    Date {
        year,
        month: month as u32,
        day: day as u32,
    }
}

/// Days of a month, 28 to 31. The month must be 1 to 12.
pub fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if year.rem_euclid(4) == 0
            && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) =>
        {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Day of the week of a stamp in seconds since 1970: 0 is Monday, 6 is Sunday.
pub fn weekday(stamp: i64) -> u32 {
    // 1970-01-01 was a Thursday.
    (stamp.div_euclid(DAY) + 3).rem_euclid(7) as u32
}

/// Whole months between year 0 and the date's month; the unit of monthly arithmetic.
pub(crate) fn month_index(date: Date) -> i64 {
    date.year * 12 + i64::from(date.month) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_eight_centuries_comes_back_and_follows_the_one_before() {
        let mut previous = date_from_days(-150_001);
        for days in -150_000..150_000 {
            let date = date_from_days(days);
            assert_eq!(days_from_date(date), days);
            let follows = if previous.day < days_in_month(previous.year, previous.month) {
                date == Date {
                    day: previous.day + 1,
                    ..previous
                }
            } else if previous.month < 12 {
                date == Date {
                    month: previous.month + 1,
                    day: 1,
                    ..previous
                }
            } else {
                date == Date {
                    year: previous.year + 1,
                    month: 1,
                    day: 1,
                }
            };
            assert!(follows, "{previous:?} then {date:?}");
            previous = date;
        }
    }

    #[test]
    fn known_days_have_their_known_numbers_and_weekdays() {
        let known = [
            ((1970, 1, 1), 0, 3),
            ((2000, 2, 29), 11_016, 1),
            ((2016, 7, 1), 16_983, 4),
            ((2024, 12, 31), 20_088, 1),
            ((1900, 3, 1), -25_508, 3),
        ];
        for ((year, month, day), days, of_week) in known {
            assert_eq!(
                days_from_date(Date { year, month, day }),
                days,
                "{year}-{month}-{day}"
            );
            assert_eq!(weekday(days * DAY + 3_600), of_week, "{year}-{month}-{day}");
        }
    }
}
