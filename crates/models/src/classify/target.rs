//! Which classes examples have: one each, or, where their cells may hold several, any number of them.

use burn::tensor::Tensor;

use ressac_data::examples::{Examples, LabelSets, label_counts, require_classes};
use ressac_nn::NnError;
use ressac_nn::loss::{BinaryCrossEntropy, CrossEntropy, binary_cross_entropy, cross_entropy};
use ressac_stats::bootstrap::SetCounts;

use super::source::Labelled;
use crate::ModelError;
use crate::error::option_error;
use crate::evaluated::top;

/// Of several classes at once, one is given from this probability on.
pub(super) const THRESHOLD: f64 = 0.5;

/// The classes of examples, true or predicted, each by its place among those of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// One class of each example.
    One(Vec<usize>),
    /// Whether each example has each class, `[examples · classes]`.
    Several { holds: Vec<bool>, classes: usize },
}

impl Target {
    /// What probabilities `[examples · classes]` say: of `several` classes at once all that reach [`THRESHOLD`].
    pub(super) fn predicted(probabilities: &[f64], classes: usize, several: bool) -> Self {
        match several {
            false => Target::One(probabilities.chunks_exact(classes).map(top).collect()),
            true => Target::Several {
                holds: probabilities.iter().map(|p| *p >= THRESHOLD).collect(),
                classes,
            },
        }
    }

    /// How many examples.
    pub(super) fn len(&self) -> usize {
        match self {
            Target::One(classes) => classes.len(),
            Target::Several { holds, classes } => holds.len() / classes.max(&1),
        }
    }

    /// The classes of an example.
    pub(super) fn of(&self, at: usize) -> Vec<usize> {
        match self {
            Target::One(classes) => vec![classes[at]],
            Target::Several { holds, classes } => {
                let row = &holds[at * classes..][..*classes];
                (0..*classes).filter(|class| row[*class]).collect()
            }
        }
    }

    /// The classes of the examples at these places.
    pub(super) fn chosen(&self, places: &[usize]) -> Target {
        match self {
            Target::One(own) => Target::One(places.iter().map(|at| own[*at]).collect()),
            Target::Several { holds, classes } => {
                let rows = places.iter().map(|at| &holds[at * classes..][..*classes]);
                Target::Several {
                    holds: rows.flatten().copied().collect(),
                    classes: *classes,
                }
            }
        }
    }

    /// How many answers are those of `truth`: examples, or of several classes at once pairs of an example and a class.
    pub(super) fn agreement(&self, truth: &Target) -> u64 {
        let same = match (self, truth) {
            (Target::Several { holds, .. }, Target::Several { holds: truth, .. }) => {
                holds.iter().zip(truth).filter(|(a, b)| a == b).count()
            }
            _ => self.right(truth).iter().filter(|right| **right).count(),
        };
        same as u64
    }

    /// Whether each example has the classes that it has in `truth`, and no others.
    pub(super) fn right(&self, truth: &Target) -> Vec<bool> {
        let all = 0..truth.len().min(self.len());
        all.map(|at| self.of(at) == truth.of(at)).collect()
    }

    /// Of each example how many classes it has here and in `truth`.
    pub(super) fn counts(&self, truth: &Target) -> Vec<SetCounts> {
        let all = 0..truth.len().min(self.len());
        all.map(|at| {
            let (own, truth) = (self.of(at), truth.of(at));
            SetCounts {
                found: own.iter().filter(|class| truth.contains(class)).count() as u64,
                named: (own.len() + truth.len()) as u64,
            }
        })
        .collect()
    }

    /// Of several classes at once whether each example has this one, as the class 1, and otherwise as 0.
    pub(super) fn against_the_rest(&self, class: usize) -> Vec<usize> {
        match self {
            Target::One(own) => own.iter().map(|own| usize::from(*own == class)).collect(),
            Target::Several { holds, classes } => {
                let of_class = holds.iter().skip(class).step_by((*classes).max(1));
                of_class.map(|holds| usize::from(*holds)).collect()
            }
        }
    }

