//! A translator from pairs to figures: what it learns, that its bits depend on nothing but configuration and data, and what
//! it refuses.

use std::fs;

use toml::Table;

use ressac_data::generate::pairs;
use ressac_data::pairs::write_pairs;
use ressac_data::rows::{Cell, Collected};
use ressac_kernels::context;

use crate::model::{Source, Sources};
use crate::testing::{Workplace, figure};

const SMALL: &str = "hidden = 29\nlayers = 2\nbatch = 16\nseed = 3\ndropout = 0.1\nembedding = 21\nwords = 300\nat_least = 1\nsteps = 4\nlr = 0.02\nlabel_smoothing = 0.0\n";

/// Pairs as a table and as two files of lines.
fn place() -> Workplace {
    let place = Workplace::new("translate");
    let made = pairs(3, 900);
    let mut table = Vec::new();
    write_pairs(&made, &mut table).unwrap();
    place.write("pairs.tsv", table);
    place.write("all.en", made.sources.join("\n") + "\n");
    place.write("all.fr", made.targets.join("\n") + "\n");
    place
}

fn options(place: &Workplace, text: &str) -> Table {
    place.options(&[SMALL, text], &[("data", &["pairs.tsv"])])
}

fn texts(texts: &[&str]) -> Sources {
    Sources {
        of: texts
            .iter()
            .map(|text| Source::Text((*text).into()))
            .collect(),
        trained_on: false,
    }
}

fn translations(rows: &Collected) -> Vec<String> {
    let second = |row: &Vec<Cell<'static>>| match &row[1] {
        Cell::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    };
    rows.rows().iter().map(second).collect()
}

#[test]
fn pairs_are_learnt_with_and_without_attention_and_read_back_by_every_verb() {
    let place = place();
    for (name, more) in [
        ("luong", "steps = 400\nattention = \"luong\""),
        (
            "bahdanau",
            "steps = 400\nattention = \"bahdanau\"\nmodel = \"lstm\"\nshared_vocabulary = true",
        ),
        (
            "none",
            "attention = \"none\"\ntied = false\nlayers = 1\nbidirectional = false\ntokenizer = \"words\"",
        ),
    ] {
        let trained = place.train(name, &options(&place, more), None, false);
        let evaluated = trained.evaluated.unwrap();
        let perplexity = figure(&evaluated, "perplexity");
        if more.contains("400") {
            assert!(perplexity < 10.0, "{name}: {perplexity}");
        }
        assert!(
            evaluated.figures["word by word, IBM model 1"]["bleu"]
                .as_f64()
                .unwrap()
                > 5.0
        );
        assert!(evaluated.verdict.contains("BLEU"), "{}", evaluated.verdict);
        let model = place.open(name).unwrap();
        let layers = model.structure().stages;
        let layers: usize = layers
            .iter()
            .flat_map(|stage| &stage.layers)
            .map(|l| l.parameters)
            .sum();
        assert_eq!(
            (layers, model.structure().parameters),
            (model.parameters(), model.parameters()),
            "{name}"
        );
        let sources = Sources::files(&model.trained_on(), true);
        let again = model.evaluate(&sources, &Table::new()).unwrap();
        assert_eq!(again.figures, evaluated.figures, "{name}");
    }
    let page = place.open("luong").unwrap();
    let sources = Sources::files(&page.trained_on(), true);
    let report = page
        .evaluate(&sources, &Table::new())
        .unwrap()
        .report(&[], "");
    assert!(report.contains("What it looked at"));
}

#[test]
fn a_translation_does_not_depend_on_the_texts_beside_it_and_keeps_its_place() {
    let place = place();
    place.train("model", &options(&place, "steps = 120"), None, false);
    let model = place.open("model").unwrap();
    let asked = [
        "the small black cat sleeps .",
        "",
        "she does not see the three red houses .",
        "I have a dog .",
        "we eat .",
        "   ",
    ];
    for ask in [
        "",
        "beam = 1",
        "beam = 3\nlength_penalty = 0.0\ncoverage_penalty = 0.2",
    ] {
        let ask: Table = ask.parse().unwrap();
        let mut together = Collected::default();
        model.predict(&texts(&asked), &ask, &mut together).unwrap();
        assert_eq!(together.rows().len(), asked.len());
        for (at, text) in asked.iter().enumerate() {
            let mut alone = Collected::default();
            model.predict(&texts(&[text]), &ask, &mut alone).unwrap();
            assert_eq!(alone.rows()[0], together.rows()[at], "{text}");
        }
        let found = translations(&together);
        assert_eq!((found[1].as_str(), found[5].as_str()), ("", ""));
    }
    // Files of lines give the same, their empty lines too.
    let path = place.write("ask.txt", asked.join("\n") + "\n");
    let (mut of_file, mut of_texts) = (Collected::default(), Collected::default());
    model
        .predict(&Sources::files(&[path], false), &Table::new(), &mut of_file)
        .unwrap();
    model
        .predict(&texts(&asked), &Table::new(), &mut of_texts)
        .unwrap();
    assert_eq!(translations(&of_file), translations(&of_texts));
    // The language of the targets is told.
    let french = fs::read_to_string(place.path("all.fr")).unwrap();
    let french: Vec<&str> = french.lines().take(30).collect();
    let told = model.predict(
        &texts(&french),
        &"beam = 1".parse().unwrap(),
        &mut Collected::default(),
    );
    let told = told.unwrap().join("\n");
    assert!(told.contains("look like the targets"), "{told}");
}

