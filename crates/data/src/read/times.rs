//! Which column is the time, and its stamps.

use super::{Assumption, File};
use crate::error::{DataError, shown};
use crate::stamp::StampFormat;
use crate::table::ColumnRef;
use crate::time::TimeAxis;

/// The time column and its axis: the one told, else the first whose cells are mostly times.
pub(super) fn find(
    file: &File<'_>,
    told_column: Option<&ColumnRef>,
    told: &mut Vec<Assumption>,
) -> Result<Option<(usize, TimeAxis)>, DataError> {
    let inferred = told_column.is_none();
    let (column, format) = match told_column {
        Some(column) => {
            let index = column.find(&file.names, file.name)?;
            let found = format_of(file, index).map(|(format, _)| format);
            let Some(format) = found else {
                return Err(not_a_time(
                    file,
                    index,
                    0,
                    "2016-07-01 13:45:00, 01/07/2016 13:45 or 2016-07",
                ));
            };
            (index, format)
        }
        None => {
            let mostly_times = |index: usize| {
                let (format, times) = format_of(file, index)?;
                (2 * times > file.grid.rows()).then_some((index, format))
            };
            match (0..file.names.len()).find_map(mostly_times) {
                Some(found) => found,
                None => {
                    told.push(Assumption::new(
                        "time column",
                        "none: rows are taken as evenly spaced",
                    ));
                    return Ok(None);
                }
            }
        }
    };
    let axis = TimeAxis::new(
        file.names[column].as_str(),
        stamps(file, column, format)?,
        format,
    );
    if inferred {
        told.push(Assumption::new(
            "time column",
            format!("{} ({format})", axis.name),
        ));
    }
    let step = match (axis.step, axis.stamps.len()) {
        (Some(step), _) => step.to_string(),
        (None, 0 | 1) => "unknown: only one row".to_owned(),
        (None, _) => {
            let gaps = || axis.stamps.windows(2).map(|pair| pair[1] - pair[0]);
            let (least, most) = (gaps().min().unwrap_or(0), gaps().max().unwrap_or(0));
            format!("not even: from {least} to {most} seconds")
        }
    };
    told.push(Assumption::new("time step", step));
    Ok(Some((column, axis)))
}

/// Cells that may propose a format, from the first that is not empty: a column of times may begin
/// with a few that are none.
const PROPOSING: usize = 20;

/// The format in which most cells of a column can be read, with their number. One of the first
/// cells proposes it; where day and month could be exchanged, the whole column decides.
fn format_of(file: &File<'_>, column: usize) -> Option<(StampFormat, usize)> {
    let mut best: Option<(StampFormat, usize, bool)> = None;
    let filled = file.grid.column(column).filter(|cell| !cell.is_empty());
    let candidates = filled
        .take(PROPOSING)
        .map(StampFormat::candidates)
        .find(|candidates| !candidates.is_empty())?;
    for mut format in candidates {
        // One cell without its leading zero shows that this file writes none.
        format.padded &= !file.grid.column(column).any(|cell| {
            let bare = StampFormat {
                padded: false,
                ..format
            };
            format.parse(cell).is_none() && bare.parse(cell).is_some()
        });
        let stamps: Vec<i64> = file
            .grid
            .column(column)
            .filter_map(|cell| format.parse(cell))
            .collect();
        let ordered = stamps.is_sorted_by(|a, b| a < b);
        let better = match best {
            None => true,
            Some((_, count, was_ordered)) => (stamps.len(), ordered) > (count, was_ordered),
        };
        if better {
            best = Some((format, stamps.len(), ordered));
        }
    }
    best.map(|(format, count, _)| (format, count))
}

/// Every stamp of the column, which must be there and increase.
fn stamps(file: &File<'_>, column: usize, format: StampFormat) -> Result<Vec<i64>, DataError> {
    let mut stamps: Vec<i64> = Vec::with_capacity(file.grid.rows());
    for (row, cell) in file.grid.column(column).enumerate() {
        let Some(stamp) = format.parse(cell) else {
            return Err(not_a_time(file, column, row, &format.to_string()));
        };
        if let Some(previous) = stamps.last()
            && stamp <= *previous
        {
            return Err(disorder(file, column, row, stamp == *previous));
        }
        stamps.push(stamp);
    }
    Ok(stamps)
}

fn not_a_time(file: &File<'_>, column: usize, row: usize, expected: &str) -> DataError {
    DataError::NotATime {
        file: file.name.to_owned(),
        line: file.grid.line(row),
        number: column + 1,
        column: shown(&file.names[column]),
        expected: expected.to_owned(),
        found: shown(file.grid.cell(row, column)),
    }
}

fn disorder(file: &File<'_>, column: usize, row: usize, repeated: bool) -> DataError {
    let (line, previous_line) = (file.grid.line(row), file.grid.line(row - 1));
    let (name, found) = (
        shown(&file.names[column]),
        shown(file.grid.cell(row, column)),
    );
    let file_name = file.name.to_owned();
    if !repeated {
        let previous = shown(file.grid.cell(row - 1, column));
        return DataError::UnorderedTime {
            file: file_name,
            line,
            previous_line,
            column: name,
            found,
            previous,
        };
    }
    let clock = (0..file.names.len()).find(|other| is_clock(file.grid.cell(row, *other)));
    let advice = match clock {
        Some(clock) => format!(
            "Column `{}` seems to hold the time of day: write date and time in one column.",
            shown(&file.names[clock])
        ),
        None => "Remove one of the rows, or keep one series to a file.".to_owned(),
    };
    DataError::DuplicateTime {
        file: file_name,
        line,
        previous_line,
        column: name,
        found,
        advice,
    }
}

/// Whether a cell is a time of day alone: `13:45` or `13:45:00`.
fn is_clock(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts
            .iter()
            .all(|p| (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
}
