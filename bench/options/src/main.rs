//! The Rust side of `bench/options/run.py`: what each option of a recurrent layer costs beside the plain cell of its kind,
//! called through the kernels. One JSON line for each round of each shape: milliseconds of every case in turn.
//!
//! ```text
//! ressac-bench-options B T I H ROUNDS SECONDS THREADS
//! ```

mod cases;
mod counts;
mod layer;

use cases::cases;
use ressac_kernels::context::{Context, InstructionSet};
use serde_json::json;
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    // As the command does.
    ressac_kernels::allocator::keep_freed_memory();
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("ressac-bench-options: {message}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [batch, time, input, hidden, rounds, seconds, threads] = words.as_slice() else {
        return Err("expected `B T I H ROUNDS SECONDS THREADS`".into());
    };
    let number = |word: &String| {
        word.parse::<usize>()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| format!("expected a number of at least 1, found `{word}`"))
    };
    let shape = [
        number(batch)?,
        number(time)?,
        number(input)?,
        number(hidden)?,
    ];
    let seconds: f64 = seconds
        .parse()
        .map_err(|_| format!("expected a number of seconds, found `{seconds}`"))?;
    let set = InstructionSet::chosen()?;
    let context = Context::new(set, number(threads)?).ok_or("the instruction set is not there")?;
    let mut cases = cases(shape, &context)?;
    println!(
        "{}",
        json!({ "instruction_set": set.name(), "shape": shape })
    );
    for case in &cases {
        println!(
            "{}",
            json!({ "case": case.name, "plain": case.plain, "counts": case.counts.json() })
        );
    }
    for round in 0..number(rounds)? {
        for index in 0..cases.len() {
            // Every other round in the other order: a busy minute of the machine falls on all.
            let index = if round % 2 == 0 {
                index
            } else {
                cases.len() - 1 - index
            };
            let case = &mut cases[index];
            for trains in [false, true] {
                let milliseconds = median(seconds, || (case.run)(trains))?;
                println!(
                    "{}",
                    json!({ "round": round, "case": case.name, "trains": trains, "ms": milliseconds })
                );
            }
        }
    }
    Ok(())
}

/// The median call of about `seconds` of calls, after two that do not count.
fn median(seconds: f64, mut call: impl FnMut() -> Result<(), String>) -> Result<f64, String> {
    call()?;
    call()?;
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < Duration::from_secs_f64(seconds) || times.len() < 3 {
        let one = Instant::now();
        call()?;
        times.push(one.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
