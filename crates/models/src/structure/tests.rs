//! The structures of families unlike one another, told and drawn in both languages.

use ressac_chart::{Language, notion};

use super::*;
use crate::cell::Gates;

fn layer(kind: LayerKind, input: usize, output: usize, parameters: usize) -> Layer {
    Layer {
        kind,
        input,
        output,
        parameters,
        notes: Vec::new(),
    }
}

fn linear(activation: Option<&'static str>, input: usize, output: usize) -> Layer {
    let kind = LayerKind::Linear { activation };
    layer(kind, input, output, output * (input + 1))
}

fn stage(en: &str, fr: &str, layers: Vec<Layer>) -> Stage {
    Stage {
        heading: Words::new(en, fr),
        layers,
        ..Stage::default()
    }
}

/// A text in, a class out: 8000 words, an LSTM in both directions, the mean of its steps.
fn classifier() -> Structure {
    let lstm = LayerKind::Recurrent {
        cell: CellChoice::Lstm(Gates::Hidden),
        directions: 2,
    };
    let mut pooling = layer(LayerKind::Pooling(Pooling::Mean), 128, 128, 0);
    pooling.notes = vec![Words::new("over the real steps", "sur les pas réels")];
    let stages = vec![
        stage(
            "embedding",
            "plongement",
            vec![layer(LayerKind::Vectors, 8000, 64, 8000 * 64)],
        ),
        Stage {
            dropout: 0.3,
            recurrent: RecurrentExtras {
                layer_norm: true,
                ..RecurrentExtras::default()
            },
            steps: Some(Steps {
                count: None,
                over: Words::new("over the words of the text", "sur les mots du texte"),
                names: Some(StepNames::Numbered(Words::new("word", "mot"))),
            }),
            ..stage(
                "encoder",
                "encodeur",
                vec![layer(lstm, 64, 128, 2 * 4 * 64 * (64 + 64 + 1))],
            )
        },
        stage("pooling", "agrégation", vec![pooling]),
        stage("head", "tête", vec![linear(Some("softmax"), 128, 3)]),
    ];
    let classes = ["negative", "neutral", "positive"].map(str::to_owned);
    Structure {
        name: "lstm".into(),
        inputs: vec![Item::new(
            Words::new("text", "texte"),
            [
                Words::new("words, lower case", "mots, en minuscules"),
                Words::new("vocabulary of 8000", "vocabulaire de 8000"),
            ],
        )],
        extent: Some(Words::new("up to 400 words", "jusqu’à 400 mots")),
        scaling: None,
        outputs: vec![Item::new(
            Words::new("class", "classe"),
            [
                Words::listed(&classes),
                Words::new("3 probabilities", "3 probabilités"),
            ],
        )],
        parameters: stages
            .iter()
            .flat_map(|stage| &stage.layers)
            .map(|layer| layer.parameters)
            .sum(),
        stages,
    }
}

/// An image in, the same image out, through 8 numbers.
fn autoencoder() -> Structure {
    let image = || {
        let name = Words::new("image", "image");
        vec![Item::new(name, [Words::same("28 × 28")])]
    };
    let relu = Some("relu");
    let layers = [
        (relu, 784, 256),
        (relu, 256, 64),
        (None, 64, 8),
        (relu, 8, 64),
        (relu, 64, 256),
        (Some("sigmoid"), 256, 784),
    ]
    .map(|(activation, input, output)| linear(activation, input, output));
    Structure {
        name: "dense".into(),
        inputs: image(),
        parameters: layers.iter().map(|layer| layer.parameters).sum(),
        stages: vec![
            stage("encoder", "encodeur", layers[..3].to_vec()),
            stage("decoder", "décodeur", layers[3..].to_vec()),
        ],
        outputs: image(),
        ..Structure::default()
    }
}

fn drawn(structure: &Structure, language: Language, unfold: Option<usize>) -> String {
    let unfold = unfold.and_then(notion::Steps::new);
    structure.sketch("mine", language, unfold).unwrap().file()
}

fn contains(svg: &str, words: &[&str]) {
    for word in words {
        assert!(svg.contains(word), "{word} is missing in {svg}");
    }
}

#[test]
fn a_text_classifier_is_drawn_in_the_words_of_its_family() {
    let structure = classifier();
    let english = drawn(&structure, Language::English, None);
    contains(
        &english,
        &[
            "mine: lstm",
            "up to 400 words",
            "vocabulary of 8000",
            "8000 vectors",
            "of 64 numbers",
            "512\u{202f}000 parameters",
            "LSTM 128 ↔",
            "64 → 128",
            "over the words of the text",
            "dropout 0.3",
            "layer normalisation",
            "over the real steps",
            "linear softmax 3",
            "negative + 2",
            "578\u{202f}435 parameters in all",
        ],
    );
    assert!(!english.contains("scaling"));
    let french = drawn(&structure, Language::French, None);
    contains(
        &french,
        &[
            "texte",
            "plongement",
            "8000 vecteurs",
            "couches normalisées",
            "moyenne",
            "sur les pas réels",
            "linéaire softmax 3",
            "3 probabilités",
        ],
    );
}

#[test]
fn a_recurrence_over_any_number_of_steps_unfolds_over_the_first_ones() {
    let structure = classifier();
    let svg = drawn(&structure, Language::French, Some(12));
    contains(&svg, &["mot 1", "mot 12", "Les mêmes poids"]);
    let svg = drawn(&structure, Language::English, Some(2));
    assert!(svg.contains("word 2") && !svg.contains("word 3"), "{svg}");
}

#[test]
fn a_network_without_recurrence_is_drawn_and_does_not_unfold() {
    let structure = autoencoder();
    let svg = drawn(&structure, Language::English, None);
    contains(&svg, &["784 → 256", "64 → 8", "linear sigmoid 784"]);
    let refused = structure.sketch("mine", Language::English, notion::Steps::new(2));
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("`unfold` has no meaning"), "{message}");
}

#[test]
fn no_more_steps_are_shown_than_there_are() {
    let mut structure = classifier();
    if let Some(steps) = &mut structure.stages[1].steps {
        steps.count = Some(4);
    }
    let svg = drawn(&structure, Language::English, Some(3));
    assert!(svg.contains("word 2") && svg.contains("word 4") && !svg.contains("word 1"));
    let refused = structure.sketch("mine", Language::English, notion::Steps::new(5));
    let message = refused.unwrap_err().to_string();
    assert!(
        message.contains("is 5") && message.contains("4 steps"),
        "{message}"
    );
    // Where every step starts from the same state, nothing is carried to be shown.
    if let Some(steps) = &mut structure.stages[1].steps {
        steps.names = None;
    }
    assert!(
        structure
            .sketch("mine", Language::English, notion::Steps::new(2))
            .is_err()
    );
}
