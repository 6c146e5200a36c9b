//! Gradients when the loss reads only some of what a layer gives, and when the graph is cut.
use crate::support::{
    Case, Found, assert_close, by_name, cells, composed, fused, numbers, tensor, values,
};
use burn::tensor::{Device, Tensor};
use ressac_nn::optim::GradientsParams;
use ressac_nn::random::Stream;
use ressac_nn::{Lstm, Recurrent, RecurrentConfig, State};

const TOLERANCE: f64 = 1e-5;

/// Both paths on the same case; the composed path is differentiated by Burn.
fn compare(what: &str, config: &RecurrentConfig, change: impl Fn(&mut Case)) -> Found {
    let run = |device: Device| {
        let layer = config.init(&Stream::new(7, "gradients"), &device).unwrap();
        let mut case = Case::new(&layer, 5, 7, 3)
            .with_initial(&layer)
            .with_lengths(&[4, 7, 1, 5, 2]);
        change(&mut case);
        case.run(&layer, &device)
    };
    let found = run(fused());
    assert_close(what, &found, &run(composed()), TOLERANCE);
    found
}

fn is_zero(values: &[f32]) -> bool {
    values.iter().all(|&value| value == 0.0)
}

#[test]
fn a_loss_over_the_output_alone_or_the_final_states_alone_has_the_right_gradients() {
    for (name, config) in cells(3, 11) {
        for bidirectional in [false, true] {
            let config = config
                .clone()
                .with_layers(2)
                .with_bidirectional(bidirectional);
            let both = compare(name, &config, |_| {});
            let output = compare(name, &config, |case| case.finals_upstream.clear());
            let finals = compare(name, &config, |case| case.output_upstream = None);
            // The gradient is linear in what arrives from above.
            let sum = |key: &String| -> Vec<f32> {
                let pairs = output[key].iter().zip(&finals[key]);
                pairs.map(|(a, b)| a + b).collect()
            };
            let gradients = both.keys().filter(|name| name.starts_with("gradient"));
            let summed: Found = gradients.map(|key| (key.clone(), sum(key))).collect();
            let both = both.into_iter();
            let both: Found = both
                .filter(|(name, _)| name.starts_with("gradient"))
                .collect();
            assert_close(name, &summed, &both, TOLERANCE);
        }
    }
}

#[test]
fn a_loss_over_the_cell_state_alone_has_the_right_gradients() {
    let config = RecurrentConfig::new(Lstm, 3, 11).with_layers(2);
    let found = compare("c alone", &config, |case| {
        case.output_upstream = None;
        for part in case.finals_upstream.iter_mut().flatten() {
            let h = part.len() / 2;
            part[..h].fill(0.0);
        }
    });
    assert!(!is_zero(&found["gradient.input"]));
}

#[test]
fn a_layer_the_loss_does_not_read_has_no_gradient_and_those_below_have_theirs() {
    for (name, config) in cells(3, 11) {
        let found = compare(name, &config.with_layers(3), |case| {
            // The final state of the middle layer: neither output nor state of the last one.
            case.output_upstream = None;
            case.finals_upstream[0] = None;
            case.finals_upstream[2] = None;
        });
        for part in ["input_weights", "recurrent_weights", "bias"] {
            assert!(
                is_zero(&found[&format!("gradient.layers.2.{part}")]),
                "{name}"
            );
            assert!(
                !is_zero(&found[&format!("gradient.layers.0.{part}")]),
                "{name}"
            );
        }
    }
}

#[test]
fn a_loss_over_one_direction_alone_has_the_right_gradients() {
    for (name, config) in cells(3, 11) {
        for kept in [0, 1] {
            let config = config.clone().with_bidirectional(true);
            let found = compare(name, &config, |case| {
                let upstream = case.output_upstream.iter_mut().flatten();
                for (index, value) in upstream.enumerate() {
                    if (index / 11) % 2 != kept {
                        *value = 0.0;
                    }
                }
                case.finals_upstream[1 - kept] = None;
            });
            let other = format!("gradient.layers.{}.bias", 1 - kept);
            assert!(is_zero(&found[&other]), "{name}");
        }
    }
}

