//! How far back an input still changes the forecast: measured, not derived.
//!
//! One step of what the network reads is taken from another window, chosen at random, and the
//! forecast made anew. The change is compared with how much forecasts differ from window to window:
//! a step whose exchange moves the forecast by less than a share of that is forgotten.

use burn::tensor::{Device, Tensor};
use serde::Serialize;

use ressac_models::forecast::{Batch, ForecastNetwork, ScaledPanel, Window};
use ressac_nn::random::Stream;

use super::jacobian::spaced;
use crate::TrainError;

/// Up to so many steps each is measured; of longer contexts some, and those around the end of memory.
const EACH: usize = 192;

/// How much the forecast changes with one step of the past.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Memory {
    /// Steps back from the last one read, which is 0.
    pub back: Vec<usize>,
    /// The change when the recurrence reads another window's step there, as a share of the spread of
    /// the forecasts: root mean squares over windows and outputs.
    pub recurrent: Vec<f64>,
    /// The same when the whole network reads it, lags and normalisation included.
    pub whole: Vec<f64>,
    /// The share above which a step counts as remembered.
    pub threshold: f64,
    /// The effective memory length: steps of the recurrence up to the farthest one above the
    /// threshold; 0 if none is.
    pub length: usize,
    /// The same of the whole network.
    pub whole_length: usize,
    /// Whether forecasts differ from window to window at all; without that nothing is remembered.
    pub varies: bool,
}

/// What is measured on.
pub(super) struct Subject<'a> {
    pub(super) network: &'a ForecastNetwork,
    pub(super) panel: &'a ScaledPanel,
    pub(super) windows: &'a [Window],
    /// Steps of the context in one step of the recurrence.
    pub(super) segment: usize,
    pub(super) device: &'a Device,
}

/// Measures the memory, `windows` being two or more.
pub(super) fn memory(
    subject: &Subject<'_>,
    threshold: f64,
    draw: &Stream,
) -> Result<Memory, TrainError> {
    let Subject {
        network,
        panel,
        windows,
        segment,
        device,
    } = *subject;
    let partners: Vec<Window> = others(windows.len(), draw)
        .into_iter()
        .map(|other| windows[other])
        .collect();
    let (own, other) = (
        panel.batch(windows, device)?,
        panel.batch(&partners, device)?,
    );
    let input = network.encoder_input(own.clone())?;
    let other_input = network.encoder_input(other.clone())?;
    let steps = input.dims()[1];
    let forecast = |batch: Batch, input: Tensor<3>| -> Result<Vec<f32>, TrainError> {
        let state = network.encode(input)?;
        Ok(network
            .forward_from(batch, state)?
            .into_data()
            .iter::<f32>()
            .collect())
    };
    let base = forecast(own.clone(), input.clone())?;
    let spread = spread(&base, windows.len());
    let varies = spread > 0.0;
    let change = |found: &[f32]| match varies {
        true => rms(base.iter().zip(found).map(|(a, b)| f64::from(a - b))) / spread,
        false => 0.0,
    };
    let measure = |back: usize| -> Result<(f64, f64), TrainError> {
        let at = steps - 1 - back;
        let recurrent = forecast(own.clone(), exchanged(&input, &other_input, at, 1))?;
        // Of segments the oldest steps that fill none are left out, so places count from the end.
        let context = own.values.dims()[1];
        let first = context - (back + 1) * segment;
        let exchange = |own: &Tensor<3>, other: &Tensor<3>| exchanged(own, other, first, segment);
        let both = |own: &Option<Tensor<3>>, other: &Option<Tensor<3>>| {
            own.as_ref()
                .zip(other.as_ref())
                .map(|(own, other)| exchange(own, other))
        };
        let batch = Batch {
            values: exchange(&own.values, &other.values),
            observed: both(&own.observed, &other.observed),
            past: both(&own.past, &other.past),
            known: both(&own.known, &other.known),
        };
        let whole: Vec<f32> = network
            .forward(batch, None)?
            .into_data()
            .iter::<f32>()
            .collect();
        Ok((change(&recurrent), change(&whole)))
    };

    let mut found: std::collections::BTreeMap<usize, (f64, f64)> = Default::default();
    for back in places(steps) {
        found.insert(back, measure(back)?);
    }
    // Between the last place above and the first below, every place.
    let last = |found: &std::collections::BTreeMap<usize, (f64, f64)>| {
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

/// For each of `count` windows another one: a random ring through all.
fn others(count: usize, draw: &Stream) -> Vec<usize> {
    let mut ring: Vec<usize> = (0..count).collect();
    draw.generator().shuffle(&mut ring);
    let mut others = vec![0; count];
    for (place, window) in ring.iter().enumerate() {
        others[*window] = ring[(place + 1) % count];
    }
    others
}

/// `own` with `count` steps from `first` on taken from `other`; both `[rows, steps, features]`.
fn exchanged(own: &Tensor<3>, other: &Tensor<3>, first: usize, count: usize) -> Tensor<3> {
    let steps = own.dims()[1];
    let mut parts = Vec::with_capacity(3);
    if first > 0 {
        parts.push(own.clone().narrow(1, 0, first));
    }
    parts.push(other.clone().narrow(1, first, count));
    if first + count < steps {
        parts.push(own.clone().narrow(1, first + count, steps - first - count));
    }
    Tensor::cat(parts, 1)
}

/// The standard deviation of each output over the windows, as a root mean square over outputs.
fn spread(forecasts: &[f32], windows: usize) -> f64 {
    let outputs = forecasts.len() / windows;
    let column = |output: usize| {
        forecasts
            .iter()
            .skip(output)
            .step_by(outputs)
            .map(|value| f64::from(*value))
    };
    let variances = (0..outputs).map(|output| {
        let mean = column(output).sum::<f64>() / windows as f64;
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
    fn each_window_is_exchanged_with_another_and_none_twice() {
        for count in [2, 3, 17] {
            let mut others = others(count, &Stream::new(5, "others"));
            assert!(
                others
                    .iter()
                    .enumerate()
                    .all(|(window, other)| window != *other)
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
