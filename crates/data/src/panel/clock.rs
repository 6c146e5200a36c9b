//! The time of each row: one column, or a date and a time of day in two.

use crate::error::DataError;
use crate::read::Sheets;
use crate::read::times::{all_stamps, column_of, not_a_time, parse_clock};
use crate::read::{Assumption, Sheet};
use crate::stamp::{Clock, StampFormat};
use crate::table::ColumnRef;

/// The times of all rows.
pub(super) struct Times {
    /// The columns they stand in, one or two.
    pub(super) columns: Vec<usize>,
    /// Name of the axis: that of the column, or both with a space.
    pub(super) name: String,
    pub(super) format: StampFormat,
    /// Whether a clock put forward or back leaves no mark in them.
    pub(super) universal: bool,
    /// Seconds since 1970, row by row through all files.
    pub(super) stamps: Vec<i64>,
}

/// Finds the times and reads them; nothing if the files have none. `taken` are columns with
/// another role.
pub(super) fn find(
    sheets: &Sheets,
    told_columns: &[ColumnRef],
    taken: &[usize],
    told: &mut Vec<Assumption>,
) -> Result<Option<Times>, DataError> {
    if told_columns.len() > 2 {
        return Err(sheets.unfit(
            format!("the time was given as {} columns", told_columns.len()),
            "Give one column, or two: the date, then the time of day.",
        ));
    }
    let Some((column, reading)) = column_of(sheets.all(), told_columns.first(), taken)? else {
        told.push(Assumption::no_time());
        return Ok(None);
    };
    let mut times = Times {
        columns: vec![column],
        name: sheets.names()[column].clone(),
        format: reading.format,
        universal: reading.is_universal(),
        stamps: Vec::with_capacity(sheets.rows()),
    };
    for sheet in sheets.all() {
        times.stamps.extend(all_stamps(sheet, column, reading)?);
    }
    let clock = match told_columns.get(1) {
        Some(clock) => {
            let clock = clock.find(sheets.names(), &sheets.first().file)?;
            if times.format.clock != Clock::None {
                return Err(sheets.unfit(
                    format!(
                        "column `{}` already holds the time of day",
                        sheets.first().shown(column)
                    ),
                    "Give it alone as the time.",
                ));
            }
            Some(clock)
        }
        None if told_columns.is_empty() && times.format.clock == Clock::None => {
            clock_column(sheets, &times, taken)
        }
        None => None,
    };
    if let Some(clock) = clock {
        times.add_clock(sheets, clock)?;
    }
    if told_columns.is_empty() {
        let what = match clock {
            Some(_) => "time columns, date and time of day",
            None => "time column",
        };
        let found = format!("{} ({})", times.name, times.format);
        told.push(Assumption::new(what, found));
    }
    if reading.offset {
        told.push(Assumption::moved_to_utc());
    }
    Ok(Some(times))
}

/// The column of the time of day beside a column of dates that repeat: clocks only, and such that
/// fewer rows look like the row before with it than without.
fn clock_column(sheets: &Sheets, times: &Times, taken: &[usize]) -> Option<usize> {
    let repeated = |row: usize| times.stamps[row] == times.stamps[row - 1];
    let rows = 1..sheets.rows();
    if !rows.clone().any(repeated) {
        return None;
    }
    let candidates = (0..sheets.names().len())
        .filter(|column| !times.columns.contains(column) && !taken.contains(column));
    candidates.into_iter().find(|column| {
        let is_clock = |cell: &str| cell.is_empty() || parse_clock(cell).is_some();
        let cells =
            |sheet: &Sheet| (0..sheet.rows()).all(|row| is_clock(&sheet.text(row, *column)));
        let tells_apart = |row: usize| {
            repeated(row) && sheets.text(row, *column) != sheets.text(row - 1, *column)
        };
        sheets.all().iter().all(cells) && rows.clone().any(tells_apart)
    })
}

/// Whether any other column of the row holds a time of day, for a message.
pub(super) fn beside(sheets: &Sheets, row: usize, times: &Times) -> Option<usize> {
    (0..sheets.names().len())
        .filter(|column| !times.columns.contains(column))
        .find(|column| parse_clock(&sheets.text(row, *column)).is_some())
}

impl Times {
    fn add_clock(&mut self, sheets: &Sheets, column: usize) -> Result<(), DataError> {
        self.format.clock = Clock::Minutes;
        let mut stamps = self.stamps.iter_mut();
        for sheet in sheets.all() {
            for (row, stamp) in (0..sheet.rows()).zip(&mut stamps) {
                let Some((seconds, clock)) = parse_clock(&sheet.text(row, column)) else {
                    return Err(not_a_time(sheet, column, row, "13:45 or 13:45:00"));
                };
                *stamp = stamp.saturating_add(seconds);
                if clock != Clock::Minutes {
                    self.format.clock = clock;
                }
            }
        }
        self.name = format!("{} {}", self.name, sheets.names()[column]);
        self.columns.push(column);
        Ok(())
    }

    /// A stamp as the file would write it.
    pub(super) fn write(&self, stamp: i64) -> String {
        self.format.write(stamp)
    }
}
