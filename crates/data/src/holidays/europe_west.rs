//! The holidays of western and southern Europe, one law after another.

use super::Law;
use super::rule::{
    MONDAY, Rule, Shift, WEDNESDAY, easter, from_date, monday_unless_friday_first, nth, on,
    orthodox_easter,
};

const NEW_YEAR: Rule = on(1, 1, "New Year's Day");
const EPIPHANY: Rule = on(1, 6, "Epiphany");
const GOOD_FRIDAY: Rule = easter(-2, "Good Friday");
const EASTER_SUNDAY: Rule = easter(0, "Easter Sunday");
const EASTER_MONDAY: Rule = easter(1, "Easter Monday");
const LABOUR_DAY: Rule = on(5, 1, "Labour Day");
const ASCENSION: Rule = easter(39, "Ascension Day");
const WHIT_MONDAY: Rule = easter(50, "Whit Monday");
const CORPUS_CHRISTI: Rule = easter(60, "Corpus Christi");
const ASSUMPTION: Rule = on(8, 15, "Assumption Day");
const ALL_SAINTS: Rule = on(11, 1, "All Saints' Day");
const ARMISTICE: Rule = on(11, 11, "Armistice Day");
const IMMACULATE_CONCEPTION: Rule = on(12, 8, "Immaculate Conception");
const CHRISTMAS: Rule = on(12, 25, "Christmas Day");
const SECOND_CHRISTMAS: Rule = on(12, 26, "Saint Stephen's Day");
const BASTILLE_DAY: Rule = on(7, 14, "Bastille Day");
const VICTORY_DAY: Rule = on(5, 8, "Victory Day");

pub(super) const LAWS: &[Law] = &[
    Law::new("FR", "France", FRANCE),
    Law::new("FR-AM", "France, Alsace-Moselle", ALSACE_MOSELLE),
    Law::new("DE", "Germany, all states", GERMANY),
    Law::new("GB", "England and Wales", ENGLAND_AND_WALES),
    Law::new("GB-SCT", "Scotland", SCOTLAND),
    Law::new("IE", "Ireland", IRELAND),
    Law::new("ES", "Spain, all regions", SPAIN),
    Law::new("PT", "Portugal", PORTUGAL),
    Law::new("IT", "Italy", ITALY),
    Law::new("BE", "Belgium", BELGIUM),
    Law::new("NL", "Netherlands", NETHERLANDS),
    Law::new("LU", "Luxembourg", LUXEMBOURG),
    Law::new("CH", "Switzerland, most cantons", SWITZERLAND),
    Law::new("AT", "Austria", AUSTRIA),
    Law::new("GR", "Greece", GREECE),
];

/// Code du travail, article L3133-1.
const FRANCE: &[Rule] = &[
    NEW_YEAR,
    EASTER_MONDAY,
    LABOUR_DAY,
    VICTORY_DAY,
    ASCENSION,
    WHIT_MONDAY,
    BASTILLE_DAY,
    ASSUMPTION,
    ALL_SAINTS,
    ARMISTICE,
    CHRISTMAS,
];

/// Code du travail, articles L3133-1 and L3134-13. Good Friday is a holiday where the commune has a
/// Protestant church, which all but the small ones have.
const ALSACE_MOSELLE: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    VICTORY_DAY,
    ASCENSION,
    WHIT_MONDAY,
    BASTILLE_DAY,
    ASSUMPTION,
    ALL_SAINTS,
    ARMISTICE,
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// The days that the laws of all states share, and the third of October by the Unification Treaty.
const GERMANY: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    ASCENSION,
    WHIT_MONDAY,
    on(10, 3, "German Unity Day"),
    on(10, 31, "Reformation Day").only(2017),
    // Given up for the nursing care insurance; Saxony alone has kept it.
    from_date(WEDNESDAY, 11, 16, "Day of Repentance and Prayer").until(1994),
    CHRISTMAS,
    on(12, 26, "Second Day of Christmas"),
];

