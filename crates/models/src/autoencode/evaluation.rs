//! How well an autoencoder writes examples, and finds those that are unusual, beside rivals.

use ressac_data::examples::Examples;
use ressac_stats::bootstrap::{Interval, auroc_difference, paired_difference};
use ressac_stats::unusual::{
    Conformal, auroc, average_precision, false_alarm_interval, nab_score, vus_pr,
};

use super::ask::Rate;
use super::autoencoder::{Autoencoder, Passed};
use super::encoded::Encoded;
use super::parts::{AutoencodeParts, unusual};
use super::rivals::{Answer, answers};
use crate::ModelError;

/// How sure intervals are.
pub(super) const LEVEL: f64 = 0.95;
/// Draws that the interval of a difference is made of.
const RESAMPLES: usize = 1_000;

/// Rows of the largest buffer of the volume under a surface: it takes time in proportion to them.
const LARGEST_BUFFER: usize = 100;

/// A figure of scores and of whether each is of something unusual.
type Judged<'a> = &'a dyn Fn(&[f64], &[bool]) -> Option<f64>;

/// What is known of a method.
#[derive(Debug, Clone)]
pub(super) struct MethodFigures {
    pub(super) name: String,
    /// Mean squared residual: of images in pixels from 0 to 1, else in squared deviations.
    pub(super) mse: Option<f64>,
    /// Peak signal to noise ratio of images, in decibels, of that mean.
    pub(super) psnr: Option<f64>,
    pub(super) auroc: Option<f64>,
    pub(super) average_precision: Option<f64>,
    pub(super) alarms: Option<Alarms>,
    /// Of a series: the volume under the surface of precision and recall, and the score of the Numenta anomaly benchmark.
    pub(super) vus_pr: Option<f64>,
    pub(super) nab: Option<f64>,
}

/// What a threshold calls unusual.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alarms {
    /// Normal examples that are called unusual.
    pub(super) false_alarms: usize,
    /// Unusual examples that are.
    pub(super) found: usize,
    pub(super) normal: usize,
    pub(super) unusual: usize,
}

impl Alarms {
    fn of(scores: &[f64], unusual: &[bool], threshold: f64) -> Self {
        let mut alarms = Self {
            false_alarms: 0,
            found: 0,
            normal: 0,
            unusual: 0,
        };
        for (score, unusual) in scores.iter().zip(unusual) {
            let called = usize::from(*score > threshold);
            match unusual {
                true => {
                    (alarms.unusual, alarms.found) = (alarms.unusual + 1, alarms.found + called)
                }
                false => {
                    (alarms.normal, alarms.false_alarms) =
                        (alarms.normal + 1, alarms.false_alarms + called);
                }
            }
        }
        alarms
    }

    pub(super) fn accuracy(&self) -> f64 {
        let right = self.found + self.normal - self.false_alarms;
        right as f64 / (self.normal + self.unusual).max(1) as f64
    }

    /// The harmonic mean of the share of alarms that are right and of unusual examples that are found.
    pub(super) fn f1(&self) -> f64 {
        2.0 * self.found as f64 / (self.found + self.false_alarms + self.unusual).max(1) as f64
    }

    pub(super) fn recall(&self) -> Option<f64> {
        (self.unusual > 0).then(|| self.found as f64 / self.unusual as f64)
    }

    pub(super) fn false_rate(&self) -> Option<f64> {
        (self.normal > 0).then(|| self.false_alarms as f64 / self.normal as f64)
    }
}

/// What an evaluation found.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    /// The model first.
    pub(super) methods: Vec<MethodFigures>,
    /// Whether each example is unusual; nothing where nobody can say.
    pub(super) unusual: Option<Vec<bool>>,
    /// How unusual the model finds each.
    pub(super) scores: Vec<f64>,
    /// What the network makes of each.
    pub(super) passed: Passed,
    /// The examples as the network reads them.
    pub(super) encoded: Encoded,
    /// The rate of false alarms judged at, and the score of its threshold.
    pub(super) rate: Option<(Rate, f64)>,
    /// False alarms to be expected at that rate, at least and at most.
    pub(super) expected: Option<(usize, usize)>,
    /// The best rival by the figure that decides, and the model's figure against its own with an interval.
    pub(super) difference: Option<(String, Interval)>,
    /// Nats of the evidence lower bound of an example, of a variational one.
    pub(super) lower_bound: Option<f64>,
    /// Why a rival is left out.
    pub(super) left_out: Vec<String>,
}

