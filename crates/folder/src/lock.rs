//! One training at a time in a folder.
//!
//! The lock is the operating system's on a file, so it ends with the process that holds it, however
//! that ends: a file left behind by a kill locks nothing. The file holds the number of the process,
//! for the message that another one gets.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{FolderError, ModelFolder};

/// In the checkpoints' folder, which is the training's own.
const FILE: &str = "checkpoints/.lock";

/// The right to train in a folder; given up when dropped.
#[derive(Debug)]
pub struct TrainingLock {
    path: PathBuf,
    /// Absent where the file system knows no locks.
    file: Option<File>,
}

impl ModelFolder {
    /// Takes the right to train in this folder.
    ///
    /// Where the file system knows no locks, it is given to whoever asks.
    ///
    /// # Errors
    /// [`FolderError::InUse`] when another process (or another lock of this one) holds it, or the file
    /// system's.
    pub fn lock(&self) -> Result<TrainingLock, FolderError> {
        let path = self.file(FILE);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| FolderError::write(parent, error))?;
        }
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(|error| FolderError::write(&path, error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(FolderError::InUse {
                        folder: self.path().to_path_buf(),
                        process: fs::read_to_string(&path)
                            .ok()
                            .and_then(|text| text.trim().parse().ok()),
                    });
                }
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(TrainingLock { path, file: None });
                }
                Err(TryLockError::Error(error)) => return Err(FolderError::write(&path, error)),
            }
            // The one who held it may have removed it between our opening and our locking; then the
            // next one would lock another file of the same name.
            if !is_at(&file, &path) {
                continue;
            }
            // Without room for the number the lock holds all the same.
            let _ = file
                .set_len(0)
                .and_then(|()| write!(file, "{}", std::process::id()));
            let file = Some(file);
            return Ok(TrainingLock { path, file });
        }
    }
}

impl TrainingLock {
    /// Whether anybody else is kept out; not where the file system knows no locks.
    pub fn is_held(&self) -> bool {
        self.file.is_some()
    }
}

impl Drop for TrainingLock {
    fn drop(&mut self) {
        if self.file.is_some() {
            // While it is still locked, so that nobody's else is removed. What cannot be removed locks
            // nothing; and the folder stays if a checkpoint is in it.
            let _ = fs::remove_file(&self.path);
            if let Some(parent) = self.path.parent() {
                let _ = fs::remove_dir(parent);
            }
        }
    }
}

/// Whether an open file is the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(there)) => identity(open) == identity(there),
        _ => false,
    }
}

/// An open file cannot be removed here.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, ModelFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::create(&place.path().join("model")).unwrap();
        (place, folder)
    }

    #[test]
    fn a_folder_is_locked_once_and_again_after_the_lock_is_given_up() {
        let (_place, folder) = folder();
        let lock = folder.lock().unwrap();
        assert!(lock.is_held());
        let error = folder.lock().unwrap_err();
        let message = error.to_string();
        let process = std::process::id().to_string();
        assert!(
            message.contains(&process) && message.contains("model"),
            "{message}"
        );
        drop(lock);
        assert!(!folder.file("checkpoints").exists(), "something is left");
        drop(folder.lock().unwrap());
    }

    #[test]
    fn a_file_left_behind_by_a_killed_process_locks_nothing() {
        let (_place, folder) = folder();
        fs::create_dir(folder.file("checkpoints")).unwrap();
        fs::write(folder.file(FILE), "123456789").unwrap();
        let lock = folder.lock().unwrap();
        let found = fs::read_to_string(folder.file(FILE)).unwrap();
        assert_eq!(found, std::process::id().to_string());
        drop(lock);
    }

    #[test]
    fn the_checkpoints_stay_when_the_lock_goes() {
        let (_place, folder) = folder();
        let lock = folder.lock().unwrap();
        folder.write("checkpoints/step-1.json", b"{}").unwrap();
        drop(lock);
        let left: Vec<_> = fs::read_dir(folder.file("checkpoints")).unwrap().collect();
        assert_eq!(left.len(), 1);
    }
}