const BRITISH_NEW_YEAR: Rule = NEW_YEAR.shifted(Shift::NextWeekday);
const BRITISH_CHRISTMAS: Rule = CHRISTMAS.shifted(Shift::NextWeekday);
const BOXING_DAY: Rule = on(12, 26, "Boxing Day").shifted(Shift::NextWeekday);
const EARLY_MAY: Rule = nth(1, MONDAY, 5, "Early May Bank Holiday").except(&[1995, 2020]);
const VE_DAY_1995: Rule = on(5, 8, "Early May Bank Holiday").only(1995);
const VE_DAY_2020: Rule = on(5, 8, "Early May Bank Holiday").only(2020);
const SPRING: Rule = from_date(MONDAY, 5, 25, "Spring Bank Holiday").except(&[2002, 2012, 2022]);
const SPRING_2002: Rule = on(6, 4, "Spring Bank Holiday").only(2002);
const SPRING_2012: Rule = on(6, 4, "Spring Bank Holiday").only(2012);
const SPRING_2022: Rule = on(6, 2, "Spring Bank Holiday").only(2022);
const MILLENNIUM: Rule = on(12, 31, "Millennium").only(1999);
const GOLDEN_JUBILEE: Rule = on(6, 3, "Golden Jubilee").only(2002);
const ROYAL_WEDDING: Rule = on(4, 29, "Royal Wedding").only(2011);
const DIAMOND_JUBILEE: Rule = on(6, 5, "Diamond Jubilee").only(2012);
const PLATINUM_JUBILEE: Rule = on(6, 3, "Platinum Jubilee").only(2022);
const STATE_FUNERAL: Rule = on(9, 19, "State Funeral of Queen Elizabeth II").only(2022);
const CORONATION: Rule = on(5, 8, "Coronation of King Charles III").only(2023);

/// Banking and Financial Dealings Act 1971, schedule 1, and the proclamations under it.
const ENGLAND_AND_WALES: &[Rule] = &[
    BRITISH_NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    EARLY_MAY,
    VE_DAY_1995,
    VE_DAY_2020,
    SPRING,
    SPRING_2002,
    SPRING_2012,
    SPRING_2022,
    from_date(MONDAY, 8, 25, "Summer Bank Holiday"),
    BRITISH_CHRISTMAS,
    BOXING_DAY,
    MILLENNIUM,
    GOLDEN_JUBILEE,
    ROYAL_WEDDING,
    DIAMOND_JUBILEE,
    PLATINUM_JUBILEE,
    STATE_FUNERAL,
    CORONATION,
];

/// The same act, and the St Andrew's Day Bank Holiday (Scotland) Act 2007.
const SCOTLAND: &[Rule] = &[
    BRITISH_NEW_YEAR,
    on(1, 2, "2nd January").shifted(Shift::NextWeekday),
    GOOD_FRIDAY,
    EARLY_MAY,
    VE_DAY_1995,
    VE_DAY_2020,
    SPRING,
    SPRING_2002,
    SPRING_2012,
    SPRING_2022,
    nth(1, MONDAY, 8, "Summer Bank Holiday"),
    on(11, 30, "Saint Andrew's Day")
        .since(2007)
        .shifted(Shift::NextWeekday),
    BRITISH_CHRISTMAS,
    BOXING_DAY,
    MILLENNIUM,
    GOLDEN_JUBILEE,
    ROYAL_WEDDING,
    DIAMOND_JUBILEE,
    PLATINUM_JUBILEE,
    STATE_FUNERAL,
    CORONATION,
    on(6, 15, "World Cup Bank Holiday").only(2026),
];

/// Organisation of Working Time Act 1997, second schedule, and its regulations; before it the
/// Holidays (Employees) Act 1973. The law gives no day for one on a week-end.
const IRELAND: &[Rule] = &[
    NEW_YEAR,
    // The first Monday of February, unless the first of the month is a Friday.
    monday_unless_friday_first(2, "Saint Brigid's Day").since(2023),
    on(3, 17, "Saint Patrick's Day"),
    on(3, 18, "Day of Remembrance and Recognition").only(2022),
    EASTER_MONDAY,
    nth(1, MONDAY, 5, "May Holiday").since(1994),
    nth(1, MONDAY, 6, "June Holiday"),
    nth(1, MONDAY, 8, "August Holiday"),
    from_date(MONDAY, 10, 25, "October Holiday"),
    CHRISTMAS,
    SECOND_CHRISTMAS,
    on(12, 31, "Millennium").only(1999),
];

/// Estatuto de los Trabajadores, article 37.2, and Real Decreto 2001/1983, article 45, as far as
/// every region keeps them.
const SPAIN: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    GOOD_FRIDAY,
    LABOUR_DAY,
    ASSUMPTION,
    on(10, 12, "National Day"),
    ALL_SAINTS,
    on(12, 6, "Constitution Day"),
    IMMACULATE_CONCEPTION,
    CHRISTMAS,
];

