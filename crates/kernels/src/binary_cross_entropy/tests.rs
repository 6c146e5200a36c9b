//! The loss against `f64`, PyTorch and finite differences, and its promises about bits.
use super::reference::{TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, central_differences, close_on_every_set, contexts, numbers,
    same_bits_everywhere, unwritten, wide,
};

#[derive(Debug, Clone)]
struct Case {
    logits: Vec<f32>,
    targets: Vec<f32>,
    classes: usize,
    smoothing: f64,
    positive_weights: Option<Vec<f32>>,
}

impl Case {
    /// Logits on ±`scale`.
    fn new(rows: usize, classes: usize, scale: f32, smoothing: f64, weighted: bool) -> Self {
        let drawn = numbers(2, rows * classes, 1.0).into_iter();
        let weights = || numbers(3, classes, 1.0).into_iter().map(|w| 2.0 * w + 2.5);
        Self {
            logits: numbers(1, rows * classes, scale),
            targets: drawn.map(|value| f32::from(value > 0.4)).collect(),
            classes,
            smoothing,
            positive_weights: weighted.then(|| weights().collect()),
        }
    }

    fn loss(&self) -> BinaryCrossEntropy<'_> {
        BinaryCrossEntropy {
            classes: self.classes,
            smoothing: self.smoothing,
            positive_weights: self.positive_weights.as_deref(),
        }
    }

    fn reference(&self) -> Results<f64> {
        reference(&self.loss(), &wide(&self.logits), &self.targets)
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let mut gradient = unwritten(self.logits.len());
        let run = |gradient| {
            let loss = self.loss();
            loss.run(context, &self.logits, &self.targets, gradient)
                .unwrap()
        };
        let loss = run(Some(&mut gradient));
        assert_eq!(loss.to_bits(), run(None).to_bits(), "without the gradient");
        Results::new([("loss", vec![loss as f32]), ("d logits", gradient)])
    }
}

/// Every smoothing and weighting of some sizes: one class, unequal primes, whole and broken vectors.
fn cases() -> impl Iterator<Item = Case> {
    let sizes = [
        (1, 1, 1.0),
        (7, 5, 3.0),
        (5, 16, 8.0),
        (11, 37, 20.0),
        (3, 131, 60.0),
        (2, 512, 0.1),
    ];
    sizes.into_iter().flat_map(|(rows, classes, scale)| {
        [
            (0.0, false),
            (0.0, true),
            (0.1, false),
            (0.3, true),
            (1.0, true),
        ]
        .map(|(smoothing, weighted)| Case::new(rows, classes, scale, smoothing, weighted))
    })
}

fn named(case: &Case) -> String {
    format!("{} values, {:?}", case.targets.len(), case.loss())
}

#[test]
fn loss_and_gradient_are_the_reference_on_every_instruction_set() {
    for case in cases() {
        close_on_every_set(&named(&case), &case.reference(), TOLERANCE, |context| {
            case.run(context)
        });
    }
}

#[test]
fn the_reference_gradient_is_its_central_difference() {
    for (smoothing, weighted) in [(0.0, false), (0.0, true), (0.2, false), (0.2, true)] {
        let case = Case::new(5, 7, 3.0, smoothing, weighted);
        let exact = case.reference();
        central_differences(
            &named(&case),
            &[("logits", wide(&case.logits), &exact["d logits"])],
            |given| reference(&case.loss(), &given[0], &case.targets)["loss"][0],
            1e-5,
            1e-9,
        );
    }
}

