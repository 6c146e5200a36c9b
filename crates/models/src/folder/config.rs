//! `config.toml`: every option a model was trained with, and what the run was.
//!
//! Options stand at the top under the names they have on the command line, for every task alike;
//! what the run recorded (steps, instruction set, data fingerprint) stands under `[run]`. Given
//! back to `ressac train <task> --config`, the file makes the same model to the bit.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::FolderError;
use super::keys::nearest;

/// The version of the model folder this build writes, and the only one it reads.
pub const VERSION: u32 = 1;

/// What a model was trained for: the family, and the word after `ressac train`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Task {
    /// A time series continued: `horizon` steps from the last `context` steps.
    Forecast,
}

impl Task {
    /// The word that names the task in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Task::Forecast => "forecast",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Task {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "forecast" => Ok(Task::Forecast),
            other => Err(format!(
                "unknown task `{other}`; this build knows `forecast`"
            )),
        }
    }
}

/// The options of one task: a struct whose fields are the keys of `config.toml`.
pub trait TaskOptions: Serialize + DeserializeOwned {
    /// The task these options belong to.
    const TASK: Task;
    /// Every key, as written in the file. A test in each family holds this equal to the fields.
    const KEYS: &'static [&'static str];
}

/// What a run recorded about itself.
///
/// `steps` is written when training ends, however it ends; absent, training is under way or was
/// killed, and the weights are the best so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunRecord {
    /// Optimiser steps taken; a retraining from this file stops at the same step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Why training ended: `epochs`, `patience`, `time limit`, `interrupted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// The step whose weights were kept (best on the validation part).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_step: Option<u64>,
    /// The kernels' instruction set, for the record: bits are promised for each set.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub instruction_set: String,
    /// The version of ressac that trained.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ressac: String,
    /// The digest of the data file trained on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub data_fingerprint: String,
    /// The weights put in after training: from which file, in whose place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imported: Vec<String>,
}

const RUN_KEYS: &[&str] = &[
    "steps",
    "ended",
    "best_step",
    "instruction_set",
    "ressac",
    "data_fingerprint",
    "imported",
];

/// The content of a `config.toml`: its task, its options still untyped, and the run's record.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigFile {
    /// The task; absent in a hand-written file that leaves it to the command line.
    pub task: Option<Task>,
    /// Option keys and values, unchecked until [`ConfigFile::typed`].
    pub options: Table,
    /// What the run recorded.
    pub run: RunRecord,
}

impl ConfigFile {
    /// A file from resolved options.
    ///
    /// # Errors
    /// When a value has no TOML form (an integer beyond 64 bits).
    pub fn from_options<T: TaskOptions>(options: &T, run: RunRecord) -> Result<Self, FolderError> {
        let options = Table::try_from(options).map_err(|error| FolderError::Config {
            path: "config.toml".into(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            task: Some(T::TASK),
            options,
            run,
        })
    }

    /// Reads the text of a configuration; `path` is only for messages.
    ///
    /// # Errors
    /// [`FolderError::Config`] for text that is not TOML, an unknown task or an unknown key under
    /// `[run]`; [`FolderError::Version`] for a version other than [`VERSION`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, FolderError> {
        let fail = |reason: String| FolderError::Config {
            path: path.to_path_buf(),
            reason,
        };
        let mut options: Table = text
            .parse()
            .map_err(|error: toml::de::Error| fail(error.to_string().trim_end().to_owned()))?;
        match options.remove("version") {
            None => {}
            Some(Value::Integer(found)) if found == i64::from(VERSION) => {}
            Some(Value::Integer(found)) => {
                return Err(FolderError::Version {
                    path: path.to_path_buf(),
                    found,
                });
            }
            Some(other) => {
                return Err(fail(format!(
                    "`version` is {other}, expected the number {VERSION}"
                )));
            }
        }
        let task = match options.remove("task") {
            None => None,
            Some(Value::String(name)) => Some(name.parse().map_err(fail)?),
            Some(other) => {
                return Err(fail(format!(
                    "`task` is {other}, expected a word such as \"forecast\""
                )));
            }
        };
        let run = match options.remove("run") {
            None => RunRecord::default(),
            Some(Value::Table(run)) => {
                refuse_unknown(&run, RUN_KEYS, "run.").map_err(fail)?;
                run.try_into()
                    .map_err(|error: toml::de::Error| fail(message(&error)))?
            }
            Some(other) => return Err(fail(format!("`run` is {other}, expected a section [run]"))),
        };
        Ok(Self { task, options, run })
    }

