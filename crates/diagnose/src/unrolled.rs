//! A recurrent stack unrolled over time in plain f64, with its exact step Jacobians.
//!
//! The fused kernels answer how fast; this answers how: every gate of every step is kept, and the
//! step's derivative can be applied from either side. One step maps the carried states s_(t−1) of
//! **all** layers to s_t; with J_t = ∂s_t/∂s_(t−1), [`Unrolled::pull_back`] gives vᵀ·J_t (what
//! back-propagation through time does) and [`Unrolled::push_forward`] J_t·v.
//!
//! The step of a layer is the formula that its cell states itself, with what stands around the cell:
//! layer normalisation, zoneout in its expectation, and the sum of a layer's input and output.

use ressac_nn::weights::{HostTensor, NamedTensors};

use super::formula::AnyCell;
use super::layer::{Layer, LayerStep, LayerWeights};

/// What stands around the cell of every layer.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Around {
    /// The share of each state that stays as it was: zoneout in its expectation.
    pub zoneout: f64,
    /// Whether the input of a layer is added to its output, where both are as wide.
    pub residual: bool,
}

/// What every layer did in every step: `steps[t][layer]`.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Steps in the order of time.
    pub steps: Vec<Vec<LayerStep>>,
}

/// A stack of recurrent layers of one cell.
#[derive(Debug, Clone)]
pub struct Unrolled {
    layers: Vec<Layer>,
    cell: AnyCell,
    around: Around,
}

impl Unrolled {
    /// A stack from the parameters of its layers of `hidden` units, lowest layer first.
    ///
    /// # Errors
    /// Sizes that do not fit the cell or one another, said in words.
    pub fn new(
        cell: AnyCell,
        around: Around,
        hidden: usize,
        layers: Vec<LayerWeights>,
    ) -> Result<Self, String> {
        let counts = cell.0.counts();
        let (in_w, in_u) = counts.read;
        let mut stack = Vec::with_capacity(layers.len());
        for (index, weights) in layers.into_iter().enumerate() {
            let input = weights.input.len() / (in_w * hidden).max(1);
            let below = if index == 0 { input } else { hidden };
            let fits = hidden > 0
                && input == below
                && input > 0
                && weights.input.len() == in_w * hidden * input
                && weights.recurrent.len() == in_u * hidden * hidden
                && weights.bias.len() == counts.columns * hidden
                && weights.units.len() == counts.units * hidden
                && (weights.gain.is_empty() || weights.gain.len() == weights.bias.len());
            if !fits {
                return Err(format!(
                    "layer {index} has {} input weights, {} recurrent weights, {} biases, {} unit weights and {} gains, which is no {} of {hidden} units",
                    weights.input.len(),
                    weights.recurrent.len(),
                    weights.bias.len(),
                    weights.units.len(),
                    weights.gain.len(),
                    cell.name()
                ));
            }
            stack.push(Layer {
                input,
                hidden,
                zoneout: around.zoneout,
                weights,
            });
        }
        match stack.is_empty() {
            true => Err("there is no recurrent layer".into()),
            false => Ok(Self {
                layers: stack,
                cell,
                around,
            }),
        }
    }

    /// The stack whose parameters are named `…{path}{k}.input_weights` and so on, `k` from 0.
    ///
    /// # Errors
    /// As [`Unrolled::new`].
    pub fn from_named(
        cell: AnyCell,
        around: Around,
        tensors: &NamedTensors,
        path: &str,
    ) -> Result<Self, String> {
        let find = |layer: usize, what: &str| {
            let end = format!("{path}{layer}.{what}");
            let named = tensors.iter().find(|(name, _)| {
                name.strip_suffix(end.as_str())
                    .is_some_and(|before| before.is_empty() || before.ends_with('.'))
            });
            named.map(|(_, tensor)| wide(tensor))
        };
        let mut layers = Vec::new();
        while let (Some(input), Some(bias)) = (
            find(layers.len(), "input_weights"),
            find(layers.len(), "bias"),
        ) {
            // The minimal cells have no recurrent weights, few cells unit weights, few layers gains.
            let some = |what: &str| find(layers.len(), what).unwrap_or_default();
            layers.push(LayerWeights {
                input,
                recurrent: some("recurrent_weights"),
                bias,
                units: some("unit_weights"),
                gain: some("gain"),
            });
        }
        let columns = cell.0.counts().columns;
        let hidden = layers.first().map_or(0, |layer| layer.bias.len() / columns);
        Self::new(cell, around, hidden, layers)
    }

    /// The cell of every layer.
    pub const fn cell(&self) -> &AnyCell {
        &self.cell
    }

