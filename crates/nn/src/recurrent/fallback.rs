//! A recurrent layer composed of Burn operations, for devices without fused kernels. The formula is the
//! cell's own, taken over tensors; Burn differentiates it.
use super::cell::LayerCell;
use crate::{Algebra, Lengths};
use burn::tensor::{Tensor, TensorData, activation};

/// A tensor as an algebra.
#[derive(Clone)]
pub(super) struct Values(pub(super) Tensor<2>);

impl Algebra for Values {
    fn constant(&self, value: f64) -> Self {
        Self(self.0.full_like(value))
    }
    fn add(&self, other: &Self) -> Self {
        Self(self.0.clone() + other.0.clone())
    }
    fn sub(&self, other: &Self) -> Self {
        Self(self.0.clone() - other.0.clone())
    }
    fn mul(&self, other: &Self) -> Self {
        Self(self.0.clone() * other.0.clone())
    }
    fn div(&self, other: &Self) -> Self {
        Self(self.0.clone() / other.0.clone())
    }
    fn mul_add(&self, factor: &Self, term: &Self) -> Self {
        self.mul(factor).add(term)
    }
    fn exp(&self) -> Self {
        Self(self.0.clone().exp())
    }
    fn sigmoid(&self) -> Self {
        Self(activation::sigmoid(self.0.clone()))
    }
    fn tanh(&self) -> Self {
        Self(self.0.clone().tanh())
    }
    fn relu(&self) -> Self {
        Self(activation::relu(self.0.clone()))
    }
    fn positive(&self) -> Self {
        Self(self.0.clone().greater_elem(0.0).float())
    }
}

/// One direction: `input [batch, time, features]`, parameters as the cell describes, `initial [states,
/// batch, hidden]` to output and final states.
pub(super) fn forward(
    cell: &dyn LayerCell,
    input: Tensor<3>,
    [weights, recurrent]: [Tensor<2>; 2],
    bias: Tensor<1>,
    initial: Option<Tensor<3>>,
    lengths: Option<&Lengths>,
    reverse: bool,
) -> (Tensor<3>, Tensor<3>) {
    let engine = cell.engine();
    let (states, hidden) = (engine.states(), engine.hidden());
    let [batch, time, features] = input.dims();
    let device = input.device();
    let mut carried: Vec<Tensor<2>> = match initial {
        Some(initial) => (0..states)
            .map(|state| initial.clone().narrow(0, state, 1).squeeze_dim(0))
            .collect(),
        None => vec![Tensor::zeros([batch, hidden], &device); states],
    };
    let columns = |tensor: Tensor<2>, count: usize| -> Vec<Tensor<2>> {
        (0..count)
            .map(|column| tensor.clone().narrow(1, column * hidden, hidden))
            .collect()
    };
    let reading = |reads: fn(ressac_kernels::cell::Source) -> bool| {
        engine
            .sources()
            .iter()
            .filter(|source| reads(**source))
            .count()
    };
    let inputs = reading(ressac_kernels::cell::Source::reads_input);
    let recurrents = reading(ressac_kernels::cell::Source::reads_state);
    let (weights, recurrent) = (weights.transpose(), recurrent.transpose());
    let biases = columns(bias.unsqueeze::<2>(), engine.sources().len());
    let real = |step: usize| -> Option<Tensor<2>> {
        let lengths = lengths?.as_slice();
        if lengths.iter().all(|&length| length > step) {
            return None;
        }
        let mask: Vec<f32> = lengths
            .iter()
            .map(|&length| f32::from(u8::from(length > step)))
            .collect();
        Some(Tensor::from_data(
            TensorData::new(mask, [batch, 1]),
            &device,
        ))
    };
    let mut outputs: Vec<Tensor<3>> = vec![Tensor::zeros([batch, 1, hidden], &device); time];
    let steps: Vec<usize> = if reverse {
        (0..time).rev().collect()
    } else {
        (0..time).collect()
    };
    for step in steps {
        let x = input.clone().narrow(1, step, 1).reshape([batch, features]);
        let mut x_parts = columns(x.matmul(weights.clone()), inputs).into_iter();
        let mut h_parts =
            columns(carried[0].clone().matmul(recurrent.clone()), recurrents).into_iter();
        let sums = engine.sources().iter().zip(&biases).map(|(source, bias)| {
            let mut sum = bias.clone().repeat_dim(0, batch);
            if source.reads_input()
                && let Some(part) = x_parts.next()
            {
                sum = sum + part;
            }
            if source.reads_state()
                && let Some(part) = h_parts.next()
            {
                sum = sum + part;
            }
            sum
        });
        let next = cell.step(sums.collect(), carried.clone());
        // Rows that have ended (or, in reverse, not begun) keep their state and give zeros.
        let (mut next, mut output) = (next.clone(), next[0].clone());
        if let Some(real) = real(step) {
            output = output * real.clone();
            for (next, old) in next.iter_mut().zip(&carried) {
                *next = old.clone() + (next.clone() - old.clone()) * real.clone();
            }
        }
        carried = next;
        outputs[step] = output.unsqueeze_dim(1);
    }
    let finals = carried
        .into_iter()
        .map(|state| state.unsqueeze_dim(0))
        .collect();
    (Tensor::cat(outputs, 1), Tensor::cat(finals, 0))
}
