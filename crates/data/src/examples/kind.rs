//! Whether a table without a column of sequences holds texts or rows of features, and what each of
//! its columns holds.

use std::collections::HashSet;

use super::columns::{is_text_name, label_by_known_name};
use super::{ExampleOptions, times};
use crate::error::DataError;
use crate::read::{Cell, Sheets};

/// Values that a column of categories, or of classes that are numbers, has at the most where nobody
/// says what it is.
pub(super) const FEW: usize = 20;

/// What the examples of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Texts,
    Rows,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Every cell is missing.
    Nothing,
    Numbers,
    /// A few short values that repeat.
    Categories,
    Texts,
}

/// What the user names decides; then a column that is called like one of texts. Else a table is one
/// of features if every column beside the classes holds numbers or categories, and one that can be
/// nothing else holds numbers.
pub(super) fn kind(sheets: &Sheets, options: &ExampleOptions) -> Result<Kind, DataError> {
    if options.text.is_some() {
        return Ok(Kind::Texts);
    }
    if options.dims.is_some() || options.time.is_some() {
        return Ok(Kind::Rows);
    }
    let label = match options.label.column() {
        Some(column) => Some(column.find(sheets.names(), &sheets.first().file)?),
        None => label_by_known_name(sheets),
    };
    let time = times::column(sheets, options, false)?.map(|(column, _)| column);
    let (mut numbers, mut categories, mut certain, mut text_name) = (0, 0, false, false);
    for (column, name) in sheets.names().iter().enumerate() {
        if [label, time].contains(&Some(column)) || is_id(name) {
            continue;
        }
        match holds(sheets, column) {
            Holds::Nothing => {}
            Holds::Numbers => {
                numbers += 1;
                text_name |= is_text_name(name);
                certain = certain || !few_whole_numbers(sheets, column);
            }
            Holds::Categories if !is_text_name(name) => categories += 1,
            Holds::Categories | Holds::Texts => return Ok(Kind::Texts),
        }
    }
    Ok(match numbers {
        0 => Kind::Texts,
        1 if text_name => Kind::Texts,
        // The only numbers may be the classes of texts as short as categories.
        1 if label.is_none() && categories > 0 && !certain => Kind::Texts,
        _ => Kind::Rows,
    })
}

/// What a column holds, by its cells.
pub(super) fn holds(sheets: &Sheets, column: usize) -> Holds {
    let counts = sheets.count(column);
    if counts.is_numeric() {
        return Holds::Numbers;
    }
    if counts.texts == 0 {
        return Holds::Nothing;
    }
    /// Words of a category at the most, on average.
    const SHORT: usize = 2;
    let (mut values, mut filled, mut words) = (HashSet::new(), 0, 0);
    for row in 0..sheets.rows() {
        let cell = sheets.text(row, column);
        if !cell.is_empty() {
            filled += 1;
            words += cell.split_whitespace().take(100).count();
            values.insert(cell);
        }
        if values.len() > FEW {
            return Holds::Texts;
        }
    }
    match 2 * values.len() <= filled && words <= SHORT * filled {
        true => Holds::Categories,
        false => Holds::Texts,
    }
}

/// Whether the numbers of a column could be classes.
fn few_whole_numbers(sheets: &Sheets, column: usize) -> bool {
    let mut values = HashSet::new();
    for row in 0..sheets.rows() {
        let (sheet, own) = sheets.locate(row);
        if let Cell::Number(value) = sheet.cell(own, column) {
            values.insert(value.to_bits());
            if value.fract() != 0.0 || values.len() > FEW {
                return false;
            }
        }
    }
    true
}

/// Whether a column of this name tells rows apart, and says nothing of them. Files are often sorted
/// by class: there the number of a row gives the class away.
pub(super) fn is_id(name: &str) -> bool {
    let name = name.trim().to_lowercase().replace(['-', ' '], "_");
    ["id", "uuid", "guid", "unnamed:_0"].contains(&name.as_str()) || name.ends_with("_id")
}
