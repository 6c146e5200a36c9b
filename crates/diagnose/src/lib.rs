//! Diagnosis of a trained recurrent model: does its gradient vanish or explode, are its gates
//! stuck, how far back does it remember, did it learn as fast as it could; and the cure to try.
//!
//! These are the difficulties of recurrent networks, each measured by itself in a file of its own:
//!
//! | file | measures |
//! |---|---|
//! | `gradient` | the norm of the loss's gradient at each past step |
//! | `jacobian` | the singular values of the recurrent Jacobian product, and its growth per step |
//! | `saturation` | the share of each gate's values at its ends |
//! | `memory` | how far back an input changes what the model gives |
//! | `convergence` | how fast the loss fell, from `metrics.jsonl` |
//! | `rate_test` | which learning rates work, with a fresh network |
//! | `verdict`, `sentence` | what follows from all of them, in one sentence |
//!
//! The derivatives are those of `unrolled`, an evaluation of the recurrence in f64 on the host by the
//! formula that each cell states itself (`formula`, over the numbers of `number`); the
//! gradient that comes to its last state from the real loss is Burn's. Of several layers the carried
//! state is that of the whole stack.
//!
//! Of a model it knows its [`Patient`] and a [`Subject`] alone ([`ressac_models::recurrence`]), and no family.

mod convergence;
mod figures;
mod formula;
mod gradient;
mod jacobian;
mod layer;
mod memory;
mod number;
mod rate_test;
pub mod report;
mod saturation;
mod sentence;
mod spectrum;
mod unrolled;
mod verdict;

use serde::Serialize;

use ressac_models::ModelError;
use ressac_models::cell::UseCell;
use ressac_models::recurrence::{Patient, Sequence, Subject};
use ressac_nn::Cell;
use ressac_nn::random::Stream;
use ressac_train::MetricsLine;

pub use convergence::{Convergence, convergence};
pub use figures::figures;
pub use formula::{AnyCell, Gate};
pub use gradient::{Curve, GONE, GradientThroughTime};
pub use jacobian::JacobianThroughTime;
pub use layer::{LayerStep, LayerWeights};
pub use memory::Memory;
pub use rate_test::{RateTest, RateTestOptions};
pub use saturation::{GateValues, Saturation, TimeConstant};
pub use unrolled::{Around, Trace, Unrolled};
pub use verdict::{Case, Check, Findings, Verdict, verdict};

use gradient::Gradients;
use jacobian::Jacobians;
use saturation::Gates;

/// Sequences whose gradients and gates are looked at, at the most: of many columns, some.
const SEQUENCES: usize = 64;

/// What a diagnosis may cost and how it measures.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagnoseOptions {
    /// The change of what the model gives, as a share of its spread, above which a step is remembered.
    pub threshold: f64,
    /// How to run the learning-rate range test; nothing to leave it out. It is also left out where the subject is not
    /// the data trained on.
    pub rate_test: Option<RateTestOptions>,
}

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The kind of model, as in `model` of its options.
    pub model: String,
    /// The cell of the recurrence: `lstm`, `gru-before`.
    pub cell: &'static str,
    /// Which recurrence is looked at, and what it runs over.
    pub looked_at: &'static str,
    /// What the model gives: `forecast`, `prediction`.
    pub gives: &'static str,
    /// Steps of the recurrence, at the most.
    pub steps: usize,
    /// Steps of the data in one step of the recurrence: 1, or a segment's.
    pub segment: usize,
    /// Layers of the recurrence; the carried state is that of all.
    pub layers: usize,
    /// Units of each layer.
    pub hidden: usize,
    /// Items looked at.
    pub items: usize,
    /// What they are called: `windows`.
    pub item_name: &'static str,
    /// Sequences whose gradients and gates were measured; an item has one or more.
    pub sequences: usize,
    /// Steps of the recurrence that it should reach back.
    pub needed: usize,
    /// Why so many: `a season`.
    pub needed_why: &'static str,
    /// The learning rate the model was trained with, at its highest.
    pub learning_rate: f64,
    /// The gradient through time.
    pub gradient: GradientThroughTime,
    /// The recurrent Jacobian product.
    pub jacobian: JacobianThroughTime,
    /// The gates.
    pub saturation: Saturation,
    /// The memory.
    pub memory: Memory,
    /// The training's course; nothing without `metrics.jsonl`.
    pub convergence: Option<Convergence>,
    /// The learning-rate range test, if it was run.
    pub rate_test: Option<RateTest>,
    /// The sentence, and what it was chosen from.
    pub verdict: Verdict,
}

impl Diagnosis {
    /// What a step of the recurrence is called, in the plural.
    pub fn unit(&self) -> String {
        unit(self.segment)
    }
}

