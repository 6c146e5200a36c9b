//! Diagnosis of a trained recurrent forecaster: does its gradient vanish or explode, are its gates
//! stuck, how far back does it remember, did it learn as fast as it could; and the cure to try.
//!
//! These are the difficulties of recurrent networks, each measured by itself in a file of its own:
//!
//! | file | measures |
//! |---|---|
//! | `gradient` | the norm of the loss's gradient at each past step |
//! | `jacobian` | the singular values of the recurrent Jacobian product, and its growth per step |
//! | `saturation` | the share of each gate's values at its ends |
//! | `memory` | how far back an input changes the forecast |
//! | `convergence` | how fast the loss fell, from `metrics.jsonl` |
//! | `rate_test` | which learning rates work, with a fresh network |
//! | `verdict`, `sentence` | what follows from all of them, in one sentence |
//!
//! The derivatives are those of `unrolled`, an evaluation of the recurrence in f64 on the host by the
//! formula that each cell states itself (`formula`, over the numbers of `number`); the
//! gradient that comes to its last state from the real loss is Burn's. Of several layers the carried
//! state is that of the whole stack. Of an encoder and decoder the encoder is looked at; of the
//! model `segment` the recurrence over the segments of the context.

mod convergence;
mod figures;
mod formula;
mod gradient;
mod jacobian;
mod layer;
mod memory;
mod number;
mod patient;
mod rate_test;
pub mod report;
mod saturation;
pub(crate) mod sentence;
mod spectrum;
mod unrolled;
mod verdict;

use std::ops::Range;

use burn::module::Module;
use burn::tensor::Device;
use serde::Serialize;

use ressac_data::panel::Panel;
use ressac_models::folder::ModelFolder;
use ressac_models::forecast::{ForecastOptions, ModelKind, ScaledPanel, resolve};
use ressac_nn::random::Stream;

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

use crate::forecast::LossFunction;
use crate::{TrainError, read_metrics};
use gradient::Gradients;
use jacobian::Jacobians;
use patient::{Opened, Sequence};
use saturation::Gates;

/// Sequences whose gradients and gates are looked at, at the most: of many columns, some.
const SEQUENCES: usize = 64;

/// What a diagnosis may cost and how it measures.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagnoseOptions {
    /// Windows looked at, spread evenly over the rows; two at the least.
    pub windows: usize,
    /// The change of the forecast, as a share of its spread, above which a step is remembered.
    pub threshold: f64,
    /// How to run the learning-rate range test; nothing to leave it out.
    pub rate_test: Option<RateTestOptions>,
}

/// A model and its data, to be diagnosed.
#[derive(Debug, Clone, Copy)]
pub struct Patient<'a> {
    /// The model's folder.
    pub folder: &'a ModelFolder,
    /// The series.
    pub panel: &'a Panel,
    /// The rows of each series in which windows are taken.
    pub rows: &'a [Range<usize>],
}

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The model's kind: rnn, lstm, gru, minimal-gru, minimal-lstm or segment.
    pub model: String,
    /// Steps of the recurrence over the context.
    pub steps: usize,
    /// Steps of the series in one step of the recurrence: 1, or the segment's.
    pub segment: usize,
    /// Layers of the recurrence; the carried state is that of all.
    pub layers: usize,
    /// Units of each layer.
    pub hidden: usize,
    /// Windows looked at.
    pub windows: usize,
    /// Sequences whose gradients and gates were measured; of `segment` each column is one.
    pub sequences: usize,
    /// Steps of the recurrence that it should reach back.
    pub needed: usize,
    /// Whether that is a season (else half of the context).
    pub needed_is_season: bool,
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

