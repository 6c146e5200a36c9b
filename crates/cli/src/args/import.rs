//! The command line of `import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use ressac_nn::import::{Activation, CellKind, ImportOptions, Reset};

#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ImportArgs {
    /// File of weights: PyTorch's .pt or .pth, safetensors, Keras' .weights.h5 or .keras
    pub(crate) file: PathBuf,
    /// Layer the file must hold; of several networks, the one to take
    #[arg(long, value_name = "LAYER")]
    pub(crate) layer: Option<LayerName>,
    /// Name of the network in the file; several are layers on top of one another, the lowest first
    #[arg(long, value_name = "NAME[,NAME]", value_delimiter = ',')]
    pub(crate) prefix: Vec<String>,
    /// Activation of an rnn, which most files do not tell [default: tanh]
    #[arg(long, value_name = "NAME")]
    pub(crate) activation: Option<ActivationName>,
    /// Where a Keras GRU without bias resets; with a bias, the file tells [default: after]
    #[arg(long, value_name = "WHERE")]
    pub(crate) reset: Option<ResetName>,
    /// File of weights under Ressac's names to write, new
    #[arg(long, value_name = "FILE.safetensors", conflicts_with = "into")]
    pub(crate) out: Option<PathBuf>,
    /// Model folder whose network takes the weights; its other weights stay
    #[arg(long, value_name = "MODEL")]
    pub(crate) into: Option<PathBuf>,
    /// Which network of the model, such as encoder or decoder [default: the only one]
    #[arg(long, value_name = "NETWORK", requires = "into")]
    pub(crate) to: Option<String>,
}

const AFTER: &str = "\
Without --out and --into it tells what the file holds.\n\
In Python: torch.save(model.state_dict(), \"model.pt\"), or model.save_weights(\"model.weights.h5\").\n\
Nothing in the file is run.";

/// A layer of the peers, by the name it has here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LayerName {
    Lstm,
    Gru,
    Rnn,
}

/// The activations of a plain recurrent layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ActivationName {
    Tanh,
    Relu,
}

/// Where a GRU resets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResetName {
    After,
    Before,
}

impl ImportArgs {
    /// What the library has to know.
    pub(crate) fn options(&self) -> ImportOptions {
        ImportOptions {
            prefixes: self.prefix.clone(),
            layer: self.layer.map(|layer| match layer {
                LayerName::Lstm => CellKind::Lstm,
                LayerName::Gru => CellKind::Gru,
                LayerName::Rnn => CellKind::Rnn,
            }),
            activation: self.activation.map(|activation| match activation {
                ActivationName::Tanh => Activation::Tanh,
                ActivationName::Relu => Activation::Relu,
            }),
            reset: self.reset.map(|reset| match reset {
                ResetName::After => Reset::After,
                ResetName::Before => Reset::Before,
            }),
        }
    }
}