fn unit(segment: usize) -> String {
    match segment {
        1 => "steps".to_owned(),
        steps => format!("segments of {steps} steps"),
    }
}

/// Diagnoses the recurrence of `patient` on the items of `subject`; `lines` are those of its `metrics.jsonl`. `tell` is
/// told what is being measured, as it begins.
///
/// # Errors
/// When the weights are not those of the patient's cell, the network refuses the data, or the data can no longer be learnt
/// from.
pub fn diagnose(
    patient: &Patient,
    subject: &dyn Subject,
    lines: &[MetricsLine],
    options: &DiagnoseOptions,
    tell: &mut dyn FnMut(&str),
) -> Result<Diagnosis, ModelError> {
    let around = Around {
        zoneout: patient.recurrent.zoneout,
        residual: patient.recurrent.residual,
    };
    let (tensors, layers) = subject.layers();
    let stack = Unrolled::from_named(patient.cell.give(Unroll), around, &tensors, layers)
        .map_err(ModelError::Mismatch)?;

    tell("gradients, Jacobians and gates");
    let measured = Measured::of(subject, &stack, patient.steps)?;
    let gradient = measured.gradients.result(&stack);
    let jacobian = measured.jacobians.result(&stack);
    let saturation = measured.gates.result(&stack);

    tell("memory");
    let training = &patient.training;
    let draw = Stream::new(training.seed, "diagnose memory");
    let memory = memory::memory(subject, patient.steps, options.threshold, &draw)?;

    let convergence = convergence(lines);
    let learner = match options.rate_test {
        Some(options) => subject.learner()?.map(|learner| (learner, options)),
        None => None,
    };
    let rate_test = match learner {
        Some((mut learner, options)) => {
            tell("learning rates, with a fresh network");
            let (batch, seed) = (training.batch, training.seed);
            Some(rate_test::rate_test(&mut *learner, batch, seed, options)?)
        }
        None => None,
    };

    let verdict = verdict(&Findings {
        patient,
        unit: &unit(patient.segment),
        gradient: &gradient,
        jacobian: &jacobian,
        saturation: &saturation,
        memory: &memory,
        convergence: convergence.as_ref(),
        rate_test: rate_test.as_ref(),
    });
    Ok(Diagnosis {
        model: patient.model.clone(),
        cell: stack.cell().name(),
        looked_at: patient.looked_at,
        gives: patient.gives,
        steps: patient.steps,
        segment: patient.segment,
        layers: stack.layers(),
        hidden: stack.hidden(),
        items: subject.items(),
        item_name: subject.unit(),
        sequences: measured.sequences,
        needed: patient.needed,
        needed_why: patient.needed_why,
        learning_rate: training.lr,
        gradient,
        jacobian,
        saturation,
        memory,
        convergence,
        rate_test,
        verdict,
    })
}

/// Forgets the type of the cell that is unrolled.
struct Unroll;

impl UseCell for Unroll {
    type Output = AnyCell;
    fn with<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>(
        self,
        cell: C,
    ) -> AnyCell
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>,
    {
        AnyCell::new(cell)
    }
}

/// What is gathered from one sequence after another.
struct Measured {
    gradients: Gradients,
    jacobians: Jacobians,
    gates: Gates,
    sequences: usize,
}

impl Measured {
    /// Measures sequences of at most `steps` steps, evenly chosen where there are many.
    fn of(subject: &dyn Subject, stack: &Unrolled, steps: usize) -> Result<Self, ModelError> {
        let mut measured = Self {
            gradients: Gradients::default(),
            jacobians: Jacobians::new(steps),
            gates: Gates::default(),
            sequences: 0,
        };
        let mut place = 0;
        // Of so many sequences one is measured, and of so many of those one has its Jacobians measured too.
        let (mut every, mut jacobian_every) = (1, 1);
        for item in 0..subject.items() {
            let sequences = subject.sequences(item)?;
            if item == 0 {
                let total = subject.items() * sequences.len();
                every = total.div_ceil(SEQUENCES).max(1);
                let affordable = jacobian::affordable(stack, steps);
                jacobian_every = total.div_ceil(every).div_ceil(affordable).max(1);
            }
            for sequence in &sequences {
                if place % every == 0 {
                    let with_jacobian = (place / every) % jacobian_every == 0;
                    measured.add(stack, sequence, with_jacobian);
                }
                place += 1;
            }
        }
        Ok(measured)
    }

    fn add(&mut self, stack: &Unrolled, sequence: &Sequence, with_jacobian: bool) {
        let trace = stack.run(&sequence.input);
        self.gradients.add(stack, &trace, &sequence.gradient);
        self.gates.add(stack, &trace);
        if with_jacobian {
            self.jacobians.add(stack, &trace);
        }
        self.sequences += 1;
    }
}

#[cfg(test)]
mod tests;