#[test]
fn unknown_words_are_copied_from_the_source_by_attention() {
    let place = place();
    let more = "tokenizer = \"words\"\nwords = 25\nsteps = 150";
    place.train("model", &options(&place, more), None, false);
    let model = place.open("model").unwrap();
    let mut rows = Collected::default();
    let told = model.predict(
        &texts(&["Zorglub sees Zorglub .", "the Zorglub is a Zorglub ."]),
        &Table::new(),
        &mut rows,
    );
    let told = told.unwrap().join("\n");
    let found = translations(&rows).join(" ");
    assert!(!found.contains("<unk>"), "{found}");
    assert!(told.contains("are unknown to the model"), "{told}");
    assert!(told.contains("are copied from the sources"), "{told}");
}

#[test]
fn training_repeats_to_the_bit_also_resumed_and_on_other_numbers_of_threads() {
    let place = place();
    let options = options(&place, "steps = 12\nword_dropout = 0.1\nvariational = true");
    place.train("whole", &options, None, false);
    place.train("parts", &options, Some(5), false);
    place.train("parts", &options, None, true);
    assert_eq!(place.weights("parts"), place.weights("whole"));
    let before = context::Context::global().threads();
    context::set_threads(3);
    place.train("threads", &options, None, false);
    context::set_threads(before);
    assert_eq!(place.weights("threads"), place.weights("whole"));
}

#[test]
fn two_files_of_lines_are_read_as_the_table_is() {
    let place = place();
    place.train("table", &options(&place, ""), None, false);
    let lines = place.options(&[SMALL], &[("data", &["all.en", "all.fr"])]);
    place.train("lines", &lines, None, false);
    assert_eq!(place.weights("lines"), place.weights("table"));
}

#[test]
fn pairs_that_are_none_are_refused_in_words() {
    let place = place();
    let shorter = fs::read_to_string(place.path("all.fr")).unwrap();
    let shorter: Vec<&str> = shorter.lines().skip(7).collect();
    place.write("short.fr", shorter.join("\n"));
    place.write("damaged.fr", b"bon\n\xe9t\xe9\n");
    place.write("empty.en", "");
    place.write("blank.tsv", "source\ttarget\n\t\n\t\n");
    let with = |files: &[&str], text: &str| {
        place.refusal(&place.options(&[SMALL, text], &[("data", files)]))
    };
    for (files, text, said) in [
        (&["all.en", "short.fr"][..], "", "893"),
        (&["all.en", "damaged.fr"], "", "damaged.fr"),
        (&["all.en"], "", "need two"),
        (&["all.en", "all.fr", "all.en"], "", "3 files of lines"),
        (&["all.en", "pairs.tsv"], "", "is a table"),
        (&["empty.en", "all.fr"], "", "empty.en"),
        (&["blank.tsv"], "", "none of the"),
        (&["pairs.tsv"], "at_least = 100000", "`at_least`"),
        (&["pairs.tsv"], "attention = \"some\"", "luong"),
        (&["pairs.tsv"], "max_length = 1", "`max_length`"),
        (&["pairs.tsv"], "label_smoothing = 2.0", "`label_smoothing`"),
        (&["pairs.tsv"], "residual = true", "`residual`"),
    ] {
        let found = with(files, text);
        assert!(found.contains(said), "{files:?} {text}: {found}");
    }
    let files: [(&str, &[&str]); 2] = [
        ("data", &["all.en", "all.fr"]),
        ("valid", &["all.fr", "all.en"]),
    ];
    let exchanged = place.options(&[SMALL], &files);
    assert!(place.refusal(&exchanged).contains("wrong way round"));
}
