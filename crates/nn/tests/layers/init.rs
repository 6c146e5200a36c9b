//! Where the parameters of recurrent layers start.
use burn::tensor::Device;
use ressac_nn::cell::Source;
use ressac_nn::init::{Bias, Column, Extent, Gates, Init, Sizes, Values, Weights};
use ressac_nn::random::Stream;
use ressac_nn::{Elman, Gru, Lstm, NnError, Recurrent, RecurrentConfig, weights};

const SIZES: Sizes = Sizes {
    input: 7,
    hidden: 13,
    output: 13,
};

fn lstm() -> Vec<Column> {
    Column::of("lstm", &[Source::Both; 4], &["i", "f", "g", "o"])
}

fn gru() -> Vec<Column> {
    let sources = [Source::Both, Source::Both, Source::Input, Source::Recurrent];
    Column::of("gru", &sources, &["r", "z", "n", "u"])
}

fn rnn() -> Vec<Column> {
    Column::of("rnn", &[Source::Both], &["h"])
}

/// The LSTM whose input gate is 1 − f.
fn coupled() -> Vec<Column> {
    Column::of("lstm-coupled", &[Source::Both; 3], &["f", "g", "o"])
}

fn minimal_gru() -> Vec<Column> {
    Column::of("minimal-gru", &[Source::Input; 2], &["z", "n"])
}

fn values(init: Init, cell: &str, columns: &[Column], sizes: Sizes) -> Result<Values, NnError> {
    init.values(cell, columns, sizes, &Stream::new(3, "init"))
}

fn recurrent(weights: Weights, columns: &[Column], sizes: Sizes) -> Vec<f32> {
    let init = Init {
        recurrent: weights,
        ..Init::pytorch()
    };
    values(init, "test", columns, sizes)
        .expect("finite weights")
        .recurrent
}

/// The largest distance of A·Aᵀ (or Aᵀ·A, if that is smaller) from `square` times the identity.
fn distance_from_orthogonal(matrix: &[f32], columns: usize, square: f64) -> f64 {
    let rows = matrix.len() / columns;
    let at = |row: usize, column: usize| f64::from(matrix[row * columns + column]);
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut largest: f64 = 0.0;
    for a in 0..count {
        for b in 0..count {
            let product: f64 = (0..length)
                .map(|k| match rows <= columns {
                    true => at(a, k) * at(b, k),
                    false => at(k, a) * at(k, b),
                })
                .sum();
            let expected = if a == b { square } else { 0.0 };
            largest = largest.max((product - expected).abs());
        }
    }
    largest
}

fn moments(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let variance = values
        .iter()
        .map(|&x| (f64::from(x) - mean).powi(2))
        .sum::<f64>()
        / count;
    (mean, variance)
}

#[test]
fn the_default_draws_what_layers_drew_before_they_could_be_told_otherwise() {
    let device = Device::flex();
    let stream = Stream::new(11, "weights");
    let layer: Recurrent = RecurrentConfig::new(Gru, 5, 3)
        .with_layers(2)
        .init(&stream, &device)
        .expect("a layer");
    let named = weights::collect(&layer);
    for (layer, inputs) in [(0, 5), (1, 3)] {
        for (name, purpose, count) in [
            ("input_weights", "input weights", 9 * inputs),
            ("recurrent_weights", "recurrent weights", 27),
            ("bias", "bias", 12),
        ] {
            let stream = stream.at(layer).at(0).child(purpose);
            let mut generator = stream.generator();
            let bound = 1.0 / 3f64.sqrt();
            let drawn: Vec<f32> = (0..count)
                .map(|_| (bound * (2.0 * generator.uniform() - 1.0)) as f32)
                .collect();
            assert_eq!(named[&format!("layers.{layer}.{name}")].values, drawn);
        }
    }
}

#[test]
fn orthogonal_blocks_have_the_gain_as_every_singular_value() {
    for (sizes, gain) in [
        (SIZES, 1.0),
        (Sizes { output: 5, ..SIZES }, 1.0),
        (
            Sizes {
                output: 29,
                ..SIZES
            },
            0.5,
        ),
        (
            Sizes {
                input: 1,
                hidden: 1,
                output: 1,
            },
            1.0,
        ),
        (
            Sizes {
                input: 1,
                hidden: 67,
                output: 67,
            },
            1.0,
        ),
    ] {
        let weights = Weights::Orthogonal {
            extent: Extent::Block,
            gain,
        };
        let drawn = recurrent(weights, &gru(), sizes);
        assert_eq!(drawn.len(), 3 * sizes.hidden * sizes.output);
        let blocks: Vec<_> = drawn.chunks(sizes.hidden * sizes.output).collect();
        for block in &blocks {
            let distance = distance_from_orthogonal(block, sizes.output, gain * gain);
            assert!(distance < 1e-6, "{sizes:?}: {distance:e}");
        }
        assert!(sizes.hidden == 1 || blocks[0] != blocks[1]);
    }
}

