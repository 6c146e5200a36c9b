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
