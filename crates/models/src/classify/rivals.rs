//! What one would take instead of a network, fitted on the same training part: the most frequent class; for texts a
//! logistic regression on words and pairs of words; for sequences the class of the most similar one.

use ressac_data::examples::{Examples, Inputs};
use ressac_stats::rival::bag::{Bag, Weighting};
use ressac_stats::rival::logistic::{self, Labelled, Logistic, Rows, STRENGTHS};
use ressac_stats::rival::majority::majority;
use ressac_stats::rival::neighbour::{Distance, NearestNeighbour, Scaling, cost};
use ressac_stats::rival::rows::RowRegression;

use super::encoded::Encoded;
use super::parts::Parts;
use super::pipeline::{ClassifyPipeline, Reading};
use crate::ModelError;
use crate::evaluated::top;
use crate::text::Vocabulary;

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
    /// The class of each example.
    pub(super) predicted: Vec<usize>,
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
    let mut answers: Vec<Answers> = majority(&truth, classes)
        .map(|majority| Answers {
            name: "majority",
            predicted: vec![majority.class; scored.len()],
            probabilities: Some(majority.shares.repeat(scored.len())),
        })
        .into_iter()
        .collect();
    let known = Known {
        pipeline,
        parts,
        truth: &truth,
    };
    let fitted = match &pipeline.reading {
        Reading::Texts(_) => known.words_and_pairs(scored)?,
        Reading::Scales(_) if pipeline.longest_steps == 1 => known.rows(scored)?,
        Reading::Scales(_) => known.neighbour(scored)?,
    };
    let mut left_out = Vec::new();
    match fitted {
        Ok(rival) => answers.push(rival),
        Err(why) => left_out.push(why),
    }
    Ok((answers, left_out))
}

/// What rivals learn from.
struct Known<'a> {
    pipeline: &'a ClassifyPipeline,
    parts: &'a Parts,
    truth: &'a [usize],
}

impl Known<'_> {
    /// Logistic regression on the words and pairs of words of the training part, its penalty chosen on the validation
    /// part.
    fn words_and_pairs(&self, scored: &Examples) -> Result<Result<Answers, String>, ModelError> {
        let classes = self.pipeline.classes.len();
        let left_out = |why: String| Ok(Err(format!("{WORDS} is left out: {why}")));
        // All words of the training part, whatever the network reads of them.
        let train = texts(&self.parts.train);
        let words = Vocabulary::fit(train, usize::MAX, 1, true);
        let encode = |of: &[String]| -> Vec<Vec<u32>> {
            let texts = of.iter();
            texts.map(|text| words.encode(text, usize::MAX)).collect()
        };
        let numbers = encode(train);
        let bag = Bag::fit(&numbers, 1, Weighting::Presence);
        let columns = bag.columns();
        let bytes = logistic::bytes(columns, classes);
        if bytes > MOST_BYTES {
            return left_out(format!(
                "{columns} words and pairs of {classes} classes would take {} MiB",
                bytes >> 20
            ));
        }
        let rows = bag.rows(&numbers);
        let training = labelled(&rows, columns, self.truth);
        let valid = bag.rows(&encode(texts(&self.parts.valid)));
        let valid_truth = self.pipeline.truth(&self.parts.valid)?;
        let model = match valid.is_empty() {
            true => Logistic::fit(training, classes, 1.0),
            false => {
                let validation = labelled(&valid, columns, &valid_truth);
                logistic::choose(training, validation, classes, &STRENGTHS)
                    .map(|choice| choice.model)
            }
        };
        let rows = bag.rows(&encode(texts(scored)));
        let rows = Rows::Sparse {
            rows: &rows,
            columns,
        };
        let found = model.and_then(|model| model.probabilities(rows));
        Ok(match found {
            Ok(probabilities) => Ok(Answers {
                name: WORDS,
                predicted: probabilities.chunks_exact(classes).map(top).collect(),
                probabilities: Some(probabilities),
            }),
            Err(error) => return left_out(error.to_string()),
        })
    }

    /// Logistic regression on the values of rows, its penalty chosen on the validation part.
    fn rows(&self, scored: &Examples) -> Result<Result<Answers, String>, ModelError> {
        let classes = self.pipeline.classes.len();
        let valid_truth = self.pipeline.truth(&self.parts.valid)?;
        let [train, valid, scored] = [&self.parts.train, &self.parts.valid, scored].map(values);
        let columns = train.len().checked_div(self.truth.len()).unwrap_or(0);
        let training = (train.as_slice(), self.truth);
        let validation = (valid.as_slice(), valid_truth.as_slice());
        let fitted = RowRegression::fit(training, validation, columns, classes);
        let found = fitted.and_then(|regression| regression.probabilities(&scored));
        Ok(match found {
            Ok(probabilities) => Ok(Answers {
                name: ROWS,
                predicted: probabilities.chunks_exact(classes).map(top).collect(),
                probabilities: Some(probabilities),
            }),
            Err(error) => Err(format!("{ROWS} is left out: {error}")),
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
        let mut best: Option<(usize, NearestNeighbour)> = None;
        let distances = [Distance::Warped { band: 0.1 }, Distance::Euclidean];
        for distance in distances.into_iter().filter(affordable) {
            for scaling in [Scaling::Training, Scaling::Own] {
                let fitted = NearestNeighbour::fit(&sequences, dims, self.truth, scaling, distance);
                let fitted = match fitted {
                    Ok(fitted) => fitted,
                    Err(error) => return left_out(error.to_string()),
                };
                let found = fitted.nearest(&valid.sequences().0).unwrap_or_default();
                let right = found.iter().zip(&valid_truth);
                let right = right.filter(|(near, truth)| near.label == **truth).count();
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
            Ok(found) => Ok(Answers {
                name: NEIGHBOUR,
                predicted: found.iter().map(|near| near.label).collect(),
                probabilities: None,
            }),
            Err(error) => return left_out(error.to_string()),
        })
    }
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
