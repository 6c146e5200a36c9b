//! The memory of a training call: `ressac-bench peak KIND B T I H EVERY THREADS` runs forward and backward twice in a process of
//! its own and says how far its resident memory rose. EVERY is how many steps lie between checkpoints; 0: none.

use crate::request::Kind;
use burn::tensor::{Device, Tensor};
use ressac_kernels::context::set_threads;
use ressac_nn::random::Stream;
use ressac_nn::{Elman, Gru, Lstm, RecurrentConfig};
use serde_json::{Value, json};

/// A line of this process's status, in KiB.
fn status(name: &str) -> Result<u64, String> {
    let text = std::fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| format!("/proc/self/status has no {name}"))
}

/// Runs the call that the words describe.
pub(crate) fn run(words: &[String]) -> Result<Value, String> {
    let [kind, sizes @ ..] = words else {
        return Err("expected `peak KIND B T I H EVERY THREADS`".into());
    };
    let numbers: Result<Vec<usize>, _> = sizes.iter().map(|word| word.parse()).collect();
    let numbers = numbers.map_err(|_| format!("expected numbers, found {sizes:?}"))?;
    let [batch, time, input, hidden, every, threads] = numbers.as_slice() else {
        return Err(format!("expected six numbers, found {sizes:?}"));
    };
    set_threads(*threads);
    let mut config = match Kind::named(kind)? {
        Kind::Rnn => RecurrentConfig::new(Elman::tanh(), *input, *hidden),
        Kind::Lstm => RecurrentConfig::new(Lstm, *input, *hidden),
        Kind::Gru => RecurrentConfig::new(Gru, *input, *hidden),
    };
    if *every > 0 {
        config = config.with_checkpoints_every(*every);
    }
    let device = Device::default().autodiff();
    let layer = config
        .init(&Stream::new(1, "benchmark weights"), &device)
        .map_err(|error| error.to_string())?;
    let values = Tensor::<3>::ones([*batch, *time, *input], &device);
    let before = status("VmRSS")?;
    for _ in 0..2 {
        let (output, _) = layer
            .forward(values.clone(), None, None)
            .map_err(|error| error.to_string())?;
        drop(output.sum().backward());
    }
    Ok(json!({ "before_kib": before, "peak_kib": status("VmHWM")? }))
}
