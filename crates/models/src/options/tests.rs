//! Tests of declared options: what is written reads back, what is wrong names its key.

use super::*;
use crate::cell::CellKind;

options! {
    /// Options of a test.
    Given => Held {
        "Data" {
            /// Files to read
            data "FILE": Files => Files,
            /// Columns, by name
            column "COL,…": Names => Names,
            /// Kept apart
            statics as "static" "COL": String => Option<String>,
            /// The cell
            cell "CELL" ["gru"]: CellKind => CellKind,
            /// Only in files
            hidden_one "[yes|no]": bool => Option<bool>,
            /// Levels
            levels "Q,…": Vec<f64> => Vec<f64>,
        }
    }
    groups {
        training: TrainingOptions => TrainingConfig { lr = "0.5" },
    }
}

fn read(text: &str) -> Result<Given, FolderError> {
    Given::read(&text.parse().unwrap(), Path::new("my.toml"))
}

fn key(name: &str) -> Key {
    Given::keys()
        .into_iter()
        .find(|key| key.name == name)
        .unwrap()
}

#[test]
fn what_is_given_is_written_and_reads_back_equal() {
    let text = "data = [\"a.csv\"]\ncolumn = \"x\"\nstatic = \"s\"\ncell = \"lstm\"\nlevels = [0.1, 1]\nlr = 0.1\ntime_limit = \"90s\"\n";
    let given = read(text).unwrap();
    assert_eq!(given.column.as_ref().unwrap().0, ["x"]);
    assert_eq!(given.statics.as_deref(), Some("s"));
    assert_eq!(given.training.lr, Some(0.1));
    assert_eq!(
        Given::read(&given.table(), Path::new("again")).unwrap(),
        given
    );
}

#[test]
fn a_configuration_needs_every_key_but_those_that_may_stay_absent() {
    let given = read("data = []\ncolumn = []\ncell = \"gru\"\nlevels = []").unwrap();
    assert_eq!(Held::from_options(given.clone()), Err("batch"));
    let defaults = TrainingDefaults {
        batch: 8,
        lr: 0.1,
        averaging: ressac_train::Average::None,
        weight_decay: 0.0,
        budget: Budget {
            epochs: 10,
            least: 1000,
            most: 20_000,
        },
    };
    let training = given.training.resolve(&defaults, 100).unwrap();
    let mut table = given.table();
    training.write(&mut table);
    let held = Held::from_options(Given::read(&table, Path::new("x")).unwrap()).unwrap();
    assert_eq!(held.training, training);
    assert_eq!(held.hidden_one, None);
    assert_eq!(held.table(), table);
}

#[test]
fn the_length_of_training_follows_the_data_and_is_given_once() {
    let defaults = TrainingDefaults {
        batch: 10,
        lr: 0.1,
        averaging: ressac_train::Average::None,
        weight_decay: 0.0,
        budget: Budget {
            epochs: 10,
            least: 1000,
            most: 20_000,
        },
    };
    let steps = |items: usize| {
        TrainingOptions::default()
            .resolve(&defaults, items)
            .unwrap()
            .steps
    };
    assert_eq!(steps(20), Some(1000));
    assert_eq!(steps(4000), Some(4000));
    assert_eq!(steps(1_000_000), Some(20_000));
    let epochs = TrainingOptions {
        epochs: Some(3),
        ..TrainingOptions::default()
    };
    let resolved = epochs.resolve(&defaults, 20).unwrap();
    assert_eq!(
        (resolved.steps, resolved.validate_every, resolved.patience),
        (None, None, 3)
    );
    let both = TrainingOptions {
        steps: Some(3),
        ..epochs
    };
    assert!(both.resolve(&defaults, 20).is_err());
}

#[test]
fn an_unknown_key_names_the_file_and_the_nearest_key() {
    let error = read("colum = \"x\"").unwrap_err().to_string();
    assert!(
        error.contains("my.toml") && error.contains("`colum`") && error.contains("`column`"),
        "{error}"
    );
}

#[test]
fn a_value_of_the_wrong_kind_names_the_key_and_what_is_expected() {
    for (text, parts) in [
        ("batch = \"many\"", ["`batch`", "whole number"]),
        ("lr = \"fast\"", ["`lr`", "a number"]),
        ("cell = \"grue\"", ["`cell`", "rnn, lstm, gru"]),
        ("column = 3", ["`column`", "list of texts"]),
        ("time_limit = \"10 parsecs\"", ["`time_limit`", "10m"]),
        ("schedule = \"cosinus\"", ["`schedule`", "one-cycle"]),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

#[test]
fn texts_of_the_command_line_become_what_a_file_would_hold() {
    let parse = |name: &str, texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        key(name).parse(&texts)
    };
    assert_eq!(
        parse("column", &["a,b"]),
        Ok(toml::Value::from(vec!["a", "b"]))
    );
    assert_eq!(
        parse("data", &["a,b", "c"]),
        Ok(toml::Value::from(vec!["a,b", "c"]))
    );
    assert_eq!(
        parse("levels", &["0.1, 0.9"]),
        Ok(toml::Value::from(vec![0.1, 0.9]))
    );
    assert_eq!(parse("batch", &["24"]), Ok(toml::Value::from(24)));
    for wrong in ["-1", "", "1.5", "99999999999999999999"] {
        assert!(parse("batch", &[wrong]).is_err(), "{wrong}");
    }
    assert!(key("column").flag && !key("hidden_one").flag && !key("seed").flag);
    assert_eq!(key("lr").default, Some("0.5"));
    assert_eq!(key("hidden_one").value, "yes|no");
}

#[test]
fn lengths_of_time_read_as_people_write_them_and_write_back_to_themselves() {
    let seconds = |text: &str| text.parse::<TimeLimit>().map(|limit| limit.0.as_secs_f64());
    assert_eq!(seconds("90"), Ok(90.0));
    assert_eq!(seconds("1.5m"), Ok(90.0));
    assert_eq!(seconds("2h"), Ok(7200.0));
    for wrong in [
        "",
        "m",
        "10 parsecs",
        "-3s",
        "1e999h",
        "99999999999999999999h",
    ] {
        assert!(seconds(wrong).is_err(), "{wrong}");
    }
    let limit: TimeLimit = "1.5m".parse().unwrap();
    assert_eq!(limit.to_string().parse(), Ok(limit));
}
