//! Tests of a classifier from files to figures: what it learns, that its bits depend on nothing but the configuration
//! and the data, and what it refuses.

mod images;
mod several;
mod texts;

use std::fs;
use std::ops::Deref;
use std::path::Path;

use burn::tensor::Device;
use toml::Table;

use ressac_data::examples::{Examples, Inputs, write_ts};
use ressac_data::generate::{sentences, waves};
use ressac_data::rows::{Cell, Collected};
use ressac_folder::ModelFolder;
use ressac_kernels::context;

use super::Classifier;
use crate::family;
use crate::model::{Source, Sources};
use crate::testing::{Workplace, figure};

/// Texts as a TSV file, a header and `text`, `label` in each row.
fn write_texts(path: &Path, examples: &Examples) {
    let Inputs::Texts(texts) = &examples.inputs else {
        panic!("texts are expected");
    };
    let labels = examples.labels.as_ref().unwrap();
    let rows = texts.iter().zip(labels);
    let rows: String = rows
        .map(|(text, label)| format!("{text}\t{label}\n"))
        .collect();
    fs::write(path, format!("text\tlabel\n{rows}")).unwrap();
}

struct Files(Workplace);

impl Deref for Files {
    type Target = Workplace;
    fn deref(&self) -> &Workplace {
        &self.0
    }
}

impl Files {
    fn new() -> Self {
        let place = Workplace::new("classify");
        write_texts(&place.path("texts.tsv"), &sentences(3, 420));
        let mut ts = Vec::new();
        write_ts(&waves(5, 210), "waves", &mut ts).unwrap();
        place.write("waves.ts", ts);
        Self(place)
    }

    /// Options for a file, those of `text` added.
    fn options(&self, file: &str, text: &str) -> Table {
        let small = "hidden = 11\nbatch = 17\nseed = 3\n";
        self.0.options(&[small, text], &[("data", &[file])])
    }
}

#[test]
fn generated_reviews_are_learnt_far_better_than_chance_and_read_back_by_every_verb() {
    let files = Files::new();
    let options = files.options(
        "texts.tsv",
        "steps = 240\nlr = 0.02\nembedding = 13\nembedding_dropout = 0.1",
    );
    let trained = files.train("model", &options, None, false);
    let evaluated = trained.evaluated.unwrap();
    let accuracy = figure(&evaluated, "accuracy");
    let majority = evaluated.figures["majority"]["accuracy"].as_f64().unwrap();
    assert!(
        accuracy > 0.8 && accuracy > majority + 0.2,
        "{accuracy} {majority}"
    );
    let rival = &evaluated.figures["words and pairs, logistic regression"];
    assert!(rival["auroc"].as_f64().unwrap() > 0.7);
    assert!(
        evaluated.verdict.contains("accuracy"),
        "{}",
        evaluated.verdict
    );
    let page = evaluated.report(&[], "");
    assert!(page.contains("confus") || page.contains("taken for"));

    let model = files.open("model").unwrap();
    assert!(model.reads_texts() && model.structure().parameters == model.parameters());
    let mut rows = Collected::default();
    let text = |text: &str| Source::Text(text.into());
    let sources = Sources {
        of: vec![text("the film was great and lovely"), text("")],
        trained_on: false,
    };
    model.predict(&sources, &Table::new(), &mut rows).unwrap();
    let names: Vec<&str> = rows.columns().iter().map(|c| c.name.as_str()).collect();
    let expected = [
        "text",
        "label",
        "probability",
        "p_negative",
        "p_neutral",
        "p_positive",
    ];
    assert_eq!(names, expected);
    assert_eq!(rows.rows()[0][1], Cell::from("positive"));

    // The same part again, from the files.
    let sources = Sources::files(&model.trained_on(), true);
    let again = model.evaluate(&sources, &Table::new()).unwrap();
    assert_eq!(again.figures, evaluated.figures);
    // Where they have changed no rival is fitted, and that is said.
    let path = files.path("texts.tsv");
    let more = fs::read_to_string(&path).unwrap() + "new words\tneutral\n";
    fs::write(&path, more).unwrap();
    let sources = Sources::files(&[path], false);
    let other = model.evaluate(&sources, &Table::new()).unwrap();
    assert!(
        other.sentences[0].contains("have changed"),
        "{:?}",
        other.sentences
    );
    assert_eq!(other.figures["examples"], 421);
}

