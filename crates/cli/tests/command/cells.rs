//! Every recurrent cell the command offers trains, evaluates, predicts, and trains again to the same weights from its own
//! configuration; an option of another model is refused.

use crate::harness::{Place, SMALL};

/// The options of each cell, and a line of the resolved configuration.
const CELLS: [(&str, &str); 13] = [
    ("--model rnn", "activation = \"tanh\""),
    (
        "--model rnn --activation relu --init orthogonal",
        "activation = \"relu\"",
    ),
    (
        "--model rnn --activation sigmoid",
        "activation = \"sigmoid\"",
    ),
    (
        "--model rnn --activation identity --layer-norm yes",
        "layer_norm = true",
    ),
    ("--model lstm", "gates = \"hidden\""),
    ("--model lstm --gates cell --init keras", "gates = \"cell\""),
    (
        "--model lstm --gates peephole --zoneout 0.1",
        "gates = \"peephole\"",
    ),
    (
        "--model lstm --recurrent-dropout 0.2 --init chrono",
        "init = \"chrono\"",
    ),
    ("--model gru", "reset = \"after\""),
    (
        "--model gru --reset before --recurrent-dropout 0.1",
        "reset = \"before\"",
    ),
    (
        "--model gru --layers 2 --residual yes --layer-norm yes",
        "residual = true",
    ),
    (
        "--model minimal-gru --head direct",
        "model = \"minimal-gru\"",
    ),
    ("--model minimal-lstm --zoneout 0.1", "zoneout = 0.1"),
];

#[test]
fn every_cell_trains_evaluates_predicts_and_trains_again_to_the_same_weights() {
    let place = Place::with_load();
    for (number, (options, line)) in CELLS.iter().enumerate() {
        let (model, again) = (format!("m{number}"), format!("again{number}"));
        place
            .run(&format!(
                "train forecast --data load.csv {SMALL} --epochs 1 --stride 4 {options} --out {model}"
            ).replace("--epochs 2 ", ""))
            .succeeded();
        let config = std::fs::read_to_string(place.path(&model).join("config.toml")).unwrap();
        assert!(config.contains(line), "{options}: no {line} in {config}");
        let figures = place
            .run(&format!("evaluate {model} --json"))
            .succeeded()
            .json();
        assert!(
            figures.to_string().contains("\"mse\""),
            "{options}: {figures}"
        );
        place.run(&format!("predict {model}")).succeeded();
        place
            .run(&format!(
                "train forecast --config {model}/config.toml --out {again}"
            ))
            .succeeded();
        assert!(
            place.weights(&model) == place.weights(&again),
            "{options}: other weights the second time"
        );
    }
}

#[test]
fn an_option_of_another_model_or_that_cannot_stand_there_is_refused_by_name() {
    let place = Place::with_load();
    for (options, words) in [
        ("--model lstm --activation relu", ["--activation", "`rnn`"]),
        ("--model gru --gates cell", ["--gates", "`lstm`"]),
        ("--model rnn --reset before", ["--reset", "`gru`"]),
        ("--model segment --reset before", ["--reset", "`gru`"]),
        (
            "--model segment --zoneout 0.1",
            ["--zoneout", "published network"],
        ),
        (
            "--model minimal-gru --recurrent-dropout 0.1",
            ["--recurrent-dropout", "read none"],
        ),
        ("--model gru --residual yes", ["--residual", "layers = 2"]),
        ("--model rnn --init chrono", ["--init", "orthogonal"]),
        ("--model gru --zoneout 1", ["--zoneout", "less than 1"]),
        (
            "--model lstm --gates cel",
            ["cel", "hidden, cell, peephole"],
        ),
    ] {
        place
            .run(&format!("train forecast --data load.csv {SMALL} {options}"))
            .refused(2, &words);
    }
}
