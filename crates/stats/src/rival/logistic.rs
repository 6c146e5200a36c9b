//! Multinomial logistic regression with an L2 penalty, on sparse or dense rows, in f64 on one core.
//!
//! On words and pairs of words ([`super::bag`]) it is the classical reference for short texts
//! (Wang, Manning, "Baselines and bigrams: simple, good sentiment and topic classification" (2012),
//! ACL). The result is a function of its input alone: it starts at 0, takes the whole training part
//! in each step, and sums in one order.

mod loss;
#[cfg(test)]
mod tests;

use thiserror::Error;

use super::lbfgs::{MEMORY, Stop, minimise};
use crate::classification::{Predictions, softmax};
use loss::{Shape, logits};

/// Strengths of the penalty to choose from where nothing is known: the inverse of scikit-learn's
/// `C`, from strong to weak.
pub const STRENGTHS: [f64; 5] = [100.0, 10.0, 1.0, 0.1, 0.01];

/// The largest part of the gradient of the mean loss, and the relative decrease in one step, at which
/// a fit ends: beyond it the weights still move, but no accuracy by what can be told from luck.
const STOP: Stop = Stop {
    gradient: 1e-6,
    decrease: 1e-5,
    iterations: 300,
};

/// Features of examples, in one of two forms.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// For each example the features that are not 0: index, in ascending order, and value.
    Sparse {
        /// One row for each example.
        rows: &'a [Vec<(u32, f32)>],
        /// Number of features.
        columns: usize,
    },
    /// All features of all examples, \[examples × columns\]. Columns of very different scale make
    /// the penalty unjust and the fit slow: bring each to mean 0 and variance 1 before.
    Dense {
        /// `values[example * columns + column]`.
        values: &'a [f32],
        /// Number of features.
        columns: usize,
    },
}

/// Why no regression can be fitted, or none applied.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LogisticError {
    /// There is nothing to learn from, or to choose by.
    #[error("a regression needs at least one example for training and one for validation")]
    NoExamples,
    /// There is not one label for each row.
    #[error("there is one label for each row, found {rows} rows and {labels} labels")]
    Lengths {
        /// Rows given.
        rows: usize,
        /// Labels given.
        labels: usize,
    },
    /// Dense values are not whole rows.
    #[error("dense rows have {columns} values each, found {values} values")]
    Values {
        /// Values given.
        values: usize,
        /// Columns given.
        columns: usize,
    },
    /// A label is not the index of a class.
    #[error("row {row}: class {label} does not exist, the classes are 0 to {}", .classes.saturating_sub(1))]
    Label {
        /// Index of the row.
        row: usize,
        /// What stands there.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A feature is outside the columns, out of order, or not a finite number.
    #[error(
        "row {row}: features are finite numbers of columns below {columns} in ascending order, \
         found {value} in column {column}"
    )]
    Feature {
        /// Index of the row.
        row: usize,
        /// Index of the column.
        column: usize,
        /// What stands there.
        value: f32,
        /// Number of columns.
        columns: usize,
    },
    /// The rows have other columns than those of the fit.
    #[error("the regression was fitted on {fitted} columns, found {columns}")]
    Columns {
        /// Columns of the fit.
        fitted: usize,
        /// Columns given.
        columns: usize,
    },
    /// A strength is not a number above 0, or there is none.
    #[error("the strength of the penalty is a number above 0 (1.0), found {0:?}")]
    Strength(Vec<f64>),
}

/// Rows and the class of each.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// The features.
    pub rows: Rows<'a>,
    /// The class of each row.
    pub labels: &'a [usize],
}

/// A fitted regression.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    shape: Shape,
    /// \[columns × outputs\], then one intercept for each output.
    weights: Vec<f64>,
    iterations: usize,
    converged: bool,
}

/// One strength that was tried, and what came of it on the validation part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// The strength of the penalty.
    pub strength: f64,
    /// Share of right predictions.
    pub accuracy: f64,
    /// Mean cross-entropy, in nats.
    pub cross_entropy: f64,
    /// Steps of the fit, continued from the next stronger penalty.
    pub iterations: usize,
    /// Whether the fit ended before its last allowed step.
    pub converged: bool,
}

