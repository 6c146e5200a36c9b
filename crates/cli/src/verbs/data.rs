//! `ressac data`: small data sets of the project's own making, so that nothing need be fetched.

use std::fs;
use std::path::Path;

use serde_json::json;

use ressac_data::examples::{Inputs, write_ts};
use ressac_data::generate::{Heard, PART_COLUMNS, PUMP_COLUMNS, SHAPES, SOUND_CLASSES, SOUND_RATE};
use ressac_data::pairs::write_pairs;
use ressac_data::picture::{Colour, encode_png};
use ressac_data::rows::{Cell, Column, CsvRows, Kind, Sink};
use ressac_data::sound::write_wav;
use ressac_data::{DataError, StampFormat, generate, write_csv};

use crate::args::{DataArgs, DataKind, DataShapesArgs, DataSoundsArgs, Globals};
use crate::failure::Failure;
use crate::opened;
use crate::output::Output;

/// A file that was made.
struct Made {
    name: &'static str,
    bytes: Vec<u8>,
    rows: usize,
    /// Of a table; none of a text.
    columns: Vec<String>,
}

pub(crate) fn run(args: &DataArgs, globals: &Globals, output: &Output) -> Result<(), Failure> {
    let seed = globals.seed.unwrap_or(0);
    let (folder, made) = match &args.kind {
        DataKind::Load(load) => (&load.out, load_file(seed, load.hours as usize)?),
        DataKind::Sentences(of) => (&of.out, sentences_file(seed, of.count as usize)?),
        DataKind::Pairs(of) => (&of.out, pairs_file(seed, of.count as usize)?),
        DataKind::Tales(of) => (&of.out, tales_file(seed, of.count as usize)?),
        DataKind::Parts(of) => (&of.out, parts_file(seed, of.count as usize)?),
        DataKind::Pump(of) => (&of.out, pump_file(seed, of.count as usize)?),
        DataKind::Waves(of) => (&of.out, waves_file(seed, of.count as usize)?),
        DataKind::Shapes(of) => return shapes(seed, of, output),
        DataKind::Sounds(of) => return sounds(seed, of, output),
    };
    let path = folder.join(made.name);
    refuse_existing(&path)?;
    write(&path, &made.bytes)?;
    output.result(&match made.columns.as_slice() {
        [] => format!("{}: {} lines", path.display(), made.rows),
        columns => {
            let columns = columns.join(", ");
            format!("{}: {} rows, columns {columns}", path.display(), made.rows)
        }
    });
    output.json(&json!({ "file": path, "rows": made.rows, "columns": made.columns }));
    Ok(())
}

fn refuse_existing(path: &Path) -> Result<(), Failure> {
    match path.exists() {
        false => Ok(()),
        true => Err(Failure::usage(format!(
            "`{}` exists, and nothing is overwritten. Give another folder",
            path.display()
        ))),
    }
}

/// A file for each picture, in a folder for each class.
fn shapes(seed: u64, args: &DataShapesArgs, output: &Output) -> Result<(), Failure> {
    let folder = args.out.join("shapes");
    refuse_existing(&folder)?;
    let (count, side) = (args.count as usize, args.side as usize);
    let colour = match args.coloured {
        true => Colour::Rgb,
        false => Colour::Grey,
    };
    let digits = count.to_string().len();
    let made = generate::shapes(seed, count, side, colour);
    for (at, drawn) in made.iter().enumerate() {
        let file = format!("{:0digits$}.png", at + 1);
        let bytes = encode_png(&drawn.pixels, side, side, colour);
        write(&folder.join(drawn.shape).join(file), &bytes)?;
    }
    output.result(&format!(
        "{}: {count} pictures of {side}x{side} pixels, a folder for each class",
        folder.display()
    ));
    output.json(&json!({ "folder": folder, "count": count, "side": side, "classes": SHAPES }));
    Ok(())
}

/// A file for each sound, in a folder for each class, in a folder for each part.
fn sounds(seed: u64, args: &DataSoundsArgs, output: &Output) -> Result<(), Failure> {
    let parts = [
        ("train", Heard::Seen, args.count as usize),
        ("test", Heard::Unseen, args.test as usize),
    ];
    for (name, _, _) in parts {
        refuse_existing(&args.out.join(name))?;
    }
    for (name, heard, count) in parts {
        let folder = args.out.join(name);
        let digits = count.to_string().len();
        for (at, sound) in generate::sounds(seed, count, heard, args.noise)
            .iter()
            .enumerate()
        {
            let mut bytes = Vec::new();
            write_wav(&sound.samples, SOUND_RATE, &mut bytes)
                .map_err(|source| DataError::Unwritable { source })?;
            let file = format!("{:0digits$}.wav", at + 1);
            write(&folder.join(sound.class).join(file), &bytes)?;
        }
        output.result(&format!(
            "{}: {count} sounds at {SOUND_RATE} Hz, a folder for each class",
            folder.display()
        ));
    }
    output.say(&format!(
        "next: ressac train classify --data {} --test {}",
        args.out.join("train").display(),
        args.out.join("test").display()
    ));
    output.json(&json!({
        "train": args.out.join("train"),
        "test": args.out.join("test"),
        "counts": [args.count, args.test],
        "classes": SOUND_CLASSES,
        "rate": SOUND_RATE,
        "noise": args.noise,
    }));
    Ok(())
}

