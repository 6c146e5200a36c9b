//! The measures against scikit-learn and against their slow definitions.

use super::*;
use proptest::prelude::*;

const Z: [f64; 30] = [
    1.8, -0.3, 1.3, 0.2, 0.4, 0.7, 2.6, 1.9, 0.1, -2.5, -1.2, 1.6, -4.7, 1.1, -2.5, 0.0, -1.1,
    -0.6, 0.8, 2.1, 1.2, 2.7, 0.2, 0.7, 3.3, 0.2, -1.5, -0.3, -0.9, 0.4,
];
const T: [usize; 10] = [0, 1, 2, 2, 1, 0, 2, 1, 0, 0];

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-12,
        "found {found}, expected {expected}"
    );
}

// from sklearn.metrics import *                                              # scikit-learn 1.9.1
// truth = [0, 0, 1, 2, 2, 2, 1, 0, 2, 1, 0]; pred = [0, 1, 1, 2, 0, 2, 4, 0, 1, 1, 0]
// confusion_matrix(truth, pred, labels=range(5)); accuracy_score(truth, pred)
// precision_recall_fscore_support(truth, pred, labels=range(5), zero_division=0)
// f1_score(truth, pred, labels=range(5), average="macro", zero_division=0)
#[test]
fn counts_and_scores_are_those_of_scikit_learn() {
    let truth = [0, 0, 1, 2, 2, 2, 1, 0, 2, 1, 0];
    let predicted = [0, 1, 1, 2, 0, 2, 4, 0, 1, 1, 0];
    let found = Confusion::new(&truth, &predicted, 5).unwrap();
    #[rustfmt::skip]
    assert_eq!(found.counts(), [
        3, 1, 0, 0, 0,
        0, 2, 0, 0, 1,
        1, 1, 2, 0, 0,
        0, 0, 0, 0, 0,
        0, 0, 0, 0, 0,
    ]);
    near(found.accuracy(), 0.636_363_636_363_636_4);
    let expected = [
        (0.75, 0.75, 0.75, 4),
        (0.5, 2.0 / 3.0, 0.571_428_571_428_571_4, 3),
        (1.0, 0.5, 2.0 / 3.0, 4),
        (0.0, 0.0, 0.0, 0),
        (0.0, 0.0, 0.0, 0),
    ];
    for (score, (precision, recall, f1, support)) in found.per_class().iter().zip(expected) {
        near(score.precision, precision);
        near(score.recall, recall);
        near(score.f1, f1);
        assert_eq!(score.support, support);
    }
    near(found.macro_f1(), 0.397_619_047_619_047_65);
    assert_eq!((found.examples(), found.classes()), (11, 5));
}

// y = [0,0,1,1,0,1,1]; roc_auc_score(y, [.1,.4,.35,.8,.4,.4,.9])
// P = np.exp(z); P /= P.sum(1, keepdims=True); hot = np.eye(3)[t]
// roc_auc_score(t, P, multi_class="ovr", average="macro"); log_loss(t, P)
// brier_score_loss(t, P, scale_by_half=False)
#[test]
fn probabilities_are_scored_as_by_scikit_learn() {
    let scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.9];
    near(
        auroc(&scores, &[false, false, true, true, false, true, true]),
        0.75,
    );
    let probabilities = softmax(&Z, 3, 1.0);
    let found = Predictions::new(&probabilities, &T, 3).unwrap();
    near(found.auroc(), 0.678_571_428_571_428_6);
    near(found.cross_entropy(), 1.083_138_775_726_456_8);
    near(found.brier(), 0.614_473_084_960_833_1);
    near(found.confusion().accuracy(), 0.5);
    let right = found.correct().iter().filter(|right| **right).count();
    assert_eq!(right, 5);
}

// c = P.max(1); ok = P.argmax(1) == t; e = 0
// for k in range(15):
//     m = (c > k/15) & (c <= (k+1)/15)
//     if m.any(): e += m.mean() * abs(ok[m].mean() - c[m].mean())
#[test]
fn the_calibration_error_is_that_of_its_definition() {
    let probabilities = softmax(&Z, 3, 1.0);
    let found = Predictions::new(&probabilities, &T, 3).unwrap();
    let reliability = found.reliability(15);
    near(reliability.expected_error, 0.324_047_630_429_018_85);
    let filled: Vec<(usize, u64)> = (0..15)
        .map(|k| (k, reliability.bins[k].count))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(
        filled,
        [(6, 1), (7, 1), (8, 3), (9, 1), (12, 1), (13, 1), (14, 2)]
    );
    near(reliability.bins[8].confidence, 0.579_727_885_244_772_1);
    near(reliability.bins[8].accuracy, 1.0 / 3.0);
    assert!(reliability.bins[0].accuracy.is_nan());
    // An end belongs to the bin below it, certainty to the last.
    let ends = Predictions::new(&[0.5, 0.5, 1.0, 0.0], &[0, 0], 2).unwrap();
    let counts = ends
        .reliability(2)
        .bins
        .iter()
        .map(|bin| bin.count)
        .collect::<Vec<_>>();
    assert_eq!(counts, [1, 1]);
}

