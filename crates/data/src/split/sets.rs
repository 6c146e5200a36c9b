//! Examples of several classes each, cut into parts that have every class in its share.

use std::collections::BTreeSet;

use super::stratified::{Parts, check, collected, cumulated, groups};
use crate::draws::Draws;
use crate::error::DataError;
use crate::examples::{Examples, LabelSets};
use crate::read::Assumption;

/// As [`super::stratified()`], of examples that may have several classes each: `sets` are theirs. Each class
/// has about its share in every part, however many combinations there are, and each is trained on.
///
/// The rarest class is dealt out first, each of its examples to the part that lacks it most (iterative
/// stratification: Sechidis, Tsoumakas, Vlahavas, "On the stratification of multi-label data" (2011),
/// ECML PKDD).
///
/// # Errors
/// As [`super::stratified()`].
pub fn stratified_sets(
    examples: &Examples,
    sets: &LabelSets,
    shares: [f64; 3],
    seed: u64,
) -> Result<(Parts, Vec<Assumption>), DataError> {
    check(shares)?;
    let (groups, told) = groups(examples);
    // Of contradictory duplicates the first says the classes.
    let classes_of = |group: &[usize]| -> &[usize] {
        let set = group.first().and_then(|first| sets.sets.get(*first));
        set.map_or(&[], Vec::as_slice)
    };
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    Draws::of_purpose(seed, "split sets").shuffle(&mut groups);
    let mut left = vec![0_usize; sets.classes.len()];
    let mut sizes = vec![0_usize; sets.classes.len()];
    for group in &groups {
        for class in classes_of(group) {
            left[*class] += 1;
            sizes[*class] += group.len();
        }
    }
    let all: [f64; 4] = {
        let [train, valid, test] = shares;
        [train, valid, test, (1.0 - train - valid - test).max(0.0)]
    };
    // How many examples of each class a part still lacks, and how many at all.
    let mut lacks: Vec<[f64; 4]> = sizes
        .iter()
        .map(|size| all.map(|share| share * *size as f64))
        .collect();
    let mut room = cumulated(shares, groups.iter().map(Vec::len).sum()).map(|count| count as f64);
    let mut part_of: Vec<Option<usize>> = vec![None; groups.len()];
    loop {
        let rarest = (0..left.len())
            .filter(|class| left[*class] > 0)
            .min_by_key(|class| left[*class]);
        for (group, place) in groups.iter().zip(&mut part_of) {
            let classes = classes_of(group);
            // Those without any class come last.
            let is_next = rarest.is_none_or(|class| classes.contains(&class));
            if place.is_some() || !is_next {
                continue;
            }
            let wanted = rarest.map_or(room, |class| lacks[class]);
            let more = |a: usize, b: usize| (wanted[a], room[a]) > (wanted[b], room[b]);
            let part =
                (1..all.len()).fold(0, |best, part| if more(part, best) { part } else { best });
            *place = Some(part);
            room[part] -= group.len() as f64;
            for class in classes {
                lacks[*class][part] -= group.len() as f64;
                left[*class] -= 1;
            }
        }
        if rarest.is_none() {
            break;
        }
    }
    let places = part_of.into_iter().map(Option::unwrap_or_default);
    let mut assigned: Vec<(Vec<usize>, usize)> = groups.into_iter().zip(places).collect();
    train_every_class(sets, &mut assigned);
    Ok((collected(assigned), told))
}

