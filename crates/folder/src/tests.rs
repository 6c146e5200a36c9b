//! Tests of the model folder: what is missing, damaged or of another version says so.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::*;

fn laid_out() -> (tempfile::TempDir, ModelFolder) {
    let parent = tempfile::tempdir().unwrap();
    let folder = ModelFolder::create(&parent.path().join("model")).unwrap();
    folder
        .write_pipeline(&serde_json::json!({"scale": 0.1}))
        .unwrap();
    folder.write("weights.safetensors", b"weights").unwrap();
    let config = ConfigFile {
        task: Some("forecast".into()),
        options: toml::Table::new(),
        run: RunRecord::default(),
    };
    folder.write_config(&config).unwrap();
    (parent, folder)
}

#[test]
fn a_folder_reads_back_what_was_written() {
    let (_parent, folder) = laid_out();
    let folder = ModelFolder::open(folder.path()).unwrap();
    assert_eq!(folder.pipeline::<Value>().unwrap()["scale"], 0.1);
    assert_eq!(
        folder.read_bytes("weights.safetensors").unwrap(),
        b"weights"
    );
    assert_eq!(folder.config().unwrap().task, Some("forecast".into()));
}

#[test]
fn a_folder_with_files_in_it_is_never_overwritten() {
    let (_parent, folder) = laid_out();
    let error = ModelFolder::create(folder.path()).unwrap_err();
    assert!(matches!(error, FolderError::NotEmpty { .. }));
    assert!(error.to_string().contains("--resume"), "{error}");
}

#[test]
fn a_path_that_is_no_model_folder_says_what_it_is_and_how_to_make_one() {
    let parent = tempfile::tempdir().unwrap();
    let absent = ModelFolder::open(&parent.path().join("absent"))
        .unwrap_err()
        .to_string();
    assert!(
        absent.contains("does not exist") && absent.contains("ressac train"),
        "{absent}"
    );
    let empty = ModelFolder::open(parent.path()).unwrap_err().to_string();
    assert!(empty.contains("no `config.toml`"), "{empty}");
    fs::write(parent.path().join("pipeline.json"), "{}").unwrap();
    let killed = ModelFolder::open(parent.path()).unwrap_err().to_string();
    assert!(
        killed.contains("no `config.toml`") && killed.contains("train again"),
        "{killed}"
    );
}

#[test]
fn a_missing_file_is_named_with_what_to_do() {
    let (_parent, folder) = laid_out();
    fs::remove_file(folder.file("weights.safetensors")).unwrap();
    let error = folder
        .read_bytes("weights.safetensors")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("weights.safetensors") && error.contains("--resume"),
        "{error}"
    );
    fs::remove_file(folder.file("pipeline.json")).unwrap();
    let error = folder.pipeline::<Value>().unwrap_err().to_string();
    assert!(
        error.contains("pipeline.json") && error.contains("Copy the whole folder"),
        "{error}"
    );
}

#[test]
fn a_pipeline_cut_short_or_of_another_version_is_refused() {
    let (_parent, folder) = laid_out();
    let path = folder.file("pipeline.json");
    fs::write(&path, b"{\"version\": 1, \"sca").unwrap();
    assert!(matches!(
        folder.pipeline::<Value>().unwrap_err(),
        FolderError::Damaged { .. }
    ));
    fs::write(&path, b"{\"version\": 7}").unwrap();
    assert!(matches!(
        folder.pipeline::<Value>().unwrap_err(),
        FolderError::Version { found: 7, .. }
    ));
    fs::write(&path, b"{}").unwrap();
    assert!(matches!(
        folder.pipeline::<Value>().unwrap_err(),
        FolderError::Damaged { .. }
    ));
}

#[test]
fn a_model_in_memory_reads_as_one_on_disk() {
    let (_parent, folder) = laid_out();
    let names = ["config.toml", "pipeline.json", "weights.safetensors"];
    let files: BTreeMap<String, Vec<u8>> = names
        .map(|name| (name.to_owned(), folder.read_bytes(name).unwrap()))
        .into();
    let memory = ModelFiles::in_memory("a model", files);
    assert_eq!(memory.config().unwrap(), folder.config().unwrap());
    assert_eq!(memory.pipeline::<Value>().unwrap()["scale"], 0.1);
    let error = memory.read_text("metrics.jsonl").unwrap_err().to_string();
    assert!(
        error.contains("a model") && error.contains("metrics.jsonl"),
        "{error}"
    );
}
