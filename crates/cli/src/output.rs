//! Where words go: results to standard output, everything else to standard error.
//!
//! A closed pipe (`ressac … | head`) is not an error of ours, so writes that fail are let go.

use std::io::{self, Write};

use serde_json::Value;

use crate::args::Globals;

/// What the user asked to see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    quiet: bool,
    json: bool,
}

impl Output {
    pub(crate) fn new(globals: &Globals) -> Self {
        Self {
            quiet: globals.quiet,
            json: globals.json,
        }
    }

    /// A result, to standard output.
    pub(crate) fn result(&self, text: &str) {
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{}", text.trim_end_matches('\n'));
    }

    /// A message, to standard error, unless the user wants quiet.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// The last line of standard output, when the user asked for JSON.
    pub(crate) fn json(&self, value: &Value) {
        if self.json {
            self.result(&value.to_string());
        }
    }

    pub(crate) fn quiet(&self) -> bool {
        self.quiet
    }
}