/// The regression that did best on the validation part.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Fitted on the training part.
    pub model: Logistic,
    /// Which of the trials it is.
    pub chosen: usize,
    /// Every strength, in the order in which they were given.
    pub trials: Vec<Trial>,
}

impl Logistic {
    /// Fits the weights of least summed cross-entropy plus `strength` / 2 times the sum of their
    /// squares; intercepts are free. Two classes have one weight for each column, more have one for
    /// each column and class: the objective of scikit-learn's `LogisticRegression(C=1 / strength)`.
    ///
    /// # Errors
    /// When there is no example, labels and rows do not fit together or to the classes, a feature is
    /// not finite or has no column, or the strength is not above 0.
    pub fn fit(
        training: Labelled<'_>,
        classes: usize,
        strength: f64,
    ) -> Result<Self, LogisticError> {
        check_strengths(&[strength])?;
        training.check(classes)?;
        let shape = Shape::new(training.rows.columns(), classes);
        let start = vec![0.0; shape.weights()];
        Ok(Self::descend(training, shape, strength, start, STOP))
    }

    /// The same regression fitted on other examples of as many columns and classes, from where this one is: on more of the
    /// same it is soon there.
    ///
    /// # Errors
    /// As [`Logistic::fit`]; another number of columns.
    pub fn fit_on(&self, training: Labelled<'_>, strength: f64) -> Result<Self, LogisticError> {
        check_strengths(&[strength])?;
        training.check(self.shape.classes)?;
        if training.rows.columns() != self.shape.columns {
            return Err(LogisticError::Columns {
                fitted: self.shape.columns,
                columns: training.rows.columns(),
            });
        }
        let start = self.weights.clone();
        Ok(Self::descend(training, self.shape, strength, start, STOP))
    }

    fn descend(
        training: Labelled<'_>,
        shape: Shape,
        strength: f64,
        start: Vec<f64>,
        stop: Stop,
    ) -> Self {
        let mut row = vec![0.0; shape.outputs];
        let found = minimise(start, stop, |weights, gradient| {
            loss::loss(training, shape, strength, weights, gradient, &mut row)
        });
        Logistic {
            shape,
            weights: found.at,
            iterations: found.iterations,
            converged: found.converged,
        }
    }

    /// Probabilities \[rows × classes\].
    ///
    /// # Errors
    /// When the rows have other columns than those of the fit, or a feature is not finite or has no
    /// column.
    pub fn probabilities(&self, rows: Rows<'_>) -> Result<Vec<f64>, LogisticError> {
        if rows.columns() != self.shape.columns {
            return Err(LogisticError::Columns {
                fitted: self.shape.columns,
                columns: rows.columns(),
            });
        }
        rows.check()?;
        let classes = self.shape.classes;
        let mut all = vec![0.0; rows.len() * classes];
        for (row, of_row) in all.chunks_mut(classes).enumerate() {
            let out = &mut of_row[self.shape.implied()..];
            logits(rows, row, self.shape, &self.weights, out);
        }
        Ok(softmax(&all, classes, 1.0))
    }

    /// Steps that the fit took.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// Whether the fit ended before its last allowed step.
    pub fn converged(&self) -> bool {
        self.converged
    }
}

/// Fits one regression for each strength, and takes that with the best accuracy on the validation
/// part; among equal ones that with the least cross-entropy. [`STRENGTHS`] is a list that serves.
///
/// # Errors
/// As [`Logistic::fit`], for both parts, which must have the same columns.
pub fn choose(
    training: Labelled<'_>,
    validation: Labelled<'_>,
    classes: usize,
    strengths: &[f64],
) -> Result<Choice, LogisticError> {
    check_strengths(strengths)?;
    training.check(classes)?;
    validation.check(classes)?;
    let shape = Shape::new(training.rows.columns(), classes);
    // From strong to weak, each from where the last one ended: the weights grow along the way.
    let mut order: Vec<usize> = (0..strengths.len()).collect();
    order.sort_by(|a, b| strengths[*b].total_cmp(&strengths[*a]));
    let mut trials: Vec<Option<Trial>> = vec![None; strengths.len()];
    let mut best: Option<(usize, Trial, Logistic)> = None;
    let mut start = vec![0.0; shape.weights()];
    for index in order {
        let model = Logistic::descend(training, shape, strengths[index], start, STOP);
        start = model.weights.clone();
        let trial = model.trial(validation, strengths[index])?;
        trials[index] = Some(trial);
        let better = best.as_ref().is_none_or(|(_, best, _)| {
            let by_accuracy = trial.accuracy.total_cmp(&best.accuracy);
            let by_entropy = best.cross_entropy.total_cmp(&trial.cross_entropy);
            by_accuracy.then(by_entropy).is_gt()
        });
        if better {
            best = Some((index, trial, model));
        }
    }
    let (chosen, _, model) = best.ok_or_else(|| LogisticError::Strength(strengths.to_vec()))?;
    Ok(Choice {
        model,
        chosen,
        trials: trials.into_iter().flatten().collect(),
    })
}

