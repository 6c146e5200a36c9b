//! What `evaluate` asks of a forecaster beyond the data.

use std::fmt;
use std::str::FromStr;

use crate::options::{Files, from_text, options};
use crate::part::Part;

/// A time of day, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(pub i64);

impl FromStr for Clock {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.split_once(':')
            .and_then(|(hour, minute)| Some((hour.parse().ok()?, minute.parse().ok()?)))
            .filter(|(hour, minute)| (0..24).contains(hour) && (0..60).contains(minute))
            .map(|(hour, minute): (i64, i64)| Self(hour * 3_600 + minute * 60))
            .ok_or_else(|| "write a time of day as 00:00 or 18:30".into())
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 3_600, self.0 / 60 % 60)
    }
}

from_text!(Clock, "a time of day in quotes");

options! {
    /// What `evaluate` asks of a forecaster.
    pub ForecastAsk => ForecastAsked {
        "Evaluation" {
            /// Part to score: train, valid, test or all
            part "PART" ["test for the file trained on, else all"]: Part => Option<Part>,
            /// Files with what came before, where --data holds only the future
            history "FILE": Files => Option<Files>,
            /// Rows from one forecast to the next
            stride "N" ["1"]: usize => usize,
            /// Score only forecasts that begin at this time of day, such as 00:00; --stride then counts them
            origin "HH:MM": Clock => Option<Clock>,
            /// Tell the errors apart by a column's values (the quarters of many), or by series, column, hour, weekday, month, quarter or year of the moment forecast
            slice "COL": String => Option<String>,
        }
    }
}
