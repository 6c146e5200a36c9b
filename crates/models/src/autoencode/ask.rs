//! What `predict`, `evaluate` and `sample` ask of an autoencoder beyond the data.

use ressac_stats::unusual::Conformal;

use super::choices::Give;
use super::error::AutoencodeError;
use crate::error::option_error;
use crate::options::options;
use crate::part::{PartAsk, PartAsked};
use crate::{ModelError, ranges};

options! {
    /// What `predict` asks.
    pub(super) PredictAsk => PredictAsked {
        "Prediction" {
            /// What to give: scores, codes or reconstructions
            give "THING" ["scores"]: Give => Option<Give>,
            /// Rate of false alarms: how often a normal example may be called unusual, such as 1/1000, 0.1% or, of a series with times, 1/day
            alarms "RATE" ["none: p-values alone"]: String => Option<String>,
            /// Whether the threshold follows the scores of a series, so that a slow change of what is usual gives no more alarms than were asked for
            follow "yes|no" ["no"]: bool => Option<bool>,
        }
    }
}

options! {
    /// What `evaluate` asks.
    pub(super) EvaluateAsk => EvaluateAsked {
        "Evaluation" {
            /// Rate of false alarms at which to judge what is found, such as 1/1000, 0.1% or, of a series with times, 1/day
            alarms "RATE" ["1/100, or the smallest that the held-back examples can promise"]: String => Option<String>,
        }
    }
    groups {
        part: PartAsk => PartAsked {},
    }
}

options! {
    /// What `sample` asks.
    pub(super) SampleAsk => SampleAsked {
        "Sample" {
            /// Examples to make
            count "N" ["16"]: usize => Option<usize>,
            /// Steps of each, where the model writes any number
            length "N" ["the median of the training part"]: usize => Option<usize>,
            /// Go from one drawn code to another in so many steps, instead of drawing each
            interpolate "N": usize => Option<usize>,
            /// Deviation of the codes that are drawn: below 1 nearer to what is usual
            temperature "T" ["1"]: f64 => Option<f64>,
        }
    }
}

/// The rate of false alarms where nobody asks for one.
const USUAL: f64 = 0.01;

/// Periods that a rate can be of, in seconds; a month has the mean length of those of a year.
const PERIODS: [(&str, f64); 5] = [
    ("hour", 3_600.0),
    ("day", 86_400.0),
    ("week", 604_800.0),
    ("month", 2_629_746.0),
    ("year", 31_556_952.0),
];

/// A rate of false alarms, and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rate {
    pub(super) rate: f64,
    pub(super) written: String,
}

impl Rate {
    /// `1/1000`, `0.001`, `0.1%`, or `1/day` of rows that come `every` so many seconds, as a rate.
    ///
    /// # Errors
    /// A text that is none of them, a rate that is not between 0 and 1, a rate in time of examples without one.
    pub(super) fn read(text: &str, every: Option<i64>) -> Result<Self, ModelError> {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let in_time = text.split_once('/').and_then(|(count, unit)| {
            let unit = PERIODS.iter().find(|(name, _)| *name == unit.trim())?;
            Some((number(count)?, unit.1))
        });
        if let Some((count, seconds)) = in_time {
            let Some(every) = every else {
                return Err(option_error(
                    "alarms",
                    &format!(
                        "is `{text}`, and the examples trained on are not evenly spaced in time; write a rate of examples, such as 1/1000"
                    ),
                ));
            };
            let rate = count * every as f64 / seconds;
            return match rate > 0.0 && rate < 1.0 {
                true => Ok(Self {
                    rate,
                    written: text.trim().to_owned(),
                }),
                false => Err(option_error(
                    "alarms",
                    &format!(
                        "is `{text}`, and a row comes every {every} seconds: ask for less than one alarm a row"
                    ),
                )),
            };
        }
        let rate = match (text.split_once('/'), text.trim().strip_suffix('%')) {
            (Some((one, of)), _) => number(one).zip(number(of)).map(|(one, of)| one / of),
            (None, Some(percent)) => number(percent).map(|percent| percent / 100.0),
            (None, None) => number(text),
        };
        match rate.filter(|rate| *rate > 0.0 && *rate < 1.0) {
            Some(rate) => Ok(Self {
                rate,
                written: text.trim().to_owned(),
            }),
            None => Err(option_error(
                "alarms",
                &format!(
                    "is `{text}`; write a rate between 0 and 1, such as 1/1000, 0.001 or 0.1%, or of a series with times 1/hour, 1/day, 1/week, 1/month"
                ),
            )),
        }
    }

