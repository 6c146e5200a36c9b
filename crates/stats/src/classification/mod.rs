//! What a classifier is worth: how often it is right, on which classes, and whether its
//! probabilities can be believed.
//!
//! A class is its index, from 0. Probabilities and logits lie row by row:
//! `values[example * classes + class]`. They are checked once, when [`Predictions`] or [`Confusion`]
//! is made; every measure after that is a number, NaN where there is no example to compute it from.
//!
//! ```
//! use ressac_stats::classification::Predictions;
//!
//! let found = Predictions::new(&[0.9, 0.1, 0.4, 0.6, 0.3, 0.7], &[0, 1, 0], 2)?;
//! assert_eq!(found.predicted(), [0, 1, 1]);
//! assert_eq!(found.confusion().accuracy(), 2.0 / 3.0);
//! # Ok::<(), ressac_stats::classification::ClassificationError>(())
//! ```

mod calibration;
mod confusion;
mod multilabel;
mod ranking;
#[cfg(test)]
mod tests;
mod wilson;

use thiserror::Error;

pub use calibration::{
    Bin, Reliability, TEMPERATURES, Temperature, fit_binary_temperature, fit_temperature,
};
pub use confusion::{ClassScore, Confusion};
pub use multilabel::{MultiLabel, MultiLabelFigures};
pub use ranking::auroc;
pub use wilson::wilson;

/// Rows of probabilities may sum to 1 with this error: that of a softmax in f32, and room to spare.
const SUM: f64 = 1e-3;

/// Why predictions and truth make no measure.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ClassificationError {
    /// There is not one row of values for each label.
    #[error(
        "each of the {examples} examples needs one value for each of {classes} classes, \
         found {values} values"
    )]
    Values {
        /// Values given.
        values: usize,
        /// Labels given.
        examples: usize,
        /// Classes given.
        classes: usize,
    },
    /// Truth and predicted classes are not of the same examples.
    #[error("truth and prediction belong to the same examples, found {truth} and {predicted}")]
    Lengths {
        /// True classes given.
        truth: usize,
        /// Predicted classes given.
        predicted: usize,
    },
    /// A label is not the index of a class.
    #[error("example {example}: class {label} does not exist, the classes are 0 to {}", .classes.saturating_sub(1))]
    Label {
        /// Index of the example.
        example: usize,
        /// What stands there.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A value is no probability.
    #[error(
        "example {example}, class {class}: a probability is a number from 0 to 1, found {value}"
    )]
    Probability {
        /// Index of the example.
        example: usize,
        /// Index of the class.
        class: usize,
        /// What stands there.
        value: f64,
    },
    /// The probabilities of an example do not sum to 1.
    #[error("example {example}: probabilities sum to 1, found {sum}")]
    Sum {
        /// Index of the example.
        example: usize,
        /// Their sum.
        sum: f64,
    },
    /// A logit is NaN or infinite.
    #[error("example {example}, class {class}: a logit is a finite number, found {value}")]
    Logit {
        /// Index of the example.
        example: usize,
        /// Index of the class.
        class: usize,
        /// What stands there.
        value: f64,
    },
    /// Nothing can be fitted to no example.
    #[error("a temperature needs at least one held-back example, found none")]
    NoExamples,
}

/// Probabilities of classes beside the true classes, checked.
#[derive(Clone, Copy, Debug)]
pub struct Predictions<'a> {
    probabilities: &'a [f64],
    truth: &'a [usize],
    classes: usize,
}

impl<'a> Predictions<'a> {
    /// Takes probabilities \[examples × classes\] and the true class of each example.
    ///
    /// # Errors
    /// When there is not one probability for each example and class, a label is no class, a value no
    /// probability, or a row does not sum to 1 within 0.001.
    pub fn new(
        probabilities: &'a [f64],
        truth: &'a [usize],
        classes: usize,
    ) -> Result<Self, ClassificationError> {
        check(probabilities.len(), truth, classes)?;
        for (example, row) in rows(probabilities, classes).enumerate() {
            if let Some(class) = row.iter().position(|p| !(0.0..=1.0 + SUM).contains(p)) {
                let value = row[class];
                return Err(ClassificationError::Probability {
                    example,
                    class,
                    value,
                });
            }
            let sum: f64 = row.iter().sum();
            if (sum - 1.0).abs() > SUM {
                return Err(ClassificationError::Sum { example, sum });
            }
        }
        Ok(Predictions {
            probabilities,
            truth,
            classes,
        })
    }

    /// The most probable class of each example; the first of equal ones.
    pub fn predicted(&self) -> Vec<usize> {
        self.rows().map(|(row, _)| top(row)).collect()
    }

    /// The most probable classes counted against the true ones.
    pub fn confusion(&self) -> Confusion {
        let mut confusion = Confusion::empty(self.classes);
        for (row, truth) in self.rows() {
            confusion.count(truth, top(row));
        }
        confusion
    }

    /// Whether the most probable class is the true one, example by example: what
    /// [`crate::bootstrap::accuracy_difference`] takes.
    pub fn correct(&self) -> Vec<bool> {
        self.rows().map(|(row, truth)| top(row) == truth).collect()
    }

