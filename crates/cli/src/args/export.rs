//! The arguments of `ressac export`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Model folder
    pub(crate) model: PathBuf,
    /// ONNX file to write: the model from your units to your units, equal to `predict`
    #[arg(long, value_name = "FILE")]
    pub(crate) onnx: PathBuf,
    /// Give the graph an input for the length of each row, where the model reads rows of any length
    #[arg(long)]
    pub(crate) lengths: bool,
}
