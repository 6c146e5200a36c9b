//! Two methods on the same examples: by how much their scores differ, and whether by luck.
//!
//! Only the examples on which they differ tell them apart, so both are compared example by example;
//! two intervals of their own would overlap long after the difference is clear. Examples are taken as
//! independent: for windows of one series they are not, and where that is said runs of them are drawn.

use std::iter::Sum;

use super::{BootstrapError, Interval, check_lengths, check_request, percentiles};
use crate::draw::Draws;

/// Interval of the accuracy of a model minus that of its reference, from whether each is right on
/// each example: the percentiles of `resamples` bootstrap samples of the examples. The same seed
/// gives the same interval on every machine.
///
/// With few examples the interval is a little narrow; where both are right and wrong on the same
/// ones it is the point 0.
///
/// Efron, "Bootstrap methods: another look at the jackknife" (1979), Annals of Statistics 7.
///
/// # Errors
/// When the lengths differ, there is no example, or the level or the number of resamples makes no
/// interval.
pub fn accuracy_difference(
    model: &[bool],
    reference: &[bool],
    level: f64,
    resamples: usize,
    seed: u64,
) -> Result<Interval, BootstrapError> {
    check_lengths(model.len(), reference.len())?;
    let pairs = model.iter().zip(reference);
    let differences: Vec<i64> = pairs
        .map(|(model, reference)| i64::from(*model) - i64::from(*reference))
        .collect();
    let mean = |sample: &[usize]| {
        let sum: i64 = sample.iter().map(|at| differences[*at]).sum();
        sum as f64 / sample.len() as f64
    };
    of_samples(differences.len(), mean, level, resamples, seed)
}

/// Interval of the score of a model minus that of its reference, where a score is a function of what
/// is counted on each example, summed: each of `resamples` bootstrap samples of the examples gives a
/// score for both. The same seed gives the same interval on every machine.
///
/// # Errors
/// As [`accuracy_difference`].
pub fn paired_difference<C: Copy + Sum>(
    model: &[C],
    reference: &[C],
    score: impl Fn(C) -> f64,
    level: f64,
    resamples: usize,
    seed: u64,
) -> Result<Interval, BootstrapError> {
    check_lengths(model.len(), reference.len())?;
    let difference = |sample: &[usize]| {
        let of = |method: &[C]| score(sample.iter().map(|at| method[*at]).sum());
        of(model) - of(reference)
    };
    of_samples(model.len(), difference, level, resamples, seed)
}

/// Interval of the area under the ROC curve of a model's scores minus that of its reference's, from whether each item is unusual:
/// normal and unusual items are drawn apart, so that every sample has as many of both as the data. Rows of a series depend on those
/// before them: they are drawn in runs of mean length `block`; independent items have 1.
///
/// # Errors
/// As [`accuracy_difference`]; [`BootstrapError::NoExamples`] too where all items are of one kind.
pub fn auroc_difference(
    model: &[f64],
    reference: &[f64],
    unusual: &[bool],
    block: usize,
    level: f64,
    resamples: usize,
    seed: u64,
) -> Result<Interval, BootstrapError> {
    check_lengths(model.len(), reference.len())?;
    check_lengths(model.len(), unusual.len())?;
    check_request(level, resamples)?;
    let kind = |of: bool| -> Vec<usize> {
        let places = 0..unusual.len();
        places.filter(|at| unusual[*at] == of).collect()
    };
    let kinds = [kind(false), kind(true)];
    if kinds.iter().any(Vec::is_empty) {
        return Err(BootstrapError::NoExamples);
    }
    let ascending = |scores: &[f64]| -> Vec<usize> {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        order
    };
    let orders = [ascending(model), ascending(reference)];
    let difference = |times: &[u32]| {
        let own = area(model, &orders[0], unusual, times);
        own - area(reference, &orders[1], unusual, times)
    };
    let mut times = vec![1; model.len()];
    let estimate = difference(&times);
    let mut draws = Draws::new(seed);
    let drawn = (0..resamples).map(|_| {
        times.fill(0);
        for places in &kinds {
            let mut last = None;
            for _ in places {
                let at = match last {
                    Some(last) if block > 1 && !draws.one_in(block) => (last + 1) % places.len(),
                    _ => draws.below(places.len()),
                };
                times[places[at]] += 1;
                last = Some(at);
            }
        }
        difference(&times)
    });
    let drawn = drawn.collect();
    Ok(percentiles(estimate, drawn, level))
}

