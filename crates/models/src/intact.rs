//! Whether the files of a model folder belong together: a damaged folder is refused in words, before anything is allocated
//! or computed from it.

use burn::module::Module;

use ressac_folder::ModelFiles;
use ressac_nn::{NnError, weights};
use ressac_train::read_weights;

use crate::ModelError;
use crate::text::{TextConfig, Tokenizer};

/// The refusal of a folder whose files are not of one sound model.
pub(crate) fn wrong(what: impl Into<String>) -> ModelError {
    ModelError::Mismatch(what.into())
}

/// What a check of the options found, in a folder: not wrong usage, but files that do not fit.
pub(crate) fn of_options(checked: Result<(), ModelError>) -> Result<(), ModelError> {
    match checked {
        Err(ModelError::Options { key, problem }) => Err(wrong(format!("`{key}` {problem}"))),
        other => other,
    }
}

/// Refuses a tokenizer that is not the one that the options say.
pub(crate) fn tokenizer(found: &Tokenizer, options: &TextConfig) -> Result<(), ModelError> {
    let kind = found.kind();
    let other = options.tokenizer.is_some_and(|asked| asked != kind);
    match other || found.max_length() != options.max_length {
        false => Ok(()),
        true => Err(wrong(format!(
            "the pipeline's tokenizer of {kind} is not the one that the configuration says"
        ))),
    }
}

/// The network that `make` makes, with the weights of a folder: refused before it is made where they are not `expected`
/// numbers, all of them finite.
///
/// # Errors
/// A file that is missing or damaged; weights of another network.
pub(crate) fn network<N: Module>(
    files: &ModelFiles,
    expected: usize,
    make: impl FnOnce() -> Result<N, NnError>,
) -> Result<N, ModelError> {
    let tensors = read_weights(files)?;
    let count: usize = tensors.values().map(|tensor| tensor.values.len()).sum();
    if count != expected {
        return Err(wrong(format!(
            "there are {count} weights, and a network of this configuration has {expected}"
        )));
    }
    let mut named = tensors.iter();
    if let Some((name, _)) = named.find(|(_, of)| of.values.iter().any(|v| !v.is_finite())) {
        return Err(wrong(format!(
            "`{name}` holds a value that is not a number"
        )));
    }
    // The weights drawn here are all replaced; `apply` refuses any that are not.
    weights::apply(make()?, &tensors).map_err(|error| wrong(error.to_string()))
}
