//! Where words go: results to standard output, everything else to standard error.
//!
//! A closed pipe (`ressac … | head`) is not an error of ours, and what cannot be told to standard error is told to nobody.
//! A result that cannot be written for another reason, such as a full disk, is remembered: [`lost`].

use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

use serde_json::Value;

use crate::args::Globals;
use crate::failure::Failure;

/// Why a result could not be written, if that happened.
static LOST: OnceLock<String> = OnceLock::new();

/// The failure of a command whose result did not reach standard output.
pub(crate) fn lost() -> Option<Failure> {
    LOST.get().map(|reason| {
        Failure::failed(format!(
            "the result cannot be written to standard output: {reason}"
        ))
    })
}

/// Standard output, of which a closed pipe is no error.
pub(crate) struct Stream(io::Stdout);

impl Stream {
    fn told<T>(of: io::Result<T>, otherwise: T) -> io::Result<T> {
        of.or_else(|error| {
            if error.kind() != ErrorKind::BrokenPipe {
                let _ = LOST.set(error.to_string());
            }
            Ok(otherwise)
        })
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::told(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::told(self.0.flush(), ())
    }
}

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

    /// A result, to standard output; with `--json` the result is the object, and the words are a message.
    pub(crate) fn result(&self, text: &str) {
        match self.json {
            true => self.say(text.trim_end_matches('\n')),
            false => Self::write(text),
        }
    }

    fn write(text: &str) {
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush());
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            let _ = LOST.set(error.to_string());
        }
    }

    /// Standard output for a result that is told bit by bit.
    pub(crate) fn stream(&self) -> Stream {
        Stream(io::stdout())
    }

    /// A message, to standard error, unless the user wants quiet.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// All of standard output, when the user asked for JSON.
    pub(crate) fn json(&self, value: &Value) {
        if self.json {
            Self::write(&value.to_string());
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    pub(crate) fn quiet(&self) -> bool {
        self.quiet
    }
}