#[test]
fn generated_waves_are_learnt_far_better_than_chance_beside_their_nearest_neighbour() {
    let files = Files::new();
    for pool in ["max", "mean", "attention"] {
        let text = format!("steps = 240\nlr = 0.02\npool = \"{pool}\"\nmodel = \"gru\"");
        let options = files.options("waves.ts", &text);
        let evaluated = files.train(pool, &options, None, false).evaluated.unwrap();
        let accuracy = figure(&evaluated, "accuracy");
        // Chance is a quarter.
        assert!(accuracy > 0.5, "{pool}: {accuracy}");
        let rival = &evaluated.figures["one nearest neighbour"];
        assert!(rival["accuracy"].as_f64().unwrap() > 0.5 && rival["auroc"].is_null());
    }
}

#[test]
fn the_last_state_alone_tells_short_reviews_apart() {
    let files = Files::new();
    let text = "steps = 240\nlr = 0.02\npool = \"last\"\nmodel = \"gru\"\nembedding = 16";
    let options = files.options("texts.tsv", text);
    let evaluated = files
        .train("last", &options, None, false)
        .evaluated
        .unwrap();
    let accuracy = figure(&evaluated, "accuracy");
    assert!(accuracy > 0.8, "{accuracy}");
}

#[test]
fn padding_and_the_examples_beside_one_leave_its_bits_alone() {
    let files = Files::new();
    for (file, kind) in [
        ("texts.tsv", "embedding = 7\nwide = 50\nlr = 0.1"),
        ("waves.ts", "layers = 2\nstem = [5, 2]\nstride = 3"),
    ] {
        for pool in ["max", "mean", "last", "attention"] {
            let out = format!("{file}-{pool}");
            let options = files.options(file, &format!("steps = 3\npool = \"{pool}\"\n{kind}"));
            files.train(&out, &options, None, false);
            let folder = ModelFolder::open(&files.path(&out)).unwrap();
            let model = Classifier::open(&folder, &Device::default()).unwrap();
            let examples = match file {
                "waves.ts" => waves(9, 23),
                _ => sentences(9, 23),
            };
            let together = model.probabilities(&examples).unwrap();
            let classes = model.pipeline().classes.len();
            for (at, row) in together.chunks_exact(classes).enumerate() {
                let alone = crate::examples::chosen(&examples, &[at]);
                assert_eq!(
                    model.probabilities(&alone).unwrap(),
                    row,
                    "{file} {pool} {at}"
                );
            }
        }
    }
}

#[test]
fn a_resumed_training_and_any_number_of_threads_give_the_same_bytes() {
    let files = Files::new();
    for (file, kind) in [
        (
            "texts.tsv",
            "embedding = 7\nword_dropout = 0.2\ntokenizer = \"subwords\"\nwide = 64",
        ),
        ("waves.ts", ""),
    ] {
        let text = format!("steps = 60\naveraging = \"ema:0.9\"\n{kind}");
        let options = files.options(file, &text);
        let out = |name: &str| format!("{file}-{name}");
        context::set_threads(1);
        files.train(&out("whole"), &options, None, false);
        context::set_threads(2);
        files.train(&out("parts"), &options, Some(31), false);
        files.train(&out("parts"), &options, None, true);
        assert_eq!(
            files.weights(&out("whole")),
            files.weights(&out("parts")),
            "{file}"
        );
    }
}

#[test]
fn missing_values_are_masked_and_sequences_of_other_dimensions_refused() {
    let files = Files::new();
    let mut holed = waves(5, 90);
    if let Inputs::Sequences(sequences) = &mut holed.inputs {
        for item in sequences.items.iter_mut().step_by(3) {
            item.values[1] = f64::NAN;
        }
    }
    let mut ts = Vec::new();
    write_ts(&holed, "waves", &mut ts).unwrap();
    fs::write(files.path("holed.ts"), ts).unwrap();
    let options = files.options("holed.ts", "steps = 3");
    let evaluated = files
        .train("model", &options, None, false)
        .evaluated
        .unwrap();
    assert!(figure(&evaluated, "cross_entropy").is_finite());
    let model = files.open("model").unwrap();
    let rows = "id,a,b,c,d\n1,2,3,4,5\n1,2,3,4,5\n";
    fs::write(files.path("other.csv"), rows).unwrap();
    let sources = Sources::files(&[files.path("other.csv")], false);
    let error = model.predict(&sources, &Table::new(), &mut Collected::default());
    let error = error.unwrap_err().to_string();
    assert!(!error.is_empty(), "{error}");
}

