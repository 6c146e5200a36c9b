//! Long series, read through windows: how they are cut, what `predict` says of them, rates in time.

use std::path::Path;

use toml::Table;

use ressac_data::examples::Inputs;
use ressac_data::generate::pump;
use ressac_data::rows::{Cell, Collected};

use super::predicted;
use crate::autoencode::config::AutoencodeOptions;
use crate::autoencode::family::Autoencoding;
use crate::autoencode::resolve::resolve;
use crate::family::Family;
use crate::model::Sources;
use crate::options::Options;
use crate::testing::{Workplace, figure};

const ROWS: usize = 3_000;

/// A pump of which faults are labelled.
fn place() -> Workplace {
    let place = Workplace::new("autoencode");
    let mut text = "time,flow,pressure,current,temperature,state\n".to_owned();
    for reading in pump(2, ROWS) {
        let time = ressac_data::StampFormat::ISO.write(reading.stamp);
        let [flow, pressure, current, temperature] = reading.values;
        let state = reading.fault.unwrap_or("normal");
        text.push_str(&format!(
            "{time},{flow},{pressure},{current},{temperature},{state}\n"
        ));
    }
    let short: String = text
        .lines()
        .take(9)
        .map(|line| format!("{line}\n"))
        .collect();
    place.write("pump.csv", text);
    place.write("short.csv", short);
    place
}

fn said(place: &Workplace, text: &str) -> Table {
    let text = format!("label = \"state\"\nnormal = [\"normal\"]\nlr = 0.005\nbatch = 31\n{text}");
    place.options(&[&text], &[("data", &["pump.csv"])])
}

#[test]
fn a_series_is_cut_in_the_order_of_time_and_no_row_is_in_two_parts() {
    let place = place();
    let table = said(
        &place,
        "window = 12\nsplit = \"0.5,0.2,0.3\"\nheld_back = 0.4",
    );
    let options = AutoencodeOptions::read(&table, Path::new("options")).unwrap();
    let (material, _) = Autoencoding::read(&options).unwrap();
    let resolved = resolve(&options, &material).unwrap();
    let parts = &resolved.parts;
    let row = |examples: &ressac_data::examples::Examples, at: usize| -> usize {
        examples.origins[at].place.number() - 2
    };
    let labels = material.data.labels.as_ref().unwrap();
    let is_whole = |end: &usize| labels[end - 11..=*end].iter().all(|of| of == "normal");
    // 3,000 rows: 900 to learn from, 600 to validate, 600 held back, 900 to test on; a window that holds one unusual row is none
    // to learn from.
    for (part, rows) in [
        (&parts.parts.train, 0..900),
        (&parts.parts.valid, 900..1_500),
        (&parts.held_back, 1_500..2_100),
    ] {
        let ends: Vec<usize> = (0..part.len()).map(|at| row(part, at)).collect();
        let expected: Vec<usize> = (rows.start + 11..rows.end).filter(is_whole).collect();
        assert_eq!(ends, expected);
        let Inputs::Sequences(sequences) = &part.inputs else {
            panic!();
        };
        assert!(sequences.items.iter().all(|item| item.steps == 12));
    }
    // Every row of the test part has a window, whose first rows may be of the part before.
    let test = &parts.parts.test;
    let ends: Vec<usize> = (0..test.len()).map(|at| row(test, at)).collect();
    assert_eq!(ends, (2_100..ROWS).collect::<Vec<_>>());
    let labels = test.labels.as_ref().unwrap();
    assert!(labels.iter().any(|of| of != "normal") && labels.iter().any(|of| of == "normal"));
    assert!(parts.aside > 0);
}

#[test]
fn a_window_fits_the_smallest_part_where_nobody_says_another_and_rows_can_stand_alone() {
    let place = place();
    let resolved = |text: &str| {
        let table = said(&place, text);
        let options = AutoencodeOptions::read(&table, Path::new("options")).unwrap();
        let (material, _) = Autoencoding::read(&options).unwrap();
        resolve(&options, &material)
    };
    let found = resolved("").unwrap();
    // A day has 144 rows, and a third of the smallest part 100.
    assert_eq!(found.config.window, Some(100));
    assert!(
        found
            .assumptions
            .iter()
            .any(|told| told.found.contains("100 rows"))
    );
    let alone = resolved("window = 1").unwrap();
    assert_eq!(alone.config.windowed(), None);
    assert_eq!(alone.parts.columns.time.as_ref().unwrap().every, Some(600));
    let error = resolved("window = 2500").unwrap_err().to_string();
    assert!(error.contains("window"), "{error}");
    let error = resolved("window = 4000").unwrap_err().to_string();
    assert!(
        error.contains("3000 rows") && error.contains("4000"),
        "{error}"
    );
}

#[test]
fn a_trained_series_is_scored_row_by_row_at_a_rate_in_time() {
    let place = place();
    let table = said(&place, "window = 12\nsteps = 400\nwidths = [48, 24, 6]");
    let trained = place.train("pump", &table, None, false);
    let evaluated = trained.evaluated.unwrap();
    let found = figure(&evaluated, "auroc");
    assert!(found > 0.75, "{found}");
    for key in ["vus_pr", "nab"] {
        assert!(figure(&evaluated, key) > 0.0, "{key}");
    }
    let model = place.open("pump").unwrap();
    let sources = Sources::files(&[place.path("pump.csv")], true);
    let rows = predicted(model.as_ref(), &sources, "alarms = \"4/day\"");
    assert_eq!(rows.len(), ROWS - 11);
    let text = |row: &[Cell<'static>], at: usize| match &row[at] {
        Cell::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text(&rows[0], 0), "2024-01-01 01:50:00");
    let alarms = |rows: &[Vec<Cell<'static>>]| -> usize {
        rows.iter().filter(|row| text(row, 3) == "yes").count()
    };
    // 4 of the 144 rows of a day, and what is unusual.
    let share = alarms(&rows) as f64 / rows.len() as f64;
    assert!((0.005..0.2).contains(&share), "{share}");
    let blamed = text(&rows[500], 4);
    assert!(
        ["flow", "pressure", "current", "temperature"]
            .iter()
            .any(|name| blamed.contains(name)),
        "{blamed}"
    );
    let following = predicted(
        model.as_ref(),
        &sources,
        "alarms = \"4/day\"\nfollow = true",
    );
    assert!(alarms(&following) > 0 && following != rows);
    // The scores are the same ones, whoever judges them.
    let scores = |rows: &[Vec<Cell<'static>>]| -> Vec<Cell<'static>> {
        rows.iter().map(|row| row[1].clone()).collect()
    };
    assert_eq!(scores(&rows), scores(&following));
    let refused = |ask: &str, file: &str| {
        let sources = Sources::files(&[place.path(file)], true);
        let ask: Table = ask.parse().unwrap();
        let error = model.predict(&sources, &ask, &mut Collected::default());
        error.unwrap_err().to_string()
    };
    assert!(refused("follow = true", "pump.csv").contains("`follow`"));
    assert!(refused("alarms = \"1/year\"", "pump.csv").contains("1/year"));
    let few = refused("", "short.csv");
    assert!(few.contains("8 rows") && few.contains("12"), "{few}");
    let codes = predicted(model.as_ref(), &sources, "give = \"codes\"");
    assert_eq!((codes.len(), codes[0].len()), (ROWS - 11, 7));
}