// def nll(b): s = z * b; return np.mean(np.log(np.exp(s).sum(1)) - s[np.arange(10), t])
// r = scipy.optimize.minimize_scalar(nll, bounds=(.05, 20), method="bounded", options=dict(xatol=1e-12))
// 1 / r.x, r.fun
#[test]
fn the_temperature_is_the_one_that_a_minimiser_finds() {
    let found = fit_temperature(&Z, &T, 3).unwrap();
    assert!((found.value - 2.238_170_902).abs() < 1e-6, "{found:?}");
    near(found.after, 0.954_573_682_122_318_7);
    near(found.before, 1.083_138_775_726_456_8);
    assert!(!found.at_bound);
    let scaled = softmax(&Z, 3, found.value);
    let after = Predictions::new(&scaled, &T, 3).unwrap();
    near(after.cross_entropy(), found.after);
}

#[test]
fn the_temperature_of_several_classes_at_once_is_that_of_as_many_pairs_of_classes() {
    let logits = [1.5, -0.3, 2.2, 0.4, -1.9, 0.8, -0.6, 3.1];
    let truth = [true, false, true, false, false, false, true, true];
    let found = fit_binary_temperature(&logits, &truth, 4).unwrap();
    let beside_0: Vec<f64> = logits.iter().flat_map(|z| [0.0, *z]).collect();
    let of_two = truth.map(usize::from);
    let expected = fit_temperature(&beside_0, &of_two, 2).unwrap();
    near(found.value, expected.value);
    near(found.before, expected.before);
    near(found.after, expected.after);
    assert!(!found.at_bound && found.after < found.before);
    let scaled = sigmoid(&logits, found.value);
    let scored = MultiLabel::new(&scaled, &truth, 4).unwrap();
    near(scored.cross_entropy(), found.after);
    let none = fit_binary_temperature(&[], &[], 4);
    assert_eq!(none, Err(ClassificationError::NoExamples));
    let odd = fit_binary_temperature(&logits[..3], &truth[..3], 2);
    assert!(matches!(odd, Err(ClassificationError::Values { .. })));
    let endless = fit_binary_temperature(&[f64::NAN], &[true], 1);
    assert!(matches!(endless, Err(ClassificationError::Logit { .. })));
}

#[test]
fn a_temperature_that_has_no_best_ends_at_a_bound_or_stays_1() {
    let sure = fit_temperature(&[1.0, 0.0, 0.0, 1.0], &[0, 1], 2).unwrap();
    assert_eq!((sure.value, sure.at_bound), (TEMPERATURES.0, true));
    let wrong = fit_temperature(&[1.0, 0.0, 0.0, 1.0], &[1, 0], 2).unwrap();
    assert_eq!((wrong.value, wrong.at_bound), (TEMPERATURES.1, true));
    let flat = fit_temperature(&[3.0, 3.0], &[1], 2).unwrap();
    assert_eq!((flat.value, flat.at_bound), (1.0, false));
    let one = fit_temperature(&[7.0, -2.0], &[0, 0], 1).unwrap();
    assert_eq!((one.value, one.before, one.after), (1.0, 0.0, 0.0));
    let far = fit_temperature(&[1e308, -1e308, 1.0, 0.0], &[0, 1], 2).unwrap();
    assert!(far.value.is_finite() && !far.after.is_nan(), "{far:?}");
}

#[test]
fn nothing_to_score_is_nan_and_one_class_is_always_right() {
    let none = Predictions::new(&[], &[], 3).unwrap();
    for measure in [
        none.cross_entropy(),
        none.brier(),
        none.auroc(),
        none.confusion().accuracy(),
        none.reliability(15).expected_error,
    ] {
        assert!(measure.is_nan());
    }
    assert_eq!(none.confusion().macro_f1(), 0.0);
    assert_eq!(none.reliability(0).bins.len(), 1);
    let one = Predictions::new(&[1.0, 1.0], &[0, 0], 1).unwrap();
    assert_eq!(one.confusion().accuracy(), 1.0);
    assert_eq!((one.cross_entropy(), one.brier()), (0.0, 0.0));
    assert!(one.auroc().is_nan());
    let classless = Predictions::new(&[], &[], 0).unwrap();
    assert!(classless.confusion().per_class().is_empty() && classless.auroc().is_nan());
    assert!(classless.confusion().macro_f1().is_nan() && classless.predicted().is_empty());
    let impossible = Predictions::new(&[1.0, 0.0], &[1], 2).unwrap();
    assert_eq!(impossible.cross_entropy(), f64::INFINITY);
}

