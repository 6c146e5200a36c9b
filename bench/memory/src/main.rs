//! The Rust side of `bench/memory/run.py`.
//!
//! `train --task adding …` trains one network and prints what happens, a JSON object a line (the options are those of
//! `options.rs`); `figure` reads a JSON object with curves from standard input and prints their drawing, an SVG file.

mod figure;
mod options;
mod task;
mod training;

use ressac_kernels::context::Context;
use std::io::{Read, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    // As the command does.
    ressac_kernels::allocator::keep_freed_memory();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words
        .split_first()
        .map(|(verb, rest)| (verb.as_str(), rest))
    {
        Some(("train", rest)) => train(rest),
        Some(("figure", [])) => draw(),
        _ => Err("expected `train --task … ` or `figure`".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("ressac-bench-memory: {message}");
            ExitCode::FAILURE
        }
    }
}

fn train(words: &[String]) -> Result<(), String> {
    let options = options::Options::read(words)?;
    print(&serde_json::json!({
        "event": "options",
        "options": options,
        "instruction_set": Context::global().instruction_set().name(),
    }))?;
    training::train(&options, |event| print(&event))
}

fn draw() -> Result<(), String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| format!("cannot read the curves: {error}"))?;
    write(&figure::draw(&text)?)
}

fn print(value: &impl serde::Serialize) -> Result<(), String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    write(&format!("{text}\n"))
}

fn write(text: &str) -> Result<(), String> {
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| format!("cannot answer: {error}"))
}
