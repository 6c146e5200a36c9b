//! Whether the first row names the columns, and their names.

use std::collections::HashMap;
use std::path::Path;

use super::Assumption;
use super::cells::{Cell, Decimal};
use super::grid::Grid;
use crate::error::{DataError, shown};
use crate::stamp::StampFormat;
use crate::table::listed;

/// Takes the header off the grid, if there is one, and gives every column a name.
///
/// `looks_like_names` decides whether there is, where the user did not say it.
pub(super) fn take(
    file: &Path,
    grid: &mut Grid,
    header: Option<bool>,
    looks_like_names: impl Fn(&Grid) -> bool,
    told: &mut Vec<Assumption>,
) -> Result<Vec<String>, DataError> {
    let present = header.unwrap_or_else(|| looks_like_names(grid));
    if header.is_none() && !present {
        told.push(Assumption::new(
            "header",
            "none: columns are numbered from 1",
        ));
    }
    if !present {
        return Ok((1..=grid.width()).map(numbered).collect());
    }
    let (record, line) = grid.take_first();
    let mut names: Vec<String> = Vec::with_capacity(grid.width());
    let mut positions: HashMap<String, usize> = HashMap::with_capacity(grid.width());
    for (index, cell) in record.iter().enumerate() {
        let name = match cell.trim() {
            "" => numbered(index + 1),
            // A break within a quoted name would have to be typed, and would break every message.
            name => name.replace(char::is_control, " "),
        };
        if let Some(first) = positions.insert(name.clone(), index) {
            return Err(DataError::DuplicateName {
                file: file.to_owned(),
                line,
                name: shown(&name),
                first: first + 1,
                second: index + 1,
            });
        }
        names.push(name);
    }
    // A header narrower than a row of one series; elsewhere such a file is refused.
    names.extend((names.len() + 1..=grid.width()).map(numbered));
    if grid.rows() == 0 {
        return Err(DataError::NoRows {
            file: file.to_owned(),
        });
    }
    if header.is_none() {
        told.push(Assumption::new("header", listed(&names)));
    }
    Ok(names)
}

fn numbered(number: usize) -> String {
    format!("column_{number}")
}

/// A header is text above something that is not: some column has a name in the first row and a
/// number, a time or nothing in the second. In a file of one row, or of texts alone, a first row
/// without a number or a time is one.
pub(super) fn looks_like_names(grid: &Grid) -> bool {
    let text = |row: usize, column: usize| is_text(grid.cell(row, column));
    let columns = || 0..grid.width();
    if grid.rows() > 1 && columns().any(|column| !text(1, column)) {
        columns().any(|column| text(0, column) && !text(1, column))
    } else {
        columns().all(|column| text(0, column) || grid.cell(0, column).is_empty())
    }
}

/// As [`looks_like_names`], where the cells below may be texts as well: then a first row is a header
/// if it has a name that columns of texts usually have, or if it stands above several columns, is
/// short, and has nothing that stands again below it, as a label would.
pub(super) fn looks_like_names_of_texts(grid: &Grid, is_name: &dyn Fn(&str) -> bool) -> bool {
    /// Characters of a name at the most.
    const LONGEST: usize = 40;
    let columns = || 0..grid.width();
    if columns().any(|column| is_name(grid.cell(0, column))) {
        return true;
    }
    // A name above a number in every column: no text nor class is left to be taken for one.
    let numbers_below = |column: usize| {
        is_text(grid.cell(0, column)) && grid.rows() > 1 && is_number(grid.cell(1, column))
    };
    if columns().all(numbers_below) {
        return true;
    }
    let again =
        |column: usize| (1..grid.rows()).any(|row| grid.cell(row, column) == grid.cell(0, column));
    let short = |column: usize| grid.cell(0, column).chars().count() <= LONGEST;
    grid.width() > 1
        && grid.rows() > 2
        && looks_like_names(grid)
        && columns().all(|column| short(column) && !again(column))
}

fn is_number(cell: &str) -> bool {
    let marks = [Decimal::Point, Decimal::Comma];
    marks
        .iter()
        .any(|mark| matches!(mark.read(cell), Cell::Number(_)))
}

fn is_text(cell: &str) -> bool {
    let number = [Decimal::Point, Decimal::Comma]
        .iter()
        .any(|d| !matches!(d.read(cell), Cell::Text));
    !number && StampFormat::candidates(cell).is_empty()
}
