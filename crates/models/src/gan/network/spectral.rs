//! Spectral normalisation: the largest singular value of each layer's weights, by power iteration (Miyato et al. 2018).

use burn::module::{Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::random::Stream;
use ressac_nn::weights::values;

/// Steps of the power iteration before training; one more follows in each step.
const AT_START: usize = 20;

/// Below this nothing is divided by a length.
const LEAST: f64 = 1e-12;

/// The largest singular value of each layer, and where the power iterations stand.
#[derive(Debug, Clone, Default)]
pub(in crate::gan) struct Normalised {
    /// What each layer is divided by: its gradient is that of the weights.
    pub(in crate::gan) factors: Vec<Tensor<1>>,
    /// The directions after this step, by their parameters.
    pub(in crate::gan) after: Vec<(ParamId, Vec<f32>)>,
}

/// A random direction of the outputs of `weights [outputs, inputs]`, turned towards that of the largest singular value. It has no
/// gradient.
pub(super) fn direction(weights: &Tensor<2>, stream: &Stream, device: &Device) -> Param<Tensor<1>> {
    let [outputs, inputs] = weights.dims();
    let mut generator = stream.generator();
    let mut direction: Vec<f32> = (0..outputs).map(|_| generator.normal() as f32).collect();
    let weights = values(weights.clone());
    for _ in 0..AT_START {
        direction = power(&weights, inputs, &direction).0;
    }
    let data = TensorData::new(direction, [outputs]);
    Param::from_tensor(Tensor::from_data(data, device)).set_require_grad(false)
}

/// One step of the power iteration for `weights [outputs · inputs]` from a direction of the outputs: the next direction u of the
/// outputs, that v of the inputs, and u·Wv.
pub(in crate::gan) fn power(
    weights: &[f32],
    inputs: usize,
    direction: &[f32],
) -> (Vec<f32>, Vec<f32>, f64) {
    let unit = |values: &[f64]| -> (Vec<f32>, f64) {
        let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
        let divided = values
            .iter()
            .map(|value| (value / length.max(LEAST)) as f32);
        (divided.collect(), length)
    };
    let rows = weights.chunks_exact(inputs.max(1));
    let mut back = vec![0.0; inputs];
    for (row, along) in rows.clone().zip(direction) {
        for (sum, weight) in back.iter_mut().zip(row) {
            *sum += f64::from(*weight) * f64::from(*along);
        }
    }
    let (back, _) = unit(&back);
    let forth: Vec<f64> = rows
        .map(|row| {
            let products = row.iter().zip(&back);
            products
                .map(|(weight, along)| f64::from(*weight) * f64::from(*along))
                .sum()
        })
        .collect();
    let (next, length) = unit(&forth);
    (next, back, length)
}

/// The largest singular value of each of the layers, differentiable with respect to its weights, from one step of the power
/// iteration more.
pub(super) fn normalised(layers: &[Tensor<2>], directions: &[Param<Tensor<1>>]) -> Normalised {
    let mut found = Normalised::default();
    for (weights, direction) in layers.iter().zip(directions) {
        let ([outputs, inputs], device) = (weights.dims(), weights.device());
        let before = values(direction.val());
        let (next, back, _) = power(&values(weights.clone()), inputs, &before);
        let u = Tensor::<2>::from_data(TensorData::new(next.clone(), [1, outputs]), &device);
        let v = Tensor::<2>::from_data(TensorData::new(back, [inputs, 1]), &device);
        let largest = u.matmul(weights.clone().matmul(v)).reshape([1]);
        found.factors.push(largest + LEAST);
        found.after.push((direction.id, next));
    }
    found
}
