//! `ressac export`: what it writes and says, and what it refuses.

use std::fs;

#[cfg(unix)]
use crate::full_disk::run_limited;
use crate::harness::{Place, SMALL, entries};

/// A place with a trained model, `model`.
fn trained() -> Place {
    let place = Place::with_load();
    let line = format!("train forecast --data load.csv {SMALL} --epochs 1 --out model");
    place.run(&line).succeeded();
    place
}

#[test]
fn an_export_writes_a_file_and_says_what_it_reads_and_gives() {
    let place = trained();
    let ran = place
        .run("export model --onnx model.onnx --json")
        .succeeded();
    for words in [
        "values float64 [batch, 24, 1]",
        "time int64 [batch, 30]",
        "forecast float64 [batch, 6, 1, 3]",
        "quantiles [0.1,0.5,0.9]",
        r#"targets   ["load"]"#,
    ] {
        assert!(ran.err.contains(words), "no {words:?} in {}", ran.err);
    }
    let json = ran.json();
    let bytes = fs::read(place.path("model.onnx")).unwrap();
    assert_eq!(json["bytes"], bytes.len());
    assert_eq!(json["opset"], 17);
    assert_eq!(json["inputs"][0]["name"], "values");
    assert_eq!(
        json["inputs"][0]["shape"],
        serde_json::json!(["batch", 24, 1])
    );
    assert_eq!(json["outputs"][0]["type"], "float64");
    assert_eq!(json["properties"]["horizon"], "6");

    // Again over it, to the same bytes.
    place.run("export model --onnx model.onnx").succeeded();
    assert_eq!(fs::read(place.path("model.onnx")).unwrap(), bytes);
    assert_eq!(
        entries(&place.path("")),
        ["load.csv", "model", "model.onnx"]
    );
}

#[test]
fn lengths_of_a_model_that_reads_a_whole_context_are_wrong_usage() {
    let place = trained();
    place
        .run("export model --onnx model.onnx --lengths")
        .refused(
            2,
            &["`--lengths`", "exactly 24 steps", "Leave `--lengths` out"],
        );
    assert!(!place.path("model.onnx").exists());
}

#[test]
fn a_place_where_no_file_can_stand_is_refused_before_anything_is_computed() {
    let place = trained();
    fs::create_dir(place.path("folder")).unwrap();
    place
        .run("export model --onnx folder")
        .refused(2, &["is a folder", "folder/model.onnx"]);
    place
        .run("export model --onnx ..")
        .refused(2, &["is a folder"]);
    place
        .run("export model --onnx nowhere/model.onnx")
        .refused(1, &["no folder `nowhere`"]);
    let weights = place.weights("model");
    place
        .run("export model --onnx model/weights.safetensors")
        .refused(2, &["one of the model's own files"]);
    assert_eq!(place.weights("model"), weights);
    assert_eq!(entries(&place.path("folder")), Vec::<String>::new());
}

#[test]
fn what_is_no_model_folder_is_named() {
    let place = trained();
    place
        .run("export nothing --onnx model.onnx")
        .refused(1, &["`nothing` is not a model folder", "does not exist"]);
    place
        .run("export load.csv --onnx model.onnx")
        .refused(1, &["`load.csv` is not a model folder", "it is a file"]);
    let ran = place.run("export model");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("--onnx <FILE>"), "{}", ran.err);
    assert!(!place.path("model.onnx").exists());
}

#[test]
#[cfg(unix)]
fn a_disk_without_room_leaves_the_old_file_and_nothing_else() {
    let place = trained();
    place.write("model.onnx", "old");
    run_limited(&place, "export model --onnx model.onnx", 1)
        .refused(1, &["cannot write `model.onnx`", "untouched"]);
    assert_eq!(fs::read_to_string(place.path("model.onnx")).unwrap(), "old");
    assert_eq!(
        entries(&place.path("")),
        ["load.csv", "model", "model.onnx"]
    );
}
