//! Weights from files that the real PyTorch and Keras wrote: every file of `fixtures/import`, read, converted
//! and run, answers as its peer did (`fixtures/import/make.py`).
//!
//! Each network is run twice: by our layer, and by the formula of its cell in f64, written out here. So a
//! conversion is checked by itself, and an error of one is told from an error of the other.
use crate::support::{Golden, fused, largest_error, tensor, values};
use ressac_nn::import::{
    Activation, CellKind, ImportOptions, ImportedNetwork, Reset, WeightFile, import, to_torch,
};
use ressac_nn::weights::{HostTensor, to_bytes};
use std::collections::BTreeMap;

/// Largest error of a run, relative to the largest value of the output: what the issue asks for.
const TOLERANCE: f64 = 1e-5;
/// Of the f64 formula with weights that the file holds exactly, biases added in f32.
const FORMULA: f64 = 1e-6;
const FLOOR: f64 = 1e-2;
const PEERS: [(&str, usize); 2] = [("torch", 26), ("keras", 19)];

fn file(peer: &str, golden: &Golden) -> WeightFile {
    let name = golden.text("file");
    let root = env!("CARGO_MANIFEST_DIR");
    let path = format!("{root}/../../fixtures/import/{peer}/files/{name}");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    WeightFile::read(bytes).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What has to be said of a file beside what it tells.
fn options(golden: &Golden) -> ImportOptions {
    let prefix = golden.text("prefix");
    let cell = golden.text("cell");
    ImportOptions {
        prefixes: match prefix {
            "" => Vec::new(),
            _ => prefix.split(',').map(str::to_owned).collect(),
        },
        activation: (cell == "rnn-relu").then_some(Activation::Relu),
        reset: (cell == "gru-before").then_some(Reset::Before),
        ..ImportOptions::default()
    }
}

fn imported(peer: &str, golden: &Golden) -> ImportedNetwork {
    import(&file(peer, golden), &options(golden))
        .unwrap_or_else(|error| panic!("{}: {error}", golden.name))
}

/// One layer in one direction, in f64.
struct Direction<'a> {
    cell: CellKind,
    activation: Option<Activation>,
    hidden: usize,
    input_weights: &'a HostTensor,
    recurrent_weights: &'a HostTensor,
    bias: &'a HostTensor,
    projection: Option<&'a HostTensor>,
}

/// One row of a matrix with a vector.
fn row(weights: &HostTensor, row: usize, vector: &[f64]) -> f64 {
    let columns = weights.shape[1];
    assert_eq!(columns, vector.len());
    let weights = &weights.values[row * columns..][..columns];
    weights
        .iter()
        .zip(vector)
        .map(|(&weight, value)| f64::from(weight) * value)
        .sum()
}

fn sigmoid(value: f64) -> f64 {
    1.0 / (1.0 + (-value).exp())
}

impl Direction<'_> {
    /// One step: the output that is fed back, and the cell state.
    fn step(&self, input: &[f64], output: &[f64], memory: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let hidden = self.hidden;
        let bias = |gate: usize, unit: usize| f64::from(self.bias.values[gate * hidden + unit]);
        let x = |gate: usize, unit: usize| row(self.input_weights, gate * hidden + unit, input);
        let h =
            |gate: usize, unit: usize| row(self.recurrent_weights, gate * hidden + unit, output);
        let sum = |gate: usize, unit: usize| bias(gate, unit) + x(gate, unit) + h(gate, unit);
        let units = 0..hidden;
        match self.cell {
            CellKind::Rnn => {
                let outputs = units.map(|unit| match self.activation {
                    Some(Activation::Relu) => sum(0, unit).max(0.0),
                    _ => sum(0, unit).tanh(),
                });
                (outputs.collect(), memory.to_vec())
            }
            CellKind::Lstm => {
                let memory: Vec<f64> = units
                    .map(|unit| {
                        sigmoid(sum(1, unit)) * memory[unit]
                            + sigmoid(sum(0, unit)) * sum(2, unit).tanh()
                    })
                    .collect();
                let outputs: Vec<f64> = memory
                    .iter()
                    .enumerate()
                    .map(|(unit, memory)| sigmoid(sum(3, unit)) * memory.tanh())
                    .collect();
                match self.projection {
                    Some(weights) => {
                        let projected = 0..weights.shape[0];
                        (
                            projected.map(|at| row(weights, at, &outputs)).collect(),
                            memory,
                        )
                    }
                    None => (outputs, memory),
                }
            }
            CellKind::Gru => {
                let outputs = units.map(|unit| {
                    let (r, z) = (sigmoid(sum(0, unit)), sigmoid(sum(1, unit)));
                    let inside = bias(3, unit) + h(2, unit);
                    let n = (bias(2, unit) + x(2, unit) + r * inside).tanh();
                    (1.0 - z) * n + z * output[unit]
                });
                (outputs.collect(), memory.to_vec())
            }
            CellKind::GruBefore => {
                let reset: Vec<f64> = units
                    .clone()
                    .map(|unit| sigmoid(sum(0, unit)) * output[unit])
                    .collect();
                let outputs = units.map(|unit| {
                    let z = sigmoid(sum(1, unit));
                    let kept = row(self.recurrent_weights, 2 * hidden + unit, &reset);
                    let n = (bias(2, unit) + x(2, unit) + kept).tanh();
                    (1.0 - z) * n + z * output[unit]
                });
                (outputs.collect(), memory.to_vec())
            }
            other => panic!("no formula of {other}"),
        }
    }
}

