//! `ressac draw`: every notion in every form, a model as it is, and what is refused.

use std::fs;

use crate::harness::{Place, SMALL};

#[test]
fn every_notion_is_drawn_in_both_languages_and_said_in_json() {
    let place = Place::new();
    for (notion, english, french) in [
        ("neuron", "The formal neuron", "Le neurone formel"),
        ("recurrent --unfold 3", "unfolded", "déplié"),
        ("rnn", "unit", "unité"),
        ("lstm --gates cell", "forgets", "oublie"),
        (
            "lstm --gates peephole --unfold 12",
            "LSTM, unfolded",
            "LSTM déplié",
        ),
        ("gru --reset before", "reset before", "avant le produit"),
        ("mappings", "sentiment analysis", "analyse de sentiments"),
        ("autoencoder", "denoising", "débruiteur"),
        ("gan", "discriminator", "discriminateur"),
    ] {
        for (lang, word) in [("en", english), ("fr", french)] {
            let ran = place
                .run(&format!("draw {notion} --lang {lang} --out d.svg --json"))
                .succeeded();
            let svg = fs::read_to_string(place.path("d.svg")).unwrap();
            assert!(
                svg.starts_with("<svg") && svg.ends_with("</svg>"),
                "{notion}"
            );
            assert!(svg.contains(word), "{word} is missing in {notion}");
            let told = ran.json();
            assert_eq!(told["file"], "d.svg");
            assert_eq!(told["language"], lang);
        }
    }
    assert_eq!(crate::harness::entries(&place.path("")), ["d.svg"]);
}

#[test]
fn forms_differ_where_their_options_do() {
    let place = Place::new();
    let drawn = |options: &str| {
        place
            .run(&format!("draw {options} --out d.svg"))
            .succeeded();
        fs::read_to_string(place.path("d.svg")).unwrap()
    };
    let forms = [
        "lstm",
        "lstm --gates cell",
        "lstm --gates peephole",
        "lstm --unfold 2",
        "lstm --unfold 2 --gates cell",
        "lstm --unfold 3",
        "gru",
        "gru --reset before",
        "gru --unfold 2",
        "gru --unfold 2 --reset before",
        "recurrent",
        "recurrent --unfold 1",
    ];
    let files: std::collections::BTreeSet<String> = forms.iter().map(|form| drawn(form)).collect();
    assert_eq!(files.len(), forms.len());
    assert_eq!(drawn("lstm"), drawn("lstm --gates hidden"));
    assert_eq!(drawn("gru"), drawn("gru --reset after"));
}

#[test]
fn a_model_is_drawn_with_its_real_columns_sizes_and_parameters() {
    let place = Place::with_load();
    place
        .run(&format!("train forecast --data load.csv {SMALL} --layers 2 --residual yes --model lstm --head decoder --out lstm"))
        .succeeded();
    let ran = place.run("draw ./lstm --out d.svg --json").succeeded();
    let shown = place.run("show ./lstm --json").succeeded().json();
    assert_eq!(ran.json()["parameters"], shown["parameters"]);
    let svg = fs::read_to_string(place.path("d.svg")).unwrap();
    // Hidden 8: the second layer has 4 · 8 · (8 + 8 + 1) weights.
    for part in [
        "LSTM 8",
        "8 → 8",
        "544 parameters",
        "load",
        "24 steps of the past",
        "6 steps ahead",
        "decoder",
        "residual connections",
        "calendar",
    ] {
        assert!(svg.contains(part), "{part} is missing in {svg}");
    }
    let french = place
        .run("draw ./lstm --lang fr --unfold 3 --out d.svg")
        .succeeded();
    assert!(french.out.contains("d.svg"), "{}", french.out);
    let svg = fs::read_to_string(place.path("d.svg")).unwrap();
    for part in ["décodeur", "t − 2", "t + 3", "paramètres en tout"] {
        assert!(svg.contains(part), "{part} is missing");
    }
    place
        .run("draw ./lstm --unfold 12 --gates cell --out d.svg")
        .refused(2, &["--gates", "as it is"]);
    // Its name alone is the notion.
    place.run("draw lstm --out d.svg").succeeded();
    let svg = fs::read_to_string(place.path("d.svg")).unwrap();
    assert!(svg.contains("The LSTM unit"));
}

#[test]
fn a_model_that_reads_segments_is_drawn_too() {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --segment 6 --model segment --out model"
        ))
        .succeeded();
    place.run("draw model --out d.svg").succeeded();
    let svg = fs::read_to_string(place.path("d.svg")).unwrap();
    for part in [
        "embedding",
        "over 4 segments",
        "over 1 segment<",
        "1 vector<",
        "GRU 8",
        "weights of the encoder",
    ] {
        assert!(svg.contains(part), "{part} is missing");
    }
    place.run("draw model --unfold 4 --out d.svg").succeeded();
    place
        .run("draw model --unfold 5 --out d.svg")
        .refused(2, &["--unfold", "is 5", "4 steps"]);
}

#[test]
fn what_cannot_be_drawn_is_refused_and_nothing_is_written() {
    let place = Place::new();
    for (line, words) in [
        ("lstn --out d.svg", &["`lstn`", "`lstm`", "autoencoder"][..]),
        (
            "nothing-near --out d.svg",
            &["neither a model folder", "neuron, recurrent"],
        ),
        ("lstm --unfold 0 --out d.svg", &["1 to 12"]),
        ("lstm --unfold 13 --out d.svg", &["1 to 12"]),
        ("lstm --unfold x --out d.svg", &["1 to 12"]),
        (
            "neuron --unfold 2 --out d.svg",
            &["--unfold", "neuron", "no loop"],
        ),
        (
            "mappings --unfold 2 --out d.svg",
            &["--unfold", "unfolded already"],
        ),
        ("autoencoder --unfold 2 --out d.svg", &["--unfold"]),
        ("gan --unfold 2 --out d.svg", &["--unfold"]),
        ("gru --gates cell --out d.svg", &["--gates", "`lstm`"]),
        ("lstm --reset before --out d.svg", &["--reset", "`gru`"]),
        (
            "lstm --gates cells --out d.svg",
            &["hidden, cell, peephole"],
        ),
        ("lstm --lang de --out d.svg", &["en, fr"]),
        ("lstm", &["--out"]),
        ("lstm --out d.png", &["d.png", "d.svg"]),
    ] {
        place.run(&format!("draw {line}")).refused(2, words);
    }
    place
        .run("draw ./no-model --out d.svg")
        .refused(1, &["no-model", "not a model folder"]);
    place
        .run("draw lstm --out nowhere/d.svg")
        .refused(1, &["cannot write", "nowhere"]);
    assert!(crate::harness::entries(&place.path("")).is_empty());
}
