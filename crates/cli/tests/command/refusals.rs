//! What the command refuses: each with its exit code, the place of the fault and what to do.

use std::fs;

use crate::harness::{Place, Ran, SMALL, entries};

fn train(place: &Place, options: &str) -> Ran {
    place.run(&format!("train forecast {options}"))
}

#[test]
fn an_unknown_option_or_verb_names_the_nearest_and_exits_with_2() {
    let place = Place::new();
    train(&place, "--data x.csv --horizont 3").refused(2, &["--horizont", "--horizon"]);
    place
        .run("evaluat model")
        .refused(2, &["evaluat", "evaluate"]);
    train(&place, "--data x.csv --horizon 3 --model gruu")
        .refused(2, &["gruu", "rnn, lstm, gru, segment"]);
}

#[test]
fn an_unknown_key_in_a_configuration_names_the_file_and_the_nearest_key() {
    let place = Place::with_load();
    place.write("my.toml", "data = \"load.csv\"\nhorizon = 3\nhiden = 4\n");
    train(&place, "--config my.toml").refused(2, &["my.toml", "`hiden`", "`hidden`"]);
    place.write("my.toml", "data = \"load.csv\"\nhorizon = \"three\"\n");
    train(&place, "--config my.toml").refused(2, &["my.toml", "horizon"]);
}

#[test]
fn values_out_of_range_and_missing_options_exit_with_2_and_say_what_is_meant() {
    let place = Place::with_load();
    train(&place, "--horizon 3").refused(2, &["--data"]);
    train(&place, "--data load.csv").refused(2, &["--horizon"]);
    train(&place, "--data load.csv --horizon 3 --dropout 1").refused(2, &["--dropout"]);
    train(&place, "--data load.csv --horizon 3 --lr 0").refused(2, &["--lr"]);
    train(&place, "--data load.csv --horizon 3 --clip -1").refused(2, &["clip"]);
    train(&place, "--data load.csv --horizon -3").refused(2, &["--horizon", "whole number"]);
    train(&place, "--data load.csv --horizon 3 --split 1,2").refused(2, &["1,2"]);
    train(&place, "--data load.csv --horizon 3 --time-limit 3x").refused(2, &["3x"]);
    train(&place, "--data load.csv --horizon 3 --resume").refused(2, &["--out"]);
    assert_eq!(entries(&place.path("")), ["load.csv"]);
}

#[test]
#[cfg(not(any(feature = "wgpu", feature = "cuda")))]
fn a_device_this_build_has_not_names_the_build_command() {
    let place = Place::new();
    place
        .run("doctor --device wgpu")
        .refused(2, &["cargo build --release --features wgpu"]);
    place
        .run("doctor --device cuda:1")
        .refused(2, &["cargo build --release --features cuda"]);
    place.run("doctor --device tpu").refused(2, &["cpu, wgpu"]);
}

#[test]
fn an_instruction_set_that_is_unknown_exits_with_2() {
    let place = Place::new();
    let output = place
        .command("doctor")
        .env("RESSAC_ISA", "mmx")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("mmx"));
}

#[test]
fn a_series_too_short_says_how_many_rows_are_needed() {
    let place = Place::with_load();
    // 420 of 600 rows train; 400 + 100 rows of window need 500 of 715.
    train(&place, "--data load.csv --horizon 100 --context 400")
        .refused(1, &["load.csv", "600 rows", "420", "at least 715"]);
}

#[test]
fn a_column_without_values_in_the_training_part_is_refused_by_name() {
    let place = Place::new();
    let rows: String = (0..100)
        .map(|row| {
            if row < 80 {
                format!("{row},\n")
            } else {
                format!("{row},{row}\n")
            }
        })
        .collect();
    place.write("gap.csv", &format!("a,b\n{rows}"));
    train(&place, "--data gap.csv --horizon 3 --context 12")
        .refused(1, &["gap.csv", "`b`", "training part", "--target"]);
}