    /// Mean of -ln p(true class), in nats: ln(classes) for a model that knows nothing. Infinite where
    /// a true class was given probability 0 (scikit-learn's `log_loss` puts the smallest step of its
    /// numbers there instead).
    pub fn cross_entropy(&self) -> f64 {
        self.mean(|row, truth| -row[truth].ln())
    }

    /// Brier score: mean of the summed squares of probability minus indicator over the classes, 0 to
    /// 2. With two classes it is twice the score of those who count the second class alone.
    ///
    /// Brier, "Verification of forecasts expressed in terms of probability" (1950), Monthly Weather
    /// Review 78.
    pub fn brier(&self) -> f64 {
        self.mean(|row, truth| {
            let each = row.iter().enumerate();
            each.map(|(class, p)| (p - f64::from(u8::from(class == truth))).powi(2))
                .sum()
        })
    }

    /// Area under the ROC curve. With two classes that of the second; otherwise the mean over the
    /// classes of each against the rest, leaving out those of which the truth has no example, or
    /// nothing else (there the area is not defined; scikit-learn gives NaN for the mean too). NaN if
    /// no class is left.
    pub fn auroc(&self) -> f64 {
        let first = usize::from(self.classes == 2);
        let areas = (first..self.classes).map(|class| {
            let scores: Vec<f64> = self.rows().map(|(row, _)| row[class]).collect();
            let positive: Vec<bool> = self.truth.iter().map(|truth| *truth == class).collect();
            auroc(&scores, &positive)
        });
        let (sum, count) = areas
            .filter(|area| !area.is_nan())
            .fold((0.0, 0_usize), |(sum, count), area| (sum + area, count + 1));
        sum / count as f64
    }

    /// Expected calibration error with its bins. `bins` is the number of equal parts into which 0 to
    /// 1 is cut, 15 in the paper; 0 counts as 1.
    pub fn reliability(&self, bins: usize) -> Reliability {
        let tops = self.rows().map(|(row, truth)| {
            let class = top(row);
            (row.get(class).copied().unwrap_or(0.0), class == truth)
        });
        Reliability::of(tops, bins)
    }

    /// Each example's probabilities and true class.
    fn rows(&self) -> impl Iterator<Item = (&'a [f64], usize)> {
        rows(self.probabilities, self.classes).zip(self.truth.iter().copied())
    }

    fn mean(&self, score: impl Fn(&[f64], usize) -> f64) -> f64 {
        let sum: f64 = self.rows().map(|(row, truth)| score(row, truth)).sum();
        sum / self.truth.len() as f64
    }
}

/// Probabilities \[examples × classes\] of logits divided by a temperature, each row by itself. A
/// temperature of 1 leaves a model's probabilities as they are; see [`fit_temperature`]. Logits
/// beyond the last whole row are dropped; a row with a logit that is not finite has a NaN.
pub fn softmax(logits: &[f64], classes: usize, temperature: f64) -> Vec<f64> {
    let mut values = Vec::with_capacity(logits.len());
    for row in rows(logits, classes) {
        // The largest logit becomes 0, so that no exponential overflows.
        let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let from = values.len();
        values.extend(row.iter().map(|z| ((z - most) / temperature).exp()));
        let sum: f64 = values[from..].iter().sum();
        values[from..].iter_mut().for_each(|p| *p /= sum);
    }
    values
}

/// Probability of each logit by itself, divided by a temperature: the logistic function, for several
/// classes at once; see [`fit_binary_temperature`]. NaN where a logit is.
pub fn sigmoid(logits: &[f64], temperature: f64) -> Vec<f64> {
    let logits = logits.iter();
    logits
        .map(|z| 1.0 / (1.0 + (-z / temperature).exp()))
        .collect()
}

/// Whole rows of one value for each class; no class makes no row.
fn rows(values: &[f64], classes: usize) -> std::slice::ChunksExact<'_, f64> {
    values.chunks_exact(classes.max(1))
}

/// The class with the largest value, the first of equal ones.
fn top(row: &[f64]) -> usize {
    let mut best = 0;
    for (class, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = class;
        }
    }
    best
}

/// That there is one value for each example and class, and every label is a class.
fn check(values: usize, truth: &[usize], classes: usize) -> Result<(), ClassificationError> {
    let examples = truth.len();
    if examples.checked_mul(classes) != Some(values) {
        return Err(ClassificationError::Values {
            values,
            examples,
            classes,
        });
    }
    check_labels(truth, classes)
}

/// That values and truth are whole rows of one length.
fn check_pairs(values: usize, truth: usize, classes: usize) -> Result<(), ClassificationError> {
    let examples = truth.checked_div(classes).unwrap_or(0);
    if values == truth && examples * classes == truth {
        return Ok(());
    }
    Err(ClassificationError::Values {
        values,
        examples,
        classes,
    })
}

fn check_labels(labels: &[usize], classes: usize) -> Result<(), ClassificationError> {
    match labels.iter().position(|label| *label >= classes) {
        None => Ok(()),
        Some(example) => Err(ClassificationError::Label {
            example,
            label: labels[example],
            classes,
        }),
    }
}
