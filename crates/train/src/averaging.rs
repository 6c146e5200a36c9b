//! Averages of the weights over the steps: they are validated and kept in place of the weights
//! themselves, and often forecast better than any of them.

mod rows;
pub use rows::MovedRows;

use std::fmt;
use std::str::FromStr;

use ressac_nn::weights::{HostTensor, NamedTensors};

use crate::{LearnerState, StepContext, TrainError};
use rows::Tables;

/// Which average of the weights is validated and kept. In text: `none`, `ema[:decay]`, `swa[:share]`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub enum Average {
    /// `none`: the weights as they are.
    #[default]
    None,
    /// `ema`, by default `ema:0.999`: an exponential moving average over every step. Its decay after
    /// t updates is min(decay, (1 + t) / (10 + t)), so that the random first weights do not weigh on a
    /// short training.
    Ema {
        /// The decay of a step, in the long run.
        decay: f64,
    },
    /// `swa`, by default `swa:0.25`: the plain mean over the last share of the planned steps
    /// (stochastic weight averaging, Izmailov et al. 2018, here over steps rather than epochs). Before
    /// that share begins, the weights are as they are.
    Swa {
        /// The share of the planned steps that is averaged, at the end of the plan.
        share: f64,
    },
}

impl Average {
    /// How far the average goes towards the weights of a step after so many; `None` without an average.
    fn rate(self, taken: u64) -> Option<f64> {
        let taken = taken as f64;
        match self {
            Average::None => None,
            Average::Ema { decay } => Some(1.0 - decay.min((1.0 + taken) / (10.0 + taken))),
            Average::Swa { .. } => Some(1.0 / (taken + 1.0)),
        }
    }

    /// The words an average is named by.
    pub const NAMES: &'static [&'static str] = &["none", "ema", "swa"];
}

impl FromStr for Average {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (word, number) = match text.trim().split_once(':') {
            Some((word, number)) => (word, Some(number)),
            None => (text.trim(), None),
        };
        // A decay of 1 would keep the first weights, a share of 0 average nothing.
        let read = |name: &str, usual: f64, allowed: fn(f64) -> bool, range: &str| match number {
            None => Ok(usual),
            Some(number) => number
                .parse()
                .ok()
                .filter(|value| allowed(*value))
                .ok_or_else(|| format!("`{text}`: its {name} is `{number}`, expected {range}")),
        };
        match word {
            "none" if number.is_none() => Ok(Average::None),
            "none" => Err(format!("`{text}`: `none` takes no number; write it alone")),
            "ema" => Ok(Average::Ema {
                decay: read(
                    "decay",
                    0.999,
                    |decay| (0.0..1.0).contains(&decay),
                    "a number from 0 to below 1",
                )?,
            }),
            "swa" => Ok(Average::Swa {
                share: read(
                    "share",
                    0.25,
                    |share| share > 0.0 && share <= 1.0,
                    "a number above 0 and up to 1",
                )?,
            }),
            _ => Err(format!(
                "`{word}` is no average of the weights; the averages are none, ema[:DECAY] and swa[:SHARE]"
            )),
        }
    }
}

impl fmt::Display for Average {
    /// What is written reads back equal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Average::None => f.write_str("none"),
            Average::Ema { decay } => write!(f, "ema:{decay}"),
            Average::Swa { share } => write!(f, "swa:{share}"),
        }
    }
}

/// The name of the counter in a learner's state, and the prefix of the tensors.
const TAKEN: &str = "average/taken";
const PREFIX: &str = "average/";

/// The average of one network's weights, kept by its learner.
///
/// After each step the learner calls [`Averaging::update`]; it validates with, and hands the trainer,
/// [`Averaging::weights`] where there are some; and its state goes through [`Averaging::save_into`] and
/// [`Averaging::restore`]. The average is a function of the weights and their order alone, one `f32`
/// operation after the other, so a resumed training has the bits of an unbroken one.
///
/// Running statistics that are not weights of a gradient step (those of a batch normalisation) are
/// averaged too if they are among the tensors; with `swa` they should be gathered anew instead.
#[derive(Debug, Clone)]
pub struct Averaging {
    average: Average,
    taken: u64,
    weights: NamedTensors,
    /// Of which only the rows that moved are averaged in a step.
    tables: Tables,
}

