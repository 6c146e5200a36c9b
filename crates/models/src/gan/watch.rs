//! The alarm of a generator that makes the same image again and again: what it makes differs less and less, while its loss may look
//! well. Then the last healthy weights are put back, and both rates are lowered.

use ressac_nn::weights::NamedTensors;
use ressac_train::LearnerState;

/// From this share of the real images' diversity on, made ones are healthy; below the other they have collapsed.
pub(super) const HEALTHY: f64 = 0.7;
pub(super) const COLLAPSED: f64 = 0.4;

/// What both rates are multiplied by with each roll back, and how many there are at the most.
const LOWER: f64 = 0.5;
const MOST: u64 = 6;

/// The share of a training after which a generator that was never healthy is told of.
const PATIENCE: f64 = 0.25;

/// What is known of the health of a generator.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Watch {
    /// The averaged weights of the generator and the weights of the discriminator when they were healthy last.
    healthy: Option<[NamedTensors; 2]>,
    /// How often they were put back.
    rolled_back: u64,
    /// Whether it was told that the generator was never healthy.
    told: bool,
}

/// What is to be done after a validation.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Finding {
    /// Nothing.
    Fine,
    /// A sentence is to be told.
    Told(String),
    /// These weights of the generator and of the discriminator are to be put back, and a sentence is to be told.
    RollBack(Box<[NamedTensors; 2]>, String),
}

const NAMES: [&str; 2] = ["healthy-generator", "healthy-discriminator"];

impl Watch {
    /// What both rates are multiplied by.
    pub(super) fn rate(&self) -> f64 {
        LOWER.powi(i32::try_from(self.rolled_back).unwrap_or(i32::MAX))
    }

    /// Looks at made images whose diversity is this share of that of real ones, after this share of the training. `weights` are
    /// asked for where they are healthy.
    pub(super) fn look(
        &mut self,
        diversity: f64,
        done: f64,
        weights: impl FnOnce() -> [NamedTensors; 2],
    ) -> Finding {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        if diversity >= HEALTHY {
            self.healthy = Some(weights());
            return Finding::Fine;
        }
        if diversity >= COLLAPSED {
            return Finding::Fine;
        }
        let found = format!(
            "collapse: made images differ by {} of what real ones differ by (alarm below {})",
            percent(diversity),
            percent(COLLAPSED)
        );
        match &self.healthy {
            Some(healthy) if self.rolled_back < MOST => {
                self.rolled_back += 1;
                let told = format!(
                    "{found}. The last healthy weights are put back, and both rates are multiplied by {}",
                    self.rate()
                );
                Finding::RollBack(Box::new(healthy.clone()), told)
            }
            Some(_) => Finding::Told(format!(
                "{found}. Healthy weights were put back {MOST} times already: train anew with a lower `lr`, a larger `penalty` or another `loss`"
            )),
            None if done >= PATIENCE && !self.told => {
                self.told = true;
                Finding::Told(format!(
                    "{found}, and they never differed enough. Train anew with a lower `lr`, a larger `penalty`, another `loss` or more images"
                ))
            }
            None => Finding::Fine,
        }
    }

    /// Adds what is known to a learner's state.
    pub(super) fn save_into(&self, state: &mut LearnerState) {
        if let Some(healthy) = &self.healthy {
            for (name, tensors) in NAMES.iter().zip(healthy) {
                state.put(name, tensors.clone());
            }
        }
        let counters = [
            ("watch/rolled-back", self.rolled_back),
            ("watch/told", u64::from(self.told)),
        ];
        let named = counters.into_iter();
        state
            .counters
            .extend(named.map(|(name, value)| (name.to_owned(), value)));
    }

    /// What [`Watch::save_into`] added.
    pub(super) fn of(state: &LearnerState) -> Self {
        let healthy = NAMES.map(|name| state.take(name));
        let counter = |name: &str| state.counters.get(name).copied().unwrap_or(0);
        Self {
            healthy: healthy
                .iter()
                .all(|tensors| !tensors.is_empty())
                .then_some(healthy),
            rolled_back: counter("watch/rolled-back"),
            told: counter("watch/told") > 0,
        }
    }
}
