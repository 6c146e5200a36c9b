//! The recurrent Jacobian product ∂s_T/∂s_(T−k): how much of a state survives k steps.
//!
//! Its singular values say by how much a change of the state k steps ago is stretched or shrunk on
//! its way to the last state, in the direction that keeps most, in the middling one, and in the one
//! that keeps least (Pascanu, Mikolov and Bengio 2013). The growth per step is the largest Lyapunov
//! exponent along the sequence, by repeated orthonormalisation (Benettin et al. 1980; for recurrent
//! networks Engelken, Wolf and Abbott 2023): the product itself would underflow.

use serde::Serialize;

use ressac_nn::random::Stream;

use super::gradient::quantile;
use super::spectrum::{Singular, norm, orthonormalise, singular};
use super::unrolled::{Trace, Unrolled};

/// Up to so many carried numbers the product is formed and all its singular values are exact; beyond,
/// only the largest is found, by applying the product from both sides in turn.
const WHOLE: usize = 256;
/// Multiplications that the measurement may cost over all sequences.
const BUDGET: f64 = 4e9;
/// Distances at which singular values are found.
const DISTANCES: usize = 24;
/// Directions followed for the growth rate.
const DIRECTIONS: usize = 8;
/// Rounds of the power iteration.
const ROUNDS: usize = 8;

/// The singular values of the recurrent Jacobian product, and its growth per step.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct JacobianThroughTime {
    /// Numbers of steps k.
    pub steps: Vec<usize>,
    /// The largest singular value at each (geometric mean over the sequences that reach as far), as its log10.
    pub log10_largest: Vec<f64>,
    /// The one in the middle; empty where the state is too large to have all found.
    pub log10_median: Vec<f64>,
    /// The smallest; as the median. Below 1e-14 of the largest nothing is resolved.
    pub log10_smallest: Vec<f64>,
    /// The growth rate λ: a change of the state becomes e^λ times as large at each step; mean.
    pub growth_rate: f64,
    /// Its 10 and 90 % quantiles over the sequences.
    pub growth_band: (f64, f64),
    /// How many sequences were measured.
    pub sequences: usize,
    /// Numbers carried from step to step.
    pub carried: usize,
}

impl JacobianThroughTime {
    /// Steps after which e^(λk) is a thousandth; nothing if it does not shrink.
    pub fn steps_to_a_thousandth(&self) -> Option<f64> {
        (self.growth_rate < 0.0).then(|| 1000.0_f64.ln() / -self.growth_rate)
    }
}

/// How many sequences of so many steps can be measured.
pub(super) fn affordable(stack: &Unrolled, steps: usize) -> usize {
    let carried = stack.carried();
    let rows = if carried <= WHOLE {
        carried
    } else {
        2 * ROUNDS * 3
    };
    let each = ((rows + DIRECTIONS) * steps) as f64 * stack.work() as f64;
    ((BUDGET / each.max(1.0)) as usize).clamp(1, 8)
}

/// Gathers one sequence after another.
#[derive(Debug)]
pub(super) struct Jacobians {
    /// Distances at which singular values are found.
    steps: Vec<usize>,
    /// Of each sequence the values at as many of them as it reaches.
    values: Vec<Vec<Singular>>,
    rates: Vec<f64>,
}

