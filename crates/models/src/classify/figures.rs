//! The figures of a classifier and its rivals: those of one class an example, and those of several at once.

use ressac_stats::classification::{
    ClassScore, ClassificationError, Confusion, MultiLabel, Predictions, Reliability,
};

use super::rivals::Answers;
use super::target::{THRESHOLD, Target};
use crate::measure::{Measure, percent, three};

/// Parts into which the confidence is cut for the calibration error (Guo et al. 2017).
const BINS: usize = 15;

/// How good one method is.
#[derive(Debug, Clone)]
pub(super) struct MethodFigures {
    pub(super) method: &'static str,
    /// The share of the examples that are right, with every one of their classes.
    pub(super) accuracy: f64,
    pub(super) macro_f1: f64,
    /// What only several classes at once have.
    pub(super) of_sets: Option<SetFigures>,
    /// What is about probabilities; absent for a method that has none.
    pub(super) probable: Option<Probable>,
}

/// How good answers of several classes at once are.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetFigures {
    pub(super) micro_f1: f64,
    pub(super) hamming_loss: f64,
}

/// How good probabilities are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probable {
    pub(super) auroc: f64,
    pub(super) ece: f64,
    pub(super) cross_entropy: f64,
}

/// What the model's own figures are made of.
pub(super) struct Details {
    /// Which class is taken for which; absent of several at once.
    pub(super) confusion: Option<Confusion>,
    pub(super) by_class: Vec<ClassScore>,
    /// Of a method that gives probabilities.
    pub(super) reliability: Option<Reliability>,
}

const MACRO_F1: Measure<MethodFigures> = Measure {
    key: "macro_f1",
    head: "macro f1",
    of: |method| Some(method.macro_f1),
    write: three,
};

const AUROC: Measure<MethodFigures> = Measure {
    key: "auroc",
    head: "auroc",
    of: |method| Some(method.probable.as_ref()?.auroc),
    write: three,
};

const ECE: Measure<MethodFigures> = Measure {
    key: "ece",
    head: "ece",
    of: |method| Some(method.probable.as_ref()?.ece),
    write: percent,
};

const CROSS_ENTROPY: Measure<MethodFigures> = Measure {
    key: "cross_entropy",
    head: "cross-entropy",
    of: |method| Some(method.probable.as_ref()?.cross_entropy),
    write: three,
};

/// The figures of a method, in the order in which they are told.
const FIGURES: [Measure<MethodFigures>; 5] = [
    Measure {
        key: "accuracy",
        head: "accuracy",
        of: |method| Some(method.accuracy),
        write: percent,
    },
    MACRO_F1,
    AUROC,
    ECE,
    CROSS_ENTROPY,
];

/// Those of several classes at once.
const FIGURES_OF_SETS: [Measure<MethodFigures>; 7] = [
    Measure {
        key: "micro_f1",
        head: "micro f1",
        of: |method| Some(method.of_sets.as_ref()?.micro_f1),
        write: three,
    },
    MACRO_F1,
    Measure {
        key: "subset_accuracy",
        head: "subset accuracy",
        of: |method| Some(method.accuracy),
        write: percent,
    },
    Measure {
        key: "hamming_loss",
        head: "hamming loss",
        of: |method| Some(method.of_sets.as_ref()?.hamming_loss),
        write: percent,
    },
    AUROC,
    ECE,
    CROSS_ENTROPY,
];

/// The figures of one class an example, or of several at once.
pub(super) fn measures(several: bool) -> &'static [Measure<MethodFigures>] {
    match several {
        false => &FIGURES,
        true => &FIGURES_OF_SETS,
    }
}

/// What is said of them to who reads them the first time.
pub(super) fn about(several: bool) -> &'static str {
    match several {
        false => {
            "macro f1 is the mean over the classes; auroc is of the second of two classes, or the mean of each against the rest; ece is the expected calibration error; – where a method gives no probabilities"
        }
        true => {
            "a class is predicted from a probability of 0.5 on; micro f1 is of all pairs of an example and a class, macro f1 the mean over the classes; subset accuracy is the share of the examples with every class right, hamming loss the share of the pairs that are wrong; auroc is the mean over the classes; ece is the expected calibration error over the pairs; a regression is one class against the rest; – where a method gives no probabilities"
        }
    }
}

/// The figures of a method's answers, and what they are made of.
///
/// # Errors
/// Probabilities that are none.
pub(super) fn figures(
    answers: &Answers,
    truth: &Target,
    classes: usize,
) -> Result<(MethodFigures, Details), ClassificationError> {
    let probabilities = answers.probabilities.as_deref();
    match (truth, &answers.predicted) {
        (Target::Several { holds, .. }, predicted) => {
            let said = indicators(predicted, classes);
            let found = MultiLabel::new(&said, holds, classes)?.figures(THRESHOLD);
            let scored = probabilities.map(|p| MultiLabel::new(p, holds, classes));
            let scored = scored.transpose()?;
            let reliability = scored.map(|scored| scored.reliability(BINS));
            let figures = MethodFigures {
                method: answers.name,
                accuracy: found.subset_accuracy,
                macro_f1: found.macro_f1,
                of_sets: Some(SetFigures {
                    micro_f1: found.micro_f1,
                    hamming_loss: found.hamming_loss,
                }),
                probable: scored
                    .zip(reliability.as_ref())
                    .map(|(scored, by)| Probable {
                        auroc: scored.figures(THRESHOLD).auroc,
                        ece: by.expected_error,
                        cross_entropy: scored.cross_entropy(),
                    }),
            };
            let details = Details {
                confusion: None,
                by_class: found.per_class,
                reliability,
            };
            Ok((figures, details))
        }
        (Target::One(truth), predicted) => {
            let all = 0..predicted.len();
            let predicted: Vec<usize> = all.flat_map(|at| predicted.of(at)).collect();
            let confusion = Confusion::new(truth, &predicted, classes)?;
            let scored = probabilities.map(|p| Predictions::new(p, truth, classes));
            let scored = scored.transpose()?;
            let reliability = scored.map(|scored| scored.reliability(BINS));
            let figures = MethodFigures {
                method: answers.name,
                accuracy: confusion.accuracy(),
                macro_f1: confusion.macro_f1(),
                of_sets: None,
                probable: scored
                    .zip(reliability.as_ref())
                    .map(|(scored, by)| Probable {
                        auroc: scored.auroc(),
                        ece: by.expected_error,
                        cross_entropy: scored.cross_entropy(),
                    }),
            };
            let details = Details {
                by_class: confusion.per_class(),
                confusion: Some(confusion),
                reliability,
            };
            Ok((figures, details))
        }
    }
}

/// Answers as probabilities of 0 and 1.
fn indicators(predicted: &Target, classes: usize) -> Vec<f64> {
    let mut all = vec![0.0; predicted.len() * classes];
    for (at, row) in all.chunks_mut(classes.max(1)).enumerate() {
        predicted
            .of(at)
            .into_iter()
            .for_each(|class| row[class] = 1.0);
    }
    all
}
