//! What was found in a panel, in the words of the one who knows the data.

use std::collections::BTreeSet;

use super::clock::Times;
use super::grid::Filled;
use super::order::Repair;
use super::{Panel, Series};
use crate::error::shown;
use crate::read::Assumption;
use crate::read::times::step_in_words;
use crate::table::listed;

/// The step of the series, or how many have which.
pub(super) fn steps(panel: &Panel, told: &mut Vec<Assumption>) {
    let mut words: Vec<(String, usize)> = Vec::new();
    for axis in panel
        .series
        .iter()
        .filter_map(|series| series.time.as_ref())
    {
        let step = match (axis.step, panel.series.len()) {
            (None, 2..) if axis.stamps.len() > 1 => "not even".to_owned(),
            _ => step_in_words(axis),
        };
        match words.iter_mut().find(|(other, _)| *other == step) {
            Some((_, count)) => *count += 1,
            None => words.push((step, 1)),
        }
    }
    let found = match words.as_slice() {
        [] => return,
        [(step, _)] => step.clone(),
        _ => {
            let each = words
                .iter()
                .map(|(step, count)| format!("{step} ({count} series)"));
            each.collect::<Vec<_>>().join(", ")
        }
    };
    told.push(Assumption::new("time step", found));
}

/// The nights when clocks jump, and hours that stand twice for another reason.
pub(super) fn jumps(
    times: &Times,
    repairs: &[Vec<Repair>],
    fillings: &[Filled],
    told: &mut Vec<Assumption>,
) {
    let (mut back, mut twice, mut squeezed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for repair in repairs.iter().flatten() {
        match repair {
            Repair::ClockBack(stamp) => back.insert(*stamp),
            Repair::HourTwice(stamp) => twice.insert(*stamp),
            Repair::Squeezed(stamp) => squeezed.insert(*stamp),
        };
    }
    let springs: BTreeSet<i64> = fillings
        .iter()
        .flat_map(|filled| filled.springs.iter().copied())
        .collect();
    for (what, stamps, done) in [
        (
            "daylight saving, autumn",
            back,
            "the hour that stands twice is averaged",
        ),
        ("hour twice", twice, "its rows stand twice and are averaged"),
        (
            "daylight saving, spring",
            springs,
            "the hour that clocks skip has missing values",
        ),
        (
            "daylight saving, rows",
            squeezed,
            "the rows with this same time fill the hour that clocks skip, and are spread over it",
        ),
    ] {
        let Some(first) = stamps.first() else {
            continue;
        };
        let more = match stamps.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let found = format!("{}{more}: {done}", times.write(*first));
        told.push(Assumption::new(what, found));
    }
}

/// Steps that the files skip.
pub(super) fn holes(panel: &Panel, fillings: &[Filled], told: &mut Vec<Assumption>) {
    let holes: usize = fillings.iter().map(|filled| filled.holes).sum();
    let first = panel
        .series
        .iter()
        .zip(fillings)
        .find_map(|(series, filled)| {
            let stamp = filled.first?;
            Some((series, series.time.as_ref()?.write(stamp)))
        });
    if let Some((series, stamp)) = first {
        let of = match series.name.as_str() {
            "" => String::new(),
            name => format!(" of series {}", shown(name)),
        };
        let found = format!("{holes} missing, given missing values; the first: {stamp}{of}");
        told.push(Assumption::new("times", found));
    }
}

/// Series in which nothing can be learnt.
pub(super) fn short(panel: &Panel, told: &mut Vec<Assumption>) {
    let short: Vec<String> = panel
        .series
        .iter()
        .filter(|series| series.observed() < 2)
        .map(|series| series.name.clone())
        .collect();
    if !short.is_empty() && panel.series.len() > 1 {
        let found = format!(
            "{} of {}, with fewer than two rows: {}",
            short.len(),
            panel.series.len(),
            listed(&short)
        );
        told.push(Assumption::new("short series", found));
    }
}

/// Missing values of the targets, and of the other columns if there are any.
pub(super) fn missing(panel: &Panel, told: &mut Vec<Assumption>) {
    let others = |columns: fn(&Series) -> &Vec<Vec<f64>>| {
        let values = panel.series.iter().flat_map(columns).flatten();
        values.filter(|value| value.is_nan()).count()
    };
    let (targets, covariates) = (
        panel.missing(),
        others(|series| &series.known) + others(|series| &series.past),
    );
    let found = match (targets, covariates) {
        (0, 0) => return,
        (_, 0) => targets.to_string(),
        _ => format!("{targets} of the targets, {covariates} of the other columns"),
    };
    told.push(Assumption::new("missing values", found));
}
