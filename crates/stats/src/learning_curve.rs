//! How much more data would help: the same training on growing shares of the examples.

use std::collections::BTreeMap;

use crate::draw::Draws;

/// The usual shares, each twice the one before: on a logarithmic axis the points are evenly apart.
pub const SHARES: [f64; 4] = [0.125, 0.25, 0.5, 1.0];

/// For each share the indices of so many training examples, ascending, every class in its share.
///
/// The subsets are nested: a larger share has all examples of a smaller one, so that two points of
/// the curve differ by what was added and not by luck. Of each class it is the nearest whole number
/// of examples, and at least one. Shares are taken as lying within 0 to 1; 1 is everything. `labels`
/// is the class of each training example; the result is a function of them, the shares and the seed.
pub fn nested(labels: &[usize], shares: &[f64], seed: u64) -> Vec<Vec<usize>> {
    let mut classes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, label) in labels.iter().enumerate() {
        classes.entry(*label).or_default().push(index);
    }
    let mut draws = Draws::new(seed);
    for indices in classes.values_mut() {
        for last in (1..indices.len()).rev() {
            indices.swap(last, draws.below(last + 1));
        }
    }
    let of_share = |share: &f64| {
        let mut chosen: Vec<usize> = Vec::new();
        for indices in classes.values() {
            let wanted = (share * indices.len() as f64).round() as usize;
            chosen.extend(&indices[..wanted.clamp(1, indices.len())]);
        }
        chosen.sort_unstable();
        chosen
    };
    shares.iter().map(of_share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_class_of_one_example_is_in_every_subset() {
        let mut labels = vec![0; 80];
        labels.extend([1; 16]);
        labels.push(7);
        let found = nested(&labels, &SHARES, 3);
        let sizes: Vec<usize> = found.iter().map(Vec::len).collect();
        assert_eq!(sizes, [10 + 2 + 1, 20 + 4 + 1, 40 + 8 + 1, 97]);
        assert!(found.iter().all(|subset| subset.contains(&96)));
        assert_eq!(nested(&labels, &SHARES, 3), found);
        assert_ne!(nested(&labels, &SHARES, 4), found);
        assert_eq!(nested(&[], &SHARES, 3), vec![Vec::<usize>::new(); 4]);
    }

    proptest! {
        #[test]
        fn subsets_grow_and_hold_each_class_in_its_share(
            labels in prop::collection::vec(0_usize..5, 0..97), seed: u64,
            shares in prop::collection::vec(-0.5_f64..1.5, 0..5),
        ) {
            let mut shares = shares;
            shares.sort_by(f64::total_cmp);
            let found = nested(&labels, &shares, seed);
            for pair in found.windows(2) {
                prop_assert!(pair[0].iter().all(|index| pair[1].contains(index)));
            }
            for (subset, share) in found.iter().zip(&shares) {
                prop_assert!(subset.windows(2).all(|pair| pair[0] < pair[1]));
                for class in 0..5 {
                    let of = |index: &&usize| labels[**index] == class;
                    let count = subset.iter().filter(of).count();
                    let all = labels.iter().filter(|label| **label == class).count();
                    let wanted = (share * all as f64).round().max(1.0).min(all as f64);
                    prop_assert_eq!(count, wanted as usize);
                }
            }
        }
    }
}