/// Código do Trabalho, article 234. Law 23/2012 took four days away; law 8/2016 gave them back.
const PORTUGAL: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_SUNDAY,
    on(4, 25, "Freedom Day"),
    LABOUR_DAY,
    CORPUS_CHRISTI.except(&[2013, 2014, 2015]),
    on(6, 10, "Portugal Day"),
    ASSUMPTION,
    on(10, 5, "Republic Day").except(&[2013, 2014, 2015]),
    ALL_SAINTS.except(&[2013, 2014, 2015]),
    on(12, 1, "Restoration of Independence").except(&[2013, 2014, 2015]),
    IMMACULATE_CONCEPTION,
    CHRISTMAS,
];

/// Law 260/1949; law 336/2000 for the second of June, law 151/2025 for the fourth of October.
const ITALY: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    on(3, 17, "150 Years of Italian Unity").only(2011),
    EASTER_SUNDAY,
    EASTER_MONDAY,
    on(4, 25, "Liberation Day"),
    LABOUR_DAY,
    on(6, 2, "Republic Day").since(2001),
    ASSUMPTION,
    on(10, 4, "Saint Francis of Assisi").since(2026),
    ALL_SAINTS,
    IMMACULATE_CONCEPTION,
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// Royal decree of 18 April 1974. The day for one on a Sunday is each employer's choice.
const BELGIUM: &[Rule] = &[
    NEW_YEAR,
    EASTER_MONDAY,
    LABOUR_DAY,
    ASCENSION,
    WHIT_MONDAY,
    on(7, 21, "National Day"),
    ASSUMPTION,
    ALL_SAINTS,
    ARMISTICE,
    CHRISTMAS,
];

/// Algemene termijnenwet, article 3, without Good Friday, on which most people work. Liberation Day
/// is a day off for most in every fifth year.
const NETHERLANDS: &[Rule] = &[
    NEW_YEAR,
    EASTER_SUNDAY,
    EASTER_MONDAY,
    on(4, 30, "Queen's Day")
        .until(2013)
        .shifted(Shift::SaturdayBefore),
    on(4, 27, "King's Day")
        .since(2014)
        .shifted(Shift::SaturdayBefore),
    on(5, 5, "Liberation Day").every_fifth_year(),
    ASCENSION,
    easter(49, "Whit Sunday"),
    WHIT_MONDAY,
    CHRISTMAS,
    on(12, 26, "Second Day of Christmas"),
];

/// Code du travail, article L. 232-2.
const LUXEMBOURG: &[Rule] = &[
    NEW_YEAR,
    EASTER_MONDAY,
    LABOUR_DAY,
    on(5, 9, "Europe Day").since(2019),
    ASCENSION,
    WHIT_MONDAY,
    on(6, 23, "National Day"),
    ASSUMPTION,
    ALL_SAINTS,
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// The first of August is the federal one (Federal Constitution, article 110); the others are those
/// that most cantons keep.
const SWITZERLAND: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    ASCENSION,
    WHIT_MONDAY,
    on(8, 1, "National Day").since(1994),
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// Feiertagsruhegesetz 1957, section 1.
const AUSTRIA: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    EASTER_MONDAY,
    on(5, 1, "National Holiday"),
    ASCENSION,
    WHIT_MONDAY,
    CORPUS_CHRISTI,
    ASSUMPTION,
    on(10, 26, "National Day"),
    ALL_SAINTS,
    IMMACULATE_CONCEPTION,
    CHRISTMAS,
    SECOND_CHRISTMAS,
];

/// Law 4808/2021, article 60, with the days of the public service. The minister of labour moves
/// Labour Day when it falls into Holy Week or on a Sunday; the years in which that was done stand
/// here, and no rule says it for those to come.
const GREECE: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    orthodox_easter(-48, "Clean Monday"),
    on(3, 25, "Independence Day"),
    orthodox_easter(-2, "Good Friday"),
    orthodox_easter(0, "Easter Sunday"),
    orthodox_easter(1, "Easter Monday"),
    LABOUR_DAY.except(&[2016, 2021, 2022, 2024]),
    on(5, 3, "Labour Day").only(2016),
    on(5, 4, "Labour Day").only(2021),
    on(5, 2, "Labour Day").only(2022),
    on(5, 7, "Labour Day").only(2024),
    orthodox_easter(50, "Whit Monday"),
    ASSUMPTION,
    on(10, 28, "Ochi Day"),
    CHRISTMAS,
    on(12, 26, "Synaxis of the Mother of God"),
];
