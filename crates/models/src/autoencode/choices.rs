//! The choices an option of an autoencoder takes, as they are written in files and on the command line.

use ressac_nn::Activation;

use crate::options::from_text;
use crate::words::words;

words! {
    /// What encoder and decoder are made of.
    AutoencoderKind: "model" {
        /// Affine layers over all values at once.
        Dense = "dense",
        /// Strided convolutions, and transposed ones back: over the pixels of images or the steps of sequences of one length.
        Convolutional = "convolutional",
        /// Recurrent layers: the last state is coded, and the decoder reads the code at every step.
        Recurrent = "recurrent",
    }
}

words! {
    /// The function behind the layers of encoder and decoder.
    Function: "function" {
        /// max(x, 0).
        Relu = "relu",
        /// max(x, 0) + 0.2 · min(x, 0).
        LeakyRelu = "leaky-relu",
        /// Hyperbolic tangent.
        Tanh = "tanh",
        /// Logistic function.
        Sigmoid = "sigmoid",
    }
}

words! {
    /// What `predict` gives.
    Give: "thing" {
        /// How unusual each example is, its p-value, and where it is unusual.
        Scores = "scores",
        /// The code of each example.
        Codes = "codes",
        /// Each example as the network writes it, in the units of the data.
        Reconstructions = "reconstructions",
    }
}

from_text!(AutoencoderKind, "a model in quotes");
from_text!(Function, "a function in quotes");
from_text!(Give, "a thing in quotes");

impl Function {
    /// As the layers know it.
    pub(super) fn activation(self) -> Activation {
        match self {
            Function::Relu => Activation::Relu,
            Function::LeakyRelu => Activation::LeakyRelu(0.2),
            Function::Tanh => Activation::Tanh,
            Function::Sigmoid => Activation::Sigmoid,
        }
    }
}

impl AutoencoderKind {
    /// The one number of steps that a network of this kind reads; nothing for one that reads any.
    pub(super) fn only(self, steps: Option<usize>) -> Option<usize> {
        match self {
            AutoencoderKind::Recurrent => None,
            AutoencoderKind::Dense | AutoencoderKind::Convolutional => steps,
        }
    }
}
