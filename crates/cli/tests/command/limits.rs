//! What is refused before it takes place: numbers without room, networks without memory, a second
//! training in a folder.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::{Place, SMALL};

#[test]
fn a_number_beyond_what_can_be_counted_is_refused_by_its_option() {
    let place = Place::with_load();
    for number in ["9999999999999999999", "99999999999999999999", "-1", "1.5"] {
        for option in ["horizon", "context", "batch", "lags"] {
            let ran = place.run(&format!(
                "train forecast --data load.csv --{option}={number}"
            ));
            ran.refused(2, &[number, &format!("--{option}")]);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_network_that_no_memory_holds_is_refused_before_it_is_made() {
    let place = Place::with_load();
    let began = Instant::now();
    place
        .run("train forecast --data load.csv --horizon 6 --hidden 16384 --layers 64 --out model")
        .refused(1, &["GiB of memory", "parameters", "--hidden"]);
    assert!(began.elapsed() < Duration::from_secs(20));
    assert!(!place.path("model").exists());
}

#[test]
fn a_second_training_in_a_folder_is_refused_while_the_first_runs() {
    let place = Place::with_load();
    let mut first = place
        .command(&format!(
            "train forecast --data load.csv {SMALL} --epochs 100000 --patience 0 --out busy"
        ))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let metrics = place.path("busy").join("metrics.jsonl");
    let began = Instant::now();
    while !metrics.exists() && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let number = format!("process {}", first.id());
    let second = place.run("train forecast --resume --out busy");
    // Reading is nobody's harm.
    let shown = place.run("show busy");
    first.kill().unwrap();
    first.wait().unwrap();
    second.refused(1, &[&number, "busy", "--out"]);
    shown.succeeded();

    // The kill left the lock's file, which locks nothing.
    place
        .run("train forecast --resume --out busy --time-limit 0s")
        .succeeded();
}
