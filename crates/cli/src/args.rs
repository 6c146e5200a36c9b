//! The command line, as clap reads it. What stands here works; nothing is accepted and ignored.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;

use ressac_models::forecast::{CellKind, TimeLimit};

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
    /// Score a model beside the naive forecasts
    Evaluate(EvaluateArgs),
    /// Forecast the steps after the end of a file
    Predict(PredictArgs),
    /// Tell what is in a model folder
    Show(ShowArgs),
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

/// Keys that stand only in a `--config` file are told in the help, so that they can be found.
const CONFIG_ONLY: &str = "\
Every option can stand in a TOML file given with --config (as `time_limit = \"10m\"`), which also \
takes:\n  loss = \"mse\" | \"mae\"       what training makes small\n  subtract_last = true        take \
the context's last value off before the network\n  weight_decay = 0.01         AdamW's weight decay\n\
The model folder keeps the resolved file: train from it again and the model is the same to the bit.";

#[derive(Debug, Args)]
#[command(after_help = CONFIG_ONLY)]
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

/// The flags that are also keys of `config.toml`; serialised, they are a layer over the file.
#[derive(Debug, Args, Serialize)]
pub(crate) struct ForecastFlags {
    /// Series to learn from: a CSV file, plain or .gz
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<String>,
    /// Whether the first row holds column names [default: looked at]
    #[arg(long, value_name = "yes|no")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_bool")]
    pub(crate) header: Option<YesNo>,
    /// Column of times, by name or number from 1 [default: looked for]
    #[arg(long, value_name = "COL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<String>,
    /// Columns to forecast, by name or number [default: every numeric column]
    #[arg(long, value_name = "COL,…", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Vec<String>>,
    /// Steps to forecast
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) horizon: Option<usize>,
    /// Past steps a forecast sees [default: four seasons]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<usize>,
    /// Steps in a season [default: from the time step, 24 for hours]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) season: Option<usize>,
    /// Rows (8640,2880,2880) or shares (0.7,0.1,0.2) to train, validate and test on
    #[arg(long, value_name = "A,B,C")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) split: Option<String>,
    /// Recurrent cell: rnn, lstm or gru [default: gru]
    #[arg(long, value_name = "CELL", value_parser = parse_cell)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<CellKind>,
    /// Hidden units of a layer [default: 64]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hidden: Option<usize>,
    /// Recurrent layers [default: 1]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) layers: Option<usize>,
    /// Share of values dropped in training, between layers and before the head [default: 0.1]
    #[arg(long, value_name = "SHARE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dropout: Option<f64>,
    /// Passes over the training part at the most [default: 10]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) epochs: Option<usize>,
    /// Windows in one step [default: 32]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) batch: Option<usize>,
    /// Learning rate at its highest [default: 0.002]
    #[arg(long, value_name = "RATE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lr: Option<f64>,
    /// Largest global norm of the gradient, 0 for no clipping [default: 1]
    #[arg(long, value_name = "NORM")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clip: Option<f64>,
    /// Epochs without a better validation loss before training ends, 0 for never [default: 3]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) patience: Option<usize>,
    /// Longest time to train, such as 10m; schedules do not depend on it
    #[arg(long, value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_limit: Option<TimeLimit>,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// Model folder
    pub(crate) model: PathBuf,
    /// File to score on [default: the one trained on]
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// Rows to score on [default: test for the file trained on, else all]
    #[arg(long, value_name = "PART")]
    pub(crate) part: Option<Part>,
    /// Rows from one forecast to the next
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) stride: u32,
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
    /// File to continue [default: the one trained on]
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    Yes,
    No,
}

fn as_bool<S: serde::Serializer>(value: &Option<YesNo>, serializer: S) -> Result<S::Ok, S::Error> {
    (*value == Some(YesNo::Yes)).serialize(serializer)
}

fn parse_cell(text: &str) -> Result<CellKind, String> {
    match text {
        "rnn" => Ok(CellKind::Rnn),
        "lstm" => Ok(CellKind::Lstm),
        "gru" => Ok(CellKind::Gru),
        _ => Err("the cells are rnn, lstm and gru".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use ressac_models::folder::TaskOptions;
    use ressac_models::forecast::ForecastOptions;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_of_train_forecast_is_a_key_of_the_configuration() {
        let line = "ressac train forecast --data d --header yes --time t --target a,b --horizon 1 --context 1 \
                    --season 1 --split 1,1,1 --model gru --hidden 1 --layers 1 --dropout 0 --epochs 1 --batch 1 \
                    --lr 1 --clip 1 --patience 1 --time-limit 1s";
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let Some(Command::Train(TrainArgs {
            task: TrainTask::Forecast(args),
        })) = cli.command
        else {
            panic!()
        };
        let layer = toml::Table::try_from(&args.options).unwrap();
        let only_in_files = ["loss", "seed", "subtract_last", "weight_decay"];
        let mut keys: Vec<&str> = layer
            .keys()
            .map(String::as_str)
            .chain(only_in_files)
            .collect();
        let mut known = ForecastOptions::KEYS.to_vec();
        keys.sort_unstable();
        known.sort_unstable();
        assert_eq!(keys, known);
    }

    #[test]
    fn the_defaults_the_help_tells_are_those_that_hold() {
        let table = ressac_data::Table {
            names: vec!["a".into()],
            columns: vec![vec![0.0; 200]],
            time: None,
        };
        let options = ForecastOptions {
            horizon: Some(1),
            ..ForecastOptions::default()
        };
        let config = ressac_models::forecast::resolve(&options, &table)
            .unwrap()
            .config;
        let held = toml::Table::try_from(&config).unwrap();
        let command = Cli::command();
        let train = command.find_subcommand("train").unwrap();
        let forecast = train.find_subcommand("forecast").unwrap();
        for key in [
            "model", "hidden", "layers", "dropout", "epochs", "batch", "lr", "clip", "patience",
        ] {
            let argument = forecast.get_arguments().find(|arg| arg.get_id() == key);
            let help = argument.unwrap().get_help().unwrap().to_string();
            let told = help.split("[default: ").nth(1).unwrap();
            let told = told.trim_end_matches(']');
            let held = held[key].to_string();
            let same = match (told.parse::<f64>(), held.parse::<f64>()) {
                (Ok(told), Ok(held)) => told == held,
                _ => told == held.trim_matches('"'),
            };
            assert!(same, "{key}: the help tells {told}, and {held} holds");
        }
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
