//! The files of one model, to be read: on disk, or in memory where there is no disk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{ConfigFile, FolderError, VERSION};

/// The files of one model. Holding it means only that its place was looked at; files are read when
/// asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFiles {
    path: PathBuf,
    /// The contents by name; absent for a model on disk.
    memory: Option<BTreeMap<String, Vec<u8>>>,
}

impl ModelFiles {
    /// A model on disk, at a path that was looked at.
    pub(crate) fn on_disk(path: PathBuf) -> Self {
        Self { path, memory: None }
    }

    /// A model whose files are in memory, by their names in the folder (`config.toml` …): for a browser, another
    /// language's bindings, a test. `name` stands for the folder in messages.
    pub fn in_memory(name: &str, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            path: PathBuf::from(name),
            memory: Some(files),
        }
    }

    /// Where the folder is; of a model in memory its name.
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
        ConfigFile::parse(&self.read_text("config.toml")?, &self.file("config.toml"))
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
        let missing = || FolderError::Missing {
            folder: self.path.clone(),
            name: name.to_owned(),
        };
        if let Some(files) = &self.memory {
            return files.get(name).cloned().ok_or_else(missing);
        }
        let path = self.file(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing()),
            Err(error) => Err(FolderError::read(&path, error)),
        }
    }
}
