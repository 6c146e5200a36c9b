//! Layers for images: the same values and gradients as on other devices, no copy between them, running averages.
use crate::support::{bits, composed, fused, numbers, tensor, values};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use ressac_nn::image::{
    BatchNorm2d, BatchNorm2dConfig, Conv2dConfig, Interpolation, Window, avg_pool2d,
    global_avg_pool2d, max_pool2d, resize2d,
};
use ressac_nn::optim::GradientsParams;
use ressac_nn::random::Stream;
use ressac_nn::{Activation, NnError, weights};

/// The gradients of a module's parameters, in their order.
struct Collect<'a>(&'a GradientsParams, Vec<Vec<f32>>);

impl ModuleVisitor for Collect<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.1.extend(self.0.get::<D>(param.id).map(values));
    }
}

/// Output, gradient of the input, and those of all parameters that have one.
fn run<M: Module, const D: usize>(
    layer: &M,
    shape: [usize; 4],
    device: &Device,
    forward: impl Fn(&M, Tensor<4>) -> Result<Tensor<D>, NnError>,
) -> Vec<Vec<f32>> {
    let input = tensor(&numbers("input", shape.iter().product()), shape, device).require_grad();
    let output = forward(layer, input.clone()).unwrap();
    let dims = output.dims();
    let upstream = tensor(&numbers("upstream", dims.iter().product()), dims, device);
    let mut gradients = (output.clone() * upstream).sum().backward();
    let of_input = input.grad(&gradients).unwrap();
    let of_layer = GradientsParams::from_module(&mut gradients, layer);
    let mut collect = Collect(&of_layer, vec![values(output), values(of_input)]);
    layer.visit(&mut collect);
    collect.1
}

fn close(what: &str, found: &[Vec<f32>], expected: &[Vec<f32>], parts: usize) {
    assert_eq!((found.len(), expected.len()), (parts, parts), "{what}");
    for (part, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.len(), expected.len(), "{what}, part {part}");
        let largest = expected
            .iter()
            .fold(1e-3_f32, |most, of| most.max(of.abs()));
        for (found, expected) in found.iter().zip(expected) {
            let off = (found - expected).abs() / largest;
            assert!(off < 3e-5, "{what}, part {part}: {found} for {expected}");
        }
    }
}

const ACTIVATIONS: [Activation; 5] = [
    Activation::Identity,
    Activation::Relu,
    Activation::LeakyRelu(0.2),
    Activation::Sigmoid,
    Activation::Tanh,
];

#[test]
fn convolutions_of_both_kinds_are_those_of_other_devices() {
    let stream = Stream::new(5, "weights");
    for (at, activation) in ACTIVATIONS.into_iter().enumerate() {
        let plain = Conv2dConfig::new([4, 6], [3, 2])
            .with_stride([1 + at % 2, 2])
            .with_padding([1, at % 3])
            .with_dilation([1, 1 + at % 2])
            .with_groups(1 + at % 2)
            .with_bias(at != 3)
            .with_activation(activation);
        let turned = Conv2dConfig::transposed([4, 6], [4, 3])
            .with_stride([2, 1 + at % 3])
            .with_padding([1, at % 2])
            .with_output_padding([1, 0])
            .with_groups(1 + at % 2)
            .with_bias(at != 3)
            .with_activation(activation);
        let shape = [3, 4, 7, 5];
        let parts = if at == 3 { 3 } else { 4 };
        let plainly = |device: &Device| {
            let layer = plain.init(&stream, device).unwrap();
            run(&layer, shape, device, |layer, map| layer.forward(map))
        };
        close(
            "convolution",
            &plainly(&fused()),
            &plainly(&composed()),
            parts,
        );
        let transposed = |device: &Device| {
            let layer = turned.init(&stream, device).unwrap();
            run(&layer, shape, device, |layer, map| layer.forward(map))
        };
        close(
            "transposed",
            &transposed(&fused()),
            &transposed(&composed()),
            parts,
        );
    }
}

fn normalised(activation: Activation, device: &Device) -> BatchNorm2d {
    let layer = BatchNorm2dConfig::new(3).with_activation(activation);
    let layer = layer.init(device).unwrap();
    let mut given = weights::collect(&layer);
    for (name, tensor) in &mut given {
        let drawn = numbers(name, tensor.values.len());
        tensor.values = drawn.iter().map(|value| 1.0 + 0.5 * value).collect();
    }
    weights::apply(layer, &given).unwrap()
}