    /// The options as the task's own type, every key checked.
    ///
    /// # Errors
    /// [`FolderError::Config`] for a key the task does not have (naming the nearest), or a value of
    /// the wrong kind.
    pub fn typed<T: TaskOptions>(&self, path: &Path) -> Result<T, FolderError> {
        let fail = |reason: String| FolderError::Config {
            path: path.to_path_buf(),
            reason,
        };
        if let Some(task) = self.task
            && task != T::TASK
        {
            return Err(fail(format!(
                "it is for the task `{task}`, not `{}`",
                T::TASK
            )));
        }
        refuse_unknown(&self.options, T::KEYS, "").map_err(fail)?;
        self.options
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| fail(message(&error)))
    }

    /// The file's text, with a comment saying how to train the same model again.
    pub fn to_text(&self) -> String {
        let task = self.task.map_or("<task>", Task::name);
        let same = match self.run.imported.is_empty() {
            true => "The same model again, to the bit",
            false => "The model before weights were imported into it",
        };
        let mut text = format!(
            "# Written by ressac. {same}:\n\
             #   ressac train {task} --config <this file>\n\
             version = {VERSION}\n"
        );
        if let Some(task) = self.task {
            text.push_str(&format!("task = \"{task}\"\n"));
        }
        text.push_str(&self.options.to_string());
        if self.run != RunRecord::default()
            && let Ok(run) = toml::to_string(&self.run)
        {
            text.push_str("\n[run]\n");
            text.push_str(&run);
        }
        text
    }
}

/// toml's messages end in a line break and, for a table already read, carry no position.
fn message(error: &toml::de::Error) -> String {
    error.to_string().trim_end().to_owned()
}

fn refuse_unknown(table: &Table, known: &[&str], section: &str) -> Result<(), String> {
    for key in table.keys() {
        if !known.contains(&key.as_str()) {
            return Err(match nearest(key, known) {
                Some(near) => {
                    format!("unknown key `{section}{key}`; did you mean `{section}{near}`?")
                }
                None => format!(
                    "unknown key `{section}{key}`; the keys are: {}",
                    known.join(", ")
                ),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Options {
        hidden: usize,
        lr: f64,
    }
    impl TaskOptions for Options {
        const TASK: Task = Task::Forecast;
        const KEYS: &'static [&'static str] = &["hidden", "lr"];
    }

    fn parse(text: &str) -> Result<Options, FolderError> {
        let path = Path::new("my.toml");
        ConfigFile::parse(text, path)?.typed(path)
    }

    #[test]
    fn what_is_written_reads_back_equal() {
        let options = Options {
            hidden: 64,
            lr: 1e-3,
        };
        let run = RunRecord {
            steps: Some(12),
            ended: Some("patience".into()),
            ..RunRecord::default()
        };
        let file = ConfigFile::from_options(&options, run).unwrap();
        let path = Path::new("config.toml");
        let back = ConfigFile::parse(&file.to_text(), path).unwrap();
        assert_eq!(back, file);
        assert_eq!(back.typed::<Options>(path).unwrap(), options);
    }

    #[test]
    fn an_unknown_key_is_refused_naming_the_file_and_the_nearest_key() {
        let error = parse("hiden = 64\nlr = 0.1").unwrap_err().to_string();
        assert!(
            error.contains("my.toml") && error.contains("`hiden`") && error.contains("`hidden`"),
            "{error}"
        );
        let error = parse("hidden = 64\nlr = 0.1\n[run]\nstep = 3")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`run.step`") && error.contains("`run.steps`"),
            "{error}"
        );
    }

    #[test]
    fn a_value_of_the_wrong_kind_names_the_key() {
        let error = parse("hidden = \"many\"\nlr = 0.1")
            .unwrap_err()
            .to_string();
        assert!(error.contains("hidden"), "{error}");
    }

    #[test]
    fn a_later_version_is_refused_rather_than_guessed_at() {
        let error = parse("version = 2\nhidden = 1\nlr = 0.1").unwrap_err();
        assert!(
            matches!(error, FolderError::Version { found: 2, .. }),
            "{error}"
        );
    }

    #[test]
    fn every_key_of_the_run_record_is_known() {
        let run = RunRecord {
            steps: Some(1),
            ended: Some("epochs".into()),
            best_step: Some(1),
            instruction_set: "portable".into(),
            ressac: "0".into(),
            data_fingerprint: "0".into(),
            imported: vec!["a.pt as encoder".into()],
        };
        let keys: Vec<String> = Table::try_from(&run).unwrap().keys().cloned().collect();
        let known: Vec<String> = RUN_KEYS.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(keys, known);
    }
}
