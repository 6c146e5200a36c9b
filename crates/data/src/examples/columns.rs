//! Which column of a table holds the texts, which the classes.

use std::collections::HashSet;

use super::{ExampleOptions, Labels};
use crate::error::{DataError, shown};
use crate::read::{Assumption, Sheets};
use crate::table::ColumnRef;

/// Names that columns of texts have, the surest first.
const TEXTS: [&str; 15] = [
    "text",
    "sentence",
    "review",
    "review_text",
    "reviewtext",
    "comment",
    "content",
    "body",
    "message",
    "document",
    "tweet",
    "phrase",
    "description",
    "texte",
    "phrase_text",
];

/// Names that columns of classes have, the surest first.
const LABELS: [&str; 18] = [
    "label",
    "labels",
    "class",
    "category",
    "sentiment",
    "target",
    "polarity",
    "intent",
    "topic",
    "classe",
    "species",
    "variety",
    "diagnosis",
    "outcome",
    "label_text",
    "class_label",
    "stars",
    "rating",
];

/// Whether columns of texts or classes are often called this.
pub(super) fn is_known(name: &str) -> bool {
    let name = folded(name);
    TEXTS.contains(&name.as_str()) || LABELS.contains(&name.as_str())
}

/// Whether columns of texts are often called this.
pub(crate) fn is_text_name(name: &str) -> bool {
    TEXTS.contains(&folded(name).as_str())
}

/// Whether a column of this name is to be that of the classes.
pub(super) fn is_of_labels(name: &str, options: &ExampleOptions) -> bool {
    match options.label.column() {
        Some(ColumnRef::Name(column)) => column == name,
        _ => LABELS.contains(&folded(name).as_str()),
    }
}

/// The column whose name says that it holds the classes.
pub(super) fn label_by_known_name(sheets: &Sheets) -> Option<usize> {
    named(sheets, &LABELS, None)
}

pub(super) fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

/// The first column with one of the names, in the order of these.
fn named(sheets: &Sheets, known: &[&str], taken: Option<usize>) -> Option<usize> {
    let names: Vec<String> = sheets.names().iter().map(|name| folded(name)).collect();
    known.iter().find_map(|known| {
        let at = names.iter().position(|name| name == known);
        at.filter(|at| Some(*at) != taken)
    })
}

/// The column of the classes that the user gave, or that its name gives away.
pub(super) fn labels_by_name(
    sheets: &Sheets,
    options: &ExampleOptions,
    taken: Option<usize>,
    told: &mut Vec<Assumption>,
) -> Result<Option<usize>, DataError> {
    match (&options.label, options.label.column()) {
        (Labels::Absent | Labels::FromFolder, _) => Ok(None),
        (_, Some(column)) => {
            let first = sheets.first();
            let at = column.find(sheets.names(), &first.file)?;
            match Some(at) == taken {
                true => Err(DataError::AskedTwice {
                    file: first.file.clone(),
                    name: first.shown(at),
                }),
                false => Ok(Some(at)),
            }
        }
        (_, None) => {
            let found = named(sheets, &LABELS, taken);
            if let Some(column) = found {
                told.push(Assumption::new(
                    LABEL_COLUMN,
                    shown(&sheets.names()[column]),
                ));
            }
            Ok(found)
        }
    }
}

pub(super) const LABEL_COLUMN: &str = "label column";

/// The columns of texts and of classes.
pub(super) fn texts_and_labels(
    sheets: &Sheets,
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<(usize, Option<usize>), DataError> {
    let given = match &options.text {
        Some(column) => Some(column.find(sheets.names(), &sheets.first().file)?),
        None => None,
    };
    let text_by_name = given.or_else(|| match options.label.column() {
        // A column that the user gives as classes is not one of texts.
        Some(label) => {
            let label = label.find(sheets.names(), &sheets.first().file).ok();
            named(sheets, &TEXTS, label)
        }
        None => named(sheets, &TEXTS, None),
    });
    let mut of_labels = Vec::new();
    let label = labels_by_name(sheets, options, text_by_name, &mut of_labels)?;
    let text = match text_by_name {
        Some(column) => column,
        None => longest(sheets, label)?,
    };
    if given.is_none() {
        told.push(Assumption::new("text column", shown(&sheets.names()[text])));
    }
    told.append(&mut of_labels);
    if label.is_some() || !options.label.is_looked_for() {
        return Ok((text, label));
    }
    let label = repeating(sheets, text);
    told.push(Assumption::new(
        LABEL_COLUMN,
        label.map_or_else(
            || "none: no column has values that repeat".to_owned(),
            |column| shown(&sheets.names()[column]),
        ),
    ));
    Ok((text, label))
}

/// The column of texts where no other has a role: the one given, or found by its name, the only one, or the one with the
/// longest texts.
pub(crate) fn text_column(sheets: &Sheets, given: Option<&ColumnRef>) -> Result<usize, DataError> {
    match given {
        Some(column) => column.find(sheets.names(), &sheets.first().file),
        None if sheets.names().len() == 1 => Ok(0),
        None => named(sheets, &TEXTS, None).map_or_else(|| longest(sheets, None), Ok),
    }
}

/// The column with the longest texts on average.
fn longest(sheets: &Sheets, label: Option<usize>) -> Result<usize, DataError> {
    let mut best: Option<(usize, usize)> = None;
    for column in (0..sheets.names().len()).filter(|column| Some(*column) != label) {
        let counts = sheets.count(column);
        if counts.texts == 0 || counts.is_numeric() {
            continue;
        }
        let rows = 0..sheets.rows();
        let length = rows
            .map(|row| sheets.text(row, column).chars().count())
            .sum();
        if best.is_none_or(|(longest, _)| length > longest) {
            best = Some((length, column));
        }
    }
    best.map(|(_, column)| column).ok_or_else(|| {
        sheets.unfit(
            format!(
                "no column of texts was found among {}",
                crate::table::listed(sheets.names())
            ),
            "Name the column of texts, or, for sequences of numbers, the column that tells them apart.",
        )
    })
}

/// The column beside the texts with the fewest values, if they repeat; one with a single value
/// only for want of another.
pub(super) fn repeating(sheets: &Sheets, text: usize) -> Option<usize> {
    let mut best: Option<(bool, usize, usize)> = None;
    for column in (0..sheets.names().len()).filter(|column| *column != text) {
        let (mut values, mut filled) = (HashSet::new(), 0_usize);
        for row in 0..sheets.rows() {
            let cell = sheets.text(row, column);
            if !cell.is_empty() {
                filled += 1;
                values.insert(cell);
            }
        }
        let rank = (values.len() == 1, values.len(), column);
        if values.len() < filled && best.is_none_or(|best| rank < best) {
            best = Some(rank);
        }
    }
    best.map(|(_, _, column)| column)
}
