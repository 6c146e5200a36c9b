//! Recognising a file met before: `evaluate` judges the test part of the very file a model was
//! trained on, and every row of any other.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::DataError;
use crate::examples::beside;

/// SHA-256 of the file's bytes as they lie on disk, in 64 hexadecimal digits (that of `sha256sum`); of a folder, one over
/// the names and digests of what it holds, hidden files left out; of a file of several images, one over its own and those of
/// the labels and names of classes beside it.
///
/// # Errors
/// [`DataError::Unreadable`].
pub fn file(path: &Path) -> Result<String, DataError> {
    let unreadable = |source| DataError::Unreadable {
        file: path.to_owned(),
        source,
    };
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(unreadable)?;
        let mut held = Vec::new();
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                held.push((name, entry.path()));
            }
        }
        held.sort();
        let mut text = String::new();
        for (name, path) in held {
            let _ = writeln!(text, "{name}\t{}", file(&path)?);
        }
        return Ok(bytes(text.as_bytes()));
    }
    let beside = beside(path);
    if !beside.is_empty() {
        let mut text = plain(path)?;
        for path in beside {
            let _ = write!(text, "\n{}", plain(&path)?);
        }
        return Ok(bytes(text.as_bytes()));
    }
    plain(path)
}

/// The digest of a file by itself.
fn plain(path: &Path) -> Result<String, DataError> {
    let unreadable = |source| DataError::Unreadable {
        file: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hasher.finalize())),
            Ok(read) => hasher.update(&buffer[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
}

/// What tells these files from others: the digest of one, or one over those of several in their order.
///
/// # Errors
/// [`DataError::Unreadable`].
pub fn files(files: &[impl AsRef<Path>]) -> Result<String, DataError> {
    let digests = files
        .iter()
        .map(|path| file(path.as_ref()))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(match digests.as_slice() {
        [one] => one.clone(),
        several => bytes(several.join("\n").as_bytes()),
    })
}

/// SHA-256 of bytes in memory, in 64 hexadecimal digits.
pub fn bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_that_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(bytes(b"abc"), abc);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc.txt");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(file(&path).unwrap(), abc);
    }

    #[test]
    fn other_labels_beside_images_are_other_data() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let images = path("train-images-idx3-ubyte");
        std::fs::write(&images, "images").unwrap();
        let alone = file(&images).unwrap();
        assert_eq!(alone, bytes(b"images"));
        let mut seen = vec![alone];
        for (name, text) in [
            ("train-labels-idx1-ubyte", "labels"),
            ("train-labels-idx1-ubyte", "others"),
            ("classes.txt", "coat"),
            ("classes.txt", "shoe"),
        ] {
            std::fs::write(path(name), text).unwrap();
            let now = file(&images).unwrap();
            assert!(!seen.contains(&now), "{name} {text}");
            seen.push(now);
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let message = file(Path::new("no/such.csv")).unwrap_err().to_string();
        assert!(
            message.starts_with("no/such.csv: cannot be read"),
            "{message}"
        );
    }
}