/// Made by Python 3, from the definition in PyTorch's documentation:
///
/// ```python
/// from math import exp, log
/// def loss(e, w):
///     total = 0
///     for x, t, w in zip([0.5, -1.0, 2.0, 1.5, 0.25, -0.75], [1, 0, 1, 0, 0, 1], 2 * w):
///         p, y = 1 / (1 + exp(-x)), (1 - e) * t + e / 2
///         total -= w * y * log(p) + (1 - y) * log(1 - p)
///     return total / 6
/// for e, w in [(0, [1, 1, 1]), (0.1, [1, 1, 1]), (0, [0.5, 2, 3]), (0.1, [0.5, 2, 3])]:
///     print(loss(e, w))
/// ```
#[test]
fn the_loss_is_that_of_pytorchs_definition() {
    for (smoothing, positive_weights, expected) in [
        (0.0, None, 0.763_081_731_119_633),
        (0.1, None, 0.771_415_064_452_966_4),
        (0.0, Some(vec![0.5, 2.0, 3.0]), 1.144_841_654_823_914_9),
        (0.1, Some(vec![0.5, 2.0, 3.0]), 1.148_991_112_542_081_5),
    ] {
        let case = Case {
            logits: vec![0.5, -1.0, 2.0, 1.5, 0.25, -0.75],
            targets: vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0],
            classes: 3,
            smoothing,
            positive_weights,
        };
        let exact = Results::new([("loss", vec![expected])]);
        close_on_every_set(&named(&case), &exact, TOLERANCE, |context| {
            Results::new([("loss", case.run(context)["loss"].clone())])
        });
    }
}

#[test]
fn bits_depend_neither_on_threads_nor_on_the_instruction_set() {
    for (rows, classes) in [(211, 101), (17, 3001), (20_011, 3), (3, 5)] {
        for (smoothing, weighted) in [(0.0, false), (0.1, true)] {
            let case = Case::new(rows, classes, 5.0, smoothing, weighted);
            same_bits_everywhere(&named(&case), &THREADS, |context| case.run(context));
        }
    }
}

#[test]
fn the_largest_logits_have_a_loss_and_not_a_number_stays_one() {
    let mut case = Case::new(1, 4, 1.0, 0.0, false);
    case.logits = vec![3e38, -3e38, 1e30, -200.0];
    case.targets = vec![1.0, 0.0, 0.0, 1.0];
    for context in contexts(1) {
        let found = case.run(&context);
        assert_eq!(found["loss"], [2.5e29]);
        // A logistic function of −3e38 may be a denormal number.
        for (found, expected) in found["d logits"].iter().zip([0.0, 0.0, 0.25, -0.25]) {
            assert!((found - expected).abs() < 1e-30, "{found} for {expected}");
        }
    }
    for place in 0..4 {
        let mut case = case.clone();
        case.logits[place] = f32::NAN;
        for context in contexts(1) {
            let found = case.loss().run(&context, &case.logits, &case.targets, None);
            assert!(found.unwrap().is_nan(), "class {place}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_with_what_was_expected() {
    type Change = fn(&mut Case);
    let refused = |change: Change| {
        let mut case = Case::new(2, 3, 1.0, 0.1, true);
        change(&mut case);
        let mut gradient = vec![0.0; 6];
        let gradient = Some(gradient.as_mut_slice());
        let context = contexts(1)[0];
        let ran = (case.loss()).run(&context, &case.logits, &case.targets, gradient);
        ran.map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(refused(|_| {}), "");
    let cases: [(Change, &str); 8] = [
        (
            |case| case.logits.truncate(5),
            "binary cross entropy: logits: expected 6 values (rows 2 × classes 3), found 5",
        ),
        (
            |case| case.targets.truncate(5),
            "binary cross entropy: targets: expected 3 values (rows 1 × classes 3), found 5",
        ),
        (
            |case| {
                case.logits.truncate(3);
                case.targets.truncate(3);
            },
            "binary cross entropy: gradient: expected 3 values (rows 1 × classes 3), found 6",
        ),
        (
            |case| {
                case.logits.clear();
                case.targets.clear();
            },
            "binary cross entropy: logits: expected one row of one class or more, found 0 rows of 3 classes",
        ),
        (
            |case| case.targets[1] = 1.5,
            "binary cross entropy: targets[1]: expected a number from 0 to 1, found 1.5",
        ),
        (
            |case| case.smoothing = -0.5,
            "binary cross entropy: label smoothing: expected a share from 0 to 1, found -0.5",
        ),
        (
            |case| case.positive_weights = Some(vec![1.0; 2]),
            "binary cross entropy: weights: expected 3 values (classes 3), found 2",
        ),
        (
            |case| case.positive_weights = Some(vec![1.0, f32::NAN, 1.0]),
            "binary cross entropy: weights[1]: expected a number of zero or more, found NaN",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(refused(change), expected);
    }
}
