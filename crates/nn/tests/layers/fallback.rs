//! The composed path, on a device without fused kernels, equals the fused one.
use crate::support::{
    Case, Found, assert_close, by_name, cells, composed, fused, numbers, tensor, values,
};
use burn::tensor::Device;
use ressac_nn::optim::GradientsParams;
use ressac_nn::random::Stream;
use ressac_nn::{Activation, LinearConfig, is_fused};

/// Largest difference allowed, relative to the largest value of the same array.
const TOLERANCE: f64 = 1e-5;

#[test]
fn the_path_follows_the_device_whether_it_keeps_gradients_or_not() {
    for device in [fused(), fused().inner(), Device::default()] {
        assert!(is_fused(&device), "{device:?}");
    }
    for device in [composed(), composed().inner()] {
        assert!(!is_fused(&device), "{device:?}");
    }
}

#[test]
fn every_cell_gives_the_same_on_both_paths() {
    // Layers, directions, batch, time, features, hidden, lengths, an initial state.
    type Structure = (usize, bool, [usize; 4], Option<&'static [usize]>, bool);
    let structures: [Structure; 6] = [
        (1, false, [3, 5, 7, 11], None, false),
        (1, false, [5, 7, 3, 13], Some(&[4, 7, 1, 5, 2]), true),
        (2, false, [2, 11, 5, 17], Some(&[9, 3]), false),
        (3, false, [1, 5, 2, 3], None, true),
        (1, true, [7, 3, 11, 5], Some(&[2, 3, 1, 1, 3, 2, 3]), true),
        (2, true, [3, 13, 5, 19], Some(&[13, 2, 7]), true),
    ];
    for (layers, bidirectional, [batch, time, features, hidden], lengths, initial) in structures {
        for (name, config) in cells(features, hidden) {
            let config = config.with_layers(layers).with_bidirectional(bidirectional);
            let run = |device: Device| {
                let layer = config.init(&Stream::new(5, name), &device).unwrap();
                let mut case = Case::new(&layer, batch, time, features);
                if let Some(lengths) = lengths {
                    case = case.with_lengths(lengths);
                }
                if initial {
                    case = case.with_initial(&layer);
                }
                case.run(&layer, &device)
            };
            let what = format!("{name}, {layers} layers, bidirectional {bidirectional}");
            let (fused, composed) = (run(fused()), run(composed()));
            // Of every layer and direction: output, state, gradients of W, U, bias; and of the input.
            let directions = layers * if bidirectional { 2 } else { 1 };
            let arrays = 2 + directions * if initial { 5 } else { 4 };
            assert_eq!(fused.len(), arrays, "{what}");
            assert_close(&what, &fused, &composed, TOLERANCE);
        }
    }
}

#[test]
fn a_linear_layer_gives_the_same_on_both_paths_with_every_activation() {
    for activation in [
        Activation::Identity,
        Activation::Relu,
        Activation::Sigmoid,
        Activation::Tanh,
    ] {
        for bias in [true, false] {
            for (shape, outputs) in [([3, 5, 7], 11), ([1, 1, 13], 1), ([2, 17, 1], 5)] {
                let config = LinearConfig::new(shape[2], outputs)
                    .with_bias(bias)
                    .with_activation(activation);
                let run = |device: Device| {
                    let layer = config.init(&Stream::new(6, "linear"), &device).unwrap();
                    let input = numbers("input", shape.iter().product());
                    let input = tensor(&input, shape, &device).require_grad();
                    let output = layer.forward(input.clone()).unwrap();
                    assert_eq!(output.dims(), [shape[0], shape[1], outputs]);
                    let upstream = numbers("upstream", shape[0] * shape[1] * outputs);
                    let upstream = tensor(&upstream, output.dims(), &device);
                    let mut gradients = (output.clone() * upstream).sum().backward();
                    let mut found = Found::from([
                        ("output".to_owned(), values(output)),
                        ("input".to_owned(), values(input.grad(&gradients).unwrap())),
                    ]);
                    let gradients = GradientsParams::from_module(&mut gradients, &layer);
                    found.extend(by_name(&layer, &gradients));
                    assert_eq!(found.len(), if bias { 4 } else { 3 });
                    found
                };
                let what = format!("{activation:?}, bias {bias}, {shape:?} to {outputs}");
                assert_close(&what, &run(fused()), &run(composed()), TOLERANCE);
            }
        }
    }
}
