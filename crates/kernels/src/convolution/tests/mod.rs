//! Both convolutions against PyTorch, `f64` and finite differences, and their promises about bits.
mod golden;
mod properties;
mod refusals;

use super::geometry::Geometry;
use super::reference::{Given, TOLERANCE};
use super::*;
use crate::check::{
    Results, THREADS, bits_of, central_differences, close_on_every_set, contexts, numbers,
    same_bits_everywhere, unwritten, wide,
};
use crate::context::WORTH_SHARING;

/// Kernel, stride, padding, dilation.
type Taps = [[usize; 2]; 4];

/// Channels in and out, groups; taps; output padding of a transposed one.
type Sizes = ([usize; 3], Taps, Option<[usize; 2]>);

fn layer((channels, [kernel, stride, padding, dilation], transposed): Sizes) -> Convolution {
    let [channels_in, channels_out, groups] = channels;
    Convolution {
        channels_in,
        channels_out,
        groups,
        kernel,
        stride,
        padding,
        dilation,
        transposed,
        activation: Activation::Identity,
    }
}

fn geometry(layer: &Convolution, size: [usize; 2]) -> (Geometry, Towards) {
    let context = contexts(1)[0];
    let call = layer.call(&context, size).unwrap();
    (call.geometry, call.towards)
}

/// Numbers of one call; each is exactly an `f32`.
#[derive(Debug, Clone)]
struct Case {
    layer: Convolution,
    size: [usize; 2],
    images: usize,
    input: Vec<f32>,
    weights: Vec<f32>,
    bias: Option<Vec<f32>>,
    output_gradient: Vec<f32>,
}

impl Case {
    fn new(layer: Convolution, images: usize, size: [usize; 2], biased: bool) -> Self {
        let (geometry, towards) = geometry(&layer, size);
        let (input, output) = geometry.maps(towards);
        let weights = geometry.small.channels * geometry.large.channels / geometry.groups;
        let terms = input.channels / geometry.groups * geometry.taps();
        Self {
            layer,
            size,
            images,
            input: numbers(1, images * input.values(), 1.7),
            weights: numbers(2, weights * geometry.taps(), (3.0 / terms as f32).sqrt()),
            bias: biased.then(|| numbers(3, output.channels, 0.5)),
            output_gradient: numbers(4, images * output.values(), 1.0),
        }
    }

    fn activated(mut self, activation: Activation) -> Self {
        self.layer.activation = activation;
        self
    }

    fn name(&self) -> String {
        format!(
            "{} images of {:?}, {:?}",
            self.images, self.size, self.layer
        )
    }

    fn reference_of(&self, given: &[Vec<f64>]) -> Results<f64> {
        let (geometry, towards) = geometry(&self.layer, self.size);
        Given {
            geometry: &geometry,
            towards,
            activation: self.layer.activation,
            images: self.images,
        }
        .reference(
            &given[0],
            &given[1],
            given.get(2).map(Vec::as_slice),
            &wide(&self.output_gradient),
        )
    }

    fn reference(&self) -> Results<f64> {
        let given = [Some(&self.input), Some(&self.weights), self.bias.as_ref()];
        let given: Vec<_> = given
            .into_iter()
            .flatten()
            .map(|given| wide(given))
            .collect();
        self.reference_of(&given)
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let mut y = unwritten(self.output_gradient.len());
        let mut dx = unwritten(self.input.len());
        let mut dw = unwritten(self.weights.len());
        let mut db = self.bias.as_ref().map(|bias| unwritten(bias.len()));
        let (x, w, dy) = (&self.input, &self.weights, &self.output_gradient);
        let forward = Forward {
            input: x,
            weights: w,
            bias: self.bias.as_deref(),
            output: &mut y,
        };
        self.layer.forward(context, self.size, forward).unwrap();
        let gradients = ConvolutionGradients {
            input: Some(&mut dx),
            weights: Some(&mut dw),
            bias: db.as_deref_mut(),
        };
        let backward = Backward {
            input: x,
            weights: w,
            output: &y,
            output_gradient: dy,
            gradients,
        };
        self.layer.backward(context, self.size, backward).unwrap();
        Results::new([("output", y), ("d input", dx), ("d weights", dw)]).with("d bias", db)
    }
}