impl Averaging {
    /// An average that has seen nothing.
    pub const fn new(average: Average) -> Self {
        Self {
            average,
            taken: 0,
            weights: NamedTensors::new(),
            tables: Tables::new(),
        }
    }

    /// Whether anything is averaged at all.
    pub fn averages(&self) -> bool {
        self.average != Average::None
    }

    /// Takes in the weights after the step of `context`. They are asked for only if this step counts,
    /// because getting them copies them.
    ///
    /// # Errors
    /// When their names or shapes are not those of the steps before.
    pub fn update(
        &mut self,
        context: &StepContext,
        weights: impl FnOnce() -> NamedTensors,
    ) -> Result<(), TrainError> {
        self.update_with_rows(context, &[], |_| weights())
    }

    /// As [`Averaging::update`], after a step that moved some rows of tables and left the others of these tables as they
    /// are: the average of a row is made up for when the row moves. `weights` is asked for all weights but those of
    /// the tables it is told.
    ///
    /// # Errors
    /// As [`Averaging::update`], of the tables too.
    pub fn update_with_rows(
        &mut self,
        context: &StepContext,
        moved: &[MovedRows],
        weights: impl FnOnce(&[&str]) -> NamedTensors,
    ) -> Result<(), TrainError> {
        if let Average::Swa { share } = self.average {
            let left = context.planned.saturating_sub(context.step);
            if left as f64 > (share * context.planned as f64).ceil() {
                return Ok(());
            }
        }
        let Some(rate) = self.average.rate(self.taken) else {
            return Ok(());
        };
        if self.taken == 0 {
            self.weights = weights(&[]);
        } else {
            self.begin_tables(moved)?;
            let tables: Vec<&str> = self.tables.names().collect();
            let weights = weights(&tables);
            self.move_towards(&weights, rate as f32)?;
            self.move_rows(moved, rate as f32)?;
        }
        self.taken += 1;
        self.tables.go_on(self.average, self.taken);
        Ok(())
    }

    fn move_towards(&mut self, weights: &NamedTensors, rate: f32) -> Result<(), TrainError> {
        let tables = &self.tables;
        let dense = |(name, _): &(&String, &mut HostTensor)| !tables.has(name);
        let averaged: Vec<_> = self.weights.iter_mut().filter(dense).collect();
        let alike = averaged.len() == weights.len()
            && averaged.iter().zip(weights).all(|(old, new)| {
                old.0 == new.0
                    && old.1.shape == new.1.shape
                    && old.1.values.len() == new.1.values.len()
            });
        if !alike {
            return Err(of_another_network());
        }
        for ((_, mean), new) in averaged.into_iter().zip(weights.values()) {
            for (mean, new) in mean.values.iter_mut().zip(&new.values) {
                *mean += rate * (new - *mean);
            }
        }
        Ok(())
    }

    /// The averaged weights; nothing when none are averaged, or not yet. Rows of tables as of the step they last moved
    /// in: see [`Averaging::settled`].
    pub fn weights(&self) -> Option<&NamedTensors> {
        (self.taken > 0).then_some(&self.weights)
    }

    /// Adds the average to a learner's state: tensors and a counter whose names begin with
    /// `average/`. Of [`Average::None`] there is nothing to add.
    pub fn save_into(&self, state: &mut LearnerState) {
        if self.average == Average::None {
            return;
        }
        state.counters.insert(TAKEN.into(), self.taken);
        state.tensors.extend(
            self.weights
                .iter()
                .map(|(name, tensor)| (format!("{PREFIX}{name}"), tensor.clone())),
        );
        self.tables.save_into(state);
    }

