//! What a classifier is worth on some examples, beside its rivals on the very same ones.

use ressac_data::examples::{Examples, Inputs};
use ressac_stats::bootstrap::Interval;
use ressac_stats::classification::{ClassScore, Confusion, Reliability};

use super::classifier::Classifier;
use super::explain::Word;
use super::figures::{MethodFigures, figures};
use super::parts::Parts;
use super::rivals::{Answers, answers};
use super::target::Target;
use crate::ModelError;
use crate::evaluated::{best_rival, best_rival_by_f1};
use crate::examples::name_of;
use crate::measure::Method;

/// Errors told one by one.
const ERRORS: usize = 20;
/// Errors of texts whose words are explained.
const EXPLAINED: usize = 8;

/// An example that is wrong, and how surely.
#[derive(Debug, Clone)]
pub(super) struct Mistake {
    /// Its text, or what the file calls it.
    pub(super) example: String,
    /// The classes it has: one, or of several at once any number.
    pub(super) truth: Vec<usize>,
    /// Those it was taken to have.
    pub(super) predicted: Vec<usize>,
    /// The class that this is most surely wrong about: the one it was taken for, or one that it has and was not said to have.
    pub(super) class: usize,
    /// The probability of that class.
    pub(super) probability: f64,
    /// Of a text its words, each with what this probability loses without it.
    pub(super) words: Vec<Word>,
}

impl Mistake {
    /// The probability of the wrong answer.
    fn sureness(&self) -> f64 {
        match self.predicted.contains(&self.class) {
            true => self.probability,
            false => 1.0 - self.probability,
        }
    }
}

/// What an evaluation found.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    pub(super) examples: usize,
    pub(super) classes: Vec<String>,
    /// What stands between the classes of an example that may have several.
    pub(super) separator: Option<String>,
    /// The model first, then its rivals.
    pub(super) methods: Vec<MethodFigures>,
    /// The accuracy of the model minus that of the best rival, of several classes at once the micro F1; absent without
    /// a rival.
    pub(super) difference: Option<(&'static str, Interval)>,
    /// Absent of several classes at once.
    pub(super) confusion: Option<Confusion>,
    pub(super) by_class: Vec<ClassScore>,
    pub(super) reliability: Option<Reliability>,
    pub(super) mistakes: Vec<Mistake>,
    /// Why a rival is left out.
    pub(super) left_out: Vec<String>,
}

impl Evaluation {
    /// The methods by name, the model first.
    pub(super) fn methods(&self) -> impl Iterator<Item = Method<'_, MethodFigures>> {
        self.methods.iter().map(|method| (method.method, method))
    }

    /// Whether an example may have several classes.
    pub(super) fn of_several(&self) -> bool {
        self.separator.is_some()
    }

    /// Classes as a cell has them; `–` for none.
    pub(super) fn named(&self, classes: &[usize]) -> String {
        let names = classes.iter().map(|class| self.classes[*class].as_str());
        let separator = self.separator.as_deref().unwrap_or_default();
        match classes {
            [] => "–".to_owned(),
            _ => names.collect::<Vec<_>>().join(separator),
        }
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
            predicted: Target::predicted(&probabilities, classes, pipeline.of_several()),
            probabilities: Some(probabilities.clone()),
        };
        let (rivals, left_out) = match parts {
            Ok(parts) => answers(pipeline, parts, scored)?,
            Err(why) => (Vec::new(), vec![why]),
        };
        let damaged = |error: ressac_stats::classification::ClassificationError| {
            ModelError::Mismatch(error.to_string())
        };
        let (model, details) = figures(&own, &truth, classes).map_err(damaged)?;
        let mut methods = vec![model];
        for rival in &rivals {
            methods.push(figures(rival, &truth, classes).map_err(damaged)?.0);
        }
        let mut mistakes = mistakes(scored, &own.predicted, &truth, &probabilities);
        if let Inputs::Texts(_) = scored.inputs {
            for mistake in mistakes.iter_mut().take(EXPLAINED) {
                mistake.words = self.words_of(&mistake.example, mistake.class)?;
            }
        }
        Ok(Evaluation {
            examples: truth.len(),
            classes: pipeline.classes.clone(),
            separator: pipeline.label_separator.clone(),
            methods,
            difference: difference(&own, &rivals, &truth),
            by_class: details.by_class,
            confusion: details.confusion,
            reliability: details.reliability,
            mistakes,
            left_out,
        })
    }
}

/// The best rival, and by how much the model is better.
fn difference(
    own: &Answers,
    rivals: &[Answers],
    truth: &Target,
) -> Option<(&'static str, Interval)> {
    match truth {
        Target::One(_) => {
            let right = rivals
                .iter()
                .map(|rival| (rival.name, rival.predicted.right(truth)));
            best_rival(&own.predicted.right(truth), &right.collect::<Vec<_>>())
        }
        Target::Several { .. } => {
            let counts = rivals
                .iter()
                .map(|rival| (rival.name, rival.predicted.counts(truth)));
            best_rival_by_f1(&own.predicted.counts(truth), &counts.collect::<Vec<_>>())
        }
    }
}

/// The errors of which the model was surest, the surest first.
fn mistakes(
    scored: &Examples,
    predicted: &Target,
    truth: &Target,
    probabilities: &[f64],
) -> Vec<Mistake> {
    let classes = probabilities.len() / truth.len().max(1);
    let several = matches!(truth, Target::Several { .. });
    let mut wrong = Vec::new();
    for (at, right) in predicted.right(truth).into_iter().enumerate() {
        if right {
            continue;
        }
        let (truth, predicted) = (truth.of(at), predicted.of(at));
        // Of one class an example, the one that it was taken for is the wrong one.
        let is_wrong = |class: &usize| match predicted.contains(class) {
            true => !truth.contains(class),
            false => several && truth.contains(class),
        };
        let of_class = |class: usize| Mistake {
            example: named(scored, at),
            truth: truth.clone(),
            predicted: predicted.clone(),
            class,
            probability: probabilities[at * classes + class],
            words: Vec::new(),
        };
        let candidates = (0..classes).filter(is_wrong).map(of_class);
        wrong.extend(candidates.max_by(|a, b| a.sureness().total_cmp(&b.sureness())));
    }
    wrong.sort_by(|a, b| b.sureness().total_cmp(&a.sureness()));
    wrong.truncate(ERRORS);
    wrong
}

/// An example as a person knows it: its text, or what its file calls it.
pub(super) fn named(examples: &Examples, at: usize) -> String {
    match &examples.inputs {
        Inputs::Texts(texts) => texts[at].clone(),
        Inputs::Sequences(_) => name_of(examples, at),
    }
}