#[test]
fn a_damaged_folder_is_refused_in_words() {
    let files = Files::new();
    files.train(
        "model",
        &files.options("texts.tsv", "steps = 2"),
        None,
        false,
    );
    let place = |name: &str| files.path("model").join(name);
    let changes: [(&str, &str, &str, &str); 4] = [
        ("config.toml", "hidden = 11", "hidden = 12", "weights"),
        ("config.toml", "hidden = 11", "hidden = 0", "`hidden`"),
        (
            "pipeline.json",
            "\"neutral\"",
            "\"neutral\", \"more\"",
            "classes",
        ),
        (
            "pipeline.json",
            "\"temperature\": ",
            "\"temperature\": -",
            "temperature",
        ),
    ];
    for (file, from, to, said) in changes {
        let sound = fs::read_to_string(place(file)).unwrap();
        let damaged = sound.replacen(from, to, 1);
        assert_ne!(sound, damaged, "{file} has no {from}: {sound}");
        fs::write(place(file), damaged).unwrap();
        let error = files.open("model").err().expect("a refusal").to_string();
        assert!(error.contains(said), "{file} {to}: {error}");
        fs::write(place(file), sound).unwrap();
    }
    assert!(files.open("model").is_ok());
    fs::write(place("weights.safetensors"), b"not weights").unwrap();
    assert!(files.open("model").is_err());
}

#[test]
fn what_does_not_concern_the_data_or_is_out_of_its_range_is_refused_with_its_key() {
    let files = Files::new();
    let refusals = [
        ("texts.tsv", "split = \"0.5,0.6,0\"", "`split`"),
        ("texts.tsv", "split = \"all\"", "`split`"),
        ("texts.tsv", "embedding = 0", "`embedding`"),
        (
            "texts.tsv",
            "embedding_dropout = 1.0",
            "`embedding_dropout`",
        ),
        ("texts.tsv", "word_dropout = -0.1", "`word_dropout`"),
        ("texts.tsv", "words = 0", "`words`"),
        ("texts.tsv", "at_least = 0", "`at_least`"),
        ("texts.tsv", "reset = \"after\"", "`reset`"),
        ("texts.tsv", "epochs = 2\nsteps = 2", "`steps`"),
        ("texts.tsv", "tokenizer = \"bytes\"", "`tokenizer`"),
        ("texts.tsv", "max_length = 0", "`max_length`"),
        ("texts.tsv", "wide = 100000000", "`wide`"),
        (
            "texts.tsv",
            "vectors = \"/nowhere/v.txt\"",
            "/nowhere/v.txt",
        ),
        ("waves.ts", "wide = 10", "`wide`"),
        ("waves.ts", "max_length = 3", "`max_length`"),
        ("waves.ts", "tokenizer = \"words\"", "`tokenizer`"),
        ("waves.ts", "vectors = \"v.txt\"", "`vectors`"),
        ("waves.ts", "words = 10", "`words`"),
        ("waves.ts", "at_least = 2", "`at_least`"),
        ("waves.ts", "lower_case = false", "`lower_case`"),
        ("waves.ts", "embedding = 10", "`embedding`"),
        ("waves.ts", "embedding_dropout = 0.1", "`embedding_dropout`"),
        ("waves.ts", "word_dropout = 0.1", "`word_dropout`"),
    ];
    for (file, text, key) in refusals {
        let error = files.refusal(&files.options(file, text));
        assert!(error.contains(key), "{text}: {error}");
    }
    let mut both = files.options("texts.tsv", "split = \"0.8,0.1,0.1\"");
    for part in ["valid", "test"] {
        let path = files.path("texts.tsv").display().to_string();
        both.insert(part.into(), path.into());
    }
    assert!(files.refusal(&both).contains("`split`"));
    both.remove("split");
    both.insert(
        "valid".into(),
        files.path("waves.ts").display().to_string().into(),
    );
    assert!(files.refusal(&both).contains("sequences of numbers"));
    fs::write(
        files.path("one.tsv"),
        "text\tlabel\na b\tx\nc d\tx\ne f\tx\n",
    )
    .unwrap();
    let one = files.options("one.tsv", "steps = 2");
    let error = files.refusal(&one);
    assert!(error.contains("nothing to tell apart"), "{error}");
}