    /// The name of the share of examples that are right.
    pub(super) fn accuracy_key(&self) -> &'static str {
        match self {
            Target::One(_) => "accuracy",
            Target::Several { .. } => "subset_accuracy",
        }
    }

    /// The share of the examples at these places that the rows of `logits` get right.
    pub(super) fn accuracy(&self, logits: &Tensor<2>, places: &[usize]) -> f64 {
        let classes = logits.dims()[1];
        let values: Vec<f32> = logits.clone().into_data().iter::<f32>().collect();
        let rows = values.chunks_exact(classes).zip(places);
        let right = rows.filter(|(row, at)| match self {
            Target::One(truth) => top(row) == truth[**at],
            Target::Several { holds, .. } => {
                let holds = &holds[**at * classes..][..classes];
                row.iter()
                    .zip(holds)
                    .all(|(logit, holds)| (*logit >= 0.0) == *holds)
            }
        });
        right.count() as f64 / places.len().max(1) as f64
    }
}

/// The loss of a classifier: the cross-entropy of one class an example, the binary cross-entropy of several, plain or
/// smoothed and weighted.
#[derive(Debug, Clone, Default)]
pub(super) struct Loss {
    /// How much of each target is spread over all classes; of several at once, over whether each holds.
    pub(super) smoothing: f64,
    /// How much an example of each class counts; of several at once, how much each class counts where it holds.
    pub(super) weights: Option<Vec<f32>>,
}

impl Loss {
    /// The weights with which each class counts alike: of several at once, where it holds and where it does not.
    /// `counts` are the examples of each class among those of `truth`.
    pub(super) fn balanced(counts: &[usize], truth: &Target) -> Vec<f32> {
        let all: usize = counts.iter().sum();
        let each = all as f64 / counts.len() as f64;
        let weight = |count: &usize| match (truth, truth.len() - count.min(&truth.len())) {
            (Target::One(_), _) => each / *count as f64,
            // Of a class that every example has there is nothing to set against.
            (Target::Several { .. }, 0) => 1.0,
            (Target::Several { .. }, others) => others as f64 / (*count).max(1) as f64,
        };
        counts.iter().map(|count| weight(count) as f32).collect()
    }

    /// The mean loss `[1]` of the rows of `logits`, which are the examples of `truth` at these places.
    ///
    /// # Errors
    /// Logits of another number of classes or examples.
    pub(super) fn of(
        &self,
        logits: Tensor<2>,
        truth: &Target,
        places: &[usize],
    ) -> Result<Tensor<1>, NnError> {
        let weights = self.weights.clone();
        match truth {
            Target::One(truth) => {
                let truth: Vec<u32> = places.iter().map(|at| truth[*at] as u32).collect();
                let loss = CrossEntropy::new().with_smoothing(self.smoothing);
                let loss = match weights {
                    Some(weights) => loss.with_class_weights(weights),
                    None => loss,
                };
                cross_entropy(logits, &truth, &loss)
            }
            Target::Several { holds, classes } => {
                let rows = places.iter().map(|at| &holds[at * classes..][..*classes]);
                let truth: Vec<f32> = rows.flatten().map(|holds| f32::from(*holds)).collect();
                let loss = BinaryCrossEntropy::new().with_smoothing(self.smoothing);
                let loss = match weights {
                    Some(weights) => loss.with_positive_weights(weights),
                    None => loss,
                };
                binary_cross_entropy(logits, &truth, &loss)
            }
        }
    }
}

/// The classes of examples with how many have each; with a separator each cell may hold several.
pub(super) fn class_counts(examples: &Examples, separator: Option<&str>) -> Vec<(String, usize)> {
    match sets(examples, separator) {
        Some(sets) => sets.classes.iter().cloned().zip(sets.counts()).collect(),
        None => label_counts(examples),
    }
}

/// The classes of each example where its cell may hold several.
pub(super) fn sets(examples: &Examples, separator: Option<&str>) -> Option<LabelSets> {
    examples.label_sets(separator?)
}

/// Refuses examples whose classes nobody can learn.
pub(super) fn require_learnable(data: &Labelled) -> Result<(), ModelError> {
    match sets(&data.data, data.separator.as_deref()) {
        Some(sets) => sets.require_classes(&data.data)?,
        None => require_classes(&data.data, data.columns.label.as_deref())?,
    }
    Ok(())
}

/// Refuses a separator that separates nothing.
pub(super) fn check_separator(separator: Option<&str>) -> Result<(), ModelError> {
    match separator {
        Some(text) if text.is_empty() || text.contains(['\n', '\r']) => Err(option_error(
            "label_separator",
            "is empty or has a line break; write what stands between two classes of a cell, such as `;`",
        )),
        _ => Ok(()),
    }
}
