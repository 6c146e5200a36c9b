//! A recurrent layer composed of Burn operations, for devices without fused kernels. The formula is the
//! cell's own, taken over tensors; Burn differentiates it.
use super::cell::LayerCell;
use super::noise::Noise;
use crate::{Algebra, Lengths};
use burn::tensor::{Tensor, TensorData, activation};
use ressac_kernels::cell::Source;
use ressac_kernels::recurrent::Zone;

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
    fn clamp(&self, low: f64, high: f64) -> Self {
        Self(self.0.clone().clamp(low, high))
    }
}

/// ε of the normalisation, as the kernels have it.
const EPSILON: f64 = 1e-5;

/// The parameters of one direction.
pub(super) struct Parameters {
    pub(super) input: Tensor<2>,
    pub(super) recurrent: Tensor<2>,
    pub(super) bias: Tensor<1>,
    pub(super) units: Option<Tensor<2>>,
    pub(super) gain: Option<Tensor<1>>,
    pub(super) projection: Option<Tensor<2>>,
}

/// What one direction runs on.
pub(super) struct Run<'a> {
    pub(super) cell: &'a dyn LayerCell,
    pub(super) lengths: Option<&'a Lengths>,
    pub(super) reverse: bool,
    pub(super) noise: &'a Noise,
}

/// `[rows, count · width]` cut into `count` parts.
fn parts(tensor: &Tensor<2>, count: usize) -> Vec<Tensor<2>> {
    let width = tensor.dims()[1] / count.max(1);
    (0..count)
        .map(|part| tensor.clone().narrow(1, part * width, width))
        .collect()
}

/// A column at mean 0 and variance 1 over its units, times the gain, plus the shift.
fn normalised(column: Tensor<2>, gain: &Tensor<2>, shift: &Tensor<2>) -> Tensor<2> {
    let centred = column.clone() - column.mean_dim(1);
    let variance = (centred.clone() * centred.clone()).mean_dim(1);
    let scale = variance.add_scalar(EPSILON).sqrt();
    centred / scale * gain.clone() + shift.clone()
}

