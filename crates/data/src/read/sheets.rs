//! Several files of the same columns, as one run of rows.

use std::borrow::Cow;
use std::path::Path;

use super::{Assumption, Counts, Sheet};
use crate::error::DataError;

/// At least one file; rows are counted through all of them in the order given.
pub(crate) struct Sheets {
    sheets: Vec<Sheet>,
    /// Rows before each file.
    starts: Vec<usize>,
}

impl Sheets {
    /// Opens the files one after the other with `open`; what they let assume alike is told once.
    pub(crate) fn open<'a, B: AsRef<[u8]>>(
        files: impl Iterator<Item = Result<(&'a Path, B), DataError>>,
        open: impl Fn(&Path, &[u8], &mut Vec<Assumption>) -> Result<Sheet, DataError>,
        told: &mut Vec<Assumption>,
    ) -> Result<Sheets, DataError> {
        let (mut sheets, mut starts, mut rows) = (Vec::<Sheet>::new(), Vec::new(), 0);
        for file in files {
            let (name, bytes) = file?;
            let mut of_file = Vec::new();
            let mut sheet = open(name, bytes.as_ref(), &mut of_file)?;
            if let Some(first) = sheets.first() {
                sheet = sheet.in_order_of(first)?;
            }
            for assumption in of_file {
                if !told.contains(&assumption) {
                    told.push(assumption);
                }
            }
            starts.push(rows);
            rows += sheet.rows();
            sheets.push(sheet);
        }
        if sheets.is_empty() {
            return Err(DataError::NoFile);
        }
        Ok(Sheets { sheets, starts })
    }

    /// The file that names the columns, and stands for all in messages.
    pub(crate) fn first(&self) -> &Sheet {
        &self.sheets[0]
    }

    pub(crate) fn all(&self) -> &[Sheet] {
        &self.sheets
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.first().names
    }

    pub(crate) fn rows(&self) -> usize {
        self.sheets.iter().map(Sheet::rows).sum()
    }

    /// Which file a row stands in.
    pub(crate) fn file_of(&self, row: usize) -> usize {
        self.starts.partition_point(|start| *start <= row) - 1
    }

    /// The file of a row, and its number in that file.
    pub(crate) fn locate(&self, row: usize) -> (&Sheet, usize) {
        let file = self.file_of(row);
        (&self.sheets[file], row - self.starts[file])
    }

    pub(crate) fn text(&self, row: usize, column: usize) -> Cow<'_, str> {
        let (sheet, row) = self.locate(row);
        sheet.text(row, column)
    }

    /// Numbers and texts of a column over all files.
    pub(crate) fn count(&self, column: usize) -> Counts {
        let mut total = Counts::default();
        for counts in self.sheets.iter().map(|sheet| sheet.count(column)) {
            total.numbers += counts.numbers;
            total.texts += counts.texts;
        }
        total
    }

    /// A column of numbers over all files; NaN is missing.
    pub(crate) fn numbers(&self, column: usize) -> Result<Vec<f64>, DataError> {
        let mut values = Vec::with_capacity(self.rows());
        for sheet in &self.sheets {
            values.extend(sheet.numbers(column)?);
        }
        Ok(values)
    }

    /// An option that does not go with these files.
    pub(crate) fn unfit(&self, problem: impl Into<String>, advice: &'static str) -> DataError {
        DataError::Unfit {
            file: self.first().file.clone(),
            problem: problem.into(),
            advice,
        }
    }
}
