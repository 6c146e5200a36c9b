//! Sequences from a table: a row a step, told apart by a column.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::classes::labels;
use super::columns::{self, LABEL_COLUMN};
use super::texts::origin;
use super::{Columns, ExampleOptions, Examples, Feature, Inputs, Sequence, Sequences};
use crate::error::{DataError, shown};
use crate::read::{Assumption, Counts, Sheets, numeric_of, wanted_columns};
use crate::table::{ColumnRef, listed};

/// The rows of each value of the column `id`, in the order of the file. A sequence lies in one
/// file: the same value in another file is another sequence.
pub(super) fn read(
    sheets: &Sheets,
    id: &ColumnRef,
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<(Examples, Columns), DataError> {
    if options.text.is_some() {
        return Err(sheets.unfit(
            "a column of texts was named, and one that tells sequences apart",
            "Name one of the two.",
        ));
    }
    let id = id.find(sheets.names(), &sheets.first().file)?;
    let groups = groups(sheets, id)?;
    tell_files(&groups, &sheets.names()[id], told);
    let label = match columns::labels_by_name(sheets, options, Some(id), told)? {
        None if options.label.is_looked_for() => {
            let found = constant(sheets, id, &groups);
            let name = found.map_or_else(
                || "none: no column of texts has one value in each sequence".to_owned(),
                |column| shown(&sheets.names()[column]),
            );
            told.push(Assumption::new(LABEL_COLUMN, name));
            found
        }
        label => label,
    };
    let labels = match label {
        None => None,
        Some(column) => {
            require_constant(sheets, column, &groups)?;
            let first = groups.iter().map(|group| group.rows[0]);
            labels(sheets, column, first, &options.label, told)?
        }
    };
    let dims = dims(sheets, options, id, label, told)?;
    let columns: Vec<Vec<f64>> = dims
        .iter()
        .map(|dim| sheets.numbers(*dim))
        .collect::<Result<_, _>>()?;
    let items = groups.iter().map(|group| Sequence {
        steps: group.rows.len(),
        values: columns
            .iter()
            .flat_map(|values| group.rows.iter().map(|row| values[*row]))
            .collect(),
    });
    let name = |column: &usize| sheets.names()[*column].clone();
    let found = Columns {
        text: None,
        label: label.as_ref().map(name),
        sequence: Some(name(&id)),
        time: None,
        features: dims
            .iter()
            .map(|dim| Feature {
                name: name(dim),
                categories: Vec::new(),
            })
            .collect(),
    };
    let examples = Examples {
        inputs: Inputs::Sequences(Sequences {
            dims: dims.iter().map(|d| sheets.names()[*d].clone()).collect(),
            items: items.collect(),
        }),
        labels,
        origins: groups
            .iter()
            .map(|group| origin(sheets, group.rows[0], Some(group.id.clone())))
            .collect(),
        files: sheets.all().iter().map(|s| s.file.clone()).collect(),
        media: None,
    };
    Ok((examples, found))
}

/// The rows of one sequence: at least one.
struct Group {
    id: String,
    rows: Vec<usize>,
}

/// Tells of names that stand in several files: they may be meant as one sequence.
fn tell_files(groups: &[Group], column: &str, told: &mut Vec<Assumption>) {
    let (mut met, mut again) = (HashSet::new(), BTreeSet::new());
    for group in groups {
        if !met.insert(&group.id) {
            again.insert(group.id.clone());
        }
    }
    if !again.is_empty() {
        let names: Vec<String> = again.into_iter().collect();
        let found = format!(
            "{} of `{}` in more than one file, a sequence of its own in each: {}",
            names.len(),
            shown(column),
            listed(&names)
        );
        told.push(Assumption::new("repeated names of sequences", found));
    }
}

fn groups(sheets: &Sheets, id: usize) -> Result<Vec<Group>, DataError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(usize, String), usize> = HashMap::new();
    for row in 0..sheets.rows() {
        let name = sheets.text(row, id).into_owned();
        if name.is_empty() {
            let (sheet, own) = sheets.locate(row);
            return Err(DataError::Unexpected {
                file: sheet.file.clone(),
                place: sheet.place(own),
                expected: format!("the name of a sequence in column `{}`", sheet.shown(id)).into(),
                found: "an empty cell".into(),
                advice: "Fill it in, or remove the row.",
            });
        }
        let at = *known
            .entry((sheets.file_of(row), name))
            .or_insert_with_key(|(_, id)| {
                groups.push(Group {
                    id: id.clone(),
                    rows: Vec::new(),
                });
                groups.len() - 1
            });
        groups[at].rows.push(row);
    }
    Ok(groups)
}

/// The only column of texts that has one value in each sequence, if some sequence has two rows.
fn constant(sheets: &Sheets, id: usize, groups: &[Group]) -> Option<usize> {
    if groups.iter().all(|group| group.rows.len() == 1) {
        return None;
    }
    let mut columns = (0..sheets.names().len()).filter(|column| {
        let counts = sheets.count(*column);
        *column != id
            && counts.texts > 0
            && !counts.is_numeric()
            && groups
                .iter()
                .all(|group| change(sheets, *column, group).is_none())
    });
    columns.next().filter(|_| columns.next().is_none())
}

/// The first row of a sequence whose cell is not that of its first row.
fn change(sheets: &Sheets, column: usize, group: &Group) -> Option<usize> {
    let first = sheets.text(group.rows[0], column);
    let mut rows = group.rows.iter().copied();
    rows.find(|row| sheets.text(*row, column) != first)
}

fn require_constant(sheets: &Sheets, column: usize, groups: &[Group]) -> Result<(), DataError> {
    for group in groups {
        if let Some(row) = change(sheets, column, group) {
            let (sheet, own) = sheets.locate(row);
            let first = sheets.text(group.rows[0], column);
            return Err(DataError::Unexpected {
                file: sheet.file.clone(),
                place: sheet.place(own),
                expected: format!(
                    "the class `{}` in column `{}`, as in the rows of sequence `{}` before",
                    shown(&first),
                    sheet.shown(column),
                    shown(&group.id)
                )
                .into(),
                found: format!("`{}`", shown(&sheet.text(own, column))).into(),
                advice: "Give every row of a sequence the same class.",
            });
        }
    }
    Ok(())
}

/// The columns of numbers asked for, or all without another role.
fn dims(
    sheets: &Sheets,
    options: &ExampleOptions,
    id: usize,
    label: Option<usize>,
    told: &mut Vec<Assumption>,
) -> Result<Vec<usize>, DataError> {
    let first = sheets.first();
    let has_role = |column: usize| column == id || Some(column) == label;
    match &options.dims {
        Some(wanted) => {
            let dims = wanted_columns(first, wanted)?;
            match dims.iter().find(|dim| has_role(**dim)) {
                None => Ok(dims),
                Some(twice) => Err(DataError::AskedTwice {
                    file: first.file.clone(),
                    name: first.shown(*twice),
                }),
            }
        }
        None => {
            let counts: Vec<Counts> = (0..sheets.names().len())
                .map(|column| sheets.count(column))
                .collect();
            numeric_of(first, &counts, &has_role, told)
        }
    }
}
