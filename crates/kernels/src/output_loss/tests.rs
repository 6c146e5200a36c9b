//! The output layer's loss against `f64`, finite differences and the operations it is made of, and its promises about bits.
use super::reference::{TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, assert_same_bits, bits_of, central_differences, close_on_every_set, contexts,
    numbers, same_bits_everywhere, unwritten, wide,
};
use crate::context::WORTH_SHARING;
use crate::golden_file::folder;
use crate::linear::{Activation, Linear, LinearGradients};

#[derive(Debug, Clone)]
struct Case {
    loss: OutputLoss,
    input: Vec<f32>,
    weights: Vec<f32>,
    bias: Option<Vec<f32>>,
    targets: Vec<u32>,
}

impl Case {
    /// Every seventh row from the third on is padding.
    fn new(rows: usize, (input, classes): (usize, usize), smoothing: f64, biased: bool) -> Self {
        let drawn = numbers(4, rows, 1.0).into_iter().enumerate();
        let class = |value: f32| (f64::from(value + 1.0) / 2.0 * (classes - 1) as f64) as u32;
        Self {
            loss: OutputLoss {
                input,
                classes,
                smoothing,
            },
            input: numbers(1, rows * input, 1.7),
            weights: numbers(2, classes * input, (6.0 / input as f32).sqrt()),
            bias: biased.then(|| numbers(3, classes, 1.0)),
            targets: drawn
                .map(|(row, value)| if row % 7 == 3 { PADDING } else { class(value) })
                .collect(),
        }
    }

    fn operands(&self) -> Operands<'_> {
        Operands {
            input: &self.input,
            weights: &self.weights,
            bias: self.bias.as_deref(),
            targets: &self.targets,
        }
    }

    fn reference(&self) -> Results<f64> {
        let bias = self.bias.as_deref().map(wide);
        let (x, w) = (wide(&self.input), wide(&self.weights));
        reference(self.loss, &x, &w, bias.as_deref(), &self.targets)
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let OutputLoss { classes, .. } = self.loss;
        let mut losses = unwritten(self.targets.len());
        let (mut dx, mut dw) = (unwritten(self.input.len()), unwritten(self.weights.len()));
        let mut db = self.bias.as_ref().map(|_| unwritten(classes));
        let gradients = OutputLossGradients {
            input: Some(&mut dx),
            weights: Some(&mut dw),
            bias: db.as_deref_mut(),
        };
        let run = |losses, gradients| {
            let loss = self.loss;
            loss.run(context, self.operands(), losses, gradients)
                .unwrap()
        };
        let loss = run(Some(&mut losses), gradients);
        let without = run(None, OutputLossGradients::default());
        assert_eq!(loss.to_bits(), without.to_bits(), "without the gradients");
        Results::new([
            ("loss", vec![loss as f32]),
            ("losses", losses),
            ("d input", dx),
            ("d weights", dw),
        ])
        .with("d bias", db)
    }

    /// The same rows, these alone.
    fn only(&self, rows: &[usize]) -> Self {
        let input = self.loss.input;
        let x = |&row: &usize| self.input[row * input..][..input].iter().copied();
        Self {
            input: rows.iter().flat_map(x).collect(),
            targets: rows.iter().map(|&row| self.targets[row]).collect(),
            ..self.clone()
        }
    }

    fn name(&self) -> String {
        let rows = self.targets.len();
        let biased = self.bias.is_some();
        format!("{rows} rows, {:?}, bias {biased}", self.loss)
    }
}

/// One of each, unequal primes, whole and broken vectors, several panels, strips and chunks.
fn cases() -> impl Iterator<Item = Case> {
    let sizes = [
        (1, (1, 1)),
        (2, (3, 2)),
        (5, (16, 64)),
        (13, (7, 37)),
        (11, (131, 67)),
        (307, (19, 23)),
        (131, (5, 1103)),
    ];
    sizes.into_iter().flat_map(|(rows, sizes)| {
        [(0.0, true), (0.1, false), (1.0, true)]
            .map(|(smoothing, biased)| Case::new(rows, sizes, smoothing, biased))
    })
}

