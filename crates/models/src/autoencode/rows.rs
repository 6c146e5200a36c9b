//! The rows that `predict` gives: scores with where an example is unusual, codes, or reconstructions.

use std::borrow::Cow;

use ressac_data::examples::Examples;
use ressac_data::rows::{Cell, Column, Kind, Sink};

use super::autoencoder::{Autoencoder, Passed};
use super::encoded::Encoded;
use crate::ModelError;
use crate::evaluated::top;
use crate::examples::name_of;
use crate::measure::significant;

/// Columns or steps that are named as those that make an example unusual.
const NAMED: usize = 3;

/// A score for each example, its p-value, whether it is an alarm at `threshold`, and what makes it unusual.
pub(super) fn scores(
    model: &Autoencoder,
    (examples, encoded, passed): (&Examples, &Encoded, &Passed),
    threshold: Option<f64>,
    sink: &mut dyn Sink,
) -> Result<usize, ModelError> {
    let held_back = model.pipeline().held_back.as_ref();
    let mut columns = vec![
        Column::new("id", Kind::Text),
        Column::new("score", Kind::Number),
    ];
    if held_back.is_some() {
        columns.push(Column::new("p_value", Kind::Number));
    }
    if threshold.is_some() {
        columns.push(Column::new("alarm", Kind::Text));
    }
    columns.push(Column::new("blame", Kind::Text));
    sink.begin(&columns)?;
    let mut alarms = 0;
    for (at, written) in passed.written.iter().enumerate() {
        let blame = model.blame(encoded, at, written);
        let score = model.score(encoded, passed, at, &blame);
        let mut cells = vec![
            Cell::Text(Cow::Owned(name_of(examples, at))),
            Cell::Number(score),
        ];
        if let Some(held_back) = held_back {
            cells.push(Cell::Number(held_back.p_value(score)));
        }
        if let Some(threshold) = threshold {
            let alarm = score > threshold;
            alarms += usize::from(alarm);
            cells.push(if alarm { "yes" } else { "no" }.into());
        }
        let steps = encoded.lengths()[at];
        cells.push(Cell::Text(Cow::Owned(blamed(model, &blame, steps))));
        sink.row(&cells)?;
    }
    sink.finish()?;
    Ok(alarms)
}

/// The column that a dimension belongs to: that of a category is `colour` of `colour=red`.
fn column(model: &Autoencoder, dim: usize) -> &str {
    let name = &model.pipeline().scales.names[dim];
    let columns = model.pipeline().columns.as_ref();
    let features = columns
        .map(|columns| columns.features.as_slice())
        .unwrap_or_default();
    let is_of = |feature: &&crate::examples::SavedFeature| {
        let rest = name.strip_prefix(&feature.name);
        !feature.categories.is_empty() && rest.is_some_and(|rest| rest.starts_with('='))
    };
    let feature = features.iter().find(is_of);
    feature.map_or(name, |feature| &feature.name)
}

/// The columns of a row, those that make it unusual first: each with its dimensions and what they are to blame for.
pub(super) fn by_column<'a>(
    model: &'a Autoencoder,
    blame: &[f64],
) -> Vec<(&'a str, Vec<usize>, f64)> {
    let mut columns: Vec<(&str, Vec<usize>, f64)> = Vec::new();
    for (dim, value) in blame.iter().enumerate() {
        let column = column(model, dim);
        match columns.iter_mut().find(|(name, _, _)| *name == column) {
            Some((_, dims, sum)) => {
                dims.push(dim);
                *sum += value;
            }
            None => columns.push((column, vec![dim], *value)),
        }
    }
    // Stable: of equal ones the first.
    columns.sort_by(|a, b| b.2.total_cmp(&a.2));
    columns
}

/// A cell of a row in the unit of its column, `values` being in deviations: of a column of categories the one with the largest value.
pub(super) fn cell(
    model: &Autoencoder,
    column: &str,
    dims: &[usize],
    values: &dyn Fn(usize) -> f64,
) -> String {
    let scales = &model.pipeline().scales;
    let value = |dim: usize| scales.unscaled(dim, values(dim));
    match dims {
        [dim] if scales.names[*dim] == column => significant(value(*dim)),
        dims => {
            let all: Vec<f64> = dims.iter().map(|dim| value(*dim)).collect();
            let name = &scales.names[dims[top(&all)]];
            name.get(column.len() + 1..).unwrap_or(name).to_owned()
        }
    }
}