/// The formula over `[time][features]`, all layers and directions.
fn formula(network: &ImportedNetwork, input: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let found = &network.found;
    let mut steps = input;
    for layer in 0..found.layers {
        let mut outputs = vec![Vec::new(); steps.len()];
        for direction in 0..found.directions {
            let place = layer * found.directions + direction;
            let part = |name: &str| network.parameters.get(&format!("layers.{place}.{name}"));
            let weights = Direction {
                cell: found.cell,
                activation: network.activation,
                hidden: found.hidden,
                input_weights: part("input_weights").unwrap(),
                recurrent_weights: part("recurrent_weights").unwrap(),
                bias: part("bias").unwrap(),
                projection: part("projection_weights"),
            };
            let mut order: Vec<usize> = (0..steps.len()).collect();
            if direction == 1 {
                order.reverse();
            }
            let mut output = vec![0.0; found.output];
            let mut memory = vec![0.0; found.hidden];
            for time in order {
                (output, memory) = weights.step(&steps[time], &output, &memory);
                outputs[time].extend_from_slice(&output);
            }
        }
        steps = outputs;
    }
    steps
}

/// The largest errors of the formula and of the layer.
fn errors(golden: &Golden, network: &ImportedNetwork) -> (f64, f64) {
    let input = golden.given("input");
    let exact = golden.exact("output");
    let features = network.found.input;
    let width = network.found.output * network.found.directions;
    let time = {
        let rows = input.len() / features;
        assert_eq!(exact.len(), rows * width, "{}", golden.name);
        golden.number::<usize>("time")
    };
    let batch = input.len() / features / time;
    let computed: Vec<f32> = input
        .chunks_exact(time * features)
        .flat_map(|sequence| {
            let steps = sequence.chunks_exact(features);
            let steps = steps.map(|step| step.iter().map(|&x| f64::from(x)).collect());
            formula(network, steps.collect())
        })
        .flatten()
        .map(|value| value as f32)
        .collect();
    let by_formula = largest_error(&computed, exact, FLOOR);

    let device = fused();
    let layer = network.recurrent(&device).unwrap();
    let input = tensor(&input, [batch, time, features], &device);
    let (output, _) = layer.forward(input, None, None).unwrap();
    (by_formula, largest_error(&values(output), exact, FLOOR))
}

#[test]
fn every_network_of_pytorch_and_keras_answers_as_it_did_there() {
    for (peer, count) in PEERS {
        let mut seen = BTreeMap::new();
        let (mut formula, mut layer) = (0.0f64, 0.0f64);
        for golden in Golden::folder(&format!("import/{peer}")) {
            let network = imported(peer, &golden);
            let found = &network.found;
            let cell = match network.activation {
                Some(activation) => format!("{}-{activation}", found.cell),
                None => found.cell.to_string(),
            };
            assert_eq!(cell, golden.text("cell"), "{}", golden.name);
            for (what, size) in [
                ("input", found.input),
                ("hidden", found.hidden),
                ("output", found.output),
                ("layers", found.layers),
                ("directions", found.directions),
            ] {
                assert_eq!(
                    size,
                    golden.number::<usize>(what),
                    "{}: {what}",
                    golden.name
                );
            }
            let (by_formula, by_layer) = errors(&golden, &network);
            assert!(
                by_formula <= FORMULA,
                "{}: the formula is off by {by_formula:.1e}",
                golden.name
            );
            formula = formula.max(by_formula);
            assert!(
                by_layer <= TOLERANCE,
                "{}: the layer is off by {by_layer:.1e}",
                golden.name
            );
            layer = layer.max(by_layer);
            *seen.entry(cell).or_insert(0) += 1;
        }
        println!("{peer}: {seen:?}, largest error: formula {formula:.1e}, layer {layer:.1e}");
        assert_eq!(seen.values().sum::<usize>(), count, "{peer}: {seen:?}");
    }
}

#[test]
fn weights_given_to_pytorch_and_taken_back_are_the_same() {
    for golden in Golden::folder("import/torch") {
        let network = imported("torch", &golden);
        let directions = network.found.directions;
        let dictionary = to_torch(&network.parameters, directions).unwrap();
        // The names of a torch.nn layer, with both biases.
        let plain = ["cell", "checkpoint", "nobias"];
        if !plain.iter().any(|word| golden.name.ends_with(word)) {
            let file = file("torch", &golden);
            let theirs: Vec<(String, Vec<usize>)> = file
                .shapes()
                .map(|(name, shape)| (name.to_owned(), shape.to_vec()))
                .collect();
            let ours: Vec<(String, Vec<usize>)> = dictionary
                .iter()
                .map(|(name, tensor)| (name.clone(), tensor.shape.clone()))
                .collect();
            assert_eq!(ours, theirs, "{}", golden.name);
        }
        let file = WeightFile::read(to_bytes(&dictionary).unwrap()).unwrap();
        let again = import(&file, &options(&golden)).unwrap();
        assert_eq!(again.parameters, network.parameters, "{}", golden.name);
    }
}

#[test]
fn a_file_of_ours_is_read_back_with_what_it_says_of_itself() {
    for peer in ["torch", "keras"] {
        for golden in Golden::folder(&format!("import/{peer}")) {
            let network = imported(peer, &golden);
            let bytes = network.to_bytes("somewhere").unwrap();
            assert_eq!(
                bytes,
                network.to_bytes("somewhere").unwrap(),
                "the same bytes each time"
            );
            let file = WeightFile::read(bytes).unwrap();
            let again = import(&file, &ImportOptions::default()).unwrap();
            assert_eq!(again.parameters, network.parameters, "{}", golden.name);
            assert_eq!(
                again.found.sizes(),
                network.found.sizes(),
                "{}",
                golden.name
            );
            assert_eq!(again.activation, network.activation, "{}", golden.name);
            assert!(again.assumptions.is_empty(), "{:?}", again.assumptions);
        }
    }
}