/// Made by PyTorch 2.15.0 in f64 (`fixtures/output_loss/make.py`), in short:
///
/// ```python
/// logits = torch.nn.functional.linear(input, weight, bias)
/// torch.nn.functional.cross_entropy(logits, target, ignore_index=-1, label_smoothing=smoothing).backward()
/// ```
#[test]
fn every_golden_loss_is_pytorchs() {
    let files = folder("output_loss");
    assert_eq!(files.len(), 4);
    for file in files {
        let target = |class: &f64| if *class < 0.0 { PADDING } else { *class as u32 };
        let case = Case {
            loss: OutputLoss {
                input: file.number("in"),
                classes: file.number("classes"),
                smoothing: file.number("smoothing"),
            },
            input: file.singles("input"),
            weights: file.singles("weight"),
            bias: Some(file.singles("bias")),
            targets: file.values("target").iter().map(target).collect(),
        };
        let of = |name: &str| file.values(name).to_vec();
        let exact = Results::new([
            ("loss", of("loss")),
            ("losses", of("losses")),
            ("d input", of("gradient.input")),
            ("d weights", of("gradient.weight")),
        ])
        .with("d bias", Some(of("gradient.bias")));
        close_on_every_set(&file.name, &exact, TOLERANCE, |context| case.run(context));
    }
}

#[test]
fn losses_and_gradients_are_the_reference_on_every_instruction_set() {
    for case in cases() {
        close_on_every_set(&case.name(), &case.reference(), TOLERANCE, |context| {
            case.run(context)
        });
    }
}

#[test]
fn the_reference_gradients_are_its_central_differences() {
    for smoothing in [0.0, 0.2] {
        let case = Case::new(5, (3, 4), smoothing, true);
        let exact = case.reference();
        let bias = wide(case.bias.as_deref().unwrap());
        central_differences(
            &case.name(),
            &[
                ("input", wide(&case.input), &exact["d input"]),
                ("weights", wide(&case.weights), &exact["d weights"]),
                ("bias", bias, &exact["d bias"]),
            ],
            |given| {
                let [x, w, b] = given else { unreachable!() };
                reference(case.loss, x, w, Some(b), &case.targets)["loss"][0]
            },
            1e-5,
            1e-8,
        );
    }
}

#[test]
fn bits_depend_neither_on_threads_nor_on_the_instruction_set() {
    for (rows, sizes) in [(307, (67, 101)), (17, (11, 4001)), (3, (5, 7))] {
        for (smoothing, biased) in [(0.0, true), (0.1, false)] {
            let case = Case::new(rows, sizes, smoothing, biased);
            assert!(rows < 10 || rows * sizes.0 * sizes.1 * 6 / 7 >= WORTH_SHARING);
            same_bits_everywhere(&case.name(), &THREADS, |context| case.run(context));
        }
    }
}

/// Chunk after chunk or all at once: what memory never holds has no influence on a bit.
#[test]
fn bits_are_those_of_the_layer_and_the_loss_one_after_the_other() {
    for (smoothing, biased) in [(0.0, true), (0.1, false)] {
        let all = Case::new(401, (37, 613), smoothing, biased);
        let real: Vec<usize> = (0..401)
            .filter(|&row| all.targets[row] != PADDING)
            .collect();
        let case = all.only(&real);
        let OutputLoss { input, classes, .. } = case.loss;
        let layer = Linear {
            input,
            output: classes,
            activation: Activation::Identity,
        };
        let loss = CrossEntropy {
            classes,
            smoothing,
            class_weights: None,
        };
        for context in contexts(2) {
            let (x, w) = (&case.input, &case.weights);
            let mut logits = unwritten(real.len() * classes);
            let mut slopes = logits.clone();
            layer
                .forward(&context, x, w, case.bias.as_deref(), &mut logits)
                .unwrap();
            let mean = loss
                .run(&context, &logits, &case.targets, Some(&mut slopes))
                .unwrap();
            let (mut dx, mut dw) = (unwritten(x.len()), unwritten(w.len()));
            let mut db = biased.then(|| unwritten(classes));
            let gradients = LinearGradients {
                input: Some(&mut dx),
                weights: Some(&mut dw),
                bias: db.as_deref_mut(),
            };
            layer
                .backward(&context, x, w, &logits, &slopes, gradients)
                .unwrap();
            let found = case.run(&context);
            let apart = Results::new([
                ("loss", vec![mean as f32]),
                ("losses", found["losses"].clone()),
                ("d input", dx),
                ("d weights", dw),
            ]);
            assert_same_bits(&case.name(), &found, &apart.with("d bias", db));
        }
    }
}

