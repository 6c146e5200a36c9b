//! The regression against scikit-learn, its gradient against finite differences, and odd input.

use super::*;
use proptest::prelude::*;

/// 13 rows of 3 features.
fn features() -> Vec<f32> {
    let each = (0..13).flat_map(|i| (0..3).map(move |j| (i, j)));
    each.map(|(i, j)| ((7 * i + 3 * j) % 11) as f32 / 4.0 - 1.25)
        .collect()
}

fn dense(values: &[f32]) -> Rows<'_> {
    Rows::Dense { values, columns: 3 }
}

fn sparse(values: &[f32]) -> Vec<Vec<(u32, f32)>> {
    let rows = values.chunks(3);
    rows.map(|row| {
        (0..)
            .zip(row.iter().copied())
            .filter(|(_, v)| *v != 0.0)
            .collect()
    })
    .collect()
}

#[track_caller]
fn near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(expected) {
        assert!((f - e).abs() < tolerance, "{found:?} {expected:?}");
    }
}

// X = np.array([[((7*i+3*j)%11)/4-1.25 for j in range(3)] for i in range(13)])
// y = np.array([(i*i+i//3)%K for i in range(13)])                           # K of 2 and 4
// m = LogisticRegression(C=0.5, tol=1e-12, max_iter=100000).fit(X, y)       # scikit-learn 1.9.1
// m.predict_proba(X)[:2]
#[test]
fn probabilities_are_those_of_scikit_learn_in_both_forms_of_rows() {
    let values = features();
    let two = [
        0.830_940_844_17,
        0.169_059_155_83,
        0.418_332_158_48,
        0.581_667_841_52,
    ];
    let four = [
        0.540_228_959_67,
        0.053_102_440_43,
        0.290_868_811_87,
        0.115_799_788_03,
        0.265_051_672_87,
        0.359_032_783_18,
        0.153_060_188_14,
        0.222_855_355_81,
    ];
    for (classes, expected) in [(2, &two[..]), (4, &four[..])] {
        let labels: Vec<usize> = (0..13).map(|i| (i * i + i / 3) % classes).collect();
        let rows = sparse(&values);
        let rows = Rows::Sparse {
            rows: &rows,
            columns: 3,
        };
        for rows in [dense(&values), rows] {
            let training = Labelled {
                rows,
                labels: &labels,
            };
            let found = Logistic::fit(training, classes, 2.0).unwrap();
            assert!(found.converged() && found.iterations() > 2);
            let probabilities = found.probabilities(rows).unwrap();
            near(&probabilities[..2 * classes], expected, 0.02);
            let stop = Stop {
                gradient: 1e-10,
                decrease: 0.0,
                ..STOP
            };
            let shape = Shape::new(3, classes);
            let start = vec![0.0; shape.weights()];
            let exact = Logistic::descend(training, shape, 2.0, start, stop);
            let probabilities = exact.probabilities(rows).unwrap();
            near(&probabilities[..2 * classes], expected, 1e-7);
        }
    }
}

#[test]
fn the_best_strength_on_the_validation_part_is_taken_and_all_are_handed_back() {
    let values = features();
    let labels: Vec<usize> = (0..13).map(|i| (i * i + i / 3) % 4).collect();
    let (train, held) = (&values[..24], &values[24..]);
    let training = Labelled {
        rows: dense(train),
        labels: &labels[..8],
    };
    let validation = Labelled {
        rows: dense(held),
        labels: &labels[8..],
    };
    let found = choose(training, validation, 4, &[0.1, 10.0, 1.0]).unwrap();
    let tried: Vec<f64> = found.trials.iter().map(|trial| trial.strength).collect();
    assert_eq!(tried, [0.1, 10.0, 1.0]);
    let best = found.trials[found.chosen];
    for trial in &found.trials {
        assert!(
            trial.accuracy < best.accuracy
                || trial.accuracy == best.accuracy && trial.cross_entropy >= best.cross_entropy
        );
        // From the start or from the stronger penalty's weights, the minimum is the same.
        let alone = Logistic::fit(training, 4, trial.strength).unwrap();
        let alone = alone.trial(validation, trial.strength).unwrap();
        near(&[trial.cross_entropy], &[alone.cross_entropy], 2e-2);
    }
    assert_eq!(
        choose(training, validation, 4, &[0.1, 10.0, 1.0]).unwrap(),
        found
    );
    assert_eq!(found.model.trial(validation, best.strength).unwrap(), best);
}

