//! The loss against `f64`, PyTorch and finite differences, and its promises about bits.
use super::reference::{TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, assert_same_bits, central_differences, close_on_every_set, contexts, numbers,
    same_bits_everywhere, unwritten, wide,
};

#[derive(Debug, Clone)]
struct Case {
    logits: Vec<f32>,
    targets: Vec<u32>,
    classes: usize,
    smoothing: f64,
    class_weights: Option<Vec<f32>>,
}

impl Case {
    /// Logits on ±`scale`.
    fn new(rows: usize, classes: usize, scale: f32, smoothing: f64, weighted: bool) -> Self {
        let drawn = numbers(2, rows, 1.0).into_iter();
        let weights = || numbers(3, classes, 1.0).into_iter().map(|w| w + 1.25);
        Self {
            logits: numbers(1, rows * classes, scale),
            targets: drawn
                .map(|value| (f64::from(value + 1.0) / 2.0 * (classes - 1) as f64) as u32)
                .collect(),
            classes,
            smoothing,
            class_weights: weighted.then(|| weights().collect()),
        }
    }

    fn loss(&self) -> CrossEntropy<'_> {
        CrossEntropy {
            classes: self.classes,
            smoothing: self.smoothing,
            class_weights: self.class_weights.as_deref(),
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

/// Every smoothing and weighting of some sizes: one of each, unequal primes, whole and broken vectors, more than one
/// block of chains.
fn cases() -> impl Iterator<Item = Case> {
    let sizes = [
        (1, 2, 1.0),
        (3, 1, 1.0),
        (7, 5, 3.0),
        (5, 16, 8.0),
        (11, 37, 20.0),
        (3, 1031, 4.0),
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
    let rows = case.targets.len();
    format!("{rows} rows, {:?}", case.loss())
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
///     for x, t in [([0.5, -1.0, 2.0], 2), ([1.5, 0.25, -0.75], 1)]:
///         p = [exp(v) / sum(map(exp, x)) for v in x]
///         total -= (1 - e) * w[t] * log(p[t]) + e / 3 * sum(w[c] * log(p[c]) for c in range(3))
///     return total / (w[2] + w[1])
/// for e, w in [(0, [1, 1, 1]), (0.1, [1, 1, 1]), (0, [0.5, 2, 1]), (0.1, [0.5, 2, 1])]:
///     print(loss(e, w))
/// ```
#[test]
fn the_loss_is_that_of_pytorchs_definition() {
    for (smoothing, class_weights, expected) in [
        (0.0, None, 0.910_991_953_032_190_6),
        (0.1, None, 0.981_825_286_365_523_9),
        (0.0, Some(vec![0.5, 2.0, 1.0]), 1.134_218_838_490_535_2),
        (0.1, Some(vec![0.5, 2.0, 1.0]), 1.170_818_550_988_43),
    ] {
        let case = Case {
            logits: vec![0.5, -1.0, 2.0, 1.5, 0.25, -0.75],
            targets: vec![2, 1],
            classes: 3,
            smoothing,
            class_weights,
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
fn a_constant_added_to_a_row_changes_nothing_however_large() {
    let case = Case::new(3, 5, 2.0, 0.1, false);
    let whole: Vec<f32> = case.logits.iter().map(|x| x.round()).collect();
    let of = |shift: f32| Case {
        logits: whole.iter().map(|x| x + shift).collect(),
        ..case.clone()
    };
    for context in contexts(1) {
        for shift in [1e4, -1e6] {
            let (found, plain) = (of(shift).run(&context), of(0.0).run(&context));
            assert_same_bits("shifted", &found, &plain);
        }
    }
}

#[test]
fn a_class_without_weight_gives_its_rows_no_part_in_the_loss() {
    let mut case = Case::new(4, 3, 2.0, 0.0, true);
    case.class_weights = Some(vec![1.0, 0.0, 0.5]);
    case.targets = vec![0, 1, 2, 1];
    let without = Case {
        logits: [&case.logits[..3], &case.logits[6..9]].concat(),
        targets: vec![0, 2],
        ..case.clone()
    };
    for context in contexts(1) {
        let (found, fewer) = (case.run(&context), without.run(&context));
        assert_eq!(found["loss"], fewer["loss"]);
        assert_eq!(found["d logits"][3..6], [0.0; 3]);
        assert_eq!(found["d logits"][..3], fewer["d logits"][..3]);
    }
}

#[test]
fn a_logit_that_is_not_a_number_makes_the_loss_none() {
    for place in [0, 3, 16, 36] {
        let mut case = Case::new(1, 37, 1.0, 0.0, false);
        case.logits[place] = f32::NAN;
        for context in contexts(1) {
            let loss = case.loss();
            let found = loss.run(&context, &case.logits, &case.targets, None);
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
        let loss = case.loss();
        let mut gradient = vec![0.0; 6];
        let context = contexts(1)[0];
        loss.run(&context, &case.logits, &case.targets, Some(&mut gradient))
            .map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(refused(|_| {}), "");
    let cases: [(Change, &str); 7] = [
        (
            |case| case.logits.truncate(5),
            "cross entropy: logits: expected 6 values (rows 2 × classes 3), found 5",
        ),
        (
            |case| {
                case.logits.truncate(3);
                case.targets.truncate(1);
            },
            "cross entropy: gradient: expected 3 values (rows 1 × classes 3), found 6",
        ),
        (
            |case| case.targets[1] = 3,
            "cross entropy: targets[1]: expected a class below 3, found 3",
        ),
        (
            |case| case.smoothing = 1.5,
            "cross entropy: label smoothing: expected a share from 0 to 1, found 1.5",
        ),
        (
            |case| case.class_weights = Some(vec![1.0; 2]),
            "cross entropy: class weights: expected 3 values (classes 3), found 2",
        ),
        (
            |case| case.class_weights = Some(vec![1.0, 2.0, -1.0]),
            "cross entropy: class weights[2]: expected a number of zero or more, found -1",
        ),
        (
            |case| case.class_weights = Some(vec![0.0; 3]),
            "cross entropy: targets: expected a row whose class has a weight above zero, found 2 rows, 0 in all",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(refused(change), expected);
    }
    let loss = Case::new(1, 3, 1.0, 0.0, false);
    let none = loss.loss().run(&contexts(1)[0], &[], &[], None);
    assert!(none.unwrap_err().to_string().contains("found 0 rows"));
}
