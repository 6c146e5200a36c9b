//! One series per row: its name, then its values (the layout of the M4 competition).
//!
//! Rows end where their values end: the empty cells after the last value are only there because
//! the table is as wide as its longest series. An empty cell before it is a missing value.

use std::collections::HashMap;

use super::{Layout, Panel, PanelOptions, Roles, Series, tell};
use crate::error::{DataError, shown};
use crate::read::Sheets;
use crate::read::times::column_of;
use crate::read::{Assumption, Cell, Sheet};

/// Reads the file if it is laid out so: because the user says it, or because it looks so.
pub(super) fn read(
    sheets: &Sheets,
    options: &PanelOptions,
    told: &mut Vec<Assumption>,
) -> Result<Option<Panel>, DataError> {
    let sheet = sheets.first();
    match options.layout {
        Some(Layout::Long) => return Ok(None),
        Some(Layout::WideRows) => {
            require_alone(sheets, options)?;
        }
        None => {
            let plain = require_alone(sheets, options).is_ok();
            if !(plain && looks_wide(sheet, options)?) {
                return Ok(None);
            }
            let found = "wide rows: a row is a series, its name first";
            told.push(Assumption::new("layout", found));
        }
    }
    let name_column = match &options.series {
        Some(column) => Some(column.find(&sheet.names, &sheet.file)?),
        None => Some(0).filter(|column| sheet.count(*column).texts > 0),
    };
    let mut positions: HashMap<String, usize> = HashMap::with_capacity(sheet.rows());
    let mut series = Vec::with_capacity(sheet.rows());
    for row in 0..sheet.rows() {
        let name = match name_column {
            Some(column) => sheet.text(row, column).into_owned(),
            None => (row + 1).to_string(),
        };
        if name.is_empty() {
            return Err(DataError::NoSeriesName {
                file: sheet.file.clone(),
                place: sheet.place(row),
                column: sheet.shown(name_column.unwrap_or(0)),
            });
        }
        if let Some(first) = positions.insert(name.clone(), row) {
            return Err(DataError::DuplicateSeries {
                file: sheet.file.clone(),
                place: sheet.place(row),
                previous_place: sheet.place(first),
                name: shown(&name),
            });
        }
        series.push(Series {
            name,
            time: None,
            targets: vec![values(sheet, row, name_column)?],
            known: Vec::new(),
            past: Vec::new(),
            statics: Vec::new(),
        });
    }
    let panel = Panel {
        roles: Roles {
            targets: vec!["value".to_owned()],
            ..Roles::default()
        },
        layout: Layout::WideRows,
        series_column: Some(match name_column {
            // A name that only numbers the columns of values says nothing about the series.
            Some(column) if options.series.is_some() => sheet.names[column].clone(),
            _ => "series".to_owned(),
        }),
        series,
    };
    if panel.series.iter().all(|series| series.observed() == 0) {
        return Err(sheet.no_numbers());
    }
    let rows = panel.series.iter().map(Series::rows);
    let (least, most) = (rows.clone().min().unwrap_or(0), rows.max().unwrap_or(0));
    let lengths = match least == most {
        true => format!("{most} values each"),
        false => format!("{least} to {most} values"),
    };
    let found = format!("{} of {lengths}", panel.series.len());
    told.push(Assumption::new("series", found));
    tell::short(&panel, told);
    Ok(Some(panel))
}

/// Refuses what a file without columns of its own cannot have.
fn require_alone(sheets: &Sheets, options: &PanelOptions) -> Result<(), DataError> {
    if sheets.all().len() > 1 {
        return Err(sheets.unfit(
            "several files were given, and this one has a series per row",
            "Give one file.",
        ));
    }
    let asked = [
        ("a time column", !options.time.is_empty()),
        ("a target column", options.target.is_some()),
        ("a known column", !options.known.is_empty()),
        ("a past column", !options.past.is_empty()),
        ("a static column", !options.statics.is_empty()),
        ("a step of time", options.every.is_some()),
    ];
    match asked.iter().find(|(_, asked)| *asked) {
        None => Ok(()),
        Some((what, _)) => Err(sheets.unfit(
            format!("{what} was asked for, but rows that each hold a series have none"),
            "Leave it out, or say that the layout is long.",
        )),
    }
}

/// A row per series is what a file holds whose first column gives each row a name of its own, all
/// others are numbers, none a time, and whose rows end early or whose columns are only numbered.
fn looks_wide(sheet: &Sheet, options: &PanelOptions) -> Result<bool, DataError> {
    let named_elsewhere = match &options.series {
        Some(column) => column.find(&sheet.names, &sheet.file)? != 0,
        None => false,
    };
    if named_elsewhere || sheet.names.len() < 3 || sheet.count(0).is_numeric() {
        return Ok(false);
    }
    let mut names: Vec<_> = (0..sheet.rows()).map(|row| sheet.text(row, 0)).collect();
    names.sort_unstable();
    let distinct = names.windows(2).all(|pair| pair[0] != pair[1]);
    if !distinct || names.first().is_none_or(|name| name.is_empty()) {
        return Ok(false);
    }
    let numbered = are_numbered(&sheet.names[1..]);
    let ends_early = (0..sheet.rows()).any(|row| length(sheet, row) < sheet.names.len());
    if !numbered && !ends_early || column_of(std::slice::from_ref(sheet), None, &[])?.is_some() {
        return Ok(false);
    }
    let is_value = |row: usize, column: usize| sheet.cell(row, column) != Cell::Text;
    let all_values =
        (0..sheet.rows()).all(|row| (1..length(sheet, row)).all(|column| is_value(row, column)));
    // Rows that only end early are more often faulty than wide: there the header must agree.
    Ok(all_values && numbered)
}

/// Whether names are one word with numbers that count up: `V2`, `V3`…, `column_2`… or `1`, `2`….
fn are_numbered(names: &[String]) -> bool {
    let parts = |name: &String| -> Option<(String, u64)> {
        let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
        Some((word.to_owned(), name[word.len()..].parse().ok()?))
    };
    let parts: Option<Vec<(String, u64)>> = names.iter().map(parts).collect();
    parts.is_some_and(|parts| {
        parts
            .windows(2)
            .all(|pair| pair[0].0 == pair[1].0 && pair[1].1.checked_sub(1) == Some(pair[0].1))
    })
}

/// Cells of a row up to its last that is not empty.
fn length(sheet: &Sheet, row: usize) -> usize {
    (0..sheet.width_of(row))
        .rev()
        .find(|column| !sheet.text(row, *column).is_empty())
        .map_or(0, |last| last + 1)
}

fn values(sheet: &Sheet, row: usize, name: Option<usize>) -> Result<Vec<f64>, DataError> {
    (0..length(sheet, row))
        .filter(|column| Some(*column) != name)
        .map(|column| match sheet.cell(row, column) {
            Cell::Number(value) => Ok(value),
            Cell::Missing => Ok(f64::NAN),
            Cell::Text => Err(sheet.not_a_number(row, column)),
        })
        .collect()
}
