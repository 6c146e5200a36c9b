//! The holidays of northern and central Europe, one law after another.

use super::Law;
use super::rule::{Rule, SATURDAY, easter, from_date, on};

const NEW_YEAR: Rule = on(1, 1, "New Year's Day");
const EPIPHANY: Rule = on(1, 6, "Epiphany");
const MAUNDY_THURSDAY: Rule = easter(-3, "Maundy Thursday");
const GOOD_FRIDAY: Rule = easter(-2, "Good Friday");
const EASTER_SUNDAY: Rule = easter(0, "Easter Sunday");
const EASTER_MONDAY: Rule = easter(1, "Easter Monday");
const LABOUR_DAY: Rule = on(5, 1, "Labour Day");
const ASCENSION: Rule = easter(39, "Ascension Day");
const WHIT_SUNDAY: Rule = easter(49, "Whit Sunday");
const WHIT_MONDAY: Rule = easter(50, "Whit Monday");
const MIDSUMMER: Rule = from_date(SATURDAY, 6, 20, "Midsummer Day");
const SATURDAY_OF_ALL_SAINTS: Rule = from_date(SATURDAY, 10, 31, "All Saints' Day");
const CHRISTMAS_EVE: Rule = on(12, 24, "Christmas Eve");
const CHRISTMAS: Rule = on(12, 25, "Christmas Day");
const SECOND_CHRISTMAS: Rule = on(12, 26, "Second Day of Christmas");

pub(super) const LAWS: &[Law] = &[
    Law::new("SE", "Sweden", SWEDEN),
    Law::new("NO", "Norway", NORWAY),
    Law::new("DK", "Denmark", DENMARK),
    Law::new("FI", "Finland", FINLAND),
    Law::new("PL", "Poland", POLAND),
    Law::new("CZ", "Czechia", CZECHIA),
];

/// Lag (1989:253) om allmänna helgdagar. The eves of Midsummer, Christmas and the new year are no
/// holidays by it, though few work on them.
const SWEDEN: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    GOOD_FRIDAY,
    EASTER_SUNDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    ASCENSION,
    WHIT_SUNDAY,
    WHIT_MONDAY.until(2004),
    on(6, 6, "National Day").since(2005),
    MIDSUMMER,
    SATURDAY_OF_ALL_SAINTS,
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// Lov om helligdager og helligdagsfred (1995), section 2, and lov om 1 og 17 mai (1947).
const NORWAY: &[Rule] = &[
    NEW_YEAR,
    MAUNDY_THURSDAY,
    GOOD_FRIDAY,
    EASTER_SUNDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    on(5, 17, "Constitution Day"),
    ASCENSION,
    WHIT_SUNDAY,
    WHIT_MONDAY,
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// The holidays of the national church; law 214 of 2023 took the Great Day of Prayer away.
const DENMARK: &[Rule] = &[
    NEW_YEAR,
    MAUNDY_THURSDAY,
    GOOD_FRIDAY,
    EASTER_SUNDAY,
    EASTER_MONDAY,
    easter(26, "Great Day of Prayer").until(2023),
    ASCENSION,
    WHIT_SUNDAY,
    WHIT_MONDAY,
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// Kirkkolaki, on the feast days, and the laws on the first of May and on Independence Day. The eves
/// of Midsummer and Christmas are no holidays by them, though few work on them.
const FINLAND: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    GOOD_FRIDAY,
    EASTER_SUNDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    ASCENSION,
    WHIT_SUNDAY,
    MIDSUMMER,
    SATURDAY_OF_ALL_SAINTS,
    on(12, 6, "Independence Day"),
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// Ustawa o dniach wolnych od pracy (1951), as amended: Epiphany from 2011, Christmas Eve from 2025.
const POLAND: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY.since(2011),
    EASTER_SUNDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    on(5, 3, "Constitution Day"),
    WHIT_SUNDAY,
    easter(60, "Corpus Christi"),
    on(8, 15, "Assumption Day"),
    on(11, 1, "All Saints' Day"),
    on(11, 11, "Independence Day"),
    on(11, 12, "100 Years of Independence").only(2018),
    CHRISTMAS_EVE.since(2025),
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// Law 245/2000 on state and other holidays; before it, law 93/1951 as amended.
const CZECHIA: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY.since(2016),
    EASTER_MONDAY,
    LABOUR_DAY,
    on(5, 9, "Liberation Day").until(1991),
    on(5, 8, "Liberation Day").since(1992),
    on(7, 5, "Saints Cyril and Methodius Day"),
    on(7, 6, "Jan Hus Day"),
    on(9, 28, "Statehood Day").since(2000),
    on(10, 28, "Independence Day"),
    on(11, 17, "Freedom and Democracy Day").since(2000),
    CHRISTMAS_EVE,
    CHRISTMAS,
    SECOND_CHRISTMAS,
];
