//! The model families.
//!
//! A family is one folder: everything it is, from what it reads to its report. It implements [`Family`], its models
//! [`Model`]; one line in [`FAMILIES`] makes every verb know it. There are [`forecast`], time series continued by a
//! recurrent network, [`classify`], texts and sequences told apart by one, [`language`], text continued by one, [`translate`], text made of another,
//! [`autoencode`], rows, sequences and images written through a narrow code, and [`gan`], images of things that do not exist.
//!
//! What families share is here: [`options`] declared once, the [`job`] of a training with its layers of options and its
//! record, the errors and their [`ErrorKind`], the [`Structure`] of a network, what an evaluation gives
//! ([`Evaluated`]).
//!
//! Nothing here prints or exits.

pub mod autoencode;
pub mod cell;
pub mod classify;
mod decoder;
mod error;
mod evaluated;
pub mod examples;
mod families;
pub mod family;
pub mod forecast;
pub mod gan;
pub mod import;
mod intact;
pub mod job;
pub mod language;
mod latent;
mod measure;
mod model;
pub mod options;
mod part;
pub mod pictures;
mod ranges;
pub mod recurrence;
pub mod structure;
#[cfg(test)]
mod testing;
pub mod text;
pub mod translate;
mod words;

pub use error::{ErrorKind, FamilyError, ModelError};
pub use evaluated::{Evaluated, Right, TextTable};
pub use families::{FAMILIES, family, open, unable};
pub use family::{AnyFamily, Family};
pub use model::{Export, Fact, Import, MadePictures, Model, OnnxFile, Sample, Source, Sources};
pub use part::{Part, Parts};
pub use structure::Structure;
