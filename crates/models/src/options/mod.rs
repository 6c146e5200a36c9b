//! Options, declared once: the struct, the keys of the TOML file, the flags with their help and the table of the
//! docs all come from one declaration, `options!`.
//!
//! A family declares two structs at once: its options as given (every key may be absent) and the same
//! resolved (every key has its value). Groups that several families share ([`RecurrentOptions`],
//! [`TrainingOptions`]) are declared the same way and taken in whole. A key's type says how it is written
//! ([`OptionValue`]).

mod declare;
mod recurrent;
mod training;
pub(crate) mod value;

use std::path::Path;

use ressac_folder::FolderError;
use toml::{Table, Value};

pub(crate) use declare::options;
pub use recurrent::{RecurrentConfig, RecurrentOptions, Start};
pub(crate) use training::memory_of;
pub use training::{Budget, TrainingConfig, TrainingDefaults, TrainingOptions};
pub(crate) use value::from_text;
pub use value::{Files, Form, Names, OptionValue, Resolve, TimeLimit};

/// One option, as the command line, files and the docs need it.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key in `config.toml`; the flag is `--name` with `-` for `_`.
    pub name: &'static str,
    /// What it is, in a line.
    pub help: String,
    /// The heading it stands under in the help.
    pub heading: &'static str,
    /// What stands for its value in the help: `N`, `COL,…`.
    pub value: &'static str,
    /// What holds where it is not given; absent where nothing does.
    pub default: Option<&'static str>,
    /// How its value is written.
    pub form: Form,
    /// Whether there is a flag; otherwise it stands in files only.
    pub flag: bool,
    /// Reads the texts of the command line.
    parse: fn(&[String]) -> Result<Value, String>,
}

impl Key {
    /// A key whose values are of type `T`.
    pub(crate) fn new<T: OptionValue>(
        name: &'static str,
        docs: &[&str],
        heading: &'static str,
        value: &'static str,
        default: Option<&'static str>,
    ) -> Self {
        // A value name in brackets marks a key of files alone.
        let in_brackets = value
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let lines: Vec<&str> = docs.iter().map(|line| line.trim()).collect();
        Self {
            name,
            help: lines.join(" ").trim_end_matches('.').to_owned(),
            heading,
            value: in_brackets.unwrap_or(value),
            default,
            form: T::FORM,
            flag: in_brackets.is_none(),
            parse: |texts| T::parse(texts).map(|value| value.to_toml()),
        }
    }

    /// The flag without its dashes.
    pub fn flag_name(&self) -> String {
        self.name.replace('_', "-")
    }

    /// The value that stands in these texts of the command line, as a file would hold it.
    ///
    /// # Errors
    /// What is wrong with the text, and how it should be written.
    pub fn parse(&self, texts: &[String]) -> Result<Value, String> {
        (self.parse)(texts)
    }
}

/// `keys` followed by those of a group, whose defaults a family sets by name.
pub(crate) fn with_group(
    mut keys: Vec<Key>,
    group: Vec<Key>,
    defaults: &[(&str, &'static str)],
) -> Vec<Key> {
    keys.extend(group.into_iter().map(|mut key| {
        if let Some((_, default)) = defaults.iter().find(|(name, _)| *name == key.name) {
            key.default = Some(default);
        }
        key
    }));
    keys
}

/// Options as given: whatever is absent is inferred or takes its default.
pub trait Options: Default + Clone {
    /// The same options resolved.
    type Config: Config<Options = Self>;

    /// Every key, in the order of the help.
    fn keys() -> Vec<Key>;

    /// Sets a key; `None` where there is no such key.
    fn set(&mut self, key: &str, value: &Value) -> Option<Result<(), String>>;

    /// Adds what is given to `table`.
    fn write(&self, table: &mut Table);

    /// The options that stand in `table`; `path` is only for messages.
    ///
    /// # Errors
    /// [`FolderError::Config`] for an unknown key (naming the nearest) or a value of the wrong kind.
    fn read(table: &Table, path: &Path) -> Result<Self, FolderError> {
        let mut options = Self::default();
        let wrong = |reason: String| FolderError::Config {
            path: path.to_path_buf(),
            reason,
        };
        for (key, value) in table {
            match options.set(key, value) {
                Some(Ok(())) => {}
                Some(Err(problem)) => return Err(wrong(format!("`{key}`: {problem}"))),
                None => return Err(wrong(unknown::<Self>(key))),
            }
        }
        Ok(options)
    }

    /// What is given, as a file holds it.
    fn table(&self) -> Table {
        let mut table = Table::new();
        self.write(&mut table);
        table
    }
}

fn unknown<O: Options>(key: &str) -> String {
    let keys = O::keys();
    let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
    match ressac_data::nearest(key, names.iter().copied()) {
        Some(near) => format!("unknown key `{key}`; did you mean `{near}`?"),
        None => format!("unknown key `{key}`; the keys are: {}", names.join(", ")),
    }
}

/// Options resolved: everything a training run depends on.
pub trait Config: Clone + Sized {
    /// The same options as given.
    type Options: Options<Config = Self>;

    /// The configuration that these options, all of them given, are.
    ///
    /// # Errors
    /// The key that is missing.
    fn from_options(options: Self::Options) -> Result<Self, &'static str>;

    /// Adds every key that has a value to `table`.
    fn write(&self, table: &mut Table);

    /// The configuration as a file holds it.
    fn table(&self) -> Table {
        let mut table = Table::new();
        self.write(&mut table);
        table
    }
}

#[cfg(test)]
mod tests;