impl Jacobians {
    /// Nothing yet, of sequences of at most so many steps.
    pub(super) fn new(steps: usize) -> Self {
        Self {
            steps: spaced(steps, DISTANCES),
            values: Vec::new(),
            rates: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, stack: &Unrolled, trace: &Trace) {
        let values = if stack.carried() <= WHOLE {
            whole(stack, trace, &self.steps)
        } else {
            let within = self.steps.iter().filter(|k| **k <= trace.steps.len());
            let largest = within.map(|k| largest(stack, trace, *k));
            largest
                .map(|largest| Singular {
                    largest,
                    median: f64::NAN,
                    smallest: f64::NAN,
                })
                .collect()
        };
        self.values.push(values);
        self.rates.push(growth(stack, trace));
    }

    pub(super) fn result(&self, stack: &Unrolled) -> JacobianThroughTime {
        let reached = self.values.iter().map(Vec::len).max().unwrap_or(0);
        let mean = |get: fn(&Singular) -> f64| -> Vec<f64> {
            let of = |place: usize| {
                let reach = self.values.iter().filter_map(|values| values.get(place));
                let found: Vec<f64> = reach.map(get).collect();
                let sum: f64 = found.iter().sum();
                sum / found.len() as f64 / std::f64::consts::LN_10
            };
            (0..reached).map(of).collect()
        };
        let all = stack.carried() <= WHOLE;
        let mut rates = self.rates.clone();
        rates.sort_by(f64::total_cmp);
        JacobianThroughTime {
            log10_largest: mean(|values| values.largest),
            log10_median: if all {
                mean(|values| values.median)
            } else {
                vec![]
            },
            log10_smallest: if all {
                mean(|values| values.smallest)
            } else {
                vec![]
            },
            growth_rate: rates.iter().sum::<f64>() / rates.len().max(1) as f64,
            growth_band: (quantile(&rates, 0.1), quantile(&rates, 0.9)),
            sequences: self.rates.len(),
            carried: stack.carried(),
            steps: self.steps[..reached].to_vec(),
        }
    }
}

/// At most about `count` whole numbers from 1 to `last`, denser near 1, both ends among them.
pub(super) fn spaced(last: usize, count: usize) -> Vec<usize> {
    if last <= count {
        return (1..=last).collect();
    }
    let mut places: Vec<usize> = (0..count)
        .map(|place| {
            let part = place as f64 / (count - 1) as f64;
            (last as f64).powf(part).round() as usize
        })
        .collect();
    places.dedup();
    places
}

/// The singular values at each of `steps`, from the product itself.
fn whole(stack: &Unrolled, trace: &Trace, steps: &[usize]) -> Vec<Singular> {
    let n = stack.carried();
    let mut product = vec![0.0; n * n];
    (0..n).for_each(|k| product[k * n + k] = 1.0);
    let mut scale = 0.0;
    let mut found = Vec::with_capacity(steps.len());
    for (back, step) in trace.steps.iter().rev().enumerate() {
        product = stack.pull_back(step, &product, false).0;
        // The scale is kept apart, so that the product neither overflows nor underflows.
        let most = product
            .iter()
            .fold(0.0_f64, |most, value| most.max(value.abs()));
        if most > 0.0 && most.is_finite() {
            product.iter_mut().for_each(|value| *value /= most);
            scale += most.ln();
        }
        if steps.contains(&(back + 1)) {
            let values = singular(&product, n);
            found.push(Singular {
                largest: values.largest + scale,
                median: values.median + scale,
                smallest: values.smallest + scale,
            });
        }
    }
    found
}

/// ln of the largest singular value of the product over the last `steps` steps, by power iteration.
fn largest(stack: &Unrolled, trace: &Trace, steps: usize) -> f64 {
    let part = &trace.steps[trace.steps.len() - steps..];
    let mut vector = start(stack.carried(), 1);
    let mut found = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        found = 0.0;
        orthonormalise(&mut vector, stack.carried());
        for step in part {
            vector = stack.push_forward(step, &vector);
            let length = norm(&vector);
            if length == 0.0 {
                return f64::NEG_INFINITY;
            }
            vector.iter_mut().for_each(|value| *value /= length);
            found += length.ln();
        }
        for step in part.iter().rev() {
            vector = stack.pull_back(step, &vector, false).0;
            let length = norm(&vector).max(f64::MIN_POSITIVE);
            vector.iter_mut().for_each(|value| *value /= length);
        }
    }
    found
}

/// The mean of ln(length) by which the direction that grows most grows at each step back in time.
fn growth(stack: &Unrolled, trace: &Trace) -> f64 {
    let n = stack.carried();
    let mut rows = start(n, DIRECTIONS.min(n));
    orthonormalise(&mut rows, n);
    // At first the directions turn towards those that grow; that is not counted.
    let settling = (trace.steps.len() / 4).min(20);
    let (mut sum, mut counted) = (0.0, 0);
    for (back, step) in trace.steps.iter().rev().enumerate() {
        rows = stack.pull_back(step, &rows, false).0;
        let length = orthonormalise(&mut rows, n)[0];
        if back >= settling {
            sum += length.max(1e-300).ln();
            counted += 1;
        }
    }
    sum / f64::from(counted.max(1))
}

/// Random rows, always the same.
fn start(width: usize, rows: usize) -> Vec<f64> {
    let mut generator = Stream::new(0, "directions").generator();
    (0..width * rows).map(|_| generator.normal()).collect()
}
