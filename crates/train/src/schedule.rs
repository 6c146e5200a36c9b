//! How the learning rate goes with the plan. A schedule is written as a word, with its numbers after
//! colons where they are not the usual ones: `cosine`, `decay:3:0.8`.

use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The learning rate of each step of a plan, as a multiple of the configured one, the *peak*.
///
/// No schedule looks at the clock: the same plan (and, for [`Schedule::Plateau`], the same
/// validation losses) gives the same rates on any machine.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Schedule {
    /// `constant`: the peak at every step.
    Constant,
    /// `cosine[:warmup:floor]`, by default `cosine:20:0.01`: a linear rise over `warmup` steps, then
    /// half a cosine from the peak down to `peak · floor` at the plan's end (Loshchilov and Hutter
    /// 2017, without restarts). The short rise keeps Adam's first, still unsure moments from throwing
    /// the weights far.
    Cosine {
        /// Steps of rise.
        warmup: u64,
        /// The last rate, as a share of the peak.
        floor: f64,
    },
    /// `one-cycle[:rise:start:floor]`, by default `one-cycle:0.3:0.04:0.000004`: up to the peak and
    /// down again in one run (Smith and Topin 2018). With N planned steps and u = `rise`·N − 1, step t
    /// (from 0) has the rate
    ///
    /// - peak · (1 + (start − 1) · (1 + cos(π·t/u)) / 2) while t ≤ u,
    /// - peak · (floor + (1 − floor) · (1 + cos(π·(t − u)/(N − 1 − u))) / 2) afterwards,
    ///
    /// which is PyTorch's `OneCycleLR`, with its defaults, in both phases.
    OneCycle {
        /// The share of the steps that goes up.
        rise: f64,
        /// The first rate, as a share of the peak.
        start: f64,
        /// The last rate, as a share of the peak.
        floor: f64,
    },
    /// `plateau[:factor:patience:threshold]`, by default `plateau:0.5:1:0.0001`: times `factor` when
    /// more than `patience` validations in a row were not better than the best by at least the share
    /// `threshold` of it, as PyTorch's `ReduceLROnPlateau`. Early stopping must be more patient than
    /// this, or it comes first. Without a validation part the epoch's training loss is looked at.
    Plateau {
        /// What the rate is multiplied by.
        factor: f64,
        /// Validations without improvement that are let pass.
        patience: u64,
        /// The least improvement that counts, as a share of the best loss.
        threshold: f64,
    },
    /// `decay[:hold:factor]`, by default `decay:3:0.8`: the peak for `hold` epochs, then times `factor`
    /// at each epoch, that is peak · factor^(epoch − hold) with epochs from 1. `step` is `decay:1:0.5`,
    /// halved at every epoch.
    ///
    /// The forecasting benchmarks write these formulas too (0.5^(epoch − 1) in Informer, Zhou et al.
    /// 2021; 0.8^(epoch − 3) in SegRNN, Lin et al. 2023), but Informer's code applies them when an
    /// epoch has ended, so that they act an epoch later: to train as it does, write `decay:2:0.5`.
    Decay {
        /// Epochs at the peak, at least 1.
        hold: u64,
        /// What the rate of each further epoch is multiplied by.
        factor: f64,
    },
}

/// Where in the plan a step stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// The step, from 0.
    pub step: u64,
    /// The steps planned.
    pub planned: u64,
    /// Steps in an epoch.
    pub per_epoch: u64,
    /// How often a plateau has lowered the rate.
    pub reductions: u64,
}

