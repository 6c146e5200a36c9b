//! The public data sets the project is developed with, which are not part of the repository.
//!
//! They lie in the folder `../shared/data` beside it, or in the one that the environment variable
//! `RESSAC_NEEDS_DATA` names. Where there is none, a test of them says so on stderr and passes;
//! with `RESSAC_NEEDS_DATA` set (to the folder, or to `1`), it fails instead.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The folder of the data sets, or nothing.
pub(crate) fn folder() -> Option<PathBuf> {
    let needed = std::env::var_os("RESSAC_NEEDS_DATA");
    let named = needed.as_ref().map(PathBuf::from).filter(|f| f.is_dir());
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = named.unwrap_or(beside);
    if folder.is_dir() {
        return Some(folder);
    }
    let absent = format!("the data sets are not at {}", folder.display());
    assert!(
        needed.is_none(),
        "{absent}, and RESSAC_NEEDS_DATA asks for them"
    );
    // Not through a macro that prints: the output of a test that passes is not shown.
    let _ = writeln!(std::io::stderr(), "not tested: {absent}");
    None
}
