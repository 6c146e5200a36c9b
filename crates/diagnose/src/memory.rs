//! How far back an input still changes what the model gives: measured, not derived.
//!
//! One step of what the network reads is taken from another item, chosen at random, and the outputs
//! computed anew. The change is compared with how much outputs differ from item to item: a step whose
//! exchange moves them by less than a share of that is forgotten.

use std::collections::BTreeMap;

use serde::Serialize;

use ressac_models::ModelError;
use ressac_models::recurrence::{Exchange, Subject};
use ressac_nn::random::Stream;

use super::jacobian::spaced;

/// Up to so many steps each is measured; of longer sequences some, and those around the end of memory.
const EACH: usize = 192;

/// How much the outputs change with one step of the past.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Memory {
    /// Steps back from the last one read, which is 0.
    pub back: Vec<usize>,
    /// The change when the recurrence reads another item's step there, as a share of the spread of
    /// the outputs: root mean squares over items and outputs.
    pub recurrent: Vec<f64>,
    /// The same when the whole network reads it, what goes past the recurrence included.
    pub whole: Vec<f64>,
    /// The share above which a step counts as remembered.
    pub threshold: f64,
    /// The effective memory length: steps of the recurrence up to the farthest one above the
    /// threshold; 0 if none is.
    pub length: usize,
    /// The same of the whole network.
    pub whole_length: usize,
    /// Whether outputs differ from item to item at all; without that nothing is remembered.
    pub varies: bool,
}

/// Measures the memory over sequences of at most `steps` steps, of two items or more.
pub(super) fn memory(
    subject: &dyn Subject,
    steps: usize,
    threshold: f64,
    draw: &Stream,
) -> Result<Memory, ModelError> {
    let partners = others(subject.items(), draw);
    let base = subject.outputs(None)?;
    let spread = spread(&base, subject.items());
    let varies = spread > 0.0;
    let change = |exchange: Exchange| -> Result<f64, ModelError> {
        let found = subject.outputs(Some((&partners, exchange)))?;
        Ok(match varies {
            true => rms(base.iter().zip(&found).map(|(a, b)| f64::from(a - b))) / spread,
            false => 0.0,
        })
    };
    let measure = |back: usize| -> Result<(f64, f64), ModelError> {
        Ok((
            change(Exchange::Recurrent(back))?,
            change(Exchange::Whole(back))?,
        ))
    };

    let mut found: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for back in places(steps) {
        found.insert(back, measure(back)?);
    }
    // Between the last place above and the first below, every place.
    let last = |found: &BTreeMap<usize, (f64, f64)>| {
        found
            .iter()
            .rev()
            .find(|(_, change)| change.0 > threshold)
            .map(|(back, _)| *back)
    };
    if let Some(edge) = last(&found) {
        let next = found
            .range(edge + 1..)
            .next()
            .map_or(edge, |(back, _)| *back);
        for back in edge + 1..next {
            found.insert(back, measure(back)?);
        }
    }
    let farthest = |get: fn(&(f64, f64)) -> f64| {
        let above = found
            .iter()
            .rev()
            .find(|(_, change)| get(change) > threshold);
        above.map_or(0, |(back, _)| back + 1)
    };
    Ok(Memory {
        length: farthest(|change| change.0),
        whole_length: farthest(|change| change.1),
        back: found.keys().copied().collect(),
        recurrent: found.values().map(|change| change.0).collect(),
        whole: found.values().map(|change| change.1).collect(),
        threshold,
        varies,
    })
}

/// The places measured at first: all, or some denser near the end and some evenly apart.
fn places(steps: usize) -> Vec<usize> {
    if steps <= EACH {
        return (0..steps).collect();
    }
    let mut places: Vec<usize> = spaced(steps, EACH / 4)
        .iter()
        .map(|back| back - 1)
        .collect();
    places.extend((0..EACH / 4).map(|place| place * (steps - 1) / (EACH / 4 - 1)));
    places.sort_unstable();
    places.dedup();
    places
}

/// For each of `count` items another one: a random ring through all.
fn others(count: usize, draw: &Stream) -> Vec<usize> {
    let mut ring: Vec<usize> = (0..count).collect();
    draw.generator().shuffle(&mut ring);
    let mut others = vec![0; count];
    for (place, item) in ring.iter().enumerate() {
        others[*item] = ring[(place + 1) % count];
    }
    others
}

/// The standard deviation of each output over the items, as a root mean square over outputs.
fn spread(values: &[f32], items: usize) -> f64 {
    let outputs = values.len() / items;
    let column = |output: usize| {
        values
            .iter()
            .skip(output)
            .step_by(outputs)
            .map(|value| f64::from(*value))
    };
    let variances = (0..outputs).map(|output| {
        let mean = column(output).sum::<f64>() / items as f64;
        rms(column(output).map(|value| value - mean))
    });
    rms(variances)
}

fn rms(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| {
        (sum + value * value, count + 1)
    });
    (sum / f64::from(count.max(1))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_exchanged_with_another_and_none_twice() {
        for count in [2, 3, 17] {
            let mut others = others(count, &Stream::new(5, "others"));
            assert!(
                others
                    .iter()
                    .enumerate()
                    .all(|(item, other)| item != *other)
            );
            others.sort_unstable();
            assert_eq!(others, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_and_the_last_step_are_always_measured() {
        for steps in [1, 2, 191, 192, 193, 720] {
            let places = places(steps);
            assert_eq!((places[0], *places.last().unwrap()), (0, steps - 1));
            assert!(places.is_sorted() && places.len() <= EACH);
        }
    }
}
