//! The fused step and the step over copies are the same function.
use super::*;
use crate::{Gru, Lstm, RecurrentConfig};
use burn::tensor::{Device, TensorData};

const GROUPS: usize = 3;
const MEMBERS: usize = 2;
const BRANCHES: usize = 5;
const FEATURES: usize = 7;
const HIDDEN: usize = 19;

fn tensor<const D: usize>(purpose: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let mut generator = Stream::new(3, purpose).generator();
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| generator.normal() as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

type Step = fn(
    &Recurrent,
    State,
    Tensor<3>,
    Option<Tensor<3>>,
    Option<&Stream>,
) -> Result<Tensor<3>, NnError>;

/// Output, and gradients of state, inputs and every parameter, by name.
fn everything(step: Step, own: bool) -> Vec<(String, Vec<f32>)> {
    let device = Device::default().autodiff();
    let network = RecurrentConfig::new(Gru, FEATURES, HIDDEN)
        .init(&Stream::new(1, "weights"), &device)
        .unwrap();
    let state = tensor("state", [1, GROUPS * MEMBERS, HIDDEN], &device).require_grad();
    let shared = tensor("shared", [MEMBERS, BRANCHES, FEATURES], &device).require_grad();
    let own = own.then(|| tensor("own", [GROUPS, BRANCHES, FEATURES], &device).require_grad());
    let output = step(
        &network,
        State::new(vec![state.clone()]),
        shared.clone(),
        own.clone(),
        None,
    )
    .unwrap();
    assert_eq!(output.dims(), [GROUPS * MEMBERS, BRANCHES, HIDDEN]);
    let weights = tensor("loss", output.dims(), &device);
    let gradients = (output.clone() * weights).sum().backward();
    let mut all = vec![
        ("output".to_owned(), numbers(output)),
        ("state".to_owned(), numbers(state.grad(&gradients).unwrap())),
        (
            "shared".to_owned(),
            numbers(shared.grad(&gradients).unwrap()),
        ),
    ];
    if let Some(own) = own {
        all.push(("own".to_owned(), numbers(own.grad(&gradients).unwrap())));
    }
    for name in ["input_weights", "recurrent_weights"] {
        let path = format!("layers.0.{name}");
        let weights: Tensor<2> = parameter(&network, &path).unwrap();
        all.push((path, numbers(weights.grad(&gradients).unwrap())));
    }
    let bias: Tensor<1> = parameter(&network, "layers.0.bias").unwrap();
    all.push(("bias".to_owned(), numbers(bias.grad(&gradients).unwrap())));
    all
}

#[test]
fn the_fused_step_and_the_step_over_copies_agree_forward_and_backward() {
    for own in [false, true] {
        let (fused, composed) = (everything(fan_out, own), everything(copied, own));
        for ((name, fused), (_, composed)) in fused.iter().zip(&composed) {
            assert_eq!(fused.len(), composed.len(), "{name}");
            for (fused, composed) in fused.iter().zip(composed) {
                let error = (fused - composed).abs() / composed.abs().max(1.0);
                assert!(error < 5e-6, "{name}: {fused} beside {composed}");
            }
        }
    }
}

#[test]
fn what_a_network_drops_in_training_is_dropped_here_too() {
    let device = Device::default();
    let network = RecurrentConfig::new(Gru, FEATURES, HIDDEN)
        .with_recurrent_dropout(0.5)
        .init(&Stream::new(1, "weights"), &device)
        .unwrap();
    let state = || {
        State::new(vec![tensor(
            "state",
            [1, GROUPS * MEMBERS, HIDDEN],
            &device,
        )])
    };
    let shared = || tensor("shared", [MEMBERS, BRANCHES, FEATURES], &device);
    let draw = Stream::new(9, "masks");
    let step = |step: Step, draw| numbers(step(&network, state(), shared(), None, draw).unwrap());
    assert_eq!(step(fan_out, Some(&draw)), step(copied, Some(&draw)));
    assert_ne!(step(fan_out, Some(&draw)), step(fan_out, None));
}

#[test]
fn a_state_whose_parts_differ_in_rows_is_refused() {
    let device = Device::default();
    let network = RecurrentConfig::new(Gru, FEATURES, HIDDEN)
        .with_layers(2)
        .init(&Stream::new(1, "weights"), &device)
        .unwrap();
    let parts = [4, 2].map(|rows| tensor("state", [1, rows, HIDDEN], &device));
    let shared = tensor("shared", [MEMBERS, BRANCHES, FEATURES], &device);
    let error = fan_out(&network, State::new(parts.to_vec()), shared, None, None).unwrap_err();
    assert!(
        error.to_string().contains("4 rows in every part"),
        "{error}"
    );
}

#[test]
fn any_network_is_stepped_each_branch_as_if_alone() {
    let device = Device::default();
    for (layers, bidirectional) in [(1, false), (2, false), (1, true)] {
        let network = RecurrentConfig::new(Lstm, FEATURES, HIDDEN)
            .with_layers(layers)
            .with_bidirectional(bidirectional)
            .init(&Stream::new(1, "weights"), &device)
            .unwrap();
        let rows = GROUPS * MEMBERS;
        let parts = layers * if bidirectional { 2 } else { 1 };
        let state = State::new(vec![tensor("state", [2, rows, HIDDEN], &device); parts]);
        let shared = tensor("shared", [MEMBERS, BRANCHES, FEATURES], &device);
        let output = fan_out(&network, state.clone(), shared.clone(), None, None).unwrap();
        for branch in 0..BRANCHES {
            let input = shared.clone().narrow(1, branch, 1).repeat_dim(0, GROUPS);
            let (alone, _) = network.forward(input, None, Some(state.clone())).unwrap();
            let found = numbers(output.clone().narrow(1, branch, 1));
            assert_eq!(found, numbers(alone), "{layers} layers, branch {branch}");
        }
    }
}

#[test]
fn a_row_has_the_same_bits_whatever_stands_beside_it() {
    let device = Device::default();
    let network = RecurrentConfig::new(Gru, FEATURES, HIDDEN)
        .init(&Stream::new(1, "weights"), &device)
        .unwrap();
    let state = tensor("state", [1, GROUPS * MEMBERS, HIDDEN], &device);
    let shared = tensor("shared", [MEMBERS, BRANCHES, FEATURES], &device);
    let step = |state: Tensor<3>| {
        let output = fan_out(
            &network,
            State::new(vec![state]),
            shared.clone(),
            None,
            None,
        );
        numbers(output.unwrap())
    };
    let (all, alone) = (step(state.clone()), step(state.narrow(1, 2, MEMBERS)));
    assert_eq!(all[alone.len()..2 * alone.len()], alone);
}

#[test]
fn what_does_not_fit_is_refused_with_the_sizes() {
    let device = Device::default();
    let network = RecurrentConfig::new(Gru, FEATURES, HIDDEN)
        .init(&Stream::new(1, "weights"), &device)
        .unwrap();
    let shared = |features: usize| Tensor::zeros([MEMBERS, BRANCHES, features], &device);
    let state =
        |rows: usize, hidden: usize| State::new(vec![Tensor::zeros([1, rows, hidden], &device)]);
    let own = || Some(Tensor::zeros([GROUPS + 1, BRANCHES, FEATURES], &device));
    let rows = GROUPS * MEMBERS;
    for (state, features, own, expected) in [
        (state(rows + 1, HIDDEN), FEATURES, None, "groups of 2"),
        (state(rows, HIDDEN + 1), FEATURES, None, "19"),
        (state(rows, HIDDEN), FEATURES + 1, None, "features"),
        (state(rows, HIDDEN), FEATURES, own(), "own inputs"),
    ] {
        let error = fan_out(&network, state, shared(features), own, None).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_parameter_is_found_by_its_name_and_dimensions_only() {
    let network = RecurrentConfig::new(Gru, FEATURES, HIDDEN)
        .init(&Stream::new(1, "weights"), &Device::default())
        .unwrap();
    assert!(parameter::<_, 1>(&network, "layers.0.bias").is_some());
    assert!(parameter::<_, 2>(&network, "layers.0.bias").is_none());
    assert!(parameter::<_, 1>(&network, "layers.1.bias").is_none());
}
