//! The options of `train forecast`, which are the keys of its configuration.

use clap::{Args, ValueEnum};
use serde::Serialize;

use ressac_models::forecast::{FileLayout, Head, Loss, ModelKind, Scale, TimeLimit};

/// Keys that stand only in a `--config` file are told in the help, so that they can be found.
pub(super) const CONFIG_ONLY: &str = "\
Every option can stand in a TOML file given with --config (as `time_limit = \"10m\"`), which also \
takes:\n  subtract_last = true        take the context's last value off before the network and put it \
back after\n  weight_decay = 0.01         AdamW's weight decay\n\
The model folder keeps the resolved file: train from it again and the model is the same to the bit.";

/// The flags that are also keys of `config.toml`; serialised, they are a layer over the file.
#[derive(Debug, Args, Serialize)]
pub(crate) struct ForecastFlags {
    /// Files to learn from: CSV or Parquet, CSV also as .gz; several are put together
    #[arg(long, value_name = "FILE…", help_heading = "Data", num_args = 1..)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<Vec<String>>,
    /// Whether the first row holds column names [default: looked at]
    #[arg(long, value_name = "yes|no", help_heading = "Data")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_bool")]
    pub(crate) header: Option<YesNo>,
    /// Long: one row a time; wide-rows: one row a series [default: looked at]
    #[arg(long, value_name = "LAYOUT", help_heading = "Data")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) layout: Option<FileLayout>,
    /// Column of times, or columns of date and clock, by name or number from 1 [default: looked for]
    #[arg(
        long,
        value_name = "COL[,COL]",
        help_heading = "Data",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<Vec<String>>,
    /// Columns to forecast, by name or number [default: every numeric column without another role]
    #[arg(
        long,
        value_name = "COL,…",
        help_heading = "Data",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Vec<String>>,
    /// Column that tells several series apart
    #[arg(long, value_name = "COL", help_heading = "Data")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) series: Option<String>,
    /// Columns whose future is in the file too, such as a price list
    #[arg(
        long,
        value_name = "COL,…",
        help_heading = "Data",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) known: Option<Vec<String>>,
    /// Columns that help but whose future is not known, such as a measured temperature
    #[arg(
        long,
        value_name = "COL,…",
        help_heading = "Data",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) past: Option<Vec<String>>,
    /// Columns with one value for a whole series, such as a region
    #[arg(
        long = "static",
        value_name = "COL,…",
        help_heading = "Data",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none", rename = "static")]
    pub(crate) statics: Option<Vec<String>>,
    /// Step to bring finer rows to: 1h keeps the values on the hour [default: the file's]
    #[arg(long, value_name = "STEP", help_heading = "Data")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) every: Option<String>,
    /// Whether the network reads hour, weekday and season of the year [default: yes where times are even; no for segment]
    #[arg(long, value_name = "yes|no", help_heading = "Data")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_bool")]
    pub(crate) calendar: Option<YesNo>,
    /// National holidays for the calendar, such as FR
    #[arg(long, value_name = "COUNTRY", help_heading = "Data")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) holidays: Option<String>,
    /// Steps to forecast
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Task")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) horizon: Option<usize>,
    /// Past steps a forecast sees [default: four seasons, or a week of hours]
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Task")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<usize>,
    /// Steps in a season [default: from the time step, 24 for hours]
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Task")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) season: Option<usize>,
    /// Rows (8640,2880,2880; rest for one of them) or shares (0.7,0.1,0.2) to train, validate and test on
    #[arg(long, value_name = "A,B,C", help_heading = "Task")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) split: Option<String>,
    /// Quantiles to forecast; the median is always among them [default: 0.1,0.5,0.9]
    #[arg(long, value_name = "Q,…", help_heading = "Task", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quantiles: Option<Vec<f64>>,
    /// Scaling: standard, series (each by itself) or reversible (each window by itself) [default: standard for one series, series for several]
    #[arg(long, value_name = "SCALING", help_heading = "Task")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scale: Option<Scale>,
    /// Network: rnn, lstm, gru or segment [default: gru]
    #[arg(long, value_name = "MODEL", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<ModelKind>,
    /// From context to horizon: direct or decoder [default: decoder]
    #[arg(long, value_name = "HEAD", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) head: Option<Head>,
    /// Hidden units of a layer [default: 64; 128 for segment]
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hidden: Option<usize>,
    /// Recurrent layers [default: 1]
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) layers: Option<usize>,
    /// Steps in a segment of the model segment [default: the longest up to 48 that divides context and horizon]
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) segment: Option<usize>,
    /// Earlier values the head reads, so many steps before each step [default: a season and a week, as the context allows]
    #[arg(
        long, value_parser = whole,
        value_name = "N,…",
        help_heading = "Network",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lags: Option<Vec<usize>>,
    /// Share of values dropped in training, between layers and before the head [default: 0.1; 0.3 for segment]
    #[arg(long, value_name = "SHARE", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dropout: Option<f64>,
    /// What training makes small: quantile, mae or mse [default: quantile]
    #[arg(long, value_name = "LOSS", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) loss: Option<Loss>,
    /// Passes over the training windows at the most [default: 10]
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) epochs: Option<usize>,
    /// Windows in one step [default: 32]
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) batch: Option<usize>,
    /// Rows from one training window to the next [default: 1]
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stride: Option<usize>,
    /// Learning rate at its highest [default: 0.002]
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lr: Option<f64>,
    /// How the rate goes: cosine, one-cycle, plateau, constant, step or decay, with numbers as in decay:3:0.8 [default: cosine]
    #[arg(long, value_name = "SCHEDULE", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schedule: Option<String>,
    /// Average of the weights to keep: none, ema or swa, with a number as in ema:0.999 [default: none]
    #[arg(long, value_name = "AVERAGE", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) averaging: Option<String>,
    /// Largest global norm of the gradient, 0 for no clipping [default: 1]
    #[arg(long, value_name = "NORM", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clip: Option<f64>,
    /// Epochs without a better validation loss before training ends, 0 for never [default: 3]
    #[arg(long, value_parser = whole, value_name = "N", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) patience: Option<usize>,
    /// Longest time to train, such as 10m; schedules do not depend on it
    #[arg(long, value_name = "TIME", help_heading = "Training")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_limit: Option<TimeLimit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    Yes,
    No,
}

