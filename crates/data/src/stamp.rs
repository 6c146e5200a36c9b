//! How times are written in a file: recognised from a cell, read, and written back the same way.

use std::fmt;

use crate::civil::{DAY, Date, date_from_days, days_from_date, days_in_month};

/// The order of the parts of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// 2016-07-01
    YearMonthDay,
    /// 01/07/2016
    DayMonthYear,
    /// 07/01/2016
    MonthDayYear,
    /// 2016-07
    YearMonth,
}

/// The time of day, if it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Only a date.
    None,
    /// 13:45
    Minutes,
    /// 13:45:00, with that many digits of fraction, all zero (stamps are whole seconds).
    Seconds {
        /// Digits after the point; 0 = no point.
        fraction: u8,
    },
}

/// One way to write a time; a whole column is read, and written back, with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StampFormat {
    /// Order of the parts of the date.
    pub order: DateOrder,
    /// Between the parts of the date: `-`, `/` or `.`.
    pub separator: char,
    /// Between date and clock: a space or `T`.
    pub gap: char,
    /// The time of day.
    pub clock: Clock,
    /// Whether days, months and hours below ten have a leading zero.
    pub padded: bool,
    /// Whether a `Z` (universal time) ends the stamp.
    pub zulu: bool,
}

impl StampFormat {
    /// ISO 8601 with a space: `2016-07-01 13:45:00`.
    pub const ISO: StampFormat = StampFormat {
        order: DateOrder::YearMonthDay,
        separator: '-',
        gap: ' ',
        clock: Clock::Seconds { fraction: 0 },
        padded: true,
        zulu: false,
    };

    /// Every way in which `cell` can be read, likeliest first; none if it is no time.
    ///
    /// More than one only where day and month could be exchanged: day first is the likelier (it is
    /// the habit of most countries), and the rest of the column decides.
    pub fn candidates(cell: &str) -> Vec<StampFormat> {
        let cell = cell.trim();
        let mut found = Vec::new();
        let Some(separator) = cell.chars().find(|c| !c.is_ascii_digit()) else {
            return found;
        };
        if !matches!(separator, '-' | '/' | '.') {
            return found;
        }
        let zulu = cell.ends_with('Z');
        let gap = if cell.contains('T') { 'T' } else { ' ' };
        let clock = match cell.bytes().filter(|b| *b == b':').count() {
            0 => Clock::None,
            1 => Clock::Minutes,
            _ => {
                let after_clock = cell.rsplit(':').next().unwrap_or_default();
                let digits = after_clock
                    .split_once('.')
                    .map_or(0, |(_, digits)| digits.trim_end_matches('Z').len());
                Clock::Seconds {
                    fraction: digits.min(9) as u8,
                }
            }
        };
        for order in [
            DateOrder::YearMonthDay,
            DateOrder::DayMonthYear,
            DateOrder::MonthDayYear,
            DateOrder::YearMonth,
        ] {
            let mut format = StampFormat {
                order,
                separator,
                gap,
                clock,
                padded: true,
                zulu,
            };
            if format.parse(cell).is_none() {
                format.padded = false;
                if format.parse(cell).is_none() {
                    continue;
                }
            }
            found.push(format);
        }
        found
    }

