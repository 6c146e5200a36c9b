//! A language model from text to figures: what it learns, that its bits depend on nothing but configuration and data, and
//! what it refuses.

use toml::Table;

use ressac_data::generate::tales;
use ressac_data::rows::{Cell, Collected};
use ressac_kernels::context;

use crate::model::{Source, Sources};
use crate::testing::{Workplace, figure};

const SMALL: &str = "hidden = 23\nlayers = 1\nbatch = 5\nwindow = 13\nseed = 3\ndropout = 0.1\n";

fn place() -> Workplace {
    let place = Workplace::new("language");
    place.write("tales.txt", tales(3, 400).lines.join("\n") + "\n");
    place
}

fn options(place: &Workplace, text: &str) -> Table {
    place.options(&[SMALL, text], &[("data", &["tales.txt"])])
}

fn text(text: &str) -> Sources {
    Sources {
        of: vec![Source::Text(text.into())],
        trained_on: false,
    }
}

#[test]
fn tales_are_learnt_in_characters_subwords_and_words_and_read_back_by_every_verb() {
    let place = place();
    for (tokens, more) in [
        ("characters", ""),
        ("subwords", "words = 150\nembedding = 19\nmodel = \"gru\""),
        (
            "spaces",
            "tied = false\nweight_dropout = 0.1\nlayers = 2\nvariational = true",
        ),
    ] {
        let tokenizer = format!("tokenizer = \"{tokens}\"\nsteps = 150\nlr = 0.02\n{more}");
        let options = options(&place, &tokenizer);
        let trained = place.train(tokens, &options, None, false);
        let evaluated = trained.evaluated.unwrap();
        let nats = figure(&evaluated, "nats_per_token");
        let frequency = evaluated.figures["frequency"]["nats_per_token"]
            .as_f64()
            .unwrap();
        assert!(
            nats < frequency - 0.3,
            "{tokens}: {nats} against {frequency}"
        );
        assert!((nats.exp() / figure(&evaluated, "perplexity") - 1.0).abs() < 1e-9);
        assert!(
            evaluated.verdict.contains("perplexity"),
            "{}",
            evaluated.verdict
        );

        let model = place.open(tokens).unwrap();
        assert_eq!(model.structure().parameters, model.parameters());
        assert_eq!(
            model
                .structure()
                .stages
                .iter()
                .flat_map(|stage| &stage.layers)
                .map(|l| l.parameters)
                .sum::<usize>(),
            model.parameters(),
            "{tokens}"
        );
        let sources = Sources::files(&model.trained_on(), true);
        let again = model.evaluate(&sources, &Table::new()).unwrap();
        assert_eq!(again.figures, evaluated.figures, "{tokens}");
    }
}

#[test]
fn the_whole_text_is_scored_with_the_state_carried_and_a_line_by_itself() {
    let place = place();
    place.train(
        "model",
        &options(&place, "steps = 30\nlr = 0.02"),
        None,
        false,
    );
    let model = place.open("model").unwrap();
    place.write("one.txt", "a short line");
    let path = place.path("one.txt");
    let whole = model
        .evaluate(&Sources::files(&[path], false), &Table::new())
        .unwrap();
    let mut rows = Collected::default();
    model
        .predict(&text("a short line"), &Table::new(), &mut rows)
        .unwrap();
    let Cell::Number(alone) = rows.rows()[0][3] else {
        panic!()
    };
    // A text of one line: both start from nothing.
    assert!((figure(&whole, "nats_per_token") - alone).abs() < 1e-6);
    assert_eq!(figure(&whole, "tokens"), 13.0);
    // Lines side by side, and padded, have the bits that they have alone.
    let mut several = Collected::default();
    let sources = Sources {
        of: ["a much longer line beside it", "a short line", ""]
            .map(|t| Source::Text(t.into()))
            .into(),
        trained_on: false,
    };
    model
        .predict(&sources, &Table::new(), &mut several)
        .unwrap();
    assert_eq!(several.rows()[1], rows.rows()[0]);
    assert_eq!(several.rows()[2][1], Cell::Integer(0));

    let cached: Table = "cache = 50\ncache_weight = 0.2".parse().unwrap();
    let sources = Sources::files(&model.trained_on(), true);
    let cached = model.evaluate(&sources, &cached).unwrap();
    let plain = model.evaluate(&sources, &Table::new()).unwrap();
    assert_eq!(
        cached.figures["model"]["perplexity"],
        plain.figures["perplexity"]
    );
    assert_ne!(cached.figures["perplexity"], plain.figures["perplexity"]);
    for wrong in [
        "cache_weight = 0.2",
        "dynamic = -1.0",
        "dynamic = 0.1\ncache = 5",
    ] {
        assert!(
            model.evaluate(&sources, &wrong.parse().unwrap()).is_err(),
            "{wrong}"
        );
    }
    let learning: Table = "part = \"valid\"\ndynamic = 0.003".parse().unwrap();
    let learning = model.evaluate(&sources, &learning).unwrap();
    let of = |evaluated: &crate::Evaluated| figure(evaluated, "perplexity");
    let kept = learning.figures["model"]["perplexity"].as_f64().unwrap();
    // A model that has hardly learnt goes on learning.
    assert!(of(&learning) < kept - 0.1, "{} {kept}", of(&learning));
}

