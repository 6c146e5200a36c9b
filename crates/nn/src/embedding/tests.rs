//! The fused lookup and that of Burn are the same function.
use super::*;
use crate::random::Stream;
use burn::tensor::Device;

const ENTRIES: usize = 7;
const WIDTH: usize = 19;
const IDS: [u32; 9] = [3, 0, 0, 6, 3, 0, 1, 0, 3];

fn drawn(purpose: &str, shape: [usize; 2], device: &Device) -> Tensor<2> {
    let mut generator = Stream::new(3, purpose).generator();
    let values: Vec<f32> = (0..shape[0] * shape[1])
        .map(|_| generator.normal() as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Output and gradient of the table on a device.
fn both(device: Device) -> [Vec<f32>; 2] {
    let device = device.autodiff();
    let table = drawn("table", [ENTRIES, WIDTH], &device).require_grad();
    let output = lookup(table.clone(), &IDS).unwrap();
    assert_eq!(output.dims(), [IDS.len(), WIDTH]);
    let weights = drawn("loss", [IDS.len(), WIDTH], &device);
    let gradients = (output.clone() * weights).sum().backward();
    [numbers(output), numbers(table.grad(&gradients).unwrap())]
}

#[test]
fn the_fused_lookup_and_that_of_other_devices_agree_forward_and_backward() {
    #[expect(
        deprecated,
        reason = "the one other device that needs nothing of the machine"
    )]
    let other = Device::ndarray();
    assert!(is_fused(&Device::default()) && !is_fused(&other));
    let ([output, gradient], [expected, expected_gradient]) =
        (both(Device::default()), both(other));
    assert_eq!(output, expected);
    for (found, expected) in gradient.iter().zip(&expected_gradient) {
        assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
    }
    assert_eq!(
        gradient[2 * WIDTH..3 * WIDTH],
        [0.0; WIDTH],
        "never looked up"
    );
}

#[test]
fn without_a_graph_the_rows_are_the_same() {
    let table = drawn("table", [ENTRIES, WIDTH], &Device::default());
    let [output, _] = both(Device::default());
    assert_eq!(numbers(lookup(table, &IDS).unwrap()), output);
}

#[test]
fn an_id_beyond_the_table_is_refused_by_its_place() {
    let table = Tensor::zeros([ENTRIES, WIDTH], &Device::default());
    let error = lookup(table, &[0, 6, 7]).unwrap_err().to_string();
    assert_eq!(
        error,
        "embedding: ids[2]: expected an id below 7, the entries of the table, found 7"
    );
}
