//! The fused loss over an output layer and the composed one are the same function.
use super::*;
use crate::random::Stream;
use burn::tensor::Device;

const TARGETS: [u32; 6] = [4, PADDING, 0, 10, PADDING, 4];
const WIDTH: usize = 5;
const CLASSES: usize = 11;

fn drawn<const D: usize>(purpose: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let mut generator = Stream::new(3, purpose).generator();
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|_| generator.normal() as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Three times the mean, the loss of each row, and the gradients of the three inputs.
fn both(device: Device, smoothing: f64) -> Vec<Vec<f32>> {
    let device = device.autodiff();
    let hidden = drawn("hidden", [TARGETS.len(), WIDTH], &device).require_grad();
    let weights = drawn("weights", [CLASSES, WIDTH], &device).require_grad();
    let bias = drawn("bias", [CLASSES], &device).require_grad();
    let loss = OutputLoss::new().with_smoothing(smoothing);
    let losses = loss
        .of(hidden.clone(), weights.clone(), bias.clone(), &TARGETS)
        .unwrap();
    let mean = losses.mean * 3.0;
    let gradients = mean.clone().backward();
    vec![
        numbers(mean),
        numbers(losses.rows),
        numbers(hidden.grad(&gradients).unwrap()),
        numbers(weights.grad(&gradients).unwrap()),
        numbers(bias.grad(&gradients).unwrap()),
    ]
}

#[test]
fn the_fused_loss_and_that_of_other_devices_agree_forward_and_backward() {
    #[expect(
        deprecated,
        reason = "the one other device that needs nothing of the machine"
    )]
    let other = Device::ndarray();
    for smoothing in [0.0, 0.2] {
        let (found, expected) = (
            both(Device::default(), smoothing),
            both(other.clone(), smoothing),
        );
        for (part, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    (found - expected).abs() < 1e-5,
                    "{part}: {found} for {expected}"
                );
            }
        }
        assert_eq!((found[1][1], found[1][4]), (0.0, 0.0));
        if smoothing == 0.0 {
            let mean = found[1].iter().sum::<f32>() / 4.0;
            assert!((3.0 * mean - found[0][0]).abs() < 1e-5);
        }
    }
}

#[test]
fn what_is_no_target_is_refused() {
    let device = Device::default();
    let of = |targets: &[u32], smoothing: f64| {
        let hidden = drawn("hidden", [2, WIDTH], &device);
        let weights = drawn("weights", [CLASSES, WIDTH], &device);
        let loss = OutputLoss::new().with_smoothing(smoothing);
        let found = loss.of(hidden, weights, drawn("bias", [CLASSES], &device), targets);
        found.unwrap_err().to_string()
    };
    assert!(of(&[3, 11], 0.0).contains("targets[1]"));
    assert!(of(&[PADDING; 2], 0.0).contains("all of them padding"));
    assert!(of(&[1], 0.0).contains("targets"));
    assert!(of(&[1, 2], 1.5).contains("smoothing"));
}
