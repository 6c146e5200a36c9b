//! The diagnosis in one sentence, with the cure to try, and how its numbers are written.

use ressac_models::cell::CellChoice;
use ressac_models::options::{Start, TrainingConfig};
use ressac_models::recurrence::{Cure, Patient};
use ressac_train::one_digit;

use super::verdict::{Case, Findings};

/// So many steps, or one.
pub(super) fn counted(count: usize, unit: &str) -> String {
    let singular = match unit.split_once(' ') {
        Some((segments, of)) => format!("{} {of}", segments.trim_end_matches('s')),
        None => unit.trim_end_matches('s').to_owned(),
    };
    match count {
        1 => format!("1 {singular}"),
        count => format!("{count} {unit}"),
    }
}

/// An option as the command line has it.
fn flag(key: &str, value: impl std::fmt::Display) -> String {
    format!("`--{} {value}`", key.replace('_', "-"))
}

/// The rate lowered.
fn lower_rate(training: &TrainingConfig) -> String {
    flag("lr", one_digit(training.lr / 3.0))
}

/// Twice the training's length, in the unit it is given in.
fn twice_as_long(training: &TrainingConfig) -> String {
    match training.epochs {
        Some(epochs) => flag("epochs", epochs.saturating_mul(2)),
        None => flag("steps", training.steps.unwrap_or(0).saturating_mul(2)),
    }
}

fn larger_state(patient: &Patient) -> String {
    format!(
        "a larger state ({})",
        flag("hidden", patient.recurrent.hidden.saturating_mul(2))
    )
}

fn written(cure: &Cure) -> String {
    format!("{} ({})", cure.what, flag(cure.key, &cure.value))
}

/// What is the matter and what to try, in one sentence.
pub(super) fn sentence(case: Case, findings: &Findings<'_>) -> String {
    let patient = findings.patient;
    let (training, gives) = (&patient.training, patient.gives);
    let reads = format!("{} {}", findings.gradient.state.mean.len(), findings.unit);
    match case {
        Case::Broken => format!(
            "Broken: the {gives} does not depend on what the recurrence reads, or its gradient is not a number; train again with a lower rate ({}) and look whether the data has any change in it.",
            lower_rate(training)
        ),
        Case::Explodes => format!(
            "The gradient explodes: on its way back through {reads} it becomes {} times as large; {}.",
            amount(findings.gradient.largest_growth),
            against_explosion(patient)
        ),
        Case::Vanishes => format!(
            "The gradient vanishes: after {} less than a thousandth is left, and {} is {}; {}.",
            counted(findings.gradient.gone_after.unwrap_or(0), findings.unit),
            patient.needed_why,
            patient.needed,
            against_forgetting(findings)
        ),
        Case::Forgets if findings.memory.length == 0 => format!(
            "The recurrence hardly counts: no single one of the {reads} it reads changes the {gives} by more than {} % of its spread; train for longer ({}) or with {}.",
            100.0 * findings.memory.threshold,
            twice_as_long(training),
            larger_state(patient)
        ),
        Case::Forgets => format!(
            "The memory is short: what is more than {} back changes the {gives} by less than {} % of its spread, and {} is {}; {}.",
            counted(findings.memory.length, findings.unit),
            100.0 * findings.memory.threshold,
            patient.needed_why,
            patient.needed,
            against_forgetting(findings)
        ),
        Case::Saturated => {
            let (gate, share) = findings.saturation.worst.clone().unwrap_or_default();
            let mut cures = vec![format!("a lower rate ({})", lower_rate(training))];
            cures.extend(patient.against_saturation.iter().map(written));
            format!(
                "Gates are saturated: {:.0} % of the values of {gate} stand at their ends, where they hardly learn; try {}.",
                100.0 * share,
                listed(&cures)
            )
        }
        Case::TooFast => format!(
            "The learning rate is too high: at {} the loss is near where it blows up ({}); lower it to {}.",
            training.lr,
            rate(findings.rate_test.and_then(|test| test.diverges)),
            flag(
                "lr",
                one_digit(
                    findings
                        .rate_test
                        .and_then(|test| test.suggested)
                        .unwrap_or(training.lr / 3.0)
                )
            ),
        ),
        Case::Crawls => format!(
            "It crawls: the rate {} is less than a tenth of the one at which the loss falls fastest; raise it to {}.",
            training.lr,
            flag(
                "lr",
                rate(findings.rate_test.and_then(|test| test.suggested))
            ),
        ),
        Case::Unfinished => format!(
            "It was still learning when it ended: {:.0} % of the whole gain came in the last quarter; train for longer ({}).",
            100.0
                * findings
                    .convergence
                    .and_then(|found| found.last_quarter)
                    .unwrap_or(0.0),
            twice_as_long(training)
        ),
        Case::Healthy => format!(
            "Healthy: {}, and inputs up to {} back change the {gives}; nothing here asks for a cure.",
            match findings.gradient.gone_after {
                Some(gone) => format!("the gradient reaches back {}", counted(gone, findings.unit)),
                None => format!("the gradient reaches back through all {reads}"),
            },
            counted(findings.memory.length, findings.unit)
        ),
    }
}