const ACTIVATIONS: [Activation; 5] = [
    Activation::Identity,
    Activation::Relu,
    Activation::LeakyRelu(0.2),
    Activation::Sigmoid,
    Activation::Tanh,
];

/// Kernel, stride, padding and dilation, the same along both axes.
const fn square(kernel: usize, stride: usize, padding: usize, dilation: usize) -> Taps {
    [[kernel; 2], [stride; 2], [padding; 2], [dilation; 2]]
}

/// Sizes that share no factor with any tile, panel, strip or lane width and some that do; strides to three, dilation, groups,
/// kernels of one tap and kernels larger than the image, few channels and many.
fn cases() -> Vec<Case> {
    let plain: [([usize; 3], Taps, usize, [usize; 2]); 22] = [
        ([1, 1, 1], square(1, 1, 0, 1), 1, [1, 1]),
        ([3, 5, 1], square(3, 1, 1, 1), 2, [7, 5]),
        ([1, 64, 1], square(4, 2, 1, 1), 3, [14, 14]),
        ([64, 1, 1], square(4, 1, 0, 1), 5, [4, 4]),
        ([16, 128, 1], square(4, 2, 1, 1), 7, [8, 6]),
        ([19, 23, 1], square(3, 2, 1, 1), 3, [9, 11]),
        ([17, 3, 1], square(3, 1, 1, 1), 2, [13, 7]),
        ([67, 71, 1], square(1, 1, 0, 1), 2, [5, 3]),
        ([5, 7, 1], square(1, 2, 0, 1), 2, [7, 6]),
        ([6, 10, 2], square(3, 1, 1, 1), 2, [6, 5]),
        ([34, 38, 2], square(3, 2, 1, 1), 2, [7, 5]),
        ([7, 7, 7], square(3, 1, 1, 1), 2, [6, 7]),
        ([32, 32, 16], square(3, 1, 1, 1), 2, [6, 7]),
        ([40, 4, 2], square(3, 1, 1, 1), 2, [6, 7]),
        ([5, 3, 1], square(3, 1, 2, 2), 2, [7, 8]),
        ([3, 4, 1], square(3, 3, 4, 2), 2, [11, 8]),
        ([3, 4, 1], square(2, 3, 0, 1), 2, [8, 11]),
        ([2, 3, 1], square(7, 1, 3, 1), 2, [3, 2]),
        ([3, 2, 1], square(5, 2, 4, 1), 2, [1, 2]),
        ([4, 3, 1], [[1, 5], [2, 1], [0, 2], [1, 1]], 2, [9, 4]),
        ([21, 18, 1], [[3, 2], [1, 3], [2, 0], [2, 3]], 2, [6, 11]),
        ([129, 9, 1], square(3, 1, 1, 1), 1, [4, 17]),
    ];
    type Transposed = ([usize; 3], Taps, [usize; 2], usize, [usize; 2]);
    let transposed: [Transposed; 17] = [
        ([1, 1, 1], square(1, 1, 0, 1), [0, 0], 1, [1, 1]),
        ([11, 16, 1], square(7, 1, 0, 1), [0, 0], 5, [1, 1]),
        ([128, 16, 1], square(4, 2, 1, 1), [0, 0], 3, [4, 4]),
        ([64, 1, 1], square(4, 2, 1, 1), [0, 0], 3, [7, 5]),
        ([64, 3, 1], square(4, 2, 1, 1), [0, 0], 2, [5, 6]),
        ([5, 3, 1], square(3, 2, 1, 1), [1, 1], 2, [5, 4]),
        ([5, 7, 1], square(3, 1, 1, 1), [0, 0], 2, [6, 7]),
        ([6, 9, 3], square(3, 2, 0, 1), [1, 0], 2, [3, 4]),
        ([4, 3, 1], square(2, 3, 0, 1), [2, 1], 2, [4, 3]),
        ([3, 4, 1], square(3, 2, 1, 2), [1, 1], 2, [4, 5]),
        ([3, 4, 1], square(3, 3, 2, 2), [0, 2], 2, [4, 3]),
        ([3, 4, 1], square(4, 4, 2, 6), [5, 3], 2, [3, 2]),
        (
            [7, 5, 1],
            [[5, 1], [1, 2], [2, 0], [1, 1]],
            [0, 1],
            2,
            [4, 3],
        ),
        ([67, 71, 1], square(1, 1, 0, 1), [0, 0], 2, [3, 5]),
        ([37, 21, 1], square(3, 1, 5, 2), [0, 0], 2, [8, 9]),
        ([24, 26, 2], square(5, 2, 2, 1), [1, 1], 3, [3, 2]),
        (
            [3, 17, 1],
            [[3, 4], [3, 1], [3, 0], [2, 3]],
            [0, 2],
            1,
            [2, 6],
        ),
    ];
    let plain = plain.into_iter().map(|(channels, taps, images, size)| {
        Case::new(layer((channels, taps, None)), images, size, true)
    });
    let transposed = transposed
        .into_iter()
        .map(|(channels, taps, added, images, size)| {
            Case::new(layer((channels, taps, Some(added))), images, size, true)
        });
    plain.chain(transposed).collect()
}

