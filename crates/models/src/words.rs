//! Options that are words: declared as those of the layers are.
pub(crate) use ressac_nn::words;
