//! `config.toml`: every option a model was trained with, and what the run was.
//!
//! Options stand at the top under the names they have on the command line, for every task alike;
//! what the run recorded (steps, instruction set, data fingerprint) stands under `[run]`. Given
//! back to `ressac train <task> --config`, the file makes the same model to the bit.

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::FolderError;

/// The version of the model folder this build writes, and the only one it reads.
pub const VERSION: u32 = 1;

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
    /// The options that a person gave, by key; the others were inferred or are defaults, and are
    /// worked out anew when one of these changes. Absent from files of earlier versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<Vec<String>>,
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
    "given",
    "data_fingerprint",
    "imported",
];

/// The content of a `config.toml`: its task, its options still untyped, and the run's record.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigFile {
    /// The task; absent in a hand-written file that leaves it to the command line.
    pub task: Option<String>,
    /// Option keys and values, which only the task's family can check.
    pub options: Table,
    /// What the run recorded.
    pub run: RunRecord,
}

impl ConfigFile {
    /// Reads the text of a configuration; `path` is only for messages.
    ///
    /// # Errors
    /// [`FolderError::Config`] for text that is not TOML or an unknown key under `[run]`; [`FolderError::Version`] for a version other than [`VERSION`].
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
            Some(Value::String(name)) => Some(name),
            Some(other) => {
                return Err(fail(format!(
                    "`task` is {other}, expected the word after `ressac train`, in quotes"
                )));
            }
        };
        let run = match options.remove("run") {
            None => RunRecord::default(),
            Some(Value::Table(run)) => {
                if let Some(key) = run.keys().find(|key| !RUN_KEYS.contains(&key.as_str())) {
                    return Err(fail(format!(
                        "unknown key `run.{key}`; the keys of [run] are {}",
                        RUN_KEYS.join(", ")
                    )));
                }
                // toml's messages end in a line break and, for a table already read, carry no position.
                run.try_into().map_err(|error: toml::de::Error| {
                    fail(error.to_string().trim_end().to_owned())
                })?
            }
            Some(other) => return Err(fail(format!("`run` is {other}, expected a section [run]"))),
        };
        Ok(Self { task, options, run })
    }

    /// The file's text, with a comment saying how to train the same model again.
    pub fn to_text(&self) -> String {
        let task = self.task.as_deref().unwrap_or("<task>");
        let same = match self.run.imported.is_empty() {
            true => "The same model again, to the bit",
            false => "The model before weights were imported into it",
        };
        let mut text = format!(
            "# Written by ressac. {same}:\n\
             #   ressac train {task} --config <this file>\n\
             version = {VERSION}\n"
        );
        if let Some(task) = &self.task {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ConfigFile, FolderError> {
        ConfigFile::parse(text, Path::new("my.toml"))
    }

    #[test]
    fn what_is_written_reads_back_equal() {
        let file = ConfigFile {
            task: Some("forecast".into()),
            options: "hidden = 64\nlr = 0.001\ntarget = [\"a\"]".parse().unwrap(),
            run: RunRecord {
                steps: Some(12),
                ended: Some("patience".into()),
                given: Some(vec!["hidden".into()]),
                ..RunRecord::default()
            },
        };
        assert_eq!(parse(&file.to_text()).unwrap(), file);
    }

    #[test]
    fn an_unknown_key_of_the_record_is_refused_naming_the_file_and_the_keys() {
        let error = parse("hidden = 64\n[run]\nstep = 3")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("my.toml") && error.contains("`run.step`") && error.contains("steps"),
            "{error}"
        );
    }

    #[test]
    fn a_later_version_is_refused_rather_than_guessed_at() {
        let error = parse("version = 2\nhidden = 1").unwrap_err();
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
            given: Some(vec![]),
            data_fingerprint: "0".into(),
            imported: vec!["a.pt as encoder".into()],
        };
        let keys: Vec<String> = Table::try_from(&run).unwrap().keys().cloned().collect();
        let known: Vec<String> = RUN_KEYS.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(keys, known);
    }
}
