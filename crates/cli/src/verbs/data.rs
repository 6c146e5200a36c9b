//! `ressac data`: small data sets of the project's own making, so that nothing need be fetched.

use std::fs;
use std::path::Path;

use serde_json::json;

use ressac_data::{Table, generate, write_csv};
use ressac_models::folder::atomic;

use crate::args::{DataArgs, DataKind, Globals};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: &DataArgs, globals: &Globals, output: &Output) -> Result<(), Failure> {
    let DataKind::Load(load) = &args.kind;
    let path = load.out.join("load.csv");
    if path.exists() {
        return Err(Failure::usage(format!(
            "`{}` exists, and nothing is overwritten. Give another folder",
            path.display()
        )));
    }
    let table = generate::load(globals.seed.unwrap_or(0), load.hours as usize);
    write(&table, &path)?;
    output.result(&format!(
        "{}: {} rows, columns {}",
        path.display(),
        table.rows(),
        table.names.join(", ")
    ));
    output.json(&json!({ "file": path, "rows": table.rows(), "columns": table.names }));
    Ok(())
}

/// Writes `table` as CSV, making the folder it stands in.
pub(crate) fn write(table: &Table, path: &Path) -> Result<(), Failure> {
    let refused = |error| Failure::failed(format!("cannot write `{}`: {error}", path.display()));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(refused)?;
    }
    let mut csv = Vec::new();
    write_csv(table, &mut csv)?;
    atomic::write(path, &csv).map_err(refused)
}
