//! How a law says when a holiday is: on which day, in which years, and what a week-end does to it.

use super::easter;
use crate::civil::{DAY, Date, days_from_date, weekday};

pub(super) const MONDAY: u32 = 0;
pub(super) const WEDNESDAY: u32 = 2;
pub(super) const THURSDAY: u32 = 3;
const FRIDAY: u32 = 4;
pub(super) const SATURDAY: u32 = 5;
const SUNDAY: u32 = 6;

/// On which day of the year.
#[derive(Clone, Copy, Debug)]
enum When {
    /// A month and its day.
    Date(u32, u32),
    /// Days after Easter Sunday of the western churches.
    Easter(i64),
    /// Days after Easter Sunday of the Orthodox churches.
    OrthodoxEaster(i64),
    /// The first such weekday on or after a month and its day.
    OnOrAfter(u32, u32, u32),
    /// The first Monday of a month, or its first day if that is a Friday.
    MondayUnlessFridayFirst(u32),
    /// The day of the equinox in Japan.
    Equinox { march: bool },
}

/// What becomes of a holiday that falls on a week-end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    /// Nothing.
    Stays,
    /// From Sunday it moves to the Saturday before.
    SaturdayBefore,
    /// The Friday before a Saturday or the Monday after a Sunday is kept too.
    NearestWeekday,
    /// The next day that is neither of a week-end nor a holiday is kept too.
    NextWeekday,
    /// The Monday after is kept too.
    NextMonday,
    /// After a Sunday, the next day that is no holiday is kept too.
    NextDay,
}

/// One holiday of a country.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    when: When,
    pub(super) name: &'static str,
    pub(super) shift: Shift,
    first: i64,
    last: i64,
    /// Only in years divisible by this.
    every: i64,
    except: &'static [i64],
}

/// On a date of every year.
pub(super) const fn on(month: u32, day: u32, name: &'static str) -> Rule {
    Rule::every_year(When::Date(month, day), name)
}

/// So many days after Easter Sunday.
pub(super) const fn easter(days: i64, name: &'static str) -> Rule {
    Rule::every_year(When::Easter(days), name)
}

/// So many days after Orthodox Easter Sunday.
pub(super) const fn orthodox_easter(days: i64, name: &'static str) -> Rule {
    Rule::every_year(When::OrthodoxEaster(days), name)
}

/// The first such weekday on or after a date: the last Monday of May is the first from 25 May.
pub(super) const fn from_date(weekday: u32, month: u32, day: u32, name: &'static str) -> Rule {
    Rule::every_year(When::OnOrAfter(weekday, month, day), name)
}

/// The `n`th such weekday of a month, from 1.
pub(super) const fn nth(n: u32, weekday: u32, month: u32, name: &'static str) -> Rule {
    from_date(weekday, month, 7 * n - 6, name)
}

/// The first Monday of a month, or its first day if that is a Friday.
pub(super) const fn monday_unless_friday_first(month: u32, name: &'static str) -> Rule {
    Rule::every_year(When::MondayUnlessFridayFirst(month), name)
}

/// The equinox of March or of September in Japan.
pub(super) const fn equinox(march: bool, name: &'static str) -> Rule {
    Rule::every_year(When::Equinox { march }, name)
}

impl Rule {
    const fn every_year(when: When, name: &'static str) -> Rule {
        Rule {
            when,
            name,
            shift: Shift::Stays,
            first: i64::MIN,
            last: i64::MAX,
            every: 1,
            except: &[],
        }
    }

    /// From that year on.
    pub(super) const fn since(self, year: i64) -> Rule {
        Rule {
            first: year,
            ..self
        }
    }

    /// For the last time in that year.
    pub(super) const fn until(self, year: i64) -> Rule {
        Rule { last: year, ..self }
    }

    /// In that year only.
    pub(super) const fn only(self, year: i64) -> Rule {
        self.since(year).until(year)
    }

    /// Only in the years that five divides.
    pub(super) const fn every_fifth_year(self) -> Rule {
        Rule { every: 5, ..self }
    }

    /// Not in those years.
    pub(super) const fn except(self, years: &'static [i64]) -> Rule {
        Rule {
            except: years,
            ..self
        }
    }

    /// With that treatment of week-ends.
    pub(super) const fn shifted(self, shift: Shift) -> Rule {
        Rule { shift, ..self }
    }

