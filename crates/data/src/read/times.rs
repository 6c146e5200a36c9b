//! Which column is the time, and its stamps.

use super::Assumption;
use super::sheet::Sheet;
use crate::error::{DataError, shown};
use crate::stamp::{Clock, StampFormat};
use crate::table::ColumnRef;
use crate::time::TimeAxis;

/// How the times of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// How they are written back.
    pub(crate) format: StampFormat,
    /// Whether each ends with its distance from universal time (`+02:00`), which is taken off.
    pub(crate) offset: bool,
}

impl Reading {
    /// Whether a clock that is put forward or back leaves no mark in the stamps.
    pub(crate) fn is_universal(self) -> bool {
        self.format.zulu
    }

    fn candidates(cell: &str) -> Vec<Reading> {
        let plain = StampFormat::candidates(cell);
        if !plain.is_empty() {
            let plain = plain.into_iter();
            return plain
                .map(|format| Reading {
                    format,
                    offset: false,
                })
                .collect();
        }
        let Some((local, _)) = split_offset(cell) else {
            return Vec::new();
        };
        StampFormat::candidates(local)
            .into_iter()
            .filter(|format| !format.zulu)
            .map(|format| Reading {
                format: StampFormat {
                    zulu: true,
                    ..format
                },
                offset: true,
            })
            .collect()
    }

    fn parse(self, cell: &str) -> Option<i64> {
        if !self.offset || cell.trim_end().ends_with('Z') {
            return self.format.parse(cell);
        }
        let (local, offset) = split_offset(cell)?;
        let format = StampFormat {
            zulu: false,
            ..self.format
        };
        format.parse(local)?.checked_sub(offset)
    }

    /// The stamp of a cell, in seconds since 1970, or nothing.
    pub(crate) fn stamp(self, sheet: &Sheet, row: usize, column: usize) -> Option<i64> {
        match sheet.stamps(column) {
            Some((stamps, _)) => stamps.get(row).copied().flatten(),
            None => self.parse(&sheet.text(row, column)),
        }
    }
}

/// A time without its `+02:00`, `+0200` or `+02`, and that in seconds.
fn split_offset(cell: &str) -> Option<(&str, i64)> {
    let clock = cell.find(':')?;
    let at = clock + cell[clock..].rfind(['+', '-'])?;
    let (local, offset) = (cell[..at].trim_end(), cell[at + 1..].trim_end());
    let digits = |text: &str| -> Option<i64> {
        let right = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| text.parse().ok())?
    };
    let (hours, minutes) = match offset.len() {
        2 => (digits(offset)?, 0),
        4 => (digits(offset.get(..2)?)?, digits(offset.get(2..)?)?),
        5 if offset.as_bytes()[2] == b':' => (digits(offset.get(..2)?)?, digits(offset.get(3..)?)?),
        _ => return None,
    };
    // The widest in use are -12:00 and +14:00.
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3_600 + minutes * 60;
    let east = cell[at..].starts_with('+');
    Some((local, if east { seconds } else { -seconds }))
}

/// The time column and its axis: the one told, else the first whose cells are mostly times.
pub(super) fn find(
    sheet: &Sheet,
    told_column: Option<&ColumnRef>,
    told: &mut Vec<Assumption>,
) -> Result<Option<(usize, TimeAxis)>, DataError> {
    let sheets = std::slice::from_ref(sheet);
    let Some((column, reading)) = column_of(sheets, told_column, &[])? else {
        told.push(Assumption::no_time());
        return Ok(None);
    };
    let axis = TimeAxis::new(
        sheet.names[column].as_str(),
        stamps(sheet, column, reading)?,
        reading.format,
    );
    if told_column.is_none() {
        told.push(Assumption::new(
            "time column",
            format!("{} ({})", axis.name, reading.format),
        ));
    }
    if reading.offset {
        told.push(Assumption::moved_to_utc());
    }
    told.push(Assumption::new("time step", step_in_words(&axis)));
    Ok(Some((column, axis)))
}

/// The step of an axis, or how uneven it is.
pub(crate) fn step_in_words(axis: &TimeAxis) -> String {
    match (axis.step, axis.stamps.len()) {
        (Some(step), _) => step.to_string(),
        (None, 0 | 1) => "unknown: only one row".to_owned(),
        (None, _) => {
            let gaps = || axis.stamps.windows(2).map(|pair| pair[1] - pair[0]);
            let (least, most) = (gaps().min().unwrap_or(0), gaps().max().unwrap_or(0));
            format!("not even: from {least} to {most} seconds")
        }
    }
}

