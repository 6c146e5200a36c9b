//! The rows that `predict` gives: scores with where an example is unusual, codes, or reconstructions.

use std::borrow::Cow;

use ressac_data::examples::Examples;
use ressac_data::rows::{Cell, Column, Kind, Sink};

use super::autoencoder::{Autoencoder, Passed};
use super::encoded::Encoded;
use super::judge::Judge;
use crate::ModelError;
use crate::evaluated::top;
use crate::examples::name_of;
use crate::measure::significant;

/// Columns or steps that are named as those that make an example unusual.
const NAMED: usize = 3;

/// What rows of an autoencoder say.
#[derive(Debug)]
pub(super) enum Told<'a> {
    Scores(Judge<'a>),
    Codes,
    Reconstructions,
}

/// The column that names the examples a model reads: of windows that of the times.
pub(super) fn name(model: &Autoencoder) -> &str {
    let columns = model.pipeline().columns.as_ref();
    let time = columns.and_then(|columns| columns.time.as_ref());
    let of_series = time.filter(|_| model.config().windowed().is_some());
    of_series.map_or("id", |time| &time.name)
}

/// Begins the rows, whose first column has the name `id`.
pub(super) fn begin(
    model: &Autoencoder,
    id: &str,
    told: &Told<'_>,
    sink: &mut dyn Sink,
) -> Result<(), ModelError> {
    let mut columns = vec![Column::new(id, Kind::Text)];
    match told {
        Told::Scores(judge) => {
            columns.push(Column::new("score", Kind::Number));
            let (rare, alarms) = judge.tells();
            if rare {
                columns.push(Column::new("p_value", Kind::Number));
            }
            if alarms {
                columns.push(Column::new("alarm", Kind::Text));
            }
            columns.push(Column::new("blame", Kind::Text));
        }
        Told::Codes => {
            let numbered = 1..=model.config().code();
            columns.extend(numbered.map(|at| Column::new(format!("code_{at}"), Kind::Number)));
        }
        Told::Reconstructions => columns.extend(written_columns(model)),
    }
    sink.begin(&columns)?;
    Ok(())
}

/// The rows of these examples, in their order.
pub(super) fn add(
    model: &Autoencoder,
    (examples, encoded, passed): (&Examples, &Encoded, &Passed),
    told: &mut Told<'_>,
    sink: &mut dyn Sink,
) -> Result<(), ModelError> {
    match told {
        Told::Scores(judge) => scores(model, (examples, encoded, passed), judge, sink),
        Told::Codes => codes(model, examples, passed, sink),
        Told::Reconstructions => {
            let written = passed.written.iter().enumerate();
            let written = written.map(|(at, values)| (name_of(examples, at), values.as_slice()));
            reconstructions(model, written, sink)
        }
    }
}

/// A score for each example, its p-value, whether it is an alarm, and what makes it unusual.
fn scores(
    model: &Autoencoder,
    (examples, encoded, passed): (&Examples, &Encoded, &Passed),
    judge: &mut Judge<'_>,
    sink: &mut dyn Sink,
) -> Result<(), ModelError> {
    for (at, written) in passed.written.iter().enumerate() {
        let blame = model.blame(encoded, at, written);
        let score = model.score(encoded, passed, at, &blame);
        let mut cells = vec![
            Cell::Text(Cow::Owned(name_of(examples, at))),
            Cell::Number(score),
        ];
        let (p_value, alarm) = judge.next(score);
        cells.extend(p_value.map(Cell::Number));
        cells.extend(alarm.map(|alarm| Cell::from(if alarm { "yes" } else { "no" })));
        let steps = encoded.lengths()[at];
        cells.push(Cell::Text(Cow::Owned(blamed(model, &blame, steps))));
        sink.row(&cells)?;
    }
    Ok(())
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

/// A column of the data, and the dimensions that it became.
pub(super) struct Of<'a> {
    pub(super) name: &'a str,
    pub(super) dims: Vec<usize>,
}

/// The columns in their order: one for each dimension, but for categories.
pub(super) fn columns(model: &Autoencoder) -> Vec<Of<'_>> {
    let mut columns: Vec<Of<'_>> = Vec::new();
    for dim in 0..model.pipeline().scales.names.len() {
        let name = column(model, dim);
        match columns.last_mut().filter(|last| last.name == name) {
            Some(last) => last.dims.push(dim),
            None => columns.push(Of {
                name,
                dims: vec![dim],
            }),
        }
    }
    columns
}

