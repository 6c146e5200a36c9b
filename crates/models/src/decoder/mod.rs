//! The decoder that every family with texts as its output shares: embedding, recurrent layers, attention, output layer, and
//! how texts are generated with it.
//!
//! In training all steps of all sentences run in one pass, because nothing that a step reads depends on what the output
//! layer gave at the step before: the words read are those of the true text (teacher forcing), and the context that
//! attention finds is read by the *second* recurrent layer, not fed back into the first (as in GNMT, Wu et al. 2016).

pub(crate) mod generate;
mod network;
pub(crate) mod search;
#[cfg(test)]
mod tests;

pub(crate) use network::{Decoder, DecoderConfig, DecoderState, embedding};
