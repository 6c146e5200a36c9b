//! What one would take instead of a network, fitted on the same training part: the most frequent class; for texts a
//! logistic regression on words and pairs of words, for rows and images one on their values; for sequences the class of the
//! most similar one. Of several classes
//! at once: the most frequent set, a regression of each class against the rest, the set of the most similar sequence.

use std::collections::BTreeMap;

use ressac_data::examples::{Examples, Inputs, Media};
use ressac_stats::rival::bag::{Bag, Weighting};
use ressac_stats::rival::logistic::{self, Labelled, Logistic, LogisticError, Rows, STRENGTHS};
use ressac_stats::rival::majority::majority;
use ressac_stats::rival::neighbour::{Distance, NearestNeighbour, Scaling, cost};
use ressac_stats::rival::rows::RowRegression;

use super::encoded::Encoded;
use super::parts::Parts;
use super::pipeline::{ClassifyPipeline, Reading};
use super::target::Target;
use crate::ModelError;
use crate::text::{Splitting, Vocabulary};

const WORDS: &str = "words and pairs, logistic regression";
const ROWS: &str = "logistic regression";
const NEIGHBOUR: &str = "one nearest neighbour";

/// Differences of two numbers that a search for neighbours may take: about half a minute.
const MOST_OPERATIONS: u64 = 10_000_000_000;

/// Bytes that a regression may take.
const MOST_BYTES: u64 = 2 << 30;

/// What a rival said of the examples scored.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    /// Its name.
    pub(super) name: &'static str,
    /// The classes of each example.
    pub(super) predicted: Target,
    /// The probability of each class, `[examples · classes]`, where it has one.
    pub(super) probabilities: Option<Vec<f64>>,
}

/// The answers of every rival, and a sentence for one that is left out.
pub(super) fn answers(
    pipeline: &ClassifyPipeline,
    parts: &Parts,
    scored: &Examples,
) -> Result<(Vec<Answers>, Vec<String>), ModelError> {
    let classes = pipeline.classes.len();
    let truth = pipeline.truth(&parts.train)?;
    let mut answers: Vec<Answers> = match &truth {
        Target::One(truth) => majority(truth, classes)
            .map(|majority| Answers {
                name: "majority",
                predicted: Target::One(vec![majority.class; scored.len()]),
                probabilities: Some(majority.shares.repeat(scored.len())),
            })
            .into_iter()
            .collect(),
        Target::Several { holds, .. } => vec![most_frequent(holds, pipeline, scored.len())],
    };
    let known = Known {
        pipeline,
        parts,
        truth: &truth,
    };
    let images = matches!(parts.train.media, Some(Media::Image { .. }));
    let fitted = match &pipeline.reading {
        Reading::Texts(_) => known.words_and_pairs(scored)?,
        Reading::Scales(_) if pipeline.longest_steps == 1 || images => known.rows(scored)?,
        Reading::Scales(_) => known.neighbour(scored)?,
    };
    let mut left_out = Vec::new();
    match fitted {
        Ok(rival) => answers.push(rival),
        Err(why) => left_out.push(why),
    }
    Ok((answers, left_out))
}

/// Always the most frequent set of classes, the first of equally frequent ones; the probabilities are the shares of the
/// examples with each class.
fn most_frequent(holds: &[bool], pipeline: &ClassifyPipeline, scored: usize) -> Answers {
    let classes = pipeline.classes.len();
    let mut counts: BTreeMap<&[bool], usize> = BTreeMap::new();
    for set in holds.chunks_exact(classes) {
        *counts.entry(set).or_default() += 1;
    }
    let most = counts.values().max();
    let set = counts.iter().find(|(_, count)| Some(*count) == most);
    let set = set.map_or_else(|| vec![false; classes], |(set, _)| set.to_vec());
    let examples = (holds.len() / classes).max(1) as f64;
    let counts = pipeline.counts.iter();
    let shares: Vec<f64> = counts.map(|count| *count as f64 / examples).collect();
    Answers {
        name: "most frequent set",
        predicted: Target::Several {
            holds: set.repeat(scored),
            classes,
        },
        probabilities: Some(shares.repeat(scored)),
    }
}