#[test]
fn every_size_is_the_reference_on_every_instruction_set() {
    for mut case in cases() {
        for biased in [true, false] {
            if !biased {
                case.bias = None;
            }
            close_on_every_set(&case.name(), &case.reference(), TOLERANCE, |context| {
                case.run(context)
            });
        }
    }
}

#[test]
fn every_activation_is_the_reference_on_every_instruction_set() {
    for case in [&cases()[4], &cases()[6], &cases()[24], &cases()[26]] {
        for activation in ACTIVATIONS {
            let case = case.clone().activated(activation);
            close_on_every_set(&case.name(), &case.reference(), TOLERANCE, |context| {
                case.run(context)
            });
        }
    }
}

#[test]
fn the_reference_gradients_are_central_differences() {
    const STEP: f64 = 1e-5;
    for case in [&cases()[1], &cases()[15], &cases()[29], &cases()[32]] {
        // A ReLU must not cross its kink within a step.
        let before = &case.reference()["output"];
        let near = before
            .iter()
            .any(|value| *value != 0.0 && value.abs() < 10.0 * STEP);
        for activation in ACTIVATIONS {
            if near && matches!(activation, Activation::Relu | Activation::LeakyRelu(_)) {
                continue;
            }
            let case = case.clone().activated(activation);
            let exact = case.reference();
            let dy = wide(&case.output_gradient);
            central_differences(
                &case.name(),
                &[
                    ("input", wide(&case.input), &exact["d input"]),
                    ("weights", wide(&case.weights), &exact["d weights"]),
                    ("bias", wide(case.bias.as_ref().unwrap()), &exact["d bias"]),
                ],
                |given| {
                    let output = &case.reference_of(given)["output"];
                    output.iter().zip(&dy).map(|(y, dy)| y * dy).sum()
                },
                STEP,
                1e-7,
            );
        }
    }
}

#[test]
fn results_are_the_same_to_the_bit_on_every_instruction_set_with_1_2_3_and_8_threads() {
    let small = cases()
        .into_iter()
        .map(|case| case.activated(Activation::Tanh));
    for case in small {
        same_bits_everywhere(&case.name(), &[1], |context| case.run(context));
    }
    let large = [
        (([16, 40, 1], square(4, 2, 1, 1), None), 9, [14, 14]),
        (([16, 40, 1], square(3, 1, 1, 1), None), 1, [37, 31]),
        (([300, 200, 1], square(3, 1, 1, 1), None), 1, [3, 3]),
        (([1, 64, 1], square(4, 2, 1, 1), None), 17, [28, 28]),
        (([64, 1, 1], square(4, 2, 1, 1), Some([0, 0])), 17, [14, 14]),
        (([128, 64, 1], square(4, 2, 1, 1), Some([0, 0])), 7, [7, 7]),
        (([100, 64, 1], square(4, 1, 0, 1), Some([0, 0])), 7, [1, 1]),
        (([32, 32, 4], square(3, 1, 1, 1), None), 5, [17, 19]),
    ];
    for (sizes, images, size) in large {
        let case = Case::new(layer(sizes), images, size, true);
        let case = case.activated(Activation::LeakyRelu(0.2));
        let (geometry, _) = geometry(&case.layer, size);
        assert!(images * geometry.work() >= WORTH_SHARING);
        same_bits_everywhere(&case.name(), &THREADS, |context| case.run(context));
    }
}

