//! Golden values from PyTorch: every network of `fixtures/recurrent`, through Burn's gradients.
//!
//! Made in f64 by PyTorch 2.15.0 (`fixtures/recurrent/make.py`), in short:
//!
//! ```python
//! network = torch.nn.LSTM(
//!     features, hidden, num_layers=layers, bidirectional=directions == 2, batch_first=True
//! )
//! packed = pack_padded_sequence(input, lengths, batch_first=True, enforce_sorted=False)
//! output, (h_n, c_n) = network(packed, (h0, c0))
//! output, _ = pad_packed_sequence(output, batch_first=True, total_length=time)
//! torch.autograd.backward(
//!     [output, h_n, c_n], [upstream_output, upstream_h_n, upstream_c_n]
//! )
//! ```
//!
//! and the same with `torch.nn.RNN` (tanh and ReLU) and `torch.nn.GRU`.
use crate::support::{Case, Found, Golden, cells, fused, largest_error};
use ressac_nn::random::Stream;
use ressac_nn::weights::{self, HostTensor, NamedTensors};
use std::collections::BTreeMap;

/// Largest error allowed, relative to the largest value of the same array. The test prints the largest
/// it saw: 2.3e-6.
const TOLERANCE: f64 = 3e-6;
/// Arrays all but zero are compared as if their largest value were this.
const FLOOR: f64 = 1e-2;

/// Which of a layer's two biases, or of their gradients, our one has.
#[derive(Clone, Copy)]
enum Biases {
    /// The sum of both: the value.
    Value,
    /// Either one where both have it: the gradient.
    Gradient,
}

/// One of PyTorch's networks, with our order of things.
struct Network<'a> {
    file: &'a Golden,
    cell: &'a str,
    hidden: usize,
    directions: usize,
}

impl Network<'_> {
    /// PyTorch's name of a parameter of our layer `index`.
    fn name(&self, part: &str, index: usize) -> String {
        let suffix = ["", "_reverse"][index % self.directions];
        format!("{part}_l{}{suffix}", index / self.directions)
    }

    /// The bias of a layer, or the gradient of it. The GRU's has four parts: r and z act as sums, n is
    /// that of the input and u that of the recurrent product.
    fn bias(&self, prefix: &str, index: usize, kind: Biases) -> Vec<f64> {
        let part = |part: &str| {
            let name = format!("{prefix}{}", self.name(part, index));
            self.file.exact(&name)
        };
        let (input, recurrent) = (part("bias_ih"), part("bias_hh"));
        let both = input.iter().zip(recurrent).map(|(a, b)| match kind {
            Biases::Value => a + b,
            Biases::Gradient => *a,
        });
        if self.cell != "gru" {
            return both.collect();
        }
        let gates = 2 * self.hidden;
        both.take(gates)
            .chain(input[gates..].iter().copied())
            .chain(recurrent[gates..].iter().copied())
            .collect()
    }

    /// Everything of `[layers · directions, batch, hidden]` arrays, one for each state, as the parts of
    /// our state.
    fn parts(&self, count: usize, name: impl Fn(&str) -> String) -> Vec<Vec<f64>> {
        let letters: &[&str] = if self.cell == "lstm" {
            &["h", "c"]
        } else {
            &["h"]
        };
        let arrays: Vec<&[f64]> = letters
            .iter()
            .map(|letter| self.file.exact(&name(letter)))
            .collect();
        let length = arrays[0].len() / count;
        let part = |part: usize| {
            let states = arrays.iter().map(|array| &array[part * length..][..length]);
            states.collect::<Vec<_>>().concat()
        };
        (0..count).map(part).collect()
    }
}