    /// Seconds since 1970-01-01 00:00:00 of a cell written this way, or nothing.
    ///
    /// With `padded` false, leading zeros may be there or not.
    pub fn parse(&self, cell: &str) -> Option<i64> {
        let mut rest = cell.trim();
        if self.zulu {
            rest = rest.strip_suffix('Z')?;
        }
        let mut part = |width: usize, end: Option<char>| -> Option<i64> {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let right = digits == width || (width == 2 && digits == 1 && !self.padded);
            if !right {
                return None;
            }
            let value = rest[..digits].parse().ok()?;
            rest = &rest[digits..];
            if let Some(end) = end {
                rest = rest.strip_prefix(end)?;
            }
            Some(value)
        };
        let between = Some(self.separator);
        let after_date = (self.clock != Clock::None).then_some(self.gap);
        let (year, month, day) = match self.order {
            DateOrder::YearMonthDay => (part(4, between)?, part(2, between)?, part(2, after_date)?),
            DateOrder::DayMonthYear => {
                let (day, month) = (part(2, between)?, part(2, between)?);
                (part(4, after_date)?, month, day)
            }
            DateOrder::MonthDayYear => {
                let (month, day) = (part(2, between)?, part(2, between)?);
                (part(4, after_date)?, month, day)
            }
            DateOrder::YearMonth => (part(4, between)?, part(2, after_date)?, 1),
        };
        let (hour, minute, second) = match self.clock {
            Clock::None => (0, 0, 0),
            Clock::Minutes => (part(2, Some(':'))?, part(2, None)?, 0),
            Clock::Seconds { .. } => (part(2, Some(':'))?, part(2, Some(':'))?, part(2, None)?),
        };
        if let Clock::Seconds { fraction: 1.. } = self.clock {
            let digits = rest.strip_prefix('.')?;
            let zeros = digits.bytes().take_while(|b| *b == b'0').count();
            rest = &digits[zeros..];
            if zeros == 0 {
                return None;
            }
        }
        let month_exists = rest.is_empty() && (1..=12).contains(&month);
        if !month_exists || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let date = Date {
            year,
            month: month as u32,
            day: day as u32,
        };
        if day < 1 || date.day > days_in_month(year, date.month) {
            return None;
        }
        Some(days_from_date(date) * DAY + hour * 3_600 + minute * 60 + second)
    }

    /// A stamp in seconds since 1970, written this way, or as near to it as says all of the stamp.
    ///
    /// Where the format is too coarse (an hour in a column of dates), the clock is added, so that two
    /// different stamps never read the same.
    pub fn write_whole(&self, stamp: i64) -> String {
        let mut format = *self;
        let lost = format.parse(&format.write(stamp)) != Some(stamp);
        if lost && format.order == DateOrder::YearMonth {
            format.order = DateOrder::YearMonthDay;
        }
        if lost && stamp.rem_euclid(DAY) != 0 {
            format.clock = if stamp % 60 == 0 {
                Clock::Minutes
            } else {
                Clock::Seconds { fraction: 0 }
            };
        }
        format.write(stamp)
    }

    /// A stamp in seconds since 1970, written this way.
    pub fn write(&self, stamp: i64) -> String {
        let Date { year, month, day } = date_from_days(stamp.div_euclid(DAY));
        let seconds = stamp.rem_euclid(DAY);
        let two = |value: i64| {
            if self.padded {
                format!("{value:02}")
            } else {
                value.to_string()
            }
        };
        let (month, day, sep) = (two(i64::from(month)), two(i64::from(day)), self.separator);
        let mut text = match self.order {
            DateOrder::YearMonthDay => format!("{year:04}{sep}{month}{sep}{day}"),
            DateOrder::DayMonthYear => format!("{day}{sep}{month}{sep}{year:04}"),
            DateOrder::MonthDayYear => format!("{month}{sep}{day}{sep}{year:04}"),
            DateOrder::YearMonth => format!("{year:04}{sep}{month}"),
        };
        let (hour, minute) = (two(seconds / 3_600), seconds / 60 % 60);
        match self.clock {
            Clock::None => {}
            Clock::Minutes => text.push_str(&format!("{}{hour}:{minute:02}", self.gap)),
            Clock::Seconds { fraction } => {
                text.push_str(&format!(
                    "{}{hour}:{minute:02}:{:02}",
                    self.gap,
                    seconds % 60
                ));
                if fraction > 0 {
                    text.push('.');
                    text.push_str(&"0".repeat(fraction.into()));
                }
            }
        }
        if self.zulu {
            text.push('Z');
        }
        text
    }
}

