//! Several classes at once: how well each is told to hold or not, and how often all of them are.
//!
//! Every class has a probability of its own, and those of an example need not sum to 1. Averages as
//! in scikit-learn, with a share of nothing counted as 0 (`zero_division=0`).

use super::confusion::share;
use super::{ClassScore, ClassificationError, Reliability, SUM, auroc, check_pairs, rows};

/// Probabilities that each class holds beside whether it does, checked.
#[derive(Clone, Copy, Debug)]
pub struct MultiLabel<'a> {
    probabilities: &'a [f64],
    truth: &'a [bool],
    classes: usize,
}

/// What predictions of several classes at once are worth; all numbers from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct MultiLabelFigures {
    /// F1 of all pairs of an example and a class together: frequent classes count more.
    pub micro_f1: f64,
    /// Mean of F1 over the classes, each counting the same; NaN without a class.
    pub macro_f1: f64,
    /// Share of the examples of which every class is right; NaN without an example.
    pub subset_accuracy: f64,
    /// Share of the pairs of an example and a class that are wrong, small is good; NaN without one.
    pub hamming_loss: f64,
    /// Mean over the classes of the area under the ROC curve, whatever the threshold; a class that all
    /// examples or none have is left out (scikit-learn gives NaN). NaN if no class is left.
    pub auroc: f64,
    /// Each class, in order.
    pub per_class: Vec<ClassScore>,
}

impl<'a> MultiLabel<'a> {
    /// Takes probabilities and whether each class holds, both \[examples × classes\].
    ///
    /// # Errors
    /// When the two are not whole rows of one length, or a value is no probability.
    pub fn new(
        probabilities: &'a [f64],
        truth: &'a [bool],
        classes: usize,
    ) -> Result<Self, ClassificationError> {
        check_pairs(probabilities.len(), truth.len(), classes)?;
        let wrong = |p: &f64| !(0.0..=1.0 + SUM).contains(p);
        if let Some(at) = probabilities.iter().position(wrong) {
            return Err(ClassificationError::Probability {
                example: at / classes,
                class: at % classes,
                value: probabilities[at],
            });
        }
        Ok(MultiLabel {
            probabilities,
            truth,
            classes,
        })
    }

    /// The figures where a class is predicted from this probability on (0.5 where nothing is known).
    pub fn figures(&self, threshold: f64) -> MultiLabelFigures {
        let classes = self.classes;
        let (mut found, mut support, mut predicted) =
            (vec![0_u64; classes], vec![0; classes], vec![0; classes]);
        let (mut whole, mut wrong, mut examples) = (0_u64, 0_u64, 0_u64);
        let truth = self.truth.chunks_exact(classes.max(1));
        for (row, truth) in rows(self.probabilities, classes).zip(truth) {
            let mut right = true;
            for (class, (p, holds)) in row.iter().zip(truth).enumerate() {
                let said = *p >= threshold;
                found[class] += u64::from(said && *holds);
                support[class] += u64::from(*holds);
                predicted[class] += u64::from(said);
                wrong += u64::from(said != *holds);
                right &= said == *holds;
            }
            whole += u64::from(right);
            examples += 1;
        }
        let per_class: Vec<ClassScore> = (0..classes)
            .map(|class| ClassScore {
                precision: share(found[class], predicted[class]),
                recall: share(found[class], support[class]),
                f1: share(2 * found[class], support[class] + predicted[class]),
                support: support[class],
                predicted: predicted[class],
            })
            .collect();
        let sum = |counts: &[u64]| counts.iter().sum::<u64>();
        let f1s: f64 = per_class.iter().map(|score| score.f1).sum();
        MultiLabelFigures {
            micro_f1: share(2 * sum(&found), sum(&support) + sum(&predicted)),
            macro_f1: f1s / classes as f64,
            subset_accuracy: whole as f64 / examples as f64,
            hamming_loss: wrong as f64 / self.truth.len() as f64,
            auroc: self.auroc(),
            per_class,
        }
    }

    /// Mean over the pairs of an example and a class of -ln of the probability given to what is true,
    /// in nats: ln 2 for a model that knows nothing. Infinite where that probability is 0.
    pub fn cross_entropy(&self) -> f64 {
        let entropy = self.pairs().map(|(p, holds)| match holds {
            true => -p.ln(),
            false => -(1.0 - p).max(0.0).ln(),
        });
        entropy.sum::<f64>() / self.truth.len() as f64
    }

    /// How often a class holds beside the probability that it does, over all pairs of an example and
    /// a class; `bins` as in [`super::Predictions::reliability`].
    pub fn reliability(&self, bins: usize) -> Reliability {
        Reliability::of(self.pairs(), bins)
    }

    fn pairs(&self) -> impl Iterator<Item = (f64, bool)> {
        let truth = self.truth.iter().copied();
        self.probabilities.iter().copied().zip(truth)
    }

