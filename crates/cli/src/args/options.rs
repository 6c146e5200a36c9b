//! Options that families declare, as flags.
//!
//! The subcommands of `train` and `check` and the flags under them come from the table of families: each key of a
//! family's options is a flag with its help. What is given becomes a table, a layer over a configuration file.

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, Subcommand};
use toml::Table;

use ressac_models::family::Ask;
use ressac_models::options::{Form, Key};
use ressac_models::{AnyFamily, FAMILIES, family};

/// The flag of a key.
fn flag(key: &Key) -> Arg {
    let help = match key.default {
        Some(default) => format!("{} [default: {default}]", key.help),
        None => key.help.clone(),
    };
    let arg = Arg::new(key.name)
        .long(key.flag_name())
        .value_name(key.value)
        .help_heading(key.heading)
        .help(help);
    match key.form {
        Form::Files => arg.num_args(1..).action(ArgAction::Append),
        Form::One | Form::List => arg.action(ArgAction::Set),
    }
}

/// The keys given in `matches`, as a file would hold them.
fn given(keys: &[Key], matches: &ArgMatches) -> Result<Table, Error> {
    let mut table = Table::new();
    for key in keys.iter().filter(|key| key.flag) {
        let Some(texts) = matches.get_many::<String>(key.name) else {
            continue;
        };
        let texts: Vec<String> = texts.cloned().collect();
        let value = key.parse(&texts).map_err(|problem| {
            Error::raw(
                ErrorKind::ValueValidation,
                format!(
                    "invalid value '{}' for '--{} <{}>': {problem}\n\nFor more information, try '--help'.\n",
                    texts.join(" "),
                    key.flag_name(),
                    key.value
                ),
            )
        })?;
        table.insert(key.name.to_owned(), value);
    }
    Ok(table)
}

/// What stands under the help of a task: the keys that only files have.
fn files_only(keys: &[Key]) -> String {
    let mut text = String::from(
        "Every option can stand in a TOML file given with --config (as `time_limit = \"10m\"`)",
    );
    let hidden: Vec<&Key> = keys.iter().filter(|key| !key.flag).collect();
    if !hidden.is_empty() {
        text.push_str(", which also takes:\n");
        for key in hidden {
            let form = format!("{} = {}", key.name, key.value);
            let default = key
                .default
                .map_or_else(String::new, |default| format!(" [default: {default}]"));
            text.push_str(&format!("  {form:<28}{}{default}\n", key.help));
        }
    } else {
        text.push_str(".\n");
    }
    text.push_str(
        "The model folder keeps the resolved file: train from it again and the model is the same to the bit.",
    );
    text
}

/// A task with its options, and flags that the verb has for every task.
#[derive(Clone)]
pub(crate) struct TaskArgs<V> {
    pub(crate) family: &'static dyn AnyFamily,
    /// The keys given.
    pub(crate) options: Table,
    /// The verb's own flags.
    pub(crate) verb: V,
}

impl<V: std::fmt::Debug> std::fmt::Debug for TaskArgs<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {:?} {:?}",
            self.family.task(),
            self.options,
            self.verb
        )
    }
}

impl<V: Args> Subcommand for TaskArgs<V> {
    fn augment_subcommands(command: Command) -> Command {
        FAMILIES.iter().fold(
            command
                .subcommand_required(true)
                .arg_required_else_help(true),
            |command, family| {
                let keys = family.keys();
                // The verb's own flags come with a description of their own, so the task's follows them.
                let task = V::augment_args(Command::new(family.task()))
                    .about(family.about())
                    .long_about(None)
                    .after_help(files_only(&keys))
                    .args_override_self(true)
                    // A number below zero is then told what is wrong with it, not taken for an option.
                    .allow_negative_numbers(true);
                command.subcommand(task.args(keys.iter().filter(|key| key.flag).map(flag)))
            },
        )
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        family(name).is_ok()
    }
}

impl<V: Args> FromArgMatches for TaskArgs<V> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let Some((name, matches)) = matches.subcommand() else {
            return Err(Error::raw(
                ErrorKind::MissingSubcommand,
                "a task is missing\n",
            ));
        };
        let family = family(name)
            .map_err(|error| Error::raw(ErrorKind::InvalidSubcommand, format!("{error}\n")))?;
        Ok(Self {
            family,
            options: given(&family.keys(), matches)?,
            verb: V::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The keys that `predict` takes, of every family.
#[derive(Debug, Clone, Default)]
pub(crate) struct PredictAsk(pub(crate) Table);

/// The keys that `evaluate` takes, of every family.
#[derive(Debug, Clone, Default)]
pub(crate) struct EvaluateAsk(pub(crate) Table);

/// The keys that `sample` takes, of every family.
#[derive(Debug, Clone, Default)]
pub(crate) struct SampleAsk(pub(crate) Table);

/// Each key that some family takes for a verb, once; where not all do, the help says which.
fn asked(ask: Ask) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for family in FAMILIES {
        for key in family.asks(ask) {
            if !keys.iter().any(|other| other.name == key.name) {
                keys.push(key);
            }
        }
    }
    for key in &mut keys {
        let takes = |family: &&&dyn AnyFamily| {
            let mut asks = family.asks(ask).into_iter();
            asks.any(|other| other.name == key.name)
        };
        let tasks: Vec<&str> = FAMILIES
            .iter()
            .filter(takes)
            .map(|family| family.task())
            .collect();
        if tasks.len() < FAMILIES.len() {
            key.help = format!("{} ({})", key.help, tasks.join(", "));
        }
    }
    keys
}

macro_rules! ask_args {
    ($name:ident, $ask:expr) => {
        impl Args for $name {
            fn augment_args(command: Command) -> Command {
                command.args(asked($ask).iter().filter(|key| key.flag).map(flag))
            }
            fn augment_args_for_update(command: Command) -> Command {
                Self::augment_args(command)
            }
        }

        impl FromArgMatches for $name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
                given(&asked($ask), matches).map(Self)
            }
            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}
ask_args!(PredictAsk, Ask::Predict);
ask_args!(EvaluateAsk, Ask::Evaluate);
ask_args!(SampleAsk, Ask::Sample);
