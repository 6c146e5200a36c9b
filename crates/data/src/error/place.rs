//! Where a row stands, as a message says it.

use std::fmt;

/// Where a row is in its file, as its user can find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Line of a text file, from 1.
    Line(usize),
    /// Row of a file without lines (Parquet), from 1.
    Row(usize),
}

impl Place {
    /// The line or row.
    pub fn number(self) -> usize {
        match self {
            Place::Line(number) | Place::Row(number) => number,
        }
    }

    /// Another row of the same file.
    pub(super) fn with(self, number: usize) -> Place {
        match self {
            Place::Line(_) => Place::Line(number),
            Place::Row(_) => Place::Row(number),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Row(row) => write!(f, "row {row}"),
        }
    }
}