#[test]
fn a_whole_orthogonal_matrix_has_orthonormal_columns_and_its_blocks_do_not() {
    let drawn = values(Init::keras(), "lstm", &lstm(), SIZES)
        .expect("the LSTM has a forget gate")
        .recurrent;
    assert!(distance_from_orthogonal(&drawn, 13, 1.0) < 1e-6);
    assert!(distance_from_orthogonal(&drawn[..13 * 13], 13, 0.25) > 1e-2);
}

#[test]
fn orthogonal_matrices_are_drawn_evenly_with_either_determinant() {
    // Haar measure on 2 × 2: the first entry is the cosine of an even angle, mean 0 and variance ½, and
    // half the matrices are reflections. Without the sign of R's diagonal fixed neither would hold.
    let columns = vec![rnn()[0]; 20_000];
    let sizes = Sizes {
        input: 1,
        hidden: 2,
        output: 2,
    };
    let weights = Weights::Orthogonal {
        extent: Extent::Block,
        gain: 1.0,
    };
    let drawn = recurrent(weights, &columns, sizes);
    let firsts: Vec<f32> = drawn.chunks(4).map(|block| block[0]).collect();
    let (mean, variance) = moments(&firsts);
    assert!(
        mean.abs() < 0.02 && (variance - 0.5).abs() < 0.02,
        "{mean} {variance}"
    );
    let reflections = drawn
        .chunks(4)
        .filter(|m| m[0] * m[3] - m[1] * m[2] < 0.0)
        .count();
    assert!((9_700..10_300).contains(&reflections), "{reflections}");
}

#[test]
fn xavier_and_normal_weights_have_the_moments_of_their_papers() {
    let sizes = Sizes {
        input: 150,
        hidden: 50,
        output: 50,
    };
    let draw = |weights| {
        let init = Init {
            input: weights,
            ..Init::pytorch()
        };
        values(init, "lstm", &lstm(), sizes)
            .expect("finite weights")
            .input
    };
    let cases = [
        (
            Weights::Xavier {
                extent: Extent::Block,
                gain: 1.0,
            },
            2.0 / 200.0,
        ),
        (
            Weights::Xavier {
                extent: Extent::Whole,
                gain: 1.0,
            },
            2.0 / 350.0,
        ),
        (
            Weights::Xavier {
                extent: Extent::Block,
                gain: 2.0,
            },
            8.0 / 200.0,
        ),
        (Weights::Normal { deviation: 0.1 }, 0.01),
        (Weights::Uniform, 1.0 / 150.0),
    ];
    for (weights, expected) in cases {
        let drawn = draw(weights);
        assert_eq!(drawn.len(), 4 * 50 * 150);
        let (mean, variance) = moments(&drawn);
        // 30 000 draws: six standard errors of the mean, and of the variance of a normal.
        assert!(
            mean.abs() < 6.0 * (expected / 30_000f64).sqrt(),
            "{weights:?}: {mean}"
        );
        let error = (variance / expected - 1.0).abs();
        assert!(
            error < 6.0 * (2.0 / 30_000f64).sqrt(),
            "{weights:?}: {variance}"
        );
    }
}

#[test]
fn the_identity_stands_in_each_block_and_on_the_diagonal_alone() {
    let sizes = Sizes {
        input: 2,
        hidden: 3,
        output: 4,
    };
    let drawn = recurrent(Weights::Identity { scale: 0.5 }, &lstm()[..2], sizes);
    let block = [0.5, 0., 0., 0., 0., 0.5, 0., 0., 0., 0., 0.5, 0.];
    assert_eq!(drawn, [block, block].concat());
    let irnn = values(Init::irnn(), "rnn", &rnn(), SIZES).expect("irnn");
    assert_eq!(irnn.bias, [0.0; 13]);
    assert!((0..169).all(|k| irnn.recurrent[k] == if k % 14 == 0 { 1.0 } else { 0.0 }));
    assert!(irnn.input.iter().all(|w| w.abs() < 6e-3 && *w != 0.0));
}

#[test]
fn a_forget_bias_is_set_on_the_forget_gate_and_nowhere_else() {
    let init = Init {
        gates: Gates::Forget { bias: 1.5 },
        ..Init::pytorch()
    };
    let (plain, with) = (
        values(Init::pytorch(), "lstm", &lstm(), SIZES).expect("plain"),
        values(init, "lstm", &lstm(), SIZES).expect("with a forget bias"),
    );
    assert_eq!(with.bias[13..26], [1.5; 13]);
    assert_eq!(with.bias[..13], plain.bias[..13]);
    assert_eq!(with.bias[26..], plain.bias[26..]);
    assert_eq!((with.input, with.recurrent), (plain.input, plain.recurrent));
    let coupled = values(init, "lstm-coupled", &coupled(), SIZES).expect("coupled");
    assert_eq!(coupled.bias[..13], [1.5; 13]);
}

