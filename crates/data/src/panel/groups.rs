//! Which rows belong to which series, in the order of time.

use std::collections::HashMap;

use super::clock::{self, Times};
use super::order::{Ordered, Slot, order};
use crate::error::{DataError, shown};
use crate::read::Assumption;
use crate::read::Sheets;
use crate::read::times::{disorder, parse_clock};
use crate::table::listed;

/// The rows of one series, in the order of the files.
pub(super) struct Group {
    /// The cell of the series column; empty where there is one series.
    pub(super) name: String,
    pub(super) rows: Vec<usize>,
}

/// All rows, by series and time.
pub(super) struct Sorted {
    /// The column that tells the series apart, if there is one.
    pub(super) column: Option<usize>,
    /// The series, and for each its rows in order.
    pub(super) groups: Vec<Group>,
    pub(super) ordered: Vec<Ordered>,
}

/// The series, their rows in order, and the column that tells them apart. Where none is told and
/// the times repeat, it is the one column of text that puts them in order. `taken` are columns
/// with another role.
pub(super) fn find(
    sheets: &Sheets,
    times: Option<&Times>,
    column: Option<usize>,
    taken: &[usize],
    told: &mut Vec<Assumption>,
) -> Result<Sorted, DataError> {
    let groups = match column {
        Some(column) => split(sheets, column)?,
        None => vec![Group {
            name: String::new(),
            rows: (0..sheets.rows()).collect(),
        }],
    };
    let Some(times) = times else {
        // One step for each row; the stamps only count.
        let unordered = groups.iter().map(|group| Ordered {
            stamps: (0_i64..).zip(&group.rows).map(|(step, _)| step).collect(),
            slots: group.rows.iter().copied().map(Slot::Row).collect(),
            repairs: Vec::new(),
        });
        let ordered = unordered.collect();
        return Ok(Sorted {
            column,
            groups,
            ordered,
        });
    };
    let fault = match in_time(sheets, times, &groups) {
        Ok(ordered) => {
            return Ok(Sorted {
                column,
                groups,
                ordered,
            });
        }
        Err(fault) => fault,
    };
    if column.is_some() {
        return Err(fault.error(sheets, times, &[], true));
    }
    let candidates: Vec<usize> = (0..sheets.names().len())
        .filter(|column| !times.columns.contains(column) && !taken.contains(column))
        .filter(|column| !sheets.count(*column).is_numeric())
        // A time of day belongs to the time, which the message says.
        .filter(|column| parse_clock(&sheets.text(0, *column)).is_none())
        .collect();
    let mut fitting = Vec::new();
    let mut found = None;
    for column in &candidates {
        // A column of remarks, different in every row, would put any times in order.
        if let Ok(groups) = split(sheets, *column)
            && 2 * groups.len() <= sheets.rows()
            && let Ok(ordered) = in_time(sheets, times, &groups)
        {
            fitting.push(*column);
            found = Some(Sorted {
                column: Some(*column),
                groups,
                ordered,
            });
        }
    }
    match found {
        Some(found) if fitting.len() == 1 => {
            let name = &sheets.names()[fitting[0]];
            let text = format!("{} ({} series)", shown(name), found.groups.len());
            told.push(Assumption::new("series column", text));
            Ok(found)
        }
        _ => Err(fault.error(sheets, times, &fitting, false)),
    }
}

/// The rows of each series, series in the order of their first row.
fn split(sheets: &Sheets, column: usize) -> Result<Vec<Group>, DataError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut positions: HashMap<String, usize> = HashMap::new();
    for row in 0..sheets.rows() {
        let cell = sheets.text(row, column);
        if cell.is_empty() {
            let (sheet, own) = sheets.locate(row);
            return Err(DataError::NoSeriesName {
                file: sheet.file.clone(),
                place: sheet.place(own),
                column: sheet.shown(column),
            });
        }
        let at = match positions.get(cell.as_ref()) {
            Some(at) => *at,
            None => {
                positions.insert(cell.to_string(), groups.len());
                groups.push(Group {
                    name: cell.into_owned(),
                    rows: Vec::new(),
                });
                groups.len() - 1
            }
        };
        groups[at].rows.push(row);
    }
    Ok(groups)
}

