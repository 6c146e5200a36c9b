//! `ressac demo`: everything in a minute, on data made here, and where to go next.

use burn::tensor::Device;
use serde_json::json;

use ressac_data::rows::{Cell, Collected, CsvRows};
use ressac_folder::ModelFolder;
use ressac_models::FAMILIES;

use super::evaluate::tell;
use super::new_run;
use super::train::Job;
use crate::args::{DemoArgs, Globals};
use crate::failure::Failure;
use crate::opened::{Opened, write};
use crate::output::Output;
use crate::terminal_plot::plot;

pub(crate) fn run(
    args: &DemoArgs,
    globals: &Globals,
    device: &Device,
    output: &Output,
) -> Result<(), Failure> {
    let shown = FAMILIES
        .iter()
        .find_map(|family| Some((*family, family.demo()?)));
    let Some((family, demo)) = shown else {
        return Err(Failure::failed("this build has no demonstration"));
    };
    let place = match &args.out {
        Some(out) => ModelFolder::create(out)?.path().to_path_buf(),
        None => new_run("demo")?,
    };
    let seed = globals.seed.unwrap_or(0);
    let file = place.join(demo.file);
    (demo.write)(seed, &file)?;
    output.say(demo.about);

    let out = place.join("model");
    let job = Job {
        family,
        saved: None,
        flags: (demo.options)(seed, &file),
        seed: Some(seed),
        out: Some(out.clone()),
        resume: false,
        dry_run: false,
        checkpoint_every: None,
    };
    let (training, trained) = job.run(device, output)?;
    let evaluated = trained.and_then(|trained| trained.evaluated);
    if let Some(evaluated) = &evaluated {
        output.result(&format!("\n{}\n", demo.scored));
        tell(evaluated, output);
    }

    let opened = Opened::new(&out, device)?;
    let sources = opened.sources(std::slice::from_ref(&file))?;
    let mut rows = Collected::default();
    opened
        .model
        .predict(&sources, &toml::Table::new(), &mut rows)?;
    output.result(&format!("\n{}\n", demo.drawn));
    output.result(&plot(&(demo.past)(seed), &first_numbers(&rows), 60, 10));

    let csv = place.join("predictions.csv");
    let mut bytes = Vec::new();
    rows.replay(&mut CsvRows::new(&mut bytes))?;
    write(&csv, &bytes)?;
    // As it was called, so that the lines can be pasted where `ressac` is not on the path.
    let ressac = std::env::args().next().unwrap_or_else(|| "ressac".into());
    let mut text = format!(
        "\nthe predictions are in {}, the report in {}. Next:\n\n",
        csv.display(),
        out.join("report.html").display(),
    );
    for command in demo.next {
        let command = command
            .replace("{model}", &out.display().to_string())
            .replace("{data}", &file.display().to_string());
        text.push_str(&format!("  {ressac} {command}\n"));
    }
    output.result(&text);
    output.json(&json!({
        "model": out,
        "data": file,
        "predictions": csv,
        "training": training,
        "test": evaluated.map(|evaluated| evaluated.figures),
    }));
    Ok(())
}

/// The first column of numbers.
fn first_numbers(rows: &Collected) -> Vec<f64> {
    let number = |cell: &Cell<'_>| match cell {
        Cell::Number(value) => Some(*value),
        _ => None,
    };
    let first = rows.rows().first();
    let place = first.and_then(|row| row.iter().position(|cell| number(cell).is_some()));
    let Some(place) = place else {
        return Vec::new();
    };
    rows.rows()
        .iter()
        .filter_map(|row| number(&row[place]))
        .collect()
}
