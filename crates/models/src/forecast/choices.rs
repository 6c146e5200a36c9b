//! The choices an option of a forecaster takes, as they are written in files and on the command line.

use crate::options::from_text;
use crate::words::words;

words! {
    /// The network.
    ModelKind: "model" {
        /// The plain recurrent unit with tanh (Elman 1990).
        Rnn = "rnn",
        /// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers 1999).
        Lstm = "lstm",
        /// Gated recurrent unit (Cho et al. 2014), reset gate after the recurrent product.
        Gru = "gru",
        /// A GRU over segments with parallel decoding, each column by itself (SegRNN, Lin et al. 2023).
        Segment = "segment",
        /// The minimal GRU, whose gate reads no state (Feng et al. 2024).
        MinimalGru = "minimal-gru",
        /// The minimal LSTM, likewise.
        MinimalLstm = "minimal-lstm",
    }
}

words! {
    /// How a recurrent network comes from its summary of the context to the steps of the horizon.
    Head: "head" {
        /// Every step at once, each from the summary and what is known of that step (Wen et al.
        /// 2017, "A multi-horizon quantile recurrent forecaster").
        Direct = "direct",
        /// A second recurrent network that starts from the summary and reads what is known of each
        /// step; it never reads its own forecasts.
        Decoder = "decoder",
    }
}

words! {
    /// The training loss, on scaled values.
    Loss: "loss" {
        /// Mean squared error: the forecast aims at the mean.
        Mse = "mse",
        /// Mean absolute error: the forecast aims at the median, and minds outliers less.
        Mae = "mae",
        /// The quantile (pinball) loss, mean over the quantiles (Koenker and Bassett 1978).
        Quantile = "quantile",
    }
}

words! {
    /// What values are divided by before the network reads them.
    Scale: "scaling" {
        /// The z-score of the column over the training parts of all series.
        Standard = "standard",
        /// The z-score of each series by itself.
        Series = "series",
        /// The z-score of the series, then that of each window's context, put back after the
        /// network (reversible instance normalisation, Kim et al. 2022, without its affine part).
        Reversible = "reversible",
    }
}

words! {
    /// How a file lays out its series.
    FileLayout: "layout" {
        /// One row a time; several series under one another.
        Long = "long",
        /// One row a series, one column a time.
        WideRows = "wide-rows",
    }
}

from_text!(ModelKind, "a model in quotes");
from_text!(Head, "a head in quotes");
from_text!(Loss, "a loss in quotes");
from_text!(Scale, "a scaling in quotes");
from_text!(FileLayout, "a layout in quotes");
