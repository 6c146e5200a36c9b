//! Which class is taken for which, and what follows from the counts alone.

use super::{ClassificationError, check_labels};

/// Counts of true against predicted classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    counts: Vec<u64>,
}

/// How well one class is found.
///
/// A share of nothing is 0, as with `zero_division=0` in scikit-learn: the precision of a class never
/// predicted, the recall of one that the truth does not have, F1 where both are 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScore {
    /// Share of the predictions of this class that are right.
    pub precision: f64,
    /// Share of the examples of this class that are found.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
    /// Examples of this class.
    pub support: u64,
    /// Predictions of this class.
    pub predicted: u64,
}

impl Confusion {
    /// Counts the predicted class of each example against its true one.
    ///
    /// # Errors
    /// When the lengths differ or a label is no class.
    pub fn new(
        truth: &[usize],
        predicted: &[usize],
        classes: usize,
    ) -> Result<Self, ClassificationError> {
        if truth.len() != predicted.len() {
            return Err(ClassificationError::Lengths {
                truth: truth.len(),
                predicted: predicted.len(),
            });
        }
        check_labels(truth, classes)?;
        check_labels(predicted, classes)?;
        let mut confusion = Self::empty(classes);
        for (truth, predicted) in truth.iter().zip(predicted) {
            confusion.count(*truth, *predicted);
        }
        Ok(confusion)
    }

    pub(super) fn empty(classes: usize) -> Self {
        Confusion {
            classes,
            counts: vec![0; classes * classes],
        }
    }

    pub(super) fn count(&mut self, truth: usize, predicted: usize) {
        self.counts[truth * self.classes + predicted] += 1;
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The counts \[classes × classes\], a row for each true class:
    /// `counts[truth * classes + predicted]`.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Number of examples.
    pub fn examples(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Share of the examples whose class is found; NaN without an example.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..self.classes).map(|class| self.found(class)).sum();
        right as f64 / self.examples() as f64
    }

    /// The scores of each class, in order.
    pub fn per_class(&self) -> Vec<ClassScore> {
        let mut predictions = vec![0; self.classes];
        for row in self.counts.chunks(self.classes.max(1)) {
            for (sum, count) in predictions.iter_mut().zip(row) {
                *sum += count;
            }
        }
        let scores = self.counts.chunks(self.classes.max(1)).enumerate();
        scores
            .map(|(class, row)| {
                let (support, predicted) = (row.iter().sum(), predictions[class]);
                let found = self.found(class);
                ClassScore {
                    precision: share(found, predicted),
                    recall: share(found, support),
                    f1: share(2 * found, support + predicted),
                    support,
                    predicted,
                }
            })
            .collect()
    }

    /// Mean of F1 over all classes, each counting the same; NaN without a class. A class that neither
    /// truth nor prediction has counts with 0: scikit-learn's value for
    /// `f1_score(truth, predicted, labels=range(classes), average="macro", zero_division=0)`.
    pub fn macro_f1(&self) -> f64 {
        let sum: f64 = self.per_class().iter().map(|score| score.f1).sum();
        sum / self.classes as f64
    }

    fn found(&self, class: usize) -> u64 {
        self.counts[class * self.classes + class]
    }
}

/// 0 where there is nothing to have a share of.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}