#[test]
fn one_class_and_no_features_are_learned_as_well() {
    let values = features();
    let one = Labelled {
        rows: dense(&values),
        labels: &[0; 13],
    };
    let found = Logistic::fit(one, 1, 1.0).unwrap();
    assert_eq!(
        found.probabilities(dense(&values[..6])).unwrap(),
        [1.0, 1.0]
    );
    // Of three classes two are never seen.
    let found = Logistic::fit(one, 3, 1.0).unwrap();
    assert!(found.probabilities(dense(&values[..3])).unwrap()[0] > 0.99);
    let rows = vec![vec![]; 4];
    let rows = Rows::Sparse {
        rows: &rows,
        columns: 0,
    };
    let bare = Labelled {
        rows,
        labels: &[0, 1, 1, 1],
    };
    let found = Logistic::fit(bare, 2, 1.0).unwrap();
    near(
        &found.probabilities(rows).unwrap()[..2],
        &[0.25, 0.75],
        1e-5,
    );
}

#[test]
fn what_cannot_be_fitted_is_said_with_its_place() {
    let values = features();
    let of = |rows: Rows<'_>, labels: &[usize], classes, strength| {
        Logistic::fit(Labelled { rows, labels }, classes, strength).unwrap_err()
    };
    let said = of(dense(&values[..3]), &[2], 2, 1.0).to_string();
    assert!(
        said.contains("row 0: class 2") && said.contains("0 to 1"),
        "{said}"
    );
    assert_eq!(of(dense(&[]), &[], 2, 1.0), LogisticError::NoExamples);
    assert_eq!(
        of(dense(&values[..3]), &[0, 1], 2, 1.0),
        LogisticError::Lengths { rows: 1, labels: 2 }
    );
    assert_eq!(
        of(dense(&values[..4]), &[0], 2, 1.0),
        LogisticError::Values {
            values: 4,
            columns: 3
        }
    );
    for strength in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = of(dense(&values[..3]), &[0], 2, strength);
        assert!(matches!(error, LogisticError::Strength(_)));
    }
    for row in [
        vec![(3, 1.0)],
        vec![(1, 1.0), (1, 1.0)],
        vec![(0, f32::NAN)],
    ] {
        let rows = [vec![], row];
        let rows = Rows::Sparse {
            rows: &rows,
            columns: 3,
        };
        let error = of(rows, &[0, 1], 2, 1.0);
        assert!(
            matches!(error, LogisticError::Feature { row: 1, .. }),
            "{error}"
        );
    }
    let training = Labelled {
        rows: dense(&values[..3]),
        labels: &[1],
    };
    let fitted = Logistic::fit(training, 2, 1.0).unwrap();
    let wide = Rows::Dense {
        values: &values[..4],
        columns: 4,
    };
    assert_eq!(
        fitted.probabilities(wide),
        Err(LogisticError::Columns {
            fitted: 3,
            columns: 4
        })
    );
    assert!(matches!(
        choose(training, training, 2, &[]),
        Err(LogisticError::Strength(_))
    ));
    let none = Rows::Dense {
        values: &[],
        columns: 0,
    };
    assert!(
        none.is_empty()
            && Logistic::fit(
                Labelled {
                    rows: none,
                    labels: &[]
                },
                0,
                1.0
            )
            .is_err()
    );
    assert!(bytes(100_000, 2) < 30 << 20 && bytes(usize::MAX, 9) > 1 << 60);
}

#[test]
fn features_that_overflow_end_in_an_answer() {
    let values = [f32::MAX, -f32::MAX, f32::MAX, f32::MAX, 1.0, 0.0];
    let training = Labelled {
        rows: dense(&values),
        labels: &[0, 1],
    };
    let found = choose(training, training, 2, &STRENGTHS).unwrap();
    assert_eq!(found.trials.len(), STRENGTHS.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_gradient_is_that_of_finite_differences(
        classes in 1_usize..6, labels in prop::collection::vec(0_usize..60, 1..12),
        values in prop::collection::vec(-2.0_f32..2.0, 36),
        weights in prop::collection::vec(-1.0_f64..1.0, 24), strength in 0.01_f64..5.0,
    ) {
        let labels: Vec<usize> = labels.iter().map(|label| label % classes).collect();
        let rows = dense(&values[..3 * labels.len()]);
        let (examples, shape) = (Labelled { rows, labels: &labels }, Shape::new(3, classes));
        let mut row = vec![0.0; shape.outputs];
        let mut value = |weights: &[f64], gradient: &mut [f64]| {
            loss::loss(examples, shape, strength, weights, gradient, &mut row)
        };
        let mut weights = weights[..shape.weights()].to_vec();
        let (mut gradient, mut other) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
        value(&weights, &mut gradient);
        for k in 0..weights.len() {
            let (at, step) = (weights[k], 1e-5);
            weights[k] = at + step;
            let above = value(&weights, &mut other);
            weights[k] = at - step;
            let below = value(&weights, &mut other);
            weights[k] = at;
            prop_assert!(((above - below) / (2.0 * step) - gradient[k]).abs() < 1e-8);
        }
    }
}
