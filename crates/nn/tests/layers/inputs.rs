//! Inputs that are not one piece of memory, of another precision, or outside the graph.
use crate::support::{bits, by_name, cells, fused, numbers, tensor, values};
use burn::tensor::{Device, Tensor};
use ressac_nn::optim::GradientsParams;
use ressac_nn::random::Stream;
use ressac_nn::{LinearConfig, Lstm, RecurrentConfig, State};

const HIDDEN: usize = 13;

/// The gradient of a base tensor through a view of it, and the output.
fn through(
    config: &RecurrentConfig,
    base: &[f32],
    shape: [usize; 3],
    view: impl Fn(Tensor<3>) -> Tensor<3>,
) -> [Vec<f32>; 3] {
    let device = fused();
    let layer = config.init(&Stream::new(2, "views"), &device).unwrap();
    let base = tensor(base, shape, &device).require_grad();
    let (output, state) = layer.forward(view(base.clone()), None, None).unwrap();
    let upstream = numbers("upstream", output.shape().num_elements());
    let upstream = tensor(&upstream, output.dims(), &device);
    let gradients = (output.clone() * upstream).sum().backward();
    [
        values(output),
        values(state.last_output().unwrap()),
        values(base.grad(&gradients).unwrap()),
    ]
}

#[test]
fn swapped_axes_give_the_bits_of_the_copy() {
    let [batch, time, features] = [3, 5, 7];
    let time_first = numbers("time first", batch * time * features);
    let place = |row: usize, step: usize| (step * batch + row) * features;
    let mut batch_first = Vec::new();
    for row in 0..batch {
        for step in 0..time {
            batch_first.extend_from_slice(&time_first[place(row, step)..][..features]);
        }
    }
    for (name, config) in cells(features, HIDDEN) {
        let shape = [time, batch, features];
        let view = through(&config, &time_first, shape, |base| base.swap_dims(0, 1));
        let shape = [batch, time, features];
        let copy = through(&config, &batch_first, shape, |base| base);
        assert_eq!(bits(&view[0]), bits(&copy[0]), "{name}: output");
        assert_eq!(bits(&view[1]), bits(&copy[1]), "{name}: state");
        for row in 0..batch {
            for step in 0..time {
                assert_eq!(
                    bits(&view[2][place(row, step)..][..features]),
                    bits(&copy[2][(row * time + step) * features..][..features]),
                    "{name}: gradient"
                );
            }
        }
    }
}

#[test]
fn a_narrow_view_gives_the_bits_of_the_copy_and_no_gradient_outside_it() {
    let (shape, from, size) = ([5, 11, 9], [1, 3, 2], [3, 5, 7]);
    let base = numbers("base", shape.iter().product());
    let inside = |index: usize| {
        let place = [
            index / (shape[1] * shape[2]),
            index / shape[2] % shape[1],
            index % shape[2],
        ];
        (0..3).all(|axis| (from[axis]..from[axis] + size[axis]).contains(&place[axis]))
    };
    let cut = |values: &[f32]| -> Vec<f32> {
        let values = values.iter().enumerate();
        values
            .filter(|(index, _)| inside(*index))
            .map(|(_, value)| *value)
            .collect()
    };
    for (name, config) in cells(size[2], HIDDEN) {
        let narrow = |base: Tensor<3>| {
            (0..3).fold(base, |base, axis| base.narrow(axis, from[axis], size[axis]))
        };
        let view = through(&config, &base, shape, narrow);
        let copy = through(&config, &cut(&base), size, |base| base);
        assert_eq!(bits(&view[0]), bits(&copy[0]), "{name}: output");
        assert_eq!(bits(&view[1]), bits(&copy[1]), "{name}: state");
        assert_eq!(bits(&cut(&view[2])), bits(&copy[2]), "{name}: gradient");
        let outside = view[2].iter().enumerate();
        let mut outside = outside.filter(|(index, _)| !inside(*index));
        assert!(outside.all(|(_, &value)| value == 0.0), "{name}");
    }
}

#[test]
fn an_expanded_upstream_gradient_is_read_in_full() {
    // The gradient of a sum is one number seen through an expanded view.
    let config = RecurrentConfig::new(Lstm, 7, HIDDEN);
    let device = fused();
    let layer = config.init(&Stream::new(2, "views"), &device).unwrap();
    let input = tensor(&numbers("input", 3 * 5 * 7), [3, 5, 7], &device).require_grad();
    let run = |loss: &dyn Fn(Tensor<3>) -> Tensor<1>| {
        let (output, _) = layer.forward(input.clone(), None, None).unwrap();
        let mut gradients = loss(output).backward();
        let of_input = values(input.grad(&gradients).unwrap());
        let gradients = GradientsParams::from_module(&mut gradients, &layer);
        (of_input, by_name(&layer, &gradients))
    };
    let ones = tensor(&[1.0; 3 * 5 * HIDDEN], [3, 5, HIDDEN], &device);
    let sum = run(&|output| output.sum());
    assert_eq!(sum, run(&|output| (output * ones.clone()).sum()));
    assert!(sum.0.iter().any(|&value| value != 0.0));
}

#[test]
fn an_input_without_gradients_serves_a_layer_in_training_and_the_other_way_round() {
    let plain = Device::flex();
    let training = RecurrentConfig::new(Lstm, 7, HIDDEN)
        .with_layers(2)
        .init(&Stream::new(2, "mixed"), &fused())
        .unwrap();
    let head = LinearConfig::new(HIDDEN, 2)
        .init(&Stream::new(2, "head"), &fused())
        .unwrap();
    let input = numbers("input", 3 * 5 * 7);
    let run = |device: &Device, state: Option<State>| {
        let input = tensor(&input, [3, 5, 7], device);
        let (output, state) = training.forward(input, None, state).unwrap();
        let answer = head.forward(output).unwrap();
        let mut gradients = answer.clone().sum().backward();
        let gradients = GradientsParams::from_module(&mut gradients, &training);
        (values(answer), by_name(&training, &gradients), state)
    };
    let (answer, gradients, state) = run(&fused(), None);
    let (other_answer, other_gradients, _) = run(&plain, None);
    assert_eq!(bits(&answer), bits(&other_answer));
    assert_eq!(gradients, other_gradients);
    // A state kept from inference, put into a layer in training.
    let without = state
        .parts()
        .iter()
        .map(|part| part.clone().detach().inner());
    let without = State::new(without.collect());
    let (answer, gradients, _) = run(&fused(), Some(state.detach()));
    let (other_answer, other_gradients, _) = run(&fused(), Some(without));
    assert_eq!(bits(&answer), bits(&other_answer));
    assert_eq!(gradients, other_gradients);
}
