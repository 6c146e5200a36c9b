//! The Rust side of `bench/images/run.py`: answers on standard output, one JSON line for each request line `network side
//! threads seconds`, so that the driver can alternate between this process and PyTorch's. The side is `ressac` or `burn`: the
//! same network over our layers, or over Burn's own operations on the same device.

mod burn_side;
mod measure;
mod network;

use std::io::{BufRead, Write};
use std::process::ExitCode;

use network::Plan;
use ressac_kernels::context::Context;

fn main() -> ExitCode {
    // As the command does.
    ressac_kernels::allocator::keep_freed_memory();
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("ressac-bench-images: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Answers every request line until the input ends. The first line out says what runs here.
fn serve() -> Result<(), String> {
    let set = Context::global().instruction_set().name();
    answer(&serde_json::json!({
        "side": "ressac", "instruction_set": set, "debug_assertions": cfg!(debug_assertions),
    }))?;
    let mut trainings = measure::Trainings::default();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("cannot read the request: {error}"))?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let [network, side, threads, seconds] = words[..] else {
            return Err(format!(
                "expected `network side threads seconds`, found `{line}`"
            ));
        };
        let plan: Plan = network.parse()?;
        let number = |text: &str| {
            text.parse::<f64>()
                .map_err(|error| format!("{text}: {error}"))
        };
        let threads = number(threads)? as usize;
        answer(&trainings.run(plan, side, threads, number(seconds)?)?)?;
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
