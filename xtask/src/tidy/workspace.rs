//! What Cargo says of the workspace: its packages, what each depends on, and what `cargo run` starts.

use crate::process::{cargo, output};
use serde::Deserialize;

/// The part of `cargo metadata` that the rules read.
#[derive(Deserialize)]
pub(super) struct Workspace {
    pub(super) packages: Vec<Package>,
    pub(super) workspace_default_members: Vec<String>,
}

/// A member of the workspace.
#[derive(Deserialize)]
pub(super) struct Package {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
}

/// A dependency as written in a Cargo.toml, of any kind (normal, dev, build).
#[derive(Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// `dev`, `build`, or nothing for a normal one.
    pub(super) kind: Option<String>,
}

/// Reads the members; `--no-deps` needs neither network nor lock file.
pub(super) fn read() -> Result<Workspace, String> {
    let text = output(&mut cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
    ]))?;
    serde_json::from_str(&text)
        .map_err(|error| format!("`cargo metadata` printed something else: {error}"))
}