fn singles(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

/// Runs a network, with and without what it could leave out, and returns the largest error.
fn largest_error_of(file: &Golden) -> f64 {
    let [batch, time, features, hidden, layers, directions] =
        ["batch", "time", "input", "hidden", "layers", "directions"].map(|key| file.number(key));
    let cell = file.text("cell");
    let network = Network {
        file,
        cell,
        hidden,
        directions,
    };
    let parts = layers * directions;
    let config = cells(features, hidden)
        .into_iter()
        .find(|(name, _)| *name == cell)
        .unwrap_or_else(|| panic!("{}: which cell is {cell}?", file.name))
        .1
        .with_layers(layers)
        .with_bidirectional(directions == 2);
    let device = fused();
    let layer = config.init(&Stream::new(1, "golden"), &device).unwrap();

    let mut parameters = NamedTensors::new();
    for index in 0..parts {
        let mut put = |name: &str, shape: Vec<usize>, values: Vec<f32>| {
            let name = format!("layers.{index}.{name}");
            parameters.insert(name, HostTensor { shape, values });
        };
        for (ours, theirs) in [
            ("input_weights", "weight_ih"),
            ("recurrent_weights", "weight_hh"),
        ] {
            let values = file.given(&network.name(theirs, index));
            let columns = match (ours, index / directions) {
                ("recurrent_weights", _) => hidden,
                (_, 0) => features,
                _ => hidden * directions,
            };
            put(ours, vec![values.len() / columns, columns], values);
        }
        let bias = singles(&network.bias("", index, Biases::Value));
        put("bias", vec![bias.len()], bias);
    }
    let layer = weights::apply(layer, &parameters).unwrap();

    let mut exact = BTreeMap::from([
        ("output".to_owned(), file.exact("output").to_vec()),
        (
            "gradient.input".to_owned(),
            file.exact("gradient.input").to_vec(),
        ),
    ]);
    let finals = network.parts(parts, |letter| format!("{letter}_n"));
    let initial_gradients = network.parts(parts, |letter| format!("gradient.{letter}0"));
    for (part, (last, gradient)) in finals.into_iter().zip(initial_gradients).enumerate() {
        exact.insert(format!("state.{part}"), last);
        exact.insert(format!("gradient.initial.{part}"), gradient);
        for (ours, theirs) in [
            ("input_weights", "weight_ih"),
            ("recurrent_weights", "weight_hh"),
        ] {
            let gradient = file.exact(&format!("gradient.{}", network.name(theirs, part)));
            exact.insert(format!("gradient.layers.{part}.{ours}"), gradient.to_vec());
        }
        exact.insert(
            format!("gradient.layers.{part}.bias"),
            network.bias("gradient.", part, Biases::Gradient),
        );
    }

    let lengths: Vec<usize> = file.exact("lengths").iter().map(|&n| n as usize).collect();
    let initial = network.parts(parts, |letter| format!("{letter}0"));
    let upstream = network.parts(parts, |letter| format!("upstream.{letter}_n"));
    let case = Case {
        batch,
        time,
        features,
        input: file.given("input"),
        lengths: Some(lengths.clone()),
        mask: None,
        trains: false,
        initial: Some(initial.iter().map(|part| singles(part)).collect()),
        output_upstream: Some(file.given("upstream.output")),
        finals_upstream: upstream.iter().map(|part| Some(singles(part))).collect(),
    };
    let mut runs: Vec<Found> = vec![case.run(&layer, &device)];
    let mut plain = case.clone();
    if lengths.iter().all(|&length| length == time) {
        plain.lengths = None;
        runs.push(plain.run(&layer, &device));
    }
    if initial.iter().flatten().all(|&value| value == 0.0) {
        plain.initial = None;
        runs.push(plain.run(&layer, &device));
    }
    assert_eq!(runs[0].len(), exact.len(), "{}", file.name);
    let mut largest = 0.0f64;
    for found in &runs {
        for (name, found) in found {
            let error = largest_error(found, &exact[name], FLOOR);
            assert!(
                error <= TOLERANCE,
                "{}: {name} is off by {error:.1e}",
                file.name
            );
            largest = largest.max(error);
        }
    }
    largest
}

#[test]
fn every_network_is_pytorchs_with_all_its_gradients() {
    let mut cases = BTreeMap::new();
    let mut largest = 0.0f64;
    for file in Golden::folder("recurrent") {
        largest = largest.max(largest_error_of(&file));
        let key = ["cell", "layers", "directions"].map(|key| file.text(key).to_owned());
        *cases.entry(key).or_insert(0) += 1;
    }
    println!("largest error {largest:.1e}");
    for cell in ["rnn-tanh", "rnn-relu", "lstm", "gru"] {
        for (layers, directions, count) in
            [("1", "1", 5), ("2", "1", 2), ("1", "2", 3), ("2", "2", 2)]
        {
            let key = [cell, layers, directions].map(str::to_owned);
            assert_eq!(cases.get(&key), Some(&count), "{key:?}");
        }
    }
}
