//! Where forecasts may start: the origins of the windows a model is trained and judged on.
//!
//! A window is `context` rows to read and the `horizon` rows after them to forecast. Its origin is
//! the row of its first forecast. The forecast rows lie inside the part; the context may reach
//! back before it, because those rows are known by then.

use std::ops::Range;

use crate::error::DataError;

/// The shape of the windows and how far apart they start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Rows read before the origin.
    pub context: usize,
    /// Rows forecast from the origin on.
    pub horizon: usize,
    /// Rows from one origin to the next; 0 counts as 1.
    pub stride: usize,
}

impl Windows {
    /// Windows at every row.
    pub fn new(context: usize, horizon: usize) -> Self {
        Windows {
            context,
            horizon,
            stride: 1,
        }
    }

    /// Every origin of the part; none if not one window fits.
    pub fn origins(&self, part: Range<usize>) -> Vec<usize> {
        origins(part, self.context, self.horizon, self.stride)
    }

    /// Every origin of the part, which is called `name` in the message.
    ///
    /// # Errors
    /// [`DataError::TooShort`], with the rows that are needed, if not one window fits.
    pub fn require(&self, part: Range<usize>, name: &str) -> Result<Vec<usize>, DataError> {
        let origins = self.origins(part.clone());
        if origins.is_empty() {
            // What the context may use before the part counts as available.
            let reach = part.start.saturating_sub(self.context);
            return Err(DataError::TooShort {
                part: name.to_owned(),
                found: part.end.saturating_sub(reach),
                needed: self.context.saturating_add(self.horizon),
                context: self.context,
                horizon: self.horizon,
            });
        }
        Ok(origins)
    }

    /// Rows of the context of an origin given by [`Windows::origins`].
    pub fn context_of(&self, origin: usize) -> Range<usize> {
        origin.saturating_sub(self.context)..origin
    }

    /// Rows forecast from an origin given by [`Windows::origins`].
    pub fn horizon_of(&self, origin: usize) -> Range<usize> {
        origin..origin + self.horizon
    }
}

/// Every origin `o` with `part.start <= o`, `o + horizon <= part.end` and `context` rows before it
/// in the table, `stride` rows apart (0 counts as 1).
pub fn origins(part: Range<usize>, context: usize, horizon: usize, stride: usize) -> Vec<usize> {
    let first = part.start.max(context);
    match part.end.checked_sub(horizon) {
        Some(last) if first <= last => (first..=last).step_by(stride.max(1)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_test_windows_of_etth1_are_counted_as_published() {
        let windows = Windows::new(336, 96);
        let origins = windows.origins(11_520..14_400);
        assert_eq!(origins.len(), 2_785);
        assert_eq!(windows.context_of(origins[0]), 11_184..11_520);
        assert_eq!(windows.horizon_of(origins[2_784]), 14_304..14_400);
        assert_eq!(windows.origins(0..8_640).first(), Some(&336));
    }

    #[test]
    fn a_part_too_short_says_how_many_rows_it_takes() {
        let windows = Windows::new(24, 12);
        let message = windows.require(100..105, "test").unwrap_err().to_string();
        assert!(
            message.contains("the test part has 29 usable rows"),
            "{message}"
        );
        assert!(
            message.contains("a context of 24 and a horizon of 12 need 36"),
            "{message}"
        );
        assert!(windows.require(100..112, "test").is_ok());
    }

    proptest! {
        #[test]
        fn origins_are_exactly_the_rows_that_fit(
            start in 0_usize..40, length in 0_usize..40, context in 0_usize..20,
            horizon in 0_usize..20, stride in 0_usize..5,
        ) {
            let part = start..start + length;
            let step = stride.max(1);
            let fitting: Vec<usize> = (0..100)
                .filter(|o| *o >= part.start && *o >= context && o + horizon <= part.end)
                .step_by(step)
                .collect();
            prop_assert_eq!(origins(part, context, horizon, stride), fitting);
        }
    }
}
