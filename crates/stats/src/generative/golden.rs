//! Distances held against SciPy, NumPy and prdc: `fixtures/generative/make.py`.

use super::*;
use crate::draw::Draws;

const GOLDEN: &str = include_str!("../../../../fixtures/generative/values.tsv");

/// The rows that `make.py` draws.
fn rows(kind: &str, count: usize, width: usize, seed: u64, made: bool) -> Vec<f64> {
    let mut draws = Draws::new(seed);
    let mut rows = Vec::with_capacity(count * width);
    for _ in 0..count {
        let mut before = 0.0;
        for _ in 0..width {
            let x = draws.uniform();
            before = match (kind, made) {
                ("lattice", false) => (x * 5.0).floor(),
                ("lattice", true) => (x * 4.0).floor(),
                (_, false) => x + 0.5 * before,
                (_, true) => (x * x * 0.875 + 0.125) + 0.5 * before,
            };
            rows.push(before);
        }
    }
    rows
}

#[test]
fn figures_are_those_of_scipy_numpy_and_prdc() {
    let mut cases = 0;
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let whole = |at: usize| fields[at].parse::<usize>().unwrap();
        let (n, m, width, seed, neighbours) =
            (whole(1), whole(2), whole(3), whole(4) as u64, whole(5));
        let real = rows(fields[0], n, width, 1_000 + seed, false);
        let made = rows(fields[0], m, width, 2_000 + seed, true);
        let near = |found: f64, at: usize| {
            let expected: f64 = fields[at].parse().unwrap();
            assert!(
                (found - expected).abs() <= 1e-9 * expected.abs(),
                "{line}: {found}, field {at}"
            );
        };
        near(frechet_distance(&real, &made, width).unwrap(), 6);
        near(kernel_distance(&real, &made, width).unwrap(), 7);
        let found = manifold(&real, &made, width, neighbours).unwrap();
        near(found.precision, 8);
        near(found.recall, 9);
        near(found.density, 10);
        near(found.coverage, 11);
        near(mean_pairwise_distance(&real, width).unwrap(), 12);
        let nearest = nearest_distances(&made, &real, width).unwrap();
        let weighted = |value: fn(&(usize, f64)) -> f64| -> f64 {
            let each = nearest.iter().zip(1_u32..);
            each.map(|(found, weight)| f64::from(weight) * value(found))
                .sum()
        };
        near(weighted(|found| found.1), 13);
        near(weighted(|found| found.0 as f64), 14);
        cases += 1;
    }
    assert_eq!(cases, 9);
}
