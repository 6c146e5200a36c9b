//! Distances against the full dynamic programme, searches against comparing everything.

use super::*;
use proptest::prelude::*;

/// Every cell of the table, in the order of the definition.
fn full_table(a: &[f64], b: &[f64], dims: usize, reach: usize) -> f64 {
    let (n, m) = (a.len() / dims, b.len() / dims);
    let mut table = vec![vec![f64::INFINITY; m + 1]; n + 1];
    table[0][0] = 0.0;
    for i in 0..n {
        for j in (0..m).filter(|j| i.abs_diff(*j) <= reach) {
            let pairs = a[i * dims..(i + 1) * dims].iter().zip(&b[j * dims..]);
            let cost: f64 = pairs.map(|(a, b)| (a - b).powi(2)).sum();
            let best = table[i][j].min(table[i][j + 1]).min(table[i + 1][j]);
            table[i + 1][j + 1] = cost + best;
        }
    }
    table[n][m]
}

const WARPED: Distance = Distance::Warped { band: 0.1 };

#[test]
fn a_shift_in_time_is_forgiven_by_warping_and_not_by_the_euclidean_distance() {
    let bump = |at: usize| -> Vec<f64> {
        (0..31)
            .map(|t| (-((t as f64 - at as f64) / 2.0).powi(2)).exp())
            .collect()
    };
    let flat_with_step: Vec<f64> = (0..31).map(|t| f64::from(u8::from(t > 15))).collect();
    let training = [bump(12), flat_with_step];
    let of = |distance| {
        let fitted = NearestNeighbour::fit(&training, 1, &[4, 9], Scaling::Own, distance).unwrap();
        fitted.nearest(&[bump(15)]).unwrap()[0]
    };
    assert_eq!(of(WARPED).label, 4);
    assert!(of(WARPED).distance < 0.3 * of(Distance::Euclidean).distance);
}

#[test]
fn the_lowest_index_of_equal_sequences_is_taken_whatever_their_level_and_size() {
    let shape = [1.0, 5.0, 2.0, 8.0, 3.0, 1.0, 4.0];
    let larger: Vec<f64> = shape.iter().map(|x| 3.0 * x - 70.0).collect();
    let other = vec![9.0, 1.0, 7.0, 0.0, 2.0, 2.0, 2.0];
    let training = [other, shape.to_vec(), larger.clone(), shape.to_vec()];
    for distance in [Distance::Euclidean, WARPED] {
        let fitted =
            NearestNeighbour::fit(&training, 1, &[0, 1, 2, 3], Scaling::Own, distance).unwrap();
        let found = fitted.nearest(&[shape.to_vec(), vec![5.0; 7]]).unwrap();
        assert_eq!(
            (found[0].index, found[0].label, found[0].distance),
            (1, 1, 0.0)
        );
        assert!(found[1].distance.is_finite());
    }
}

#[test]
fn a_level_counts_where_dimensions_are_scaled_over_the_training_part() {
    // The second sequence is the first one higher; the dimensions have unequal units.
    let training = [
        [0.0, 10.0, 1.0, 90.0, 0.0, 20.0],
        [5.0, 10.0, 6.0, 90.0, 5.0, 20.0],
    ];
    let query = [5.1, 10.0, 5.9, 88.0, 5.2, 20.0];
    for distance in [Distance::Euclidean, WARPED] {
        let of = |scaling| {
            let fitted = NearestNeighbour::fit(&training, 2, &[0, 1], scaling, distance).unwrap();
            fitted.nearest(&[query]).unwrap()[0].label
        };
        assert_eq!((of(Scaling::Own), of(Scaling::Training)), (0, 1));
    }
}

