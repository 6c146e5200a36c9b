//! The normalisation against PyTorch, `f64` and finite differences, and its promises about bits.
use super::reference::{TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, Tolerance, assert_same_bits, bits_of, central_differences,
    close_on_every_set, contexts, numbers, same_bits_everywhere, unwritten, wide,
};
use crate::context::WORTH_SHARING;
use crate::golden_file::folder;
use proptest::prelude::*;

const ACTIVATIONS: [Activation; 5] = [
    Activation::Identity,
    Activation::Relu,
    Activation::LeakyRelu(0.2),
    Activation::Sigmoid,
    Activation::Tanh,
];

#[derive(Debug, Clone)]
struct Case {
    norm: BatchNorm,
    input: Vec<f32>,
    gain: Vec<f32>,
    shift: Vec<f32>,
    /// Mean and variance, unless they are the rows' own.
    given: Option<[Vec<f32>; 2]>,
    output_gradient: Vec<f32>,
}

impl Case {
    fn new(rows: usize, channels: usize, activation: Activation, given: bool) -> Self {
        let positive = |seed| -> Vec<f32> {
            let drawn = numbers(seed, channels, 0.5).into_iter();
            drawn.map(|value| value + 1.0).collect()
        };
        Self {
            norm: BatchNorm {
                channels,
                epsilon: 1e-5,
                activation,
            },
            input: numbers(1, rows * channels, 2.0),
            gain: positive(2),
            shift: numbers(3, channels, 0.5),
            given: given.then(|| [numbers(4, channels, 0.5), positive(5)]),
            output_gradient: numbers(6, rows * channels, 1.0),
        }
    }

    fn reference_of(&self, x: &[f64], gain: &[f64], shift: &[f64]) -> Results<f64> {
        let given = (self.given.as_ref()).map(|given| given.each_ref().map(|given| wide(given)));
        let given = given
            .as_ref()
            .map(|given| given.each_ref().map(Vec::as_slice));
        let dy = wide(&self.output_gradient);
        reference(self.norm, [x, gain, shift], given, &dy)
    }

    fn reference(&self) -> Results<f64> {
        let [x, gain, shift] = [&self.input, &self.gain, &self.shift].map(|values| wide(values));
        self.reference_of(&x, &gain, &shift)
    }

    fn operands(&self) -> Operands<'_> {
        Operands {
            input: &self.input,
            gain: &self.gain,
            shift: &self.shift,
        }
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let Self { norm, input, .. } = self;
        let (gain, operands) = (&self.gain, self.operands());
        let mut output = unwritten(input.len());
        let given = self.given.as_ref().map(|[mean, variance]| Moments {
            mean: wide(mean),
            variance: wide(variance),
        });
        let moments = match &given {
            None => norm.forward(context, operands, &mut output),
            Some(given) => norm
                .infer(context, operands, given, &mut output)
                .map(|()| given.clone()),
        };
        let moments = moments.unwrap();
        let source = match &given {
            None => Source::Rows(&moments),
            Some(given) => Source::Given(given),
        };
        let (mut dx, mut d_gain, mut d_shift) = (
            unwritten(input.len()),
            unwritten(gain.len()),
            unwritten(gain.len()),
        );
        let backward = |gradients: BatchNormGradients<'_>| {
            let dy = &self.output_gradient;
            norm.backward(context, operands, source, &output, dy, gradients)
                .unwrap();
        };
        backward(BatchNormGradients {
            input: Some(&mut dx),
            gain: Some(&mut d_gain),
            shift: Some(&mut d_shift),
        });
        let mut alone = unwritten(input.len());
        backward(BatchNormGradients {
            input: Some(&mut alone),
            ..BatchNormGradients::default()
        });
        assert!(bits_of(&alone) == bits_of(&dx), "dx alone");
        let narrow = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect();
        Results::new([
            ("output", output),
            ("mean", narrow(moments.mean)),
            ("variance", narrow(moments.variance)),
            ("d input", dx),
            ("d gain", d_gain),
            ("d shift", d_shift),
        ])
    }

    fn named(&self) -> String {
        let (rows, given) = (self.input.len() / self.norm.channels, self.given.is_some());
        format!("{rows} rows, {:?}, given {given}", self.norm)
    }
}

/// (rows, channels): one of each, primes, whole and broken tiles and vectors.
const SIZES: [(usize, usize); 8] = [
    (1, 1),
    (1, 5),
    (7, 3),
    (64, 16),
    (131, 1),
    (67, 64),
    (200, 67),
    (389, 37),
];

fn cases() -> impl Iterator<Item = Case> {
    SIZES.into_iter().flat_map(|(rows, channels)| {
        ACTIVATIONS.into_iter().flat_map(move |activation| {
            [false, true].map(|given| Case::new(rows, channels, activation, given))
        })
    })
}

#[test]
fn outputs_moments_and_gradients_are_the_reference_on_every_instruction_set() {
    for case in cases() {
        close_on_every_set(&case.named(), &case.reference(), TOLERANCE, |context| {
            case.run(context)
        });
    }
}

