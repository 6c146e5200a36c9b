//! The model folder: the only thing that passes from training to everything else.
//!
//! | file | holds |
//! |---|---|
//! | `config.toml` | every option, resolved, and the run's record (steps, instruction set) |
//! | `pipeline.json` | what was fitted on the training part: scaling, columns, season |
//! | `weights.safetensors` | the weights kept (best on the validation part) |
//! | `metrics.jsonl` | one line for each validation |
//! | `checkpoints/` | what `--resume` continues from |
//!
//! Every write is atomic, so a kill at any moment leaves the last good state. `config.toml` is
//! written last when a folder is laid out: a folder without it is not a model folder yet.

pub mod atomic;
mod config;
mod keys;
mod lock;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use ressac_nn::weights::{self, NamedTensors};

pub use config::{ConfigFile, RunRecord, Task, TaskOptions, VERSION};
pub use keys::nearest;
pub use lock::TrainingLock;

/// The folder of one model. Holding one means only that the path was looked at; files are read
/// when asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFolder {
    path: PathBuf,
}

impl ModelFolder {
    /// A new, empty folder at `path`, parents included.
    ///
    /// # Errors
    /// [`FolderError::NotEmpty`] when something is there already: nothing is ever overwritten.
    pub fn create(path: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(path).map_err(|error| FolderError::write(path, error))?;
        let mut entries = fs::read_dir(path).map_err(|error| FolderError::read(path, error))?;
        if entries.next().is_some() {
            return Err(FolderError::NotEmpty {
                path: path.to_path_buf(),
            });
        }
        Ok(Self {
            path: path.to_path_buf(),
        })
    }

    /// The existing model folder at `path`.
    ///
    /// # Errors
    /// [`FolderError::NotAModel`] when there is no folder, or no `config.toml` in it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let reason = if !path.exists() {
            "it does not exist"
        } else if !path.is_dir() {
            "it is a file"
        } else if !path.join("config.toml").is_file() {
            // What a training lays down before `config.toml`.
            if path.join("pipeline.json").is_file() {
                "it holds no `config.toml`: a training was killed in it as it began, and there is nothing to go on with. Remove it and train again"
            } else {
                "it holds no `config.toml`"
            }
        } else {
            return Ok(Self {
                path: path.to_path_buf(),
            });
        };
        Err(FolderError::NotAModel {
            path: path.to_path_buf(),
            reason,
        })
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of one of the folder's files.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads `config.toml`.
    ///
    /// # Errors
    /// See [`ConfigFile::parse`]; also when the file cannot be read.
    pub fn config(&self) -> Result<ConfigFile, FolderError> {
        let path = self.file("config.toml");
        ConfigFile::parse(&self.read_text("config.toml")?, &path)
    }

    /// Writes `config.toml`.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write_config(&self, config: &ConfigFile) -> Result<(), FolderError> {
        self.write("config.toml", config.to_text().as_bytes())
    }

    /// Reads `pipeline.json` as the family's own type.
    ///
    /// # Errors
    /// [`FolderError::Missing`], [`FolderError::Damaged`] or [`FolderError::Version`].
    pub fn pipeline<T: DeserializeOwned>(&self) -> Result<T, FolderError> {
        let path = self.file("pipeline.json");
        let mut value: Value = serde_json::from_str(&self.read_text("pipeline.json")?)
            .map_err(|error| FolderError::damaged(&path, error))?;
        let version = value
            .as_object_mut()
            .and_then(|object| object.remove("version"));
        match version.as_ref().and_then(Value::as_i64) {
            Some(found) if found == i64::from(VERSION) => {}
            Some(found) => return Err(FolderError::Version { path, found }),
            None => return Err(FolderError::damaged(&path, "it has no `version`")),
        }
        serde_json::from_value(value).map_err(|error| FolderError::damaged(&path, error))
    }

    /// Writes `pipeline.json`; `pipeline` must serialise to a JSON object.
    ///
    /// # Errors
    /// When the file system refuses, or `pipeline` is not an object.
    pub fn write_pipeline<T: Serialize>(&self, pipeline: &T) -> Result<(), FolderError> {
        let path = self.file("pipeline.json");
        let mut value =
            serde_json::to_value(pipeline).map_err(|error| FolderError::damaged(&path, error))?;
        value
            .as_object_mut()
            .ok_or_else(|| FolderError::damaged(&path, "the pipeline is not a JSON object"))?
            .insert("version".into(), VERSION.into());
        let text = serde_json::to_string_pretty(&value)
            .map_err(|error| FolderError::damaged(&path, error))?;
        self.write("pipeline.json", text.as_bytes())
    }

    /// Reads `weights.safetensors`.
    ///
    /// # Errors
    /// [`FolderError::Missing`] before the first validation, [`FolderError::Damaged`] otherwise.
    pub fn weights(&self) -> Result<NamedTensors, FolderError> {
        let bytes = self.read_bytes("weights.safetensors")?;
        weights::from_bytes(&bytes)
            .map_err(|error| FolderError::damaged(&self.file("weights.safetensors"), error))
    }

    /// Writes `weights.safetensors`.
    ///
    /// # Errors
    /// When the file system refuses, or a tensor's shape and values disagree.
    pub fn write_weights(&self, tensors: &NamedTensors) -> Result<(), FolderError> {
        let bytes = weights::to_bytes(tensors)
            .map_err(|error| FolderError::damaged(&self.file("weights.safetensors"), error))?;
        self.write("weights.safetensors", &bytes)
    }

    /// Reads a text file of the folder.
    ///
    /// # Errors
    /// [`FolderError::Missing`], [`FolderError::Damaged`] when it is not UTF-8, or the file system's.
    pub fn read_text(&self, name: &str) -> Result<String, FolderError> {
        let bytes = self.read_bytes(name)?;
        String::from_utf8(bytes).map_err(|error| FolderError::damaged(&self.file(name), error))
    }

    /// Reads a file of the folder.
    ///
    /// # Errors
    /// [`FolderError::Missing`] or the file system's.
    pub fn read_bytes(&self, name: &str) -> Result<Vec<u8>, FolderError> {
        let path = self.file(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FolderError::Missing {
                folder: self.path.clone(),
                name: name.to_owned(),
            }),
            Err(error) => Err(FolderError::read(&path, error)),
        }
    }

    /// Writes a file of the folder atomically, making the sub-folder it stands in if need be.
    ///
    /// # Errors
    /// When the file system refuses; the old content is then still there.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let path = self.file(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| FolderError::write(parent, error))?;
        }
        atomic::write(&path, bytes).map_err(|error| FolderError::write(&path, error))
    }
}

