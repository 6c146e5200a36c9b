//! How long a training will take, measured rather than guessed.

use std::time::{Duration, Instant};

use ressac_nn::random::Stream;

use crate::{Learner, StepContext, TrainError};

/// What a few steps cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// One optimiser step.
    pub step: Duration,
    /// The steps planned, at that pace. Early stopping makes it less; validation makes it a little
    /// more.
    pub planned: Duration,
}

/// Times a few steps of `batch` items, then puts the learner back to the state it was in.
///
/// # Errors
/// When a step fails, or there is no item.
pub fn estimate(
    learner: &mut dyn Learner,
    batch: usize,
    planned: u64,
) -> Result<Estimate, TrainError> {
    const AT_LEAST: u32 = 3;
    const AT_MOST: Duration = Duration::from_millis(500);
    let draw = Stream::new(0, "estimate");
    let batches = learner.epoch(batch, &draw);
    let Some(first) = batches.first() else {
        return Err(TrainError::NoItems);
    };
    let before = learner.state();
    let context = StepContext {
        step: 0,
        within: 0,
        planned,
        // What a step costs does not depend on how far it goes.
        learning_rate: 0.0,
        stream: draw,
    };
    // The first step allocates and warms up; it is not representative.
    learner.step(first, &context)?;
    let start = Instant::now();
    let mut steps = 0;
    while steps < AT_LEAST || (start.elapsed() < AT_MOST && steps < 50) {
        // Batches of several lengths cost differently.
        learner.step(&batches[steps as usize % batches.len()], &context)?;
        steps += 1;
    }
    let step = start.elapsed() / steps;
    learner.restore(&before)?;
    Ok(Estimate {
        step,
        planned: step.saturating_mul(u32::try_from(planned).unwrap_or(u32::MAX)),
    })
}
