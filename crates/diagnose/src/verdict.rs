//! What is the matter: questions asked of the measurements in order, by stated thresholds.

use std::fmt;

use serde::Serialize;

use ressac_models::recurrence::Patient;
use ressac_train::one_digit;

use super::convergence::Convergence;
use super::gradient::GradientThroughTime;
use super::jacobian::JacobianThroughTime;
use super::memory::Memory;
use super::rate_test::RateTest;
use super::saturation::Saturation;
use super::sentence::{amount, counted, sentence};

/// A gradient that becomes so many times as large on its way back explodes.
const EXPLODES: f64 = 100.0;
/// So large a share of a gate's values at its ends is too much.
const SATURATED: f64 = 0.5;
/// A rate below this share of the one found by the range test crawls.
const CRAWLS: f64 = 0.1;
/// A training that won so large a share of its whole gain in its last quarter was not done.
const UNFINISHED: f64 = 0.1;
/// A rate above this share of the one at which the loss blows up is too high.
const TOO_FAST: f64 = 0.5;

/// What is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// A measurement is not a finite number.
    Broken,
    /// The gradient grows on its way back.
    Explodes,
    /// The gradient is gone before it has come back far enough.
    Vanishes,
    /// Inputs change what the model gives for too few steps.
    Forgets,
    /// Gates stand at their ends.
    Saturated,
    /// The learning rate is near where the loss blows up.
    #[serde(rename = "too-fast")]
    TooFast,
    /// The learning rate is far below the one at which the loss falls fastest.
    Crawls,
    /// The training ended while it was still winning.
    Unfinished,
    /// None of these.
    Healthy,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Case::Broken => "broken",
            Case::Explodes => "explodes",
            Case::Vanishes => "vanishes",
            Case::Forgets => "forgets",
            Case::Saturated => "saturated",
            Case::TooFast => "too-fast",
            Case::Crawls => "crawls",
            Case::Unfinished => "unfinished",
            Case::Healthy => "healthy",
        })
    }
}

/// One question asked of the measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What it would be a case of.
    pub case: Case,
    /// What was asked.
    pub question: &'static str,
    /// What was found.
    pub found: String,
    /// From where on it is a case.
    pub threshold: String,
    /// Whether it is one; nothing where it could not be asked.
    pub is_so: Option<bool>,
}

/// The diagnosis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The first of the checks that is so.
    pub case: Case,
    /// In one sentence, with the cure to try.
    pub sentence: String,
    /// Every check, in the order in which they count.
    pub checks: Vec<Check>,
}

/// What a verdict is made from.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// What was looked at, and how it was trained.
    pub patient: &'a Patient,
    /// What a step of the recurrence is called in the plural: steps, or segments.
    pub unit: &'a str,
    /// The gradient through time.
    pub gradient: &'a GradientThroughTime,
    /// The Jacobian product.
    pub jacobian: &'a JacobianThroughTime,
    /// The gates.
    pub saturation: &'a Saturation,
    /// The memory.
    pub memory: &'a Memory,
    /// The training's course.
    pub convergence: Option<&'a Convergence>,
    /// The range test.
    pub rate_test: Option<&'a RateTest>,
}

/// Asks the checks in order.
pub fn verdict(findings: &Findings<'_>) -> Verdict {
    let checks = vec![
        broken(findings),
        explodes(findings),
        vanishes(findings),
        forgets(findings),
        saturated(findings),
        too_fast(findings),
        crawls(findings),
        unfinished(findings),
    ];
    let case = checks
        .iter()
        .find(|check| check.is_so == Some(true))
        .map_or(Case::Healthy, |check| check.case);
    Verdict {
        case,
        sentence: sentence(case, findings),
        checks,
    }
}

fn check(
    case: Case,
    question: &'static str,
    found: String,
    threshold: String,
    is_so: impl Into<Option<bool>>,
) -> Check {
    Check {
        case,
        question,
        found,
        threshold,
        is_so: is_so.into(),
    }
}

fn is_broken(findings: &Findings<'_>) -> bool {
    let gradients = &findings.gradient.state.mean;
    !gradients.iter().all(|value| value.is_finite())
        || gradients.first().is_none_or(|first| *first == 0.0)
        || !findings.memory.varies
}

fn broken(findings: &Findings<'_>) -> Check {
    let gives = findings.patient.gives;
    let found = match is_broken(findings) {
        true => format!("it does not change the {gives}"),
        false => format!("it changes the {gives}"),
    };
    check(
        Case::Broken,
        "Is the recurrence without effect?",
        found,
        "no change, or a gradient of 0 or no number".into(),
        is_broken(findings),
    )
}

