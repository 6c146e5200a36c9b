//! The convolution over time: PyTorch's numbers, padding that never counts, the same on other devices.
use crate::support::{bits, composed, fused, numbers, tensor, values};
use burn::tensor::{Device, Tensor};
use ressac_nn::random::Stream;
use ressac_nn::weights::{self, HostTensor, NamedTensors};
use ressac_nn::{Activation, Lengths, TimeConvolution, TimeConvolutionConfig};

fn layer(kernel: usize, device: &Device) -> TimeConvolution {
    TimeConvolutionConfig::new(3, 5, kernel)
        .with_activation(Activation::Tanh)
        .init(&Stream::new(4, "convolution"), device)
        .unwrap()
}

/// ```text
/// c = torch.nn.Conv1d(2, 3, 4, padding="same").double()
/// c.weight.copy_(((torch.arange(24) % 7) - 3).reshape(3, 2, 4) / 8.0)
/// c.bias.copy_(torch.tensor([0.5, -0.25, 0.125]))
/// x = (((torch.arange(10) * 3) % 11) - 5).reshape(1, 5, 2).double() / 4
/// c(x.transpose(1, 2)).transpose(1, 2)
/// ```
#[test]
fn an_even_kernel_gives_the_numbers_of_pytorch() {
    let (input, output, kernel) = (2, 3, 4);
    let made = TimeConvolutionConfig::new(input, output, kernel)
        .init(&Stream::new(0, "golden"), &fused())
        .unwrap();
    // PyTorch has [output, input, kernel], this layer [output, kernel · input].
    let torch = |at: usize| (at % 7) as f32 / 8.0 - 3.0 / 8.0;
    let mut taps = Vec::new();
    for out in 0..output {
        for tap in 0..kernel {
            taps.extend((0..input).map(|of| torch((out * input + of) * kernel + tap)));
        }
    }
    let named = |shape: Vec<usize>, values: Vec<f32>| HostTensor { shape, values };
    let given: NamedTensors = [
        (
            "taps.weights".to_owned(),
            named(vec![output, kernel * input], taps),
        ),
        (
            "taps.bias".to_owned(),
            named(vec![output], vec![0.5, -0.25, 0.125]),
        ),
    ]
    .into_iter()
    .collect();
    let made = weights::apply(made, &given).unwrap();
    let values_in: Vec<f32> = (0..10)
        .map(|at| ((at * 3 % 11) as f32 - 5.0) / 4.0)
        .collect();
    let found = made
        .forward(tensor(&values_in, [1, 5, 2], &fused()), None)
        .unwrap();
    let expected = [
        1.125, -0.71875, -0.125, 0.65625, 0.125, -0.375, 1.125, -0.59375, 0.125, 1.125, 0.34375,
        -0.40625, 0.65625, 0.03125, 0.53125,
    ];
    assert_eq!(values(found), expected);
}

#[test]
fn a_row_has_the_same_bits_alone_and_padded_with_anything_beside_a_longer_one() {
    let device = fused().inner();
    let layer = layer(4, &device);
    let (long, short) = (numbers("long", 7 * 3), numbers("short", 4 * 3));
    let alone = layer
        .forward(tensor(&short, [1, 4, 3], &device), None)
        .unwrap();
    let mut both = [long, short].concat();
    both.extend([9.0; 3 * 3]);
    let lengths = Lengths::new([7, 4]).unwrap();
    let found = layer
        .forward(tensor(&both, [2, 7, 3], &device), Some(&lengths))
        .unwrap();
    let found = values(found);
    let row = &found[7 * 5..];
    assert_eq!(bits(&row[..4 * 5]), bits(&values(alone)));
    assert!(row[4 * 5..].iter().all(|value| *value == 0.0));
}

#[test]
fn values_and_gradients_are_those_of_another_device() {
    let run = |device: &Device, kernel: usize| {
        let input = tensor(&numbers("input", 2 * 7 * 3), [2, 7, 3], device).require_grad();
        let lengths = Lengths::new([7, 4]).unwrap();
        let output = layer(kernel, device)
            .forward(input.clone(), Some(&lengths))
            .unwrap();
        let upstream: Tensor<3> = tensor(&numbers("upstream", 2 * 7 * 5), [2, 7, 5], device);
        let gradients = (output.clone() * upstream).sum().backward();
        (values(output), values(input.grad(&gradients).unwrap()))
    };
    for kernel in [1, 2, 5, 9] {
        let (fused, composed) = (run(&fused(), kernel), run(&composed(), kernel));
        for (a, b) in [(fused.0, composed.0), (fused.1, composed.1)] {
            let farthest = a
                .iter()
                .zip(&b)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            assert!(farthest < 2e-6, "kernel {kernel}: {farthest}");
        }
    }
}

#[test]
fn a_kernel_of_nothing_and_no_step_are_refused() {
    let config = TimeConvolutionConfig::new(3, 5, 0);
    let refused = config
        .init(&Stream::new(0, "refused"), &fused())
        .unwrap_err();
    assert!(refused.to_string().contains("kernel"), "{refused}");
    let empty = Tensor::<3>::zeros([2, 0, 3], &fused());
    assert!(layer(3, &fused()).forward(empty, None).is_err());
}
