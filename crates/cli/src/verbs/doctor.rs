//! `ressac doctor`: what a bug report needs: machine, instruction sets, versions, a short speed
//! figure.

use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::json;

use ressac_kernels::context::{Context, InstructionSet};
use ressac_nn::RecurrentConfig;
use ressac_nn::cell::Lstm;
use ressac_nn::random::Stream;

use crate::args::Globals;
use crate::failure::Failure;
use crate::output::Output;

/// The shape timed: batch, time, input, hidden.
const SHAPE: [usize; 4] = [32, 96, 8, 64];

pub(crate) fn run(globals: &Globals, device: &Device, output: &Output) -> Result<(), Failure> {
    let context = Context::global();
    let sets: Vec<&str> = InstructionSet::available()
        .iter()
        .map(|set| set.name())
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = processor();
    output.say("timing an LSTM layer, a few seconds");
    let (forward, train) = speed(device)?;
    let [batch, time, input, hidden] = SHAPE;
    output.result(&format!(
        "ressac       {}\n\
         machine      {} {}, {cores} core{}\n\
         processor    {processor}\n\
         instructions {} in use; available: {}\n\
         threads      {}\n\
         device       {} ({device:?}), {} layers\n\
         speed        LSTM, batch {batch}, time {time}, input {input}, hidden {hidden}: forward {:.2} ms, forward and backward {:.2} ms (best of several)",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        if cores == 1 { "" } else { "s" },
        context.instruction_set().name(),
        sets.join(", "),
        context.threads(),
        globals.device,
        path(device),
        forward * 1e3,
        train * 1e3,
    ));
    output.json(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "os": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "processor": processor,
        "cores": cores,
        "instruction_set": context.instruction_set().name(),
        "instruction_sets": sets,
        "threads": context.threads(),
        "device": globals.device,
        "layers": path(device),
        "forward_seconds": forward,
        "train_seconds": train,
    }));
    Ok(())
}

/// Which of the two ways recurrent layers run on this device.
fn path(device: &Device) -> &'static str {
    if ressac_nn::is_fused(device) {
        "fused"
    } else {
        "composed"
    }
}

/// The processor's name where the system tells it in a file.
fn processor() -> String {
    std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| "not known".into())
}

/// Seconds of one forward pass, and of one forward and backward pass.
fn speed(device: &Device) -> Result<(f64, f64), Failure> {
    let [batch, time, input, hidden] = SHAPE;
    let stream = Stream::new(0, "doctor");
    let mut generator = stream.generator();
    let values: Vec<f32> = (0..batch * time * input)
        .map(|_| generator.normal() as f32)
        .collect();
    let data = TensorData::new(values, [batch, time, input]);
    let config = RecurrentConfig::new(Lstm, input, hidden);
    let recording = device.clone().autodiff();
    let failed = |error: ressac_nn::NnError| Failure::failed(error.to_string());
    let plain = config.init(&stream, device).map_err(failed)?;
    let trained = config.init(&stream, &recording).map_err(failed)?;
    let example = Tensor::<3>::from_data(data.clone(), device);
    let recorded = Tensor::<3>::from_data(data, &recording);
    let forward = best(|| {
        // Reading a value back waits for devices that run behind.
        plain
            .forward(example.clone(), None, None)
            .map(|(output, _)| drop(output.into_data()))
    })
    .map_err(failed)?;
    let train = best(|| {
        trained
            .forward(recorded.clone(), None, None)
            .map(|(output, _)| drop(output.sum().backward()))
    })
    .map_err(failed)?;
    Ok((forward, train))
}

/// The shortest of the calls that fit into two seconds: what the machine can do when left alone.
fn best<E>(mut call: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    const AT_MOST: Duration = Duration::from_secs(2);
    call()?;
    let (began, mut shortest) = (Instant::now(), f64::INFINITY);
    while began.elapsed() < AT_MOST {
        let call_began = Instant::now();
        call()?;
        shortest = shortest.min(call_began.elapsed().as_secs_f64());
    }
    Ok(shortest)
}
