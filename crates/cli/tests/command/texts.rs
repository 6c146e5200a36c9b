//! Families whose output is text: translation and language models through the command.

use std::fs;

use crate::harness::Place;

const SMALL: &str = "--hidden 24 --steps 30 --lr 0.02 --batch 16";

#[test]
fn pairs_are_translated_line_by_line_with_empty_lines_in_their_place() {
    let place = Place::new();
    place.run("data pairs --out . --count 600").succeeded();
    let checked = place
        .run("check translate --data pairs.tsv --json")
        .succeeded();
    assert_eq!(checked.json()["pairs"], 600);
    let trained = place
        .run(&format!(
            "train translate --data pairs.tsv {SMALL} --words 200 --out model"
        ))
        .succeeded();
    assert!(trained.err.contains("pairs to train on"), "{}", trained.err);
    let evaluated = place
        .run("evaluate model --beam 2 --json")
        .succeeded()
        .json();
    for key in ["bleu", "chrf", "perplexity"] {
        assert!(
            evaluated[key].as_f64().unwrap() >= 0.0,
            "{key}: {evaluated}"
        );
    }
    assert!(evaluated["word by word, IBM model 1"]["bleu"].is_f64());
    assert_eq!(evaluated["beam"], 2);

    place.write("ask.txt", "the cat sleeps .\n\nwe see a dog .\n");
    place
        .run("predict model --data ask.txt --out said.txt")
        .succeeded();
    let said = fs::read_to_string(place.path("said.txt")).unwrap();
    let lines: Vec<&str> = said.split('\n').collect();
    assert_eq!((lines.len(), lines[1], lines[3]), (4, "", ""), "{said:?}");
    let one = place
        .run("predict model --text hello --json")
        .succeeded()
        .json();
    assert_eq!(one["rows"], 1);
    assert_eq!(one["columns"]["source"][0], "hello");

    let shown = place.run("show model").succeeded();
    assert!(
        shown.out.contains("encoder") && shown.out.contains("attention bahdanau"),
        "{}",
        shown.out
    );
    place.run("draw model --out model.svg").succeeded();
    place
        .run("sample model")
        .refused(2, &["makes nothing new", "language"]);
    place
        .run("evaluate model --cache 5")
        .refused(2, &["--cache", "translate"]);
}

#[test]
fn a_text_is_learnt_scored_and_continued_with_a_record_of_what_made_it() {
    let place = Place::new();
    place.run("data tales --out . --count 300").succeeded();
    place
        .run(&format!(
            "train language --data tales.txt {SMALL} --layers 1 --window 20 --out model"
        ))
        .succeeded();
    let figures = place.run("evaluate model --json").succeeded().json();
    assert!(figures["perplexity"].as_f64().unwrap() > 1.0);
    assert_eq!(figures["part"], "test");
    place.run("evaluate model --cache 20").succeeded();
    let scored = place
        .run("predict model --text word --json")
        .succeeded()
        .json();
    assert!(scored["columns"]["nats_per_token"][0].as_f64().unwrap() > 0.0);

    let looked = place
        .run("diagnose model --windows 8 --no-rate-test")
        .succeeded();
    assert!(looked.out.contains("window"), "{}", looked.out);

    let asked = "sample model --count 2 --length 30 --seed 7";
    let first = place.run(asked).succeeded();
    assert_eq!(place.run(asked).succeeded().out, first.out);
    place.run(&format!("{asked} --out made.jsonl")).succeeded();
    let record = fs::read_to_string(place.path("made.jsonl.json")).unwrap();
    for word in [
        "\"synthetic\": true",
        "weights_sha256",
        "\"seed\": 7",
        "\"temperature\": 0.8",
    ] {
        assert!(record.contains(word), "{word}: {record}");
    }
    assert_eq!(
        fs::read_to_string(place.path("made.jsonl"))
            .unwrap()
            .lines()
            .count(),
        2
    );
    place.run("sample model --top-p 2").refused(2, &["--top-p"]);
    place
        .run("sample model --out made.nothing")
        .refused(1, &[".txt"]);
}

#[test]
fn texts_that_cannot_be_read_are_refused_with_their_place() {
    let place = Place::new();
    place.write("a.en", "one\ntwo\nthree\n");
    place.write("a.fr", "un\ndeux\n");
    fs::write(place.path("bad.fr"), b"un\nd\xe9j\xe0\ntrois\n").unwrap();
    let train = |files: &str| place.run(&format!("train translate --data {files} --out none"));
    train("a.en a.fr").refused(1, &["a.en", "a.fr", "3", "2"]);
    train("a.en bad.fr").refused(1, &["bad.fr", "line 2", "byte"]);
    train("a.en").refused(1, &["need two"]);
    train("a.en missing.fr").refused(1, &["missing.fr"]);
    place.write("empty.txt", "");
    place
        .run("train language --data empty.txt --out none")
        .refused(1, &["empty.txt"]);
    place
        .run("train language --data bad.fr --out none")
        .refused(1, &["bad.fr", "line 2"]);
    place.run("check language --data bad.fr").refused(3, &[]);
    assert!(!place.path("none").join("weights.safetensors").exists());
}
