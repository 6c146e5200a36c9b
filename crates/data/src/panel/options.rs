//! What the user says about files of series; everything else is inferred.

use crate::table::ColumnRef;
use crate::time::Step;

/// How a file lays its series out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A row for each time: the usual table.
    Long,
    /// A row for each series: its name, then its values. Shorter series have fewer cells, or are
    /// filled up with empty ones.
    WideRows,
}

/// The roles of the columns and the layout of the file, as far as the user gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PanelOptions {
    /// Whether the first row names the columns; `None` = inferred.
    pub header: Option<bool>,
    /// The time: one column, or two (a date and a time of day); none = inferred.
    pub time: Vec<ColumnRef>,
    /// What is forecast; `None` = every column of numbers without another role.
    pub target: Option<Vec<ColumnRef>>,
    /// The column that tells the series apart; `None` = inferred where times repeat. In wide rows,
    /// the column of the names.
    pub series: Option<ColumnRef>,
    /// Columns of numbers whose future is known.
    pub known: Vec<ColumnRef>,
    /// Columns of numbers whose future is not known.
    pub past: Vec<ColumnRef>,
    /// Columns of one cell for a whole series.
    pub statics: Vec<ColumnRef>,
    /// Only the rows on this grid are kept, each with its own value (no mean); `None` = all.
    pub every: Option<Step>,
    /// The layout; `None` = inferred.
    pub layout: Option<Layout>,
}