/// The column of the times over all the files: the one told, else the first whose cells are mostly
/// times and that has no other role (`taken`); nothing if there is none.
///
/// # Errors
/// [`DataError::MissingColumn`]; [`DataError::NotATime`] when the column told holds no times.
pub(crate) fn column_of(
    sheets: &[Sheet],
    told_column: Option<&ColumnRef>,
    taken: &[usize],
) -> Result<Option<(usize, Reading)>, DataError> {
    let Some(sheet) = sheets.first() else {
        return Ok(None);
    };
    if let Some(column) = told_column {
        let index = column.find(&sheet.names, &sheet.file)?;
        return match reading_of(sheets, index) {
            Some((reading, _)) => Ok(Some((index, reading))),
            None => Err(not_a_time(
                sheet,
                index,
                0,
                "2016-07-01 13:45:00, 01/07/2016 13:45 or 2016-07",
            )),
        };
    }
    let rows: usize = sheets.iter().map(Sheet::rows).sum();
    let mut free = (0..sheet.names.len()).filter(|index| !taken.contains(index));
    Ok(free.find_map(|index| {
        let (reading, times) = reading_of(sheets, index)?;
        (2 * times > rows).then_some((index, reading))
    }))
}

/// Cells that may propose a format, from the first that is not empty: a column of times may begin
/// with a few that are none.
const PROPOSING: usize = 20;

/// The way in which most cells of a column can be read, with their number. One of the first
/// cells proposes it; where day and month could be exchanged, the whole column decides, by how
/// often a row is later than the row before.
fn reading_of(sheets: &[Sheet], column: usize) -> Option<(Reading, usize)> {
    let typed = sheets.iter().find_map(|sheet| sheet.stamps(column));
    if let Some((_, format)) = typed {
        let reading = Reading {
            format,
            offset: false,
        };
        return Some((reading, score(sheets, column, reading).0));
    }
    let cells = || {
        sheets
            .iter()
            .flat_map(move |sheet| (0..sheet.rows()).map(move |row| sheet.text(row, column)))
    };
    let candidates = cells()
        .filter(|cell| !cell.is_empty())
        .take(PROPOSING)
        .map(|cell| Reading::candidates(&cell))
        .find(|candidates| !candidates.is_empty())?;
    let mut best: Option<(Reading, (usize, usize))> = None;
    for mut reading in candidates {
        // One cell without its leading zero shows that this file writes none.
        let mut bare = reading;
        bare.format.padded = false;
        reading.format.padded &=
            !cells().any(|cell| reading.parse(&cell).is_none() && bare.parse(&cell).is_some());
        let score = score(sheets, column, reading);
        if best.is_none_or(|(_, other)| score > other) {
            best = Some((reading, score));
        }
    }
    best.map(|(reading, (count, _))| (reading, count))
}

/// How many cells can be read this way, and how many of them are later than the one before.
fn score(sheets: &[Sheet], column: usize, reading: Reading) -> (usize, usize) {
    let (mut count, mut later, mut previous) = (0, 0, None);
    for sheet in sheets {
        for row in 0..sheet.rows() {
            if let Some(stamp) = reading.stamp(sheet, row, column) {
                count += 1;
                later += usize::from(previous.is_some_and(|before| before < stamp));
                previous = Some(stamp);
            }
        }
    }
    (count, later)
}

/// Every stamp of the column, which must be there and increase.
fn stamps(sheet: &Sheet, column: usize, reading: Reading) -> Result<Vec<i64>, DataError> {
    let stamps = all_stamps(sheet, column, reading)?;
    match stamps.windows(2).position(|pair| pair[1] <= pair[0]) {
        None => Ok(stamps),
        Some(row) => {
            let repeated = stamps[row] == stamps[row + 1];
            let clock = (0..sheet.names.len())
                .find(|other| parse_clock(&sheet.text(row + 1, *other)).is_some());
            let advice = match clock {
                _ if !repeated => "Sort the rows by time.".to_owned(),
                Some(clock) => format!(
                    "Column `{}` seems to hold the time of day: write date and time in one column.",
                    sheet.shown(clock)
                ),
                None => "Remove one of the rows, or keep one series to a file.".to_owned(),
            };
            let [this, before] = [row + 1, row].map(|row| (sheet, row));
            Err(disorder(this, before, &[column], repeated, advice))
        }
    }
}

