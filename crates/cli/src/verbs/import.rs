//! `ressac import`: recurrent weights of PyTorch and Keras, into a file or into a model.

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use serde_json::{Value, json};

use ressac_folder::{ModelFolder, atomic};
use ressac_models::family::Capability;
use ressac_models::import::record;
use ressac_models::unable;
use ressac_nn::import::{ImportError, ImportedNetwork, WeightFile, import, networks_in, put_into};
use ressac_train::read_weights;

use crate::args::ImportArgs;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: &ImportArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let about = |error| about(error, &args.file);
    let bytes = fs::read(&args.file).map_err(|error| {
        Failure::failed(format!("cannot read `{}`: {error}", args.file.display()))
    })?;
    if let Some(out) = &args.out
        && out.exists()
    {
        return Err(Failure::usage(format!(
            "`{}` exists, and nothing is overwritten. Give another file",
            out.display()
        )));
    }
    let file = WeightFile::read(bytes).map_err(about)?;
    if args.out.is_none() && args.into.is_none() && asks_nothing(args) {
        return list(args, &file, output);
    }
    let network = import(&file, &args.options()).map_err(about)?;
    let mut lines = told(&file, &network);
    let done = match (&args.out, &args.into) {
        (Some(out), _) => written(args, &network, out)?,
        (None, Some(model)) => placed(args, &network, model, device)?,
        (None, None) => "nothing written: add `--out FILE.safetensors`, or `--into MODEL`".into(),
    };
    lines.push(("done", done));
    output.result(&table(&lines));
    output.json(&as_json(args, &file, &network));
    Ok(())
}

/// Whether the command line only names a file.
fn asks_nothing(args: &ImportArgs) -> bool {
    args.prefix.is_empty()
        && args.layer.is_none()
        && args.activation.is_none()
        && args.reset.is_none()
}

fn about(error: ImportError, file: &Path) -> Failure {
    let message = format!("{}: {error}", file.display());
    match error {
        ImportError::Choose(_) => Failure::usage(message),
        _ => Failure::failed(message),
    }
}

fn table(lines: &[(&str, String)]) -> String {
    let line = |(what, value): &(&str, String)| format!("{what:<12}{value}\n");
    lines.iter().map(line).collect()
}

/// Every network of the file, for who does not know yet.
fn list(args: &ImportArgs, file: &WeightFile, output: &Output) -> Result<(), Failure> {
    let networks = networks_in(file);
    let mut lines = vec![
        (
            "file",
            format!("{}, {}", args.file.display(), file.format()),
        ),
        ("arrays", file.shapes().count().to_string()),
    ];
    for network in &networks {
        let name = match network.prefix.as_str() {
            "" => String::new(),
            prefix => format!("{}: ", prefix.escape_debug()),
        };
        lines.push((
            "network",
            format!("{name}{} ({})", network.sizes(), network.convention),
        ));
    }
    if networks.is_empty() {
        // The reason, in the words of who looks for one.
        import(file, &args.options()).map_err(|error| about(error, &args.file))?;
    }
    output.result(&table(&lines));
    output.say(match networks.len() {
        1 => "take it with `--out FILE.safetensors`, or `--into MODEL`",
        _ => "choose one with `--prefix NAME`, and take it with `--out FILE.safetensors` or `--into MODEL`",
    });
    let objects = networks.iter().map(|network| {
        json!({
            "prefix": network.prefix,
            "written_by": network.convention.to_string(),
            "cell": network.cell.to_string(),
            "input": network.input,
            "hidden": network.hidden,
            "output": network.output,
            "layers": network.layers,
            "directions": network.directions,
        })
    });
    let objects: Vec<Value> = objects.collect();
    output.json(
        &json!({ "file": args.file, "form": file.format().to_string(), "networks": objects }),
    );
    Ok(())
}