#[test]
fn unequal_lengths_are_resampled_to_the_longest_or_aligned() {
    // The same straight line in 2, 3 and 5 steps.
    let line = |steps: usize| -> Vec<f64> { (0..steps).map(|t| t as f64).collect() };
    assert_eq!(
        resampled(&[0.0, 10.0, 4.0, 20.0], 2, 3),
        [0.0, 10.0, 2.0, 15.0, 4.0, 20.0]
    );
    assert_eq!(resampled(&[3.0], 1, 4), [3.0; 4]);
    assert_eq!(resampled(&line(5), 1, 1), [0.0]);
    for distance in [Distance::Euclidean, WARPED] {
        let fitted =
            NearestNeighbour::fit(&[line(5), vec![1.0]], 1, &[1, 0], Scaling::Own, distance)
                .unwrap();
        for found in fitted.nearest(&[line(2), line(3), line(11)]).unwrap() {
            assert_eq!(found.label, 1, "{found:?}");
        }
    }
}

#[test]
fn what_cannot_be_compared_is_said_with_its_place() {
    let fit = |sequences: &[Vec<f64>], dims, labels: &[usize], distance| {
        NearestNeighbour::fit(sequences, dims, labels, Scaling::Own, distance).unwrap_err()
    };
    let good = vec![1.0, 2.0, 3.0, 4.0];
    assert_eq!(fit(&[], 1, &[], WARPED), NeighbourError::NoSequences);
    assert!(matches!(
        fit(std::slice::from_ref(&good), 1, &[], WARPED),
        NeighbourError::Lengths { .. }
    ));
    for (dims, values) in [(0, good.clone()), (3, good.clone()), (2, vec![])] {
        let error = fit(&[values], dims, &[0], Distance::Euclidean);
        assert!(matches!(error, NeighbourError::Steps { sequence: 0, .. }));
    }
    for band in [-0.1, 1.1, f64::NAN] {
        let error = fit(
            std::slice::from_ref(&good),
            1,
            &[0],
            Distance::Warped { band },
        );
        assert!(matches!(error, NeighbourError::Band(_)));
    }
    let fitted =
        NearestNeighbour::fit(std::slice::from_ref(&good), 2, &[0], Scaling::Own, WARPED).unwrap();
    let said = fitted
        .nearest(&[good, vec![0.0, 1.0, 2.0, f64::NAN]])
        .unwrap_err();
    assert_eq!(
        said.to_string(),
        "sequence 1, step 1: NaN cannot be compared, fill missing values before"
    );
    assert_eq!(fitted.nearest::<Vec<f64>>(&[]).unwrap(), []);
    let huge = fitted
        .nearest(&[vec![f64::MAX, 0.0, -f64::MAX, 1.0]])
        .unwrap();
    assert!(huge[0].distance.is_finite());
}

#[test]
fn the_cost_counts_every_cell_of_every_pair() {
    let found = cost(&[5, 5, 7], &[5, 3], 2, Distance::Euclidean);
    assert_eq!((found.comparisons, found.operations), (6, 6 * 7 * 2));
    for (n, m, band) in [(5, 5, 0.2), (7, 5, 0.0), (3, 11, 0.5), (1, 1, 0.0)] {
        let reach = reach(band, n, m);
        let cells = (0..n).flat_map(|i| (0..m).map(move |j| (i, j)));
        let cells = cells.filter(|(i, j)| i.abs_diff(*j) <= reach).count() as u64;
        let found = cost(&[m, m], &[n; 3], 3, Distance::Warped { band });
        assert_eq!(found.operations, 6 * 3 * cells, "{n} {m} {band}");
    }
    assert_eq!(cost(&[], &[3], 1, WARPED).comparisons, 0);
    assert_eq!(cost(&[0, 4], &[0], 1, WARPED).operations, 0);
}

/// Sequences of some dimensions and of lengths that differ, or not.
fn sequences(most: usize) -> impl Strategy<Value = (Vec<Vec<f64>>, usize)> {
    (1_usize..4, 1_usize..14, any::<bool>()).prop_flat_map(move |(dims, steps, equal)| {
        let lengths = if equal { steps..steps + 1 } else { 1..14 };
        // Few different values, so that there are ties.
        let sequence = lengths.prop_flat_map(move |steps| {
            prop::collection::vec((-3_i32..4).prop_map(f64::from), steps * dims)
        });
        (prop::collection::vec(sequence, 2..most), Just(dims))
    })
}