#[test]
fn what_is_no_prediction_is_said_with_its_place() {
    let of = |values: &[f64], truth: &[usize], classes| {
        Predictions::new(values, truth, classes)
            .unwrap_err()
            .to_string()
    };
    assert!(of(&[1.0], &[0], 2).contains("found 1 values"));
    assert!(of(&[], &[0], 0).contains("class 0 does not exist"));
    assert!(of(&[0.5, 0.5], &[2], 2).contains("the classes are 0 to 1"));
    assert!(of(&[0.5, f64::NAN], &[1], 2).contains("example 0, class 1"));
    assert!(of(&[0.5, 0.5, 0.5, 0.6], &[1, 0], 2).contains("example 1: probabilities sum to 1"));
    assert!(matches!(
        fit_temperature(&[], &[], 2),
        Err(ClassificationError::NoExamples)
    ));
    assert!(matches!(
        fit_temperature(&[0.0, 1.0, 0.0, f64::NAN], &[0, 0], 2),
        Err(ClassificationError::Logit {
            example: 1,
            class: 1,
            ..
        })
    ));
    assert!(matches!(
        Confusion::new(&[0, 1], &[0], 2),
        Err(ClassificationError::Lengths { .. })
    ));
    assert!(matches!(
        Confusion::new(&[0, 1], &[0, 2], 2),
        Err(ClassificationError::Label { example: 1, .. })
    ));
}

/// Logits and truth of some examples of some classes.
fn examples() -> impl Strategy<Value = (Vec<f64>, Vec<usize>, usize)> {
    (1_usize..8, 0_usize..38).prop_flat_map(|(classes, examples)| {
        (
            // Few different values, so that there are ties.
            prop::collection::vec((-4_i32..5).prop_map(f64::from), classes * examples),
            prop::collection::vec(0..classes, examples),
            Just(classes),
        )
    })
}

proptest! {
    #[test]
    fn the_area_is_the_share_of_pairs_in_order(
        pairs in prop::collection::vec((0_i32..7, any::<bool>()), 0..43),
    ) {
        let (scores, positive): (Vec<f64>, Vec<bool>) =
            pairs.iter().map(|(score, positive)| (f64::from(*score), *positive)).unzip();
        let (mut sum, mut count) = (0.0_f64, 0.0);
        for (a, _) in pairs.iter().filter(|(_, positive)| *positive) {
            for (b, _) in pairs.iter().filter(|(_, positive)| !positive) {
                sum += match a.cmp(b) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
                count += 1.0;
            }
        }
        let (found, expected) = (auroc(&scores, &positive), sum / count);
        prop_assert!(found.is_nan() && expected.is_nan() || (found - expected).abs() < 1e-12);
    }

    #[test]
    fn measures_keep_their_ranges_and_their_definitions((logits, truth, classes) in examples()) {
        let probabilities = softmax(&logits, classes, 1.0);
        let found = Predictions::new(&probabilities, &truth, classes).unwrap();
        let confusion = found.confusion();
        prop_assert_eq!(&confusion, &Confusion::new(&truth, &found.predicted(), classes).unwrap());
        prop_assert_eq!(confusion.examples() as usize, truth.len());
        if truth.is_empty() {
            return Ok(());
        }
        let right = found.correct().iter().filter(|right| **right).count();
        prop_assert!((confusion.accuracy() - right as f64 / truth.len() as f64).abs() < 1e-12);
        for (class, score) in confusion.per_class().iter().enumerate() {
            let hits = truth.iter().zip(found.predicted()).filter(|(t, p)| **t == class && *p == class);
            let hits = hits.count() as f64;
            prop_assert!((score.precision * score.predicted as f64 - hits).abs() < 1e-9);
            prop_assert!((score.recall * score.support as f64 - hits).abs() < 1e-9);
            let (p, r) = (score.precision, score.recall);
            let harmonic = if p + r == 0.0 { 0.0 } else { 2.0 * p * r / (p + r) };
            prop_assert!((score.f1 - harmonic).abs() < 1e-12);
        }
        prop_assert!((0.0..=2.0).contains(&found.brier()));
        let reliability = found.reliability(7);
        prop_assert!((0.0..=1.0).contains(&reliability.expected_error));
        prop_assert_eq!(reliability.bins.iter().map(|bin| bin.count).sum::<u64>() as usize, truth.len());
        for bin in reliability.bins.iter().filter(|bin| bin.count > 0) {
            prop_assert!(bin.lower - 1e-12 <= bin.confidence && bin.confidence <= bin.upper + 1e-12);
        }
    }

    #[test]
    fn no_other_temperature_within_the_bounds_is_better((logits, truth, classes) in examples()) {
        let Ok(found) = fit_temperature(&logits, &truth, classes) else {
            return Ok(());
        };
        prop_assert!(found.after <= found.before + 1e-12);
        for k in 0..40 {
            let other = TEMPERATURES.0 * (TEMPERATURES.1 / TEMPERATURES.0).powf(f64::from(k) / 39.0);
            let probabilities = softmax(&logits, classes, other);
            let scored = Predictions::new(&probabilities, &truth, classes).unwrap();
            prop_assert!(found.after <= scored.cross_entropy() + 1e-9, "{found:?} {other}");
        }
    }
}
