//! What can be wrong with pairs: each error a sentence saying what was expected, what was found and what to do.

use crate::{ErrorKind, FamilyError};

/// Why pairs cannot be learnt from, translated or scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TranslateError {
    /// One file of lines where two are needed.
    #[error(
        "`{0}` is a file of lines, and pairs need two: give the file of sources and that of targets, such as `--data train.en train.fr`, or a table with both"
    )]
    OneFile(String),
    /// Files of lines that make no pairs.
    #[error(
        "{0} files of lines make no pairs: give one of sources and one of targets, or as many of either, all sources first"
    )]
    Odd(usize),
    /// Tables beside files of lines.
    #[error("`{table}` is a table and `{lines}` a file of lines: give files of one kind")]
    Mixed {
        /// The table.
        table: String,
        /// The file of lines.
        lines: String,
    },
    /// The two sides were exchanged.
    #[error(
        "the pairs of `{0}` are the wrong way round: their sources look like the targets that are learnt from, and their targets like the sources. Exchange the two files or columns"
    )]
    Exchanged(String),
    /// No pair is short enough.
    #[error(
        "none of the {pairs} pairs of the training part has a text on both sides of at most {most} tokens. Give others, or a larger `max_length`"
    )]
    NoPair {
        /// Pairs there are.
        pairs: usize,
        /// Tokens of a side at the most.
        most: usize,
    },
}

impl FamilyError for TranslateError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }

    fn keys(&self) -> &'static [&'static str] {
        match self {
            TranslateError::NoPair { .. } => &["max_length"],
            _ => &[],
        }
    }
}