/// The search against comparing everything without a bound, to the bit.
fn searched_as_by_comparing_everything(
    all: &[Vec<f64>],
    dims: usize,
    distance: Distance,
) -> Result<(), TestCaseError> {
    let (query, training) = (&all[0], &all[1..]);
    let labels: Vec<usize> = (0..training.len()).collect();
    let fitted = NearestNeighbour::fit(training, dims, &labels, Scaling::Own, distance).unwrap();
    let found = fitted.nearest(&[query]).unwrap()[0];
    let (query, _) = fitted.ready(query);
    let mut scratch = Scratch::default();
    let (mut best, mut least) = (0, f64::INFINITY);
    for (index, (other, _)) in fitted.training.iter().enumerate() {
        let squared = match distance {
            Distance::Warped { band } => {
                let reach = reach(band, query.len() / dims, other.len() / dims);
                let all = (None, f64::INFINITY);
                warped(&query, other, dims, reach, all, &mut scratch)
            }
            Distance::Euclidean => euclidean(&query, other, f64::INFINITY),
        };
        if squared < least {
            (best, least) = (index, squared);
        }
    }
    prop_assert_eq!(found.index, best);
    prop_assert_eq!(found.distance.to_bits(), least.sqrt().to_bits());
    Ok(())
}

proptest! {
    #[test]
    fn warping_equals_the_full_table_and_is_never_below_its_bounds(
        (both, dims) in sequences(3), band in 0.0_f64..1.0,
    ) {
        let (a, b) = (&both[0], &both[1]);
        let (n, m) = (a.len() / dims, b.len() / dims);
        let reach = reach(band, n, m);
        let expected = full_table(a, b, dims, reach);
        let mut scratch = Scratch::default();
        let mut of = |around, limit| warped(a, b, dims, reach, (around, limit), &mut scratch);
        prop_assert_eq!(of(None, f64::INFINITY), expected);
        let around = Envelope::of(b, dims, reach);
        prop_assert!(bound(a, b, Some(&around), dims) <= expected);
        if n == m {
            // Values are whole numbers, so that nothing is rounded.
            prop_assert_eq!(of(Some(&around), expected), expected);
        }
        let given_up = of(None, expected - 1.0);
        prop_assert!(given_up == expected || given_up == f64::INFINITY);
    }

    #[test]
    fn a_band_of_0_is_the_euclidean_distance_on_equal_lengths(
        pairs in prop::collection::vec((-3.0_f64..3.0, -3.0_f64..3.0), 1..83),
    ) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let mut scratch = Scratch::default();
        let aligned = warped(&a, &b, 1, 0, (None, f64::INFINITY), &mut scratch);
        prop_assert!((aligned - euclidean(&a, &b, f64::INFINITY)).abs() < 1e-9);
        let around = NearestNeighbour::fit(&[a], 1, &[0], Scaling::Own, Distance::Warped { band: 0.0 }).unwrap();
        prop_assert!(around.nearest(&[b]).unwrap()[0].distance.is_finite());
    }

    #[test]
    fn the_search_finds_what_comparing_everything_finds(
        (all, dims) in sequences(12), band in 0.0_f64..1.0, warping: bool,
    ) {
        let distance = if warping { Distance::Warped { band } } else { Distance::Euclidean };
        searched_as_by_comparing_everything(&all, dims, distance)?;
    }

    #[test]
    fn on_series_of_a_heart_alike_the_search_finds_what_comparing_everything_finds(
        phases in prop::collection::vec((0.0_f64..6.0, 0.5_f64..2.0), 2..23), band in 0.0_f64..0.3,
    ) {
        // Values with all their digits, and series near enough for the bounds to skip some.
        let beat = |(phase, rate): &(f64, f64)| -> Vec<f64> {
            (0..61).map(|t| (phase + rate * f64::from(t) / 7.0).sin() + 0.1 * (f64::from(t) * phase).cos()).collect()
        };
        let all: Vec<Vec<f64>> = phases.iter().map(beat).collect();
        searched_as_by_comparing_everything(&all, 1, Distance::Warped { band })?;
    }
}
