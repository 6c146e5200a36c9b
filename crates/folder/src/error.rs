//! What can be wrong with a model folder, each a sentence with the file and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::VERSION;

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
    /// A file of a model that cannot be understood.
    pub fn damaged(path: &Path, reason: impl ToString) -> Self {
        FolderError::Damaged {
            path: path.to_path_buf(),
            reason: reason.to_string(),
        }
    }
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        FolderError::Read {
            path: path.to_path_buf(),
            source,
        }
    }
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
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
