//! A model folder on disk, which can be written.

use std::fs;
use std::io;
use std::ops::Deref;
use std::path::Path;

use serde::Serialize;

use crate::{ConfigFile, FolderError, ModelFiles, VERSION, atomic};

/// The folder of one model; it reads as its [`ModelFiles`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFolder {
    files: ModelFiles,
}

impl Deref for ModelFolder {
    type Target = ModelFiles;
    fn deref(&self) -> &ModelFiles {
        &self.files
    }
}

impl ModelFolder {
    fn at(path: &Path) -> Self {
        Self {
            files: ModelFiles::on_disk(path.to_path_buf()),
        }
    }

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
        Ok(Self::at(path))
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
            return Ok(Self::at(path));
        };
        Err(FolderError::NotAModel {
            path: path.to_path_buf(),
            reason,
        })
    }

    /// Writes `config.toml`.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write_config(&self, config: &ConfigFile) -> Result<(), FolderError> {
        self.write("config.toml", config.to_text().as_bytes())
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

    /// A model folder within this one, empty, for a model that is not to stay; what stood there is deleted.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn within(&self, name: &str) -> Result<Self, FolderError> {
        let path = self.file(name);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FolderError::write(&path, error))
            }
            _ => Self::create(&path),
        }
    }

    /// Deletes the folder and everything in it.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn delete(self) -> Result<(), FolderError> {
        fs::remove_dir_all(self.path()).map_err(|error| FolderError::write(self.path(), error))
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