impl Schedule {
    /// The words a schedule is named by.
    pub const NAMES: &'static [&'static str] = &[
        "constant",
        "cosine",
        "one-cycle",
        "plateau",
        "step",
        "decay",
    ];

    /// The rate at a position, for a highest rate of `peak`.
    pub fn rate(&self, peak: f64, at: &Position) -> f64 {
        let step = at.step as f64;
        match *self {
            Schedule::Constant => peak,
            Schedule::Cosine { warmup, floor } => {
                if at.step < warmup {
                    return peak * (at.step + 1) as f64 / warmup as f64;
                }
                let span = at.planned.saturating_sub(warmup).max(1) as f64;
                let gone = ((at.step - warmup) as f64 / span).min(1.0);
                peak * (floor + (1.0 - floor) * 0.5 * (1.0 + (PI * gone).cos()))
            }
            Schedule::OneCycle { rise, start, floor } => {
                let top = (rise * at.planned as f64 - 1.0).max(0.0);
                if top > 0.0 && step <= top {
                    return peak * (1.0 + (start - 1.0) * 0.5 * (1.0 + (PI * step / top).cos()));
                }
                // A plan of one step has no way down: the step stands at the peak.
                let down = (at.planned as f64 - 1.0 - top).max(1.0);
                let gone = ((step - top) / down).min(1.0);
                peak * (floor + (1.0 - floor) * 0.5 * (1.0 + (PI * gone).cos()))
            }
            Schedule::Plateau { factor, .. } => peak * power(factor, at.reductions),
            Schedule::Decay { hold, factor } => {
                let epoch = at.step / at.per_epoch.max(1) + 1;
                peak * power(factor, epoch.saturating_sub(hold))
            }
        }
    }

    /// The schedule a word names, with its usual numbers.
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "constant" => Schedule::Constant,
            "cosine" => Schedule::default(),
            "one-cycle" => Schedule::OneCycle {
                rise: 0.3,
                start: 0.04,
                floor: 4e-6,
            },
            "plateau" => Schedule::Plateau {
                factor: 0.5,
                patience: 1,
                threshold: 1e-4,
            },
            "step" => Schedule::Decay {
                hold: 1,
                factor: 0.5,
            },
            "decay" => Schedule::Decay {
                hold: 3,
                factor: 0.8,
            },
            _ => return None,
        })
    }

    /// The word, and how it is written with numbers.
    fn form(&self) -> (&'static str, &'static str) {
        match self {
            Schedule::Constant => ("constant", "constant"),
            Schedule::Cosine { .. } => ("cosine", "cosine:WARMUP:FLOOR"),
            Schedule::OneCycle { .. } => ("one-cycle", "one-cycle:RISE:START:FLOOR"),
            Schedule::Plateau { .. } => ("plateau", "plateau:FACTOR:PATIENCE:THRESHOLD"),
            Schedule::Decay { .. } => ("decay", "decay:HOLD:FACTOR"),
        }
    }

    fn with_numbers(self, numbers: &[&str]) -> Result<Self, String> {
        match (self, numbers) {
            (schedule, []) => Ok(schedule),
            (Schedule::Cosine { .. }, [warmup, floor]) => Ok(Schedule::Cosine {
                warmup: count("warmup", warmup, 0)?,
                floor: share("floor", floor)?,
            }),
            (Schedule::OneCycle { .. }, [rise, start, floor]) => Ok(Schedule::OneCycle {
                rise: share("rise", rise)?,
                start: share("start", start)?,
                floor: share("floor", floor)?,
            }),
            (Schedule::Plateau { .. }, [factor, patience, threshold]) => Ok(Schedule::Plateau {
                factor: share("factor", factor)?,
                patience: count("patience", patience, 0)?,
                threshold: share("threshold", threshold)?,
            }),
            (Schedule::Decay { .. }, [hold, factor]) => Ok(Schedule::Decay {
                hold: count("hold", hold, 1)?,
                factor: share("factor", factor)?,
            }),
            (schedule, _) => {
                let (word, form) = schedule.form();
                Err(if form == word {
                    format!("`{word}` takes no numbers; write it alone")
                } else {
                    format!("`{word}` stands alone or as `{form}`, with every number")
                })
            }
        }
    }
}

/// Some thousands of reductions leave nothing of any rate, so a larger count changes nothing.
fn power(factor: f64, times: u64) -> f64 {
    factor.powi(i32::try_from(times).unwrap_or(i32::MAX))
}

fn share(name: &str, text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err(format!(
            "its {name} is `{text}`, expected a number from 0 to 1"
        )),
    }
}

fn count(name: &str, text: &str, least: u64) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(value) if value >= least => Ok(value),
        _ => Err(format!(
            "its {name} is `{text}`, expected a whole number of at least {least}"
        )),
    }
}

impl Default for Schedule {
    /// `cosine`.
    fn default() -> Self {
        Schedule::Cosine {
            warmup: 20,
            floor: 0.01,
        }
    }
}

impl FromStr for Schedule {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.trim().split(':');
        let word = parts.next().unwrap_or_default();
        let numbers: Vec<&str> = parts.collect();
        let Some(schedule) = Schedule::named(word) else {
            return Err(format!(
                "`{word}` is no schedule of the learning rate; the schedules are {}",
                Schedule::NAMES.join(", ")
            ));
        };
        // `step` is a name for one pair of numbers, so it takes none.
        if word == "step" && !numbers.is_empty() {
            return Err(format!(
                "`{text}`: `step` halves at every epoch and takes no numbers; write `decay:HOLD:FACTOR`"
            ));
        }
        schedule
            .with_numbers(&numbers)
            .map_err(|problem| format!("`{text}`: {problem}"))
    }
}

impl fmt::Display for Schedule {
    /// The word alone where its numbers are the usual ones; what is written reads back equal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(word) = Schedule::NAMES
            .iter()
            .find(|word| Schedule::named(word) == Some(*self))
        {
            return f.write_str(word);
        }
        let (word, _) = self.form();
        match self {
            Schedule::Constant => f.write_str(word),
            Schedule::Cosine { warmup, floor } => write!(f, "{word}:{warmup}:{floor}"),
            Schedule::OneCycle { rise, start, floor } => {
                write!(f, "{word}:{rise}:{start}:{floor}")
            }
            Schedule::Plateau {
                factor,
                patience,
                threshold,
            } => write!(f, "{word}:{factor}:{patience}:{threshold}"),
            Schedule::Decay { hold, factor } => write!(f, "{word}:{hold}:{factor}"),
        }
    }
}

/// What [`Schedule::Plateau`] remembers from one validation to the next. It is part of a checkpoint:
/// the rates after a resumption depend on it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plateau {
    best: Option<f64>,
    stale: u64,
    /// How often the rate was lowered.
    pub(crate) reductions: u64,
}

impl Plateau {
    /// Looks at the loss of a validation; schedules that do not follow it leave this as it is.
    pub(crate) fn look(&mut self, schedule: &Schedule, loss: f64) {
        let Schedule::Plateau {
            patience,
            threshold,
            ..
        } = *schedule
        else {
            return;
        };
        if self
            .best
            .is_none_or(|best| loss < best - threshold * best.abs())
        {
            self.best = Some(loss);
            self.stale = 0;
            return;
        }
        self.stale += 1;
        if self.stale > patience {
            self.reductions += 1;
            self.stale = 0;
        }
    }
}

#[cfg(test)]
mod tests;
