//! What a person is told beside results: notes before a training, what was assumed in the report; and what a kept
//! configuration does with a command line that changes it.

use std::fs;
use std::process::Stdio;

use crate::harness::{Place, SMALL};

fn csv(rows: usize, value: impl Fn(usize) -> String) -> String {
    let mut text = String::from("time,load\n");
    for row in 0..rows {
        let (day, hour) = (row / 24, row % 24);
        let day = format!("2024-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
        text.push_str(&format!("{day} {hour:02}:00,{}\n", value(row)));
    }
    text
}

#[test]
fn a_constant_column_and_rows_no_part_holds_are_told_before_training() {
    let place = Place::with_load();
    place.write("flat.csv", &csv(300, |_| "5".into()));
    let flat = place
        .run("train forecast --data flat.csv --horizon 3 --context 6 --dry-run")
        .succeeded();
    assert!(flat.err.contains("`load` is constant (5)"), "{}", flat.err);
    let short = "--horizon 3 --context 6 --split 300,60,60";
    let cut = place
        .run(&format!("train forecast --data load.csv {short} --dry-run"))
        .succeeded();
    assert!(
        cut.err
            .contains("180 rows after the test part are not used"),
        "{}",
        cut.err
    );
    let checked = place.run(&format!("check forecast --data load.csv {short}"));
    assert_eq!(checked.code, 3);
    assert!(checked.out.contains("180 rows after"), "{}", checked.out);
}

#[test]
fn a_check_ends_in_json_and_refuses_the_words_training_would() {
    let place = Place::with_load();
    let good = place
        .run("check forecast --data load.csv --target load --horizon 3 --json")
        .succeeded();
    assert_eq!(good.json()["problems"], serde_json::json!([]));
    assert!(good.err.contains("no problem found"));
    for (option, word) in [
        ("--schedule cosin", "cosin"),
        ("--averaging emma", "emma"),
        ("--holidays XX", "XX"),
    ] {
        place
            .run(&format!(
                "check forecast --data load.csv --target load --horizon 3 {option}"
            ))
            .refused(2, &[word]);
    }
}

#[test]
fn a_result_that_standard_output_does_not_take_is_an_error() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        return println!("SKIPPED: there is no /dev/full");
    };
    let place = Place::with_load();
    let run = |stdout: Stdio| {
        let mut command = place.command("check forecast --data load.csv --target load --horizon 3");
        command.stdout(stdout).stderr(Stdio::piped());
        command.output().unwrap()
    };
    let refused = run(full.into());
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(error.contains("standard output"), "{error}");
    // A reader that has gone away is none.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(run(writer.into()).status.code(), Some(0));
}

#[test]
fn the_report_holds_what_was_found_and_assumed() {
    let place = Place::new();
    let gaps = |row: usize| match row % 50 {
        7 => String::new(),
        _ => format!("{}", (row % 24) as f64 + (row % 7) as f64 / 10.0),
    };
    place.write("gaps.csv", &csv(400, gaps));
    let options = "--horizon 3 --context 6 --hidden 4 --epochs 1 --out model";
    place
        .run(&format!("train forecast --data gaps.csv {options}"))
        .succeeded();
    place.run("evaluate model --report again.html").succeeded();
    for page in ["model/report.html", "again.html"] {
        let page = fs::read_to_string(place.path(page)).unwrap();
        for told in [
            "What was found and assumed",
            "separator",
            "comma",
            "missing",
        ] {
            assert!(page.contains(told), "no {told}");
        }
    }
}

#[test]
fn a_kept_configuration_follows_a_command_line_that_changes_model_or_horizon() {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --model gru --out kept"
        ))
        .succeeded();
    for (change, holds) in [
        ("--model lstm", "gates = \"hidden\""),
        ("--model segment --segment 6", "model = \"segment\""),
        ("--horizon 12", "horizon = 12"),
    ] {
        place
            .run(&format!(
                "train forecast --config kept/config.toml {change} --epochs 1 --out changed"
            ))
            .succeeded();
        let config = fs::read_to_string(place.path("changed/config.toml")).unwrap();
        assert!(config.contains(holds), "{config}");
        fs::remove_dir_all(place.path("changed")).unwrap();
    }
    // What a person wrote stays.
    place.write(
        "mine.toml",
        "lags = [12, 24]\nhorizon = 3\ndata = \"load.csv\"\ntarget = \"load\"\n",
    );
    let options = "--horizon 6 --context 24 --hidden 4 --epochs 1 --stride 9 --out mine";
    place
        .run(&format!("train forecast --config mine.toml {options}"))
        .succeeded();
    let config = fs::read_to_string(place.path("mine/config.toml")).unwrap();
    assert!(config.contains("lags = [12, 24]"), "{config}");
    // A record that is not whole by itself is no run to repeat.
    let config = fs::read_to_string(place.path("kept/config.toml")).unwrap();
    let without: Vec<&str> = config
        .lines()
        .filter(|line| !line.starts_with("horizon"))
        .collect();
    place.write("part.toml", &without.join("\n"));
    place
        .run("train forecast --config part.toml --horizon 6 --out part")
        .succeeded();
}

#[test]
fn a_minimal_cell_with_more_units_than_its_weights_suggest_opens() {
    let place = Place::with_load();
    for model in ["minimal-gru", "minimal-lstm"] {
        place
            .run(&format!(
                "train forecast --data load.csv --target load --horizon 6 --context 24 --hidden 128 --epochs 1 --stride 9 --model {model} --out {model}"
            ))
            .succeeded();
        place.run(&format!("evaluate {model}")).succeeded();
    }
}

#[test]
fn the_rows_a_file_must_have_are_named_at_once() {
    let place = Place::new();
    let rows = |count: usize| place.write("short.csv", &csv(count, |row| (row % 24).to_string()));
    let train = || place.run("train forecast --data short.csv --horizon 24 --dry-run");
    for count in [2, 25, 44] {
        rows(count);
        train().refused(1, &["short.csv", "at least 45 rows"]);
    }
    rows(45);
    let plan = train().succeeded();
    for told in [
        "validation part holds no window: give a file of at least 231 rows",
        "test part",
    ] {
        assert!(plan.err.contains(told), "{}", plan.err);
    }
    rows(231);
    let plan = train().succeeded();
    assert!(!plan.err.contains("holds no window"), "{}", plan.err);
}

#[test]
fn a_clock_written_as_a_number_is_told_and_is_a_problem() {
    let place = Place::new();
    let rows: String = (0..200)
        .map(|row| format!("{},{}\n", 1_672_531_200 + 3600 * row, row % 24))
        .collect();
    place.write("epoch.csv", &format!("ts,load\n{rows}"));
    let plan = place
        .run("train forecast --data epoch.csv --horizon 3 --dry-run")
        .succeeded();
    assert!(
        plan.err.contains("`ts` rises by the same amount"),
        "{}",
        plan.err
    );
    let checked = place.run("check forecast --data epoch.csv --horizon 3");
    assert_eq!(checked.code, 3);
    assert!(checked.out.contains("`ts` rises"), "{}", checked.out);
    assert!(!checked.out.contains("`load` rises"), "{}", checked.out);
}

#[test]
fn a_loss_that_is_no_number_names_the_part_of_the_network_and_the_step() {
    let place = Place::with_load();
    let run = place.run(&format!(
        "train forecast --data load.csv {SMALL} --model minimal-gru --lr 1e30 --clip 0 --out lost"
    ));
    run.refused(
        1,
        &[
            "at step",
            "output of the layers after the encoder, while every weight is finite",
            "--lr",
        ],
    );
}
