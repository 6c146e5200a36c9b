//! One file per verb, and what several of them need: threads, device, run folders.

pub(crate) mod check;
pub(crate) mod data;
pub(crate) mod demo;
pub(crate) mod diagnose;
pub(crate) mod doctor;
pub(crate) mod draw;
pub(crate) mod evaluate;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod predict;
pub(crate) mod sample;
pub(crate) mod show;
pub(crate) mod train;
pub(crate) mod verify;

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use burn::tensor::Device;

use ressac_kernels::context::{self, Context, InstructionSet};

use crate::args::Globals;
use crate::failure::Failure;

/// What bare `ressac` prints: four commands to copy.
pub(crate) const WELCOME: &str = "\
Ressac: neural networks that remember, trained and run on the CPU you have. Try:

  ressac demo
  ressac train forecast --data my.csv --horizon 24 --out my-model
  ressac evaluate my-model
  ressac predict my-model --out forecast.csv

`ressac --help` lists every verb, `ressac <verb> --help` its options.";

/// Sets threads and instruction set, and finds the device.
pub(crate) fn set_up(globals: &Globals) -> Result<Device, Failure> {
    InstructionSet::chosen().map_err(Failure::usage)?;
    if let Some(threads) = globals.threads {
        context::set_threads(usize::from(threads));
    }
    let device = device(&globals.device)?;
    let context = Context::global();
    log::info!(
        "instruction set {}, {} threads, device {device:?}, {} recurrent layers",
        context.instruction_set().name(),
        context.threads(),
        if ressac_nn::is_fused(&device) {
            "fused"
        } else {
            "composed"
        }
    );
    Ok(device)
}

fn device(text: &str) -> Result<Device, Failure> {
    let (kind, number) = match text.split_once(':') {
        None => (text, 0),
        Some((kind, number)) => (
            kind,
            number.parse::<usize>().map_err(|_| {
                Failure::usage(format!(
                    "`--device {text}`: `{number}` is no device number; write `{kind}:0`"
                ))
            })?,
        ),
    };
    match kind {
        "cpu" if !text.contains(':') => Ok(Device::flex()),
        #[cfg(feature = "wgpu")]
        "wgpu" => numbered(burn::tensor::DeviceType::Wgpu, text, number),
        #[cfg(feature = "cuda")]
        "cuda" => numbered(burn::tensor::DeviceType::Cuda, text, number),
        "wgpu" | "cuda" => {
            // The number is read before the feature is looked at, so that it is checked either way.
            let _ = number;
            Err(Failure::usage(format!(
                "`--device {text}`: this ressac was built without {kind}. Build one with `cargo build --release --features {kind}`"
            )))
        }
        _ => Err(Failure::usage(format!(
            "`--device {text}`: the devices are cpu, wgpu[:N] and cuda[:N]"
        ))),
    }
}

#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn numbered(kind: burn::tensor::DeviceType, text: &str, number: usize) -> Result<Device, Failure> {
    let devices = Device::enumerate(kind).into_vec();
    let count = devices.len();
    devices.into_iter().nth(number).ok_or_else(|| {
        Failure::failed(format!(
            "`--device {text}`: there is no such device; {count} were found"
        ))
    })
}

/// A new folder `runs/<name>-<n>` with the first free number, made here so that two runs at once
/// never share it.
pub(crate) fn new_run(name: &str) -> Result<PathBuf, Failure> {
    let runs = PathBuf::from("runs");
    let refused = |path: &PathBuf, error| {
        Failure::failed(format!(
            "cannot make the folder `{}`: {error}. Give another with `--out`",
            path.display()
        ))
    };
    fs::create_dir_all(&runs).map_err(|error| refused(&runs, error))?;
    let mut number = 1_u32;
    loop {
        let path = runs.join(format!("{name}-{number}"));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(refused(&path, error)),
        }
    }
}
