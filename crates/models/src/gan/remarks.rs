//! What can be said of images before a GAN is trained on them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use ressac_data::examples::{Examples, Inputs};

use super::resolve::Resolved;
use crate::examples::{Material, media};
use crate::family::{Inspection, Remark};

/// Fewer images than this give little more than themselves.
const FEW: usize = 300;

/// Distances from fewer images than this are uncertain.
const FEW_TO_JUDGE: usize = 100;

/// From this share on, images that are there more than once are told of.
const REPEATED: f64 = 0.05;

/// What a person would want to know of the images before a training on them.
pub(super) fn of(resolved: &Resolved) -> Vec<Remark> {
    let train = &resolved.parts.parts.train;
    let mut found = Vec::new();
    if train.len() < FEW {
        found.push(Remark::new(
            format!(
                "there are {} images to learn from: with fewer than {FEW} a generator makes little more than these. Give more with `data`",
                train.len()
            ),
            &["data"],
        ));
    }
    if resolved.config.augment == 0.0 && train.len() < FEW {
        found.push(Remark::new(
            "the discriminator would learn so few images by heart: give `augment`, such as 1",
            &["augment"],
        ));
    }
    let repeated = train.len() - different(train);
    if repeated as f64 > REPEATED * train.len() as f64 {
        found.push(Remark::new(
            format!(
                "{repeated} of the {} images to learn from are there more than once, pixel for pixel: they will be made more often. Leave them out if that is not meant",
                train.len()
            ),
            &[],
        ));
    }
    if resolved.parts.parts.test.len() < FEW_TO_JUDGE {
        found.push(Remark::new(
            format!(
                "there are {} images to judge by: distances from so few are uncertain. Give it a larger share with `split`, or files with `test`",
                resolved.parts.parts.test.len()
            ),
            &["split", "test"],
        ));
    }
    found
}

/// How many different images there are.
fn different(examples: &Examples) -> usize {
    let Inputs::Sequences(sequences) = &examples.inputs else {
        return examples.len();
    };
    let images = sequences.items.iter().map(|item| {
        let bits = item.values.iter().map(|value| value.to_bits());
        bits.collect::<Vec<u64>>()
    });
    images.collect::<BTreeSet<_>>().len()
}

/// Looks at the images as `check` does.
pub(super) fn inspect(material: &Material, resolved: Option<&Resolved>) -> Inspection {
    let data = &material.data;
    let mut figures = Map::new();
    figures.insert("images".into(), data.len().into());
    let mut lines = vec![format!("{} {}", data.len(), media::noun(data))];
    if let Some(labels) = &data.labels {
        let mut counts = Map::new();
        for class in data.classes() {
            let count = labels.iter().filter(|label| **label == class).count();
            counts.insert(class, count.into());
        }
        let told: Vec<String> = (counts.iter())
            .map(|(class, count)| format!("{class} {count}"))
            .collect();
        lines.push(format!("{} classes: {}", told.len(), told.join(", ")));
        figures.insert("classes".into(), Value::Object(counts));
    }
    Inspection {
        lines,
        problems: resolved.map_or_else(Vec::new, of),
        figures,
    }
}
