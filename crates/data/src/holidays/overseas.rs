//! The holidays of countries outside Europe, one law after another.

use super::Law;
use super::rule::{MONDAY, Rule, Shift, THURSDAY, easter, equinox, from_date, nth, on};

const NEW_YEAR: Rule = on(1, 1, "New Year's Day");
const GOOD_FRIDAY: Rule = easter(-2, "Good Friday");
const EASTER_MONDAY: Rule = easter(1, "Easter Monday");
const CHRISTMAS: Rule = on(12, 25, "Christmas Day");
const BOXING_DAY: Rule = on(12, 26, "Boxing Day");

pub(super) const LAWS: &[Law] = &[
    Law::new("US", "United States, federal", UNITED_STATES),
    Law::new("CA", "Canada, federal", CANADA),
    Law::new("AU", "Australia, all states", AUSTRALIA),
    Law::new("NZ", "New Zealand", NEW_ZEALAND),
    Law {
        code: "JP",
        country: "Japan",
        rules: JAPAN,
        between: true,
    },
];

/// United States Code, title 5, section 6103, and Executive Order 11582 on Sundays.
const UNITED_STATES: &[Rule] = &[
    NEW_YEAR.shifted(Shift::NearestWeekday),
    nth(3, MONDAY, 1, "Birthday of Martin Luther King, Jr."),
    nth(3, MONDAY, 2, "Washington's Birthday"),
    from_date(MONDAY, 5, 25, "Memorial Day"),
    on(6, 19, "Juneteenth")
        .since(2021)
        .shifted(Shift::NearestWeekday),
    on(7, 4, "Independence Day").shifted(Shift::NearestWeekday),
    nth(1, MONDAY, 9, "Labor Day"),
    nth(2, MONDAY, 10, "Columbus Day"),
    on(11, 11, "Veterans Day").shifted(Shift::NearestWeekday),
    nth(4, THURSDAY, 11, "Thanksgiving Day"),
    CHRISTMAS.shifted(Shift::NearestWeekday),
];

/// Canada Labour Code, sections 166 and 193, which lets the employer choose the day before or after
/// a week-end; the day after is the custom.
const CANADA: &[Rule] = &[
    NEW_YEAR.shifted(Shift::NextWeekday),
    GOOD_FRIDAY,
    // The Monday before 25 May.
    from_date(MONDAY, 5, 18, "Victoria Day"),
    on(7, 1, "Canada Day").shifted(Shift::NextWeekday),
    nth(1, MONDAY, 9, "Labour Day"),
    on(9, 30, "National Day for Truth and Reconciliation")
        .since(2021)
        .shifted(Shift::NextWeekday),
    nth(2, MONDAY, 10, "Thanksgiving Day"),
    on(11, 11, "Remembrance Day").shifted(Shift::NextWeekday),
    CHRISTMAS.shifted(Shift::NextWeekday),
    BOXING_DAY.shifted(Shift::NextWeekday),
];

/// Fair Work Act 2009, section 115, and the laws of the states where they agree. The King's Birthday
/// and Labour Day have other dates in other states, so neither is here. Until 1993 most states kept
/// Australia Day on a Monday.
const AUSTRALIA: &[Rule] = &[
    NEW_YEAR.shifted(Shift::NextWeekday),
    from_date(MONDAY, 1, 26, "Australia Day").until(1993),
    on(1, 26, "Australia Day")
        .since(1994)
        .shifted(Shift::NextWeekday),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    on(4, 25, "Anzac Day"),
    on(9, 22, "National Day of Mourning for Queen Elizabeth II").only(2022),
    CHRISTMAS.shifted(Shift::NextWeekday),
    BOXING_DAY.shifted(Shift::NextWeekday),
];

