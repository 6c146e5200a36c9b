//! The options of `ressac draw`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use ressac_chart::Language;
use ressac_chart::notion::{Gates, Reset, Steps};

#[derive(Debug, Args)]
pub(crate) struct DrawArgs {
    /// Model folder, or a notion: neuron, recurrent, rnn, lstm, gru, mappings, autoencoder, gan;
    /// a folder of such a name is ./NAME
    #[arg(value_name = "MODEL|NOTION")]
    pub(crate) what: PathBuf,
    /// SVG file to write
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) out: PathBuf,
    /// Show so many steps side by side; of a model, its recurrent layers
    #[arg(long, value_name = "STEPS", value_parser = parse_steps)]
    pub(crate) unfold: Option<Steps>,
    /// What the gates of `lstm` read of the past [default: hidden]
    #[arg(long, value_name = "STATE")]
    pub(crate) gates: Option<GatesRead>,
    /// Where the reset gate of `gru` acts: after or before the product [default: after]
    #[arg(long, value_name = "PLACE")]
    pub(crate) reset: Option<ResetActs>,
    /// Language of the words
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(crate) lang: Words,
}

/// What the gates of an LSTM read of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GatesRead {
    /// The hidden state, the usual form
    Hidden,
    /// The cell state through full matrices, the lecture's second form
    Cell,
    /// The hidden state and, unit by unit, the cell state
    Peephole,
}

impl From<GatesRead> for Gates {
    fn from(gates: GatesRead) -> Self {
        match gates {
            GatesRead::Hidden => Gates::Hidden,
            GatesRead::Cell => Gates::Cell,
            GatesRead::Peephole => Gates::Peephole,
        }
    }
}

/// Where the reset gate of a GRU acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResetActs {
    /// After the product with the recurrent weights, as in PyTorch
    After,
    /// On the state before that product
    Before,
}

impl From<ResetActs> for Reset {
    fn from(reset: ResetActs) -> Self {
        match reset {
            ResetActs::After => Reset::After,
            ResetActs::Before => Reset::Before,
        }
    }
}

/// The language of a drawing's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Words {
    /// English
    En,
    /// French
    Fr,
}

impl Words {
    /// Its code: `en`.
    pub(crate) fn code(self) -> &'static str {
        Language::from(self).code()
    }
}

impl From<Words> for Language {
    fn from(words: Words) -> Self {
        match words {
            Words::En => Language::English,
            Words::Fr => Language::French,
        }
    }
}

fn parse_steps(text: &str) -> Result<Steps, String> {
    text.parse().ok().and_then(Steps::new).ok_or_else(|| {
        format!(
            "write a number of steps from 1 to {}: more cannot be read in one drawing",
            Steps::MOST
        )
    })
}
