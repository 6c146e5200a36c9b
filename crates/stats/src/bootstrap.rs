//! Whether a model is better than its reference, or was lucky: an interval for the skill of a
//! forecast, and for the difference of two scores.
//!
//! The errors of neighbouring windows resemble each other: they overlap, and a hard week is hard for
//! all of them. Drawing windows one by one would take them for that many independent facts and give
//! an interval far too narrow. The stationary bootstrap draws runs of neighbours instead, of random
//! length, and takes the windows as a circle.
//!
//! Politis, Romano, "The stationary bootstrap" (1994), JASA 89.

mod paired;

use thiserror::Error;

pub use paired::{
    McNemar, SetCounts, accuracy_difference, auroc_difference, mcnemar, micro_f1_difference,
    paired_difference,
};

use crate::draw::Draws;
use crate::quantile::is_share;

/// With fewer runs than this, samples hardly differ and the interval is narrow by accident.
const RUNS: usize = 5;

/// Why no interval can be computed.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BootstrapError {
    /// The two methods were not scored on the same windows or examples.
    #[error(
        "model and reference are scored on the same windows or examples, \
         found {model} and {reference}"
    )]
    Lengths {
        /// Windows or examples of the model.
        model: usize,
        /// Windows or examples of the reference.
        reference: usize,
    },
    /// Both methods were scored on nothing.
    #[error("two methods can be compared on at least one example, found none")]
    NoExamples,
    /// The level is not a share, or there is nothing to draw.
    #[error(
        "an interval needs a level between 0 and 1 (0.95) and at least 100 resamples, \
         found {level} and {resamples}"
    )]
    Request {
        /// What was given.
        level: f64,
        /// What was given.
        resamples: usize,
    },
    /// The windows are too few to tell skill from luck.
    #[error(
        "{windows} windows are too few for an interval: neighbours resemble each other over {block} windows, \
         so at least {needed} are needed: evaluate on a longer part"
    )]
    TooFewWindows {
        /// Windows with both errors.
        windows: usize,
        /// Mean length of a run.
        block: usize,
        /// The fewest that would do.
        needed: usize,
    },
}

/// An estimate and the range that holds the true value with a chance of about `level`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// From the data as they are.
    pub estimate: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Nominal chance that the interval holds the true value: 0.95.
    pub level: f64,
}

/// What a skill interval says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval is above zero: the model beats its reference.
    Better,
    /// The interval holds zero, or lies below it.
    NoBetter,
}

/// Says whether a skill is above zero beyond luck.
pub fn skill_verdict(skill: &Interval) -> Verdict {
    if skill.lower > 0.0 {
        Verdict::Better
    } else {
        Verdict::NoBetter
    }
}

/// The mean length of the runs to draw, in windows: the cube root of their number, or the windows
/// whose horizons overlap with one, whichever is more. `stride` is the number of steps from one
/// window to the next.
///
/// The cube root is the rate at which the best length grows (Politis, White, "Automatic block-length
/// selection for the dependent bootstrap", 2004, Econometric Reviews 23); the factor of 1 is a rule
/// of thumb.
pub fn block_length(windows: usize, horizon: usize, stride: usize) -> usize {
    let root = (windows as f64).cbrt().round() as usize;
    root.max(horizon.div_ceil(stride.max(1))).max(1)
}

/// Interval of the skill, 1 - mean(model error) / mean(reference error), over windows in order of
/// time: the percentiles of `resamples` stationary bootstrap samples with runs of mean length
/// `block` (see [`block_length`]). The same seed gives the same interval on every machine.
///
/// A window whose error is NaN for either method is left out for both. Where the reference makes no
/// error at all the skill is minus infinity, or 0 if the model makes none either. Percentiles of a
/// bootstrap are a little narrow with few runs, so a lower end just above zero is weak evidence.
///
/// # Errors
/// When the lengths differ, the level or the number of resamples makes no interval, or there are
/// fewer than five runs' worth of windows.
pub fn skill_interval(
    model: &[f64],
    reference: &[f64],
    block: usize,
    level: f64,
    resamples: usize,
    seed: u64,
) -> Result<Interval, BootstrapError> {
    check_lengths(model.len(), reference.len())?;
    check_request(level, resamples)?;
    let pairs: Vec<(f64, f64)> = model
        .iter()
        .copied()
        .zip(reference.iter().copied())
        .filter(|(model, reference)| !model.is_nan() && !reference.is_nan())
        .collect();
    let block = block.max(1);
    let needed = block.saturating_mul(RUNS);
    if pairs.len() < needed {
        return Err(BootstrapError::TooFewWindows {
            windows: pairs.len(),
            block,
            needed,
        });
    }
    let mut draws = Draws::new(seed);
    let skills = (0..resamples).map(|_| resampled_skill(&pairs, block, &mut draws));
    Ok(percentiles(skill_of(pairs.iter()), skills.collect(), level))
}

