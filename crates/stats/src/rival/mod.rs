//! What one would take instead of a network: simple methods that are fitted in seconds.
//!
//! To classify. Texts: [`bag`] makes sparse rows of words and pairs of words, [`logistic`] classifies
//! rows. Rows of features: [`rows`] brings them to one scale for it. Sequences of numbers:
//! [`neighbour`] takes the class of the most similar training sequence. For anything: [`majority`]
//! always says the most frequent class.
//!
//! To predict the next token: [`ngram`]. To translate: [`lexicon`] goes word by word, [`memory`] finds
//! the most similar sentence that has a translation. To find what is unusual: [`pca`] reconstructs rows from a few directions,
//! [`gaussian`] compares a value with those just before it.

pub mod bag;
pub mod gaussian;
mod lbfgs;
pub mod lexicon;
pub mod logistic;
pub mod majority;
pub mod memory;
pub mod neighbour;
pub mod ngram;
pub mod pca;
pub mod rows;

pub use gaussian::windowed_gaussian;
pub use pca::Pca;
