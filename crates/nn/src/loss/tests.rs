//! The fused loss and the composed one are the same function.
use super::*;
use crate::random::Stream;
use burn::tensor::Device;

const ROWS: usize = 11;
const CLASSES: usize = 19;

fn targets() -> Vec<u32> {
    (0..ROWS as u32).map(|row| row * 7 % 19).collect()
}

fn losses() -> [CrossEntropy; 4] {
    let weights: Vec<f32> = (0..CLASSES).map(|class| (class % 4) as f32 / 2.0).collect();
    let plain = CrossEntropy::new();
    [
        plain.clone(),
        plain.clone().with_smoothing(0.1),
        plain.clone().with_class_weights(weights.clone()),
        plain.with_smoothing(0.3).with_class_weights(weights),
    ]
}

fn logits(device: &Device) -> Tensor<2> {
    let mut generator = Stream::new(3, "logits").generator();
    let values: Vec<f32> = (0..ROWS * CLASSES)
        .map(|_| 3.0 * generator.normal() as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, [ROWS, CLASSES]), device)
}

fn number(mean: Tensor<1>) -> f32 {
    mean.into_data().iter::<f32>().sum()
}

/// Three times the loss, and the gradient of that.
fn both(device: Device, loss: &CrossEntropy) -> (f32, Vec<f32>) {
    let logits = logits(&device.autodiff()).require_grad();
    let mean = cross_entropy(logits.clone(), &targets(), loss).unwrap() * 3.0;
    assert_eq!(mean.dims(), [1]);
    let gradients = mean.backward();
    let gradient = logits.grad(&gradients).unwrap().into_data();
    (number(mean), gradient.iter::<f32>().collect())
}

#[test]
fn the_fused_loss_and_that_of_other_devices_agree_forward_and_backward() {
    #[expect(
        deprecated,
        reason = "the one other device that needs nothing of the machine"
    )]
    let other = Device::ndarray();
    assert!(is_fused(&Device::default()) && !is_fused(&other));
    for loss in losses() {
        let (found, gradient) = both(Device::default(), &loss);
        let (expected, expected_gradient) = both(other.clone(), &loss);
        assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
        for (found, expected) in gradient.iter().zip(&expected_gradient) {
            assert!(
                (found - expected).abs() < 1e-6,
                "{found} for {expected}, {loss:?}"
            );
        }
    }
}

fn binary_losses() -> [BinaryCrossEntropy; 3] {
    let weights: Vec<f32> = (0..CLASSES).map(|class| (class % 4) as f32 / 2.0).collect();
    let plain = BinaryCrossEntropy::new();
    let both = plain.clone().with_smoothing(0.3);
    [
        plain.clone(),
        plain.with_smoothing(0.1),
        both.with_positive_weights(weights),
    ]
}

/// Three times the binary loss, and the gradient of that.
fn both_of_sets(device: Device, loss: &BinaryCrossEntropy) -> (f32, Vec<f32>) {
    let targets: Vec<f32> = (0..ROWS * CLASSES)
        .map(|place| f32::from(place * 5 % 7 < 2))
        .collect();
    let logits = logits(&device.autodiff()).require_grad();
    let mean = binary_cross_entropy(logits.clone(), &targets, loss).unwrap() * 3.0;
    assert_eq!(mean.dims(), [1]);
    let gradients = mean.backward();
    let gradient = logits.grad(&gradients).unwrap().into_data();
    (number(mean), gradient.iter::<f32>().collect())
}

#[test]
fn the_binary_loss_and_that_of_other_devices_agree_forward_and_backward() {
    #[expect(
        deprecated,
        reason = "the one other device that needs nothing of the machine"
    )]
    let other = Device::ndarray();
    for loss in binary_losses() {
        let (found, gradient) = both_of_sets(Device::default(), &loss);
        let (expected, expected_gradient) = both_of_sets(other.clone(), &loss);
        assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
        for (found, expected) in gradient.iter().zip(&expected_gradient) {
            assert!(
                (found - expected).abs() < 1e-6,
                "{found} for {expected}, {loss:?}"
            );
        }
    }
    let logits = Tensor::zeros([2, 3], &Device::default());
    let error = binary_cross_entropy(logits, &[0.0; 5], &BinaryCrossEntropy::new());
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("binary cross entropy: targets: expected 3"),
        "{error}"
    );
}

#[test]
fn without_a_graph_the_loss_is_the_same() {
    for loss in losses() {
        let mean = cross_entropy(logits(&Device::default()), &targets(), &loss).unwrap();
        let (expected, _) = both(Device::default(), &loss);
        assert_eq!(number(mean) * 3.0, expected);
    }
}

#[test]
fn targets_that_are_no_class_and_no_rows_are_refused() {
    let device = Device::default();
    let refused = |rows: usize, targets: &[u32], loss: CrossEntropy| {
        let logits = Tensor::zeros([rows, 3], &device);
        cross_entropy(logits, targets, &loss)
            .unwrap_err()
            .to_string()
    };
    let plain = CrossEntropy::new;
    let error = refused(2, &[0, 3], plain());
    assert_eq!(
        error,
        "cross entropy: targets[1]: expected a class below 3, found 3"
    );
    let error = refused(2, &[0], plain());
    assert!(
        error.starts_with("cross entropy: logits: expected 3"),
        "{error}"
    );
    let error = refused(0, &[], plain());
    assert!(error.contains("found 0 rows"), "{error}");
    let error = refused(1, &[0], plain().with_smoothing(-0.1));
    assert!(error.contains("a share from 0 to 1"), "{error}");
    let error = refused(1, &[0], plain().with_class_weights(vec![1.0]));
    assert!(error.contains("class weights: expected 3"), "{error}");
}

#[test]
fn the_logarithm_of_a_sum_of_exponentials_is_that_of_its_definition() {
    let values = [1.0_f32, -2.0, 0.5, 300.0, 299.0, -300.0];
    let found = log_sum_exp(&values, 3).unwrap();
    for (found, row) in found.iter().zip(values.chunks(3)) {
        let highest = row.iter().copied().fold(f32::MIN, f32::max);
        let sum: f64 = row.iter().map(|x| f64::from(x - highest).exp()).sum();
        let expected = f64::from(highest) + sum.ln();
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    assert!(log_sum_exp(&values, 4).is_err() && log_sum_exp(&[], 3).is_err());
}