#[test]
fn the_reference_gradients_are_their_central_differences() {
    for activation in ACTIVATIONS {
        for given in [false, true] {
            let case = Case::new(7, 3, activation, given);
            let exact = case.reference();
            let dy = wide(&case.output_gradient);
            central_differences(
                &case.named(),
                &[
                    ("input", wide(&case.input), &exact["d input"]),
                    ("gain", wide(&case.gain), &exact["d gain"]),
                    ("shift", wide(&case.shift), &exact["d shift"]),
                ],
                |arrays| {
                    let found = case.reference_of(&arrays[0], &arrays[1], &arrays[2]);
                    let output = found["output"].iter();
                    output.zip(&dy).map(|(y, dy)| y * dy).sum()
                },
                1e-5,
                1e-8,
            );
        }
    }
}

#[test]
fn bits_depend_neither_on_threads_nor_on_the_instruction_set() {
    for (rows, channels) in [(1031, 131), (8209, 17), (5, 3)] {
        for activation in ACTIVATIONS {
            for given in [false, true] {
                let case = Case::new(rows, channels, activation, given);
                assert!(rows == 5 || size_of_val(&case.input[..]) >= WORTH_SHARING);
                same_bits_everywhere(&case.named(), &THREADS, |context| case.run(context));
            }
        }
    }
}

/// Made by PyTorch 2.15.0 in f64 (`fixtures/image/make.py`), in short:
///
/// ```python
/// output = phi(F.batch_norm(input, mean, variance, weight, bias, training, 0.1, 1e-5))
/// output.backward(upstream)
/// ```
#[test]
fn every_golden_normalisation_is_pytorchs() {
    let mut found = 0;
    for file in folder("image") {
        if file.text("operation") != "batch_norm" {
            continue;
        }
        found += 1;
        let training = file.text("training") == "yes";
        let (mean, variance) = ("running.mean", "running.variance");
        let case = Case {
            norm: BatchNorm {
                channels: file.number("channels"),
                epsilon: file.number("epsilon"),
                activation: match file.text("activation") {
                    "none" => Activation::Identity,
                    "relu" => Activation::Relu,
                    "leaky_relu" => Activation::LeakyRelu(file.number("slope")),
                    "sigmoid" => Activation::Sigmoid,
                    "tanh" => Activation::Tanh,
                    other => panic!("{}: which activation is {other}?", file.name),
                },
            },
            input: file.singles("input"),
            gain: file.singles("gain"),
            shift: file.singles("shift"),
            given: (!training).then(|| [mean, variance].map(|name| file.singles(name))),
            output_gradient: file.singles("upstream.output"),
        };
        let exact = Results::new([
            ("output", file.values("output").to_vec()),
            ("d input", file.values("gradient.input").to_vec()),
            ("d gain", file.values("gradient.gain").to_vec()),
            ("d shift", file.values("gradient.shift").to_vec()),
        ]);
        close_on_every_set(&file.name, &exact, TOLERANCE, |context| {
            let mut results = case.run(context);
            results
                .0
                .retain(|(name, _)| exact.0.iter().any(|(other, _)| other == name));
            results
        });
        if training {
            // What PyTorch keeps after one pass: nine parts of what was there, one of this batch.
            let reference = case.reference();
            let moments = Moments {
                mean: reference["mean"].clone(),
                variance: reference["variance"].clone(),
            };
            let rows = case.input.len() / case.norm.channels;
            let of_batch = [moments.mean.clone(), moments.unbiased(rows).unwrap()];
            for (name, of_batch) in [mean, variance].into_iter().zip(of_batch) {
                let kept = file.values(name).iter().zip(of_batch);
                let after = file.values(&format!("{name}.after"));
                for ((before, batch), after) in kept.zip(after) {
                    assert!((0.9 * before + 0.1 * batch - after).abs() < 1e-12, "{name}");
                }
            }
        }
    }
    assert_eq!(found, 8);
}

#[test]
fn a_large_mean_costs_neither_the_variance_nor_the_output_anything() {
    for shift in [1e4, -3e5] {
        for (rows, channels) in [(1000, 37), (64, 5), (3, 2)] {
            let mut case = Case::new(rows, channels, Activation::Identity, false);
            case.input.iter_mut().for_each(|x| *x += shift);
            close_on_every_set(&case.named(), &case.reference(), TOLERANCE, |context| {
                case.run(context)
            });
        }
    }
}

#[test]
fn an_outlier_at_the_head_of_every_tile_costs_the_variance_nothing() {
    let mut case = Case::new(640, 3, Activation::Identity, false);
    for (row, x) in case.input.chunks_exact_mut(3).enumerate() {
        x.iter_mut().for_each(|x| *x += 1e3);
        if row % 64 == 0 {
            x.fill(0.0);
        }
    }
    let tolerance = Tolerance {
        relative: 1e-6,
        floor: 0.0,
    };
    close_on_every_set("outliers", &case.reference(), tolerance, |context| {
        case.run(context)
    });
}