/// What was found and done, line by line.
fn told(file: &WeightFile, network: &ImportedNetwork) -> Vec<(&'static str, String)> {
    let found = &network.found;
    let mut lines = vec![("file", file.format().to_string())];
    let name = match found.prefix.as_str() {
        "" => String::new(),
        prefix => format!("{}: ", prefix.escape_debug()),
    };
    let activation = network
        .activation
        .map(|activation| format!(", {activation}"))
        .unwrap_or_default();
    lines.push(("found", format!("{name}{}{activation}", found.sizes())));
    for convention in &network.conventions {
        // "gates: z, r, h …" stands as a line of its own.
        let (head, text) = convention.split_once(": ").unwrap_or(("", convention));
        let heads = ["values", "layout", "gates", "bias", "projection", "options"];
        match heads.into_iter().find(|known| *known == head) {
            Some(head) => lines.push((head, text.to_owned())),
            None => lines.push(("", convention.clone())),
        }
    }
    for assumption in &network.assumptions {
        lines.push(("assumed", assumption.clone()));
    }
    lines
}

/// Writes the weights to a file of their own.
fn written(args: &ImportArgs, network: &ImportedNetwork, out: &Path) -> Result<String, Failure> {
    let source = args
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let bytes = network
        .to_bytes(&source)
        .map_err(|error| Failure::failed(error.to_string()))?;
    let refused = |error| Failure::failed(format!("cannot write `{}`: {error}", out.display()));
    if let Some(parent) = out.parent() {
        fs::create_dir_all(parent).map_err(refused)?;
    }
    atomic::write(out, &bytes).map_err(refused)?;
    Ok(format!(
        "{}: {} weights written",
        out.display(),
        weights(network)
    ))
}

/// Puts the weights into a model's network, whose cell and sizes must be the same.
fn placed(
    args: &ImportArgs,
    network: &ImportedNetwork,
    model: &Path,
    device: &Device,
) -> Result<String, Failure> {
    let folder = ModelFolder::open(model)?;
    // A training that goes on would put its own weights over these.
    let _lock = folder.lock()?;
    // A folder that does not hold together is told before anything is changed in it.
    let opened = ressac_models::open(&folder, device)?;
    let Some(takes) = opened.import() else {
        return Err(unable(opened.task(), Capability::Import).into());
    };
    if let Some(other) = takes.other_function(network) {
        return Err(Failure::failed(format!(
            "{} into `{}`: {other}; the same weights would compute something else there",
            args.file.display(),
            model.display()
        )));
    }
    let mut parameters = read_weights(&folder)?;
    let path = put_into(&mut parameters, args.to.as_deref(), network).map_err(|error| {
        let message = format!(
            "{} into `{}`: {error}",
            args.file.display(),
            model.display()
        );
        match error {
            ImportError::Choose(_) => Failure::usage(message),
            _ => Failure::failed(message),
        }
    })?;
    record(&folder, &parameters, &args.file, &path)?;
    // It tells of the weights before.
    let report = folder.file("report.html");
    let gone = match fs::remove_file(&report) {
        Ok(()) => " The report was of the weights before and is gone;",
        Err(_) => "",
    };
    Ok(format!(
        "{} weights put in the place of {path} in `{}`; its other weights, its scaling and its calibration are as trained before.{gone} `ressac evaluate {} --report FILE` tells how it does now; `--resume` would go on from its checkpoint, without them",
        weights(network),
        model.display(),
        model.display()
    ))
}

fn weights(network: &ImportedNetwork) -> usize {
    network
        .parameters
        .values()
        .map(|tensor| tensor.values.len())
        .sum()
}

fn as_json(args: &ImportArgs, file: &WeightFile, network: &ImportedNetwork) -> Value {
    let found = &network.found;
    json!({
        "file": args.file,
        "form": file.format().to_string(),
        "prefix": found.prefix,
        "written_by": found.convention.to_string(),
        "cell": found.cell.to_string(),
        "activation": network.activation.map(|activation| activation.to_string()),
        "input": found.input,
        "hidden": found.hidden,
        "output": found.output,
        "layers": found.layers,
        "directions": found.directions,
        "weights": weights(network),
        "conventions": network.conventions,
        "assumptions": network.assumptions,
        "out": args.out,
        "into": args.into,
    })
}
