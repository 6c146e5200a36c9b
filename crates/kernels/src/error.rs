//! The one error of this crate: a slice whose length does not fit the sizes given with it.
use std::fmt;

/// A buffer or a size that does not fit the call it was given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeError {
    /// The operation and the argument, for example `recurrent forward: input`.
    pub argument: String,
    /// What the sizes of the call ask for.
    pub expected: String,
    /// What came.
    pub found: String,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: expected {}, found {}",
            self.argument, self.expected, self.found
        )
    }
}

impl std::error::Error for ShapeError {}

impl ShapeError {
    pub(crate) fn new(
        argument: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            argument: argument.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// Checks the length of a slice against the product of its dimensions.
    pub(crate) fn check(
        argument: &str,
        dimensions: &[(&str, usize)],
        found: usize,
    ) -> Result<(), Self> {
        // Sizes come from the caller, and a product that wrapped around would let pointers run astray.
        let expected = dimensions
            .iter()
            .try_fold(1usize, |product, (_, size)| product.checked_mul(*size));
        if expected == Some(found) {
            return Ok(());
        }
        let expected = expected.map_or("more".to_owned(), |count| count.to_string());
        let shape: Vec<String> = dimensions
            .iter()
            .map(|(name, size)| format!("{name} {size}"))
            .collect();
        Err(Self::new(
            argument,
            format!("{expected} values ({})", shape.join(" × ")),
            format!("{found}"),
        ))
    }
}