#[test]
fn the_default_of_keras_opens_the_forget_gate_where_there_is_one() {
    let bias = |cell: &str, columns: &[Column]| {
        values(Init::keras(), cell, columns, SIZES)
            .expect("keras")
            .bias
    };
    let expected = [[0.0; 13], [1.0; 13], [0.0; 13], [0.0; 13]].concat();
    assert_eq!(bias("lstm", &lstm()), expected);
    assert_eq!(bias("gru", &gru()), [0.0; 52]);
    assert_eq!(bias("rnn", &rnn()), [0.0; 13]);
}

#[test]
fn chrono_gates_forget_over_all_times_up_to_the_longest() {
    let sizes = Sizes {
        input: 1,
        hidden: 4000,
        output: 1,
    };
    let init = Init {
        recurrent: Weights::Uniform,
        ..Init::chrono(100)
    };
    let bias = values(init, "lstm", &lstm(), sizes).expect("chrono").bias;
    let gates: Vec<_> = bias.chunks(4000).collect();
    assert!((0..4000).all(|unit| gates[0][unit] == -gates[1][unit]));
    assert!(gates[2].iter().chain(gates[3]).all(|&value| value == 0.0));
    // σ(b) = 1 − 1/τ: the time τ of a unit is uniform on (2, 100).
    let times: Vec<f32> = gates[1].iter().map(|b| 1.0 + b.exp()).collect();
    assert!(times.iter().all(|time| (2.0..100.01).contains(time)));
    let (mean, variance) = moments(&times);
    assert!((mean - 51.0).abs() < 2.5, "{mean}");
    assert!(
        (variance / (98.0f64.powi(2) / 12.0) - 1.0).abs() < 0.06,
        "{variance}"
    );

    let gru_bias = values(init, "gru", &gru(), sizes).expect("chrono").bias;
    assert_eq!(
        gru_bias[4000..8000],
        *gates[1],
        "z keeps the state where it is 1"
    );
    assert!(
        gru_bias[..4000]
            .iter()
            .chain(&gru_bias[8000..])
            .all(|&value| value == 0.0)
    );
    let coupled = values(init, "lstm-coupled", &coupled(), sizes)
        .expect("chrono")
        .bias;
    assert_eq!(coupled[..4000], *gates[1]);
    let minimal = values(init, "minimal-gru", &minimal_gru(), sizes)
        .expect("chrono")
        .bias;
    assert_eq!(
        minimal[..4000],
        *gates[0],
        "z lets the candidate in where it is 1"
    );
}

#[test]
fn an_initialisation_that_is_not_for_the_cell_is_refused() {
    let device = Device::flex();
    let stream = Stream::new(1, "weights");
    let refusal = |config: RecurrentConfig, init: Init| {
        config
            .with_init(init)
            .init(&stream, &device)
            .expect_err("refused")
            .to_string()
    };
    let forget = Init {
        gates: Gates::Forget { bias: 1.0 },
        ..Init::orthogonal()
    };
    let gru = refusal(RecurrentConfig::new(Gru, 2, 3), forget);
    assert!(
        gru.contains("gru: forget bias: expected a cell with a forget gate"),
        "{gru}"
    );
    let rnn = refusal(RecurrentConfig::new(Elman::tanh(), 2, 3), Init::chrono(50));
    assert!(
        rnn.contains("rnn: chrono initialisation: expected a cell with a gate"),
        "{rnn}"
    );
    let short = refusal(RecurrentConfig::new(Lstm, 2, 3), Init::chrono(2));
    assert!(short.contains("3 steps or more, found 2"), "{short}");
    let gain = refusal(
        RecurrentConfig::new(Lstm, 2, 3),
        Init {
            recurrent: Weights::Orthogonal {
                extent: Extent::Block,
                gain: f64::NAN,
            },
            ..Init::orthogonal()
        },
    );
    assert!(
        gain.contains("gain of the recurrent weights: expected a finite number"),
        "{gain}"
    );
    let bias = refusal(
        RecurrentConfig::new(Lstm, 2, 3),
        Init {
            gates: Gates::Forget {
                bias: f64::INFINITY,
            },
            bias: Bias::Zeros,
            ..Init::orthogonal()
        },
    );
    assert!(
        bias.contains("lstm: forget bias: expected a finite number, found inf"),
        "{bias}"
    );
}

#[test]
fn values_depend_on_the_stream_and_on_nothing_else() {
    let all = [
        Init::pytorch(),
        Init::keras(),
        Init::orthogonal(),
        Init::chrono(200),
    ];
    for init in all {
        let stream = Stream::new(5, "weights");
        let draw = |stream: &Stream| init.values("lstm", &lstm(), SIZES, stream).expect("values");
        assert_eq!(draw(&stream), draw(&stream.clone()));
        assert_ne!(draw(&stream), draw(&stream.at(1)));
        assert!(
            draw(&stream)
                .recurrent
                .iter()
                .all(|value| value.is_finite())
        );
    }
}
