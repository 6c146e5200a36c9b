//! What a training tells while it runs; only the command prints it.

use std::time::Duration;

use crate::MetricsLine;

/// A step just taken.
#[derive(Debug, Clone, Copy)]
pub struct StepEvent {
    /// Steps taken so far.
    pub step: u64,
    /// Steps planned.
    pub planned: u64,
    /// The epoch under way, from 1.
    pub epoch: u64,
    /// Epochs planned.
    pub epochs: u64,
    /// The mean training loss since the last validation.
    pub loss: f64,
    /// Time since this run began.
    pub elapsed: Duration,
}

/// Where a training reports to.
pub trait Progress {
    /// After every step.
    fn step(&mut self, _event: &StepEvent) {}
    /// After every validation; `best` when it is the best so far.
    fn validated(&mut self, _line: &MetricsLine, _best: bool) {}
    /// Before a further training, on so many items `of` all of them, for a learning curve.
    fn share(&mut self, _items: usize, _of: usize) {}
}

/// Reports nowhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
