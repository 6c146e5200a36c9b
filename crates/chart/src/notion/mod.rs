//! The notions of the lecture, each as a drawing for a slide: the formal neuron, the recurrent one
//! folded and unfolded, the insides of the units, the four mappings, the autoencoder, the GAN.
//!
//! One file draws one notion or a few of a kind. Letters are the lecture's: X read, Y given, H
//! carried, C the cell state, F, I, G, O the gates, ω weights, φ the activation. `′` marks a
//! transposed matrix of weights, ⊙ a product element by element.

mod autoencoder;
mod gan;
mod gru;
mod kinds;
mod lstm;
mod mappings;
mod neuron;
mod recurrent;
mod rnn;
mod unfolded;

#[cfg(test)]
mod tests;

use crate::sketch::{Language, Sketch};

/// What the gates of an LSTM read of the past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gates {
    /// The hidden state `H_(t−1)`, the usual form (Gers et al. 2000).
    #[default]
    Hidden,
    /// The cell state `C_(t−1)` through full matrices, the lecture's second form.
    Cell,
    /// The hidden state and, unit by unit, the cell state (Gers and Schmidhuber 2000).
    Peephole,
}

/// Where the reset gate of a GRU acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reset {
    /// After the product with the recurrent weights (Cho et al. 2014, version 3; PyTorch, cuDNN).
    #[default]
    After,
    /// On the state before that product (Cho et al. 2014, version 1).
    Before,
}

/// A number of steps that a drawing can show side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps(usize);

impl Steps {
    /// The most steps that stay readable on a slide.
    pub const MOST: usize = 12;

    /// So many steps, if a drawing can show them: 1 to [`Steps::MOST`].
    pub const fn new(steps: usize) -> Option<Self> {
        match steps {
            1..=Self::MOST => Some(Steps(steps)),
            _ => None,
        }
    }

    /// The number.
    pub const fn get(self) -> usize {
        self.0
    }
}

/// What is drawn. A variant holds exactly the options that change its drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notion {
    /// The formal neuron, and its condensed form beside it.
    Neuron,
    /// The recurrent neuron with its loop; unfolded beside it over so many steps.
    Recurrent(Option<Steps>),
    /// The inside of a simple recurrent unit, or so many of it side by side.
    Rnn(Option<Steps>),
    /// The inside of an LSTM unit, or so many of it side by side.
    Lstm(Gates, Option<Steps>),
    /// The inside of a GRU unit, or so many of it side by side.
    Gru(Reset, Option<Steps>),
    /// Series–series, vector–series, series–vector, encoder–decoder.
    Mappings,
    /// The autoencoder's principle and architectures.
    Autoencoder,
    /// Generator and discriminator.
    Gan,
}

impl Notion {
    /// The name of every notion, as the command takes it.
    pub const NAMES: [&'static str; 8] = [
        "neuron",
        "recurrent",
        "rnn",
        "lstm",
        "gru",
        "mappings",
        "autoencoder",
        "gan",
    ];

    /// The notion of that name, in its usual form and folded.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "neuron" => Notion::Neuron,
            "recurrent" => Notion::Recurrent(None),
            "rnn" => Notion::Rnn(None),
            "lstm" => Notion::Lstm(Gates::default(), None),
            "gru" => Notion::Gru(Reset::default(), None),
            "mappings" => Notion::Mappings,
            "autoencoder" => Notion::Autoencoder,
            "gan" => Notion::Gan,
            _ => return None,
        })
    }

    /// The drawing.
    pub fn sketch(self, language: Language) -> Sketch {
        match self {
            Notion::Neuron => neuron::sketch(language),
            Notion::Recurrent(steps) => recurrent::sketch(language, steps),
            Notion::Rnn(None) => rnn::sketch(language),
            Notion::Lstm(gates, None) => lstm::sketch(language, gates),
            Notion::Gru(reset, None) => gru::sketch(language, reset),
            Notion::Rnn(Some(steps)) => unfolded::rnn(language, steps),
            Notion::Lstm(gates, Some(steps)) => unfolded::lstm(language, gates, steps),
            Notion::Gru(reset, Some(steps)) => unfolded::gru(language, reset, steps),
            Notion::Mappings => mappings::sketch(language),
            Notion::Autoencoder => autoencoder::sketch(language),
            Notion::Gan => gan::sketch(language),
        }
    }
}
