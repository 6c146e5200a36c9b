//! The average of tables of which a step moves few rows.
//!
//! A row that does not move in k steps of rates r₁ … r_k has its average go from a to w + (a − w) · Π (1 − r), w being the row
//! itself: so that can be made up for at once, when the row moves again or the average is asked for.
use super::{Average, Averaging, of_another_network};
use crate::{LearnerState, TrainError};
use ressac_nn::weights::{HostTensor, NamedTensors};
use std::collections::BTreeMap;

/// Rows of a table that a step has moved, each named once.
#[derive(Debug, Clone, PartialEq)]
pub struct MovedRows {
    /// The name of the table.
    pub table: String,
    /// Which rows.
    pub rows: Vec<u32>,
    /// Their values before the step, one row after another.
    pub before: Vec<f32>,
    /// Their values after it.
    pub after: Vec<f32>,
}

/// Where the rows of tables are.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    /// How many steps the average of each row has taken in.
    taken: BTreeMap<String, Vec<u64>>,
    /// Σ ln(1 − rate) over the steps before each, the very first left out.
    logarithms: Vec<f64>,
}

/// The names of the counts in a learner's state.
const PREFIX: &str = "average_rows/";

impl Tables {
    pub(super) const fn new() -> Self {
        Self {
            taken: BTreeMap::new(),
            logarithms: Vec::new(),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.taken.keys().map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.taken.contains_key(name)
    }

    /// Learns the rates of all steps up to so many.
    pub(super) fn go_on(&mut self, average: Average, taken: u64) {
        for step in self.logarithms.len() as u64..=taken {
            let so_far = self.logarithms.last().copied().unwrap_or(0.0);
            self.logarithms.push(match (step.checked_sub(1), average) {
                // The first step is no mean yet.
                (None | Some(0), _) => 0.0,
                // A rate of 1 keeps nothing; its logarithm would not be a number to go on with.
                (Some(last), _) => {
                    let rest = 1.0 - average.rate(last).unwrap_or(0.0);
                    so_far + rest.max(1e-300).ln()
                }
            });
        }
    }

    /// What is kept of a difference from one number of steps to another.
    fn kept(&self, from: u64, to: u64) -> f32 {
        (self.logarithms[to as usize] - self.logarithms[from as usize]).exp() as f32
    }

    /// Adds the counts to a learner's state, as two 24-bit halves that `f32` holds exactly.
    pub(super) fn save_into(&self, state: &mut LearnerState) {
        for (name, taken) in &self.taken {
            let halves = |taken: &u64| [(taken >> 24) as f32, (taken & 0xff_ffff) as f32];
            let counts = HostTensor {
                shape: vec![taken.len(), 2],
                values: taken.iter().flat_map(halves).collect(),
            };
            state.tensors.insert(format!("{PREFIX}{name}"), counts);
        }
    }

    /// Of a state with these averages.
    pub(super) fn restored(
        state: &LearnerState,
        weights: &NamedTensors,
        taken: u64,
    ) -> Result<Self, TrainError> {
        let mut tables = Self::new();
        for (name, counts) in &state.tensors {
            let Some(name) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let count = |halves: &[f32]| ((halves[0] as u64) << 24) | halves[1] as u64;
            let counts: Vec<u64> = counts.values.chunks_exact(2).map(count).collect();
            let fits = weights.get(name).is_some_and(|table| {
                table.shape.first() == Some(&counts.len()) && table.shape.len() == 2
            });
            if !fits || counts.iter().any(|count| *count > taken || *count == 0) {
                return Err(TrainError::Checkpoint(format!(
                    "the averaged rows of `{name}` do not fit the average"
                )));
            }
            tables.taken.insert(name.to_owned(), counts);
        }
        Ok(tables)
    }
}

impl Averaging {
    /// Takes up tables that have moved as a whole until now, or not at all.
    pub(super) fn begin_tables(&mut self, moved: &[MovedRows]) -> Result<(), TrainError> {
        for moved in moved {
            let table = self.weights.get(&moved.table);
            let shape = table.map(|table| table.shape.as_slice());
            let Some(&[entries, width]) = shape else {
                return Err(of_another_network());
            };
            let values = moved.rows.len() * width;
            let beyond = moved.rows.iter().any(|row| *row as usize >= entries);
            if beyond
                || [&moved.before, &moved.after]
                    .iter()
                    .any(|of| of.len() != values)
            {
                return Err(of_another_network());
            }
            let taken = self.taken;
            self.tables
                .taken
                .entry(moved.table.clone())
                .or_insert_with(|| vec![taken; entries]);
        }
        Ok(())
    }

    /// Moves the averages of rows, after making up for the steps they missed.
    pub(super) fn move_rows(&mut self, moved: &[MovedRows], rate: f32) -> Result<(), TrainError> {
        for moved in moved {
            let Some(table) = self.weights.get_mut(&moved.table) else {
                return Err(of_another_network());
            };
            let width = table.shape[1];
            for (at, row) in moved.rows.iter().enumerate() {
                let row = *row as usize;
                let mean = &mut table.values[row * width..][..width];
                let [before, after] =
                    [&moved.before, &moved.after].map(|v| &v[at * width..][..width]);
                let taken = self
                    .tables
                    .taken
                    .get(&moved.table)
                    .map_or(0, |taken| taken[row]);
                if taken < self.taken {
                    catch_up(mean, before, self.tables.kept(taken, self.taken));
                }
                for (mean, after) in mean.iter_mut().zip(after) {
                    *mean += rate * (after - *mean);
                }
                if let Some(counts) = self.tables.taken.get_mut(&moved.table) {
                    counts[row] = self.taken + 1;
                }
            }
        }
        Ok(())
    }