    /// The rate asked for, or 1/100, or the smallest that can be promised where that is more.
    pub(super) fn or_usual(
        asked: Option<&str>,
        every: Option<i64>,
        held_back: Option<&Conformal>,
    ) -> Result<Option<Self>, ModelError> {
        match (asked, held_back) {
            (Some(text), _) => {
                let rate = Self::read(text, every)?;
                rate.require(held_back).map(|_| Some(rate))
            }
            (None, None) => Ok(None),
            (None, Some(held_back)) => {
                let smallest = held_back.smallest_rate();
                Ok(Some(match smallest <= USUAL {
                    true => Self {
                        rate: USUAL,
                        written: "1/100".into(),
                    },
                    false => Self {
                        rate: smallest,
                        written: format!("1/{}", held_back.held_back() + 1),
                    },
                }))
            }
        }
    }

    /// The score above which an example is called unusual.
    ///
    /// # Errors
    /// Where too few examples were held back to promise the rate: how many are needed, and what they can promise.
    pub(super) fn require(&self, held_back: Option<&Conformal>) -> Result<f64, ModelError> {
        let needed = (1.0 / self.rate).ceil() as usize - 1;
        let Some(held_back) = held_back else {
            return Err(AutoencodeError::NothingHeldBack { needed }.into());
        };
        held_back.threshold(self.rate).ok_or_else(|| {
            AutoencodeError::TooRare {
                asked: self.written.clone(),
                needed,
                held_back: held_back.held_back(),
                smallest: format!("1/{}", held_back.held_back() + 1),
            }
            .into()
        })
    }
}

impl SampleAsk {
    /// Refuses numbers out of their range.
    ///
    /// # Errors
    /// [`ModelError::Options`] naming the key.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        for (key, value) in [("count", self.count), ("length", self.length)] {
            if let Some(value) = value {
                ranges::whole(key, value, 1..=100_000)?;
            }
        }
        if let Some(steps) = self.interpolate {
            ranges::whole("interpolate", steps, 2..=1_000)?;
        }
        match self.temperature {
            Some(temperature) if !(temperature.is_finite() && temperature >= 0.0) => Err(
                option_error("temperature", &format!("is {temperature}; it is 0 or more")),
            ),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_fraction_a_number_or_a_percentage() {
        for (text, rate) in [
            ("1/1000", 0.001),
            ("0.05", 0.05),
            (" 0.1% ", 0.001),
            ("2/3", 2.0 / 3.0),
        ] {
            assert!(
                (Rate::read(text, None).unwrap().rate - rate).abs() < 1e-15,
                "{text}"
            );
        }
        for wrong in ["", "1/0", "0", "1", "150%", "often", "1/day", "-1/5"] {
            let error = Rate::read(wrong, None).unwrap_err().to_string();
            assert!(
                error.contains("`alarms`") && error.contains("1/1000"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_rate_in_time_is_one_of_rows_that_are_evenly_spaced() {
        for (text, every, rate) in [
            ("1/day", 3_600, 1.0 / 24.0),
            ("2/week", 300, 2.0 / 2016.0),
            ("1/hour", 900, 0.25),
        ] {
            let read = Rate::read(text, Some(every)).unwrap();
            assert!((read.rate - rate).abs() < 1e-15, "{text}");
            assert_eq!(read.written, text);
        }
        let error = Rate::read("1/day", Some(86_400)).unwrap_err().to_string();
        assert!(error.contains("every 86400 seconds"), "{error}");
    }

    #[test]
    fn a_rate_that_too_few_can_promise_is_refused_with_what_they_can() {
        let held_back = Conformal::new((0..58).map(f64::from).collect());
        let rate = Rate::read("1/100", None).unwrap();
        let error = rate.require(held_back.as_ref()).unwrap_err().to_string();
        assert!(
            error.contains("99") && error.contains("58") && error.contains("1/59"),
            "{error}"
        );
        let usual = Rate::or_usual(None, None, held_back.as_ref())
            .unwrap()
            .unwrap();
        assert_eq!(usual.written, "1/59");
        assert_eq!(usual.require(held_back.as_ref()).unwrap(), 57.0);
        assert!(
            rate.require(None)
                .unwrap_err()
                .to_string()
                .contains("held_back")
        );
    }
}