impl Logistic {
    fn trial(&self, validation: Labelled<'_>, strength: f64) -> Result<Trial, LogisticError> {
        let probabilities = self.probabilities(validation.rows)?;
        let scored = Predictions::new(&probabilities, validation.labels, self.shape.classes);
        // Finite features can still overflow a sum: then nothing is known of the quality.
        let (accuracy, cross_entropy) = scored.map_or((0.0, f64::INFINITY), |scored| {
            (scored.confusion().accuracy(), scored.cross_entropy())
        });
        Ok(Trial {
            strength,
            accuracy,
            cross_entropy,
            iterations: self.iterations,
            converged: self.converged,
        })
    }
}

/// Bytes that fitting takes beside the rows, to ask before it is begun: with many classes and pairs
/// of words this is what ends first.
pub fn bytes(columns: usize, classes: usize) -> u64 {
    let weights = Shape::new(columns, classes).weights() as u64;
    // Two vectors for each remembered step and the next, two places, the direction, the best so far.
    weights.saturating_mul(8 * (2 * (MEMORY as u64 + 1) + 7))
}

impl Rows<'_> {
    /// Number of features.
    pub fn columns(&self) -> usize {
        match self {
            Rows::Sparse { columns, .. } | Rows::Dense { columns, .. } => *columns,
        }
    }

    /// Number of examples. Dense rows without a column are none.
    pub fn len(&self) -> usize {
        match self {
            Rows::Sparse { rows, .. } => rows.len(),
            Rows::Dense { values, columns } => values.len().checked_div(*columns).unwrap_or(0),
        }
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn check(&self) -> Result<(), LogisticError> {
        let columns = self.columns();
        let fault = |row, column, value| LogisticError::Feature {
            row,
            column,
            value,
            columns,
        };
        match self {
            Rows::Sparse { rows, .. } => {
                for (index, row) in rows.iter().enumerate() {
                    let mut least = 0;
                    for (column, value) in row {
                        let column = *column as usize;
                        if column < least || column >= columns || !value.is_finite() {
                            return Err(fault(index, column, *value));
                        }
                        least = column + 1;
                    }
                }
            }
            Rows::Dense { values, .. } => {
                if self.len() * columns != values.len() {
                    let values = values.len();
                    return Err(LogisticError::Values { values, columns });
                }
                if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                    return Err(fault(at / columns, at % columns, values[at]));
                }
            }
        }
        Ok(())
    }
}

impl Labelled<'_> {
    fn check(&self, classes: usize) -> Result<(), LogisticError> {
        self.rows.check()?;
        let (rows, labels) = (self.rows.len(), self.labels.len());
        if rows != labels {
            return Err(LogisticError::Lengths { rows, labels });
        }
        if labels == 0 {
            return Err(LogisticError::NoExamples);
        }
        match self.labels.iter().position(|label| *label >= classes) {
            None => Ok(()),
            Some(row) => Err(LogisticError::Label {
                row,
                label: self.labels[row],
                classes,
            }),
        }
    }
}

fn check_strengths(strengths: &[f64]) -> Result<(), LogisticError> {
    let usable = |strength: &f64| strength.is_finite() && *strength > 0.0;
    if !strengths.is_empty() && strengths.iter().all(usable) {
        return Ok(());
    }
    Err(LogisticError::Strength(strengths.to_vec()))
}