    fn auroc(&self) -> f64 {
        let of_class = |class: usize| {
            let scores = self.probabilities.iter().skip(class).step_by(self.classes);
            let positive = self.truth.iter().skip(class).step_by(self.classes);
            let (scores, positive): (Vec<f64>, Vec<bool>) =
                (scores.copied().collect(), positive.copied().collect());
            auroc(&scores, &positive)
        };
        let areas = (0..self.classes)
            .map(of_class)
            .filter(|area| !area.is_nan());
        let (sum, count) = areas.fold((0.0, 0_usize), |(sum, count), area| (sum + area, count + 1));
        sum / count as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f64; 24] = [
        0.9, 0.2, 0.6, 0.1, 0.4, 0.7, 0.5, 0.2, 0.8, 0.8, 0.1, 0.3, 0.3, 0.6, 0.2, 0.4, 0.7, 0.1,
        0.9, 0.2, 0.2, 0.4, 0.4, 0.1,
    ];
    const T: [u8; 24] = [
        1, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0,
    ];

    // from sklearn.metrics import *                                          # scikit-learn 1.9.1
    // P, T = (np.array(v).reshape(6, 4) for v in (P, T)); S = (P >= .5).astype(int); kw = dict(zero_division=0)
    // f1_score(T, S, average="micro", **kw); f1_score(T, S, average="macro", **kw)
    // accuracy_score(T, S); hamming_loss(T, S); roc_auc_score(T, P, average="macro")
    // precision_recall_fscore_support(T, S, **kw)
    #[test]
    fn several_classes_at_once_are_scored_as_by_scikit_learn() {
        let truth = T.map(|t| t == 1);
        let found = MultiLabel::new(&P, &truth, 4).unwrap().figures(0.5);
        let near = |found: f64, expected: f64| {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        };
        near(found.micro_f1, 0.736_842_105_263_157_9);
        near(found.macro_f1, 0.580_952_380_952_380_9);
        near(found.subset_accuracy, 0.333_333_333_333_333_3);
        near(found.hamming_loss, 0.208_333_333_333_333_34);
        near(found.auroc, 0.890_972_222_222_222_3);
        for (score, (precision, recall, f1, support)) in found.per_class.iter().zip([
            (1.0, 0.75, 0.857_142_857_142_857_1, 4),
            (
                0.666_666_666_666_666_6,
                0.666_666_666_666_666_6,
                0.666_666_666_666_666_6,
                3,
            ),
            (0.666_666_666_666_666_6, 1.0, 0.8, 2),
            (0.0, 0.0, 0.0, 1),
        ]) {
            near(score.precision, precision);
            near(score.recall, recall);
            near(score.f1, f1);
            assert_eq!(score.support, support);
        }
    }

    // -mean(log(p if t else 1 - p) for p, t in zip(P, T)); the pairs with p <= 0.5, and the others
    #[test]
    fn cross_entropy_and_reliability_are_those_of_all_pairs_of_an_example_and_a_class() {
        let truth = T.map(|t| t == 1);
        let scored = MultiLabel::new(&P, &truth, 4).unwrap();
        let entropy = scored.cross_entropy();
        assert!(
            (entropy - 0.411_853_941_210_332_53).abs() < 1e-12,
            "{entropy}"
        );
        let found = scored.reliability(2);
        let [low, high] = &found.bins[..] else {
            panic!("two bins are expected");
        };
        assert_eq!((low.count, high.count), (16, 8));
        assert!((low.accuracy - 0.187_5).abs() < 1e-12 && (high.accuracy - 0.875).abs() < 1e-12);
        assert!((found.expected_error - 0.087_500_000_000_000_02).abs() < 1e-12);
        let sure = MultiLabel::new(&[1.0, 0.0], &[true, false], 2).unwrap();
        assert_eq!(sure.cross_entropy(), 0.0);
    }

    #[test]
    fn nothing_to_score_is_nan_and_no_prediction_at_all_counts_as_0() {
        let none = MultiLabel::new(&[], &[], 3).unwrap().figures(0.5);
        assert!(none.subset_accuracy.is_nan() && none.hamming_loss.is_nan() && none.auroc.is_nan());
        assert_eq!((none.micro_f1, none.macro_f1), (0.0, 0.0));
        let classless = MultiLabel::new(&[], &[], 0).unwrap().figures(0.5);
        assert!(classless.macro_f1.is_nan() && classless.per_class.is_empty());
        let empty = MultiLabel::new(&[0.1, 0.2], &[false, false], 2).unwrap();
        let empty = empty.figures(0.5);
        assert_eq!((empty.micro_f1, empty.subset_accuracy), (0.0, 1.0));
        assert!(empty.auroc.is_nan());
    }

    #[test]
    fn rows_that_do_not_fit_and_values_that_are_no_probability_are_refused() {
        let of = |p: &[f64], t: &[bool], classes| MultiLabel::new(p, t, classes).unwrap_err();
        assert!(
            of(&[0.5], &[true, false], 2)
                .to_string()
                .contains("found 1 values")
        );
        assert!(
            of(&[0.5; 3], &[true; 3], 2)
                .to_string()
                .contains("found 3 values")
        );
        assert!(of(&[0.5], &[true], 0).to_string().contains("0 classes"));
        assert!(matches!(
            of(&[0.5, 0.5, f64::NAN, 2.0], &[true; 4], 2),
            ClassificationError::Probability {
                example: 1,
                class: 0,
                ..
            }
        ));
    }
}
