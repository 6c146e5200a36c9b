//! What can go wrong when a mark is made or looked for.

use std::path::PathBuf;

use ressac_data::DataError;

/// Why a mark could not be made, or a file not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// The image has fewer pixels than a mark needs.
    #[error(
        "the image has {width} × {height} pixels, too few for a watermark, which needs {least} on each side"
    )]
    TooSmall {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
        /// The least of both that is enough.
        least: usize,
    },
    /// Levels are not as many as the size says.
    #[error(
        "an image of {width} × {height} pixels with {channels} channels does not have {levels} levels"
    )]
    Shape {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
        /// Numbers of a pixel.
        channels: usize,
        /// Levels given.
        levels: usize,
    },
    /// An image that cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A statement can only be put into a PNG file.
    #[error("the file is not a PNG image, the only kind that a statement is put into")]
    NotPng,
    /// A sidecar that says nothing.
    #[error("this is not a sidecar: expected JSON with a statement, a public key and a signature")]
    NotSidecar,
    /// A file that cannot be read or written.
    #[error("{file}: {problem}", file = file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system said.
        problem: String,
    },
}
