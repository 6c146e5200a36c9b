//! The road through the command: train, evaluate, predict, show; resumed, repeated, killed.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::{Place, SMALL, entries};

#[test]
fn bare_ressac_prints_four_commands_to_copy() {
    let ran = Place::new().run("").succeeded();
    let commands = ran
        .out
        .lines()
        .filter(|line| line.starts_with("  ressac "))
        .count();
    assert_eq!(commands, 4, "{}", ran.out);
}

#[test]
fn a_model_is_trained_evaluated_shown_and_predicts_in_the_files_own_times() {
    let place = Place::with_load();
    let trained = place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --out model --json"
        ))
        .succeeded();
    assert!(
        trained.err.contains("assumed") && trained.err.contains("parameters"),
        "{}",
        trained.err
    );
    assert_eq!(trained.json()["ended"], "epochs");
    assert_eq!(
        entries(&place.path("model")),
        [
            "checkpoints",
            "config.toml",
            "metrics.jsonl",
            "pipeline.json",
            "report.html",
            "weights.safetensors"
        ]
    );
    let report = fs::read_to_string(place.path("model").join("report.html")).unwrap();
    assert!(report.contains("seasonal-naive") && report.contains("<svg"));
    assert!(!report.contains("://"), "the report names an address");
    let metrics = fs::read_to_string(place.path("model").join("metrics.jsonl")).unwrap();
    assert_eq!(metrics.lines().count(), 2);

    let evaluated = place.run("evaluate model --json").succeeded();
    let figures = evaluated.json();
    assert_eq!(figures["part"], "test");
    for key in ["mse", "mae", "rmse", "mape", "smape", "mase"] {
        assert!(figures[key].as_f64().unwrap() > 0.0, "{key}: {figures}");
    }
    assert!(figures["repeat-last"]["mse"].is_f64() && figures["seasonal-naive"]["mse"].is_f64());
    assert!(evaluated.out.contains("seasonal-naive"));

    let predicted = place.run("predict model --data load.csv").succeeded();
    let lines: Vec<&str> = predicted.out.lines().collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[0], "time,load,load_q0.1,load_q0.9");
    let last_of_file = fs::read_to_string(place.path("load.csv")).unwrap();
    let last_time = last_of_file
        .lines()
        .last()
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .to_owned();
    assert!(
        lines[1].split(',').next().unwrap() > last_time.as_str(),
        "{} after {last_time}",
        lines[1]
    );

    let shown = place.run("show model --json").succeeded();
    assert!(shown.out.contains("gru"));
    assert_eq!(shown.json()["run"]["ended"], "epochs");
}

#[test]
fn a_file_the_model_was_not_trained_on_is_scored_whole() {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --out model"
        ))
        .succeeded();
    place
        .run("data load --out other --hours 200 --seed 9")
        .succeeded();
    let figures = place
        .run("evaluate model --data other/load.csv --json")
        .succeeded()
        .json();
    assert_eq!(
        (figures["part"].as_str(), figures["windows"].as_u64()),
        (Some("all"), Some(200 - 24 - 6 + 1))
    );
    place
        .run("evaluate model --data other/load.csv --part test")
        .refused(2, &["--part", "other/load.csv"]);
}

#[test]
fn a_run_without_a_name_gets_the_next_number_and_quiet_says_nothing() {
    let place = Place::with_load();
    for number in 1..=2 {
        let ran = place
            .run(&format!(
                "--quiet train forecast --data load.csv {SMALL} --epochs 1"
            ))
            .succeeded();
        assert_eq!(ran.err, "");
        assert!(
            ran.out.contains(&format!("forecast-{number}")),
            "{}",
            ran.out
        );
    }
    assert_eq!(entries(&place.path("runs")), ["forecast-1", "forecast-2"]);
}

#[test]
fn a_dry_run_tells_the_plan_and_writes_nothing() {
    let place = Place::with_load();
    let ran = place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --dry-run --json"
        ))
        .succeeded();
    let plan = ran.json();
    for key in [
        "training_windows",
        "parameters",
        "memory_bytes",
        "planned_steps",
        "step_seconds",
    ] {
        assert!(plan[key].as_f64().unwrap() > 0.0, "{key}: {plan}");
    }
    assert_eq!(entries(&place.path("")), ["load.csv"]);
}