/// The columns of a row, those that make it unusual first, each with what it is to blame for.
pub(super) fn by_blame<'a>(model: &'a Autoencoder, blame: &[f64]) -> Vec<(Of<'a>, f64)> {
    let columns = columns(model).into_iter().map(|column| {
        let sum = column.dims.iter().map(|dim| blame[*dim]).sum();
        (column, sum)
    });
    let mut columns: Vec<(Of<'a>, f64)> = columns.collect();
    // Stable: of equal ones the first.
    columns.sort_by(|a, b| b.1.total_cmp(&a.1));
    columns
}

impl Of<'_> {
    /// Whether it holds categories.
    fn is_of_categories(&self, model: &Autoencoder) -> bool {
        self.dims
            .first()
            .is_some_and(|dim| model.pipeline().scales.names[*dim] != self.name)
    }

    /// Its value in its own unit, `values` being in deviations by dimension: of categories the one with the largest.
    pub(super) fn cell<'m>(
        &self,
        model: &'m Autoencoder,
        values: impl Fn(usize) -> f64,
    ) -> Cell<'m> {
        let scales = &model.pipeline().scales;
        let all = self
            .dims
            .iter()
            .map(|dim| scales.unscaled(*dim, values(*dim)));
        let all: Vec<f64> = all.collect();
        if !self.is_of_categories(model) {
            return Cell::Number(all[0]);
        }
        let name = &scales.names[self.dims[top(&all)]];
        Cell::from(name.get(self.name.len() + 1..).unwrap_or(name))
    }

    /// The same as people read it.
    pub(super) fn told(&self, model: &Autoencoder, values: impl Fn(usize) -> f64) -> String {
        match self.cell(model, values) {
            Cell::Text(text) => text.into_owned(),
            Cell::Number(value) => significant(value),
            _ => String::new(),
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
            let columns = by_blame(model, blame).into_iter();
            columns
                .map(|(column, share)| (column.name.to_owned(), share))
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
        (None, _) if model.config().windowed().is_some() => in_window(model, blame, steps),
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

/// Of a window the columns, or where there is one alone how long before its last row.
fn in_window(model: &Autoencoder, blame: &[f64], steps: usize) -> Vec<(String, f64)> {
    let columns = columns(model);
    let width = blame.len() / steps.max(1);
    if columns.len() > 1 {
        let of = |column: &Of<'_>| -> f64 {
            let rows = blame.chunks_exact(width.max(1));
            rows.map(|row| column.dims.iter().map(|dim| row[*dim]).sum::<f64>())
                .sum()
        };
        let shares = columns.iter();
        return shares
            .map(|column| (column.name.to_owned(), of(column)))
            .collect();
    }
    let rows = blame.chunks_exact(width.max(1)).enumerate();
    rows.map(|(row, values)| {
        let name = match steps - 1 - row {
            0 => "this row".to_owned(),
            1 => "1 row before".to_owned(),
            before => format!("{before} rows before"),
        };
        (name, values.iter().sum())
    })
    .collect()
}

/// The code of each example.
fn codes(
    model: &Autoencoder,
    examples: &Examples,
    passed: &Passed,
    sink: &mut dyn Sink,
) -> Result<(), ModelError> {
    let code = model.config().code();
    for (at, values) in passed.codes.chunks_exact(code).enumerate() {
        let mut cells = vec![Cell::Text(Cow::Owned(name_of(examples, at)))];
        cells.extend(values.iter().map(|value| Cell::Number(*value)));
        sink.row(&cells)?;
    }
    Ok(())
}

/// Whether what is written of an example has a row for each step.
fn steps_told(model: &Autoencoder) -> bool {
    model.pipeline().steps != Some(1)
}

/// The columns of what is written, behind that of names.
fn written_columns(model: &Autoencoder) -> Vec<Column> {
    let step = steps_told(model).then(|| Column::new("step", Kind::Integer));
    let own = columns(model).into_iter().map(|column| {
        let kind = match column.is_of_categories(model) {
            true => Kind::Text,
            false => Kind::Number,
        };
        Column::new(column.name, kind)
    });
    step.into_iter().chain(own).collect()
}

/// What is written, in the units of the data: a row for each example of one step, else one for each step.
pub(super) fn reconstructions<'a>(
    model: &Autoencoder,
    written: impl Iterator<Item = (String, &'a [f32])>,
    sink: &mut dyn Sink,
) -> Result<(), ModelError> {
    let dims = model.pipeline().scales.names.len();
    let steps_told = steps_told(model);
    let own = columns(model);
    let of_images = model.config().media.sides().is_some();
    for (id, values) in written {
        for (step, values) in values.chunks_exact(dims).enumerate() {
            let mut cells = vec![Cell::Text(Cow::Owned(id.clone()))];
            if steps_told {
                cells.push(Cell::Integer(step as i64 + 1));
            }
            cells.extend(own.iter().map(|column| {
                match column.cell(model, |dim| f64::from(values[dim])) {
                    Cell::Number(pixel) if of_images => Cell::Number(pixel.clamp(0.0, 1.0)),
                    cell => cell,
                }
            }));
            sink.row(&cells)?;
        }
    }
    Ok(())
}
