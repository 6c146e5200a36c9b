//! Writing a file so that a kill at any moment leaves either the old content or the new one.
//!
//! The bytes go to a temporary file beside the target, are forced to the disk, and the temporary
//! file is renamed over the target; on Unix the folder is forced to the disk as well, because the
//! rename itself lives there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How every temporary file starts, so that left-overs of a killed run can be told apart.
pub(super) const TEMPORARY_PREFIX: &str = ".ressac-partial-";

/// Replaces the content of `path` with `bytes`, or leaves it exactly as it was.
///
/// A link is followed, so that the file it names changes and the link stays. What is no regular
/// file (a terminal, a pipe, `/dev/stdout`) is written to and never replaced.
///
/// # Errors
/// Whatever the file system refuses (no space, no permission, no such folder); the temporary file
/// is then removed as far as possible.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let followed = match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => fs::canonicalize(path)?,
        Ok(metadata) if !metadata.is_dir() => return fs::write(path, bytes),
        // A new file, or a folder, which the rename below refuses.
        _ => path.to_path_buf(),
    };
    let temporary = temporary_beside(&followed)?;
    let written = write_and_sync(&temporary, bytes)
        .and_then(|()| keep_permissions(&followed, &temporary))
        .and_then(|()| fs::rename(&temporary, &followed));
    if let Err(error) = written {
        // The first error is the one worth telling; a left-over is removed by `clean`.
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    sync_folder(&followed)
}

/// Removes the temporary files that killed runs left in `folder`.
///
/// # Errors
/// When the folder cannot be listed or a left-over cannot be removed.
pub fn clean(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with(TEMPORARY_PREFIX)
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("`{}` names no file", path.display()),
        )
    })?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = name.to_string_lossy();
    Ok(path.with_file_name(format!(
        "{TEMPORARY_PREFIX}{}-{count}-{name}",
        std::process::id()
    )))
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A file written anew keeps the permissions of the one before it.
fn keep_permissions(old: &Path, new: &Path) -> io::Result<()> {
    match fs::metadata(old) {
        Ok(metadata) => fs::set_permissions(new, metadata.permissions()),
        Err(_) => Ok(()),
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_content_and_leaves_nothing_else_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_content_and_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        // A folder cannot be replaced by a file: the rename fails after the bytes were written.
        let path = folder.path().join("weights");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"old").unwrap();
        assert!(write(&path, b"new").is_err());
        assert_eq!(fs::read(path.join("inside")).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link_and_a_special_file_is_not_replaced() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, b"old").unwrap();
        symlink(&file, &link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

        // A socket stands for every special file: it cannot be written, and must not be replaced.
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(write(&socket, b"lost").is_err());
        assert!(fs::metadata(&socket).unwrap().file_type().is_socket());
    }

    #[test]
    #[cfg(unix)]
    fn a_file_written_anew_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("private");
        write(&path, b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        write(&path, b"new").unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn left_overs_of_a_killed_write_are_cleaned_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join(format!("{TEMPORARY_PREFIX}1-0-weights")),
            b"half",
        )
        .unwrap();
        fs::write(folder.path().join("weights"), b"whole").unwrap();
        clean(folder.path()).unwrap();
        assert!(folder.path().join("weights").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