/// Moves to training the first inputs of classes that are not there.
fn train_every_class(sets: &LabelSets, assigned: &mut [(Vec<usize>, usize)]) {
    let of_group = |group: &[usize]| -> Vec<usize> {
        let sets = group.iter().filter_map(|at| sets.sets.get(*at));
        sets.flatten().copied().collect()
    };
    let trained = assigned.iter().filter(|(_, part)| *part == 0);
    let mut known: BTreeSet<usize> = trained.flat_map(|(group, _)| of_group(group)).collect();
    for (group, part) in assigned {
        let classes = of_group(group);
        if classes.iter().any(|class| !known.contains(class)) {
            *part = 0;
            known.extend(classes);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Place;
    use crate::examples::{Inputs, Origin};

    /// Examples of these texts and sets of classes, a class a bit.
    fn examples(pairs: &[(usize, u8)]) -> (Examples, LabelSets) {
        let label = |set: &u8| {
            let names = (0..8).filter(|class| set >> class & 1 == 1);
            let names: Vec<String> = names.map(|class| format!("c{class}")).collect();
            names.join("|")
        };
        let examples = Examples {
            inputs: Inputs::Texts(pairs.iter().map(|(text, _)| format!("t{text}")).collect()),
            labels: Some(pairs.iter().map(|(_, set)| label(set)).collect()),
            origins: (1..=pairs.len())
                .map(|row| Origin {
                    file: 0,
                    place: Place::Row(row),
                    id: None,
                })
                .collect(),
            files: vec!["made".into()],
            media: None,
        };
        let sets = examples.label_sets("|").unwrap();
        (examples, sets)
    }

    #[test]
    fn each_part_has_its_share_of_each_class_though_few_combinations_repeat() {
        // Eight classes, from a quarter of the examples to one in 24, in 37 combinations.
        let holds = |at: usize, class: usize| {
            (at * (class + 7) + class * at / 5).is_multiple_of(4 + 3 * class)
        };
        let set = |at| {
            (0..8)
                .filter(|class| holds(at, *class))
                .map(|class| 1_u8 << class)
                .sum()
        };
        let pairs: Vec<(usize, u8)> = (0..400).map(|at| (at, set(at))).collect();
        let (made, sets) = examples(&pairs);
        let (parts, told) = stratified_sets(&made, &sets, [0.7, 0.1, 0.2], 3).unwrap();
        assert_eq!(told, []);
        let sizes = [&parts.train, &parts.valid, &parts.test].map(Vec::len);
        for (size, wanted) in sizes.into_iter().zip([280_usize, 40, 80]) {
            assert!(size.abs_diff(wanted) <= 2, "{sizes:?}");
        }
        for (class, all) in sets.counts().into_iter().enumerate() {
            let has = |at: &&usize| sets.sets[**at].contains(&class);
            let test = parts.test.iter().filter(has).count() as f64;
            assert!(
                (test - 0.2 * all as f64).abs() <= 2.0,
                "{class}: {test} of {all}"
            );
        }
        let again = stratified_sets(&made, &sets, [0.7, 0.1, 0.2], 3).unwrap();
        assert_eq!(again.0, parts);
        let other = stratified_sets(&made, &sets, [0.7, 0.1, 0.2], 4).unwrap();
        assert_ne!(other.0, parts);
        assert!(stratified_sets(&made, &sets, [0.9, 0.1, 0.1], 3).is_err());
    }

    proptest! {
        #[test]
        fn any_sets_give_disjoint_parts_without_leaks_and_all_classes_to_train_on(
            pairs in prop::collection::vec((0_usize..40, 0_u8..255), 1..120),
            a in 0.01_f64..1.0, b in 0.0_f64..1.0, whole: bool, seed: u64,
        ) {
            let valid = (1.0 - a) * b;
            let test = if whole { 1.0 - a - valid } else { 0.5 * (1.0 - a - valid) };
            let (made, sets) = examples(&pairs);
            let (parts, _) = stratified_sets(&made, &sets, [a, valid, test.max(0.0)], seed).unwrap();
            let mut part_of = vec![None; pairs.len()];
            for (number, part) in [&parts.train, &parts.valid, &parts.test].into_iter().enumerate() {
                for at in part {
                    prop_assert_eq!(part_of[*at].replace(number), None);
                }
            }
            for (class, _) in sets.classes.iter().enumerate() {
                prop_assert!(parts.train.iter().any(|at| sets.sets[*at].contains(&class)));
            }
            for (at, (text, _)) in pairs.iter().enumerate() {
                for (other, (same, _)) in pairs.iter().enumerate() {
                    prop_assert!(same != text || part_of[other] == part_of[at]);
                }
            }
        }
    }
}
