//! Tests of the model folder: what is missing, damaged or of another version says so.

use super::*;
use ressac_nn::weights::HostTensor;

fn laid_out() -> (tempfile::TempDir, ModelFolder) {
    let parent = tempfile::tempdir().unwrap();
    let folder = ModelFolder::create(&parent.path().join("model")).unwrap();
    folder
        .write_pipeline(&serde_json::json!({"scale": 0.1}))
        .unwrap();
    let tensor = HostTensor {
        shape: vec![2],
        values: vec![1.0, -2.5],
    };
    folder
        .write_weights(&NamedTensors::from([("head.bias".to_owned(), tensor)]))
        .unwrap();
    let config = ConfigFile {
        task: Some(Task::Forecast),
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
    assert_eq!(folder.weights().unwrap()["head.bias"].values, [1.0, -2.5]);
    assert_eq!(folder.config().unwrap().task, Some(Task::Forecast));
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
    let error = folder.weights().unwrap_err().to_string();
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
fn weights_cut_at_any_byte_are_damaged_and_never_panic() {
    let (_parent, folder) = laid_out();
    let path = folder.file("weights.safetensors");
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let error = folder.weights().unwrap_err();
        assert!(
            matches!(error, FolderError::Damaged { .. }),
            "{length} bytes: {error}"
        );
    }
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
