//! Lengths of the rows of a batch.
use crate::NnError;
use std::sync::Arc;

/// How many real steps each row of a batch has, in any order. A host-side value: cheap to clone, never
/// on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lengths(Arc<[usize]>);

impl Lengths {
    /// Lengths, one for each row.
    ///
    /// # Errors
    /// No rows, or a row of length zero: it has no last step, so no final state. Leave such rows out.
    pub fn new(lengths: impl Into<Vec<usize>>) -> Result<Self, NnError> {
        let lengths = lengths.into();
        if lengths.is_empty() {
            return Err(NnError::shape("lengths", "one for each row", "none"));
        }
        if let Some(row) = lengths.iter().position(|&length| length == 0) {
            return Err(NnError::shape(
                format!("lengths[{row}]"),
                "at least 1 (leave rows without steps out of the batch)",
                "0",
            ));
        }
        Ok(Self(lengths.into()))
    }

    /// The lengths.
    pub fn as_slice(&self) -> &[usize] {
        &self.0
    }
}