#[test]
fn an_image_alone_or_among_seventeen_has_the_same_bits() {
    let layers = [
        (([3, 20, 1], square(4, 2, 1, 1), None), [9, 7]),
        (([20, 2, 1], square(3, 1, 1, 1), None), [5, 4]),
        (([24, 5, 1], square(4, 2, 1, 1), Some([1, 0])), [4, 3]),
        (([24, 1, 1], square(4, 2, 1, 1), Some([0, 0])), [4, 3]),
    ];
    for (sizes, size) in layers {
        let case = Case::new(layer(sizes), 17, size, true).activated(Activation::Tanh);
        let (inputs, outputs) = (case.input.len() / 17, case.output_gradient.len() / 17);
        for context in contexts(2) {
            let together = case.run(&context);
            for image in [0, 4, 16] {
                let alone = Case {
                    images: 1,
                    input: case.input[image * inputs..][..inputs].to_vec(),
                    output_gradient: case.output_gradient[image * outputs..][..outputs].to_vec(),
                    ..case.clone()
                }
                .run(&context);
                let of = |all: &[f32], width: usize| bits_of(&all[image * width..][..width]);
                assert_eq!(of(&together["output"], outputs), bits_of(&alone["output"]));
                assert_eq!(of(&together["d input"], inputs), bits_of(&alone["d input"]));
            }
        }
    }
}

#[test]
fn a_gradient_asked_for_alone_is_the_one_asked_for_with_the_others() {
    for case in [&cases()[5], &cases()[27]] {
        let case = case.clone().activated(Activation::Tanh);
        for context in contexts(3) {
            let all = case.run(&context);
            let ask = |gradients: ConvolutionGradients<'_>| {
                let call = Backward {
                    input: &case.input,
                    weights: &case.weights,
                    output: &all["output"],
                    output_gradient: &case.output_gradient,
                    gradients,
                };
                case.layer.backward(&context, case.size, call).unwrap();
            };
            let none = ConvolutionGradients::default;
            let mut input = unwritten(case.input.len());
            ask(ConvolutionGradients {
                input: Some(&mut input),
                ..none()
            });
            assert_eq!(bits_of(&input), bits_of(&all["d input"]));
            let mut weights = unwritten(case.weights.len());
            ask(ConvolutionGradients {
                weights: Some(&mut weights),
                ..none()
            });
            assert_eq!(bits_of(&weights), bits_of(&all["d weights"]));
            let mut bias = unwritten(all["d bias"].len());
            ask(ConvolutionGradients {
                bias: Some(&mut bias),
                ..none()
            });
            assert_eq!(bits_of(&bias), bits_of(&all["d bias"]));
            ask(none());
        }
    }
}

#[test]
fn no_images_give_no_output_and_gradients_of_zero() {
    let case = Case::new(
        layer(([3, 5, 1], square(3, 1, 1, 1), None)),
        0,
        [4, 4],
        true,
    );
    for context in contexts(2) {
        let found = case.run(&context);
        assert!(found["output"].is_empty() && found["d input"].is_empty());
        assert_eq!(found["d weights"], [0.0; 135]);
        assert_eq!(found["d bias"], [0.0; 5]);
    }
}

#[test]
fn a_kernel_of_one_tap_is_the_affine_layer_to_the_bit() {
    let case = Case::new(
        layer(([19, 23, 1], square(1, 1, 0, 1), None)),
        2,
        [5, 3],
        true,
    );
    let linear = crate::linear::Linear {
        input: 19,
        output: 23,
        activation: Activation::Identity,
    };
    for context in contexts(2) {
        let mut expected = unwritten(case.output_gradient.len());
        let bias = case.bias.as_deref();
        linear
            .forward(&context, &case.input, &case.weights, bias, &mut expected)
            .unwrap();
        assert_eq!(bits_of(&case.run(&context)["output"]), bits_of(&expected));
    }
}
