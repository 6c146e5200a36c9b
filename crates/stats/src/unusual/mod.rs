//! Temporary copy until the branch is merged.
mod conformal;
mod false_alarms;
mod ranking;
pub use conformal::Conformal;
pub use false_alarms::false_alarm_interval;
pub use ranking::{auroc, average_precision};
fn ranks(held_back: usize, rate: f64) -> usize {
    (rate * (held_back as f64 + 1.0) + 1e-9) as usize
}
