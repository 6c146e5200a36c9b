//! An evaluation of an autoencoder told: tables, a verdict in a sentence, the same by name for programs.

use serde_json::{Value, json};

use ressac_data::examples::Examples;

use super::autoencoder::Autoencoder;
use super::evaluation::{Evaluation, LEVEL, MethodFigures};
use super::parts::AutoencodeParts;
use super::report;
use crate::evaluated::beside;
use crate::examples::named;
use crate::measure::{Measure, Method, percent, significant, three};
use crate::model::Model;
use crate::part::Part;
use crate::{Evaluated, ModelError};

type Figure = Measure<MethodFigures>;

const MSE: Figure = Measure {
    key: "mse",
    head: "mse",
    of: |method| method.mse,
    write: significant,
};

const PSNR: Figure = Measure {
    key: "psnr",
    head: "psnr (dB)",
    of: |method| method.psnr,
    write: |value| format!("{value:.2}"),
};

const JUDGED: [Figure; 6] = [
    Measure {
        key: "auroc",
        head: "auroc",
        of: |method| method.auroc,
        write: |value| format!("{value:.4}"),
    },
    Measure {
        key: "average_precision",
        head: "ap",
        of: |method| method.average_precision,
        write: three,
    },
    Measure {
        key: "found",
        head: "found",
        of: |method| method.alarms.as_ref()?.recall(),
        write: percent,
    },
    Measure {
        key: "false_alarms",
        head: "false alarms",
        of: |method| method.alarms.as_ref()?.false_rate(),
        write: |share| format!("{:.2} %", 100.0 * share),
    },
    Measure {
        key: "accuracy",
        head: "accuracy",
        of: |method| {
            method
                .alarms
                .as_ref()
                .map(super::evaluation::Alarms::accuracy)
        },
        write: percent,
    },
    Measure {
        key: "f1",
        head: "f1",
        of: |method| method.alarms.as_ref().map(super::evaluation::Alarms::f1),
        write: three,
    },
];

const OF_SERIES: [Figure; 2] = [
    Measure {
        key: "vus_pr",
        head: "vus-pr",
        of: |method| method.vus_pr,
        write: three,
    },
    Measure {
        key: "nab",
        head: "nab",
        of: |method| method.nab,
        write: |score| format!("{score:.1}"),
    },
];

/// The figures of an evaluation: what decides comes first.
fn measures(judged: bool, of_images: bool, of_series: bool) -> Vec<Figure> {
    let written = [MSE].into_iter().chain(of_images.then_some(PSNR));
    match judged {
        true => (JUDGED.into_iter())
            .chain(OF_SERIES.into_iter().filter(|_| of_series))
            .chain(written)
            .collect(),
        false => written.collect(),
    }
}

impl Autoencoder {
    /// Scores examples, `part` of what it was trained on or others.
    ///
    /// # Errors
    /// As [`Autoencoder::evaluation`].
    pub(super) fn evaluated(
        &self,
        scored: &Examples,
        prepared: Result<&AutoencodeParts, String>,
        part: Part,
        alarms: Option<&str>,
    ) -> Result<Evaluated, ModelError> {
        let evaluation = self.evaluation(scored, prepared, alarms)?;
        let (judged, of_images) = (
            evaluation.unusual.is_some(),
            self.config().media.sides().is_some(),
        );
        let of_series = self.config().windowed().is_some();
        let measures = measures(judged, of_images, of_series);
        let methods: Vec<Method<'_, MethodFigures>> = (evaluation.methods.iter())
            .map(|method| (method.name.as_str(), method))
            .collect();
        let noun = self.noun();
        let about = about(&evaluation, of_images, of_series);
        let network = self.network();
        let files = named(scored);
        let mut counts: Vec<(&str, Value)> = vec![
            ("part", part.to_string().into()),
            ("examples", scored.len().into()),
        ];
        if let Some(unusual) = &evaluation.unusual {
            let unusual = unusual.iter().filter(|unusual| **unusual).count();
            counts.push(("unusual", unusual.into()));
        }
        if let Some((rate, threshold)) = &evaluation.rate {
            counts.push(("alarms", rate.rate.into()));
            counts.push(("threshold", (*threshold).into()));
        }
        if let (Some(alarms), Some((least, most))) =
            (evaluation.methods[0].alarms, evaluation.expected)
        {
            counts.push((
                "false_alarm_counts",
                json!({ "got": alarms.false_alarms, "of": alarms.normal, "expected": [least, most] }),
            ));
        }
        if let Some(bound) = evaluation.lower_bound {
            counts.push(("elbo", bound.into()));
        }
        if let Some((_, interval)) = &evaluation.difference {
            counts.push((
                "difference",
                json!({ "estimate": interval.estimate, "lower": interval.lower, "upper": interval.upper }),
            ));
        }
        let mut evaluated = Evaluated::of_methods(
            ("Autoencoder", &network, &about),
            (
                format!("{files}: {part} part, {} {noun}", scored.len()),
                &counts,
            ),
            &measures,
            &methods,
            verdict(&evaluation),
        );
        let told = sentences(&evaluation, of_series);
        evaluated.page = report::page(self, scored, &evaluation, &told, evaluated.page)?;
        evaluated.sentences.extend(told);
        evaluated.notes.extend(evaluation.left_out);
        Ok(evaluated)
    }
}

