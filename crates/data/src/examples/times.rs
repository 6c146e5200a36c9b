//! The times of rows of features: they name the rows, and say how far these are apart.

use super::{ExampleOptions, TimeColumn};
use crate::error::DataError;
use crate::read::times::{Reading, column_of};
use crate::read::{Assumption, Sheets};
use crate::table::ColumnRef;
use crate::time::Step;

/// The share of rows that are as far from the row before as half of all are, from which on rows count as evenly spaced.
const EVEN: f64 = 0.9;

/// The column of the times and how it is read: the one asked for, else the first that holds times. A column of plain numbers is none
/// unless someone says so. With `known` dimensions (those of a first reading) a column asked for need not be there.
///
/// # Errors
/// [`DataError::MissingColumn`], [`DataError::NotATime`] for a column asked for.
pub(super) fn column(
    sheets: &Sheets,
    options: &ExampleOptions,
    known: bool,
) -> Result<Option<(usize, Reading)>, DataError> {
    let asked = match (&options.time, known) {
        (Some(ColumnRef::Name(name)), true) if !sheets.names().contains(name) => return Ok(None),
        (asked, _) => asked.as_ref(),
    };
    let mut taken: Vec<usize> = (0..sheets.names().len())
        .filter(|column| sheets.count(*column).is_numeric())
        .collect();
    let file = &sheets.first().file;
    let others = options.dims.iter().flatten().chain(options.label.column());
    for other in others {
        taken.push(other.find(sheets.names(), file)?);
    }
    column_of(sheets.all(), asked, &taken)
}

/// What is kept of a column of times; how it is read and how far rows are apart is told.
pub(super) fn keep(
    sheets: &Sheets,
    (column, reading): (usize, Reading),
    told: &mut Vec<Assumption>,
) -> TimeColumn {
    let name = sheets.names()[column].clone();
    told.push(Assumption::new(
        "time column",
        format!("{name} ({})", reading.format),
    ));
    let mut gaps = Vec::new();
    for sheet in sheets.all() {
        let mut before: Option<i64> = None;
        for row in 0..sheet.rows() {
            let stamp = reading.stamp(sheet, row, column);
            gaps.extend(
                stamp
                    .zip(before)
                    .map(|(this, before)| this.saturating_sub(before)),
            );
            before = stamp.or(before);
        }
    }
    gaps.sort_unstable();
    let median = gaps.get(gaps.len() / 2).copied().filter(|gap| *gap > 0);
    let same = gaps.iter().filter(|gap| Some(**gap) == median).count();
    let every = median.filter(|_| same as f64 >= EVEN * gaps.len() as f64);
    let found = match (every, gaps.first(), gaps.last()) {
        (Some(every), _, _) if same == gaps.len() => Step::Seconds(every).to_string(),
        (Some(every), _, _) => format!(
            "{}; {} of {} rows are not as far from the row before",
            Step::Seconds(every),
            gaps.len() - same,
            gaps.len()
        ),
        (None, Some(least), Some(most)) => format!("not even: from {least} to {most} seconds"),
        (None, _, _) => "unknown: only one row".to_owned(),
    };
    told.push(Assumption::new("time step", found));
    TimeColumn { name, every }
}
