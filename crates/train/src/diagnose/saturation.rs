//! How often gates stand at their ends, where they hardly learn.
//!
//! The slope of a logistic gate is f·(1 − f): at 0.05 and 0.95 it is a fifth of its most. A gate
//! that stands there lets through everything or nothing whatever it reads.

use serde::Serialize;

use super::gradient::quantile;
use super::unrolled::{CellKind, Trace, Unrolled};

/// Below this, and above one minus this, a logistic gate is at its end.
pub(super) const LOW: f64 = 0.05;
/// Bars of a histogram.
pub(super) const BARS: usize = 20;

/// The values of one gate of one layer, over sequences, steps and units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateValues {
    /// The layer, from 1 at the input.
    pub layer: usize,
    /// The gate's letter.
    pub gate: &'static str,
    /// Whether it lies between −1 and 1 (tanh), and not between 0 and 1.
    pub signed: bool,
    /// The mean.
    pub mean: f64,
    /// The share at the lower end: below 0.05, or below −0.95 of a signed one.
    pub low: f64,
    /// The share at the upper end: above 0.95.
    pub high: f64,
    /// The share of values in each of 20 equal parts of the range.
    pub histogram: Vec<f64>,
}

/// How long the gate that keeps (f of the LSTM, z of the GRU) lets a unit keep its value, in steps:
/// a value kept at the share f decays as f^k, with the time constant 1/(1 − f).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeConstant {
    /// The gate's letter.
    pub gate: &'static str,
    /// Its mean value.
    pub mean_gate: f64,
    /// 1/(1 − its mean).
    pub mean: f64,
    /// Of the middle unit.
    pub median_unit: f64,
    /// Of the unit that one in ten units is beyond.
    pub slow_unit: f64,
}

/// What the gates did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Saturation {
    /// Gate by gate, layer by layer.
    pub gates: Vec<GateValues>,
    /// How long values are kept; the plain unit has no gate that says.
    pub time_constant: Option<TimeConstant>,
    /// Of the gates that need their slope (all but the one that keeps), the largest share at both
    /// ends together, and which gate's it is.
    pub worst: Option<(String, f64)>,
}

/// Gathers one sequence after another.
#[derive(Debug, Default)]
pub(super) struct Gates {
    /// For each layer and gate: sum, values at the lower end, at the upper end, histogram.
    counts: Vec<(f64, u64, u64, Vec<u64>)>,
    /// For each layer and unit, the sum of the gate that keeps.
    kept: Vec<f64>,
    values: u64,
    steps: u64,
}

impl Gates {
    pub(super) fn add(&mut self, stack: &Unrolled, trace: &Trace) {
        let (kinds, hidden) = (shown(stack.cell()), stack.hidden());
        let keeps = keeps(stack.cell());
        if self.counts.is_empty() {
            self.counts = vec![(0.0, 0, 0, vec![0; BARS]); kinds.len() * stack.layers()];
            self.kept = vec![0.0; hidden * stack.layers()];
        }
        for step in &trace.steps {
            for (layer, done) in step.iter().enumerate() {
                for (kind, (_, signed)) in kinds.iter().enumerate() {
                    let (sum, low, high, bars) = &mut self.counts[layer * kinds.len() + kind];
                    for value in gate(stack.cell(), done, kind, hidden) {
                        let share = if *signed {
                            f64::midpoint(value, 1.0)
                        } else {
                            value
                        };
                        let edge = if *signed { LOW - 1.0 } else { LOW };
                        *sum += value;
                        *low += u64::from(value < edge);
                        *high += u64::from(value > 1.0 - LOW);
                        bars[((share * BARS as f64) as usize).min(BARS - 1)] += 1;
                    }
                }
                if let Some(kind) = keeps {
                    let kept = &mut self.kept[layer * hidden..(layer + 1) * hidden];
                    let values = &done.gates[kind * hidden..(kind + 1) * hidden];
                    kept.iter_mut()
                        .zip(values)
                        .for_each(|(sum, value)| *sum += value);
                }
            }
            self.values += hidden as u64;
            self.steps += 1;
        }
    }

    pub(super) fn result(&self, stack: &Unrolled) -> Saturation {
        let kinds = shown(stack.cell());
        let total = self.values.max(1) as f64;
        let gates: Vec<GateValues> = self
            .counts
            .iter()
            .enumerate()
            .map(|(place, (sum, low, high, bars))| GateValues {
                layer: place / kinds.len() + 1,
                gate: kinds[place % kinds.len()].0,
                signed: kinds[place % kinds.len()].1,
                mean: sum / total,
                low: *low as f64 / total,
                high: *high as f64 / total,
                histogram: bars.iter().map(|count| *count as f64 / total).collect(),
            })
            .collect();
        let keeper = keeps(stack.cell()).map(|kind| stack.cell().gates()[kind]);
        let worst = gates
            .iter()
            .filter(|values| Some(values.gate) != keeper)
            .max_by(|a, b| (a.low + a.high).total_cmp(&(b.low + b.high)))
            .map(|values| (named(values, stack.layers()), values.low + values.high));
        let time_constant = keeper.map(|gate| {
            let steps = self.steps.max(1) as f64;
            let constant = |mean: f64| 1.0 / (1.0 - mean).max(1e-6);
            let mean = self.kept.iter().sum::<f64>() / steps / self.kept.len().max(1) as f64;
            let mut units: Vec<f64> = self.kept.iter().map(|sum| constant(sum / steps)).collect();
            units.sort_by(f64::total_cmp);
            TimeConstant {
                gate,
                mean_gate: mean,
                mean: constant(mean),
                median_unit: quantile(&units, 0.5),
                slow_unit: quantile(&units, 0.9),
            }
        });
        Saturation {
            gates,
            time_constant,
            worst,
        }
    }
}

/// A gate's letter, with its layer where there are several.
pub(super) fn named(values: &GateValues, layers: usize) -> String {
    match layers {
        1 => values.gate.to_owned(),
        _ => format!("{} of layer {}", values.gate, values.layer),
    }
}

/// The gates shown, and whether each is signed.
const fn shown(cell: CellKind) -> &'static [(&'static str, bool)] {
    match cell {
        CellKind::Rnn(_) => &[("h", true)],
        CellKind::Lstm => &[
            ("i", false),
            ("f", false),
            ("g", true),
            ("o", false),
            ("tanh c", true),
        ],
        CellKind::Gru => &[("r", false), ("z", false), ("n", true)],
    }
}

/// The place of the gate that keeps the state.
const fn keeps(cell: CellKind) -> Option<usize> {
    match cell {
        CellKind::Rnn(_) => None,
        CellKind::Lstm | CellKind::Gru => Some(1),
    }
}

fn gate(cell: CellKind, done: &super::unrolled::LayerStep, kind: usize, hidden: usize) -> Vec<f64> {
    match (cell, kind) {
        (CellKind::Lstm, 4) => done.after[hidden..].iter().map(|c| c.tanh()).collect(),
        _ => done.gates[kind * hidden..(kind + 1) * hidden].to_vec(),
    }
}