/// Why a model folder could not be read or written: a sentence with the file and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The path is not a model folder.
    #[error("`{}` is not a model folder: {reason}. `ressac train` makes one: `ressac train forecast --data FILE.csv --horizon 24 --out {}`", path.display(), path.display())]
    NotAModel {
        /// The path given.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Something is where a new folder should go.
    #[error("`{}` already holds files, and nothing is overwritten. Give another folder, or `--resume` to go on with the training in it", path.display())]
    NotEmpty {
        /// The path given.
        path: PathBuf,
    },
    /// Another process trains in the folder.
    #[error("{} trains in `{}`, and two at once would mix their weights. Wait until it has ended, stop it, or give another folder with `--out`", process.map_or_else(|| "another process".to_owned(), |id| format!("process {id}")), folder.display())]
    InUse {
        /// The model folder.
        folder: PathBuf,
        /// The process, where it could be told.
        process: Option<u32>,
    },
    /// One of the folder's files is not there.
    #[error("the model folder `{}` has no `{name}`: {}", folder.display(), missing_advice(name))]
    Missing {
        /// The model folder.
        folder: PathBuf,
        /// The file's name in it.
        name: String,
    },
    /// One of the folder's files cannot be understood.
    #[error("`{}` is damaged: {reason}. Put back a copy of the file; without one, train the model again with `ressac train <task> --config` and the folder's `config.toml`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader met.
        reason: String,
    },
    /// The configuration has a wrong key or value.
    #[error("`{}`: {reason}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// The file was written by another version of the folder's layout.
    #[error("`{}` has version {found}, and this ressac reads version {VERSION}. Use the ressac that wrote it (`[run] ressac` in `config.toml`), or train again", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version it states.
        found: i64,
    },
    /// The file system refused a read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file system refused a write.
    #[error("cannot write `{}`: {source}. What was there before is untouched", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl FolderError {
    fn damaged(path: &Path, reason: impl ToString) -> Self {
        FolderError::Damaged {
            path: path.to_path_buf(),
            reason: reason.to_string(),
        }
    }
    fn read(path: &Path, source: io::Error) -> Self {
        FolderError::Read {
            path: path.to_path_buf(),
            source,
        }
    }
    fn write(path: &Path, source: io::Error) -> Self {
        FolderError::Write {
            path: path.to_path_buf(),
            source,
        }
    }
}

fn missing_advice(name: &str) -> &'static str {
    match name {
        "weights.safetensors" => {
            "training stopped before its first validation, or the file was removed. Continue with `ressac train <task> --resume --out <the folder>`"
        }
        _ => "it was removed, or the folder was copied in part. Copy the whole folder again",
    }
}

#[cfg(test)]
mod tests;
