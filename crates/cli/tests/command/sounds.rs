//! `ressac data sounds`: folders of WAV files by class, the same for the same seed.

use std::fs;

use crate::harness::{Place, entries};

const CLASSES: [&str; 6] = ["burst", "fall", "rhythm", "rise", "tone", "trill"];

#[test]
fn sounds_are_written_into_a_folder_for_each_class_of_each_part() {
    let place = Place::new();
    let ran = place
        .run("data sounds --out made --count 13 --test 6 --noise -3 --seed 4 --json")
        .succeeded();
    let said = ran.json();
    assert_eq!(said["counts"], serde_json::json!([13, 6]));
    assert_eq!(said["classes"], serde_json::json!(CLASSES));
    assert_eq!(said["noise"], -3.0);
    assert!(
        ran.err.contains("ressac train classify --data"),
        "{}",
        ran.err
    );
    for part in ["train", "test"] {
        assert_eq!(entries(&place.path("made").join(part)), CLASSES);
    }
    assert_eq!(
        entries(&place.path("made/train/burst")),
        ["01.wav", "07.wav", "13.wav"]
    );
    assert_eq!(entries(&place.path("made/test/trill")), ["6.wav"]);

    let again = place.run("data sounds --out made");
    again.refused(2, &["made/train", "nothing is overwritten"]);
    place
        .run("data sounds --out again --count 13 --test 6 --noise -3 --seed 4")
        .succeeded();
    place
        .run("data sounds --out other --count 13 --test 6 --noise -3 --seed 5")
        .succeeded();
    let bytes = |folder: &str| fs::read(place.path(folder).join("train/tone/05.wav")).unwrap();
    assert!(bytes("made") == bytes("again") && bytes("made") != bytes("other"));
    let bad = place.run("data sounds --out bad --noise loud");
    bad.refused(2, &["a number of dB from -60 to 120"]);
}

#[test]
fn a_classifier_is_trained_on_folders_of_sounds_and_hears_a_file_alone() {
    let place = Place::new();
    place
        .run("data sounds --out made --count 60 --test 12 --seed 2")
        .succeeded();
    let checked = place
        .run("check classify --data made/train --test made/test")
        .succeeded();
    let said = format!("{}{}", checked.out, checked.err);
    for told in [
        "72 sounds of 6 classes",
        "assumed rate: 8000 Hz",
        "tone          10",
    ] {
        assert!(said.contains(told), "{said}");
    }
    place
        .run("train classify --data made/train --test made/test --steps 40 --hidden 12 --filters 12 --batch 8 --lr 0.01 --out model")
        .succeeded();
    let shown = place.run("show model").succeeded();
    for told in [
        "40 dimensions",
        "at 8000 Hz, in 40 bands, 60 dB down to silence",
        "stretch 0.2, shift 0.1, bands 2, noise 1, masks 2",
        "12 filters each, over 8, then 5, then 3 steps",
    ] {
        assert!(shown.out.contains(told), "{told}: {}", shown.out);
    }
    let figures = place.run("evaluate model --json").succeeded().json();
    assert_eq!(
        (&figures["part"], &figures["examples"]),
        (&"test".into(), &12.into())
    );
    let heard = place
        .run("predict model --data made/test/tone/05.wav --top 2")
        .succeeded();
    let lines: Vec<&str> = heard.out.lines().collect();
    assert_eq!(lines[0], "id,label,probability,label_2,probability_2");
    assert!(
        lines[1].starts_with("05.wav,") && lines.len() == 2,
        "{}",
        heard.out
    );
    // Trained again from its own configuration: the same bytes.
    place
        .run("train classify --config model/config.toml --out again")
        .succeeded();
    let weights = |folder: &str| fs::read(place.path(folder).join("weights.safetensors")).unwrap();
    assert!(weights("model") == weights("again"));
    fs::write(place.path("cut.wav"), b"RIFF\x24\0\0\0WAVEfmt ").unwrap();
    let cut = place.run("predict model --data cut.wav");
    cut.refused(1, &["cut.wav"]);
    fs::write(place.path("texts.csv"), "text\nno sound at all\nnor this\n").unwrap();
    let texts = place.run("predict model --data texts.csv");
    texts.refused(1, &["texts.csv", "holds texts"]);
}