/// One direction: `input [batch, time, features]`, parameters as the cell describes, initial states each
/// `[batch, width]` to output and final states.
pub(super) fn forward(
    run: &Run<'_>,
    input: Tensor<3>,
    parameters: Parameters,
    initial: Option<Vec<Tensor<2>>>,
) -> (Tensor<3>, Vec<Tensor<2>>) {
    let cell = run.cell;
    let engine = cell.engine();
    let (widths, states) = (engine.widths(), engine.states());
    let sources = engine.sources();
    let [batch, time, features] = input.dims();
    let device = input.device();
    let mut carried: Vec<Tensor<2>> = initial.unwrap_or_else(|| {
        (0..states)
            .map(|state| Tensor::zeros([batch, engine.state_width(state)], &device))
            .collect()
    });
    let count = |reads: fn(Source) -> bool| sources.iter().filter(|s| reads(**s)).count();
    let inputs = count(Source::reads_input);
    let weights = parameters.input.transpose();
    let recurrent: Vec<Tensor<2>> = parts(
        &parameters.recurrent.transpose(),
        count(Source::reads_state),
    );
    let shifts = parts(&parameters.bias.unsqueeze::<2>(), sources.len());
    let gains = parameters
        .gain
        .map(|gain| parts(&gain.unsqueeze::<2>(), sources.len()));
    let units: Vec<Tensor<2>> = parameters
        .units
        .map(|units| {
            (0..widths.units)
                .map(|unit| units.clone().narrow(0, unit, 1).repeat_dim(0, batch))
                .collect()
        })
        .unwrap_or_default();
    let projection = parameters.projection.map(Tensor::transpose);
    let factors = run.noise.recurrent().map(|factors| {
        Tensor::<2>::from_data(
            TensorData::new(factors.to_vec(), [batch, widths.fed]),
            &device,
        )
    });
    let zones: Option<Vec<Tensor<3>>> = run.noise.zones().map(|zones| {
        zones
            .iter()
            .map(|zone| match zone {
                Zone::Share(share) => {
                    Tensor::full([batch, time, widths.hidden], f64::from(*share), &device)
                }
                Zone::Kept(mask) => Tensor::from_data(
                    TensorData::new(mask.to_vec(), [batch, time, widths.hidden]),
                    &device,
                ),
            })
            .collect()
    });
    let mut outputs: Vec<Tensor<3>> = vec![Tensor::zeros([batch, 1, widths.output], &device); time];
    let steps: Vec<usize> = if run.reverse {
        (0..time).rev().collect()
    } else {
        (0..time).collect()
    };
    for step in steps {
        let x = input.clone().narrow(1, step, 1).reshape([batch, features]);
        let mut x_parts = parts(&x.matmul(weights.clone()), inputs).into_iter();
        let mut fed = carried[engine.fed_state()].clone();
        if let Some(factors) = &factors {
            fed = fed * factors.clone();
        }
        let mut previous = carried.clone();
        if widths.is_projected {
            previous[0] = Tensor::zeros([batch, widths.hidden], &device);
        }
        // The sums of the columns, without what reads the gated state.
        let mut blocks = recurrent.iter();
        let mut gated_blocks = Vec::new();
        let mut columns: Vec<Tensor<2>> = Vec::with_capacity(sources.len());
        for (column, source) in sources.iter().enumerate() {
            let mut sum = match &gains {
                Some(_) => Tensor::zeros([batch, widths.hidden], &device),
                None => shifts[column].clone().repeat_dim(0, batch),
            };
            if source.reads_input()
                && let Some(part) = x_parts.next()
            {
                sum = sum + part;
            }
            if source.reads_state()
                && let Some(block) = blocks.next()
            {
                if source.is_gated() {
                    gated_blocks.push((column, block.clone()));
                } else {
                    sum = sum + fed.clone().matmul(block.clone());
                }
            }
            columns.push(sum);
        }
        let normalise = |columns: &mut Vec<Tensor<2>>, gated: bool| {
            for (column, source) in sources.iter().enumerate() {
                if let (Some(gains), true) = (&gains, source.is_gated() == gated) {
                    let value = columns[column].clone();
                    columns[column] = normalised(value, &gains[column], &shifts[column]);
                }
            }
        };
        normalise(&mut columns, false);
        if !gated_blocks.is_empty() {
            let (mut gated, mut completed) = cell.gate(columns, previous.clone());
            if let Some(factors) = &factors {
                gated = gated * factors.clone();
            }
            for (column, block) in gated_blocks {
                completed[column] = completed[column].clone() + gated.clone().matmul(block);
            }
            columns = completed;
            normalise(&mut columns, true);
        }
        let mut next = cell.step(columns, previous, units.clone());
        if let Some(zones) = &zones {
            for ((next, old), zone) in next.iter_mut().zip(&carried).zip(zones) {
                let stays = zone.clone().narrow(1, step, 1).squeeze_dim::<2>(1);
                *next = stays.clone() * old.clone() + (1.0 - stays) * next.clone();
            }
        }
        if let Some(projection) = &projection {
            next[0] = next[0].clone().matmul(projection.clone());
        }
        // Rows without a step here keep their state and give zeros.
        let mut output = next[0].clone();
        if let Some(real) = real(run.lengths, step, batch) {
            let real = Tensor::from_data(TensorData::new(real, [batch, 1]), &device);
            output = output * real.clone();
            for (next, old) in next.iter_mut().zip(&carried) {
                *next = old.clone() + (next.clone() - old.clone()) * real.clone();
            }
        }
        carried = next;
        outputs[step] = output.unsqueeze_dim(1);
    }
    (Tensor::cat(outputs, 1), carried)
}

/// 1 for each row that has a real step here, 0 for the others; `None` where all have.
fn real(lengths: Option<&Lengths>, step: usize, batch: usize) -> Option<Vec<f32>> {
    let lengths = lengths?;
    let mask: Vec<f32> = (0..batch)
        .map(|row| f32::from(u8::from(lengths.is_real(row, step))))
        .collect();
    mask.contains(&0.0).then_some(mask)
}