fn as_bool<S: serde::Serializer>(value: &Option<YesNo>, serializer: S) -> Result<S::Ok, S::Error> {
    (*value == Some(YesNo::Yes)).serialize(serializer)
}

/// A whole number that a configuration file can hold too.
fn whole(text: &str) -> Result<usize, String> {
    const MOST: u64 = i64::MAX as u64;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse::<u64>()
            .ok()
            .filter(|number| *number <= MOST)
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| format!("it is beyond {MOST}, the largest number there is room for"))
    } else {
        Err("a whole number is expected, such as 24".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::args::{Cli, Command, TrainArgs, TrainTask};
    use clap::{CommandFactory, Parser};
    use ressac_models::folder::TaskOptions;
    use ressac_models::forecast::ForecastOptions;

    #[test]
    fn every_flag_of_train_forecast_is_a_key_of_the_configuration() {
        let line = "ressac train forecast --data d --header yes --layout long --time t --target a,b --series s \
                    --known k --past p --static c --every 1h --calendar yes --holidays FR --horizon 1 --context 1 \
                    --season 1 --split 1,1,1 --quantiles 0.5 --scale series --model gru --head direct --hidden 1 \
                    --layers 1 --segment 1 --lags 1 --dropout 0 --loss mse --epochs 1 --batch 1 --stride 1 --lr 1 \
                    --schedule cosine --averaging ema --clip 1 --patience 1 --time-limit 1s";
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let Some(Command::Train(TrainArgs {
            task: TrainTask::Forecast(args),
        })) = cli.command
        else {
            panic!()
        };
        let layer = toml::Table::try_from(&args.options).unwrap();
        let only_in_files = ["seed", "subtract_last", "weight_decay"];
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
        let panel = ressac_data::panel::Panel {
            roles: ressac_data::panel::Roles {
                targets: vec!["a".into()],
                ..Default::default()
            },
            series_column: None,
            layout: ressac_data::Layout::Long,
            series: vec![ressac_data::panel::Series {
                name: String::new(),
                time: None,
                targets: vec![vec![0.0; 200]],
                known: vec![],
                past: vec![],
                statics: vec![],
            }],
        };
        let options = ForecastOptions {
            horizon: Some(1),
            ..ForecastOptions::default()
        };
        let config = ressac_models::forecast::resolve(&options, &panel)
            .unwrap()
            .config;
        let held = toml::Table::try_from(&config).unwrap();
        let command = Cli::command();
        let train = command.find_subcommand("train").unwrap();
        let forecast = train.find_subcommand("forecast").unwrap();
        for key in [
            "model",
            "head",
            "hidden",
            "layers",
            "dropout",
            "loss",
            "epochs",
            "batch",
            "stride",
            "lr",
            "schedule",
            "averaging",
            "clip",
            "patience",
        ] {
            let argument = forecast.get_arguments().find(|arg| arg.get_id() == key);
            let help = argument.unwrap().get_help().unwrap().to_string();
            let told = help.split("[default: ").nth(1).unwrap();
            // What stands after a semicolon holds for another model.
            let told = told.trim_end_matches(']').split(';').next().unwrap();
            let held = held[key].to_string();
            let same = match (told.parse::<f64>(), held.parse::<f64>()) {
                (Ok(told), Ok(held)) => told == held,
                _ => told == held.trim_matches('"'),
            };
            assert!(same, "{key}: the help tells {told}, and {held} holds");
        }
    }
}
