//! Marks on what models make, and the finding of them.

#![doc = include_str!("../README.md")]

pub mod credentials;
mod error;
mod hex;
pub mod image;
mod key;
mod pixels;
mod tail;
pub mod text;

pub use error::MarkError;
pub use key::Key;
pub use pixels::Pixels;
