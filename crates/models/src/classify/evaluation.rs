//! What a classifier is worth on some examples, beside its rivals on the very same ones.

use ressac_data::examples::{Examples, Inputs};
use ressac_stats::bootstrap::Interval;
use ressac_stats::classification::{ClassScore, Confusion, Predictions, Reliability};

use super::classifier::Classifier;
use super::explain::Word;
use super::parts::Parts;
use super::rivals::{Answers, answers};
use crate::ModelError;
use crate::evaluated::{best_rival, top};
use crate::measure::{Measure, Method, percent, three};

/// Parts into which the confidence is cut for the calibration error (Guo et al. 2017).
const BINS: usize = 15;
/// Errors told one by one.
const ERRORS: usize = 20;
/// Errors of texts whose words are explained.
const EXPLAINED: usize = 8;

/// The figures of a method, in the order in which they are told.
pub(super) const FIGURES: [Measure<MethodFigures>; 5] = [
    Measure {
        key: "accuracy",
        head: "accuracy",
        of: |method| Some(method.accuracy),
        write: percent,
    },
    Measure {
        key: "macro_f1",
        head: "macro f1",
        of: |method| Some(method.macro_f1),
        write: three,
    },
    Measure {
        key: "auroc",
        head: "auroc",
        of: |method| Some(method.probable.as_ref()?.auroc),
        write: three,
    },
    Measure {
        key: "ece",
        head: "ece",
        of: |method| Some(method.probable.as_ref()?.ece),
        write: percent,
    },
    Measure {
        key: "cross_entropy",
        head: "cross-entropy",
        of: |method| Some(method.probable.as_ref()?.cross_entropy),
        write: three,
    },
];

/// What is said of them to who reads them the first time.
pub(super) const ABOUT: &str = "macro f1 is the mean over the classes; auroc is of the second of two classes, or the mean of each against the rest; ece is the expected calibration error; – where a method gives no probabilities";

/// How good one method is.
#[derive(Debug, Clone)]
pub(super) struct MethodFigures {
    pub(super) method: &'static str,
    pub(super) accuracy: f64,
    pub(super) macro_f1: f64,
    /// What is about probabilities; absent for a method that has none.
    pub(super) probable: Option<Probable>,
}

/// How good probabilities are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probable {
    pub(super) auroc: f64,
    pub(super) ece: f64,
    pub(super) cross_entropy: f64,
}

/// An example taken for another class, surely.
#[derive(Debug, Clone)]
pub(super) struct Mistake {
    /// Its text, or what the file calls it.
    pub(super) example: String,
    pub(super) truth: usize,
    pub(super) predicted: usize,
    pub(super) probability: f64,
    /// Of a text its words, each with what the probability of the class it was taken for loses without it.
    pub(super) words: Vec<Word>,
}

/// What an evaluation found.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    pub(super) examples: usize,
    pub(super) classes: Vec<String>,
    /// The model first, then its rivals.
    pub(super) methods: Vec<MethodFigures>,
    /// The accuracy of the model minus that of the best rival; absent without a rival.
    pub(super) difference: Option<(&'static str, Interval)>,
    pub(super) confusion: Confusion,
    pub(super) by_class: Vec<ClassScore>,
    pub(super) reliability: Reliability,
    pub(super) mistakes: Vec<Mistake>,
    /// Why a rival is left out.
    pub(super) left_out: Vec<String>,
}

impl Evaluation {
    /// The methods by name, the model first.
    pub(super) fn methods(&self) -> impl Iterator<Item = Method<'_, MethodFigures>> {
        self.methods.iter().map(|method| (method.method, method))
    }
}

impl Classifier {
    /// Scores the model on `scored`, beside rivals fitted on `parts` where these are at hand.
    ///
    /// # Errors
    /// A class that is none of the model's; no example.
    pub(super) fn evaluation(
        &self,
        scored: &Examples,
        parts: Result<&Parts, String>,
    ) -> Result<Evaluation, ModelError> {
        let pipeline = self.pipeline();
        let classes = pipeline.classes.len();
        let truth = pipeline.truth(scored)?;
        let probabilities = self.probabilities(scored)?;
        let own = Answers {
            name: "model",
            predicted: probabilities.chunks_exact(classes).map(top).collect(),
            probabilities: Some(probabilities.clone()),
        };
        let (rivals, left_out) = match parts {
            Ok(parts) => answers(pipeline, parts, scored)?,
            Err(why) => (Vec::new(), vec![why]),
        };
        let right = |answers: &Answers| -> Vec<bool> {
            let pairs = answers.predicted.iter().zip(&truth);
            pairs.map(|(predicted, truth)| predicted == truth).collect()
        };
        let of_rivals = rivals.iter().map(|rival| (rival.name, right(rival)));
        let difference = best_rival(&right(&own), &of_rivals.collect::<Vec<_>>());
        let damaged = |error: ressac_stats::classification::ClassificationError| {
            ModelError::Mismatch(error.to_string())
        };
        let mut methods = Vec::new();
        for answers in [&own].into_iter().chain(&rivals) {
            methods.push(figures(answers, &truth, classes).map_err(damaged)?);
        }
        let predictions = Predictions::new(&probabilities, &truth, classes).map_err(damaged)?;
        let mut mistakes = mistakes(scored, &own.predicted, &truth, &probabilities);
        if let Inputs::Texts(_) = scored.inputs {
            for mistake in mistakes.iter_mut().take(EXPLAINED) {
                mistake.words = self.words_of(&mistake.example, mistake.predicted)?;
            }
        }
        let confusion = predictions.confusion();
        Ok(Evaluation {
            examples: truth.len(),
            classes: pipeline.classes.clone(),
            methods,
            difference,
            by_class: confusion.per_class(),
            confusion,
            reliability: predictions.reliability(BINS),
            mistakes,
            left_out,
        })
    }
}

fn figures(
    answers: &Answers,
    truth: &[usize],
    classes: usize,
) -> Result<MethodFigures, ressac_stats::classification::ClassificationError> {
    let confusion = Confusion::new(truth, &answers.predicted, classes)?;
    let probable = match &answers.probabilities {
        None => None,
        Some(probabilities) => {
            let predictions = Predictions::new(probabilities, truth, classes)?;
            Some(Probable {
                auroc: predictions.auroc(),
                ece: predictions.reliability(BINS).expected_error,
                cross_entropy: predictions.cross_entropy(),
            })
        }
    };
    Ok(MethodFigures {
        method: answers.name,
        accuracy: confusion.accuracy(),
        macro_f1: confusion.macro_f1(),
        probable,
    })
}

/// The errors of which the model was surest, the surest first.
fn mistakes(
    scored: &Examples,
    predicted: &[usize],
    truth: &[usize],
    probabilities: &[f64],
) -> Vec<Mistake> {
    let classes = probabilities.len() / truth.len().max(1);
    let mut wrong: Vec<Mistake> = (0..truth.len())
        .filter(|at| predicted[*at] != truth[*at])
        .map(|at| Mistake {
            example: named(scored, at),
            truth: truth[at],
            predicted: predicted[at],
            probability: probabilities[at * classes + predicted[at]],
            words: Vec::new(),
        })
        .collect();
    wrong.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    wrong.truncate(ERRORS);
    wrong
}

/// An example as a person knows it: its text, or what its file calls it.
pub(super) fn named(examples: &Examples, at: usize) -> String {
    match &examples.inputs {
        Inputs::Texts(texts) => texts[at].clone(),
        Inputs::Sequences(_) => {
            let origin = &examples.origins[at];
            let id = origin.id.clone();
            id.unwrap_or_else(|| origin.place.to_string())
        }
    }
}