    /// Takes up what [`Averaging::save_into`] added.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] when the state was saved with another kind of average, or in part.
    pub fn restore(&mut self, state: &LearnerState) -> Result<(), TrainError> {
        let taken = state.counters.get(TAKEN).copied();
        let weights: NamedTensors = state
            .tensors
            .iter()
            .filter_map(|(name, tensor)| {
                Some((name.strip_prefix(PREFIX)?.to_owned(), tensor.clone()))
            })
            .collect();
        let averages = self.average != Average::None;
        if averages != taken.is_some() || (taken.unwrap_or(0) > 0) == weights.is_empty() {
            return Err(TrainError::Checkpoint(format!(
                "it was made with another average of the weights than `{}`",
                self.average
            )));
        }
        let tables = Tables::restored(state, &weights, taken.unwrap_or(0))?;
        self.taken = taken.unwrap_or(0);
        self.weights = weights;
        self.tables = tables;
        self.tables.go_on(self.average, self.taken);
        Ok(())
    }
}

fn of_another_network() -> TrainError {
    TrainError::Checkpoint(
        "the averaged weights have other names or shapes than the network's".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ressac_nn::random::Stream;
    use ressac_nn::weights::HostTensor;

    fn tensors(values: &[f32]) -> NamedTensors {
        let tensor = |values: &[f32]| HostTensor {
            shape: vec![values.len()],
            values: values.to_vec(),
        };
        let (first, second) = values.split_at(values.len() / 2);
        NamedTensors::from([
            ("first".to_owned(), tensor(first)),
            ("second".to_owned(), tensor(second)),
        ])
    }

    fn context(step: u64, planned: u64) -> StepContext {
        StepContext {
            step,
            within: step,
            planned,
            learning_rate: 0.1,
            stream: Stream::new(0, "test"),
        }
    }

    /// Averages `weights`, one value a step, of a plan as long as they are.
    fn averaged(average: Average, weights: &[f32]) -> Averaging {
        let mut averaging = Averaging::new(average);
        for (step, weight) in weights.iter().enumerate() {
            averaging
                .update(&context(step as u64, weights.len() as u64), || {
                    tensors(&[*weight, 2.0 * weight])
                })
                .unwrap();
        }
        averaging
    }

    fn first(averaging: &Averaging) -> f32 {
        averaging.weights().unwrap()["first"].values[0]
    }

    #[test]
    fn the_exponential_average_is_the_one_its_formula_says() {
        let weights: Vec<f32> = (0..50).map(|step| (step as f32).sin()).collect();
        let averaging = averaged(Average::Ema { decay: 0.8 }, &weights);
        let mut mean = f64::from(weights[0]);
        for (taken, weight) in weights.iter().enumerate().skip(1) {
            let decay = 0.8_f64.min((1.0 + taken as f64) / (10.0 + taken as f64));
            mean = decay * mean + (1.0 - decay) * f64::from(*weight);
        }
        assert!((f64::from(first(&averaging)) - mean).abs() < 1e-6);
        let second = averaging.weights().unwrap()["second"].values[0];
        assert!((f64::from(second) - 2.0 * mean).abs() < 2e-6);
    }

    #[test]
    fn early_on_the_exponential_average_forgets_the_first_weights_fast() {
        let mut weights = vec![100.0; 1];
        weights.extend([1.0; 30]);
        let averaging = averaged(Average::Ema { decay: 0.999 }, &weights);
        // 0.999 at each of the thirty steps would leave 97 % of the distance.
        assert!(first(&averaging) < 1.1, "{}", first(&averaging));
    }

    #[test]
    fn the_stochastic_average_is_the_mean_over_the_last_share_and_asks_for_no_weights_before() {
        let weights: Vec<f32> = (0..20).map(|step| step as f32).collect();
        let averaging = averaged(Average::Swa { share: 0.25 }, &weights);
        assert_eq!(first(&averaging), (15.0 + 16.0 + 17.0 + 18.0 + 19.0) / 5.0);
        let mut early = Averaging::new(Average::Swa { share: 0.25 });
        for step in 0..15 {
            early
                .update(&context(step, 20), || {
                    unreachable!("step {step} is averaged")
                })
                .unwrap();
        }
        assert!(early.weights().is_none());
    }

    #[test]
    fn without_an_average_nothing_is_asked_for_kept_or_saved() {
        let mut averaging = Averaging::new(Average::None);
        averaging
            .update(&context(0, 1), || unreachable!("nothing is averaged"))
            .unwrap();
        assert!(averaging.weights().is_none());
        let mut state = LearnerState::default();
        averaging.save_into(&mut state);
        assert_eq!(state, LearnerState::default());
        averaging.restore(&state).unwrap();
    }

    #[test]
    fn a_state_of_another_average_or_of_other_weights_is_refused() {
        let ema = Average::Ema { decay: 0.9 };
        let mut state = LearnerState::default();
        averaged(ema, &[1.0, 2.0]).save_into(&mut state);
        let refused = |average: Average, state: &LearnerState| {
            let error = Averaging::new(average).restore(state).unwrap_err();
            assert!(error.to_string().contains("average"), "{error}");
        };
        refused(Average::None, &state);
        refused(ema, &LearnerState::default());
        let mut torn = state.clone();
        torn.tensors.clear();
        refused(ema, &torn);
        let mut other = Averaging::new(ema);
        other.restore(&state).unwrap();
        let error = other
            .update(&context(2, 3), || tensors(&[1.0, 2.0, 3.0]))
            .unwrap_err();
        assert!(matches!(error, TrainError::Checkpoint(_)), "{error}");
    }

    #[test]
    fn every_name_reads_and_a_wrong_one_says_what_there_is() {
        assert_eq!("ema".parse(), Ok(Average::Ema { decay: 0.999 }));
        assert_eq!("swa".parse(), Ok(Average::Swa { share: 0.25 }));
        assert_eq!("none".parse(), Ok(Average::default()));
        for (text, words) in [
            ("emma", &["`emma`", "ema[:DECAY]"][..]),
            ("ema:1", &["decay", "`1`", "below 1"]),
            ("swa:0", &["share", "`0`", "above 0"]),
            ("swa:NaN", &["`NaN`"]),
            ("none:1", &["alone"]),
            ("", &["none, ema[:DECAY]"]),
        ] {
            let error = text.parse::<Average>().unwrap_err();
            for word in words {
                assert!(error.contains(word), "no {word:?} in {error:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn saved_at_any_step_and_restored_an_average_has_the_same_bits(
            weights in prop::collection::vec(-1e3_f32..1e3, 1..40),
            share in 0.01..1.0_f64,
            stop in 0..40_usize,
        ) {
            for average in [Average::Ema { decay: share * 0.999 }, Average::Swa { share }] {
                let whole = averaged(average, &weights);
                let planned = weights.len() as u64;
                let mut part = Averaging::new(average);
                for (step, weight) in weights.iter().enumerate() {
                    if step == stop {
                        let mut state = LearnerState::default();
                        part.save_into(&mut state);
                        part = Averaging::new(average);
                        part.restore(&state).unwrap();
                    }
                    part.update(&context(step as u64, planned), || tensors(&[*weight, 2.0 * weight]))
                        .unwrap();
                }
                prop_assert_eq!(part.weights(), whole.weights());
            }
        }

        #[test]
        fn what_is_written_reads_back_equal(number in 0.000_001..0.999_999_f64) {
            for average in [Average::None, Average::Ema { decay: number }, Average::Swa { share: number }] {
                prop_assert_eq!(average.to_string().parse::<Average>(), Ok(average));
            }
        }

        #[test]
        fn any_text_reads_or_is_refused_and_never_panics(text in "(ema:|swa:|none)?\\PC{0,20}") {
            let _ = text.parse::<Average>();
        }
    }
}
