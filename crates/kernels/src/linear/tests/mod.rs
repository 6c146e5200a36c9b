//! The affine layer against PyTorch, `f64` and finite differences, and its promises about bits.
mod refusals;

use super::reference::{TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, assert_same_bits, bits_of, central_differences, close_on_every_set, contexts,
    numbers, same_bits_everywhere, unwritten, wide,
};
use crate::context::{InstructionSet, WORTH_SHARING};
use crate::golden_file::folder;

const ACTIVATIONS: [Activation; 5] = [
    Activation::Identity,
    Activation::Relu,
    Activation::LeakyRelu(0.1),
    Activation::Sigmoid,
    Activation::Tanh,
];

/// Numbers of one call; each is exactly an `f32`.
#[derive(Debug, Clone)]
struct Case {
    layer: Linear,
    input: Vec<f32>,
    weights: Vec<f32>,
    bias: Option<Vec<f32>>,
    output_gradient: Vec<f32>,
}

impl Case {
    fn new(
        rows: usize,
        (input, output): (usize, usize),
        activation: Activation,
        biased: bool,
    ) -> Self {
        Self {
            layer: Linear {
                input,
                output,
                activation,
            },
            input: numbers(1, rows * input, 1.7),
            weights: numbers(2, output * input, (3.0 / input as f32).sqrt()),
            bias: biased.then(|| numbers(3, output, 0.5)),
            output_gradient: numbers(4, rows * output, 1.0),
        }
    }

    fn reference(&self) -> Results<f64> {
        reference(
            self.layer,
            &wide(&self.input),
            &wide(&self.weights),
            self.bias.as_deref().map(wide).as_deref(),
            &wide(&self.output_gradient),
        )
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let Linear { input, output, .. } = self.layer;
        let mut y = unwritten(self.input.len() / input * output);
        let mut dx = unwritten(self.input.len());
        let mut dw = unwritten(self.weights.len());
        let mut db = self.bias.as_ref().map(|_| unwritten(output));
        let bias = self.bias.as_deref();
        self.layer
            .forward(context, &self.input, &self.weights, bias, &mut y)
            .unwrap();
        self.layer
            .backward(
                context,
                &self.input,
                &self.weights,
                &y,
                &self.output_gradient,
                LinearGradients {
                    input: Some(&mut dx),
                    weights: Some(&mut dw),
                    bias: db.as_deref_mut(),
                },
            )
            .unwrap();
        Results::new([("output", y), ("d input", dx), ("d weights", dw)]).with("d bias", db)
    }
}

/// Rows and (input, output) that share no factor with any tile, panel, strip or lane width, and some
/// that do; one row, one feature, more than one strip of rows, more than one panel of outputs and inputs.
const SIZES: [(usize, (usize, usize)); 11] = [
    (1, (1, 1)),
    (7, (13, 17)),
    (29, (1, 1)),
    (1, (31, 23)),
    (2, (64, 64)),
    (19, (37, 2)),
    (5, (3, 131)),
    (13, (131, 5)),
    (128, (16, 16)),
    (131, (11, 7)),
    (263, (67, 71)),
];

/// Made by PyTorch 2.15.0 in f64 (`fixtures/linear/make.py`), in short:
///
/// ```python
/// before = torch.nn.functional.linear(input, weight, bias)
/// output = torch.relu(before) if activation == "relu" else before
/// output.backward(upstream)
/// ```
#[test]
fn every_golden_layer_is_pytorchs() {
    let mut kinds = std::collections::BTreeMap::new();
    for file in folder("linear") {
        let case = Case {
            layer: Linear {
                input: file.number("in"),
                output: file.number("out"),
                activation: match file.text("activation") {
                    "none" => Activation::Identity,
                    "relu" => Activation::Relu,
                    other => panic!("{}: which activation is {other}?", file.name),
                },
            },
            input: file.singles("input"),
            weights: file.singles("weight"),
            bias: file.find("bias").map(|_| file.singles("bias")),
            output_gradient: file.singles("upstream.output"),
        };
        let exact = Results::new([
            ("output", file.values("output").to_vec()),
            ("d input", file.values("gradient.input").to_vec()),
            ("d weights", file.values("gradient.weight").to_vec()),
        ])
        .with("d bias", file.find("gradient.bias").map(<[f64]>::to_vec));
        close_on_every_set(&file.name, &exact, TOLERANCE, |context| case.run(context));
        *kinds
            .entry((file.text("activation").to_owned(), case.bias.is_some()))
            .or_insert(0) += 1;
    }
    let expected = [
        ("none", false, 1),
        ("none", true, 1),
        ("relu", false, 1),
        ("relu", true, 3),
    ];
    let found: Vec<_> = kinds
        .iter()
        .map(|((activation, biased), count)| (activation.as_str(), *biased, *count))
        .collect();
    assert_eq!(found, expected, "golden files by activation and bias");
}