    /// The day of that year, in days since 1970, if the holiday is held then.
    pub(super) fn day(&self, year: i64) -> Option<i64> {
        let held = (self.first..=self.last).contains(&year)
            && year.rem_euclid(self.every) == 0
            && !self.except.contains(&year);
        if !held {
            return None;
        }
        let date = |month, day| days_from_date(Date { year, month, day });
        let day = match self.when {
            When::Date(month, day) => date(month, day),
            When::Easter(days) => easter::western(year) + days,
            When::OrthodoxEaster(days) => easter::orthodox(year) + days,
            When::OnOrAfter(wanted, month, day) => on_or_after(wanted, date(month, day)),
            When::MondayUnlessFridayFirst(month) => {
                let first = date(month, 1);
                if of_week(first) == FRIDAY {
                    first
                } else {
                    on_or_after(MONDAY, first)
                }
            }
            When::Equinox { march: true } => date(3, 1) + equinox_day(20.843_1, year) - 1,
            When::Equinox { march: false } => date(9, 1) + equinox_day(23.248_8, year) - 1,
        };
        let moved = self.shift == Shift::SaturdayBefore && of_week(day) == SUNDAY;
        Some(if moved { day - 1 } else { day })
    }
}

fn on_or_after(wanted: u32, day: i64) -> i64 {
    day + (i64::from(wanted) - i64::from(of_week(day))).rem_euclid(7)
}

/// The day of the month of an equinox in Japan, for 1980 to 2099: the approximation of the Japan
/// Coast Guard's Hydrographic Department (S. Nagasawa, "Koyomi benricho", 1999).
fn equinox_day(in_1980: f64, year: i64) -> i64 {
    let years = year - 1980;
    (in_1980 + 0.242_194 * years as f64).floor() as i64 - years.div_euclid(4)
}

/// Day of the week of a day since 1970, 0 for Monday.
pub(super) fn of_week(day: i64) -> u32 {
    weekday(day * DAY)
}

/// Whether a day since 1970 is a Saturday or a Sunday.
pub(super) fn is_weekend(day: i64) -> bool {
    of_week(day) >= SATURDAY
}

/// Whether a day since 1970 is a Sunday.
pub(super) fn is_sunday(day: i64) -> bool {
    of_week(day) == SUNDAY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i64, month: u32, day: u32) -> i64 {
        days_from_date(Date { year, month, day })
    }

    #[test]
    fn weekdays_are_counted_within_their_month() {
        let thanksgiving = nth(4, THURSDAY, 11, "Thanksgiving");
        assert_eq!(thanksgiving.day(2024), Some(day(2024, 11, 28)));
        assert_eq!(thanksgiving.day(2018), Some(day(2018, 11, 22)));
        let last_monday_of_may = from_date(MONDAY, 5, 25, "Memorial Day");
        assert_eq!(last_monday_of_may.day(2021), Some(day(2021, 5, 31)));
        assert_eq!(last_monday_of_may.day(2020), Some(day(2020, 5, 25)));
    }

    #[test]
    fn a_rule_keeps_to_its_years() {
        let rule = on(5, 8, "Victory").since(2000).until(2004).except(&[2002]);
        let held: Vec<i64> = (1990..2010)
            .filter(|year| rule.day(*year).is_some())
            .collect();
        assert_eq!(held, [2000, 2001, 2003, 2004]);
        assert_eq!(on(5, 8, "Once").only(2001).day(2002), None);
    }

    #[test]
    fn equinoxes_fall_on_the_days_announced() {
        // National Astronomical Observatory of Japan, "Rekiyoko", of those years.
        let (spring, autumn) = (equinox(true, "spring"), equinox(false, "autumn"));
        for (year, in_march, in_september) in [
            (1991, 21, 23),
            (2000, 20, 23),
            (2012, 20, 22),
            (2015, 21, 23),
            (2016, 20, 22),
            (2020, 20, 22),
            (2023, 21, 23),
            (2024, 20, 22),
            (2026, 20, 23),
        ] {
            assert_eq!(spring.day(year), Some(day(year, 3, in_march)), "{year}");
            assert_eq!(autumn.day(year), Some(day(year, 9, in_september)), "{year}");
        }
    }

    #[test]
    fn a_sunday_can_move_a_holiday_to_the_saturday_before() {
        let king = on(4, 27, "King's Day").shifted(Shift::SaturdayBefore);
        assert_eq!(king.day(2025), Some(day(2025, 4, 26)));
        assert_eq!(king.day(2026), Some(day(2026, 4, 27)));
    }
}