    /// The averaged weights, every row of every table as of now; nothing when none are averaged, or not yet. `current`
    /// is asked for the weights themselves where there are tables.
    pub fn settled(&self, current: impl FnOnce() -> NamedTensors) -> Option<NamedTensors> {
        let mut weights = self.weights()?.clone();
        if self.tables.taken.is_empty() {
            return Some(weights);
        }
        let current = current();
        for (name, taken) in &self.tables.taken {
            let (Some(table), Some(current)) = (weights.get_mut(name), current.get(name)) else {
                continue;
            };
            let width = table.shape[1].max(1);
            let rows = table
                .values
                .chunks_mut(width)
                .zip(current.values.chunks(width));
            for ((mean, row), taken) in rows.zip(taken) {
                if *taken < self.taken {
                    catch_up(mean, row, self.tables.kept(*taken, self.taken));
                }
            }
        }
        Some(weights)
    }
}

/// The average of a row after steps in which it did not move.
fn catch_up(mean: &mut [f32], row: &[f32], kept: f32) {
    for (mean, row) in mean.iter_mut().zip(row) {
        *mean = row + kept * (*mean - row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StepContext;
    use ressac_nn::random::Stream;

    const ROWS: usize = 5;
    const WIDTH: usize = 3;

    fn context(step: u64) -> StepContext {
        StepContext {
            step,
            within: step,
            planned: 40,
            learning_rate: 0.1,
            stream: Stream::new(0, "test"),
        }
    }

    fn weights(table: &[f32], other: f32) -> NamedTensors {
        let tensor = |shape: &[usize], values: &[f32]| HostTensor {
            shape: shape.to_vec(),
            values: values.to_vec(),
        };
        NamedTensors::from([
            ("other".to_owned(), tensor(&[1], &[other])),
            ("table".to_owned(), tensor(&[ROWS, WIDTH], table)),
        ])
    }

    /// A training of forty steps, each of which moves two rows; what the average by rows and that of all weights are
    /// after it. With `stopped`, the state is saved and restored in the middle.
    fn both(average: Average, stopped: bool) -> [NamedTensors; 2] {
        let (mut by_rows, mut whole) = (Averaging::new(average), Averaging::new(average));
        let mut table: Vec<f32> = (0..ROWS * WIDTH).map(|at| at as f32).collect();
        for step in 1..=40 {
            let rows = [step as u32 % 3, 3];
            let values = |table: &[f32]| {
                let of = |row: &u32| table[*row as usize * WIDTH..][..WIDTH].to_vec();
                rows.iter().flat_map(of).collect::<Vec<f32>>()
            };
            let before = values(&table);
            for row in rows {
                for value in &mut table[row as usize * WIDTH..][..WIDTH] {
                    *value += (step as f32).sin();
                }
            }
            let moved = MovedRows {
                table: "table".into(),
                rows: rows.to_vec(),
                before,
                after: values(&table),
            };
            let all = weights(&table, step as f32);
            let without = |names: &[&str]| {
                let mut all = all.clone();
                all.retain(|name, _| !names.contains(&name.as_str()));
                all
            };
            by_rows
                .update_with_rows(&context(step), &[moved], without)
                .unwrap();
            whole.update(&context(step), || all.clone()).unwrap();
            if stopped && step == 36 {
                let mut state = LearnerState::default();
                by_rows.save_into(&mut state);
                by_rows = Averaging::new(average);
                by_rows.restore(&state).unwrap();
            }
        }
        let current = || weights(&table, 40.0);
        [
            by_rows.settled(current).unwrap(),
            whole.settled(current).unwrap(),
        ]
    }

    const AVERAGES: [Average; 3] = [
        Average::Ema { decay: 0.9 },
        Average::Ema { decay: 0.0 },
        Average::Swa { share: 0.5 },
    ];

    #[test]
    fn rows_that_are_made_up_for_have_the_average_of_all_weights() {
        for average in AVERAGES {
            let [found, expected] = both(average, false);
            assert_eq!(found["other"], expected["other"]);
            let pairs = found["table"].values.iter().zip(&expected["table"].values);
            for (found, expected) in pairs {
                assert!(
                    (found - expected).abs() < 1e-4,
                    "{found} for {expected}, {average}"
                );
            }
        }
    }

    #[test]
    fn an_average_of_rows_that_was_saved_and_restored_has_the_bits_of_an_unbroken_one() {
        for average in AVERAGES {
            assert_eq!(both(average, true)[0], both(average, false)[0]);
        }
    }

    #[test]
    fn counts_of_rows_that_do_not_fit_the_average_are_refused() {
        let mut averaging = Averaging::new(AVERAGES[0]);
        let table = [0.0; ROWS * WIDTH];
        for step in 1..3 {
            let moved = MovedRows {
                table: "table".into(),
                rows: vec![1],
                before: vec![0.0; WIDTH],
                after: vec![0.0; WIDTH],
            };
            let all = |names: &[&str]| {
                let mut all = weights(&table, 1.0);
                all.retain(|name, _| !names.contains(&name.as_str()));
                all
            };
            averaging
                .update_with_rows(&context(step), &[moved], all)
                .unwrap();
        }
        let mut state = LearnerState::default();
        averaging.save_into(&mut state);
        Averaging::new(AVERAGES[0]).restore(&state).unwrap();
        let counts = state.tensors.get_mut("average_rows/table").unwrap();
        counts.values[1] = 9.0;
        let error = Averaging::new(AVERAGES[0]).restore(&state).unwrap_err();
        assert!(error.to_string().contains("rows of `table`"), "{error}");
    }
}