/// Squared residuals of one example over its values that are there, summed, and how many those are; of images in pixels.
fn residual(
    model: &Autoencoder,
    examples: &Encoded,
    at: usize,
    written: impl Iterator<Item = f64>,
) -> (f64, usize) {
    let scales = &model.pipeline().scales;
    let of_images = model.config().media.sides().is_some();
    let dims = scales.names.len();
    let row = examples.row(at);
    let values = row.iter().zip(written).zip(examples.there(at));
    values.enumerate().fold(
        (0.0, 0),
        |(sum, count), (place, ((value, written), there))| {
            if !there {
                return (sum, count);
            }
            let residual = match of_images {
                false => value - written,
                true => {
                    let pixel = |value: f64| scales.unscaled(place % dims, value).clamp(0.0, 1.0);
                    pixel(*value) - pixel(written)
                }
            };
            (sum + residual * residual, count + 1)
        },
    )
}

fn mse(residuals: &[(f64, usize)]) -> f64 {
    let (sum, count) = residuals
        .iter()
        .fold((0.0, 0), |(sum, count), (square, of)| {
            (sum + square, count + of)
        });
    sum / count.max(1) as f64
}

/// One number of residuals summed over examples.
#[derive(Debug, Clone, Copy, Default)]
struct Summed(f64, usize);

impl std::iter::Sum for Summed {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, of| Self(sum.0 + of.0, sum.1 + of.1))
    }
}

