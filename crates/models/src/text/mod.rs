//! Texts as a network reads them, for every family that reads some.
//!
//! - [`options`]: the options of texts, a group that a family takes in whole;
//! - `split`, [`vocabulary`], [`subwords`], [`characters`]: three ways to cut a text;
//! - [`tokenizer`]: one type over the three, fitted on the training part and saved with the model;
//! - [`Codes`]: the tokens of texts that a network writes, with their end;
//! - [`vectors`]: vectors of words that others learnt, as starting values of an embedding;
//! - `fitted`: the tokenizer and the vectors of one training, and what is told of them;
//! - [`hashed`]: words and pairs of words by the hash of them, for a linear model beside a network.

pub mod characters;
mod codes;
mod dropout;
mod fitted;
pub mod hashed;
mod merges;
pub mod options;
mod split;
mod structure;
pub mod subwords;
pub mod tokenizer;
pub mod vectors;
pub mod vocabulary;

pub use codes::Codes;
pub(crate) use dropout::drop_tokens;
pub use fitted::Fitted;
pub use options::{TextConfig, TextDefaults, TextOptions};
pub use split::{Splitting, split};
pub use tokenizer::{Counts, Encoding, Tokenizer, TokenizerKind, UNKNOWN};
pub use vectors::Vectors;
pub use vocabulary::Vocabulary;
