//! Examples cut into parts that have every class in its share.

use std::collections::{BTreeMap, BTreeSet};

use crate::draws::Draws;
use crate::error::DataError;
use crate::examples::Examples;
use crate::read::Assumption;

/// Three sets of examples, by their numbers from 0 in ascending order; no example is in two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Examples to fit on: at least one of each class.
    pub train: Vec<usize>,
    /// Examples to choose on; may be empty.
    pub valid: Vec<usize>,
    /// Examples to judge on; may be empty.
    pub test: Vec<usize>,
}

/// Cuts examples into parts of these shares (train, valid, test), each class by itself.
///
/// Examples of the same input go to the same part, so that nothing is judged on what was learned
/// by heart; where there are such, it is told. The first that is drawn of each class goes to
/// training. What shares below one in all leave is in no part. Which example goes where is a
/// function of the seed and of the examples in their order.
///
/// # Errors
/// [`DataError::BadSplit`] for shares that are none, add up to more than one, or leave nothing for
/// training.
pub fn stratified(
    examples: &Examples,
    shares: [f64; 3],
    seed: u64,
) -> Result<(Parts, Vec<Assumption>), DataError> {
    check(shares)?;
    let (groups, told) = groups(examples);
    // Without classes, all are of one; of contradictory duplicates, the first says it.
    let mut classes: BTreeMap<&str, Vec<Vec<usize>>> = BTreeMap::new();
    for (first, group) in groups {
        let label = examples
            .labels
            .as_ref()
            .and_then(|labels| labels.get(first));
        let class = classes.entry(label.map_or("", String::as_str)).or_default();
        class.push(group);
    }
    let mut assigned: Vec<(Vec<usize>, usize)> = Vec::new();
    let mut before = 0;
    for (class, mut groups) in classes {
        Draws::of_purpose(seed, &format!("split {class}")).shuffle(&mut groups);
        let size: usize = groups.iter().map(Vec::len).sum();
        // Rounded over the classes so far, so that small classes together still give each part its
        // share.
        let (start, end) = (cumulated(shares, before), cumulated(shares, before + size));
        let mut wanted = [0_i64; 4];
        for (wanted, (start, end)) in wanted.iter_mut().zip(start.into_iter().zip(end)) {
            *wanted = end - start;
        }
        before += size;
        for (drawn, group) in groups.into_iter().enumerate() {
            let mut part = 0;
            for other in 1..wanted.len() {
                if drawn > 0 && wanted[other] > wanted[part] {
                    part = other;
                }
            }
            wanted[part] -= group.len() as i64;
            assigned.push((group, part));
        }
    }
    train_every_class(examples, &mut assigned);
    Ok((collected(assigned), told))
}

/// The examples of each input, by the first of them, and what is to be told of it.
pub(super) fn groups(examples: &Examples) -> (BTreeMap<usize, Vec<usize>>, Vec<Assumption>) {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, first) in examples.inputs.first_same().into_iter().enumerate() {
        groups.entry(first).or_default().push(at);
    }
    let repeated: usize = groups.values().map(|group| group.len() - 1).sum();
    let mut told = Vec::new();
    if repeated > 0 {
        let found = format!("{repeated}, each in the part of the first of its kind");
        told.push(Assumption::new("repeated inputs", found));
    }
    (groups, told)
}

/// The parts from the part of each group; what is in the fourth is in none.
pub(super) fn collected(assigned: Vec<(Vec<usize>, usize)>) -> Parts {
    let mut parts: [Vec<usize>; 4] = Default::default();
    for (group, part) in assigned {
        parts[part].extend(group);
    }
    for part in &mut parts {
        part.sort_unstable();
    }
    let [train, valid, test, _] = parts;
    Parts { train, valid, test }
}

/// Moves to training the first inputs of classes that are not there: those that only stand beside
/// another class, on one input with it.
fn train_every_class(examples: &Examples, assigned: &mut [(Vec<usize>, usize)]) {
    let Some(labels) = &examples.labels else {
        return;
    };
    let of_group = |group: &[usize]| -> Vec<&str> {
        let labels = group.iter().filter_map(|at| labels.get(*at));
        labels.map(String::as_str).collect()
    };
    let trained = assigned.iter().filter(|(_, part)| *part == 0);
    let mut known: BTreeSet<&str> = trained.flat_map(|(group, _)| of_group(group)).collect();
    for (group, part) in assigned {
        let classes = of_group(group);
        if classes.iter().any(|class| !known.contains(class)) {
            *part = 0;
            known.extend(classes);
        }
    }
}

/// How many of the first `count` examples belong to each part; the last is in none.
pub(super) fn cumulated(shares: [f64; 3], count: usize) -> [i64; 4] {
    // The small constant keeps 0.7 × 10 = 6.999… from losing one.
    let floor = |share: f64| (share * count as f64 + 1e-9).floor() as i64;
    let (valid, test) = (floor(shares[1]), floor(shares[2]));
    let whole = shares.iter().sum::<f64>() > 1.0 - 1e-9;
    let train = match whole {
        true => count as i64 - valid - test,
        false => floor(shares[0]),
    };
    [train, valid, test, count as i64 - train - valid - test]
}