#[test]
fn the_saved_configuration_one_thread_or_two_and_a_resumed_run_give_the_same_bytes() {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --out whole --threads 1"
        ))
        .succeeded();
    let whole = place.weights("whole");
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --out two --threads 2"
        ))
        .succeeded();
    assert_eq!(place.weights("two"), whole);
    let again = place
        .run("train forecast --config whole/config.toml --out again")
        .succeeded();
    assert!(
        again.err.contains("repeating the recorded run"),
        "{}",
        again.err
    );
    assert_eq!(place.weights("again"), whole);

    // A run ended by the clock before its first step is the shortest that can be resumed.
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --time-limit 0s --out cut"
        ))
        .succeeded();
    assert_ne!(place.weights("cut"), whole);
    let resumed = place
        .run("train forecast --resume --out cut --time-limit 10m")
        .succeeded();
    assert!(
        resumed.err.contains("resuming from step 0"),
        "{}",
        resumed.err
    );
    assert_eq!(place.weights("cut"), whole);
}

#[test]
fn a_configuration_changed_on_the_command_line_is_trained_in_full() {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --time-limit 0s --out cut"
        ))
        .succeeded();
    let report = place
        .run("train forecast --config cut/config.toml --hidden 9 --time-limit 10m --json")
        .succeeded();
    assert_eq!(report.json()["ended"], "epochs");
    let repeated = place
        .run("train forecast --config cut/config.toml --json")
        .succeeded();
    assert_eq!(repeated.json()["steps"], 0);
}

#[test]
fn a_configuration_written_by_hand_needs_not_hold_what_the_command_line_gives() {
    let place = Place::with_load();
    place.write("my.toml", "weight_decay = 0.0\n");
    place
        .run(&format!(
            "train forecast --config my.toml --data load.csv {SMALL} --out model"
        ))
        .succeeded();
    let config = fs::read_to_string(place.path("model/config.toml")).unwrap();
    assert!(config.contains("weight_decay = 0.0"), "{config}");
}

/// Starts a training in the folder `name` and kills it after its first validation; whether that was in time.
fn killed_in_training(place: &Place, options: &str, name: &str) -> bool {
    let mut child = place
        .command(&format!(
            "train forecast --data load.csv {options} --out {name}"
        ))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let metrics = place.path(name).join("metrics.jsonl");
    let began = Instant::now();
    while !metrics.exists() && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let shown = place.run(&format!("show {name}")).succeeded();
    shown.out.contains("not finished")
}

#[test]
fn a_killed_training_leaves_a_folder_that_resumes_to_the_bytes_of_an_unbroken_run() {
    let place = Place::with_load();
    let options = format!("{SMALL} --epochs 40 --patience 0");
    place
        .run(&format!(
            "train forecast --data load.csv {options} --out whole"
        ))
        .succeeded();
    // A machine under load may let a training end before the kill comes: such a try tests nothing.
    let killed = (1..=10)
        .map(|number| format!("killed-{number}"))
        .find(|name| killed_in_training(&place, &options, name))
        .expect("ten trainings all ended before they could be killed");
    place
        .run(&format!("train forecast --resume --out {killed}"))
        .succeeded();
    assert_eq!(place.weights(&killed), place.weights("whole"));
}

#[test]
fn a_constant_column_is_forecast_as_its_constant() {
    let place = Place::new();
    let rows: String = (0..200).map(|row| format!("{},7.5\n", row % 12)).collect();
    place.write("flat.csv", &format!("wave,flat\n{rows}"));
    place
        .run("train forecast --data flat.csv --horizon 3 --context 12 --hidden 8 --epochs 3 --out model")
        .succeeded();
    let forecast = place.run("predict model --json").succeeded().json();
    for value in forecast["columns"]["flat"].as_array().unwrap() {
        assert!((value.as_f64().unwrap() - 7.5).abs() < 0.5, "{forecast}");
    }
}
