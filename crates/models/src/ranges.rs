//! The ranges of options.

use std::ops::RangeInclusive;

use crate::ModelError;
use crate::error::option_error;

/// Refuses a number that is not in `range`.
pub(crate) fn whole(
    key: &str,
    value: usize,
    range: RangeInclusive<usize>,
) -> Result<(), ModelError> {
    match range.contains(&value) {
        true => Ok(()),
        false => Err(option_error(
            key,
            &format!(
                "is {value}; it is a number from {} to {}",
                range.start(),
                range.end()
            ),
        )),
    }
}

/// Refuses a size of 0, and sizes whose products would overflow.
pub(crate) fn at_least_one(key: &str, value: usize) -> Result<(), ModelError> {
    whole(key, value, 1..=1_000_000)
}

/// Refuses what is not a share from 0 to less than 1.
pub(crate) fn share(key: &str, value: f64) -> Result<(), ModelError> {
    match (0.0..1.0).contains(&value) {
        true => Ok(()),
        false => Err(option_error(
            key,
            &format!("is {value}; it is a share from 0 to less than 1"),
        )),
    }
}
