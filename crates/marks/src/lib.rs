//! Marks on what a model has made, and the finding of them.

mod error;
pub mod image;
mod key;
mod pixels;
mod tail;

pub use error::MarkError;
pub use key::Key;
pub use pixels::Pixels;