/// What rivals learn from.
struct Known<'a> {
    pipeline: &'a ClassifyPipeline,
    parts: &'a Parts,
    truth: &'a Target,
}

impl Known<'_> {
    /// Logistic regression on the words and pairs of words of the training part, its penalty chosen on the validation
    /// part.
    fn words_and_pairs(&self, scored: &Examples) -> Result<Result<Answers, String>, ModelError> {
        let classes = self.pipeline.classes.len();
        let left_out = |why: String| Ok(Err(format!("{WORDS} is left out: {why}")));
        // All words of the training part, whatever the network reads of them.
        let train = texts(&self.parts.train);
        let words = Vocabulary::fit(train, usize::MAX, 1, Splitting::new(true));
        let encode = |of: &[String]| -> Vec<Vec<u32>> {
            let texts = of.iter();
            texts.map(|text| words.encode(text, usize::MAX)).collect()
        };
        let numbers = encode(train);
        let bag = Bag::fit(&numbers, 1, Weighting::Presence);
        let columns = bag.columns();
        let bytes = match self.truth {
            Target::One(_) => logistic::bytes(columns, classes),
            Target::Several { .. } => logistic::bytes(columns, 2),
        };
        if bytes > MOST_BYTES {
            return left_out(format!(
                "{columns} words and pairs of {classes} classes would take {} MiB",
                bytes >> 20
            ));
        }
        let rows = bag.rows(&numbers);
        let valid = bag.rows(&encode(texts(&self.parts.valid)));
        let scored = bag.rows(&encode(texts(scored)));
        let scored = Rows::Sparse {
            rows: &scored,
            columns,
        };
        self.regressed(WORDS, |train, valid_truth, classes| {
            let training = labelled(&rows, columns, train);
            let model = match valid.is_empty() {
                true => Logistic::fit(training, classes, 1.0)?,
                false => {
                    let validation = labelled(&valid, columns, valid_truth);
                    logistic::choose(training, validation, classes, &STRENGTHS)?.model
                }
            };
            model.probabilities(scored)
        })
    }

    /// The answers of a regression, which `fit` makes of the classes of the training and the validation part and the
    /// number of classes: once, or for each of several classes at once, 1 against the rest as 0.
    fn regressed(
        &self,
        name: &'static str,
        fit: impl Fn(&[usize], &[usize], usize) -> Result<Vec<f64>, LogisticError>,
    ) -> Result<Result<Answers, String>, ModelError> {
        let classes = self.pipeline.classes.len();
        let valid = self.pipeline.truth(&self.parts.valid)?;
        let found = match (self.truth, &valid) {
            (Target::One(train), Target::One(valid)) => fit(train, valid, classes),
            (train, valid) => (0..classes)
                .map(|class| {
                    let (train, valid) =
                        (train.against_the_rest(class), valid.against_the_rest(class));
                    fit(&train, &valid, 2)
                })
                .collect::<Result<Vec<_>, _>>()
                .map(|each| beside_one_another(&each)),
        };
        Ok(match found {
            Ok(probabilities) => Ok(Answers {
                name,
                predicted: Target::predicted(&probabilities, classes, self.pipeline.of_several()),
                probabilities: Some(probabilities),
            }),
            Err(error) => Err(format!("{name} is left out: {error}")),
        })
    }

    /// Logistic regression on the values of rows or on pixels, its penalty chosen on the validation part.
    fn rows(&self, scored: &Examples) -> Result<Result<Answers, String>, ModelError> {
        let [train, valid, scored] = [&self.parts.train, &self.parts.valid, scored].map(values);
        let columns = train.len().checked_div(self.truth.len()).unwrap_or(0);
        self.regressed(ROWS, |train_truth, valid_truth, classes| {
            let (training, validation) = ((&*train, train_truth), (&*valid, valid_truth));
            let fitted = RowRegression::fit(training, validation, columns, classes)?;
            fitted.probabilities(&scored)
        })
    }

    /// The class of the nearest training sequence, the distance chosen on the validation part.
    fn neighbour(&self, scored: &Examples) -> Result<Result<Answers, String>, ModelError> {
        let left_out = |why: String| Ok(Err(format!("{NEIGHBOUR} is left out: {why}")));
        let encoded = |examples| Encoded::new(self.pipeline, examples);
        let (train, valid) = (encoded(&self.parts.train)?, encoded(&self.parts.valid)?);
        let scored = encoded(scored)?;
        let (sequences, dims) = train.sequences();
        let valid_truth = self.pipeline.truth(&self.parts.valid)?;
        let affordable = |distance: &Distance| {
            let queries = [valid.lengths(), valid.lengths(), scored.lengths()].concat();
            cost(train.lengths(), &queries, dims, *distance).operations <= MOST_OPERATIONS
        };
        // What is nearest is known by its place, and has the classes that it has there.
        let places: Vec<usize> = (0..sequences.len()).collect();
        let mut best: Option<(u64, NearestNeighbour)> = None;
        let distances = [Distance::Warped { band: 0.1 }, Distance::Euclidean];
        for distance in distances.into_iter().filter(affordable) {
            for scaling in [Scaling::Training, Scaling::Own] {
                let fitted = NearestNeighbour::fit(&sequences, dims, &places, scaling, distance);
                let fitted = match fitted {
                    Ok(fitted) => fitted,
                    Err(error) => return left_out(error.to_string()),
                };
                let found = fitted.nearest(&valid.sequences().0).unwrap_or_default();
                let found: Vec<usize> = found.iter().map(|near| near.label).collect();
                let right = self.truth.chosen(&found).agreement(&valid_truth);
                if best.as_ref().is_none_or(|(most, _)| right > *most) {
                    best = Some((right, fitted));
                }
            }
        }
        let Some((_, fitted)) = best else {
            return left_out(format!(
                "comparing {} sequences with {} would take too long",
                scored.len(),
                train.len()
            ));
        };
        Ok(match fitted.nearest(&scored.sequences().0) {
            Ok(found) => {
                let found: Vec<usize> = found.iter().map(|near| near.label).collect();
                Ok(Answers {
                    name: NEIGHBOUR,
                    predicted: self.truth.chosen(&found),
                    probabilities: None,
                })
            }
            Err(error) => return left_out(error.to_string()),
        })
    }
}

/// The probabilities of two classes each, of which the second counts, as `[examples · regressions]`.
fn beside_one_another(each: &[Vec<f64>]) -> Vec<f64> {
    let examples = each.first().map_or(0, |first| first.len() / 2);
    let rows = 0..examples;
    rows.flat_map(|at| each.iter().map(move |of_class| of_class[2 * at + 1]))
        .collect()
}

fn labelled<'a>(rows: &'a [Vec<(u32, f32)>], columns: usize, labels: &'a [usize]) -> Labelled<'a> {
    Labelled {
        rows: Rows::Sparse { rows, columns },
        labels,
    }
}

/// The values of rows, one row after the other.
fn values(examples: &Examples) -> Vec<f64> {
    match &examples.inputs {
        Inputs::Texts(_) => Vec::new(),
        Inputs::Sequences(sequences) => {
            let values = sequences.items.iter().flat_map(|item| &item.values);
            values.copied().collect()
        }
    }
}

fn texts(examples: &Examples) -> &[String] {
    match &examples.inputs {
        Inputs::Texts(texts) => texts,
        Inputs::Sequences(_) => &[],
    }
}
