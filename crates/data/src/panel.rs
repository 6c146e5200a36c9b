//! Series with roles: what a forecaster learns from, and what it continues.
//!
//! A [`Panel`] is one or many series of the same columns. A column is a *target* (to be forecast),
//! a *known* covariate (its future is known too: a price list, a holiday), a *past* covariate (its
//! future is not: a measured temperature), or *static* (one value for the whole series: a region).

mod append;
mod clock;
mod grid;
mod groups;
mod options;
mod order;
mod read;
mod tell;
mod wide;

use crate::time::TimeAxis;
pub use options::{Layout, PanelOptions};
pub use read::{read_panel, read_panel_bytes};

/// The names of the columns, by role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// What is forecast; at least one.
    pub targets: Vec<String>,
    /// Numbers whose future is in the file beside the past.
    pub known: Vec<String>,
    /// Numbers whose future is not known.
    pub past: Vec<String>,
    /// One cell for a whole series.
    pub statics: Vec<String>,
}

/// One series: rows evenly apart in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The cell that tells it from the others; empty where the file holds one series.
    pub name: String,
    /// When its rows were, if the file says.
    pub time: Option<TimeAxis>,
    /// `targets[column][row]`; NaN is missing.
    pub targets: Vec<Vec<f64>>,
    /// `known[column][row]`; NaN is missing.
    pub known: Vec<Vec<f64>>,
    /// `past[column][row]`; NaN is missing.
    pub past: Vec<Vec<f64>>,
    /// The cells of the static columns, as written.
    pub statics: Vec<String>,
}

impl Series {
    /// How many rows, with those that hold only the future of known columns.
    pub fn rows(&self) -> usize {
        self.targets.first().map_or(0, Vec::len)
    }

    /// The rows up to the last that has a target: a forecast begins after them.
    pub fn observed(&self) -> usize {
        self.targets
            .iter()
            .filter_map(|values| values.iter().rposition(|value| !value.is_nan()))
            .max()
            .map_or(0, |last| last + 1)
    }
}

/// Series of the same columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The columns' names.
    pub roles: Roles,
    /// The column that tells the series apart, if there is one.
    pub series_column: Option<String>,
    /// How the file lays them out.
    pub layout: Layout,
    /// The series, in the order of their first row in the file; at least one.
    pub series: Vec<Series>,
}

impl Panel {
    /// Rows of all series together.
    pub fn rows(&self) -> usize {
        self.series.iter().map(Series::rows).sum()
    }

    /// How many target values are missing among the observed rows.
    pub fn missing(&self) -> usize {
        self.series
            .iter()
            .flat_map(|series| {
                let observed = series.observed();
                series.targets.iter().map(move |values| &values[..observed])
            })
            .flatten()
            .filter(|value| value.is_nan())
            .count()
    }
}
