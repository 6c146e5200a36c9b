//! The chores of the workspace, so that one entry does them in one way everywhere: `cargo xtask check` before a commit
//! and in continuous integration, `cargo xtask golden` when a golden file is made again.

mod check;
mod golden;
mod process;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <task>

  check                               format, clippy, documentation, tidy: what must pass before a commit
  tidy                                only the rules of the house: dependencies, licences, sources, documents
  golden [--python PYTHON] [--check]  makes the golden files again from PyTorch, or holds them against it";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["check"] => check::run(),
        ["tidy"] => tidy::run(),
        ["golden", options @ ..] => golden::run(options),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("xtask: `{}` is no task\n\n{USAGE}", words.join(" "));
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
