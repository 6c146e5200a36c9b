//! What one training is told: `--name value` pairs, the names those of [`Options`].

use crate::task::Task;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cell {
    /// The simple unit with φ = tanh.
    Rnn,
    /// The simple unit with φ = relu.
    Relu,
    Lstm,
    Gru,
}

/// Where the recurrent parameters start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Start {
    Pytorch,
    Keras,
    Orthogonal,
    /// With `longest` as the longest dependency.
    Chrono,
    Irnn,
}

/// One training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Options {
    pub(crate) task: Task,
    /// Steps of a sequence (adding) or the delay (copying).
    pub(crate) steps: usize,
    pub(crate) cell: Cell,
    pub(crate) init: Start,
    /// Longest dependency for chrono initialisation; without it, the steps of a sequence.
    #[serde(default)]
    pub(crate) longest: Option<usize>,
    /// Multiplies the input weights of the orthogonal and the chrono initialisation.
    #[serde(default)]
    pub(crate) input_gain: Option<f64>,
    pub(crate) hidden: usize,
    /// Sequences of an update, all of them new.
    pub(crate) batch: usize,
    pub(crate) learning_rate: f64,
    /// The learning rate falls in a straight line to this share of itself at the last planned update.
    #[serde(default = "one")]
    pub(crate) last_rate: f64,
    /// Largest global norm of the gradient.
    pub(crate) clip: f64,
    /// Decay of the mean of the squared gradient.
    #[serde(default = "beta2")]
    pub(crate) beta2: f64,
    /// Updates planned.
    pub(crate) updates: usize,
    /// Updates over which a reported loss is averaged.
    #[serde(default = "every")]
    pub(crate) every: usize,
    /// Training ends when a reported loss is below this.
    #[serde(default)]
    pub(crate) stop_below: f64,
    /// Seconds after which training ends.
    pub(crate) time_limit: f64,
    /// Sequences that judge, of the validation as of the test stream.
    #[serde(default = "judged")]
    pub(crate) judged: usize,
    pub(crate) seed: u64,
    #[serde(default = "threads")]
    pub(crate) threads: usize,
}

const fn one() -> f64 {
    1.0
}
const fn beta2() -> f64 {
    0.999
}
const fn every() -> usize {
    50
}
const fn judged() -> usize {
    1000
}
const fn threads() -> usize {
    2
}

impl Options {
    /// Reads `--name value` pairs and checks them.
    pub(crate) fn read(words: &[String]) -> Result<Self, String> {
        let mut fields = Map::new();
        for pair in words.chunks(2) {
            let [name, value] = pair else {
                return Err(format!("`{}` has no value", pair[0]));
            };
            let Some(name) = name.strip_prefix("--") else {
                return Err(format!("expected an option like --task, found `{name}`"));
            };
            // A number where it reads as one, else a word.
            let value = serde_json::from_str::<Value>(value)
                .ok()
                .filter(Value::is_number)
                .unwrap_or_else(|| Value::from(value.as_str()));
            if fields.insert(name.into(), value).is_some() {
                return Err(format!("--{name} is given twice"));
            }
        }
        let options: Self = serde_json::from_value(Value::Object(fields))
            .map_err(|error| format!("options: {error}"))?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), String> {
        let sizes = [
            ("hidden", self.hidden, 1),
            ("batch", self.batch, 1),
            ("steps", self.steps, self.task.least_steps()),
            ("every", self.every, 1),
            ("judged", self.judged, 1),
            ("threads", self.threads, 1),
        ];
        for (name, found, least) in sizes {
            if found < least {
                return Err(format!(
                    "--{name}: expected at least {least}, found {found}"
                ));
            }
        }
        for (name, found) in [
            ("learning-rate", self.learning_rate),
            ("clip", self.clip),
            ("time-limit", self.time_limit),
        ] {
            if found.is_nan() || found <= 0.0 {
                return Err(format!(
                    "--{name}: expected a number above 0, found {found}"
                ));
            }
        }
        for (name, found) in [("last-rate", self.last_rate), ("beta2", self.beta2)] {
            if !(0.0..=1.0).contains(&found) {
                return Err(format!("--{name}: expected 0 to 1, found {found}"));
            }
        }
        if self.longest.is_some() && self.init != Start::Chrono {
            return Err("--longest belongs to --init chrono".into());
        }
        if self.input_gain.is_some() && !matches!(self.init, Start::Orthogonal | Start::Chrono) {
            return Err("--input-gain belongs to --init orthogonal or chrono".into());
        }
        Ok(())
    }

    /// The longest dependency the chrono initialisation is told.
    pub(crate) fn longest(&self) -> usize {
        self.longest.unwrap_or_else(|| self.task.time(self.steps))
    }

    /// The learning rate of an update, counted from 0.
    pub(crate) fn rate(&self, update: usize) -> f64 {
        let done = update as f64 / self.updates.max(1) as f64;
        self.learning_rate * (1.0 + (self.last_rate - 1.0) * done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENOUGH: &str = "--task copying --steps 7 --cell lstm --init chrono --hidden 5 --batch 3 --learning-rate 0.01 \
                          --clip 1 --updates 10 --time-limit 60 --seed 1";

    fn read(line: &str) -> Result<Options, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::read(&words)
    }

    #[test]
    fn options_are_read_and_completed() {
        let options = read(ENOUGH).unwrap();
        assert_eq!((options.task, options.cell), (Task::Copying, Cell::Lstm));
        assert_eq!((options.longest(), options.threads), (27, 2));
        assert_eq!(options.rate(10), 0.01);
        let falling = read(&format!("{ENOUGH} --last-rate 0 --longest 99")).unwrap();
        assert_eq!(falling.longest(), 99);
        assert!((falling.rate(5) - 0.005).abs() < 1e-12);
    }

    #[test]
    fn a_wrong_option_says_what_was_expected() {
        for (change, part) in [
            (
                "--taks adding",
                "unknown field `taks`, expected one of `task`",
            ),
            ("--threads", "`--threads` has no value"),
            (
                "threads 2",
                "expected an option like --task, found `threads`",
            ),
            ("--task adding", "--task is given twice"),
            ("--every 0", "--every: expected at least 1, found 0"),
            ("--last-rate 2", "--last-rate: expected 0 to 1, found 2"),
        ] {
            let error = read(&format!("{ENOUGH} {change}")).unwrap_err();
            assert!(error.contains(part), "{change}: {error}");
        }
        let plain = ENOUGH.replace("chrono", "keras") + " --longest 9";
        assert!(read(&plain).unwrap_err().contains("--init chrono"));
        let gain = ENOUGH.replace("chrono", "keras") + " --input-gain 2";
        assert!(
            read(&gain)
                .unwrap_err()
                .contains("--init orthogonal or chrono")
        );
        let still = ENOUGH.replace("0.01", "0");
        assert!(
            read(&still)
                .unwrap_err()
                .contains("--learning-rate: expected a number above 0")
        );
        assert!(
            read("--task adding")
                .unwrap_err()
                .contains("missing field `steps`")
        );
    }
}