fn explodes(findings: &Findings<'_>) -> Check {
    let (grown, rate) = (
        findings.gradient.largest_growth,
        findings.jacobian.growth_rate,
    );
    check(
        Case::Explodes,
        "Does the gradient grow on its way back?",
        format!(
            "at most {} times as large; λ = {rate:+.3} a step",
            amount(grown)
        ),
        format!("{EXPLODES} times, and λ above 0"),
        grown > EXPLODES && rate > 0.0,
    )
}

fn vanishes(findings: &Findings<'_>) -> Check {
    let gone = findings.gradient.gone_after;
    check(
        Case::Vanishes,
        "Is the gradient gone too early?",
        gone.map_or_else(
            || format!("{} left at the oldest step", amount(findings.gradient.left)),
            |gone| format!("below a thousandth after {}", counted(gone, findings.unit)),
        ),
        format!("before {}", reach(findings)),
        gone.is_some_and(|gone| gone < findings.patient.needed),
    )
}

fn forgets(findings: &Findings<'_>) -> Check {
    check(
        Case::Forgets,
        "Does it remember too little?",
        counted(findings.memory.length, findings.unit),
        format!("fewer than {}", reach(findings)),
        findings.memory.length < findings.patient.needed,
    )
}

fn saturated(findings: &Findings<'_>) -> Check {
    let worst = findings.saturation.worst.as_ref();
    check(
        Case::Saturated,
        "Do gates stand at their ends?",
        worst.map_or_else(
            || "no gate".into(),
            |(gate, share)| format!("{:.0} % of {gate}", 100.0 * share),
        ),
        format!("{:.0} %", 100.0 * SATURATED),
        worst.map(|(_, share)| *share > SATURATED),
    )
}

fn too_fast(findings: &Findings<'_>) -> Check {
    let lr = findings.patient.training.lr;
    let diverges = findings.rate_test.and_then(|test| test.diverges);
    check(
        Case::TooFast,
        "Is the learning rate too high?",
        match (findings.rate_test, diverges) {
            (None, _) => format!("{lr}; not tested"),
            (Some(test), None) if test.cut_short => format!("{lr}; the test was cut short"),
            (_, None) => format!("{lr}; the loss never blew up"),
            (_, Some(rate)) => format!("{lr}; the loss blows up at {}", one_digit(rate)),
        },
        format!("{TOO_FAST} of where the loss blows up"),
        diverges.map(|rate| lr > TOO_FAST * rate),
    )
}

/// Whether the loss still fell by much at the end; not known of fewer than four validations.
fn still_winning(findings: &Findings<'_>) -> Option<bool> {
    Some(findings.convergence?.last_quarter? > UNFINISHED)
}

fn crawls(findings: &Findings<'_>) -> Check {
    let lr = findings.patient.training.lr;
    let suggested = findings.rate_test.and_then(|test| test.suggested);
    check(
        Case::Crawls,
        "Is the learning rate too low?",
        match suggested {
            None if findings.rate_test.is_some_and(|test| test.cut_short) => {
                format!("{lr}; the test was cut short")
            }
            None => format!("{lr}; not tested, or the loss never fell"),
            Some(rate) => format!("{lr}; the loss falls fastest at {}", one_digit(rate)),
        },
        format!("{CRAWLS} of that, and the loss still falling"),
        suggested.map(|rate| lr < CRAWLS * rate && still_winning(findings) != Some(false)),
    )
}

fn unfinished(findings: &Findings<'_>) -> Check {
    let share = findings.convergence.and_then(|found| found.last_quarter);
    let at_end = findings.convergence.is_some_and(|found| found.best_at_end);
    check(
        Case::Unfinished,
        "Was the training ended too early?",
        share.map_or_else(
            || "too few validations to say".into(),
            |share| {
                format!(
                    "{:.0} % of the gain in the last quarter; best {}",
                    100.0 * share,
                    if at_end {
                        "at the end"
                    } else {
                        "before the end"
                    }
                )
            },
        ),
        format!("{:.0} %, and lowest at the end", 100.0 * UNFINISHED),
        share.map(|share| share > UNFINISHED && at_end),
    )
}

/// How far back it should reach, in words.
fn reach(findings: &Findings<'_>) -> String {
    let patient = findings.patient;
    format!(
        "{} ({})",
        counted(patient.needed, findings.unit),
        patient.needed_why
    )
}
