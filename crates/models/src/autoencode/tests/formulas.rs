//! The formulas of losses and penalties beside what they are to be.

use std::f64::consts::TAU;

use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::Lengths;
use ressac_nn::random::Stream;

use super::super::choices::{AutoencoderKind, Function};
use super::super::config::AutoencodeConfig;
use super::super::encoded::Batch;
use super::super::learner::sparsity;
use super::super::network::{AutoencodeNetwork, Coded};
use super::super::pipeline::Extent;
use crate::options::{Config as _, Options as _};

fn config(function: Function) -> AutoencodeConfig {
    let text = "data = [\"none\"]\nheld_back = 0.2\nwidths = [5, 4, 3]\nmodel = \"dense\"\nnoise = 0.0\nsparsity = 0.0\ncontraction = 1.0\nvariational = false\nbatch = 7\nlr = 0.1\nschedule = \"constant\"\naveraging = \"none\"\nweight_decay = 0.0\nclip = 0.0\npatience = 0\nseed = 0\nsteps = 1";
    let options = super::super::AutoencodeOptions::read(&text.parse().unwrap(), "test".as_ref());
    AutoencodeConfig {
        function: Some(function),
        model: AutoencoderKind::Dense,
        ..AutoencodeConfig::from_options(options.unwrap()).unwrap()
    }
}

const EXTENT: Extent = Extent {
    width: 2,
    dims: 2,
    steps: Some(3),
    sides: None,
};

fn batch(values: Vec<f32>, device: &Device) -> Batch {
    let rows = values.len() / 6;
    let values = Tensor::<3>::from_data(TensorData::new(values, [rows, 3, 2]), device);
    Batch::whole(values, Lengths::new(vec![3; rows]).unwrap(), 2)
}

#[test]
fn the_norm_of_the_jacobian_is_that_of_finite_differences() {
    let device = Device::default();
    let plain = [
        Function::Relu,
        Function::LeakyRelu,
        Function::Tanh,
        Function::Sigmoid,
    ];
    // And a code behind a logistic function, as a sparse one is.
    let all = plain.map(|function| (function, 0.0));
    for (function, sparsity) in all.into_iter().chain([(Function::Tanh, 1.0)]) {
        let config = AutoencodeConfig {
            sparsity,
            ..config(function)
        };
        let stream = Stream::new(3, "weights");
        let network = AutoencodeNetwork::new(&config, EXTENT, &stream, &device).unwrap();
        let mut generator = Stream::new(4, "values").generator();
        let values: Vec<f32> = (0..7 * 6).map(|_| generator.normal() as f32).collect();
        let written = network
            .jacobian(&network.encode(&batch(values.clone(), &device)).unwrap())
            .unwrap()
            .unwrap();
        let written = f64::from(written.into_data().iter::<f32>().next().unwrap());
        let code = |values: Vec<f32>| -> Vec<f64> {
            let code = network.encode(&batch(values, &device)).unwrap().code;
            code.into_data().iter::<f32>().map(f64::from).collect()
        };
        let step = 1e-2_f32;
        let mut sum = 0.0;
        for at in 0..values.len() {
            let (mut above, mut below) = (values.clone(), values.clone());
            above[at] += step;
            below[at] -= step;
            let slopes = code(above).into_iter().zip(code(below));
            sum += slopes
                .map(|(a, b)| ((a - b) / f64::from(2.0 * step)).powi(2))
                .sum::<f64>();
        }
        let by_differences = sum / 7.0;
        let error = (written / by_differences - 1.0).abs();
        // A kink of relu within a step is an error of the differences.
        assert!(
            error < 0.02,
            "{function}: {written} beside {by_differences}"
        );
    }
}

#[test]
fn the_gradient_of_the_norm_is_that_of_finite_differences() {
    let device = Device::default().autodiff();
    let stream = Stream::new(3, "weights");
    let network = AutoencodeNetwork::new(&config(Function::Tanh), EXTENT, &stream, &device);
    let network = network.unwrap();
    let mut generator = Stream::new(4, "values").generator();
    let values: Vec<f32> = (0..7 * 6).map(|_| generator.normal() as f32).collect();
    let leaf = batch(values.clone(), &device).values.require_grad();
    let read = Batch::whole(leaf.clone(), Lengths::new(vec![3; 7]).unwrap(), 2);
    let gradients = network
        .jacobian(&network.encode(&read).unwrap())
        .unwrap()
        .unwrap()
        .backward();
    let gradient = leaf.grad(&gradients).unwrap().into_data();
    let gradient: Vec<f32> = gradient.iter::<f32>().collect();
    let norm = |values: Vec<f32>| {
        let norm = network
            .jacobian(&network.encode(&batch(values, &device)).unwrap())
            .unwrap()
            .unwrap();
        f64::from(norm.into_data().iter::<f32>().next().unwrap())
    };
    let step = 2e-2_f32;
    for (at, found) in gradient.into_iter().enumerate() {
        let (mut above, mut below) = (values.clone(), values.clone());
        above[at] += step;
        below[at] -= step;
        let slope = (norm(above) - norm(below)) / f64::from(2.0 * step);
        assert!(
            (slope - f64::from(found)).abs() < 2e-4,
            "{at}: {found} beside {slope}"
        );
    }
}

#[test]
fn the_divergence_is_that_of_the_integral() {
    let device = Device::default();
    let tensor = |value: f32| Tensor::<2>::from_data(TensorData::new(vec![value], [1, 1]), &device);
    for (mean, log_variance) in [(0.0_f32, 0.0_f32), (0.7, -1.3), (-1.1, 0.4)] {
        let coded = Coded {
            code: tensor(mean),
            log_variance: Some(tensor(log_variance)),
            given: Vec::new(),
        };
        let found = coded.divergence().unwrap().into_data();
        let found = f64::from(found.iter::<f32>().next().unwrap());
        let (mean, variance) = (f64::from(mean), f64::from(log_variance).exp());
        let density = |x: f64, mean: f64, variance: f64| {
            (-(x - mean).powi(2) / (2.0 * variance)).exp() / (TAU * variance).sqrt()
        };
        let width = 1e-3;
        let integral: f64 = (-12_000..12_000)
            .map(|at| {
                let x = f64::from(at) * width;
                let p = density(x, mean, variance);
                match p > 1e-300 {
                    true => p * (p / density(x, 0.0, 1.0)).ln() * width,
                    false => 0.0,
                }
            })
            .sum();
        assert!((found - integral).abs() < 1e-4, "{found} beside {integral}");
    }
    let coded = Coded {
        code: tensor(1.0),
        log_variance: None,
        given: Vec::new(),
    };
    assert!(coded.divergence().is_none());
}

#[test]
fn a_code_that_is_as_active_as_it_should_be_has_no_penalty_and_others_have_their_divergence() {
    let device = Device::default();
    let penalty = |codes: &[f32]| {
        let numbers = codes.len() / 2;
        let data = TensorData::new(codes.to_vec(), [2, numbers]);
        let found = sparsity(Tensor::<2>::from_data(data, &device)).into_data();
        f64::from(found.iter::<f32>().next().unwrap())
    };
    assert!(penalty(&[0.02, 0.1, 0.08, 0.0]).abs() < 1e-6);
    let bernoulli = |active: f64| 0.05 * (0.05 / active).ln() + 0.95 * (0.95 / (1.0 - active)).ln();
    // Means over the batch: 0.4 and 0.01.
    let expected = bernoulli(0.4) + bernoulli(0.01);
    assert!((penalty(&[0.7, 0.02, 0.1, 0.0]) - expected).abs() < 1e-5);
}