/// The interval between two percentiles of what was drawn (at least one number).
fn percentiles(estimate: f64, mut drawn: Vec<f64>, level: f64) -> Interval {
    drawn.sort_unstable_by(f64::total_cmp);
    // The ends are numbers that were drawn: between two infinite ones there is nothing to interpolate.
    let tail = (0.5 * (1.0 - level) * drawn.len() as f64) as usize;
    let tail = tail.min((drawn.len() - 1) / 2);
    Interval {
        estimate,
        lower: drawn[tail],
        upper: drawn[drawn.len() - 1 - tail],
        level,
    }
}

fn check_lengths(model: usize, reference: usize) -> Result<(), BootstrapError> {
    if model == reference {
        return Ok(());
    }
    Err(BootstrapError::Lengths { model, reference })
}

fn check_request(level: f64, resamples: usize) -> Result<(), BootstrapError> {
    if is_share(level) && resamples >= 100 {
        return Ok(());
    }
    Err(BootstrapError::Request { level, resamples })
}

/// The skill in one bootstrap sample of as many windows as there are.
fn resampled_skill(pairs: &[(f64, f64)], block: usize, draws: &mut Draws) -> f64 {
    let mut place = 0;
    skill_of((0..pairs.len()).map(|k| {
        place = if k == 0 || draws.one_in(block) {
            draws.below(pairs.len())
        } else {
            (place + 1) % pairs.len()
        };
        &pairs[place]
    }))
}