/// What explains the table.
fn about(evaluation: &Evaluation, of_images: bool, of_series: bool) -> String {
    let mut about = match of_images {
        true => "mse: mean squared difference of what is written from what was read, in pixels from 0 to 1.".to_owned(),
        false => "mse: mean squared difference of what is written from what was read, in squared standard deviations; always writing the mean has about 1.".to_owned(),
    };
    if evaluation.unusual.is_some() {
        about.push_str(
            " auroc: the chance that an unusual example has a higher score than a normal one; ap: average precision.",
        );
        if of_series {
            about.push_str(
                " vus-pr: volume under the surface of precision and recall, which forgives a few rows before and behind an unusual stretch; nab: score of the Numenta anomaly benchmark at the best threshold, which counts early detections more.",
            );
        }
        if let Some((rate, _)) = &evaluation.rate {
            about.push_str(&format!(
                " found, false alarms, accuracy and f1 are those of the threshold for false alarms of {}, which each method has from its own scores of the examples that were held back.",
                rate.written
            ));
        }
    }
    about
}

/// Whether the model is worth having, in one sentence.
fn verdict(evaluation: &Evaluation) -> String {
    let own = &evaluation.methods[0];
    if let Some(unusual) = &evaluation.unusual
        && !(unusual.contains(&true) && unusual.contains(&false))
    {
        let (there, wanted) = match unusual.contains(&true) {
            true => ("unusual", "normal"),
            false => ("normal", "unusual"),
        };
        return format!(
            "All of these are {there}: how well what is unusual is found can be said only where some are {wanted}."
        );
    }
    let Some((rival, interval)) = &evaluation.difference else {
        return "There is no rival to compare it with.".into();
    };
    match evaluation.unusual {
        Some(_) => {
            let written = |value: f64| format!("{value:.4}");
            let auroc = own.auroc.unwrap_or(f64::NAN);
            let both = [written(auroc), written(auroc - interval.estimate)];
            beside(
                "auroc",
                &both,
                (rival, interval),
                |step| format!("{step:+.4}"),
                "",
            )
        }
        None => {
            let mse = own.mse.unwrap_or(f64::NAN);
            let both = [significant(mse), significant(mse + interval.estimate)];
            let gained = |gain: f64| {
                let sign = if gain < 0.0 { '-' } else { '+' };
                format!("{sign}{}", significant(gain.abs()))
            };
            beside("mse", &both, (rival, interval), gained, " less")
        }
    }
}

fn sentences(evaluation: &Evaluation, of_series: bool) -> Vec<String> {
    let mut told = Vec::new();
    if let (Some(alarms), Some((least, most)), Some((rate, _))) = (
        evaluation.methods[0].alarms,
        evaluation.expected,
        &evaluation.rate,
    ) {
        let in_series = match of_series {
            true => {
                " if rows came independently; those of a series do not, and what is usual may have changed since the rows that were held back"
            }
            false => "",
        };
        told.push(format!(
            "{} of {} normal examples are called unusual; at {} between {least} and {most} are to be expected ({:.0} %){in_series}.",
            alarms.false_alarms,
            alarms.normal,
            rate.written,
            100.0 * LEVEL
        ));
    }
    if let Some(bound) = evaluation.lower_bound {
        told.push(format!(
            "Evidence lower bound: {bound:.1} nats an example, values in standard deviations."
        ));
    }
    told
}