/// The area under the ROC curve of items that count so many times each, in the order of their scores; ties count half.
fn area(scores: &[f64], order: &[usize], unusual: &[bool], times: &[u32]) -> f64 {
    let (mut below, mut pairs, mut all) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let (mut normal, mut of_unusual) = (0.0, 0.0);
        for at in tied {
            match unusual[*at] {
                true => of_unusual += f64::from(times[*at]),
                false => normal += f64::from(times[*at]),
            }
        }
        pairs += of_unusual * (below + 0.5 * normal);
        below += normal;
        all += of_unusual;
    }
    pairs / (below * all)
}

/// Interval of a statistic of `count` examples, from its values for samples of their indices, drawn
/// with replacement.
fn of_samples(
    count: usize,
    statistic: impl Fn(&[usize]) -> f64,
    level: f64,
    resamples: usize,
    seed: u64,
) -> Result<Interval, BootstrapError> {
    check_request(level, resamples)?;
    if count == 0 {
        return Err(BootstrapError::NoExamples);
    }
    let mut sample: Vec<usize> = (0..count).collect();
    let estimate = statistic(&sample);
    let mut draws = Draws::new(seed);
    let drawn = (0..resamples).map(|_| {
        sample.fill_with(|| draws.below(count));
        statistic(&sample)
    });
    let drawn = drawn.collect();
    Ok(percentiles(estimate, drawn, level))
}

/// What a method that tells several classes at once says of one example, in counts of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetCounts {
    /// Classes that hold and are predicted.
    pub found: u64,
    /// Classes that hold plus classes predicted.
    pub named: u64,
}

impl SetCounts {
    /// Micro F1 of examples: twice what was found over all that was named; 0 where nothing was.
    pub fn micro_f1(examples: &[SetCounts]) -> f64 {
        examples.iter().copied().sum::<SetCounts>().f1()
    }

    fn f1(self) -> f64 {
        match self.named {
            0 => 0.0,
            named => 2.0 * self.found as f64 / named as f64,
        }
    }
}

impl Sum for SetCounts {
    fn sum<I: Iterator<Item = Self>>(examples: I) -> Self {
        examples.fold(Self::default(), |sum, of| SetCounts {
            found: sum.found + of.found,
            named: sum.named + of.named,
        })
    }
}

/// As [`accuracy_difference`], of the micro F1 of two methods that tell several classes at once: each
/// sample of the examples gives a micro F1 for both.
///
/// # Errors
/// As [`accuracy_difference`].
pub fn micro_f1_difference(
    model: &[SetCounts],
    reference: &[SetCounts],
    level: f64,
    resamples: usize,
    seed: u64,
) -> Result<Interval, BootstrapError> {
    paired_difference(model, reference, SetCounts::f1, level, resamples, seed)
}

/// How often one of two methods is right where the other is wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct McNemar {
    /// Examples that only the model gets right.
    pub model_only: u64,
    /// Examples that only the reference gets right.
    pub reference_only: u64,
    /// Chance of a split at least as uneven if both were equally good, 0 to 1: below 0.05 is usually
    /// called a difference.
    pub p: f64,
}

/// McNemar's exact test, two-sided: of the examples on which one method is right and the other
/// wrong, each is a fair coin if both are equally good. Without such an example p is 1.
///
/// McNemar, "Note on the sampling error of the difference between correlated proportions or
/// percentages" (1947), Psychometrika 12.
///
/// # Errors
/// When the lengths differ.
pub fn mcnemar(model: &[bool], reference: &[bool]) -> Result<McNemar, BootstrapError> {
    check_lengths(model.len(), reference.len())?;
    let count = |first: &[bool], second: &[bool]| {
        let only = first.iter().zip(second);
        only.filter(|(first, second)| **first && !**second).count() as u64
    };
    let (model_only, reference_only) = (count(model, reference), count(reference, model));
    Ok(McNemar {
        model_only,
        reference_only,
        p: fair_coin(model_only, reference_only),
    })
}

