//! Golden values from PyTorch: every network of one layer in `fixtures/recurrent`.
//!
//! Made in f64 by PyTorch 2.15.0 (`fixtures/recurrent/make.py`), in short:
//!
//! ```python
//! network = torch.nn.LSTM(features, hidden, bidirectional=directions == 2, batch_first=True)
//! packed = pack_padded_sequence(input, lengths, batch_first=True, enforce_sorted=False)
//! output, (h_n, c_n) = network(packed, (h0, c0))
//! output, _ = pad_packed_sequence(output, batch_first=True, total_length=time)
//! torch.autograd.backward(
//!     [output, h_n, c_n], [upstream_output, upstream_h_n, upstream_c_n]
//! )
//! ```
//!
//! and the same with `torch.nn.RNN` (tanh and ReLU) and `torch.nn.GRU`. We run one direction at a time.
use super::*;
use crate::golden_file::{GoldenFile, folder};
use std::collections::BTreeMap;

/// Largest error allowed, relative to the largest value of the same array; the largest seen is 6e-7.
const TOLERANCE: f64 = 1.5e-6;
/// Arrays all but zero are compared as if their largest value were this.
const FLOOR: f64 = 1e-2;

/// How PyTorch's two biases of a direction act in our columns.
#[derive(Clone, Copy)]
enum Biases {
    /// Both have a value for every column, and only their sum acts.
    Summed,
    /// The GRU: r and z sum both; n has that of the input, u that of the recurrent product.
    Gru,
}

impl Biases {
    /// The bias of our columns.
    fn ours(self, input: &[f64], recurrent: &[f64], hidden: usize) -> Vec<f64> {
        let sum = input.iter().zip(recurrent).map(|(a, b)| a + b);
        match self {
            Self::Summed => sum.collect(),
            Self::Gru => {
                let gates = sum.take(2 * hidden);
                let (n, u) = (&input[2 * hidden..], &recurrent[2 * hidden..]);
                gates.chain(n.iter().chain(u).copied()).collect()
            }
        }
    }

    /// The gradients of PyTorch's two biases, from that of ours.
    fn theirs(self, ours: &[f32], hidden: usize) -> [Vec<f32>; 2] {
        match self {
            Self::Summed => [ours.to_vec(), ours.to_vec()],
            Self::Gru => {
                let (gates, n, u) = (
                    &ours[..2 * hidden],
                    &ours[2 * hidden..3 * hidden],
                    &ours[3 * hidden..],
                );
                [[gates, n].concat(), [gates, u].concat()]
            }
        }
    }
}

/// The values of one direction in `[B, T, D·H]`.
fn direction_of(values: &[f64], direction: usize, directions: usize, hidden: usize) -> Vec<f64> {
    values
        .chunks_exact(directions * hidden)
        .flat_map(|place| &place[direction * hidden..][..hidden])
        .copied()
        .collect()
}

fn is_pytorch<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>(
    cell: &C,
    file: &GoldenFile,
    biases: Biases,
) where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let [batch, time, input_size, hidden, directions] =
        ["batch", "time", "input", "hidden", "directions"].map(|key| file.number(key));
    let letters = &["h", "c"][..STATES];
    let lengths: Vec<usize> = file.values("lengths").iter().map(|&n| n as usize).collect();
    for context in contexts(2) {
        let close = |what: &str, found: &[f32], exact: &[f64]| {
            let error = check::largest_error(found, exact, FLOOR);
            assert!(
                error <= TOLERANCE,
                "{} on {}: {what} is off by {error:.1e}",
                file.name,
                context.instruction_set().name()
            );
        };
        let mut input_gradient = vec![0.0f32; batch * time * input_size];
        for (direction, suffix) in ["", "_reverse"].into_iter().enumerate().take(directions) {
            let parameter = |part: &str| file.values(&format!("{part}_l0{suffix}")).to_vec();
            let state_of = |name: String| {
                file.values(&name)[direction * batch * hidden..][..batch * hidden].to_vec()
            };
            let states = |name: &dyn Fn(&str) -> String| -> Vec<Vec<f64>> {
                letters
                    .iter()
                    .map(|letter| state_of(name(letter)))
                    .collect()
            };
            let output_of =
                |name: &str| direction_of(file.values(name), direction, directions, hidden);
            let initial = states(&|letter| format!("{letter}0"));
            let case = Case {
                has_lengths: lengths.iter().any(|&length| length != time),
                has_initial: initial.iter().flatten().any(|&value| value != 0.0),
                problem: Problem {
                    batch,
                    time,
                    input_size,
                    hidden,
                    input: file.values("input").to_vec(),
                    lengths: lengths.clone(),
                    reverse: direction == 1,
                    initial,
                    input_weights: parameter("weight_ih"),
                    recurrent_weights: parameter("weight_hh"),
                    bias: biases.ours(&parameter("bias_ih"), &parameter("bias_hh"), hidden),
                    ..Problem::default()
                },
                output_gradient: output_of("upstream.output"),
                finals_gradient: states(&|letter| format!("upstream.{letter}_n")),
            };
            let found = run(cell, &case, &context);
            close("output", &found["output"], &output_of("output"));
            for (part, ours) in [
                ("weight_ih", "d input weights"),
                ("weight_hh", "d recurrent weights"),
            ] {
                let exact = parameter(&format!("gradient.{part}"));
                close(&format!("gradient of {part}{suffix}"), &found[ours], &exact);
            }
            let bias_gradients = biases.theirs(&found["d bias"], hidden);
            for (part, found) in ["bias_ih", "bias_hh"].into_iter().zip(&bias_gradients) {
                let exact = parameter(&format!("gradient.{part}"));
                close(&format!("gradient of {part}{suffix}"), found, &exact);
            }
            for (state, letter) in letters.iter().enumerate() {
                close(
                    &format!("{letter}_n{suffix}"),
                    &found[format!("final state {state}").as_str()],
                    &state_of(format!("{letter}_n")),
                );
                close(
                    &format!("gradient of {letter}0{suffix}"),
                    &found[format!("d initial state {state}").as_str()],
                    &state_of(format!("gradient.{letter}0")),
                );
            }
            for (sum, part) in input_gradient.iter_mut().zip(&found["d input"]) {
                *sum += part;
            }
        }
        close(
            "gradient of input",
            &input_gradient,
            file.values("gradient.input"),
        );
    }
}

#[test]
fn every_network_of_one_layer_is_pytorchs_in_one_and_in_both_directions() {
    let mut cases = BTreeMap::new();
    for file in folder("recurrent") {
        if file.text("layers") != "1" {
            continue;
        }
        let (cell, directions) = (file.text("cell"), file.text("directions"));
        match cell {
            "rnn-tanh" => is_pytorch(&Elman::tanh(), &file, Biases::Summed),
            "rnn-relu" => is_pytorch(&Elman::relu(), &file, Biases::Summed),
            "lstm" => is_pytorch(&Lstm, &file, Biases::Summed),
            "gru" => is_pytorch(&Gru, &file, Biases::Gru),
            _ => panic!("{}: which cell is {cell}?", file.name),
        }
        *cases.entry(format!("{cell} {directions}")).or_insert(0) += 1;
    }
    for cell in ["rnn-tanh", "rnn-relu", "lstm", "gru"] {
        assert_eq!(cases[&format!("{cell} 1")], 5, "{cell}, one direction");
        assert_eq!(cases[&format!("{cell} 2")], 3, "{cell}, both directions");
    }
}