/// Where an example is unusual, the most first, each with its share: columns of rows, steps of sequences, pixels of images.
pub(super) fn blamed(model: &Autoencoder, blame: &[f64], steps: usize) -> String {
    let total: f64 = blame.iter().sum();
    if total <= 0.0 {
        return String::new();
    }
    let dims = model.pipeline().scales.names.len();
    let mut shares: Vec<(String, f64)> = match (model.config().media.sides(), steps) {
        (None, 1) => {
            let columns = by_column(model, blame).into_iter();
            columns
                .map(|(name, _, share)| (name.to_owned(), share))
                .collect()
        }
        (Some([_, width, channels]), _) => {
            let pixels = blame.chunks_exact(channels.max(1)).enumerate();
            pixels
                .map(|(at, values)| {
                    let (row, column) = (at / width + 1, at % width + 1);
                    (format!("row {row} column {column}"), values.iter().sum())
                })
                .collect()
        }
        (None, _) if dims == 1 => {
            let steps = blame.iter().enumerate();
            steps
                .map(|(step, value)| (format!("step {}", step + 1), *value))
                .collect()
        }
        (None, _) => {
            let values = blame.iter().enumerate();
            values
                .map(|(at, value)| {
                    let name = &model.pipeline().scales.names[at % dims];
                    (format!("{name} at step {}", at / dims + 1), *value)
                })
                .collect()
        }
    };
    // Stable: of equal ones the first.
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named = shares.iter().take(NAMED).filter(|(_, share)| *share > 0.0);
    let named = named.map(|(name, share)| format!("{name} ({:.0} %)", 100.0 * share / total));
    named.collect::<Vec<_>>().join(", ")
}

/// The code of each example.
pub(super) fn codes(
    model: &Autoencoder,
    examples: &Examples,
    passed: &Passed,
    sink: &mut dyn Sink,
) -> Result<(), ModelError> {
    let code = model.config().code();
    let numbered = (1..=code).map(|at| Column::new(format!("code_{at}"), Kind::Number));
    let columns: Vec<Column> = [Column::new("id", Kind::Text)]
        .into_iter()
        .chain(numbered)
        .collect();
    sink.begin(&columns)?;
    for (at, values) in passed.codes.chunks_exact(code).enumerate() {
        let mut cells = vec![Cell::Text(Cow::Owned(name_of(examples, at)))];
        cells.extend(values.iter().map(|value| Cell::Number(*value)));
        sink.row(&cells)?;
    }
    sink.finish()?;
    Ok(())
}

/// What is written, in the units of the data: a row for each example of one step, else one for each step.
pub(super) fn reconstructions<'a>(
    model: &Autoencoder,
    written: impl Iterator<Item = (String, &'a [f32])>,
    sink: &mut dyn Sink,
) -> Result<(), ModelError> {
    let scales = &model.pipeline().scales;
    let dims = scales.names.len();
    let steps_told = model.pipeline().steps != Some(1);
    let mut columns = vec![Column::new("id", Kind::Text)];
    if steps_told {
        columns.push(Column::new("step", Kind::Integer));
    }
    columns.extend(
        scales
            .names
            .iter()
            .map(|name| Column::new(name, Kind::Number)),
    );
    sink.begin(&columns)?;
    let of_images = model.config().media.sides().is_some();
    for (id, values) in written {
        for (step, values) in values.chunks_exact(dims).enumerate() {
            let mut cells = vec![Cell::Text(Cow::Owned(id.clone()))];
            if steps_told {
                cells.push(Cell::Integer(step as i64 + 1));
            }
            cells.extend(values.iter().enumerate().map(|(dim, value)| {
                let value = scales.unscaled(dim, f64::from(*value));
                Cell::Number(if of_images {
                    value.clamp(0.0, 1.0)
                } else {
                    value
                })
            }));
            sink.row(&cells)?;
        }
    }
    sink.finish()?;
    Ok(())
}
