//! The options of a classifier, as given and resolved.

use super::augment::{AugmentConfig, AugmentOptions};
use super::choices::{ClassWeights, Pool};
use crate::cell::{CellChoice, CellKind};
use crate::examples::{MediaConfig, MediaOptions};
use crate::options::{
    Files, Names, RecurrentConfig, RecurrentOptions, TrainingConfig, TrainingOptions, options,
};
use crate::text::{TextConfig, TextOptions};

options! {
    /// The options of a classifier.
    pub ClassifyOptions => ClassifyConfig {
        "Data" {
            /// Files to learn from: texts in TSV, CSV, JSON lines or Parquet, sequences or rows of numbers in .ts or a table, folders of sounds (WAV, FLAC) or images (PNG, JPEG, GIF); several are put together
            data "FILE": Files => Files,
            /// Files to validate on, instead of a share of --data
            valid "FILE": Files => Option<Files>,
            /// Files to test on, instead of a share of --data
            test "FILE": Files => Option<Files>,
            /// Shares of --data to train, validate and test on, each class in its share; the share of a part that has its own files is left out
            split "A,B,C" ["0.8,0.1,0.1; of fewer than 200 examples 0.9,0,0.1"]: String => Option<String>,
            /// Whether the first row holds column names
            header "yes|no" ["looked at"]: bool => Option<bool>,
            /// Column of texts, by name or number from 1
            text "COL" ["looked for"]: String => Option<String>,
            /// Column of classes
            label "COL" ["looked for"]: String => Option<String>,
            /// What stands between the classes of a cell that may hold several, or none, such as ; (multi-label): each class has a probability of its own
            label_separator "TEXT": String => Option<String>,
            /// Column that tells sequences of numbers apart, where each row is a step
            sequence "COL": String => Option<String>,
            /// Columns that are the dimensions of sequences
            columns "COL,…" ["every numeric column without another role"]: Names => Option<Names>,
            /// Whether the same training is repeated on an eighth, a quarter and half of the training part, for a learning curve in the report
            learning_curve "yes|no" ["no"]: bool => Option<bool>,
        }
        "Network" {
            /// Recurrent layers: rnn, lstm, gru, minimal-gru or minimal-lstm
            model "MODEL" ["lstm"]: CellKind => CellKind,
            /// Whether they read in both directions
            bidirectional "yes|no" ["yes"]: bool => bool,
            /// Convolutions in front of the recurrent layers, over time or over the pixels of images, each by its kernel; 0 for none
            stem "N,…" ["8,5,3 for sequences of 8 steps and more; 3,3,3 for images"]: Vec<usize> => Option<Vec<usize>>,
            /// Filters of each of these convolutions; of images those of the first, and twice as many each time
            filters "N" ["64; of images 32"]: usize => Option<usize>,
            /// Steps behind these convolutions that the recurrent layers read as one, the largest value of each filter
            stride "N" ["as many as leave 256 steps"]: usize => Option<usize>,
            /// How much the examples of each class count in the loss: none, or balanced, where each class counts alike
            class_weights "WEIGHTING" ["none"]: ClassWeights => Option<ClassWeights>,
            /// Share of each true class that is spread over all classes in the loss (label smoothing)
            label_smoothing "SHARE" ["0"]: f64 => Option<f64>,
            /// From the outputs at all steps to one vector: max, mean, last or attention
            pool "POOL" ["max"]: Pool => Pool,
            /// Networks trained side by side from different weights, whose outputs are averaged
            ensemble "N" ["1"]: usize => Option<usize>,
            /// Buckets for the hashes of words and pairs of words, whose weights are added to the output beside the recurrent layers; 0 for none
            wide "N" ["0"]: usize => Option<usize>,
        }
    }
    groups {
        recurrent: RecurrentOptions => RecurrentConfig {
            dropout = "0.3",
        },
        media: MediaOptions => MediaConfig,
        texts: TextOptions => TextConfig,
        augment: AugmentOptions => AugmentConfig,
        training: TrainingOptions => TrainingConfig {
            averaging = "ema:0.99",
        },
    }
}

impl ClassifyConfig {
    /// Whether it classifies texts; sequences of numbers otherwise.
    pub fn of_texts(&self) -> bool {
        self.texts.is_there()
    }

    /// The kernels of the convolutions in front of the recurrent layers.
    pub fn kernels(&self) -> &[usize] {
        self.stem.as_deref().unwrap_or_default()
    }

    /// Height, width and numbers a pixel of images; nothing for everything else.
    pub(super) fn sides(&self) -> Option<[usize; 3]> {
        self.media.sides()
    }

    /// How many networks' outputs are averaged.
    pub fn members(&self) -> usize {
        self.ensemble.unwrap_or(1)
    }

    /// One direction or two.
    pub fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }

    /// The cell of the recurrent layers.
    pub fn cell(&self) -> CellChoice {
        self.recurrent.cell(self.model)
    }
}