fn skill_of<'a>(pairs: impl Iterator<Item = &'a (f64, f64)>) -> f64 {
    let (model, reference) = pairs.fold((0.0, 0.0), |(m, r), pair| (m + pair.0, r + pair.1));
    if reference == 0.0 {
        return if model == 0.0 { 0.0 } else { f64::NEG_INFINITY };
    }
    1.0 - model / reference
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Errors of two methods in windows that overlap: both follow a slow common part of variance 1
    /// and length `memory`, and the model is better by the given share in the mean.
    fn errors(seed: u64, windows: usize, memory: usize, skill: f64) -> (Vec<f64>, Vec<f64>) {
        let mut draws = Draws::new(seed);
        let bells: Vec<f64> = (0..2 * (windows + memory)).map(|_| draws.bell()).collect();
        let slow =
            |from: usize| bells[from..from + memory].iter().sum::<f64>() / (memory as f64).sqrt();
        (0..windows)
            .map(|w| {
                let own = slow(windows + memory + w);
                let reference = 10.0 + slow(w);
                ((1.0 - skill) * (reference + own), reference)
            })
            .unzip()
    }

    #[test]
    fn the_interval_holds_the_true_skill_about_as_often_as_it_says() {
        let (windows, memory, truth) = (400, 12, 0.1);
        let trials: u32 = 300;
        let held = |block: usize| {
            let inside = (0..trials).filter(|trial| {
                let (model, reference) = errors(u64::from(*trial), windows, memory, truth);
                let found = skill_interval(&model, &reference, block, 0.9, 200, 5).unwrap();
                found.lower <= truth && truth <= found.upper
            });
            inside.count() as f64 / f64::from(trials)
        };
        let found = held(block_length(windows, memory, 1));
        assert!((0.80..=0.96).contains(&found), "{found}");
        // The same errors drawn one by one: the mistake that the runs are there to avoid.
        assert!(held(1) < 0.65, "{}", held(1));
    }

    #[test]
    fn a_clear_winner_is_better_and_a_twin_is_not() {
        let (model, reference) = errors(1, 300, 8, 0.2);
        let better = skill_interval(&model, &reference, 8, 0.95, 1_000, 1).unwrap();
        assert!((better.estimate - 0.2).abs() < 0.1, "{better:?}");
        assert!(better.lower < better.estimate && better.estimate < better.upper);
        assert_eq!(skill_verdict(&better), Verdict::Better);
        let twin = skill_interval(&reference, &reference, 8, 0.95, 200, 1).unwrap();
        assert_eq!((twin.estimate, twin.lower, twin.upper), (0.0, 0.0, 0.0));
        assert_eq!(skill_verdict(&twin), Verdict::NoBetter);
        let worse = skill_interval(&reference, &model, 8, 0.95, 200, 1).unwrap();
        assert_eq!(skill_verdict(&worse), Verdict::NoBetter);
        let unknown = Interval {
            lower: f64::NAN,
            ..worse
        };
        assert_eq!(skill_verdict(&unknown), Verdict::NoBetter);
    }

    #[test]
    fn a_seed_gives_one_interval_and_another_seed_another() {
        let (model, reference) = errors(3, 100, 4, 0.05);
        let of = |seed| skill_interval(&model, &reference, 5, 0.9, 300, seed).unwrap();
        assert_eq!(of(11), of(11));
        assert_ne!(of(11), of(12));
    }

    #[test]
    fn a_window_without_a_truth_is_left_out_for_both() {
        let (mut model, mut reference) = errors(3, 60, 4, 0.05);
        let whole = skill_interval(&model, &reference, 4, 0.9, 200, 1).unwrap();
        model.insert(20, f64::NAN);
        reference.insert(20, 1e9);
        model.push(1e9);
        reference.push(f64::NAN);
        assert_eq!(
            skill_interval(&model, &reference, 4, 0.9, 200, 1).unwrap(),
            whole
        );
    }

    #[test]
    fn a_reference_without_error_cannot_be_beaten() {
        let found = skill_interval(&[1.0; 30], &[0.0; 30], 2, 0.9, 100, 1).unwrap();
        assert_eq!(found.upper, f64::NEG_INFINITY);
        let both = skill_interval(&[0.0; 30], &[0.0; 30], 2, 0.9, 100, 1).unwrap();
        assert_eq!(skill_verdict(&both), Verdict::NoBetter);
    }

    #[test]
    fn runs_are_as_long_as_horizons_overlap() {
        assert_eq!(block_length(1_000, 24, 1), 24);
        assert_eq!(block_length(1_000, 24, 24), 10);
        assert_eq!(block_length(1_000, 24, 7), 10);
        assert_eq!(block_length(8, 24, 7), 4);
        assert_eq!(block_length(0, 0, 0), 1);
    }

    #[test]
    fn what_makes_no_interval_is_said() {
        let of = |model: usize, reference: usize, block, level, resamples| {
            skill_interval(
                &vec![1.0; model],
                &vec![2.0; reference],
                block,
                level,
                resamples,
                1,
            )
        };
        assert!(matches!(
            of(3, 4, 1, 0.9, 100),
            Err(BootstrapError::Lengths { .. })
        ));
        for (level, resamples) in [(0.0, 100), (1.0, 100), (f64::NAN, 100), (0.9, 99)] {
            assert!(matches!(
                of(9, 9, 1, level, resamples),
                Err(BootstrapError::Request { .. })
            ));
        }
        let said = of(100, 100, 24, 0.9, 100).unwrap_err().to_string();
        assert!(
            said.contains("100 windows are too few") && said.contains("120"),
            "{said}"
        );
        assert!(matches!(
            of(0, 0, 0, 0.9, 100),
            Err(BootstrapError::TooFewWindows { .. })
        ));
    }

    proptest! {
        #[test]
        fn any_errors_give_an_interval_with_its_ends_in_order(
            pairs in prop::collection::vec((proptest::num::f64::ANY, proptest::num::f64::ANY), 0..60),
            block in 0_usize..9, level in 0.01_f64..0.99,
        ) {
            let (model, reference): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            if let Ok(found) = skill_interval(&model, &reference, block, level, 100, 9) {
                prop_assert!(found.lower.total_cmp(&found.upper).is_le(), "{found:?}");
            }
        }
    }
}
