//! `ressac export`: a model as an ONNX file, from the user's units to the user's units.

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use serde_json::{Map, Value, json};

use ressac_folder::{ModelFolder, atomic};
use ressac_models::family::Capability;
use ressac_models::{OnnxFile, unable};
use ressac_nn::onnx::{OPSET, Port, Size};

use crate::args::ExportArgs;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::output::Output;

pub(crate) fn run(args: &ExportArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let Opened { folder, model } = Opened::new(&args.model, device)?;
    let Some(export) = model.export() else {
        return Err(unable(model.task(), Capability::Export).into());
    };
    if let Some(why) = export.without_lengths().filter(|_| args.lengths) {
        return Err(Failure::usage(format!(
            "`--lengths`: {why}. Leave `--lengths` out"
        )));
    }
    refuse_place(&args.onnx, &folder)?;
    let file = export.to_onnx()?;
    atomic::write(&args.onnx, &file.bytes).map_err(|error| {
        Failure::failed(format!(
            "cannot write `{}`: {error}. What was there before is untouched",
            args.onnx.display()
        ))
    })?;
    output.result(&described(&args.onnx, &file));
    let properties: Map<String, Value> = file
        .properties
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    output.json(&json!({
        "file": args.onnx.display().to_string(),
        "bytes": file.bytes.len(),
        "opset": OPSET,
        "inputs": file.inputs.iter().map(as_json).collect::<Vec<_>>(),
        "outputs": file.outputs.iter().map(as_json).collect::<Vec<_>>(),
        "properties": properties,
    }));
    Ok(())
}

/// Refuses a path where no file can stand, before anything is computed; and the model's own files.
fn refuse_place(path: &Path, folder: &ModelFolder) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(Failure::usage(format!(
            "`--onnx {}` is a folder: name a file in it, such as `{}`",
            path.display(),
            path.join("model.onnx").display()
        )));
    }
    if path.file_name().is_none() {
        return Err(Failure::usage(format!(
            "`--onnx {}` names no file: write one such as `model.onnx`",
            path.display()
        )));
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !parent.is_dir() {
        return Err(Failure::failed(format!(
            "cannot write `{}`: there is no folder `{}`. Make it first",
            path.display(),
            parent.display()
        )));
    }
    let is_own = [
        "config.toml",
        "pipeline.json",
        "weights.safetensors",
        "metrics.jsonl",
    ]
    .iter()
    .filter_map(|name| fs::canonicalize(folder.file(name)).ok())
    .any(|own| fs::canonicalize(path).is_ok_and(|path| path == own));
    if is_own {
        return Err(Failure::usage(format!(
            "`--onnx {}` is one of the model's own files: give another name",
            path.display()
        )));
    }
    Ok(())
}

fn described(path: &Path, file: &OnnxFile) -> String {
    let mut text = format!(
        "{}: {} bytes, ONNX operator set {OPSET}\n",
        path.display(),
        file.bytes.len()
    );
    let width = file
        .inputs
        .iter()
        .chain(&file.outputs)
        .map(|port| port.to_string().chars().count())
        .max()
        .unwrap_or(0);
    for (what, ports) in [("inputs", &file.inputs), ("outputs", &file.outputs)] {
        text.push_str(&format!("\n{what}\n"));
        for port in ports {
            text.push_str(&format!("  {:<width$}  {}\n", port.to_string(), port.holds));
        }
    }
    let width = (file.properties.iter().map(|(name, _)| name.chars().count()))
        .max()
        .unwrap_or(0);
    text.push_str("\nmetadata (in the file)\n");
    for (name, value) in &file.properties {
        text.push_str(&format!("  {name:<width$} {}\n", shortened(value)));
    }
    text
}

/// Thousands of series have a place in the file and not on a terminal.
fn shortened(value: &str) -> String {
    const MOST: usize = 120;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

fn as_json(port: &Port) -> Value {
    let shape: Vec<Value> = port
        .shape
        .iter()
        .map(|size| match size {
            Size::Fixed(size) => json!(size),
            Size::Any(name) => json!(name),
        })
        .collect();
    json!({ "name": port.name, "type": port.element.name(), "shape": shape, "holds": port.holds })
}
