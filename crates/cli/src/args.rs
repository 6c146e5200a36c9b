//! The command line, as clap reads it. What stands here works; nothing is accepted and ignored.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use ressac_models::forecast::TimeLimit;

mod cell;
mod diagnose;
mod draw;
mod export;
mod forecast;
mod import;

pub(crate) use diagnose::DiagnoseArgs;
pub(crate) use draw::DrawArgs;
pub(crate) use export::ExportArgs;
pub(crate) use forecast::ForecastFlags;
pub(crate) use import::ImportArgs;

/// Neural networks that remember, trained and run on the CPU you have.
#[derive(Debug, Parser)]
#[command(
    name = "ressac",
    version,
    about,
    disable_help_subcommand = true,
    args_override_self = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Flags every verb takes, before or after it.
#[derive(Debug, Args)]
pub(crate) struct Globals {
    /// Threads to compute with; results do not depend on it [default: all cores]
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Seed of everything random [default: 0]
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "N", value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    pub(crate) seed: Option<u64>,
    /// Where to compute: cpu, wgpu[:N] or cuda[:N]; the last two in builds with that feature
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        value_name = "DEVICE",
        default_value = "cpu"
    )]
    pub(crate) device: String,
    /// Print results and errors only
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) quiet: bool,
    /// End standard output with one line of JSON
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a small load series, train on it, evaluate, and plot a forecast: under two minutes
    Demo(DemoArgs),
    /// Train a model
    Train(TrainArgs),
    /// Read data as `train` would, and say what was found, assumed, and is wrong
    Check(CheckArgs),
    /// Score a model beside the naive forecasts
    Evaluate(EvaluateArgs),
    /// Forecast the steps after the end of a file
    Predict(PredictArgs),
    /// Look into a model: gradients and memory through time, speed of learning, and the cure to try
    Diagnose(DiagnoseArgs),
    /// Tell what is in a model folder
    Show(ShowArgs),
    /// Write a model as an ONNX file, for other runtimes
    Export(ExportArgs),
    /// Take recurrent weights from PyTorch or Keras
    Import(ImportArgs),
    /// Draw the network of a model folder, or a notion of the lecture, as SVG
    Draw(DrawArgs),
    /// Write a small data set of the project's own making
    Data(DataArgs),
    /// Tell the machine, instruction sets, versions and a short speed figure: for bug reports
    Doctor,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Folder to work in, new or empty [default: runs/demo-<n>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    #[command(subcommand)]
    pub(crate) task: TrainTask,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrainTask {
    /// Continue a time series: `horizon` steps from the last `context` steps
    Forecast(Box<TrainForecastArgs>),
}

#[derive(Debug, Args)]
// A number below zero is then told what is wrong with it, not taken for an option.
#[command(after_help = forecast::CONFIG_ONLY, allow_negative_numbers = true)]
pub(crate) struct TrainForecastArgs {
    /// Model folder to write, new or empty [default: runs/forecast-<n>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with the training in --out from its last checkpoint
    #[arg(long, requires = "out", conflicts_with = "config")]
    pub(crate) resume: bool,
    /// Options from a TOML file, such as a model folder's config.toml; the command line wins
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Say what would be trained and how long it would take, and stop
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Longest time between two checkpoints, which is what a kill can lose; 0s: one after each step
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub(crate) checkpoint_every: TimeLimit,
    #[command(flatten)]
    pub(crate) options: ForecastFlags,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(subcommand)]
    pub(crate) task: CheckTask,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CheckTask {
    /// Series for `train forecast`, with the same options
    Forecast(Box<CheckForecastArgs>),
}

#[derive(Debug, Args)]
pub(crate) struct CheckForecastArgs {
    #[command(flatten)]
    pub(crate) options: ForecastFlags,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// Model folder
    pub(crate) model: PathBuf,
    /// Files to score on [default: those trained on]
    #[arg(long, value_name = "FILE…", num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    /// Files with what came before, where --data holds only the future
    #[arg(long, value_name = "FILE…", num_args = 1.., requires = "data")]
    pub(crate) history: Vec<PathBuf>,
    /// Rows to score on [default: test for the file trained on, else all]
    #[arg(long, value_name = "PART")]
    pub(crate) part: Option<Part>,
    /// Rows from one forecast to the next
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) stride: u32,
    /// Score only forecasts that begin at this time of day, such as 00:00; --stride then counts them
    #[arg(long, value_name = "HH:MM", value_parser = parse_clock)]
    pub(crate) origin: Option<i64>,
    /// Tell the errors apart by a column's values (the quarters of many), or by series, column, hour,
    /// weekday, month, quarter or year of the moment forecast
    #[arg(long, value_name = "COL")]
    pub(crate) slice: Option<String>,
    /// Write the report as a page to this file
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
}

/// A part of the file, as training cut it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    Train,
    Valid,
    Test,
    All,
}

#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// Model folder
    pub(crate) model: PathBuf,
    /// Files to continue [default: those trained on]
    #[arg(long, value_name = "FILE…", num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    /// CSV file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Model folder
    pub(crate) model: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    #[command(subcommand)]
    pub(crate) kind: DataKind,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataKind {
    /// An hourly electricity load: seasons of the day, week and year, temperature, noise
    Load(DataLoadArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DataLoadArgs {
    /// Folder to write load.csv into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Hours of the series
    #[arg(long, value_name = "N", default_value_t = 8760, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) hours: u32,
}

/// Seconds of the day of `HH:MM`.
fn parse_clock(text: &str) -> Result<i64, String> {
    text.split_once(':')
        .and_then(|(hour, minute)| Some((hour.parse().ok()?, minute.parse().ok()?)))
        .filter(|(hour, minute)| (0..24).contains(hour) && (0..60).contains(minute))
        .map(|(hour, minute): (i64, i64)| hour * 3_600 + minute * 60)
        .ok_or_else(|| "write a time of day as 00:00 or 18:30".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_option_given_twice_takes_its_last_value() {
        let cli =
            Cli::try_parse_from(["ressac", "evaluate", "m", "--stride", "2", "--stride", "3"]);
        let Some(Command::Evaluate(args)) = cli.unwrap().command else {
            panic!()
        };
        assert_eq!(args.stride, 3);
    }

    #[test]
    fn global_flags_stand_before_or_after_the_verb() {
        for line in ["ressac --seed 5 doctor", "ressac doctor --seed 5"] {
            let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
            assert_eq!(cli.globals.seed, Some(5));
        }
    }
}