#[test]
fn padding_is_not_read_and_leaves_no_trace() {
    let mut case = Case::new(307, (17, 41), 0.1, true);
    let (real, padding): (Vec<usize>, Vec<usize>) =
        (0..307).partition(|&row| case.targets[row] != PADDING);
    for &row in &padding {
        case.input[row * 17..][..17].fill(f32::NAN);
    }
    for context in contexts(2) {
        let (found, fewer) = (case.run(&context), case.only(&real).run(&context));
        for name in ["loss", "d weights", "d bias"] {
            assert!(bits_of(&found[name]) == bits_of(&fewer[name]), "{name}");
        }
        for (name, width) in [("losses", 1), ("d input", 17)] {
            let of = |rows: &[usize]| -> Vec<f32> {
                let row = |&row: &usize| found[name][row * width..][..width].iter().copied();
                rows.iter().flat_map(row).collect()
            };
            assert!(bits_of(&of(&real)) == bits_of(&fewer[name]), "{name}");
            assert!(of(&padding).iter().all(|&value| value == 0.0), "{name}");
        }
    }
}

/// The scale of the mean is a power of two in both, so it changes no digit.
#[test]
fn a_row_alone_has_the_bits_it_has_among_others() {
    let case = Case::new(299, (23, 71), 0.1, true);
    let real: Vec<usize> = (0..299)
        .filter(|&row| case.targets[row] != PADDING)
        .collect();
    assert_eq!(real.len(), 256);
    let context = contexts(2)[0];
    let all = case.run(&context);
    for row in [real[0], real[99], real[255]] {
        let alone = case.only(&[row]).run(&context);
        assert_eq!(
            bits_of(&alone["losses"]),
            bits_of(&all["losses"][row..=row])
        );
        let among = all["d input"][row * 23..][..23].iter().map(|d| d * 256.0);
        assert_eq!(
            bits_of(&alone["d input"]),
            bits_of(&among.collect::<Vec<_>>())
        );
    }
}

#[test]
fn an_input_that_is_not_a_number_makes_the_loss_none() {
    let mut case = Case::new(3, (5, 19), 0.0, true);
    case.input[7] = f32::NAN;
    for context in contexts(1) {
        let found = case.run(&context);
        assert!(found["loss"][0].is_nan() && found["losses"][1].is_nan());
        assert!(!found["losses"][0].is_nan());
    }
}

#[test]
fn what_does_not_fit_is_refused_with_what_was_expected() {
    type Change = fn(&mut Case);
    let refused = |change: Change| {
        let mut case = Case::new(4, (2, 3), 0.1, true);
        let lengths = (case.input.len(), case.weights.len());
        change(&mut case);
        let (mut dx, mut dw, mut db) = (vec![0.0; lengths.0], vec![0.0; lengths.1], vec![0.0; 3]);
        let gradients = OutputLossGradients {
            input: Some(&mut dx),
            weights: Some(&mut dw),
            bias: Some(&mut db),
        };
        let mut losses = vec![0.0; 4];
        case.loss
            .run(
                &contexts(1)[0],
                case.operands(),
                Some(&mut losses),
                gradients,
            )
            .map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(refused(|_| {}), "");
    let cases: [(Change, &str); 9] = [
        (
            |case| case.input.truncate(7),
            "output loss: input: expected 8 values (rows 4 × input 2), found 7",
        ),
        (
            |case| case.weights.truncate(5),
            "output loss: weights: expected 6 values (classes 3 × input 2), found 5",
        ),
        (
            |case| case.bias = Some(vec![0.0; 2]),
            "output loss: bias: expected 3 values (classes 3), found 2",
        ),
        (
            |case| *case = case.only(&[0, 1]),
            "output loss: losses: expected 2 values (rows 2), found 4",
        ),
        (
            |case| case.loss.smoothing = f64::NAN,
            "output loss: label smoothing: expected a share from 0 to 1, found NaN",
        ),
        (
            |case| case.targets[1] = 3,
            "output loss: targets[1]: expected a class below 3, or padding, found 3",
        ),
        (
            |case| case.targets.fill(PADDING),
            "output loss: targets: expected a row that is not padding, found 4 rows, all of them padding",
        ),
        (
            |case| {
                case.loss.classes = 4;
                case.weights = vec![0.0; 8];
                case.bias = None;
            },
            "output loss: weight gradient: expected 8 values (classes 4 × input 2), found 6",
        ),
        (
            |case| case.loss.classes = usize::MAX,
            "output loss: weights: expected more values (classes 18446744073709551615 × input 2), found 6",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(refused(change), expected);
    }
    let nothing = OutputLoss {
        input: 0,
        classes: 3,
        smoothing: 0.0,
    };
    let operands = Operands {
        input: &[],
        weights: &[],
        bias: None,
        targets: &[0],
    };
    let none = OutputLossGradients::default();
    let error = nothing.run(&contexts(1)[0], operands, None, none);
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("expected at least 1")
    );
}