impl fmt::Display for StampFormat {
    /// The pattern, in letters: `yyyy-mm-dd HH:MM:SS`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sep = self.separator;
        match self.order {
            DateOrder::YearMonthDay => write!(f, "yyyy{sep}mm{sep}dd")?,
            DateOrder::DayMonthYear => write!(f, "dd{sep}mm{sep}yyyy")?,
            DateOrder::MonthDayYear => write!(f, "mm{sep}dd{sep}yyyy")?,
            DateOrder::YearMonth => write!(f, "yyyy{sep}mm")?,
        }
        match self.clock {
            Clock::None => {}
            Clock::Minutes => write!(f, "{}HH:MM", self.gap)?,
            Clock::Seconds { fraction: 0 } => write!(f, "{}HH:MM:SS", self.gap)?,
            Clock::Seconds { .. } => write!(f, "{}HH:MM:SS.0", self.gap)?,
        }
        if self.zulu { write!(f, "Z") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn first(cell: &str) -> Option<StampFormat> {
        StampFormat::candidates(cell).first().copied()
    }

    #[test]
    fn each_way_to_write_a_time_is_recognised_read_and_written_back() {
        let hour_13 = 1_467_331_200 + 13 * 3_600 + 45 * 60;
        for (cell, stamp) in [
            ("2016-07-01 13:45:00", hour_13),
            ("2016-07-01T13:45:00", hour_13),
            ("2016-07-01T13:45:00Z", hour_13),
            ("2016-07-01T13:45:00.000Z", hour_13),
            ("2016-07-01 13:45", hour_13),
            ("2016/07/01 13:45", hour_13),
            ("01/07/2016 13:45", hour_13),
            ("1/7/2016 13:45", hour_13),
            ("01.07.2016 13:45:00", hour_13),
            ("2016-07-01", 1_467_331_200),
            ("01/07/2016", 1_467_331_200),
            ("2016-07", 1_467_331_200),
            ("1949-01", -662_688_000),
        ] {
            let format = first(cell).unwrap_or_else(|| panic!("{cell} is not recognised"));
            assert_eq!(format.parse(cell), Some(stamp), "{cell}");
            assert_eq!(format.write(stamp), cell);
        }
    }

    #[test]
    fn what_is_no_time_is_not_taken_for_one() {
        for cell in [
            "",
            "2016",
            "12.5",
            "-3",
            "1e5",
            "2016-13",
            "2016-02-30",
            "2015-02-29",
            "31/04/2016",
            "2016-07-01 24:00",
            "2016-07-01 12:60",
            "2016-07-01 12:00:00.5",
            "2016-07-01 12:00:00.",
            "2016-07-01x",
            "01/07/16",
            "12:30",
            "V1",
            "2016-07-01 1é:00",
            "99999-01-01",
            "2016-07/01",
        ] {
            assert_eq!(first(cell), None, "{cell}");
        }
    }

    #[test]
    fn day_and_month_are_both_kept_as_possible_until_the_column_decides() {
        let orders = |cell| -> Vec<DateOrder> {
            StampFormat::candidates(cell)
                .iter()
                .map(|format| format.order)
                .collect()
        };
        assert_eq!(
            orders("03/04/2018"),
            [DateOrder::DayMonthYear, DateOrder::MonthDayYear]
        );
        assert_eq!(orders("13/04/2018"), [DateOrder::DayMonthYear]);
        assert_eq!(orders("04/13/2018"), [DateOrder::MonthDayYear]);
    }

    proptest! {
        #[test]
        fn any_text_is_recognised_or_not_without_a_panic(cell in "\\PC{0,30}") {
            for format in StampFormat::candidates(&cell) {
                prop_assert!(format.parse(&cell).is_some());
            }
        }

        #[test]
        fn any_moment_of_four_digit_years_is_written_and_read_back(stamp in -62_135_596_800_i64..253_402_300_800) {
            prop_assert_eq!(StampFormat::ISO.parse(&StampFormat::ISO.write(stamp)), Some(stamp));
        }
    }
}