#[test]
fn every_activation_and_size_is_the_reference_on_every_instruction_set() {
    for (rows, sizes) in SIZES {
        for activation in ACTIVATIONS {
            for biased in [false, true] {
                let case = Case::new(rows, sizes, activation, biased);
                let what = format!("{rows} rows of {:?}, bias {biased}", case.layer);
                let exact = case.reference();
                close_on_every_set(&what, &exact, TOLERANCE, |context| case.run(context));
            }
        }
    }
}

#[test]
fn the_reference_gradients_are_central_differences() {
    const STEP: f64 = 1e-5;
    for activation in ACTIVATIONS {
        let case = Case::new(5, (3, 7), activation, true);
        let exact = case.reference();
        // A ReLU must not cross its kink within a step.
        let mut linear = case.clone();
        linear.layer.activation = Activation::Identity;
        let before = &linear.reference()["output"];
        assert!(before.iter().all(|value| value.abs() > 10.0 * STEP));

        let dy = wide(&case.output_gradient);
        central_differences(
            &format!("{activation:?}"),
            &[
                ("input", wide(&case.input), &exact["d input"]),
                ("weights", wide(&case.weights), &exact["d weights"]),
                ("bias", wide(case.bias.as_ref().unwrap()), &exact["d bias"]),
            ],
            |given| {
                let [x, w, b] = given else { unreachable!() };
                let output = &reference(case.layer, x, w, Some(b), &dy)["output"];
                output.iter().zip(&dy).map(|(y, dy)| y * dy).sum()
            },
            STEP,
            1e-8,
        );
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    for (rows, sizes) in SIZES {
        for activation in ACTIVATIONS {
            let mut case = Case::new(rows, sizes, activation, true);
            // Zeros of both signs, and products that vanish.
            case.input[0] = -0.0;
            case.weights[0] = f32::MIN_POSITIVE;
            case.bias.as_mut().unwrap()[0] = -0.0;
            let what = format!("{rows} rows of {:?}", case.layer);
            same_bits_everywhere(&what, &[1], |context| case.run(context));
        }
    }
}

#[test]
fn results_are_the_same_to_the_bit_with_1_2_3_and_8_threads() {
    for (rows, (input, output)) in [(263, (67, 71)), (3, (509, 401)), (7001, (127, 5))] {
        assert!(rows * input * output >= WORTH_SHARING);
        for activation in ACTIVATIONS {
            let case = Case::new(rows, (input, output), activation, true);
            let what = format!("{:?}", case.layer);
            same_bits_everywhere(&what, &THREADS, |context| case.run(context));
        }
    }
}

#[test]
fn results_above_four_million_elements_are_the_same_with_1_and_3_threads() {
    let case = Case::new(65_537, (67, 3), Activation::Tanh, true);
    assert!(case.input.len() > 4 << 20);
    let set = *InstructionSet::available().last().unwrap();
    let on = |threads| case.run(&Context::new(set, threads).unwrap());
    assert_same_bits("large", &on(1), &on(3));
}

#[test]
fn a_row_alone_or_among_seventeen_has_the_same_bits() {
    for sizes in [(5, 23), (67, 71), (1, 1)] {
        for activation in ACTIVATIONS {
            let case = Case::new(17, sizes, activation, true);
            let Linear { input, output, .. } = case.layer;
            for context in contexts(2) {
                let together = case.run(&context);
                for row in [0, 4, 16] {
                    let alone = Case {
                        input: case.input[row * input..][..input].to_vec(),
                        output_gradient: case.output_gradient[row * output..][..output].to_vec(),
                        ..case.clone()
                    }
                    .run(&context);
                    let of = |all: &[f32], width: usize| bits_of(&all[row * width..][..width]);
                    assert_eq!(of(&together["output"], output), bits_of(&alone["output"]));
                    assert_eq!(of(&together["d input"], input), bits_of(&alone["d input"]));
                }
            }
        }
    }
}

#[test]
fn a_gradient_asked_for_alone_is_the_one_asked_for_with_the_others() {
    let case = Case::new(131, (67, 71), Activation::Tanh, true);
    let layer = case.layer;
    for context in contexts(3) {
        let all = case.run(&context);
        let ask = |gradients: LinearGradients<'_>| {
            layer
                .backward(
                    &context,
                    &case.input,
                    &case.weights,
                    &all["output"],
                    &case.output_gradient,
                    gradients,
                )
                .unwrap();
        };
        let mut input = unwritten(case.input.len());
        ask(LinearGradients {
            input: Some(&mut input),
            ..LinearGradients::default()
        });
        assert_eq!(bits_of(&input), bits_of(&all["d input"]));
        let mut weights = unwritten(case.weights.len());
        ask(LinearGradients {
            weights: Some(&mut weights),
            ..LinearGradients::default()
        });
        assert_eq!(bits_of(&weights), bits_of(&all["d weights"]));
        let mut bias = unwritten(layer.output);
        ask(LinearGradients {
            bias: Some(&mut bias),
            ..LinearGradients::default()
        });
        assert_eq!(bits_of(&bias), bits_of(&all["d bias"]));
        ask(LinearGradients::default());
    }
}

