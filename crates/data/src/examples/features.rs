//! Rows of features from a table: each a sequence of one step, its categories as one dimension for
//! each value.

use std::collections::{BTreeMap, BTreeSet};

use super::classes::labels;
use super::columns::{self, LABEL_COLUMN, label_by_known_name};
use super::kind::{Holds, holds, is_id};
use super::texts::origin;
use super::{
    Columns, ExampleOptions, Examples, Feature, Inputs, Labels, Sequence, Sequences, times,
};
use crate::error::{DataError, shown};
use crate::read::{Assumption, Sheets, wanted_columns};
use crate::table::listed;

/// What is told of categories that were not met where the columns were found.
pub const UNKNOWN_CATEGORIES: &str = "unknown categories";

/// Values that a column of categories has at the most.
const MOST: usize = 100;

/// A row of features a row. With `known`, as those say that other files were read.
pub(super) fn read(
    sheets: &Sheets,
    options: &ExampleOptions,
    known: &[Feature],
    told: &mut Vec<Assumption>,
) -> Result<(Examples, Columns), DataError> {
    let label = label_column(sheets, options, told)?;
    let time = times::column(sheets, options, !known.is_empty())?;
    let timed = time.map(|(column, _)| column);
    let id = id_column(sheets, label, told).or(timed);
    let chosen = chosen(sheets, options, [label, timed], told)?;
    let rows = 0..sheets.rows();
    let labels = match label {
        None => None,
        Some(column) => labels(sheets, column, rows.clone(), &options.label, told)?,
    };
    let (mut features, mut dims, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (at, column) in chosen.into_iter().enumerate() {
        let feature = match known.get(at) {
            Some(known) => known.clone(),
            None => feature(sheets, column)?,
        };
        if feature.categories.is_empty() {
            dims.push(feature.name.clone());
            values.push(sheets.numbers(column)?);
        } else {
            let names = feature.categories.iter();
            dims.extend(names.map(|value| format!("{}={value}", feature.name)));
            values.extend(indicators(sheets, column, &feature, told));
        }
        features.push(feature);
    }
    tell(&features, told);
    let items = rows.clone().map(|row| Sequence {
        values: values.iter().map(|column| column[row]).collect(),
        steps: 1,
    });
    let name_of = |row| id.map(|id| sheets.text(row, id).into_owned());
    let examples = Examples {
        media: None,
        inputs: Inputs::Sequences(Sequences {
            dims,
            items: items.collect(),
        }),
        labels,
        origins: rows
            .map(|row| origin(sheets, row, name_of(row).filter(|name| !name.is_empty())))
            .collect(),
        files: sheets.all().iter().map(|s| s.file.clone()).collect(),
    };
    let columns = Columns {
        label: label.map(|column| sheets.names()[column].clone()),
        time: time.map(|time| times::keep(sheets, time, told)),
        features,
        ..Columns::default()
    };
    Ok((examples, columns))
}

/// The column of the classes: as the user says, by its name, or the only one of categories.
fn label_column(
    sheets: &Sheets,
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<Option<usize>, DataError> {
    let found = columns::labels_by_name(sheets, options, None, told)?;
    if found.is_some() || !options.label.is_looked_for() {
        return Ok(found);
    }
    let names = sheets.names();
    let mut candidates = (0..names.len())
        .filter(|column| !is_id(&names[*column]) && holds(sheets, *column) == Holds::Categories);
    let found = candidates.next().filter(|_| candidates.next().is_none());
    let said = found.map_or_else(
        || "none: no column has a name such as label or class, and not one alone holds a few words that repeat".to_owned(),
        |column| shown(&names[column]),
    );
    told.push(Assumption::new(LABEL_COLUMN, said));
    Ok(found)
}

/// The columns that are features: those asked for, or all without another role that hold something.
fn chosen(
    sheets: &Sheets,
    options: &ExampleOptions,
    roles: [Option<usize>; 2],
    told: &mut Vec<Assumption>,
) -> Result<Vec<usize>, DataError> {
    let first = sheets.first();
    let has_role = |column: usize| roles.contains(&Some(column));
    if let Some(wanted) = &options.dims {
        let chosen = wanted_columns(first, wanted)?;
        return match chosen.iter().find(|column| has_role(**column)) {
            None => Ok(chosen),
            Some(twice) => Err(DataError::AskedTwice {
                file: first.file.clone(),
                name: first.shown(*twice),
            }),
        };
    }
    // Classes that are not asked for are no features either.
    let unread = match options.label {
        Labels::Absent => label_by_known_name(sheets),
        _ => None,
    };
    let (mut chosen, mut ids, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    for (column, name) in sheets.names().iter().enumerate() {
        if has_role(column) || Some(column) == unread {
            continue;
        }
        if is_id(name) {
            ids.push(name.clone());
        } else if holds(sheets, column) == Holds::Nothing {
            empty.push(name.clone());
        } else {
            chosen.push(column);
        }
    }
    for (what, names) in [
        ("left out, names of rows", ids),
        ("left out, every cell missing", empty),
    ] {
        if !names.is_empty() {
            told.push(Assumption::new(what, listed(&names)));
        }
    }
    if chosen.is_empty() {
        return Err(first.no_numbers());
    }
    Ok(chosen)
}

/// What a column is as a feature.
fn feature(sheets: &Sheets, column: usize) -> Result<Feature, DataError> {
    let name = sheets.names()[column].clone();
    let counts = sheets.count(column);
    if counts.is_numeric() {
        let categories = Vec::new();
        return Ok(Feature { name, categories });
    }
    if counts.texts == 0 {
        return Err(sheets.first().all_missing(column));
    }
    let cells = (0..sheets.rows()).map(|row| sheets.text(row, column).into_owned());
    let values: BTreeSet<String> = cells.filter(|cell| !cell.is_empty()).collect();
    if values.len() > MOST {
        return Err(sheets.unfit(
            format!(
                "column `{}` holds {} different values that are no numbers, and a column of categories has at most {MOST}",
                shown(&name),
                values.len()
            ),
            "Name the other columns as those of features, or this one as the column of texts.",
        ));
    }
    Ok(Feature {
        name,
        categories: values.into_iter().collect(),
    })
}

/// For each category a column of 1 where a row has it and 0 elsewhere; NaN where the cell is empty.
fn indicators(
    sheets: &Sheets,
    column: usize,
    feature: &Feature,
    told: &mut Vec<Assumption>,
) -> Vec<Vec<f64>> {
    let mut columns = vec![vec![0.0; sheets.rows()]; feature.categories.len()];
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    for row in 0..sheets.rows() {
        let cell = sheets.text(row, column);
        if cell.is_empty() {
            columns.iter_mut().for_each(|column| column[row] = f64::NAN);
        } else if let Some(at) = feature.categories.iter().position(|known| *known == cell) {
            columns[at][row] = 1.0;
        } else {
            *unknown.entry(shown(&cell)).or_default() += 1;
        }
    }
    if !unknown.is_empty() {
        let count: usize = unknown.values().sum();
        let names: Vec<String> = unknown.into_keys().collect();
        let found = format!(
            "{count} {} of `{}` not met in training, read as none of its categories: {}",
            if count == 1 { "cell" } else { "cells" },
            shown(&feature.name),
            listed(&names)
        );
        told.push(Assumption::new(UNKNOWN_CATEGORIES, found));
    }
    columns
}

fn tell(features: &[Feature], told: &mut Vec<Assumption>) {
    let names: Vec<String> = features.iter().map(|f| f.name.clone()).collect();
    told.push(Assumption::new("feature columns", listed(&names)));
    for feature in features.iter().filter(|f| !f.categories.is_empty()) {
        let found = format!("{} ({})", shown(&feature.name), listed(&feature.categories));
        told.push(Assumption::new("categories", found));
    }
}

/// The column that names the rows. Names that stand more than once are told, unless most do: then
/// the column tells groups apart.
pub(super) fn id_column(
    sheets: &Sheets,
    label: Option<usize>,
    told: &mut Vec<Assumption>,
) -> Option<usize> {
    let names = sheets.names().iter().enumerate();
    let mut ids = names.filter(|(column, name)| Some(*column) != label && is_id(name));
    let (column, name) = ids.next()?;
    let mut firsts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut again, mut example) = (0, None);
    for row in 0..sheets.rows() {
        let cell = sheets.text(row, column).into_owned();
        if cell.is_empty() {
            continue;
        }
        match firsts.get(&cell) {
            None => {
                firsts.insert(cell, row);
            }
            Some(first) => {
                again += 1;
                example.get_or_insert((cell, *first, row));
            }
        }
    }
    if let Some((id, first, second)) = example.filter(|_| again < firsts.len()) {
        let place = |row| {
            let (sheet, own) = sheets.locate(row);
            match sheets.all() {
                [_] => sheet.place(own).to_string(),
                _ => format!("{}, {}", sheet.file.display(), sheet.place(own)),
            }
        };
        let found = format!(
            "{again} {} of an earlier row in `{}`: `{}` stands at {} and {}",
            if again == 1 { "is that" } else { "are those" },
            shown(name),
            shown(&id),
            place(first),
            place(second)
        );
        told.push(Assumption::new("repeated names of rows", found));
    }
    Some(column)
}