/// Holidays Act 2003, sections 44 to 45A; the amendment of 2013 gives Waitangi Day and Anzac Day
/// their Mondays. Provincial anniversaries are not here.
const NEW_ZEALAND: &[Rule] = &[
    NEW_YEAR.shifted(Shift::NextWeekday),
    on(1, 2, "Day after New Year's Day").shifted(Shift::NextWeekday),
    on(2, 6, "Waitangi Day").until(2013),
    on(2, 6, "Waitangi Day")
        .since(2014)
        .shifted(Shift::NextMonday),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    on(4, 25, "Anzac Day").until(2013),
    on(4, 25, "Anzac Day")
        .since(2014)
        .shifted(Shift::NextMonday),
    nth(1, MONDAY, 6, "Sovereign's Birthday"),
    matariki(2022, 6, 24),
    matariki(2023, 7, 14),
    matariki(2024, 6, 28),
    matariki(2025, 6, 20),
    matariki(2026, 7, 10),
    matariki(2027, 6, 25),
    matariki(2028, 7, 14),
    matariki(2029, 7, 6),
    matariki(2030, 6, 21),
    matariki(2031, 7, 11),
    matariki(2032, 7, 2),
    matariki(2033, 6, 24),
    matariki(2034, 7, 7),
    matariki(2035, 6, 29),
    matariki(2036, 7, 18),
    matariki(2037, 7, 10),
    matariki(2038, 6, 25),
    matariki(2039, 7, 15),
    matariki(2040, 7, 6),
    matariki(2041, 7, 19),
    matariki(2042, 7, 11),
    matariki(2043, 7, 3),
    matariki(2044, 6, 24),
    matariki(2045, 7, 7),
    matariki(2046, 6, 29),
    matariki(2047, 7, 19),
    matariki(2048, 7, 3),
    matariki(2049, 6, 25),
    matariki(2050, 7, 15),
    matariki(2051, 6, 30),
    matariki(2052, 6, 21),
    on(9, 26, "Queen Elizabeth II Memorial Day").only(2022),
    nth(4, MONDAY, 10, "Labour Day"),
    CHRISTMAS.shifted(Shift::NextWeekday),
    BOXING_DAY.shifted(Shift::NextWeekday),
];

/// A line of schedule 1 of the Te Kāhui o Matariki Public Holiday Act 2022, which ends with 2052.
const fn matariki(year: i64, month: u32, day: u32) -> Rule {
    on(month, day, "Matariki").only(year)
}

/// Kokumin no shukujitsu ni kansuru hōritsu (law 178 of 1948), as amended, and the laws for the
/// Olympic years 2020 and 2021, the wedding of 1993 and the accession of 2019.
const JAPAN: &[Rule] = &[
    sunday_on(1, 1, "New Year's Day"),
    sunday_on(1, 15, "Coming of Age Day").until(1999),
    nth(2, MONDAY, 1, "Coming of Age Day").since(2000),
    sunday_on(2, 11, "National Foundation Day"),
    sunday_on(2, 23, "The Emperor's Birthday").since(2020),
    equinox(true, "Vernal Equinox Day").shifted(Shift::NextDay),
    sunday_on(4, 29, "Greenery Day").until(2006),
    sunday_on(4, 29, "Showa Day").since(2007),
    on(5, 1, "Accession of the Emperor").only(2019),
    sunday_on(5, 3, "Constitution Memorial Day"),
    sunday_on(5, 4, "Greenery Day").since(2007),
    sunday_on(5, 5, "Children's Day"),
    on(6, 9, "Wedding of the Crown Prince").only(1993),
    sunday_on(7, 20, "Marine Day").since(1996).until(2002),
    nth(3, MONDAY, 7, "Marine Day")
        .since(2003)
        .except(&[2020, 2021]),
    on(7, 23, "Marine Day").only(2020),
    on(7, 22, "Marine Day").only(2021),
    sunday_on(8, 11, "Mountain Day")
        .since(2016)
        .except(&[2020, 2021]),
    on(8, 10, "Mountain Day").only(2020),
    sunday_on(8, 8, "Mountain Day").only(2021),
    sunday_on(9, 15, "Respect for the Aged Day").until(2002),
    nth(3, MONDAY, 9, "Respect for the Aged Day").since(2003),
    equinox(false, "Autumnal Equinox Day").shifted(Shift::NextDay),
    sunday_on(10, 10, "Health and Sports Day").until(1999),
    nth(2, MONDAY, 10, "Health and Sports Day")
        .since(2000)
        .until(2019),
    on(7, 24, "Sports Day").only(2020),
    on(7, 23, "Sports Day").only(2021),
    nth(2, MONDAY, 10, "Sports Day").since(2022),
    on(10, 22, "Enthronement of the Emperor").only(2019),
    sunday_on(11, 3, "Culture Day"),
    sunday_on(11, 23, "Labour Thanksgiving Day"),
    sunday_on(12, 23, "The Emperor's Birthday").until(2018),
];

/// A date with the substitute holiday that article 3 gives when it is a Sunday.
const fn sunday_on(month: u32, day: u32, name: &'static str) -> Rule {
    on(month, day, name).shifted(Shift::NextDay)
}
