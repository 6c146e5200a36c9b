//! Tests of what is about texts alone: other tokens than words, vectors to start from, folders of earlier versions.

use super::*;
use crate::classify::pipeline::Reading;
use crate::options::Config as _;

#[test]
fn reviews_are_learnt_from_subwords_from_characters_and_beside_words_and_pairs() {
    let files = Files::new();
    for (tokens, kind) in [
        ("subwords", "tokenizer = \"subwords\"\nwords = 120"),
        ("characters", "tokenizer = \"characters\"\nmax_length = 90"),
        ("words", "wide = 4096"),
    ] {
        let text =
            format!("steps = 240\nlr = 0.02\nembedding = 13\nembedding_dropout = 0.1\n{kind}");
        let options = files.options("texts.tsv", &text);
        let trained = files.train(tokens, &options, None, false);
        let evaluated = trained.evaluated.unwrap();
        let accuracy = figure(&evaluated, "accuracy");
        assert!(accuracy > 0.6, "{tokens}: {accuracy}");
        let model = files.open(tokens).unwrap();
        assert!(model.network().contains(tokens), "{}", model.network());
        assert!(model.structure().parameters == model.parameters());
        let sources = Sources::files(&model.trained_on(), true);
        let again = model.evaluate(&sources, &Table::new()).unwrap();
        assert_eq!(again.figures, evaluated.figures, "{tokens}");
    }
}

#[test]
fn vectors_are_what_the_words_start_from_and_a_repetition_needs_the_same_ones() {
    let files = Files::new();
    let path = files.path("vectors.txt");
    fs::write(&path, "great 9 8 7\nThe 1 2 3\nunheard 4 5 6\n").unwrap();
    let options = files.options(
        "texts.tsv",
        &format!(
            "steps = 1\nlr = 1e-9\nvectors = {:?}",
            path.display().to_string()
        ),
    );
    let mut training = family("classify")
        .unwrap()
        .prepare(&options, &Device::default())
        .unwrap();
    let told = training.assumptions();
    let told = told.iter().find(|found| found.what == "vectors").unwrap();
    assert!(
        told.found.contains("2 of") && told.found.contains("do not"),
        "{}",
        told.found
    );
    assert!(training.plan().is_ok());
    files.train("model", &options, None, false);
    let folder = ModelFolder::open(&files.path("model")).unwrap();
    let model = Classifier::open(&folder, &Device::default()).unwrap();
    assert_eq!(model.config().texts.embedding, Some(3));
    let Reading::Texts(tokenizer) = &model.pipeline().reading else {
        panic!("texts are expected");
    };
    let word = tokenizer.encode("great").numbers[0] as usize;
    let tensors = ressac_nn::weights::collect(model.layers());
    let row = &tensors["embedding.weights"].values[3 * word..][..3];
    for (value, given) in row.iter().zip([9.0, 8.0, 7.0]) {
        assert!((value - given).abs() < 1e-3, "{row:?}");
    }
    // The folder's configuration holds what tells that file from others.
    let saved = model.config().table();
    fs::write(&path, "great 9 8 6\n").unwrap();
    assert!(files.refusal(&saved).contains("has changed"));
}

#[test]
fn folders_of_earlier_versions_open_and_read_words_as_they_did() {
    let files = Files::new();
    files.train(
        "model",
        &files.options("texts.tsv", "steps = 2"),
        None,
        false,
    );
    let place = |name: &str| files.path("model").join(name);
    let mut pipeline: serde_json::Value =
        serde_json::from_slice(&fs::read(place("pipeline.json")).unwrap()).unwrap();
    let object = pipeline.as_object_mut().unwrap();
    object.remove("wide");
    let texts = object.remove("texts").unwrap();
    let old = serde_json::json!({ "lower_case": true, "words": texts["words"] });
    object.insert("vocabulary".into(), old);
    fs::write(place("pipeline.json"), pipeline.to_string()).unwrap();
    let config = fs::read_to_string(place("config.toml")).unwrap();
    let config: Vec<&str> = (config.lines())
        .filter(|line| !line.starts_with("tokenizer") && !line.starts_with("wide"))
        .collect();
    fs::write(place("config.toml"), config.join("\n")).unwrap();
    let folder = ModelFolder::open(&files.path("model")).unwrap();
    let model = Classifier::open(&folder, &Device::default()).unwrap();
    let Reading::Texts(tokenizer) = &model.pipeline().reading else {
        panic!("texts are expected");
    };
    assert_eq!(tokenizer.encode("it 's").numbers.len(), 3);
    assert!(model.probabilities(&sentences(9, 5)).is_ok());
}

#[test]
fn the_likeliest_classes_are_given_and_the_words_that_decided_are_named() {
    let files = Files::new();
    let text = "steps = 240\nlr = 0.02\nembedding = 13\nembedding_dropout = 0.1\nclass_weights = \"balanced\"\nlabel_smoothing = 0.05";
    files.train("model", &files.options("texts.tsv", text), None, false);
    let model = files.open("model").unwrap();
    let sources = Sources {
        of: vec![Source::Text("the film was really great".into())],
        trained_on: false,
    };
    let mut rows = Collected::default();
    let ask: Table = "top = 2\nexplain = true".parse().unwrap();
    model.predict(&sources, &ask, &mut rows).unwrap();
    let names: Vec<&str> = rows.columns().iter().map(|column| &*column.name).collect();
    assert_eq!(
        names,
        [
            "text",
            "label",
            "probability",
            "label_2",
            "probability_2",
            "words"
        ]
    );
    let [_, label, first, other, second, words] = &rows.rows()[0][..] else {
        panic!("six cells are expected");
    };
    assert_ne!(label, other);
    assert!(
        matches!((first, second), (Cell::Number(a), Cell::Number(b)) if a >= b && a + b < 1.0 + 1e-9)
    );
    let Cell::Text(words) = words else {
        panic!("words are expected");
    };
    assert!(words.contains("great +"), "{words}");

    let waves = files.options("waves.ts", "steps = 1");
    files.train("waves", &waves, None, false);
    let model = files.open("waves").unwrap();
    let sources = Sources::files(&model.trained_on(), true);
    let error = model.predict(&sources, &ask, &mut Collected::default());
    assert!(error.unwrap_err().to_string().contains("explain"));
}
