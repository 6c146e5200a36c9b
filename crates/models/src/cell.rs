//! The cell of a model's recurrent layers, chosen by words: the list is that of the layers themselves.

pub use ressac_nn::choice::{Activation, CellChoice, CellSize, Gates, Reset, UseCell};

use crate::options::from_text;
use crate::words::words;

words! {
    /// A kind of recurrent cell.
    CellKind: "model" {
        /// The plain recurrent unit (Elman 1990).
        Rnn = "rnn",
        /// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers 1999).
        Lstm = "lstm",
        /// Gated recurrent unit (Cho et al. 2014).
        Gru = "gru",
        /// The minimal GRU, whose gate reads no state (Feng et al. 2024).
        MinimalGru = "minimal-gru",
        /// The minimal LSTM, likewise.
        MinimalLstm = "minimal-lstm",
    }
}

from_text!(CellKind, "a model in quotes");
