//! The Rust side of `bench/recurrent/run.py`, `peak.py` and `bench/images/run.py`: answers on standard output, one JSON line for each request line, so that
//! the driver can alternate between this process and PyTorch's while both keep their caches, threads and workspaces.

mod images;
mod measure;
mod peak;
mod request;
mod times;

use request::Request;
use ressac_kernels::context::Context;
use std::io::{BufRead, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    // As the command does.
    ressac_kernels::allocator::keep_freed_memory();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((verb, words)) if verb == "peak" => peak::run(words).and_then(|found| answer(&found)),
        Some((verb, _)) => Err(format!("expected `peak …` or nothing, found `{verb}`")),
        None => serve(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("ressac-bench: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Answers every request line until the input ends. The first line out says what runs here.
fn serve() -> Result<(), String> {
    let mut layers = measure::Layers::default();
    let mut trainings = images::Trainings::default();
    let set = Context::global().instruction_set().name();
    answer(
        &serde_json::json!({ "side": "ressac", "instruction_set": set, "debug_assertions": cfg!(debug_assertions) }),
    )?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("cannot read the request: {error}"))?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let times = match words.split_first() {
            Some((&"image", words)) => trainings.run(words)?,
            _ => {
                let request: Request = line.parse()?;
                measure::run(&mut layers, &request)?
            }
        };
        answer(&times)?;
    }
    Ok(())
}

fn answer(value: &impl serde::Serialize) -> Result<(), String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .map_err(|error| format!("cannot answer: {error}"))
}
