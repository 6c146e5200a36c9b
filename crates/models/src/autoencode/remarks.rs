//! What can be said of data before an autoencoder is trained on it.

use serde_json::{Map, json};

use ressac_data::examples::{Examples, Inputs};

use super::resolve::Resolved;
use crate::examples::{Material, media};
use crate::family::{Inspection, Remark};

/// Fewer examples than this say little of what is normal.
const FEW: usize = 100;

/// What a person would want to know of the data before a training on it.
pub(super) fn of(_: &Material, resolved: &Resolved) -> Vec<Remark> {
    let mut found = Vec::new();
    let train = &resolved.parts.parts.train;
    if train.len() < FEW {
        found.push(Remark::new(
            format!(
                "there are {} examples to train on: what is normal is learnt from many hundreds. Give more with `data`",
                train.len()
            ),
            &["data"],
        ));
    }
    let constant = constant(train);
    if !constant.is_empty() {
        found.push(Remark::new(
            format!(
                "always the same in the training part, so that any other value of it is unusual: {}. Leave it out with `columns` if that is not meant",
                ressac_data::listed(&constant)
            ),
            &["columns"],
        ));
    }
    let code = resolved.config.code();
    let values = values(train);
    if values.is_some_and(|values| code >= values) && resolved.config.kinds().is_empty() {
        found.push(Remark::new(
            format!(
                "the code has {code} numbers and an example {}: nothing is compressed. Give smaller `widths`, or ask for `noise`",
                values.unwrap_or(0)
            ),
            &["widths", "noise"],
        ));
    }
    found
}

/// Values of an example, where all have as many.
fn values(examples: &Examples) -> Option<usize> {
    let Inputs::Sequences(sequences) = &examples.inputs else {
        return None;
    };
    let mut lengths = sequences.items.iter().map(|item| item.values.len());
    let first = lengths.next()?;
    lengths.all(|length| length == first).then_some(first)
}

/// Columns of rows and dimensions of sequences that have one value alone; of sounds and images none.
fn constant(examples: &Examples) -> Vec<String> {
    let Inputs::Sequences(sequences) = &examples.inputs else {
        return Vec::new();
    };
    if examples.media.is_some() {
        return Vec::new();
    }
    let is_constant = |dim: usize| {
        let values = sequences.items.iter().flat_map(|item| item.dim(dim));
        let mut values = values.filter(|value| !value.is_nan());
        match values.next() {
            Some(first) => values.all(|value| value == first),
            None => false,
        }
    };
    let dims = sequences.dims.iter().enumerate();
    let constant = dims.filter(|(dim, _)| is_constant(*dim));
    constant.map(|(_, name)| name.clone()).collect()
}

/// Looks at the examples as `check` does.
pub(super) fn inspect(material: &Material, resolved: Option<&Resolved>) -> Inspection {
    let data = &material.data;
    let noun = media::noun(data);
    let mut figures = Map::new();
    figures.insert("examples".into(), data.len().into());
    let mut lines = vec![format!("{} {noun}", data.len())];
    if let Inputs::Sequences(sequences) = &data.inputs {
        let mut steps: Vec<usize> = sequences.items.iter().map(|item| item.steps).collect();
        steps.sort_unstable();
        let (median, longest) = (
            steps.get(steps.len() / 2).copied().unwrap_or(0),
            steps.last().copied().unwrap_or(0),
        );
        if data.media.is_none() {
            lines.push(format!(
                "{} dimensions, {median} steps in the median, {longest} in the longest",
                sequences.dims.len()
            ));
            figures.insert("dimensions".into(), sequences.dims.len().into());
            figures.insert(
                "steps".into(),
                json!({ "median": median, "longest": longest }),
            );
        }
        let values = sequences.items.iter().flat_map(|item| &item.values);
        let missing = values.filter(|value| value.is_nan()).count();
        if missing > 0 {
            lines.push(format!("{missing} values are missing"));
        }
        figures.insert("missing".into(), missing.into());
    }
    Inspection {
        lines,
        problems: resolved.map_or_else(Vec::new, |resolved| of(material, resolved)),
        figures,
    }
}
