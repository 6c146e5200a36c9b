//! Panels from the public data sets the project is developed with, where they are laid beside the
//! repository (`../shared/data`); elsewhere these tests say that they did not run.

use std::path::{Path, PathBuf};

use ressac_data::{Assumption, Panel, PanelOptions, Step, read_panel};

/// The folder of the data sets, or nothing, with a word to the reader of the test's output.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: the data sets are not at {}", folder.display());
    None
}

#[track_caller]
fn read(files: &[PathBuf], options: &PanelOptions) -> (Panel, Vec<Assumption>) {
    match read_panel(files, options) {
        Ok((panel, told)) => {
            for assumption in &told {
                println!("{}: {}", assumption.what, assumption.found);
            }
            (panel, told)
        }
        Err(error) => panic!("{error}"),
    }
}

fn told(assumptions: &[Assumption], what: &str) -> Option<String> {
    let found = assumptions.iter().find(|a| a.what == what);
    found.map(|a| a.found.clone())
}

#[test]
fn four_years_of_french_load_are_joined_from_files_in_any_order() {
    let Some(folder) = folder() else { return };
    let files =
        [2017, 2015, 2018, 2016].map(|year| folder.join(format!("rte_load_fr/rte_{year}.csv")));
    let (panel, assumptions) = read(&files, &PanelOptions::default());
    let load = &panel.series[0];
    assert_eq!((panel.rows(), panel.missing()), (70_128, 0));
    assert_eq!(load.targets[0][0], 74_494.0);
    let time = load.time.as_ref().unwrap();
    assert_eq!(time.name, "Date Heures");
    assert_eq!(time.step, Some(Step::Seconds(1_800)));
    assert_eq!(time.write(time.stamps[0]), "01/01/2015 00:00");
    assert_eq!(time.write(time.stamps[70_127]), "31/12/2018 23:30");
    assert_eq!(
        told(&assumptions, "rows").as_deref(),
        Some("every 15 minutes, values: every 30 minutes; the rows between are left out")
    );
    assert_eq!(
        told(&assumptions, "time columns, date and time of day").as_deref(),
        Some("Date Heures (dd/mm/yyyy HH:MM)")
    );

    let hourly = PanelOptions {
        every: Some(Step::Seconds(3_600)),
        ..PanelOptions::default()
    };
    let (panel, _) = read(&files, &hourly);
    assert_eq!((panel.rows(), panel.missing()), (35_064, 0));
    assert_eq!(panel.series[0].targets[0][1], load.targets[0][2]);
}
