//! The options of a language model, as given and resolved.

use crate::cell::{CellChoice, CellKind};
use crate::options::{
    Files, RecurrentConfig, RecurrentOptions, TrainingConfig, TrainingOptions, options,
};
use crate::text::{TextConfig, TextOptions};

options! {
    /// The options of a language model.
    pub LanguageOptions => LanguageConfig {
        "Data" {
            /// Files of text to learn from, in this order: plain text, or tables with a column of texts; .gz is read as it is
            data "FILE": Files => Files,
            /// Files to validate on, instead of a share of --data
            valid "FILE": Files => Option<Files>,
            /// Files to test on, instead of a share of --data
            test "FILE": Files => Option<Files>,
            /// Shares of --data to train, validate and test on, in this order and cut at the ends of lines; the share of a part that has its own files is left out
            split "A,B,C" ["0.9,0.05,0.05"]: String => Option<String>,
            /// Column of texts, where the files are tables
            text "COL" ["looked for"]: String => Option<String>,
        }
        "Network" {
            /// Recurrent layers: rnn, lstm, gru, minimal-gru or minimal-lstm
            model "MODEL" ["lstm"]: CellKind => CellKind,
            /// Steps that a gradient goes back through at the most (truncated backpropagation through time); the state is carried on
            window "N" ["64"]: usize => usize,
            /// Whether the output layer has the weights of the embedding (tied)
            tied "yes|no" ["no for characters, else yes"]: bool => bool,
            /// Share of recurrent weights dropped in training, the same ones over a window (weight dropping)
            weight_dropout "SHARE" ["0"]: f64 => f64,
            /// Whether the numbers dropped are the same at every step of a window
            variational "yes|no" ["no"]: bool => bool,
        }
    }
    groups {
        recurrent: RecurrentOptions => RecurrentConfig {
            hidden = "256",
            layers = "2",
            dropout = "0.2",
        },
        texts: TextOptions => TextConfig {
            tokenizer = "characters",
            lower_case = "no",
            embedding = "as many as hidden units; 64 for characters",
            embedding_dropout = "as dropout",
            word_dropout = "0",
        },
        training: TrainingOptions => TrainingConfig {
            averaging = "ema:0.99",
        },
    }
}

impl LanguageConfig {
    /// The cell of the recurrent layers.
    pub fn cell(&self) -> CellChoice {
        self.recurrent.cell(self.model)
    }
}