#[test]
fn no_rows_give_no_output_and_gradients_of_zero() {
    for context in contexts(2) {
        let found = Case::new(0, (3, 5), Activation::Tanh, true).run(&context);
        assert!(found["output"].is_empty() && found["d input"].is_empty());
        assert_eq!(found["d weights"], [0.0; 15]);
        assert_eq!(found["d bias"], [0.0; 5]);
    }
}

#[test]
fn packed_weights_and_any_share_of_the_work_give_the_same_bits() {
    for (rows, sizes) in [
        (1, (31, 23)),
        (5, (67, 1201)),
        (17, (300, 257)),
        (131, (11, 7)),
    ] {
        for biased in [false, true] {
            let case = Case::new(rows, sizes, Activation::Tanh, biased);
            let bias = case.bias.as_deref();
            let mut expected = None;
            for threads in THREADS {
                for context in contexts(threads) {
                    let run = |context: &Context| {
                        let packed = case.layer.pack(context, &case.weights, bias).unwrap();
                        let mut y = unwritten(rows * sizes.1);
                        (case.layer)
                            .forward_packed(context, &case.input, &packed, &mut y)
                            .unwrap();
                        y
                    };
                    let found = bits_of(&run(&context));
                    assert_eq!(found, bits_of(&case.run(&context)["output"]));
                    assert_eq!(found, *expected.get_or_insert_with(|| found.clone()));
                }
            }
        }
    }
}

#[test]
fn weights_packed_for_another_layer_are_refused() {
    let case = Case::new(2, (3, 5), Activation::Identity, true);
    let context = &contexts(1)[0];
    let packed = case.layer.pack(context, &case.weights, None).unwrap();
    let other = Linear {
        activation: Activation::Relu,
        ..case.layer
    };
    let mut y = unwritten(10);
    let error = (other.forward_packed(context, &case.input, &packed, &mut y)).unwrap_err();
    assert!(error.to_string().contains("packed weights"), "{error}");
}
