//! The options of `diagnose`.

use std::path::PathBuf;

use clap::Args;

use ressac_models::options::TimeLimit;

#[derive(Debug, Args)]
pub(crate) struct DiagnoseArgs {
    /// Model folder
    pub(crate) model: PathBuf,
    /// Files to look at [default: the validation part of those trained on]
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    /// Windows to look at, spread evenly
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(crate) windows: u32,
    /// Page to write, with its numbers as JSON beside it, or the folder for both [default: the model folder]
    #[arg(long, value_name = "DIR|FILE.html")]
    pub(crate) out: Option<PathBuf>,
    /// Folder to write each figure into, as SVG
    #[arg(long, value_name = "DIR")]
    pub(crate) svg: Option<PathBuf>,
    /// Leave out the learning-rate range test, which trains a fresh network for a few steps
    #[arg(long, conflicts_with_all = ["rate_steps", "time_limit"])]
    pub(crate) no_rate_test: bool,
    /// Steps of the learning-rate range test
    #[arg(long, value_name = "N", default_value_t = 150, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    pub(crate) rate_steps: u32,
    /// Longest time for the learning-rate range test, such as 2m
    #[arg(long, value_name = "TIME", default_value = "60s")]
    pub(crate) time_limit: TimeLimit,
}