    /// What stands around it.
    pub const fn around(&self) -> Around {
        self.around
    }

    /// The number of layers.
    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    /// Units of each layer.
    pub fn hidden(&self) -> usize {
        self.layers[0].hidden
    }

    /// Features of the input.
    pub fn input(&self) -> usize {
        self.layers[0].input
    }

    /// Numbers carried from step to step, over all layers: layer by layer, h before c.
    pub fn carried(&self) -> usize {
        self.layers.len() * self.each()
    }

    /// Numbers that each layer carries.
    fn each(&self) -> usize {
        self.cell.states() * self.hidden()
    }

    /// Whether what a layer reads is added to what it gives.
    const fn passes(&self, layer: &Layer) -> bool {
        self.around.residual && layer.input == layer.hidden
    }

    /// Multiplications of one row of [`Unrolled::pull_back`] without inputs.
    pub fn work(&self) -> usize {
        let of = |(index, layer): (usize, &Layer)| {
            let input = if index == 0 {
                0
            } else {
                layer.weights.input.len()
            };
            layer.weights.recurrent.len() + input
        };
        self.layers.iter().enumerate().map(of).sum()
    }

    /// Runs `input` `[steps, features]` from zero states.
    pub fn run(&self, input: &[f64]) -> Trace {
        let mut states = vec![vec![0.0; self.each()]; self.layers.len()];
        let steps = input
            .chunks_exact(self.input())
            .map(|x| {
                let mut x = x.to_vec();
                let mut step = Vec::with_capacity(self.layers.len());
                for (layer, state) in self.layers.iter().zip(&mut states) {
                    let done = self.cell.0.step(layer, &x, state);
                    let mut output = done.after[..layer.hidden].to_vec();
                    if self.passes(layer) {
                        add(&mut output, &x);
                    }
                    x = output;
                    state.clone_from(&done.after);
                    step.push(done);
                }
                step
            })
            .collect();
        Trace { steps }
    }

    /// Rows vᵀ of `cotangents` `[rows, carried]` times the step's Jacobian: `[rows, carried]`; with
    /// `inputs`, also vᵀ·∂s_t/∂x_t, `[rows, features]`.
    pub fn pull_back(
        &self,
        step: &[LayerStep],
        cotangents: &[f64],
        inputs: bool,
    ) -> (Vec<f64>, Vec<f64>) {
        let (carried, each) = (self.carried(), self.each());
        let rows = cotangents.len() / carried;
        let mut previous = vec![0.0; rows * carried];
        let mut read = Vec::with_capacity(if inputs { rows * self.input() } else { 0 });
        for (after, before) in cotangents
            .chunks_exact(carried)
            .zip(previous.chunks_exact_mut(carried))
        {
            // What the layer above hands down to this one's output.
            let mut from_above: Vec<f64> = Vec::new();
            for (index, layer) in self.layers.iter().enumerate().rev() {
                let part = index * each..(index + 1) * each;
                let mut own = after[part.clone()].to_vec();
                add(&mut own, &from_above);
                let mut below = match index > 0 || inputs {
                    true => vec![0.0; layer.input],
                    false => Vec::new(),
                };
                let x = (!below.is_empty()).then_some(below.as_mut_slice());
                let formula = &self.cell.0;
                formula.pull_back(layer, &step[index], &own, &mut before[part], x);
                if self.passes(layer) {
                    add(&mut below, &from_above);
                }
                from_above = below;
            }
            read.extend(from_above);
        }
        (previous, read)
    }

    /// The step's Jacobian times one column `tangent` `[carried]`, the input held.
    pub fn push_forward(&self, step: &[LayerStep], tangent: &[f64]) -> Vec<f64> {
        let mut next = Vec::with_capacity(tangent.len());
        let mut dx: Option<Vec<f64>> = None;
        for ((layer, step), own) in self
            .layers
            .iter()
            .zip(step)
            .zip(tangent.chunks_exact(self.each()))
        {
            let done = self.cell.0.push_forward(layer, step, own, dx.as_deref());
            let mut output = done[..layer.hidden].to_vec();
            if let (true, Some(dx)) = (self.passes(layer), &dx) {
                add(&mut output, dx);
            }
            dx = Some(output);
            next.extend(done);
        }
        next
    }
}

/// `sum += values`, as far as there are values.
fn add(sum: &mut [f64], values: &[f64]) {
    sum.iter_mut()
        .zip(values)
        .for_each(|(sum, value)| *sum += value);
}

fn wide(tensor: &HostTensor) -> Vec<f64> {
    tensor
        .values
        .iter()
        .map(|value| f64::from(*value))
        .collect()
}