/// Runs two halves of a sequence, the state carried through `pass`; the loss is over the second half.
/// The gradients of the parameters, and of the input of the first half.
fn two_halves(layer: &Recurrent, pass: impl Fn(State) -> State) -> (Found, Option<Vec<f32>>) {
    let device = fused();
    let half = |name| tensor(&numbers(name, 3 * 5 * 7), [3, 5, 7], &device).require_grad();
    let (first, second): (Tensor<3>, Tensor<3>) = (half("first"), half("second"));
    let (_, state) = layer.forward(first.clone(), None, None).unwrap();
    let (output, _) = layer.forward(second, None, Some(pass(state))).unwrap();
    let upstream = numbers("upstream", output.shape().num_elements());
    let upstream = tensor(&upstream, output.dims(), &device);
    let mut gradients = (output * upstream).sum().backward();
    let of_first = first.grad(&gradients).map(values);
    let gradients = GradientsParams::from_module(&mut gradients, layer);
    (by_name(layer, &gradients), of_first)
}

#[test]
fn a_detached_state_ends_the_graph_and_an_attached_one_carries_it_on() {
    let device = fused();
    for (name, config) in cells(7, 13) {
        let layer = config
            .with_layers(2)
            .init(&Stream::new(7, "truncated"), &device)
            .unwrap();
        let (cut, of_first) = two_halves(&layer, State::detach);
        assert!(of_first.is_none_or(|gradient| is_zero(&gradient)), "{name}");
        // Cut off, the state is a constant: as if its numbers had been given from outside.
        let constant = |state: State| {
            let parts = state.parts().iter();
            let copy = |part: &Tensor<3>| tensor(&values(part.clone()), part.dims(), &device);
            State::new(parts.map(copy).collect())
        };
        assert_eq!(cut, two_halves(&layer, constant).0, "{name}");

        // Carried on, it is the gradient of the whole sequence in one call.
        let (carried, of_first) = two_halves(&layer, |state| state);
        let join = |a: Vec<f32>, b: Vec<f32>, width: usize| -> Vec<f32> {
            let rows = a.chunks(5 * width).zip(b.chunks(5 * width));
            rows.flat_map(|(a, b)| [a, b].concat()).collect()
        };
        let whole = Case {
            batch: 3,
            time: 10,
            features: 7,
            input: join(numbers("first", 105), numbers("second", 105), 7),
            lengths: None,
            mask: None,
            trains: false,
            initial: None,
            output_upstream: Some(join(vec![0.0; 195], numbers("upstream", 195), 13)),
            finals_upstream: Vec::new(),
        };
        let whole = whole.run(&layer, &device);
        let expected: Found = carried
            .keys()
            .map(|key| (key.clone(), whole[&format!("gradient.{key}")].clone()))
            .collect();
        assert_close(name, &carried, &expected, TOLERANCE);
        let rows = whole["gradient.input"].chunks(10 * 7);
        let first_half: Vec<f32> = rows.flat_map(|row| &row[..35]).copied().collect();
        let of_first = Found::from([("first half".to_owned(), of_first.unwrap())]);
        let first_half = Found::from([("first half".to_owned(), first_half)]);
        assert_close(name, &of_first, &first_half, TOLERANCE);
    }
}

#[test]
fn two_calls_of_one_layer_add_their_gradients() {
    let device = fused();
    let layer = RecurrentConfig::new(Lstm, 7, 13)
        .init(&Stream::new(7, "twice"), &device)
        .unwrap();
    let run = |names: &[&str]| {
        let mut loss = Tensor::<1>::zeros([1], &device);
        for name in names {
            let input = tensor(&numbers(name, 3 * 5 * 7), [3, 5, 7], &device);
            let (output, state) = layer.forward(input, None, None).unwrap();
            loss = loss + output.sum() + state.last_output().unwrap().sum();
        }
        let mut gradients = loss.backward();
        let gradients = GradientsParams::from_module(&mut gradients, &layer);
        by_name(&layer, &gradients)
    };
    let (a, b) = (run(&["a"]), run(&["b"]));
    let sum: Found = a
        .iter()
        .map(|(name, a)| {
            let sum = a.iter().zip(&b[name]).map(|(a, b)| a + b);
            (name.clone(), sum.collect())
        })
        .collect();
    assert_close("twice", &run(&["a", "b"]), &sum, TOLERANCE);
}