#[test]
fn a_training_stopped_in_a_carried_stream_goes_on_to_the_same_bits_for_any_number_of_threads() {
    let place = place();
    let options = options(
        &place,
        "steps = 21\nrecurrent_dropout = 0.1\nword_dropout = 0.1\nembedding_dropout = 0.2",
    );
    place.train("whole", &options, None, false);
    for stop in [1, 10] {
        let out = format!("parts{stop}");
        place.train(&out, &options, Some(stop), false);
        place.train(&out, &options, None, true);
        assert_eq!(
            place.weights(&out),
            place.weights("whole"),
            "stopped at {stop}"
        );
    }
    let before = context::Context::global().threads();
    context::set_threads(3);
    place.train("threads", &options, None, false);
    context::set_threads(before);
    assert_eq!(place.weights("threads"), place.weights("whole"));
}

#[test]
fn samples_depend_on_the_seed_and_their_place_alone() {
    let place = place();
    place.train(
        "model",
        &options(&place, "steps = 60\nlr = 0.02"),
        None,
        false,
    );
    let model = place.open("model").unwrap();
    let written = |ask: &str, seed: u64| -> Vec<String> {
        let mut rows = Collected::default();
        let ask: Table = ask.parse().unwrap();
        let told = model
            .sample()
            .unwrap()
            .sample(&ask, seed, &mut rows)
            .unwrap();
        assert_eq!(told["length"], 40);
        let first = |row: &Vec<Cell<'static>>| match &row[0] {
            Cell::Text(text) => text.to_string(),
            other => panic!("{other:?}"),
        };
        rows.rows().iter().map(first).collect()
    };
    let three = written("count = 3\nlength = 40\nprompt = \"the old\"", 5);
    assert!(
        three
            .iter()
            .all(|text| text.starts_with("the old") && text.chars().count() == 47),
        "{three:?}"
    );
    assert!(three[0] != three[1] && three[1] != three[2]);
    assert_eq!(
        written("count = 2\nlength = 40\nprompt = \"the old\"", 5),
        three[..2]
    );
    assert_ne!(
        written("count = 2\nlength = 40\nprompt = \"the old\"", 6),
        three[..2]
    );
    let one_line = written("count = 4\nlength = 40\none_line = true", 5);
    assert!(
        one_line.iter().all(|text| !text.contains('\n')),
        "{one_line:?}"
    );
    let likeliest = written("length = 40\ntemperature = 0.0", 1);
    assert_eq!(written("length = 40\ntemperature = 0.0", 2), likeliest);
    assert_eq!(
        written("length = 40\ntop_k = 1\ntemperature = 2.0", 2),
        likeliest
    );
    let mut rows = Collected::default();
    for wrong in [
        "temperature = -1.0",
        "top_p = 0.0",
        "top_k = 0",
        "count = 0",
    ] {
        let refused = model
            .sample()
            .unwrap()
            .sample(&wrong.parse().unwrap(), 0, &mut rows);
        assert!(refused.is_err(), "{wrong}");
    }
}

#[test]
fn what_cannot_be_learnt_from_is_refused_in_words() {
    let place = place();
    place.write("short.txt", "ab\n");
    place.write("empty.txt", "");
    place.write("damaged.txt", b"good\n\xff\xfe bad\xff\n");
    let with = |file: &str, text: &str| {
        place.refusal(&place.options(&[SMALL, "steps = 2", text], &[("data", &[file])]))
    };
    for (file, text, said) in [
        ("empty.txt", "", "empty.txt"),
        ("damaged.txt", "", "damaged.txt"),
        ("tales.txt", "window = 0", "`window`"),
        ("tales.txt", "weight_dropout = 1.0", "`weight_dropout`"),
        (
            "tales.txt",
            "model = \"minimal-gru\"\nweight_dropout = 0.1",
            "`weight_dropout`",
        ),
        ("tales.txt", "split = \"a\"", "`split`"),
        ("tales.txt", "vectors = \"/nowhere/glove.txt\"", "glove.txt"),
    ] {
        let found = with(file, text);
        assert!(found.contains(said), "{file} {text}: {found}");
    }
    let options = place.options(&[SMALL, "steps = 2"], &[("data", &["short.txt"])]);
    let mut training = crate::family("language")
        .unwrap()
        .prepare(&options, &burn::tensor::Device::default())
        .unwrap();
    let error = training.plan().unwrap_err().to_string();
    assert!(
        error.contains("3 characters") && error.contains("batch of 5"),
        "{error}"
    );
}
