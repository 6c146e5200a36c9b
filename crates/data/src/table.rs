//! A table of numbers with names and, if the file had one, a time axis.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::{DataError, shown};
use crate::nearest::nearest;
use crate::time::TimeAxis;

/// Columns of numbers of one length. NaN is a missing value and nothing else is.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// One name for each column, in the order of `columns`.
    pub names: Vec<String>,
    /// `columns[c][row]`; all of one length; NaN = missing, never infinite when read from a file.
    pub columns: Vec<Vec<f64>>,
    /// One stamp for each row, if the table has times.
    pub time: Option<TimeAxis>,
}

impl Table {
    /// How many rows.
    pub fn rows(&self) -> usize {
        match (self.columns.first(), &self.time) {
            (Some(column), _) => column.len(),
            (None, Some(time)) => time.stamps.len(),
            (None, None) => 0,
        }
    }

    /// The values of a column, by its name.
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        let index = self.names.iter().position(|n| n == name)?;
        self.columns.get(index).map(Vec::as_slice)
    }

    /// How many values are missing, over all columns.
    pub fn missing(&self) -> usize {
        self.columns
            .iter()
            .flatten()
            .filter(|value| value.is_nan())
            .count()
    }
}

/// A column as a user names it: by its header, or by its number from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnRef {
    /// The header's text.
    Name(String),
    /// The position in the file, from 1.
    Number(usize),
}

impl FromStr for ColumnRef {
    type Err = Infallible;

    /// Digits alone are a number; anything else is a name. A column whose header is itself made
    /// of digits (`2016`) is still found: a header of exactly that text goes before the position.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        Ok(match text.parse() {
            Ok(number) if digits => ColumnRef::Number(number),
            _ => ColumnRef::Name(text.to_owned()),
        })
    }
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnRef::Name(name) => write!(f, "`{name}`"),
            ColumnRef::Number(number) => write!(f, "{number}"),
        }
    }
}

impl ColumnRef {
    /// Whether only a header can have this name: it is none that columns without a header are given.
    pub(crate) fn is_of_header(&self) -> bool {
        match self {
            ColumnRef::Name(name) => !name.starts_with("column_"),
            ColumnRef::Number(_) => false,
        }
    }

    /// Position, from 0, of this column among `names`; `file` is only for the message.
    ///
    /// # Errors
    /// [`DataError::MissingColumn`], with the nearest name and the list of those that exist.
    pub fn find(&self, names: &[String], file: &Path) -> Result<usize, DataError> {
        let text = match self {
            ColumnRef::Name(name) => name.clone(),
            ColumnRef::Number(number) => number.to_string(),
        };
        if let Some(index) = names.iter().position(|name| *name == text) {
            return Ok(index);
        }
        let near = match self {
            ColumnRef::Number(number) if (1..=names.len()).contains(number) => {
                return Ok(number - 1);
            }
            ColumnRef::Number(_) => None,
            ColumnRef::Name(name) => nearest(name, names.iter().map(String::as_str)),
        };
        Err(DataError::MissingColumn {
            file: file.to_owned(),
            wanted: self.to_string(),
            nearest: near.map(str::to_owned),
            existing: listed(names),
        })
    }
}

/// Names as a message lists them: the first 20, and how many there are beyond; a table of a thousand columns does not fill
/// the screen.
pub fn listed(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut text = names
        .iter()
        .take(SHOWN)
        .map(|name| shown(name))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, names: &[&str]) -> Result<usize, DataError> {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        let Ok(column) = text.parse::<ColumnRef>();
        column.find(&names, Path::new("loads.csv"))
    }

    #[test]
    fn a_column_is_found_by_name_by_number_and_by_a_name_made_of_digits() {
        let names = ["date", "2016", "load"];
        assert_eq!(find("load", &names).unwrap(), 2);
        assert_eq!(find("1", &names).unwrap(), 0);
        assert_eq!(find("2016", &names).unwrap(), 1);
    }

    #[test]
    fn a_missing_column_names_the_nearest_and_lists_those_that_exist() {
        let message = find("laod", &["date", "load"]).unwrap_err().to_string();
        assert_eq!(
            message,
            "loads.csv: there is no column `laod`. Did you mean `load`? The columns are: date, load."
        );
        let message = find("3", &["date", "load"]).unwrap_err().to_string();
        assert_eq!(
            message,
            "loads.csv: there is no column 3. The columns are: date, load."
        );
        assert!(find("0", &["date"]).is_err());
        assert!(find("", &["date"]).is_err());
    }
}
