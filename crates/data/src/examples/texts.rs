//! Texts with a class from the columns of a table.

use super::classes::labels;
use super::features::id_column;
use super::{Columns, ExampleOptions, Examples, Inputs, Origin, columns};
use crate::error::DataError;
use crate::read::{Assumption, Sheets};

/// A text a row.
pub(super) fn read(
    sheets: &Sheets,
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<(Examples, Columns), DataError> {
    if options.dims.is_some() {
        return Err(sheets.unfit(
            "a column of texts was named, and others as dimensions, which texts have none of",
            "Leave the column of texts out for rows of features, or the dimensions for texts.",
        ));
    }
    let (text, label) = columns::texts_and_labels(sheets, options, told)?;
    let rows = 0..sheets.rows();
    let texts = rows.clone().map(|row| sheets.text(row, text).into_owned());
    let labels = match label {
        None => None,
        Some(column) => labels(sheets, column, rows.clone(), &options.label, told)?,
    };
    let name = |column: usize| sheets.names()[column].clone();
    let columns = Columns {
        text: Some(name(text)),
        label: label.map(name),
        ..Columns::default()
    };
    id_column(sheets, label, told);
    let examples = Examples {
        inputs: Inputs::Texts(texts.collect()),
        labels,
        origins: rows.map(|row| origin(sheets, row, None)).collect(),
        files: sheets.all().iter().map(|s| s.file.clone()).collect(),
        media: None,
    };
    Ok((examples, columns))
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
