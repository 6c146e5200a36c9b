//! The diagnosis in one sentence, with the cure to try, and how its numbers are written.

use ressac_models::forecast::{ForecastConfig, ModelKind, Start};

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

/// What is the matter and what to try, in one sentence.
pub(super) fn sentence(case: Case, findings: &Findings<'_>) -> String {
    let config = findings.config;
    match case {
        Case::Broken => format!(
            "Broken: the forecast does not depend on what the recurrence reads, or its gradient is not a number; train again with a lower rate (`--lr {}`) and look whether the data has any change in it.",
            one_digit(config.lr / 3.0)
        ),
        Case::Explodes => format!(
            "The gradient explodes: on its way back through {} {} it becomes {} times as large; {}.",
            findings.gradient.state.mean.len(),
            findings.unit,
            amount(findings.gradient.largest_growth),
            against_explosion(config)
        ),
        Case::Vanishes => format!(
            "The gradient vanishes: after {} less than a thousandth is left, and {}; {}.",
            counted(findings.gradient.gone_after.unwrap_or(0), findings.unit),
            match findings.is_season {
                true => format!("a season is {}", findings.needed),
                false => format!("the context is {}", findings.gradient.state.mean.len()),
            },
            against_forgetting(findings)
        ),
        Case::Forgets if findings.memory.length == 0 => format!(
            "The recurrence hardly counts: no single one of the {} {} it reads changes the forecast by more than {} % of its spread; train for longer (`--epochs {}`) or with a larger state (`--hidden {}`).",
            findings.gradient.state.mean.len(),
            findings.unit,
            100.0 * findings.memory.threshold,
            2 * config.epochs,
            2 * config.hidden
        ),
        Case::Forgets => format!(
            "The memory is short: what is more than {} back changes the forecast by less than {} % of its spread, and {}; {}.",
            counted(findings.memory.length, findings.unit),
            100.0 * findings.memory.threshold,
            match findings.is_season {
                true => format!("a season is {}", findings.needed),
                false => format!("the context is {}", findings.gradient.state.mean.len()),
            },
            against_forgetting(findings)
        ),
        Case::Saturated => {
            let (gate, share) = findings.saturation.worst.clone().unwrap_or_default();
            format!(
                "Gates are saturated: {:.0} % of the values of {gate} stand at their ends, where they hardly learn; try a lower rate (`--lr {}`) or scale each window by itself (`--scale reversible`).",
                100.0 * share,
                one_digit(config.lr / 3.0)
            )
        }
        Case::TooFast => format!(
            "The learning rate is too high: at {} the loss is near where it blows up ({}); lower it to `--lr {}`.",
            config.lr,
            rate(findings.rate_test.and_then(|test| test.diverges)),
            one_digit(
                findings
                    .rate_test
                    .and_then(|test| test.suggested)
                    .unwrap_or(config.lr / 3.0)
            ),
        ),
        Case::Crawls => format!(
            "It crawls: the rate {} is less than a tenth of the one at which the loss falls fastest; raise it to `--lr {}`.",
            config.lr,
            rate(findings.rate_test.and_then(|test| test.suggested)),
        ),
        Case::Unfinished => format!(
            "It was still learning when it ended: {:.0} % of the whole gain came in the last quarter; train for longer (`--epochs {}`).",
            100.0
                * findings
                    .convergence
                    .and_then(|found| found.last_quarter)
                    .unwrap_or(0.0),
            2 * config.epochs
        ),
        Case::Healthy => format!(
            "Healthy: {}, and inputs up to {} back change the forecast; nothing here asks for a cure.",
            match findings.gradient.gone_after {
                Some(gone) => format!("the gradient reaches back {}", counted(gone, findings.unit)),
                None => format!(
                    "the gradient reaches back through all {} {}",
                    findings.gradient.state.mean.len(),
                    findings.unit
                ),
            },
            counted(findings.memory.length, findings.unit)
        ),
    }
}

fn against_explosion(config: &ForecastConfig) -> String {
    let other = match config.model {
        ModelKind::Rnn => " or gates (`--model gru`)",
        _ => " or a lower rate (`--lr`)",
    };
    if config.clip > 0.0 {
        format!(
            "it is clipped at {} already, so try a lower norm (`--clip {}`){other}",
            config.clip,
            one_digit(config.clip / 4.0)
        )
    } else {
        format!("clip it (`--clip 1`){other}")
    }
}

fn against_forgetting(findings: &Findings<'_>) -> String {
    let config = findings.config;
    let shorter = findings
        .gradient
        .gone_after
        .unwrap_or(findings.memory.length)
        .max(1);
    let longer = 2 * config.segment;
    let main = match config.model {
        ModelKind::Rnn => {
            let mut cures = vec!["gates (`--model lstm` or `--model gru`)".to_owned()];
            if config.init != Start::Orthogonal {
                cures.push("weights that keep lengths at the start (`--init orthogonal`)".into());
            }
            // A shorter context could not hold the lags.
            if config.lags.is_empty() {
                cures.push(format!("a shorter context (`--context {shorter}`)"));
            }
            format!("try {}", listed(&cures))
        }
        ModelKind::Lstm | ModelKind::Gru if config.init != Start::Chrono => {
            "try gates that start open for as long as the context (`--init chrono`) or fewer and longer steps (`--model segment`)".to_owned()
        }
        ModelKind::Lstm | ModelKind::Gru | ModelKind::MinimalGru | ModelKind::MinimalLstm => {
            "try fewer and longer steps (`--model segment`)".to_owned()
        }
        ModelKind::Segment if longer <= config.context.min(config.horizon) => {
            format!("try longer segments (`--segment {longer}`)")
        }
        ModelKind::Segment => format!(
            "try a shorter context (`--context {}`)",
            shorter * config.segment
        ),
    };
    match (config.lags.as_slice(), config.model) {
        (_, ModelKind::Segment) => main,
        ([], _) => {
            // The season before the first step forecast of the last one.
            let lag = findings.needed * config.horizon.div_ceil(findings.needed.max(1));
            match findings.is_season && lag <= config.context {
                true => format!("{main}, or hand the season to the head (`--lags {lag}`)"),
                false => main,
            }
        }
        (lags, _) => format!(
            "{main}; the lags ({}) carry older values past the recurrence, so the forecast need not suffer",
            lags.iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
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

/// A rate as people write it: one digit that counts.
pub(crate) fn one_digit(value: f64) -> String {
    if !(value.is_finite() && value > 0.0) {
        return value.to_string();
    }
    let unit = 10.0_f64.powi(value.log10().floor() as i32);
    let rounded = (value / unit).round() * unit;
    if rounded >= 1e6 {
        return format!("{rounded:.0e}");
    }
    let places = (-rounded.log10().floor()).max(0.0) as usize;
    format!("{rounded:.places$}")
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
