//! Runs the real binary, as a shell would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run of the command left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The JSON object that is all of standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in {:?}; {}", self.out, self.err))
    }

    /// Asserts success.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.err);
        self
    }

    /// Asserts one clean error message with this exit code, holding every one of `words`.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{}", self.err);
        let message = self
            .err
            .split("error: ")
            .nth(1)
            .unwrap_or_else(|| panic!("no error in {:?}", self.err));
        for word in words {
            assert!(message.contains(word), "no {word:?} in: {message}");
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }
}

/// A folder to work in, gone at the end of the test.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A place that holds `load.csv`, 600 hours of made load.
    pub(crate) fn with_load() -> Self {
        let place = Self::new();
        place.run("data load --out . --hours 600").succeeded();
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &(impl AsRef<[u8]> + ?Sized)) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn weights(&self, model: &str) -> Vec<u8> {
        fs::read(self.path(model).join("weights.safetensors")).unwrap()
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ressac"));
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path());
        command
            .env_remove("RUST_LOG")
            .env_remove("RESSAC_ISA")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, line: &str) -> Ran {
        let output = self.command(line).output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Options that make a training last well under a second.
pub(crate) const SMALL: &str = "--target load --horizon 6 --context 24 --hidden 8 --epochs 2";

/// The names of what is in a folder, sorted.
pub(crate) fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