/// Diagnoses a model. `tell` is told what is being measured, as it begins.
///
/// # Errors
/// When a file of the folder is missing or damaged, the panel lacks a column, or fewer than two
/// windows fit into the rows.
pub fn diagnose(
    patient: &Patient<'_>,
    options: &DiagnoseOptions,
    device: &Device,
    tell: &mut dyn FnMut(&str),
) -> Result<Diagnosis, TrainError> {
    let recording = device.clone().autodiff();
    let Opened {
        config,
        pipeline,
        network,
        stack,
    } = patient::open(patient.folder, &recording)?;
    let segment = match config.model {
        ModelKind::Segment => config.segment,
        _ => 1,
    };
    let before: Vec<Range<usize>> = patient
        .panel
        .series
        .iter()
        .zip(patient.rows)
        .map(|(series, rows)| match rows.start {
            0 => 0..series.observed(),
            start => 0..start,
        })
        .collect();
    let (context, horizon) = (config.context, config.horizon);
    let scaled = ScaledPanel::new(patient.panel, &pipeline, &before, context, horizon)?;
    let windows = patient::chosen(patient, &scaled, &config, options.windows)?;

    tell("gradients, Jacobians and gates");
    let loss = LossFunction::new(config.loss, &config.quantiles, &recording);
    let mut measured = Measured::default();
    let sequences = match config.model {
        ModelKind::Segment => windows.len() * pipeline.targets.len(),
        _ => windows.len(),
    };
    let every = sequences.div_ceil(SEQUENCES).max(1);
    let steps = context / segment;
    let jacobians = jacobian::affordable(&stack, steps);
    let jacobian_every = sequences.div_ceil(every).div_ceil(jacobians);
    let mut place = 0;
    for window in &windows {
        for sequence in patient::at_last_state(&network, &scaled, *window, &loss, &recording)? {
            if place % every == 0 {
                let with_jacobian = (place / every) % jacobian_every == 0;
                measured.add(&stack, &sequence, with_jacobian);
            }
            place += 1;
        }
    }
    let gradient = measured.gradients.result(&stack);
    let jacobian = measured.jacobians.result(&stack);
    let saturation = measured.gates.result(&stack);

    tell("memory");
    let plain = network.clone().valid();
    let subject = memory::Subject {
        network: &plain,
        panel: &scaled,
        windows: &windows,
        segment,
        device,
    };
    let draw = Stream::new(config.seed, "diagnose memory");
    let memory = memory::memory(&subject, options.threshold, &draw)?;

    let convergence = convergence(&read_metrics(patient.folder, u64::MAX)?);
    let rate_test = match options.rate_test {
        None => None,
        Some(options) => {
            tell("learning rates, with a fresh network");
            let path = patient.folder.file("config.toml");
            let given: ForecastOptions = patient.folder.config()?.typed(&path)?;
            let resolved = resolve(&given, patient.panel)?;
            Some(rate_test::rate_test(
                &resolved,
                patient.panel,
                device,
                options,
            )?)
        }
    };

    let season = pipeline.season.map(|season| season.div_ceil(segment));
    let needed = season.map_or(steps.div_ceil(2), |season| season.min(steps));
    let is_season = season.is_some_and(|season| season <= steps);
    let verdict = verdict(&Findings {
        config: &config,
        needed,
        is_season,
        unit: &unit(segment),
        gradient: &gradient,
        jacobian: &jacobian,
        saturation: &saturation,
        memory: &memory,
        convergence: convergence.as_ref(),
        rate_test: rate_test.as_ref(),
    });
    Ok(Diagnosis {
        model: config.model.to_string(),
        steps,
        segment,
        layers: stack.layers(),
        hidden: stack.hidden(),
        windows: windows.len(),
        sequences: measured.sequences,
        needed,
        needed_is_season: is_season,
        learning_rate: config.lr,
        gradient,
        jacobian,
        saturation,
        memory,
        convergence,
        rate_test,
        verdict,
    })
}

/// What is gathered from one sequence after another.
#[derive(Default)]
struct Measured {
    gradients: Gradients,
    jacobians: Jacobians,
    gates: Gates,
    sequences: usize,
}

impl Measured {
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