#[test]
fn a_column_that_is_not_there_is_refused_in_training_and_in_prediction() {
    let place = Place::with_load();
    train(&place, "--data load.csv --target laod --horizon 3")
        .refused(1, &["load.csv", "laod", "load"]);
    train(
        &place,
        &format!("--data load.csv {SMALL} --epochs 1 --out model"),
    )
    .succeeded();
    place.write(
        "other.csv",
        "time,price\n2020-01-01 00:00:00,1\n2020-01-01 01:00:00,2\n",
    );
    place
        .run("predict model --data other.csv")
        .refused(1, &["other.csv", "load", "price"]);
    place.write(
        "short.csv",
        "time,load\n2020-01-01 00:00:00,1\n2020-01-01 01:00:00,2\n",
    );
    place
        .run("predict model --data short.csv")
        .refused(1, &["short.csv", "2 rows", "24"]);
    let daily: String = (1..=28)
        .map(|day| format!("2020-01-{day:02},{day}\n"))
        .collect();
    place.write("daily.csv", &format!("time,load\n{daily}"));
    place
        .run("predict model --data daily.csv")
        .refused(1, &["daily.csv", "1 day", "1 hour"]);
}

#[test]
fn text_in_a_column_of_numbers_and_a_file_that_is_not_there_are_refused_with_their_place() {
    let place = Place::new();
    place.write("words.csv", "a,b\n1,2\n3,four\n5,6\n");
    train(&place, "--data words.csv --target b --horizon 1")
        .refused(1, &["words.csv", "line 3", "four"]);
    train(&place, "--data absent.csv --horizon 1").refused(1, &["absent.csv"]);
    place.write("empty.csv", "");
    train(&place, "--data empty.csv --horizon 1").refused(1, &["empty.csv", "empty"]);
}

#[test]
fn nothing_is_ever_written_over() {
    let place = Place::with_load();
    train(
        &place,
        &format!("--data load.csv {SMALL} --epochs 1 --out model"),
    )
    .succeeded();
    let before = place.weights("model");
    train(
        &place,
        &format!("--data load.csv {SMALL} --epochs 1 --seed 5 --out model"),
    )
    .refused(2, &["model", "--resume"]);
    assert_eq!(place.weights("model"), before);
    place.run("data load --out .").refused(2, &["load.csv"]);
}

#[test]
fn a_resumption_with_other_options_or_other_data_is_refused() {
    let place = Place::with_load();
    train(
        &place,
        &format!("--data load.csv {SMALL} --time-limit 0s --out model"),
    )
    .succeeded();
    train(&place, "--resume --out model --hidden 9").refused(2, &["--hidden"]);
    train(&place, "--resume --out model --seed 9").refused(2, &["--seed"]);
    let text = fs::read_to_string(place.path("load.csv")).unwrap();
    let last_value = text.rfind(',').unwrap();
    place.write("load.csv", &format!("{},1.5\n", &text[..last_value]));
    train(&place, "--resume --out model").refused(1, &["load.csv", "changed"]);
}

#[test]
fn a_folder_missing_damaged_or_of_a_later_version_says_which_file_and_what_to_do() {
    let place = Place::with_load();
    place
        .run("evaluate nowhere")
        .refused(1, &["nowhere", "does not exist", "ressac train"]);
    train(
        &place,
        &format!("--data load.csv {SMALL} --epochs 1 --out model"),
    )
    .succeeded();
    let model = place.path("model");
    let (weights, config) = (model.join("weights.safetensors"), model.join("config.toml"));
    let whole = fs::read(&weights).unwrap();
    fs::write(&weights, &whole[..whole.len() / 2]).unwrap();
    place
        .run("predict model")
        .refused(1, &["weights.safetensors", "damaged"]);
    fs::remove_file(&weights).unwrap();
    place
        .run("predict model")
        .refused(1, &["weights.safetensors", "--resume"]);
    fs::write(&weights, &whole).unwrap();
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("hidden = 8", "hidden = 9")).unwrap();
    place
        .run("predict model")
        .refused(1, &["weights", "config.toml"]);
    fs::write(&config, text.replace("version = 1", "version = 2")).unwrap();
    place
        .run("predict model")
        .refused(1, &["config.toml", "version 2"]);
}
