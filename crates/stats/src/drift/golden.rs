//! Tests and distances held against SciPy and NumPy, alarms against river: `fixtures/drift/make.py`.

use super::*;
use crate::draw::Draws;

const GOLDEN: &str = include_str!("../../../../fixtures/drift/values.tsv");

/// The fields of the records of one kind.
fn records(kind: &str) -> Vec<Vec<&'static str>> {
    let lines = GOLDEN.lines().filter_map(|line| {
        let rest = line.strip_prefix(kind)?.strip_prefix('\t')?;
        Some(rest.split('\t').collect())
    });
    lines.collect()
}

fn numbers(field: &str) -> Vec<f64> {
    let each = field.split_whitespace();
    each.map(|number| number.parse().unwrap()).collect()
}

fn number(field: &str) -> f64 {
    field.parse().unwrap()
}

fn whole(field: &str) -> usize {
    field.parse().unwrap()
}

#[track_caller]
fn near(found: f64, expected: &str, within: f64) {
    let expected = number(expected);
    let scale = expected.abs().max(1e-300);
    assert!(
        (found - expected).abs() <= within * scale,
        "{found} {expected}"
    );
}

fn uniform(count: usize, seed: usize, shift: f64) -> Vec<f64> {
    let mut draws = Draws::new(seed as u64);
    (0..count).map(|_| draws.uniform() + shift).collect()
}

#[test]
fn samples_are_as_far_apart_as_scipy_and_numpy_say() {
    let found = records("samples");
    assert_eq!(found.len(), 11);
    for fields in found {
        let (n, m, seed, shift) = (
            whole(fields[1]),
            whole(fields[2]),
            whole(fields[3]),
            number(fields[4]),
        );
        let sample = |count: usize, seed: usize, shift: f64| -> Vec<f64> {
            let each = uniform(count, seed, 0.0).into_iter();
            each.map(|u| if fields[0] == "smooth" { u * u } else { (u * 7.0).floor() } + shift).collect()
        };
        let (a, b) = (sample(n, 1_000 + seed, 0.0), sample(m, 2_000 + seed, shift));
        let test = kolmogorov_smirnov(&a, &b).unwrap();
        near(test.statistic, fields[5], 1e-12);
        near(test.p_value, fields[6], 1e-9);
        near(wasserstein(&a, &b).unwrap(), fields[7], 1e-11);
        near(population_stability(&a, &b, 10).unwrap(), fields[8], 1e-11);
        let back = kolmogorov_smirnov(&b, &a).unwrap();
        assert!((back.p_value - test.p_value).abs() <= 1e-11 * test.p_value);
    }
}

#[test]
fn counts_and_p_values_are_those_of_scipy() {
    let found = records("counts");
    assert_eq!(found.len(), 5);
    for fields in found {
        let (a, b) = (numbers(fields[0]), numbers(fields[1]));
        let counts = |of: &[f64]| of.iter().map(|count| *count as u64).collect::<Vec<u64>>();
        let test = chi_squared(&counts(&a), &counts(&b)).unwrap();
        near(test.statistic, fields[2], 1e-11);
        near(test.p_value, fields[3], 1e-11);
        near(jensen_shannon(&a, &b).unwrap(), fields[4], 1e-11);
    }
    let found = records("p_values");
    assert_eq!(found.len(), 3);
    for fields in found {
        let corrected = benjamini_hochberg(&numbers(fields[0])).unwrap();
        for (found, expected) in corrected.iter().zip(fields[1].split(' ')) {
            near(*found, expected, 1e-14);
        }
    }
}

#[test]
fn rows_are_as_far_apart_as_numpy_says() {
    let found = records("rows");
    assert_eq!(found.len(), 4);
    for fields in found {
        let [n, m, width, seed] = [0, 1, 2, 3].map(|at| whole(fields[at]));
        let a = uniform(n * width, 1_000 + seed, 0.0);
        let b = uniform(m * width, 2_000 + seed, number(fields[4]));
        near(
            kernel_test(&a, &b, width, 1, 0).unwrap().statistic,
            fields[5],
            1e-10,
        );
    }
}

/// The positions of the alarms in the stream that `make.py` draws.
fn alarms(fields: &[&str], mut alarm: impl FnMut(f64) -> bool) -> Vec<f64> {
    let length = whole(fields[0]);
    let levels = [0.0, 0.3, 0.1, 0.6];
    let stream = uniform(length, whole(fields[1]), 0.0)
        .into_iter()
        .enumerate();
    let values = stream.map(|(at, u)| (at, levels[4 * at / length] + u));
    let found = values.filter(|(_, value)| alarm(*value));
    found.map(|(at, _)| at as f64).collect()
}

#[test]
fn alarms_come_where_river_gives_them() {
    let found = records("adwin");
    assert_eq!(found.len(), 5);
    for fields in found {
        let mut detector = Adwin::new(number(fields[2]), whole(fields[3])).unwrap();
        let mut restart = false;
        let found = alarms(&fields, |value| {
            if restart {
                detector.restart();
            }
            restart = detector.next(value);
            restart
        });
        assert_eq!(found, numbers(fields[4]));
        assert_eq!(detector.count() as f64, number(fields[5]));
        near(detector.mean(), fields[6], 1e-12);
    }
    let found = records("page_hinkley");
    assert_eq!(found.len(), 4);
    for fields in found {
        let mut detector = PageHinkley::new(number(fields[2]), number(fields[3])).unwrap();
        assert_eq!(
            alarms(&fields, |value| detector.next(value)),
            numbers(fields[4])
        );
    }
}
