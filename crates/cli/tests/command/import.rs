//! `ressac import` with the files that PyTorch and Keras wrote.

use std::fs;

use crate::harness::{Place, SMALL, entries};

/// The path of a file of `fixtures/import`.
fn fixture(name: &str) -> String {
    format!(
        "{}/../../fixtures/import/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

#[test]
fn a_file_of_pytorchs_becomes_one_of_ours_and_says_what_was_done() {
    let place = Place::new();
    let ran = place
        .run(&format!(
            "import {} --layer gru --out new/gru.safetensors --json",
            fixture("torch/files/gru-2x2.pt")
        ))
        .succeeded();
    for word in [
        "PyTorch archive",
        "gru, input 4, hidden 3, 2 layers, 2 directions",
        "r, z, n",
        "inside the reset",
        "gru.safetensors",
    ] {
        assert!(ran.err.contains(word), "no {word:?} in {}", ran.err);
    }
    let json = ran.json();
    assert_eq!(json["cell"], "gru");
    assert_eq!(json["directions"], 2);
    assert_eq!(json["assumptions"].as_array().unwrap().len(), 0);
    // Ours is read again, and the same comes out.
    place
        .run("import new/gru.safetensors --out again.safetensors")
        .succeeded();
    let again = place
        .run("import again.safetensors --json")
        .succeeded()
        .json();
    assert_eq!(again["networks"][0]["layers"], 2);
    assert_eq!(again["networks"][0]["written_by"], "Ressac");
}

#[test]
fn without_a_place_to_go_the_networks_of_the_file_are_listed() {
    let place = Place::new();
    let ran = place
        .run(&format!(
            "import {}",
            fixture("keras/files/several.weights.h5")
        ))
        .succeeded();
    for word in [
        "layers/lstm: lstm, input 3, hidden 4",
        "layers/gru: gru, input 4",
        "layers/bidirectional: gru-before, input 4, hidden 4, 1 layer, 2 directions",
    ] {
        assert!(ran.out.contains(word), "no {word:?} in {}", ran.out);
    }
    assert!(ran.err.contains("--prefix"), "{}", ran.err);
    assert_eq!(entries(&place.path("")), Vec::<String>::new());
}

#[test]
fn what_is_assumed_is_said() {
    let place = Place::new();
    let lstm = fixture("keras/files/lstm.weights.h5");
    let ran = place
        .run(&format!("import {lstm} --out a.safetensors"))
        .succeeded();
    assert!(ran.out.contains("assumed"), "{}", ran.out);
    assert!(ran.out.contains("sigmoid"), "{}", ran.out);
    let rnn = fixture("torch/files/rnn-relu-2x2.pt");
    let tanh = place
        .run(&format!("import {rnn} --out b.safetensors --json"))
        .succeeded()
        .json();
    assert_eq!(tanh["activation"], "tanh");
    assert_eq!(tanh["assumptions"].as_array().unwrap().len(), 1);
    let relu = place
        .run(&format!(
            "import {rnn} --activation relu --out c.safetensors --json"
        ))
        .succeeded()
        .json();
    assert_eq!(relu["activation"], "relu");
    assert_eq!(relu["assumptions"].as_array().unwrap().len(), 0);
}

#[test]
fn what_cannot_be_taken_is_refused_with_the_file_and_what_to_do() {
    let place = Place::new();
    let import = |rest: &str| place.run(&format!("import {rest}"));
    import("absent.pt --out a.safetensors").refused(1, &["absent.pt"]);
    place.write("words.pt", "hello");
    import("words.pt --out a.safetensors").refused(1, &["words.pt", "torch.save"]);
    let two = fixture("torch/files/two-networks.pt");
    import(&format!("{two} --out a.safetensors"))
        .refused(2, &["two-networks.pt", "--prefix decoder"]);
    import(&format!("{two} --prefix encodr --out a.safetensors"))
        .refused(2, &["encodr", "encoder"]);
    import(&format!("{two} --layer lstn --out a.safetensors")).refused(2, &["lstn", "lstm"]);
    import(&format!("{two} --layer rnn --out a.safetensors")).refused(1, &["no rnn"]);
    import(&format!("{two} --out a.safetensors --into m")).refused(2, &["--into"]);
    import(&format!("{two} --to encoder")).refused(2, &["--into"]);
    let module = fixture("torch/files/whole-module.pt");
    import(&format!("{module} --out a.safetensors")).refused(1, &["Twice", "state_dict"]);
    assert_eq!(entries(&place.path("")), ["words.pt"]);
    place.write("there.safetensors", "mine");
    let gru = fixture("torch/files/gru-2x2.pt");
    import(&format!("{gru} --out there.safetensors"))
        .refused(2, &["there.safetensors", "overwritten"]);
    assert_eq!(
        fs::read_to_string(place.path("there.safetensors")).unwrap(),
        "mine"
    );
}

#[test]
fn weights_go_into_a_models_network_when_cell_and_sizes_are_the_same() {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --model gru --epochs 1 --out model"
        ))
        .succeeded();
    let weights = place.path("model").join("weights.safetensors");
    let before = fs::read(&weights).unwrap();
    // The model's own weights, as a file that can be taken from.
    fs::copy(&weights, place.path("own.safetensors")).unwrap();
    let found = place
        .run("import own.safetensors --json")
        .succeeded()
        .json();
    let prefix = found["networks"][0]["prefix"].as_str().unwrap().to_owned();
    place
        .run(&format!(
            "import own.safetensors --prefix {prefix} --into model --to encoder"
        ))
        .succeeded();
    assert_eq!(
        fs::read(&weights).unwrap(),
        before,
        "the same weights in the same place"
    );
    assert!(!place.path("model/report.html").exists());
    let shown = place.run("show model").succeeded();
    assert!(shown.out.contains("own.safetensors as"), "{}", shown.out);

    // As long as a training holds the folder nothing is put into it.
    let folder = ressac_folder::ModelFolder::open(&place.path("model")).unwrap();
    let lock = folder.lock().unwrap();
    place
        .run(&format!(
            "import own.safetensors --prefix {prefix} --into model --to encoder"
        ))
        .refused(1, &["model"]);
    drop(lock);

    let other = fixture("torch/files/gru-2x2.pt");
    place
        .run(&format!("import {other} --into model"))
        .refused(2, &["encoder", "decoder", "--to"]);
    let into_encoder = format!("import {other} --into model --to encoder");
    place.run(&into_encoder).refused(
        1,
        &[
            "gru-2x2.pt",
            "model",
            "the model's encoder is gru",
            "hidden 8",
            "the file has gru, input 4, hidden 3",
        ],
    );
    place
        .run(&format!("import {other} --into load.csv"))
        .refused(1, &["load.csv"]);
    assert_eq!(fs::read(&weights).unwrap(), before);

    // Other weights of the same sizes change the forecast.
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --model gru --epochs 1 --seed 9 --out second"
        ))
        .succeeded();
    let forecast = place.run("predict model").succeeded().out;
    let second = "second/weights.safetensors";
    let ran = place
        .run(&format!(
            "import {second} --prefix {prefix} --into model --to encoder --json"
        ))
        .succeeded();
    assert!(ran.err.contains("ressac evaluate model"), "{}", ran.err);
    assert_ne!(fs::read(&weights).unwrap(), before);
    assert_ne!(place.run("predict model").succeeded().out, forecast);
}