fn load_file(seed: u64, hours: usize) -> Result<Made, DataError> {
    let table = generate::load(seed, hours);
    let mut bytes = Vec::new();
    write_csv(&table, &mut bytes)?;
    Ok(Made {
        name: "load.csv",
        bytes,
        rows: table.rows(),
        columns: table.names,
    })
}

fn sentences_file(seed: u64, count: usize) -> Result<Made, DataError> {
    let examples = generate::sentences(seed, count);
    let mut bytes = Vec::new();
    let mut rows = CsvRows::new(&mut bytes);
    rows.begin(&[
        Column::new("text", Kind::Text),
        Column::new("label", Kind::Text),
    ])?;
    if let Inputs::Texts(texts) = &examples.inputs {
        for (text, label) in texts.iter().zip(examples.labels.iter().flatten()) {
            rows.row(&[Cell::from(text.as_str()), Cell::from(label.as_str())])?;
        }
    }
    rows.finish()?;
    drop(rows);
    Ok(Made {
        name: "sentences.csv",
        bytes,
        rows: examples.len(),
        columns: vec!["text".into(), "label".into()],
    })
}

fn pairs_file(seed: u64, count: usize) -> Result<Made, DataError> {
    let pairs = generate::pairs(seed, count);
    let mut bytes = Vec::new();
    write_pairs(&pairs, &mut bytes)?;
    Ok(Made {
        name: "pairs.tsv",
        bytes,
        rows: pairs.len(),
        columns: vec!["source".into(), "target".into()],
    })
}

fn parts_file(seed: u64, count: usize) -> Result<Made, DataError> {
    let parts = generate::parts(seed, count);
    let numbers = PART_COLUMNS.map(|name| Column::new(name, Kind::Number));
    let words = ["material", "state"].map(|name| Column::new(name, Kind::Text));
    let columns = [&numbers[..], &words[..]].concat();
    let mut bytes = Vec::new();
    let mut rows = CsvRows::new(&mut bytes);
    rows.begin(&columns)?;
    for part in &parts {
        let state = if part.unusual { "unusual" } else { "normal" };
        let numbers = part.values.map(Cell::Number);
        rows.row(&[&numbers[..], &[part.material.into(), state.into()]].concat())?;
    }
    rows.finish()?;
    drop(rows);
    Ok(Made {
        name: "parts.csv",
        bytes,
        rows: parts.len(),
        columns: columns.into_iter().map(|column| column.name).collect(),
    })
}

fn pump_file(seed: u64, count: usize) -> Result<Made, DataError> {
    let readings = generate::pump(seed, count);
    let numbers = PUMP_COLUMNS.map(|name| Column::new(name, Kind::Number));
    let [time, state] = ["time", "state"].map(|name| Column::new(name, Kind::Text));
    let columns = [&[time][..], &numbers, &[state]].concat();
    let mut bytes = Vec::new();
    let mut rows = CsvRows::new(&mut bytes);
    rows.begin(&columns)?;
    for reading in &readings {
        let time = StampFormat::ISO.write(reading.stamp);
        let numbers = reading.values.map(Cell::Number);
        let state = reading.fault.unwrap_or("normal");
        rows.row(&[&[Cell::Text(time.into())][..], &numbers, &[state.into()]].concat())?;
    }
    rows.finish()?;
    drop(rows);
    Ok(Made {
        name: "pump.csv",
        bytes,
        rows: readings.len(),
        columns: columns.into_iter().map(|column| column.name).collect(),
    })
}

fn tales_file(seed: u64, lines: usize) -> Result<Made, DataError> {
    let tales = generate::tales(seed, lines);
    let mut bytes = Vec::new();
    tales.write(&mut bytes)?;
    Ok(Made {
        name: "tales.txt",
        bytes,
        rows: tales.len(),
        columns: Vec::new(),
    })
}

fn waves_file(seed: u64, count: usize) -> Result<Made, DataError> {
    let examples = generate::waves(seed, count);
    let mut bytes = Vec::new();
    write_ts(&examples, "Waves", &mut bytes)?;
    Ok(Made {
        name: "waves.ts",
        bytes,
        rows: examples.len(),
        columns: vec!["wave".into(), "class".into()],
    })
}

/// Writes a file, making the folder it stands in.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| {
            Failure::failed(format!("cannot write `{}`: {error}", path.display()))
        })?;
    }
    opened::write(path, bytes)
}
