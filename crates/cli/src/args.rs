//! The command line, as clap reads it. What stands here works; nothing is accepted and ignored.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use ressac_models::options::TimeLimit;

mod diagnose;
mod draw;
mod export;
mod import;
mod options;

pub(crate) use diagnose::DiagnoseArgs;
pub(crate) use draw::DrawArgs;
pub(crate) use export::ExportArgs;
pub(crate) use import::ImportArgs;
pub(crate) use options::{EvaluateAsk, PredictAsk, SampleAsk, TaskArgs};

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
    /// Write one JSON object to standard output and nothing else, on errors too
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
    /// Score a model beside the rivals that cost less
    Evaluate(EvaluateArgs),
    /// Predict what a model was trained for, as CSV, JSON lines or Parquet
    Predict(PredictArgs),
    /// Make something new with a model: texts, rows, images
    Sample(SampleArgs),
    /// Say whether files carry the marks of something that a model made (exit code 3 if one does)
    Verify(VerifyArgs),
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
    pub(crate) task: TaskArgs<TrainFlags>,
}

/// What `train` takes for every task.
#[derive(Debug, Clone, Args)]
pub(crate) struct TrainFlags {
    /// Model folder to write, new or empty [default: runs/<task>-<n>]
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
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(subcommand)]
    pub(crate) task: TaskArgs<CheckFlags>,
}

/// What `check` takes for every task: nothing beside the task's options.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckFlags {}

#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct EvaluateArgs {
    /// Model folder
    pub(crate) model: PathBuf,
    /// Files to score on [default: those trained on]
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    /// Write the report as a page to this file
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ask: EvaluateAsk,
}

#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// Model folder
    pub(crate) model: PathBuf,
    /// Files to predict from [default: those trained on]
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "text")]
    pub(crate) data: Vec<PathBuf>,
    /// A text to predict from, for models that read texts
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// File to write, as CSV, JSON lines, Parquet or plain text by its ending [default: CSV to standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ask: PredictAsk,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Files: images (PNG, JPEG, GIF), or texts and tables with a sidecar `FILE.mark.json`
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SampleArgs {
    /// Model folder
    pub(crate) model: PathBuf,
    /// File to write, by its ending: CSV, JSON lines, Parquet or plain text; of images .png for a sheet, .gif for an animation, or a
    /// folder for a file each. Beside it stands a record of what made it [default: the texts to standard output]
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Leave out the marks that say that a model made this: the signed statement, and the watermark of images
    #[arg(long)]
    pub(crate) no_marks: bool,
    #[command(flatten)]
    pub(crate) ask: SampleAsk,
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
    /// Short reviews with a label: negative, neutral or positive
    Sentences(DataCountArgs),
    /// Sentences in English with their translations into French
    Pairs(DataCountArgs),
    /// Short tales in English, a running text to learn what follows
    Tales(DataCountArgs),
    /// Measured machine parts, one in fifty faulty in no single column: to find what is unusual
    Parts(DataCountArgs),
    /// Readings of a pump every ten minutes, with hours in which something is wrong: a long series to watch
    Pump(DataCountArgs),
    /// Sequences with a label: sine, square, sawtooth or chirp, of unequal lengths, with noise
    Waves(DataCountArgs),
    /// Pictures (PNG) of a shape each, in folders by class: cross, disc, ring, square, star, triangle
    Shapes(DataShapesArgs),
    /// Sounds (WAV) in folders by class: bursts, falls, rhythms, rises, tones, trills; and a test folder with
    /// other pitches and tempi
    Sounds(DataSoundsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DataShapesArgs {
    /// Folder to write the folder shapes into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Pictures, the classes in turn
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) count: u32,
    /// Pixels of a side
    #[arg(long, value_name = "N", default_value_t = 28, value_parser = clap::value_parser!(u32).range(8..=512))]
    pub(crate) side: u32,
    /// Draw shape and ground in colours
    #[arg(long)]
    pub(crate) coloured: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DataSoundsArgs {
    /// Folder to write the folders train and test into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Sounds to learn from, the classes in turn
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(crate) count: u32,
    /// Sounds to test on, with pitches, tempi and lengths that the others do not have
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(crate) test: u32,
    /// How far white noise lies below the sounds, in dB (below 0: above them) [default: no noise]
    #[arg(long, value_name = "DB", allow_negative_numbers = true, value_parser = parse_decibels)]
    pub(crate) noise: Option<f64>,
}

fn parse_decibels(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(decibels) if (-60.0..=120.0).contains(&decibels) => Ok(decibels),
        _ => Err("expected a number of dB from -60 to 120".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct DataCountArgs {
    /// Folder to write the file into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Examples, pairs or lines
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) count: u32,
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
        assert_eq!(args.ask.0["stride"].as_integer(), Some(3));
    }

    #[test]
    fn global_flags_stand_before_or_after_the_verb() {
        for line in ["ressac --seed 5 doctor", "ressac doctor --seed 5"] {
            let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
            assert_eq!(cli.globals.seed, Some(5));
        }
    }
}
