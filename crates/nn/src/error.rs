//! What can go wrong at the boundary.
use thiserror::Error;

/// An error of a layer, an optimiser or a weights file; its message is a sentence for the user.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum NnError {
    /// Sizes that do not fit together.
    #[error("{argument}: expected {expected}, found {found}")]
    Shape {
        /// The layer and the argument.
        argument: String,
        /// What was expected.
        expected: String,
        /// What came.
        found: String,
    },
    /// A loss or a module without gradients.
    #[error("gradients: {0}")]
    Gradients(String),
    /// A parameter that a file lacks, or has and should not.
    #[error("weights: {0}")]
    Weights(String),
    /// Bytes that are not a safetensors file of ours.
    #[error("weights file: {0}")]
    File(String),
}

impl NnError {
    pub(crate) fn shape(
        argument: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Shape {
            argument: argument.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }
}

impl From<ressac_kernels::error::ShapeError> for NnError {
    fn from(error: ressac_kernels::error::ShapeError) -> Self {
        Self::Shape {
            argument: error.argument,
            expected: error.expected,
            found: error.found,
        }
    }
}
