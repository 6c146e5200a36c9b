//! Texts with a class from the columns of a table.

use super::{ExampleOptions, Examples, Inputs, Origin, columns};
use crate::error::{DataError, shown};
use crate::read::{Assumption, Sheets};

/// A text a row.
pub(super) fn read(
    sheets: &Sheets,
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<Examples, DataError> {
    if options.dims.is_some() {
        return Err(sheets.unfit(
            "columns were named as dimensions, and texts have none",
            "Name the column that tells the sequences apart too, or leave the dimensions out.",
        ));
    }
    let (text, label) = columns::texts_and_labels(sheets, options, told)?;
    let rows = 0..sheets.rows();
    let texts = rows.clone().map(|row| sheets.text(row, text).into_owned());
    let labels = match label {
        None => None,
        Some(column) => labels(sheets, column, rows.clone(), told)?,
    };
    Ok(Examples {
        inputs: Inputs::Texts(texts.collect()),
        labels,
        origins: rows.map(|row| origin(sheets, row, None)).collect(),
        files: sheets.all().iter().map(|s| s.file.clone()).collect(),
        media: None,
    })
}

/// The classes in these rows; none at all if every cell is empty.
pub(super) fn labels(
    sheets: &Sheets,
    column: usize,
    rows: impl Iterator<Item = usize> + Clone,
    told: &mut Vec<Assumption>,
) -> Result<Option<Vec<String>>, DataError> {
    let cells = rows
        .clone()
        .map(|row| sheets.text(row, column).into_owned());
    let labels: Vec<String> = cells.collect();
    if labels.iter().all(String::is_empty) {
        let name = shown(&sheets.names()[column]);
        told.push(Assumption::new(
            "classes",
            format!("none: every cell of {name} is empty"),
        ));
        return Ok(None);
    }
    let mut pairs = rows.zip(&labels);
    if let Some((row, _)) = pairs.find(|(_, label)| label.is_empty()) {
        let (sheet, own) = sheets.locate(row);
        return Err(DataError::Unexpected {
            file: sheet.file.clone(),
            place: sheet.place(own),
            expected: format!("a class in column `{}`", sheet.shown(column)).into(),
            found: "an empty cell".into(),
            advice: "Fill it in, or remove the row.",
        });
    }
    Ok(Some(labels))
}

/// Where a row comes from.
pub(super) fn origin(sheets: &Sheets, row: usize, id: Option<String>) -> Origin {
    let (sheet, own) = sheets.locate(row);
    Origin {
        file: sheets.file_of(row),
        place: sheet.place(own),
        id,
    }
}
