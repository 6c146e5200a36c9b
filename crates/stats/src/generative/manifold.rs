//! Distances of rows: whether made rows lie where real ones do, whether they differ, and whether they are copies.

use super::{pairs, rows_of};

/// How two clouds of rows overlap, by balls around each row that reach to its k-th nearest neighbour among its own kind.
///
/// The borders of balls do not belong to them, as in the package `prdc` of Naeem and others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manifold {
    /// Share of the made rows that lie in the ball of any real row, 0 to 1: how much of what is made looks real.
    pub precision: f64,
    /// Share of the real rows that lie in the ball of any made row, 0 to 1: how much of what is real is made. One made
    /// row far from the others has a large ball, so this can be too high; see `coverage`.
    pub recall: f64,
    /// Mean number of balls of real rows in which a made row lies, divided by k: as `precision`, but a real row far from the
    /// others counts little. On average 1 where both are drawn alike; it can be higher where made rows are only of the
    /// frequent kinds.
    pub density: f64,
    /// Share of the real rows whose ball holds any made row, 0 to 1. Where both are drawn alike, about
    /// 1 − 2⁻ᵏ for equally many of them.
    pub coverage: f64,
}

/// Precision, recall, density and coverage of the made rows, by Euclidean balls that reach to the nearest neighbour number
/// `neighbours` (k: 3 in Kynkäänniemi and others, 5 in Naeem and others), the row itself not counted.
///
/// Takes time in proportion to width times the square of the rows, on all cores; the same bits on any number of them.
/// Nothing if k is 0, or either side has not more than k rows.
///
/// Precision and recall: Kynkäänniemi, Karras, Laine, Lehtinen, Aila, "Improved precision and recall metric for assessing
/// generative models" (2019), NeurIPS 32. Density and coverage: Naeem, Oh, Uh, Choi, Yoo, "Reliable fidelity and
/// diversity metrics for generative models" (2020), ICML.
pub fn manifold(real: &[f64], made: &[f64], width: usize, neighbours: usize) -> Option<Manifold> {
    let (n, m) = (rows_of(real, width)?, rows_of(made, width)?);
    if neighbours == 0 || n <= neighbours || m <= neighbours {
        return None;
    }
    // Squared, as everything that they are compared with.
    let radii = |rows: &[f64]| {
        pairs::of_distances(rows, rows, width, |row, distances| {
            // The row itself must be the first also where another is equal to it.
            distances[row] = -1.0;
            *distances
                .select_nth_unstable_by(neighbours, f64::total_cmp)
                .1
        })
    };
    let (real_radii, made_radii) = (radii(real), radii(made));
    let balls = pairs::of_distances(made, real, width, |_, distances| {
        let inside = distances.iter().zip(&real_radii);
        inside
            .filter(|(distance, radius)| distance < radius)
            .count()
    });
    let reached = pairs::of_distances(real, made, width, |row, distances| {
        let of_made = distances
            .iter()
            .zip(&made_radii)
            .any(|(d, radius)| d < radius);
        (of_made, distances.iter().any(|d| *d < real_radii[row]))
    });
    let share = |count: usize, of: usize| count as f64 / of as f64;
    Some(Manifold {
        precision: share(balls.iter().filter(|count| **count > 0).count(), m),
        recall: share(reached.iter().filter(|(recalled, _)| *recalled).count(), n),
        density: share(balls.iter().sum(), m) / neighbours as f64,
        coverage: share(reached.iter().filter(|(_, covered)| *covered).count(), n),
    })
}

/// Mean Euclidean distance of two different rows, over all pairs: how much rows differ from one another. That of made rows
/// beside that of real ones shows a generator that makes few kinds. Nothing without two rows.
pub fn mean_pairwise_distance(rows: &[f64], width: usize) -> Option<f64> {
    let count = rows_of(rows, width)?;
    if count < 2 {
        return None;
    }
    let sums = pairs::of_distances_before(rows, width, |_, distances| {
        distances.iter().map(|squared| squared.sqrt()).sum::<f64>()
    });
    Some(sums.iter().sum::<f64>() / (count as f64 * (count as f64 - 1.0) / 2.0))
}

/// Of each row of `from` the number of the nearest row of `to` (the lowest of those equally near) and its Euclidean
/// distance. Made rows much nearer to their training rows than held-back real ones are copies.
pub fn nearest_distances(from: &[f64], to: &[f64], width: usize) -> Option<Vec<(usize, f64)>> {
    rows_of(from, width)?;
    rows_of(to, width)?;
    Some(pairs::of_distances(from, to, width, |_, distances| {
        let each = distances.iter().enumerate();
        let (at, squared) = each.fold((0, f64::INFINITY), |best, (at, squared)| {
            if *squared < best.1 {
                (at, *squared)
            } else {
                best
            }
        });
        (at, squared.sqrt())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_copies_are_precise_and_do_not_cover() {
        let real: Vec<f64> = (0..37)
            .flat_map(|i| [f64::from(i), f64::from(i * i % 11)])
            .collect();
        let made: Vec<f64> = real[..14].to_vec();
        let found = manifold(&real, &made, 2, 3).unwrap();
        assert_eq!(found.precision, 1.0);
        assert!(found.coverage < 0.5 && found.recall < 0.7, "{found:?}");
        let nearest = nearest_distances(&made, &real, 2).unwrap();
        assert_eq!(nearest, (0..7).map(|i| (i, 0.0)).collect::<Vec<_>>());
        // All the same rows: balls of no size, whose borders are not in them.
        let found = manifold(&[1.0; 8], &[1.0; 8], 2, 3).unwrap();
        assert_eq!(
            (found.precision, found.coverage, found.density),
            (0.0, 0.0, 0.0)
        );
        assert_eq!(
            nearest_distances(&[3.0, 3.0], &[5.0, 1.0, 5.0], 1).unwrap(),
            [(0, 2.0); 2]
        );
        assert_eq!(mean_pairwise_distance(&[1.0, 2.0, 4.0], 1), Some(2.0));
    }

    #[test]
    fn what_is_no_cloud_of_rows_has_no_figures() {
        let rows = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(manifold(&rows, &rows, 1, 0), None);
        assert_eq!(manifold(&rows, &rows, 1, 4), None);
        assert!(manifold(&rows, &rows, 1, 3).is_some());
        for (real, width) in [
            (&rows[..3], 2),
            (&rows, 0),
            (&[], 1),
            (&[1.0, f64::INFINITY], 1),
            (&[1.0, -2e150], 1),
        ] {
            assert_eq!(manifold(real, &rows, width, 1), None);
            assert_eq!(manifold(&rows, real, width, 1), None);
            assert_eq!(mean_pairwise_distance(real, width), None);
            assert_eq!(nearest_distances(real, &rows, width), None);
            assert_eq!(nearest_distances(&rows, real, width), None);
        }
        assert_eq!(mean_pairwise_distance(&rows, 4), None);
    }
}