pub(super) fn check(shares: [f64; 3]) -> Result<(), DataError> {
    let bad = |reason: String| DataError::BadSplit {
        text: shares.map(|share| share.to_string()).join(","),
        reason,
    };
    if let Some(share) = shares.iter().find(|s| !(0.0..=1.0).contains(*s)) {
        return Err(bad(format!("{share} is not a share between 0 and 1")));
    }
    let total: f64 = shares.iter().sum();
    if total > 1.0 + 1e-9 {
        return Err(bad(format!("the shares add up to {total:.3}, more than 1")));
    }
    if shares[0] == 0.0 {
        return Err(bad("nothing would be left for training".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::examples::{Inputs, Origin};
    use crate::{Place, generate};

    fn examples(pairs: &[(usize, usize)]) -> Examples {
        Examples {
            inputs: Inputs::Texts(pairs.iter().map(|(text, _)| format!("t{text}")).collect()),
            labels: Some(pairs.iter().map(|(_, class)| format!("c{class}")).collect()),
            origins: (1..=pairs.len())
                .map(|row| Origin {
                    file: 0,
                    place: Place::Row(row),
                    id: None,
                })
                .collect(),
            files: vec!["made".into()],
            media: None,
        }
    }

    #[test]
    fn each_part_has_its_share_of_each_class() {
        let made = generate::waves(1, 1_000);
        let (parts, told) = stratified(&made, [0.7, 0.1, 0.2], 3).unwrap();
        assert_eq!(told, []);
        let sizes = [&parts.train, &parts.valid, &parts.test].map(Vec::len);
        assert_eq!(sizes, [700, 100, 200]);
        let labels = made.labels.as_ref().unwrap();
        for class in made.classes() {
            let count = |part: &[usize]| part.iter().filter(|at| labels[**at] == class).count();
            let all = labels.iter().filter(|label| **label == class).count() as f64;
            assert!((count(&parts.test) as f64 - 0.2 * all).abs() <= 1.0);
            assert!((count(&parts.valid) as f64 - 0.1 * all).abs() <= 1.0);
        }
        assert_eq!(stratified(&made, [0.7, 0.1, 0.2], 3).unwrap().0, parts);
        assert_ne!(stratified(&made, [0.7, 0.1, 0.2], 4).unwrap().0, parts);
    }

    #[test]
    fn the_parts_of_a_seed_never_change() {
        let pairs: Vec<(usize, usize)> = (0..12).map(|at| (at, at % 3)).collect();
        let (parts, _) = stratified(&examples(&pairs), [0.5, 0.25, 0.25], 1).unwrap();
        // Recorded from this very function.
        assert_eq!((parts.valid, parts.test), (vec![2, 3, 4], vec![8, 9, 10]));
    }

    #[test]
    fn repeated_inputs_stay_together_and_are_told() {
        let pairs: Vec<(usize, usize)> = (0..90).map(|at| (at % 30, at % 2)).collect();
        let (_, told) = stratified(&examples(&pairs), [0.5, 0.25, 0.25], 1).unwrap();
        assert_eq!(told[0].what, "repeated inputs");
        assert!(told[0].found.starts_with("60, each"), "{told:?}");
    }

    #[test]
    fn shares_that_are_none_are_refused() {
        let made = generate::waves(1, 10);
        for shares in [
            [0.0, 0.5, 0.5],
            [0.9, 0.1, 0.1],
            [f64::NAN, 0.1, 0.1],
            [-0.1, 0.1, 0.1],
        ] {
            assert!(stratified(&made, shares, 1).is_err(), "{shares:?}");
        }
        let none = generate::waves(1, 0);
        assert_eq!(
            stratified(&none, [0.8, 0.1, 0.1], 1).unwrap().0,
            Parts::default()
        );
    }

    proptest! {
        #[test]
        fn any_examples_give_disjoint_parts_without_leaks_and_all_classes_to_train_on(
            pairs in prop::collection::vec((0_usize..20, 0_usize..5), 1..120),
            a in 0.01_f64..1.0, b in 0.0_f64..1.0, whole: bool, seed: u64,
        ) {
            let valid = (1.0 - a) * b;
            let test = if whole { 1.0 - a - valid } else { 0.5 * (1.0 - a - valid) };
            let (parts, _) = stratified(&examples(&pairs), [a, valid, test.max(0.0)], seed).unwrap();
            let mut part_of = vec![None; pairs.len()];
            for (number, part) in [&parts.train, &parts.valid, &parts.test].into_iter().enumerate() {
                for at in part {
                    prop_assert_eq!(part_of[*at].replace(number), None);
                }
            }
            for (at, (text, class)) in pairs.iter().enumerate() {
                prop_assert!(!whole || part_of[at].is_some());
                prop_assert!(parts.train.iter().any(|other| pairs[*other].1 == *class));
                for (other, (same, _)) in pairs.iter().enumerate() {
                    prop_assert!(same != text || part_of[other] == part_of[at]);
                }
            }
        }
    }
}
