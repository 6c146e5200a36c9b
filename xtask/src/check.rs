//! The one entry: everything that must hold before a commit, beside the tests.
//!
//! Clippy and rustdoc share the dependencies' check artefacts, so Burn is checked once for both.

use crate::process::{self, cargo};
use crate::tidy;
use std::time::Instant;

/// A named part of the check.
type Step = (&'static str, fn() -> Result<(), String>);

const STEPS: [Step; 4] = [
    ("format", format),
    ("tidy", tidy::run),
    ("clippy", clippy),
    ("documentation", documentation),
];

/// `cargo xtask check`.
pub(crate) fn run() -> Result<(), String> {
    run_steps(&STEPS)
}

/// Runs every step, also after one has failed: one run shows everything there is to mend.
fn run_steps(steps: &[Step]) -> Result<(), String> {
    let mut failures = Vec::new();
    for (name, step) in steps {
        eprintln!("== {name}");
        let start = Instant::now();
        let outcome = step();
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        eprintln!(
            "== {name}: {verdict}, {:.0} s",
            start.elapsed().as_secs_f64()
        );
        failures.extend(outcome.err().map(|error| format!("{name}: {error}")));
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\nxtask: "))
    }
}

fn format() -> Result<(), String> {
    process::run(&mut cargo(&["fmt", "--all", "--", "--check"]))
}

fn clippy() -> Result<(), String> {
    process::run(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}

fn documentation() -> Result<(), String> {
    process::run(
        cargo(&["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_runs_and_every_failure_is_told() {
        fn good() -> Result<(), String> {
            Ok(())
        }
        fn bad() -> Result<(), String> {
            Err("broken".into())
        }
        assert_eq!(run_steps(&[("one", good)]), Ok(()));
        assert_eq!(
            run_steps(&[("one", bad), ("two", good), ("three", bad)]),
            Err("one: broken\nxtask: three: broken".into())
        );
    }
}
