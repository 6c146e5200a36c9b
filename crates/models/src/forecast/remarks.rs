//! What of the data is no error, and yet not what a person expects of a training.

use std::ops::Range;

use ressac_data::panel::Panel;
use ressac_data::split::Split;

use super::resolve::{Resolved, fewest_rows};
use super::source::titled;
use crate::family::Remark;

/// Remarks of one kind, or series in one, that are told one by one.
const TOLD: usize = 5;

/// What a person would want to know of the data before a training on it.
pub(super) fn of(panel: &Panel, resolved: &Resolved, split: Option<&str>) -> Vec<Remark> {
    let mut notes = some(constant(panel));
    notes.extend(counting(panel));
    notes.extend(too_short(panel, resolved));
    notes.extend(unused(panel, resolved));
    notes.extend(without_a_window(resolved, split));
    notes
}

/// The target columns that rise by the same amount from each row to the next: a clock written as a number, or a count
/// of the rows, is no value to forecast.
pub(super) fn counting(panel: &Panel) -> Vec<Remark> {
    let rises = |values: &[f64]| {
        let step = values.get(1).zip(values.first()).map(|(b, a)| b - a);
        let even = |pair: &[f64]| Some(pair[1] - pair[0]) == step;
        values.len() > 2 && step.is_some_and(|step| step > 0.0) && values.windows(2).all(even)
    };
    let names = panel.roles.targets.iter().enumerate();
    names
        .filter(|(index, _)| {
            let mut series = panel.series.iter();
            series.all(|series| rises(&series.targets[*index][..series.observed()]))
        })
        .map(|(_, name)| {
            let text = format!(
                "`{name}` rises by the same amount in every row, as a clock or a count of the rows does, and would be \
                 forecast: name the columns that count with `target`; times are read where they are written as \
                 2024-01-31 13:00 or 31/01/2024 13:00"
            );
            Remark::new(text, &["target"])
        })
        .collect()
}

/// The target columns that never change.
pub(super) fn constant(panel: &Panel) -> Vec<Remark> {
    let counts = (panel.series.len(), panel.roles.targets.len());
    let of_series = panel.series.iter().flat_map(|series| {
        let targets = panel.roles.targets.iter().zip(&series.targets);
        targets.filter_map(move |(name, values)| {
            let there = values[..series.observed()].iter();
            let mut there = there.filter(|value| !value.is_nan());
            let first = there.next()?;
            let name = titled(series, name, counts);
            there.all(|value| value == first).then(|| {
                format!("`{name}` is constant ({first}): there is nothing to forecast").into()
            })
        })
    });
    of_series.collect()
}

/// The first remarks of one kind, and how many there are beside them.
pub(super) fn some(mut kind: Vec<Remark>) -> Vec<Remark> {
    let more = kind.len().saturating_sub(TOLD);
    if more > 0 {
        kind.truncate(TOLD);
        kind.push(format!("… and {more} more of this kind").into());
    }
    kind
}

/// The series that hold no window to learn from, where others do.
pub(super) fn too_short(panel: &Panel, resolved: &Resolved) -> Option<Remark> {
    let needed = resolved.config.context + resolved.config.horizon;
    let short: Vec<&str> = panel
        .series
        .iter()
        .zip(&resolved.parts)
        .filter(|(_, split)| split.train.len() < needed)
        .map(|(series, _)| series.name.as_str())
        .collect();
    (panel.series.len() > 1 && !short.is_empty()).then(|| {
        format!(
            "{} of {} series have less than the {needed} rows of one training window and are not learnt from: {}{}",
            short.len(),
            panel.series.len(),
            short.iter().take(TOLD).copied().collect::<Vec<_>>().join(", "),
            if short.len() > TOLD { ", …" } else { "" }
        )
        .into()
    })
}

/// How many rows the split leaves out at the end, if any.
pub(super) fn unused(panel: &Panel, resolved: &Resolved) -> Option<Remark> {
    let rows: usize = panel
        .series
        .iter()
        .zip(&resolved.parts)
        .map(|(series, split)| series.observed().saturating_sub(split.test.end))
        .sum();
    (rows > 0).then(|| {
        format!(
            "{rows} rows after the test part are not used: the split is {}",
            resolved.config.split
        )
        .into()
    })
}

/// The parts to validate and test on that hold no window, and how many rows would do, at the split given.
pub(super) fn without_a_window(resolved: &Resolved, split: Option<&str>) -> Vec<Remark> {
    type Part = fn(&Split) -> &Range<usize>;
    let parts: [(&str, Part); 2] = [
        ("validation", |split| &split.valid),
        ("test", |split| &split.test),
    ];
    let horizon = resolved.config.horizon;
    let holds = |part: Part, split: &Split| part(split).len() >= horizon;
    parts
        .into_iter()
        .filter(|(_, part)| !resolved.parts.iter().any(|split| holds(*part, split)))
        .map(|(name, part)| {
            let rows = match fewest_rows(split, |split| holds(part, split)) {
                Some(rows) => format!("a file of at least {rows} rows, "),
                None => String::new(),
            };
            let text = format!(
                "the {name} part holds no window: give {rows}a smaller `horizon`, or another `split`"
            );
            Remark::new(text, &["horizon", "split"])
        })
        .collect()
}