/// Whether its cell is the plain one, and another may be chosen.
fn lacks_gates(patient: &Patient) -> bool {
    matches!(patient.cell, CellChoice::Rnn(_)) && !patient.fixed
}

fn against_explosion(patient: &Patient) -> String {
    let other = match lacks_gates(patient) {
        true => " or gates (`--model gru`)",
        false => " or a lower rate (`--lr`)",
    };
    let clip = patient.training.clip;
    if clip > 0.0 {
        format!(
            "it is clipped at {clip} already, so try a lower norm ({}){other}",
            flag("clip", one_digit(clip / 4.0))
        )
    } else {
        format!("clip it (`--clip 1`){other}")
    }
}

fn against_forgetting(findings: &Findings<'_>) -> String {
    let patient = findings.patient;
    let (init, lacks_gates) = (patient.recurrent.init, lacks_gates(patient));
    let mut cures = Vec::new();
    match patient.cell {
        _ if patient.fixed => {}
        CellChoice::Rnn(_) => {
            cures.push("gates (`--model lstm` or `--model gru`)".to_owned());
            if init != Start::Orthogonal {
                cures.push("weights that keep lengths at the start (`--init orthogonal`)".into());
            }
        }
        CellChoice::Lstm(_) | CellChoice::Gru(_) if init != Start::Chrono => cures.push(format!(
            "gates that start open for as long as the {} (`--init chrono`)",
            patient.reads
        )),
        _ => {}
    }
    cures.extend(patient.against_forgetting.iter().map(written));
    if let Some(length) = patient.length
        && (lacks_gates || cures.is_empty())
    {
        let reached = findings.gradient.gone_after;
        let shorter = reached.unwrap_or(findings.memory.length).max(1) * patient.segment;
        cures.push(format!(
            "a shorter {} ({})",
            patient.reads,
            flag(length, shorter)
        ));
    }
    if cures.is_empty() {
        cures.push(larger_state(patient));
    }
    let main = format!("try {}", listed(&cures));
    if patient.lags.is_empty() {
        return main;
    }
    let lags: Vec<String> = patient.lags.iter().map(usize::to_string).collect();
    format!(
        "{main}; the lags ({}) carry older values past the recurrence, so the {} need not suffer",
        lags.join(", "),
        patient.gives
    )
}

/// Choices one after another, the last after "or".
fn listed(choices: &[String]) -> String {
    match choices {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn rate(value: Option<f64>) -> String {
    value.map_or_else(|| "none".into(), one_digit)
}

/// A number that may be of any size, with two digits that count.
pub(super) fn amount(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() || size == 0.0 => value.to_string(),
        1e-3..1e4 => {
            let places = (1.0 - value.abs().log10().floor()).max(0.0) as usize;
            format!("{value:.places$}")
        }
        _ => format!("{value:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_told_with_one_digit_that_counts() {
        assert_eq!(one_digit(0.00237), "0.002");
        assert_eq!(one_digit(0.0099), "0.01");
        assert_eq!(one_digit(0.96), "1");
        assert_eq!(one_digit(3.2), "3");
        assert_eq!(one_digit(2.4e-7), "0.0000002");
        assert_eq!(one_digit(0.0), "0");
        assert_eq!(one_digit(3.4e29), "3e29");
    }

    #[test]
    fn amounts_keep_two_digits_in_any_size() {
        assert_eq!(amount(0.0123), "0.012");
        assert_eq!(amount(123.4), "123");
        assert_eq!(amount(1.5e9), "1.5e9");
        assert_eq!(amount(2e-17), "2.0e-17");
        assert_eq!(amount(f64::INFINITY), "inf");
    }
}