impl Autoencoder {
    /// Scores the model on `scored`, beside rivals fitted on the parts it was trained on where these are at hand.
    ///
    /// # Errors
    /// When the network refuses the examples; a rate that cannot be promised.
    pub(super) fn evaluation(
        &self,
        scored: &Examples,
        prepared: Result<&AutoencodeParts, String>,
        alarms: Option<&str>,
    ) -> Result<Evaluation, ModelError> {
        let encoded = self.encoded(scored)?;
        let passed = self.pass(&encoded)?;
        let scores = self.scores(&encoded, &passed);
        let held_back = self.pipeline().held_back.as_ref();
        let rate = Rate::or_usual(alarms, self.every(), held_back)?;
        let unusual = unusual(scored, self.config().normal.as_ref());
        let judged = unusual.is_some();
        let (rivals, left_out) = match prepared {
            Ok(prepared) => answers(self, prepared, &encoded, judged)?,
            Err(why) => (Vec::new(), vec![why]),
        };
        let own = Answer {
            name: "model".into(),
            scores: scores.clone(),
            held_back: held_back.map_or_else(Vec::new, |of| of.scores().to_vec()),
            written: None,
        };
        let of_model = |at: usize| passed.written[at].iter().map(|value| f64::from(*value));
        let own_residuals: Vec<(f64, usize)> = (0..encoded.len())
            .map(|at| residual(self, &encoded, at, of_model(at)))
            .collect();
        let mut all_residuals = vec![Some(own_residuals)];
        for rival in &rivals {
            all_residuals.push(rival.written.as_ref().map(|written| {
                let written = written.iter().enumerate();
                written
                    .map(|(at, row)| residual(self, &encoded, at, row.iter().copied()))
                    .collect()
            }));
        }
        let of_images = self.config().media.sides().is_some();
        let window = self.config().windowed();
        let methods: Vec<MethodFigures> = [&own]
            .into_iter()
            .chain(&rivals)
            .zip(&all_residuals)
            .map(|(answer, residuals)| {
                let mse = residuals.as_deref().map(mse);
                let judge = |of: fn(&[f64], &[bool]) -> Option<f64>| {
                    unusual
                        .as_deref()
                        .and_then(|unusual| of(&answer.scores, unusual))
                };
                let in_series = |of: Judged<'_>| {
                    let unusual = unusual.as_deref().filter(|_| window.is_some());
                    of(&answer.scores, unusual?)
                };
                MethodFigures {
                    vus_pr: in_series(&|scores, unusual| {
                        vus_pr(scores, unusual, window.unwrap_or(0).min(LARGEST_BUFFER))
                    }),
                    nab: in_series(&|scores, unusual| nab_score(scores, &stretches(unusual))),
                    name: answer.name.clone(),
                    mse,
                    psnr: mse.filter(|_| of_images).map(|mse| -10.0 * mse.log10()),
                    auroc: judge(auroc),
                    average_precision: judge(average_precision),
                    alarms: alarms_of(answer, unusual.as_deref(), rate.as_ref()),
                }
            })
            .collect();
        let block = window.unwrap_or(1);
        let difference = match &unusual {
            Some(unusual) => best(&methods, |method| method.auroc, true).and_then(|best| {
                let rival = rivals.get(best - 1)?;
                let interval =
                    auroc_difference(&scores, &rival.scores, unusual, block, LEVEL, RESAMPLES, 0);
                Some((rival.name.clone(), interval.ok()?))
            }),
            None => best(&methods, |method| method.mse, false).and_then(|best| {
                let summed = |residuals: &Option<Vec<(f64, usize)>>| -> Option<Vec<Summed>> {
                    // Neighbouring windows have rows in common: they are drawn together.
                    let together = residuals.as_ref()?.chunks(block).map(|part| {
                        let each = part.iter().map(|(sum, count)| Summed(*sum, *count));
                        each.sum()
                    });
                    Some(together.collect())
                };
                let (own, other) = (summed(&all_residuals[0])?, summed(&all_residuals[best])?);
                // Lower is better: what is left of the rival's error is turned into a gain.
                let gain = |of: Summed| -of.0 / of.1.max(1) as f64;
                let interval = paired_difference(&own, &other, gain, LEVEL, RESAMPLES, 0);
                Some((methods[best].name.clone(), interval.ok()?))
            }),
        };
        let threshold = rate.as_ref().and_then(|rate| rate.require(held_back).ok());
        let normal = methods[0].alarms.map(|alarms| alarms.normal);
        let expected =
            (rate.as_ref().zip(held_back).zip(normal)).map(|((rate, held_back), normal)| {
                false_alarm_interval(held_back.held_back(), normal, rate.rate, LEVEL)
            });
        Ok(Evaluation {
            lower_bound: self.lower_bound(&encoded)?,
            methods,
            unusual,
            scores,
            passed,
            encoded,
            rate: rate.zip(threshold),
            expected,
            difference,
            left_out,
        })
    }
}

/// Where unusual rows follow one another: start and end (not included) of each stretch.
pub(super) fn stretches(unusual: &[bool]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, _) in unusual.iter().enumerate().filter(|(_, unusual)| **unusual) {
        match found.last_mut() {
            Some(last) if last.1 == at => last.1 = at + 1,
            _ => found.push((at, at + 1)),
        }
    }
    found
}

/// The place of the best rival by a figure, of those that have it.
fn best(
    methods: &[MethodFigures],
    figure: impl Fn(&MethodFigures) -> Option<f64>,
    higher: bool,
) -> Option<usize> {
    let rivals = methods.iter().enumerate().skip(1);
    let figures = rivals.filter_map(|(at, method)| Some((at, figure(method)?)));
    let best = figures.max_by(|a, b| match higher {
        true => a.1.total_cmp(&b.1),
        false => b.1.total_cmp(&a.1),
    });
    best.map(|(at, _)| at)
}

/// What a method's own threshold calls unusual: that of the rate, among its scores of what was held back.
fn alarms_of(answer: &Answer, unusual: Option<&[bool]>, rate: Option<&Rate>) -> Option<Alarms> {
    let held_back = Conformal::new(answer.held_back.clone())?;
    let threshold = held_back.threshold(rate?.rate)?;
    Some(Alarms::of(&answer.scores, unusual?, threshold))
}
