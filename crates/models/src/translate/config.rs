//! The options of a translation model, as given and resolved.

use super::choices::Attention;
use crate::cell::{CellChoice, CellKind};
use crate::options::{
    Files, RecurrentConfig, RecurrentOptions, TrainingConfig, TrainingOptions, options,
};
use crate::text::{TextConfig, TextOptions};

options! {
    /// The options of a translation model.
    pub TranslateOptions => TranslateConfig {
        "Data" {
            /// Pairs to learn from: two files of lines, the sources first, or a table with a column of sources and one of targets
            data "FILE": Files => Files,
            /// Pairs to validate on, instead of a share of --data
            valid "FILE": Files => Option<Files>,
            /// Pairs to test on, instead of a share of --data
            test "FILE": Files => Option<Files>,
            /// Shares of --data to train, validate and test on, drawn by --seed; the share of a part that has its own files is left out
            split "A,B,C" ["0.9,0.05,0.05"]: String => Option<String>,
            /// Whether the first row of a table holds column names
            header "yes|no" ["looked at"]: bool => Option<bool>,
            /// Column of sources, by name or number from 1
            source "COL" ["looked for, else the first of two"]: String => Option<String>,
            /// Column of targets
            target "COL" ["looked for, else the second of two"]: String => Option<String>,
        }
        "Network" {
            /// Recurrent layers: rnn, lstm, gru, minimal-gru or minimal-lstm
            model "MODEL" ["gru"]: CellKind => CellKind,
            /// Whether the encoder reads in both directions
            bidirectional "yes|no" ["yes"]: bool => bool,
            /// What the decoder sees of the encoder beside its last state: none, luong or bahdanau
            attention "ATTENTION" ["bahdanau"]: Attention => Attention,
            /// Whether the output layer has the vectors of target tokens (tied)
            tied "yes|no" ["yes"]: bool => bool,
            /// Whether sources and targets have the same tokens and vectors
            shared_vocabulary "yes|no" ["no"]: bool => bool,
            /// Share of each true token that is spread over all tokens in the loss (label smoothing)
            label_smoothing "SHARE" ["0.1"]: f64 => f64,
            /// Whether the numbers dropped are the same at every step of a sentence
            variational "yes|no" ["no"]: bool => bool,
        }
    }
    groups {
        recurrent: RecurrentOptions => RecurrentConfig {
            hidden = "256",
            layers = "2",
            dropout = "0.3",
        },
        texts: TextOptions => TextConfig {
            tokenizer = "subwords",
            lower_case = "no",
            max_length = "200; longer pairs are left out of training",
            embedding = "as many as hidden units",
            embedding_dropout = "as dropout",
            word_dropout = "0",
        },
        training: TrainingOptions => TrainingConfig {
            batch = "64",
            averaging = "ema:0.99",
        },
    }
}

impl TranslateConfig {
    /// The cell of the recurrent layers.
    pub fn cell(&self) -> CellChoice {
        self.recurrent.cell(self.model)
    }

    /// Directions of the encoder.
    pub fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }

    /// Numbers of a token's vector.
    pub fn embedding(&self) -> usize {
        self.texts.embedding.unwrap_or(self.recurrent.hidden)
    }
}
