//! The options of an autoencoder, as given and resolved.

use ressac_nn::Activation;

use super::choices::{AutoencoderKind, Function};
use crate::cell::CellKind;
use crate::examples::{MediaConfig, MediaOptions};
use crate::options::{Files, Names, TrainingConfig, TrainingOptions, options};

options! {
    /// The options of an autoencoder.
    pub AutoencodeOptions => AutoencodeConfig {
        "Data" {
            /// Files to learn from: rows or sequences of numbers in a table or .ts, images (PNG, JPEG, GIF) or sounds (WAV, FLAC) in folders, IDX, CIFAR; several are put together
            data "FILE": Files => Files,
            /// Files to validate on, instead of a share of --data
            valid "FILE": Files => Option<Files>,
            /// Files to test on, instead of a share of --data
            test "FILE": Files => Option<Files>,
            /// Shares of --data to train, validate and test on; the share of a part that has its own files is left out
            split "A,B,C" ["0.8,0.1,0.1"]: String => Option<String>,
            /// Whether the first row holds column names
            header "yes|no" ["looked at"]: bool => Option<bool>,
            /// Column of classes: they are never learnt from, they judge (--normal) and colour the map of codes
            label "COL" ["those of files that have them by themselves"]: String => Option<String>,
            /// Classes that are normal: the network learns from examples of these alone, and is judged by how well it finds the others
            normal "CLASS,…": Names => Option<Names>,
            /// Column that tells sequences of numbers apart, where each row is a step
            sequence "COL": String => Option<String>,
            /// Column of the times of rows, which name them
            time "COL" ["the first that holds times"]: String => Option<String>,
            /// Rows of a window, by which a long series of rows is read; 1 for each row by itself
            window "ROWS" ["a day of rows where these have evenly spaced times, else 1"]: usize => Option<usize>,
            /// Columns to reconstruct
            columns "COL,…" ["every column of numbers or of categories without another role"]: Names => Option<Names>,
            /// Share of the training part that is held back from training, whose scores say how rare a score is
            held_back "SHARE" ["0.2"]: f64 => f64,
        }
        "Network" {
            /// Encoder and decoder: dense, convolutional or recurrent
            model "MODEL" ["convolutional for images, recurrent for sequences of unequal length, else dense"]: AutoencoderKind => AutoencoderKind,
            /// Widths of the layers of the encoder, the last one that of the code; the decoder has the same backwards. Units of dense and recurrent layers, filters of convolutions
            widths "N,…" ["by kind and size of the data"]: Vec<usize> => Vec<usize>,
            /// Recurrent layers of a recurrent one: rnn, lstm, gru, minimal-gru or minimal-lstm
            cell "CELL" ["gru"]: CellKind => Option<CellKind>,
            /// Function of the layers of a dense or convolutional one: relu, leaky-relu, tanh or sigmoid
            function "FUNCTION" ["relu"]: Function => Option<Function>,
        }
        "Code" {
            /// Standard deviation of the noise that is added to what is read in training, in those of the values: a denoising autoencoder
            noise "DEVIATION" ["0"]: f64 => f64,
            /// Weight of a penalty that keeps each number of the code near 0 for most examples (logistic code, target 0.05): a sparse autoencoder
            sparsity "WEIGHT" ["0"]: f64 => f64,
            /// Weight of the squared norm of the encoder's Jacobian: a contractive autoencoder (dense ones)
            contraction "WEIGHT" ["0"]: f64 => f64,
            /// Whether the code is a normal distribution near the standard one, from which new examples can be drawn: a variational autoencoder
            variational "yes|no" ["no"]: bool => bool,
            /// Weight of the divergence from the standard normal distribution in a variational one
            beta "WEIGHT" ["1"]: f64 => Option<f64>,
        }
    }
    groups {
        media: MediaOptions => MediaConfig,
        training: TrainingOptions => TrainingConfig {
            averaging = "ema:0.99",
        },
    }
}

impl AutoencodeConfig {
    /// Rows of a window, of a series.
    pub fn windowed(&self) -> Option<usize> {
        self.window.filter(|rows| *rows > 1)
    }

    /// Numbers in the code.
    pub fn code(&self) -> usize {
        self.widths.last().copied().unwrap_or(0)
    }

    /// Widths of the layers in front of the code.
    pub fn layers(&self) -> &[usize] {
        &self.widths[..self.widths.len().saturating_sub(1)]
    }

    /// The words of what is asked of the code beside reconstruction: `denoising variational`.
    pub fn kinds(&self) -> Vec<&'static str> {
        let kinds = [
            (self.noise > 0.0, "denoising"),
            (self.sparsity > 0.0, "sparse"),
            (self.contraction > 0.0, "contractive"),
            (self.variational, "variational"),
        ];
        let asked = kinds.into_iter().filter(|(asked, _)| *asked);
        asked.map(|(_, word)| word).collect()
    }

    /// The function of its layers, as they know it.
    pub(super) fn function(&self) -> Activation {
        self.function.unwrap_or(Function::Relu).activation()
    }
}