/// Chance that so many tosses of a fair coin split at least as unevenly, either way.
fn fair_coin(heads: u64, tails: u64) -> f64 {
    let (less, more) = (heads.min(tails), heads.max(tails));
    // The logarithm of C(n, less) / 2^n: the power alone is below the smallest number from n = 1075.
    let ways: f64 = (1..=less)
        .map(|k| ((more + k) as f64 / k as f64).ln())
        .sum();
    let greatest = (ways - (less + more) as f64 * std::f64::consts::LN_2).exp();
    // The terms below it, each from the one above: C(n, k - 1) = C(n, k) · k / (n - k + 1).
    let (mut term, mut sum) = (1.0, 1.0);
    for k in (1..=less).rev() {
        term *= k as f64 / (less + more - k + 1) as f64;
        sum += term;
    }
    (2.0 * greatest * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_difference_of_two_micro_f1_has_an_interval_around_it() {
        let of = |found, named| SetCounts { found, named };
        // Of two classes that hold the model finds both in two of three examples, the other method one.
        let model: Vec<SetCounts> = (0..90).map(|at| of(1 + u64::from(at % 3 > 0), 4)).collect();
        let other = vec![of(1, 4); 90];
        let found = micro_f1_difference(&model, &other, 0.95, 500, 1).unwrap();
        assert!((found.estimate - 1.0 / 3.0).abs() < 1e-12, "{found:?}");
        assert!(found.lower > 0.25 && found.lower < found.estimate);
        assert!(found.upper > found.estimate && found.upper < 0.42);
        assert_eq!(SetCounts::micro_f1(&[of(0, 0); 3]), 0.0);
        let same = micro_f1_difference(&model, &model, 0.95, 500, 1).unwrap();
        assert_eq!((same.lower, same.upper), (0.0, 0.0));
        assert!(micro_f1_difference(&model, &other[1..], 0.95, 500, 1).is_err());
        assert!(micro_f1_difference(&[], &[], 0.95, 500, 1).is_err());
    }

    #[test]
    fn the_difference_of_two_areas_is_that_of_the_areas_with_an_interval_around_it() {
        let unusual: Vec<bool> = (0..211).map(|at| at % 5 == 0).collect();
        // Shifted by two for what is unusual, with ties; the reference by a half.
        let scores = |shift: f64, times: usize| -> Vec<f64> {
            let each = unusual.iter().enumerate();
            each.map(|(at, unusual)| {
                (at * times % 17) as f64 / 4.0 + f64::from(u8::from(*unusual)) * shift
            })
            .collect()
        };
        let (model, other) = (scores(2.0, 7), scores(0.5, 11));
        let found = auroc_difference(&model, &other, &unusual, 1, 0.95, 500, 1).unwrap();
        let area = |scores: &[f64]| crate::unusual::auroc(scores, &unusual).unwrap();
        assert!(
            (found.estimate - (area(&model) - area(&other))).abs() < 1e-12,
            "{found:?}"
        );
        assert!(
            found.lower < found.estimate && found.estimate < found.upper,
            "{found:?}"
        );
        assert!(found.lower > 0.0, "{found:?}");
        let same = auroc_difference(&model, &model, &unusual, 1, 0.95, 500, 1).unwrap();
        assert_eq!((same.estimate, same.lower, same.upper), (0.0, 0.0, 0.0));
        // Runs of equal scores tell less than as many independent ones.
        let long = |scores: &[f64]| -> Vec<f64> {
            let each = scores.iter().flat_map(|score| [*score; 20]);
            each.collect()
        };
        let unusual_long: Vec<bool> = unusual.iter().flat_map(|of| [*of; 20]).collect();
        let width = |block: usize| {
            let (model, other) = (long(&model), long(&other));
            let found = auroc_difference(&model, &other, &unusual_long, block, 0.95, 500, 1);
            found.map(|of| of.upper - of.lower).unwrap()
        };
        assert!(width(40) > 2.0 * width(1), "{} {}", width(40), width(1));
        assert!(auroc_difference(&model, &other[1..], &unusual, 1, 0.95, 500, 1).is_err());
        assert!(auroc_difference(&model, &other, &[true; 211], 1, 0.95, 500, 1).is_err());
    }

    // from scipy.stats import binomtest
    // [binomtest(b, b + c, .5).pvalue for b, c in [(10, 3), (0, 5), (7, 7), (120, 90), (2000, 1800)]]
    #[test]
    fn the_exact_test_gives_the_values_of_scipy() {
        for (model, reference, expected) in [
            (10, 3, 0.092_285_156_25),
            (0, 5, 0.0625),
            (7, 7, 1.0),
            (120, 90, 0.045_114_087_864_840_696),
            (2000, 1800, 0.001_242_786_778_263_201_3),
            (0, 0, 1.0),
        ] {
            let found = fair_coin(model, reference);
            assert!(
                (found - expected).abs() < 1e-12,
                "{model}, {reference}: {found}"
            );
        }
        assert!(fair_coin(1_000_000, 1_000_100) <= 1.0);
    }

    #[test]
    fn only_examples_on_which_one_is_wrong_count() {
        let model = [true, true, true, false, false];
        let reference = [true, false, false, true, false];
        let found = mcnemar(&model, &reference).unwrap();
        assert_eq!((found.model_only, found.reference_only), (2, 1));
        assert_eq!(found.p, 1.0);
        let interval = accuracy_difference(&model, &reference, 0.9, 200, 1).unwrap();
        assert!((interval.estimate - 0.2).abs() < 1e-12);
        let twin = accuracy_difference(&model, &model, 0.9, 200, 1).unwrap();
        assert_eq!((twin.lower, twin.upper), (0.0, 0.0));
    }

    #[test]
    fn the_interval_of_a_difference_holds_the_true_one_about_as_often_as_it_says() {
        let trials = 300_u64;
        let inside = (0..trials).filter(|trial| {
            let mut draws = Draws::new(*trial);
            // Right on 70 % and 60 %, not independent of each other.
            let (model, reference): (Vec<bool>, Vec<bool>) = (0..211)
                .map(|_| {
                    let hard = draws.uniform();
                    (hard + 0.2 * draws.uniform() < 0.8, hard < 0.6)
                })
                .unzip();
            let found = accuracy_difference(&model, &reference, 0.9, 200, 7).unwrap();
            found.lower <= 0.1 && 0.1 <= found.upper
        });
        let held = inside.count() as f64 / trials as f64;
        assert!((0.84..=0.95).contains(&held), "{held}");
    }

    #[test]
    fn what_cannot_be_compared_is_said() {
        assert_eq!(
            mcnemar(&[true], &[]),
            Err(BootstrapError::Lengths {
                model: 1,
                reference: 0
            })
        );
        assert_eq!(
            accuracy_difference(&[], &[], 0.9, 100, 1),
            Err(BootstrapError::NoExamples)
        );
        assert!(accuracy_difference(&[true], &[true], 1.0, 100, 1).is_err());
        assert_eq!(mcnemar(&[], &[]).unwrap().p, 1.0);
    }

    proptest! {
        #[test]
        fn the_exact_test_sums_the_binomial_distribution(heads in 0_u64..30, tails in 0_u64..30) {
            let n = heads + tails;
            let ways = |k: u64| (1..=k).fold(1.0, |ways, i| ways * (n - k + i) as f64 / i as f64);
            let uneven = |k: &u64| k.abs_diff(n - k) >= heads.abs_diff(tails);
            let expected = (0..=n).filter(uneven).map(ways).sum::<f64>() / 2_f64.powi(n as i32);
            prop_assert!((fair_coin(heads, tails) - expected).abs() < 1e-12);
        }

        #[test]
        fn turning_both_round_turns_the_interval_round(
            pairs in prop::collection::vec(any::<(bool, bool)>(), 1..53), seed: u64,
        ) {
            let (model, reference): (Vec<bool>, Vec<bool>) = pairs.into_iter().unzip();
            let forth = accuracy_difference(&model, &reference, 0.9, 100, seed).unwrap();
            let back = accuracy_difference(&reference, &model, 0.9, 100, seed).unwrap();
            prop_assert_eq!((forth.lower, forth.upper), (-back.upper, -back.lower));
            prop_assert!(forth.lower <= forth.upper);
        }
    }
}