#[test]
fn batch_normalisation_is_that_of_other_devices_in_training_and_afterwards() {
    for activation in ACTIVATIONS {
        let train = |device: &Device| {
            let layer = normalised(activation, device);
            run(&layer, [4, 3, 5, 2], device, |layer, map| {
                Ok(layer.forward_train(map)?.0)
            })
        };
        close("training", &train(&fused()), &train(&composed()), 4);
        let infer = |device: &Device| {
            let layer = normalised(activation, device);
            run(&layer, [4, 3, 5, 2], device, |layer, map| {
                layer.forward(map)
            })
        };
        close("afterwards", &infer(&fused()), &infer(&composed()), 4);
    }
}

#[test]
fn running_averages_move_by_a_tenth_as_pytorchs() {
    for device in [fused(), composed()] {
        let layer = BatchNorm2dConfig::new(1).init(&device).unwrap();
        // Mean 2, variance 2, unbiased 8/3.
        let map = tensor(&[0.0, 2.0, 2.0, 4.0], [1, 1, 2, 2], &device);
        let (_, running) = layer.forward_train(map).unwrap();
        let layer = weights::set(layer, running.0);
        let found = weights::collect(&layer);
        assert!((found["running_mean"].values[0] - 0.2).abs() < 1e-6);
        let variance = found["running_variance"].values[0];
        assert!((variance - (0.9 + 0.8 / 3.0)).abs() < 1e-6, "{variance}");
    }
}

#[test]
fn pools_and_changes_of_size_are_those_of_other_devices() {
    let window = Window {
        kernel: [3, 2],
        stride: [2, 1],
        padding: [1, 0],
    };
    // A module without parameters.
    let none: Vec<Param<Tensor<1>>> = Vec::new();
    type Pool = fn(Tensor<4>, Window) -> Result<Tensor<4>, NnError>;
    let pools: [Pool; 2] = [max_pool2d, avg_pool2d];
    for (pool, name) in pools.into_iter().zip(["largest", "mean"]) {
        let of = |device: &Device| run(&none, [2, 3, 7, 5], device, |_, map| pool(map, window));
        close(name, &of(&fused()), &of(&composed()), 2);
    }
    let of = |device: &Device| run(&none, [2, 3, 7, 5], device, |_, map| global_avg_pool2d(map));
    close("whole map", &of(&fused()), &of(&composed()), 2);
    for to in [[14, 10], [3, 4], [7, 9]] {
        let of = |device: &Device| {
            run(&none, [2, 3, 7, 5], device, |_, map| {
                resize2d(map, to, Interpolation::Nearest)
            })
        };
        close("nearest", &of(&fused()), &of(&composed()), 2);
        let of = |device: &Device| {
            let map = tensor(&numbers("input", 2 * 3 * 7 * 5), [2, 3, 7, 5], device);
            vec![values(resize2d(map, to, Interpolation::Bilinear).unwrap())]
        };
        close("bilinear", &of(&fused()), &of(&composed()), 1);
    }
}

#[test]
fn an_image_has_the_same_bits_alone_and_beside_others() {
    let device = fused().inner();
    let layer = Conv2dConfig::new([3, 8], [3, 3])
        .with_padding([1, 1])
        .init(&Stream::new(1, "layer"), &device)
        .unwrap();
    let all = numbers("images", 5 * 3 * 6 * 6);
    let together = values(layer.forward(tensor(&all, [5, 3, 6, 6], &device)).unwrap());
    let second = tensor(&all[3 * 36..2 * 3 * 36], [1, 3, 6, 6], &device);
    let alone = values(layer.forward(second).unwrap());
    assert_eq!(bits(&together[8 * 36..2 * 8 * 36]), bits(&alone));
}

#[test]
fn what_does_not_fit_is_refused_with_what_was_expected() {
    let device = fused();
    let stream = Stream::new(1, "layer");
    assert!(
        Conv2dConfig::new([3, 0], [3, 3])
            .init(&stream, &device)
            .is_err()
    );
    let odd = Conv2dConfig::new([3, 4], [3, 3]).with_groups(2);
    let error = odd.init(&stream, &device).unwrap_err().to_string();
    assert!(error.contains("groups"), "{error}");
    let layer = Conv2dConfig::new([3, 4], [3, 3])
        .init(&stream, &device)
        .unwrap();
    let small = layer.forward(tensor(&numbers("x", 12), [1, 3, 2, 2], &device));
    assert!(small.unwrap_err().to_string().contains("kernel"));
    let narrow = layer.forward(tensor(&numbers("x", 32), [1, 2, 4, 4], &device));
    assert!(
        narrow
            .unwrap_err()
            .to_string()
            .contains("expected 3, found 2")
    );
    let steep = Activation::LeakyRelu(-1.0);
    let layer = Conv2dConfig::new([3, 4], [3, 3]).with_activation(steep);
    assert!(layer.init(&stream, &device).is_err());
}