/// What stands in the way of an order in time.
enum Fault {
    /// A row that is not later than the row before, of the same series and file.
    Row { row: usize, previous: usize },
    /// Two files whose times overlap.
    Files(Box<DataError>),
}

impl Fault {
    /// The message, which says what may help; `fitting` are columns that each could tell series
    /// apart, `told` whether the user named one.
    fn error(self, sheets: &Sheets, times: &Times, fitting: &[usize], told: bool) -> DataError {
        let (row, previous) = match self {
            Fault::Row { row, previous } => (row, previous),
            Fault::Files(error) => return *error,
        };
        let repeated = times.stamps[row] == times.stamps[previous];
        let first = sheets.first();
        let clock = clock::beside(sheets, row, times).filter(|_| repeated);
        let advice = match (clock, fitting) {
            (Some(clock), _) => format!(
                "If column `{}` holds the time of day, name both columns: --time {},{}.",
                first.shown(clock),
                first.shown(times.columns[0]),
                first.shown(clock)
            ),
            (None, [_, _, ..]) => {
                let names: Vec<String> = fitting
                    .iter()
                    .map(|column| sheets.names()[*column].clone())
                    .collect();
                format!(
                    "Several columns could tell series apart ({}): name one with --series COL.",
                    listed(&names)
                )
            }
            _ if told && repeated => "Remove one of the rows.".to_owned(),
            _ if told => "Sort the rows by time.".to_owned(),
            _ if repeated => "Remove one of the rows, or, if the file holds several series, name the column that tells them apart with --series COL.".to_owned(),
            _ => "Sort the rows by time, or, if the file holds several series, name the column that tells them apart with --series COL.".to_owned(),
        };
        let (this, before) = (sheets.locate(row), sheets.locate(previous));
        disorder(this, before, &times.columns, repeated, advice)
    }
}

/// Every series in the order of time: rows must be so in a file already, the files need not be.
fn in_time(sheets: &Sheets, times: &Times, groups: &[Group]) -> Result<Vec<Ordered>, Fault> {
    groups
        .iter()
        .map(|group| one_in_time(sheets, times, group))
        .collect()
}

fn one_in_time(sheets: &Sheets, times: &Times, group: &Group) -> Result<Ordered, Fault> {
    let mut parts: Vec<(usize, Ordered)> = Vec::new();
    let mut rest = group.rows.as_slice();
    while let Some(first) = rest.first() {
        let file = sheets.file_of(*first);
        let length = rest.partition_point(|row| sheets.file_of(*row) == file);
        let (rows, later) = rest.split_at(length);
        let stamps: Vec<i64> = rows.iter().map(|row| times.stamps[*row]).collect();
        let part = order(rows, &stamps, times.universal).map_err(|at| Fault::Row {
            row: rows[at],
            previous: rows[at - 1],
        })?;
        parts.push((file, part));
        rest = later;
    }
    parts.sort_by_key(|(_, part)| part.stamps.first().copied());
    let mut parts = parts.into_iter();
    let Some((mut file, mut whole)) = parts.next() else {
        return Ok(Ordered::default());
    };
    for (next, part) in parts {
        if let (Some(&ends), Some(&begins)) = (whole.stamps.last(), part.stamps.first())
            && begins <= ends
        {
            return Err(Fault::Files(Box::new(DataError::Overlap {
                earlier: sheets.all()[file].file.clone(),
                later: sheets.all()[next].file.clone(),
                series: shown(&group.name).into(),
                begins: times.write(begins).into(),
                ends: times.write(ends).into(),
            })));
        }
        whole.stamps.extend(part.stamps);
        whole.slots.extend(part.slots);
        whole.repairs.extend(part.repairs);
        file = next;
    }
    Ok(whole)
}
