//! `ressac sample`: what a model makes by itself, and a record of what made it.

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde_json::{Map, Value, json};

use ressac_data::fingerprint;
use ressac_data::rows::{Cell, Collected, CsvRows, Kind, row_writer};
use ressac_models::family::{Ask, Capability};
use ressac_models::pictures::Pictures;
use ressac_models::unable;

use crate::args::{Globals, SampleArgs};
use crate::failure::Failure;
use crate::opened::{Opened, write};
use crate::output::Output;
use crate::verbs::predict::as_json;

pub(crate) fn run(
    args: &SampleArgs,
    globals: &Globals,
    device: &Device,
    output: &Output,
) -> Result<(), Failure> {
    let opened = Opened::new(&args.model, device)?;
    let Some(sample) = opened.model.sample() else {
        return Err(unable(opened.model.task(), Capability::Sample).into());
    };
    opened.refuse_foreign(&args.ask.0, Ask::Sample)?;
    let seed = globals.seed.unwrap_or(0);
    if let Some(out) = &args.out
        && Pictures::are_asked_for(out)
    {
        let Some((pictures, asked)) = sample.pictures(&args.ask.0, seed)? else {
            return Err(Failure::usage(format!(
                "`{}` would hold images, and this model makes none. Give a file that ends in .csv, .jsonl, .parquet or .txt",
                out.display()
            )));
        };
        let made = record(&opened, seed, asked);
        return write_pictures(&pictures, out, made, output);
    }
    if sample.makes_images() && args.out.is_none() {
        return Err(Failure::usage(
            "say where the images go with `--out`: a file that ends in .png for a sheet or in .gif for an animation, or a folder",
        ));
    }
    let mut rows = Collected::default();
    let asked = sample.sample(&args.ask.0, seed, &mut rows)?;
    let mut made = record(&opened, seed, asked);
    let Some(out) = &args.out else {
        if is_text(&rows) {
            let texts = texts(&rows);
            if !output.is_json() {
                output.result(&texts.join("\n\n"));
            }
            made.insert("texts".into(), json!(texts));
        } else {
            if !output.is_json() {
                rows.replay(&mut CsvRows::new(output.stream()))?;
            }
            made.insert("made".into(), as_json(&rows));
        }
        output.json(&Value::Object(made));
        return Ok(());
    };
    let mut bytes = Vec::new();
    rows.replay(&mut *row_writer(out, &mut bytes)?)?;
    write(out, &bytes)?;
    made.insert(
        "file".into(),
        json!(out.file_name().map(|name| name.to_string_lossy())),
    );
    made.insert("sha256".into(), fingerprint::bytes(&bytes).into());
    let beside = beside(out);
    let mut text = serde_json::to_string_pretty(&made).unwrap_or_default();
    text.push('\n');
    write(&beside, text.as_bytes())?;
    output.say(&format!(
        "{}: {} {}, made by the model; {} says by which, and from what",
        out.display(),
        rows.rows().len(),
        if is_text(&rows) { "texts" } else { "rows" },
        beside.display()
    ));
    output.json(&Value::Object(made));
    Ok(())
}

/// Writes images, and the record of what made them beside a file or within a folder.
fn write_pictures(
    pictures: &Pictures,
    out: &Path,
    mut made: Map<String, Value>,
    output: &Output,
) -> Result<(), Failure> {
    let files = pictures.files(out)?;
    let is_folder = out.extension().is_none();
    if is_folder {
        if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Failure::usage(format!(
                "the folder `{}` holds something already: give another for the images",
                out.display()
            )));
        }
        fs::create_dir_all(out).map_err(|error| {
            Failure::failed(format!("cannot make `{}`: {error}", out.display()))
        })?;
    }
    let mut sums = Map::new();
    for file in &files {
        write(&file.path, &file.bytes)?;
        let name = file.path.file_name().unwrap_or_default();
        let sum = fingerprint::bytes(&file.bytes);
        sums.insert(name.to_string_lossy().into_owned(), sum.into());
    }
    made.insert("images".into(), pictures.len().into());
    made.insert("sha256".into(), Value::Object(sums));
    let beside = match is_folder {
        true => out.join("made.json"),
        false => beside(out),
    };
    let mut text = serde_json::to_string_pretty(&made).unwrap_or_default();
    text.push('\n');
    write(&beside, text.as_bytes())?;
    output.say(&format!(
        "{}: {} images, made by the model; {} says by which, and from what",
        out.display(),
        pictures.len(),
        beside.display()
    ));
    output.json(&Value::Object(made));
    Ok(())
}

/// What made the samples.
fn record(opened: &Opened, seed: u64, asked: Map<String, Value>) -> Map<String, Value> {
    let weights = opened.folder.read_bytes("weights.safetensors");
    let of_model = json!({
        "task": opened.model.task(),
        "network": opened.model.network(),
        "weights_sha256": weights.ok().map(|bytes| fingerprint::bytes(&bytes)),
    });
    let mut made = Map::new();
    made.insert(
        "made_by".into(),
        format!("ressac {}", env!("CARGO_PKG_VERSION")).into(),
    );
    made.insert("synthetic".into(), true.into());
    made.insert("model".into(), of_model);
    made.insert("seed".into(), seed.into());
    made.insert("asked".into(), Value::Object(asked));
    made
}

/// Where the record of a file stands: `poem.txt.json` beside `poem.txt`.
fn beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

/// Whether texts are all that was made.
fn is_text(rows: &Collected) -> bool {
    matches!(rows.columns(), [only] if only.kind == Kind::Text)
}

/// The first column of texts.
fn texts(rows: &Collected) -> Vec<String> {
    let first = |row: &Vec<Cell<'static>>| match row.first() {
        Some(Cell::Text(text)) => text.to_string(),
        _ => String::new(),
    };
    rows.rows().iter().map(first).collect()
}