#[test]
fn a_constant_channel_has_no_variance_and_its_shift_as_output() {
    for value in [0.0, 0.1, -1234.567, 3e7] {
        for rows in [1, 2, 63, 64, 65, 129] {
            let mut case = Case::new(rows, 3, Activation::Identity, false);
            case.input.iter_mut().for_each(|x| *x = value);
            for context in contexts(1) {
                let found = case.run(&context);
                assert_eq!(found["variance"], [0.0; 3], "{rows} rows of {value}");
                for y in found["output"].chunks_exact(3) {
                    assert_eq!(y, case.shift, "{rows} rows of {value}");
                }
            }
        }
    }
}

#[test]
fn with_given_moments_a_rows_bits_do_not_depend_on_the_rows_beside_it() {
    for activation in ACTIVATIONS {
        let case = Case::new(131, 37, activation, true);
        for context in contexts(2) {
            let all = case.run(&context);
            for row in [0, 63, 64, 130] {
                let of = |values: &[f32]| values[row * 37..][..37].to_vec();
                let alone = Case {
                    input: of(&case.input),
                    output_gradient: of(&case.output_gradient),
                    ..case.clone()
                };
                let alone = alone.run(&context);
                for name in ["output", "d input"] {
                    assert_eq!(bits_of(&of(&all[name])), bits_of(&alone[name]), "{name}");
                }
            }
        }
    }
}

#[test]
fn what_is_not_a_number_stays_in_its_channel_and_is_not_lost_there() {
    let mut case = Case::new(70, 3, Activation::Relu, false);
    let clean = case.clone();
    case.input[40 * 3 + 1] = f32::NAN;
    for context in contexts(1) {
        let run = |case: &Case| {
            let mut output = unwritten(case.input.len());
            let moments = (case.norm)
                .forward(&context, case.operands(), &mut output)
                .unwrap();
            (output, moments)
        };
        let ((found, moments), (expected, _)) = (run(&case), run(&clean));
        assert!(moments.variance[1].is_nan());
        for (found, expected) in found.chunks_exact(3).zip(expected.chunks_exact(3)) {
            assert!(found[1].is_nan());
            assert_eq!([found[0], found[2]], [expected[0], expected[2]]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_shape_gives_the_reference_and_the_portable_bits(
        rows in 1usize..300,
        channels in 1usize..140,
        activation in 0usize..5,
        given: bool,
    ) {
        let case = Case::new(rows, channels, ACTIVATIONS[activation], given);
        let portable = case.run(&contexts(1)[0]);
        close_on_every_set(&case.named(), &case.reference(), TOLERANCE, |context| {
            let found = case.run(context);
            assert_same_bits(&case.named(), &portable, &found);
            found
        });
    }
}

#[test]
fn the_unbiased_variance_is_of_two_rows_at_least() {
    let moments = Moments {
        mean: vec![0.0],
        variance: vec![3.0],
    };
    assert_eq!(moments.unbiased(4), Some(vec![4.0]));
    assert_eq!(moments.unbiased(1), None);
    assert_eq!(moments.unbiased(0), None);
}

#[test]
fn what_does_not_fit_is_refused_with_what_was_expected() {
    type Change = fn(&mut Case);
    let cases: [(Change, &str); 9] = [
        (
            |case| case.norm.channels = 0,
            "channels: expected at least 1, found 0",
        ),
        (
            |case| case.norm.epsilon = 0.0,
            "epsilon: expected a number above zero, found 0",
        ),
        (
            |case| case.norm.activation = Activation::LeakyRelu(-0.5),
            "slope of the leaky ReLU: expected a number of zero or more, found -0.5",
        ),
        (
            |case| case.input.truncate(5),
            "input: expected rows of 3 values, found 5 values",
        ),
        (
            |case| case.gain.truncate(2),
            "gain: expected 3 values (channels 3), found 2",
        ),
        (
            |case| case.shift.truncate(2),
            "shift: expected 3 values (channels 3), found 2",
        ),
        (
            |case| case.input.truncate(3),
            "output: expected 3 values (rows 1 × channels 3), found 6",
        ),
        (
            |case| case.given.as_mut().unwrap()[0].truncate(1),
            "mean: expected 3 values (channels 3), found 1",
        ),
        (
            |case| case.given.as_mut().unwrap()[1][2] = -1.0,
            "variance[2]: expected a number of zero or more, found -1",
        ),
    ];
    for (change, expected) in cases {
        let mut case = Case::new(2, 3, Activation::Identity, true);
        change(&mut case);
        let [mean, variance] = case.given.as_ref().unwrap();
        let moments = Moments {
            mean: wide(mean),
            variance: wide(variance),
        };
        let (context, mut output) = (contexts(1)[0], [0.0; 6]);
        let error = (case.norm)
            .infer(&context, case.operands(), &moments, &mut output)
            .unwrap_err();
        assert_eq!(error.to_string(), format!("batch norm: {expected}"));
    }
    let none = Case::new(0, 3, Activation::Identity, false);
    let error = (none.norm)
        .forward(&contexts(1)[0], none.operands(), &mut [])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "batch norm: rows: expected at least 1, found 0"
    );
}
