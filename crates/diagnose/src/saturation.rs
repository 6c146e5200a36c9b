//! How often gates stand at their ends, where they hardly learn.
//!
//! The slope of a logistic gate is f·(1 − f): at 0.05 and 0.95 it is a fifth of its most. A gate
//! that stands there lets through everything or nothing whatever it reads.

use serde::Serialize;

use super::formula::{AnyCell, Gate};
use super::gradient::quantile;
use super::unrolled::{Trace, Unrolled};

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
    /// The gate's letter; of the minimal cells, or with zoneout, the share that stays as a formula.
    pub gate: String,
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
        let (kinds, hidden) = (stack.cell().gates(), stack.hidden());
        let (keeper, zoneout) = (keeper(stack.cell()), stack.around().zoneout);
        if self.counts.is_empty() {
            self.counts = vec![(0.0, 0, 0, vec![0; BARS]); kinds.len() * stack.layers()];
            self.kept = vec![0.0; hidden * stack.layers()];
        }
        for step in &trace.steps {
            for (layer, done) in step.iter().enumerate() {
                for (kind, Gate { signed, .. }) in kinds.iter().enumerate() {
                    let (sum, low, high, bars) = &mut self.counts[layer * kinds.len() + kind];
                    for &value in &done.gates[kind * hidden..(kind + 1) * hidden] {
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
                if let Some(keeper) = &keeper {
                    let kept = &mut self.kept[layer * hidden..(layer + 1) * hidden];
                    for (unit, kept) in kept.iter_mut().enumerate() {
                        let of = |gate: &usize| done.gates[gate * hidden + unit];
                        let gates: Vec<f64> = keeper.gates.iter().map(of).collect();
                        *kept += zoneout + (1.0 - zoneout) * (keeper.share)(&gates);
                    }
                }
            }
            self.values += hidden as u64;
            self.steps += 1;
        }
    }

    pub(super) fn result(&self, stack: &Unrolled) -> Saturation {
        let kinds = stack.cell().gates();
        let total = self.values.max(1) as f64;
        let gates: Vec<GateValues> = self
            .counts
            .iter()
            .enumerate()
            .map(|(place, (sum, low, high, bars))| GateValues {
                layer: place / kinds.len() + 1,
                gate: kinds[place % kinds.len()].name,
                signed: kinds[place % kinds.len()].signed,
                mean: sum / total,
                low: *low as f64 / total,
                high: *high as f64 / total,
                histogram: bars.iter().map(|count| *count as f64 / total).collect(),
            })
            .collect();
        let keeper = keeper(stack.cell());
        let keeps = |letter: &str| {
            let mut gates = keeper.iter().flat_map(|keeper| &keeper.gates);
            gates.any(|gate| kinds[*gate].name == letter)
        };
        let worst = gates
            .iter()
            .filter(|values| !keeps(values.gate))
            .max_by(|a, b| (a.low + a.high).total_cmp(&(b.low + b.high)))
            .map(|values| (named(values, stack.layers()), values.low + values.high));
        let time_constant = keeper.as_ref().map(|keeper| {
            let steps = self.steps.max(1) as f64;
            let constant = |mean: f64| 1.0 / (1.0 - mean).max(1e-6);
            let mean = self.kept.iter().sum::<f64>() / steps / self.kept.len().max(1) as f64;
            let mut units: Vec<f64> = self.kept.iter().map(|sum| constant(sum / steps)).collect();
            units.sort_by(f64::total_cmp);
            TimeConstant {
                gate: match stack.around().zoneout {
                    0.0 => keeper.formula.to_owned(),
                    share => format!("({share} + (1 − {share})·{})", keeper.formula),
                },
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

/// What says how much of a unit's value stays.
struct Keeper {
    /// As a formula of the gates' letters.
    formula: &'static str,
    /// The places of those gates.
    gates: Vec<usize>,
    /// The share that stays, from their values.
    share: fn(&[f64]) -> f64,
}

/// The gates that keep the state; the plain unit has none.
fn keeper(cell: &AnyCell) -> Option<Keeper> {
    type Share = fn(&[f64]) -> f64;
    let (formula, letters, share): (_, &[&str], Share) = match cell.name() {
        "rnn" => return None,
        "minimal-gru" => ("(1 − z)", &["z"], |gates| 1.0 - gates[0]),
        "minimal-lstm" => ("f/(f + i)", &["f", "i"], |gates| {
            // As the cell: half stays where both are shut.
            let least = f64::from(f32::MIN_POSITIVE);
            (gates[0] + least) / (gates[0] + gates[1] + 2.0 * least)
        }),
        "gru" | "gru-before" => ("z", &["z"], |gates| gates[0]),
        _ => ("f", &["f"], |gates| gates[0]),
    };
    let gates = cell.gates();
    let places: Option<Vec<usize>> = letters
        .iter()
        .map(|letter| gates.iter().position(|gate| gate.name == *letter))
        .collect();
    Some(Keeper {
        formula,
        gates: places?,
        share,
    })
}
