//! Whether a model is better than a naive forecast, and how sure that is.

use ressac_stats::bootstrap;

use super::evaluation::Skill;

const LEVEL: f64 = 0.95;
const RESAMPLES: usize = 1000;
const SEED: u64 = 0;

/// The skill of `errors` (model and reference, window by window in time order), with a 95 %
/// interval from a block bootstrap whose blocks are at least `overlap` windows long: windows that
/// overlap share their errors. Nothing for too few windows.
pub(super) fn of(errors: &[(f64, f64)], overlap: usize) -> Option<Skill> {
    let (model, naive): (Vec<f64>, Vec<f64>) = errors.iter().copied().unzip();
    let block = bootstrap::block_length(errors.len(), overlap, 1);
    let interval = bootstrap::skill_interval(&model, &naive, block, LEVEL, RESAMPLES, SEED).ok()?;
    if !interval.estimate.is_finite() {
        return None;
    }
    Some(Skill {
        skill: interval.estimate,
        lower: interval.lower,
        upper: interval.upper,
        level: interval.level,
    })
}