/// Every stamp of the column, which must be there.
///
/// # Errors
/// [`DataError::NotATime`].
pub(crate) fn all_stamps(
    sheet: &Sheet,
    column: usize,
    reading: Reading,
) -> Result<Vec<i64>, DataError> {
    (0..sheet.rows())
        .map(|row| {
            let stamp = reading.stamp(sheet, row, column);
            stamp.ok_or_else(|| not_a_time(sheet, column, row, &reading.format.to_string()))
        })
        .collect()
}

pub(crate) fn not_a_time(sheet: &Sheet, column: usize, row: usize, expected: &str) -> DataError {
    DataError::NotATime {
        file: sheet.file.clone(),
        place: sheet.place(row),
        number: sheet.number_of(column),
        column: sheet.shown(column).into(),
        expected: expected.into(),
        found: shown(&sheet.text(row, column)).into(),
    }
}

/// A row whose time is not later than that of the row before, in one or two columns.
pub(crate) fn disorder(
    (sheet, row): (&Sheet, usize),
    (previous_sheet, previous_row): (&Sheet, usize),
    columns: &[usize],
    repeated: bool,
    advice: String,
) -> DataError {
    let cells = |sheet: &Sheet, row: usize| {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| shown(&sheet.text(row, *column)))
            .collect();
        cells.join(" ")
    };
    let names: Vec<String> = columns.iter().map(|column| sheet.shown(*column)).collect();
    let (file, place) = (sheet.file.clone(), sheet.place(row));
    let previous_number = previous_sheet.place(previous_row).number();
    let (column, found) = (names.join(" ").into(), cells(sheet, row).into());
    let advice = advice.into();
    if repeated {
        DataError::DuplicateTime {
            file,
            place,
            previous_number,
            column,
            found,
            advice,
        }
    } else {
        DataError::UnorderedTime {
            file: file.into(),
            place,
            previous_number,
            column,
            found,
            previous: cells(previous_sheet, previous_row).into(),
            advice,
        }
    }
}

/// A time of day alone, `13:45` or `13:45:00`, in seconds, and how it is written.
pub(crate) fn parse_clock(cell: &str) -> Option<(i64, Clock)> {
    let part = |text: &str, below: i64| -> Option<i64> {
        let right = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
        let value = right.then(|| text.parse().ok())??;
        (value < below).then_some(value)
    };
    let mut parts = cell.split(':');
    let (hour, minute) = (part(parts.next()?, 24)?, part(parts.next()?, 60)?);
    let (second, clock) = match parts.next() {
        None => (0, Clock::Minutes),
        Some(second) => (part(second, 60)?, Clock::Seconds { fraction: 0 }),
    };
    let whole = parts.next().is_none();
    whole.then_some((hour * 3_600 + minute * 60 + second, clock))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(cell: &str) -> Option<i64> {
        let reading = *Reading::candidates(cell).first()?;
        reading.parse(cell)
    }

    #[test]
    fn a_distance_from_universal_time_is_taken_off() {
        let noon = 1_467_374_400;
        for cell in [
            "2016-07-01T12:00:00Z",
            "2016-07-01T14:00:00+02:00",
            "2016-07-01 14:00+0200",
            "2016-07-01 14:00:00.000 +02",
            "2016-07-01T06:30:00-05:30",
            "01/07/2016 12:00+00:00",
        ] {
            assert_eq!(stamp(cell), Some(noon), "{cell}");
        }
        for cell in [
            "2016-07-01+02:00",
            "2016-07-01T14:00:00+2",
            "2016-07-01T14:00:00+02:60",
            "2016-07-01T14:00:00+15:00",
            "2016-07-01T14:00:00Z+02:00",
            "14:00+02:00",
            "2016-07-01T14:00:00+é0",
        ] {
            assert_eq!(stamp(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_time_of_day_is_told_from_other_cells() {
        assert_eq!(parse_clock("00:15"), Some((900, Clock::Minutes)));
        let seconds = Clock::Seconds { fraction: 0 };
        assert_eq!(parse_clock("9:05:30"), Some((32_730, seconds)));
        for cell in [
            "",
            "12",
            "24:00",
            "12:60",
            "1:2:3:4",
            "a:b",
            "2016-07-01 12:00",
            "012:00",
        ] {
            assert_eq!(parse_clock(cell), None, "{cell}");
        }
    }
}