#[test]
fn batches_of_sequences_are_changed_at_random_as_the_options_say_and_resume_to_the_bit() {
    let place = Place::new();
    place
        .run("data waves --out . --count 80 --seed 3")
        .succeeded();
    const WITH: &str =
        "--model gru --hidden 6 --steps 40 --augment-noise 0.3 --augment-stretch 0.2";
    let train = |out: &str, more: &str| {
        place.run(&format!(
            "train classify --data waves.ts {WITH} --out {out} {more}"
        ))
    };
    train("whole", "").succeeded();
    train("plain", "--augment-noise 0 --augment-stretch 0").succeeded();
    train("parts", "--time-limit 0s").succeeded();
    let resumed = place.run("train classify --resume --out parts --time-limit 1h");
    resumed.succeeded();
    let weights = |of: &str| fs::read(place.path(of).join("weights.safetensors")).unwrap();
    assert!(
        weights("whole") == weights("parts"),
        "a resumed training differs"
    );
    assert!(weights("whole") != weights("plain"), "nothing was changed");
    let shown = place.run("show whole").succeeded();
    assert!(
        shown.out.contains("stretch 0.2, noise 0.3"),
        "{}",
        shown.out
    );

    train("bands", "--augment-bands 1").refused(2, &["--augment-bands", "sounds and images"]);
    train("wild", "--augment-noise -1").refused(2, &["--augment-noise", "0 to 10"]);
    place.write("texts.csv", &"text,label\ngood,a\nbad,b\n".repeat(20));
    place
        .run("train classify --data texts.csv --augment-masks 2 --out texts")
        .refused(2, &["--augment-masks", "holds texts"]);
}

#[test]
fn a_learning_curve_has_a_training_for_each_share_and_leaves_no_model_of_them() {
    let place = Place::new();
    place
        .run("data waves --out . --count 240 --seed 3")
        .succeeded();
    let trained = place
        .run("train classify --data waves.ts --model gru --hidden 6 --steps 40 --learning-curve yes --out model --json")
        .succeeded();
    let report = trained.json();
    let curve = report["test"]["learning_curve"].as_array().unwrap();
    let examples: Vec<u64> = (curve.iter())
        .map(|point| point["examples"].as_u64().unwrap())
        .collect();
    assert_eq!(examples, [24, 49, 97, 192]);
    assert_eq!(curve[3]["model"], report["test"]["accuracy"]);
    assert!(curve[0]["one nearest neighbour"].is_number(), "{report}");
    assert!(
        trained.err.contains("training on 49 of the 192"),
        "{}",
        trained.err
    );
    let page = fs::read_to_string(place.path("model/report.html")).unwrap();
    assert!(page.contains("Whether more data would help"));
    assert!(!place.path("model/learning-curve").exists());
    // The model kept is that of the whole training part.
    place
        .run("train classify --data waves.ts --model gru --hidden 6 --steps 40 --out alone")
        .succeeded();
    let weights = |of: &str| fs::read(place.path(of).join("weights.safetensors")).unwrap();
    assert!(weights("model") == weights("alone"));
}

#[test]
fn an_ensemble_averages_networks_that_started_from_different_weights() {
    let place = Place::new();
    place
        .run("data waves --out . --count 240 --seed 3")
        .succeeded();
    let train = |out: &str, more: &str| {
        let ran = place.run(&format!(
            "train classify --data waves.ts --model gru --hidden 6 --steps 60 --out {out} --json {more}"
        ));
        ran.succeeded().json()
    };
    let (one, three) = (train("one", ""), train("three", "--ensemble 3"));
    let parameters = |of: &serde_json::Value| of["parameters"].as_u64().unwrap();
    assert_eq!(3 * parameters(&one), parameters(&three));
    let shown = place.run("show three").succeeded();
    assert!(
        shown.out.contains("3 × (bidirectional gru"),
        "{}",
        shown.out
    );
    for verb in [
        "evaluate three",
        "diagnose three --no-rate-test",
        "draw three --out three.svg",
    ] {
        place.run(verb).succeeded();
    }
    place
        .run("train classify --data waves.ts --ensemble 0 --out none")
        .refused(2, &["--ensemble", "1 to 100"]);
}

#[test]
fn rows_of_features_are_classified_beside_a_logistic_regression() {
    let place = Place::new();
    let mut rows = "width,colour,kind\n".to_owned();
    for row in 0..240_usize {
        let kind = ["small", "large"][row % 2];
        let width = (row % 2) as f64 * 2.0 + (row * 37 % 100) as f64 / 60.0;
        rows += &format!("{width},{},{kind}\n", ["red", "blue"][row / 2 % 2]);
    }
    fs::write(place.path("rows.csv"), rows).unwrap();
    place
        .run("train classify --data rows.csv --label kind --steps 120 --hidden 8 --lr 0.01 --out model")
        .succeeded();
    let figures = place.run("evaluate model --json").succeeded().json();
    assert!(figures["accuracy"].as_f64().unwrap() > 0.8, "{figures}");
    assert!(
        figures["logistic regression"]["accuracy"]
            .as_f64()
            .is_some(),
        "{figures}"
    );
    fs::write(place.path("new.csv"), "colour,width\ngreen,0.2\n").unwrap();
    let predicted = place.run("predict model --data new.csv").succeeded();
    assert!(predicted.out.contains("small"), "{}", predicted.out);
    fs::write(place.path("short.csv"), "colour\nred\n").unwrap();
    place
        .run("predict model --data short.csv")
        .refused(1, &["short.csv", "width"]);
    fs::write(place.path("one.csv"), "width,kind\n1,a\n2,a\n3,a\n").unwrap();
    let one = place.run("train classify --data one.csv --label kind --out one");
    one.refused(1, &["one.csv", "nothing to tell apart"]);
}
