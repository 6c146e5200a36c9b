//! The unrolled recurrence against the layers it stands for, against finite differences, and on a
//! linear recurrence whose Jacobian is known.

use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::cell::{Elman, Gru, GruBefore, Identity, Lstm, MinimalGru, MinimalLstm, Sigmoid};
use ressac_nn::random::{Generator, Stream};
use ressac_nn::weights::NamedTensors;
use ressac_nn::{RecurrentConfig, weights};

use super::super::gradient::Gradients;
use super::super::jacobian::Jacobians;
use super::super::saturation::Gates;
use super::super::{AnyCell, Around, LayerWeights, Unrolled};

/// What a layer of each cell is made from, and the cell to unroll it by.
type Kind = (AnyCell, fn(usize, usize) -> RecurrentConfig);

macro_rules! kinds {
    ($($cell:expr),* $(,)?) => {
        vec![$((AnyCell::new($cell), |input, hidden| {
            RecurrentConfig::new($cell, input, hidden)
        })),*]
    };
}

fn kinds() -> Vec<Kind> {
    kinds![
        Elman::tanh(),
        Elman::relu(),
        Elman::new(Sigmoid),
        Elman::new(Identity),
        Lstm,
        Lstm::from_cell(),
        Lstm::peephole(),
        Lstm::coupled(),
        Lstm::clipped(0.1),
        Gru,
        GruBefore,
        MinimalGru,
        MinimalLstm,
    ]
}

/// Each of the things that may stand around a cell, and all of them.
const AROUND: [(bool, Around); 5] = {
    let plain = Around {
        zoneout: 0.0,
        residual: false,
    };
    let zoneout = Around {
        zoneout: 0.3,
        residual: false,
    };
    let residual = Around {
        zoneout: 0.0,
        residual: true,
    };
    let both = Around {
        zoneout: 0.3,
        residual: true,
    };
    [
        (false, plain),
        (true, plain),
        (false, zoneout),
        (false, residual),
        (true, both),
    ]
};

const FEATURES: usize = 2;
const HIDDEN: usize = 3;

/// Every cell with everything around it: two layers of random weights, the name of the case, and the
/// layers' own outputs and last states for the given input.
fn every_stack(input: &[f64], mut look: impl FnMut(&str, &Unrolled, &[f64], &[f64])) {
    let device = Device::default();
    for (place, (cell, config)) in kinds().into_iter().enumerate() {
        for (normalised, around) in AROUND {
            // As wide as the hidden state where the sum shall pass every layer.
            let features = if normalised && around.residual {
                HIDDEN
            } else {
                FEATURES
            };
            let network = config(features, HIDDEN)
                .with_layers(2)
                .with_normalisation(normalised)
                .with_zoneout(around.zoneout, around.zoneout)
                .with_residual(around.residual)
                .init(&Stream::new(3, "weights"), &device)
                .unwrap();
            // As drawn, gains are 1 and biases of a normalised layer small: every value is moved.
            let mut tensors: NamedTensors = weights::collect(&network);
            let mut draw = generator(place as u64);
            for tensor in tensors.values_mut() {
                for value in &mut tensor.values {
                    *value += 0.4 * draw.normal() as f32;
                }
            }
            let network = weights::apply(network, &tensors).unwrap();
            let stack = Unrolled::from_named(cell.clone(), around, &tensors, "layers.").unwrap();
            assert_eq!(
                (stack.layers(), stack.hidden(), stack.input()),
                (2, HIDDEN, features)
            );
            let steps = input.len() / features;
            let read: Vec<f32> = input[..steps * features]
                .iter()
                .map(|value| *value as f32)
                .collect();
            let tensor =
                Tensor::<3>::from_data(TensorData::new(read, [1, steps, features]), &device);
            let (output, state) = network.forward(tensor, None, None).unwrap();
            let host =
                |values: TensorData| -> Vec<f64> { values.iter::<f32>().map(f64::from).collect() };
            let output = host(output.into_data());
            let states: Vec<f64> = state
                .parts()
                .iter()
                .flat_map(|part| host(part.clone().into_data()))
                .collect();
            let name = format!("{} normalised {normalised} {around:?}", cell.name());
            look(&name, &stack, &output, &states);
        }
    }
}

fn generator(seed: u64) -> Generator {
    Stream::new(seed, "test").generator()
}

fn draws(generator: &mut Generator, count: usize, size: f64) -> Vec<f64> {
    (0..count).map(|_| size * generator.normal()).collect()
}

/// One layer with nothing around its cell.
fn plain(
    cell: AnyCell,
    hidden: usize,
    input: Vec<f64>,
    recurrent: Vec<f64>,
    bias: Vec<f64>,
) -> Result<Unrolled, String> {
    let layer = LayerWeights {
        input,
        recurrent,
        bias,
        ..LayerWeights::default()
    };
    Unrolled::new(cell, Around::default(), hidden, vec![layer])
}

fn close(found: f64, wanted: f64, tolerance: f64, what: &str) {
    assert!(
        (found - wanted).abs() <= tolerance * (1.0 + wanted.abs()),
        "{what}: found {found}, wanted {wanted}"
    );
}

fn last_states(stack: &Unrolled, input: &[f64]) -> Vec<f64> {
    let trace = stack.run(input);
    let last = trace.steps.last().unwrap();
    last.iter().flat_map(|layer| layer.after.clone()).collect()
}

/// Numbers that f32 holds exactly, so that both evaluations read the same.
fn input(count: usize) -> Vec<f64> {
    let draws = draws(&mut generator(4), count, 1.5);
    draws.into_iter().map(|x| f64::from(x as f32)).collect()
}

#[test]
fn the_unrolled_recurrence_is_the_layers_forward_pass() {
    let input = input(24);
    let mut cases = 0;
    every_stack(&input, |name, stack, output, states| {
        let trace = stack.run(&input[..input.len() / stack.input() * stack.input()]);
        let residual = stack.around().residual;
        for (step, wanted) in trace.steps.iter().zip(output.chunks_exact(HIDDEN)) {
            for (unit, wanted) in wanted.iter().enumerate() {
                // The second layer always reads as many values as it gives.
                let passed = if residual { step[0].after[unit] } else { 0.0 };
                if !(residual && stack.input() == HIDDEN) {
                    let found = step[1].after[unit] + passed;
                    close(found, *wanted, 1e-5, &format!("{name}: output"));
                }
            }
        }
        let found = last_states(stack, &input);
        assert_eq!(found.len(), states.len(), "{name}");
        for (found, wanted) in found.iter().zip(states) {
            close(*found, *wanted, 1e-5, &format!("{name}: state"));
        }
        cases += 1;
    });
    assert_eq!(cases, 13 * AROUND.len());
}

#[test]
fn gradients_to_the_inputs_are_those_of_finite_differences_through_all_steps() {
    let given = input(12);
    every_stack(&given, |name, stack, _, _| {
        let features = stack.input();
        let steps = given.len() / features;
        let last = draws(&mut generator(9), stack.carried(), 1.0);
        let value = |input: &[f64]| -> f64 {
            let states = last_states(stack, input);
            states.iter().zip(&last).map(|(a, b)| a * b).sum()
        };
        let trace = stack.run(&given);
        let mut gradient = last.clone();
        for at in (0..steps).rev() {
            let (before, dx) = stack.pull_back(&trace.steps[at], &gradient, true);
            assert_eq!(dx.len(), features);
            for (feature, found) in dx.iter().enumerate() {
                let moved = |by: f64| {
                    let mut moved = given.clone();
                    moved[at * features + feature] += by;
                    value(&moved)
                };
                let wanted = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                close(*found, wanted, 1e-6, &format!("{name}, step {at}"));
            }
            gradient = before;
        }
    });
}

#[test]
fn a_change_of_the_state_goes_on_as_finite_differences_say() {
    let given = input(12);
    every_stack(&given, |name, stack, _, _| {
        // A change of the last input but one reaches the last states through the step's Jacobian only.
        let features = stack.input();
        let steps = given.len() / features;
        let at = (steps - 2) * features;
        let states = |by: f64, until: usize| {
            let mut moved = given.clone();
            moved[at] += by;
            last_states(stack, &moved[..until * features])
        };
        let slope = |until: usize| -> Vec<f64> {
            let (up, down) = (states(1e-5, until), states(-1e-5, until));
            up.iter().zip(down).map(|(a, b)| (a - b) / 2e-5).collect()
        };
        let trace = stack.run(&given);
        let pushed = stack.push_forward(&trace.steps[steps - 1], &slope(steps - 1));
        for (found, wanted) in pushed.iter().zip(slope(steps)) {
            close(*found, wanted, 1e-6, name);
        }
    });
}

#[test]
fn the_jacobian_applied_from_the_left_and_from_the_right_is_one_matrix() {
    let given = input(12);
    every_stack(&given, |name, stack, _, _| {
        let mut draw = generator(12);
        let trace = stack.run(&given);
        let n = stack.carried();
        let (rows, column) = (draws(&mut draw, 4 * n, 1.0), draws(&mut draw, n, 1.0));
        for step in &trace.steps {
            let pulled = stack.pull_back(step, &rows, false).0;
            let pushed = stack.push_forward(step, &column);
            for (row, pulled) in rows.chunks_exact(n).zip(pulled.chunks_exact(n)) {
                let left: f64 = pulled.iter().zip(&column).map(|(a, b)| a * b).sum();
                let right: f64 = row.iter().zip(&pushed).map(|(a, b)| a * b).sum();
                close(left, right, 1e-11, name);
            }
        }
    });
}

#[test]
fn the_gates_of_each_cell_are_its_values_that_have_ends() {
    let found: Vec<String> = kinds()
        .iter()
        .map(|(cell, _)| {
            let gates = cell.gates();
            let said = gates.iter().map(|gate| match gate.signed {
                true => format!("±{}", gate.name),
                false => gate.name.to_owned(),
            });
            said.collect::<Vec<_>>().join(" ")
        })
        .collect();
    let lstm = "i f ±g o ±tanh c";
    let wanted = [
        "±h",
        "",
        "h",
        "",
        lstm,
        lstm,
        lstm,
        "f ±g o ±tanh c",
        "i f ±g o ±tanh c",
        "r z ±n",
        "r z ±n",
        "z",
        "f i",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn the_time_constant_is_that_of_the_share_which_stays() {
    // A minimal GRU that takes up σ(−2) of what it reads at each step, once with zoneout.
    let layer = LayerWeights {
        input: vec![0.0, 1.0],
        bias: vec![-2.0, 0.0],
        ..LayerWeights::default()
    };
    let stays = 1.0 - 1.0 / (1.0 + 2.0_f64.exp());
    for (zoneout, formula) in [(0.0, "(1 − z)"), (0.5, "(0.5 + (1 − 0.5)·(1 − z))")] {
        let around = Around {
            zoneout,
            residual: false,
        };
        let cell = AnyCell::new(MinimalGru);
        let stack = Unrolled::new(cell, around, 1, vec![layer.clone()]).unwrap();
        let trace = stack.run(&[1.0, 0.0, 0.0]);
        let mut gates = Gates::default();
        gates.add(&stack, &trace);
        let found = gates.result(&stack);
        let constant = found.time_constant.unwrap();
        let share = zoneout + (1.0 - zoneout) * stays;
        assert_eq!(constant.gate, formula);
        close(constant.mean, 1.0 / (1.0 - share), 1e-9, "constant");
        let h = |step: usize| trace.steps[step][0].after[0];
        close(
            h(2) / h(1),
            share,
            1e-12,
            "what is left after a step without input",
        );
        // Its one gate is the one that keeps, which may well stand at an end.
        assert_eq!(found.worst, None);
    }
}

#[test]
fn a_linear_recurrence_has_the_powers_of_its_matrix_as_jacobian() {
    // Eigenvalues 0.9, 0.5 and 0.2 along orthogonal directions: a symmetric matrix.
    let axes = [
        [2.0 / 3.0, 2.0 / 3.0, 1.0 / 3.0],
        [-2.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0],
        [1.0 / 3.0, -2.0 / 3.0, 2.0 / 3.0],
    ];
    let kept = [0.9_f64, 0.5, 0.2];
    let mut u = vec![0.0; 9];
    for (axis, kept) in axes.iter().zip(kept) {
        for row in 0..3 {
            for column in 0..3 {
                u[row * 3 + column] += kept * axis[row] * axis[column];
            }
        }
    }
    let w = vec![1.0, 0.0, 0.0];
    let stack = plain(AnyCell::new(Elman::new(Identity)), 3, w, u, vec![0.0; 3]).unwrap();
    let steps = 12;
    let trace = stack.run(&vec![1.0; steps]);
    let mut jacobians = Jacobians::new(steps);
    jacobians.add(&stack, &trace);
    let found = jacobians.result(&stack);
    assert_eq!(found.steps, (1..=steps).collect::<Vec<_>>());
    for (place, k) in found.steps.iter().enumerate() {
        let power = |kept: f64| *k as f64 * kept.log10();
        close(found.log10_largest[place], power(0.9), 1e-9, "largest");
        close(found.log10_median[place], power(0.5), 1e-7, "median");
        close(found.log10_smallest[place], power(0.2), 1e-4, "smallest");
    }
    close(found.growth_rate, 0.9_f64.ln(), 1e-2, "growth");
    let thousandth = found.steps_to_a_thousandth().unwrap();
    close(
        thousandth,
        1000.0_f64.ln() / -found.growth_rate,
        1e-9,
        "steps",
    );

    // A gradient along the first axis keeps 0.9 of itself at each step: gone after ln(1000)/ln(1/0.9).
    let trace = stack.run(&vec![1.0; 100]);
    let mut gradients = Gradients::default();
    gradients.add(&stack, &trace, &axes[0]);
    let found = gradients.result(&stack);
    for (back, norm) in found.state.mean.iter().enumerate() {
        close(norm.ln(), back as f64 * 0.9_f64.ln(), 1e-9, "gradient");
    }
    assert_eq!(found.gone_after, Some(66));
    close(found.input.mean[0], axes[0][0], 1e-12, "input");
    assert_eq!(found.cell, None);
}

#[test]
fn a_state_too_large_for_the_whole_product_has_its_largest_singular_value_found() {
    let hidden = 260;
    let mut u = vec![0.0; hidden * hidden];
    (0..hidden).for_each(|k| u[k * hidden + k] = if k == 7 { 0.95 } else { 0.3 });
    let (w, b) = (vec![0.1; hidden], vec![0.0; hidden]);
    let stack = plain(AnyCell::new(Elman::new(Identity)), hidden, w, u, b).unwrap();
    let trace = stack.run(&[1.0; 10]);
    let mut jacobians = Jacobians::new(10);
    jacobians.add(&stack, &trace);
    let found = jacobians.result(&stack);
    assert!(found.log10_median.is_empty());
    close(
        *found.log10_largest.last().unwrap(),
        10.0 * 0.95_f64.log10(),
        1e-6,
        "largest",
    );
}

#[test]
fn gates_held_open_and_shut_are_counted_at_their_ends() {
    // No weights: i = σ(−4), f = σ(4), g = 0, o = σ(0), whatever is read.
    let bias = vec![-4.0, -4.0, 4.0, 4.0, 0.0, 0.0, 0.0, 0.0];
    let stack = plain(AnyCell::new(Lstm), 2, vec![0.0; 8], vec![0.0; 16], bias).unwrap();
    let mut gates = Gates::default();
    gates.add(&stack, &stack.run(&[1.0, -2.0, 3.0]));
    let found = gates.result(&stack);
    let of = |letter: &str| {
        found
            .gates
            .iter()
            .find(|values| values.gate == letter)
            .unwrap()
    };
    assert_eq!((of("i").low, of("i").high), (1.0, 0.0));
    assert_eq!((of("f").low, of("f").high), (0.0, 1.0));
    assert_eq!((of("g").low, of("g").high), (0.0, 0.0));
    assert_eq!(of("o").histogram.iter().sum::<f64>(), 1.0);
    assert_eq!(found.worst, Some(("i".to_owned(), 1.0)));
    let constant = found.time_constant.unwrap();
    close(
        constant.mean,
        1.0 + 4.0_f64.exp(),
        1e-9,
        "1/(1 − σ(4)) = 1 + e⁴",
    );
    close(constant.slow_unit, constant.mean, 1e-9, "every unit alike");
}

#[test]
fn weights_of_another_cell_are_refused_in_words() {
    let (w, u, b) = (vec![0.0; 6], vec![0.0; 9], vec![0.0; 3]);
    let error = plain(AnyCell::new(Lstm), 3, w, u, b).unwrap_err();
    assert!(
        error.contains("layer 0") && error.contains("6 input weights"),
        "{error}"
    );
    let (cell, around) = (AnyCell::new(Gru), Around::default());
    let none = Unrolled::from_named(cell, around, &Default::default(), "layers.").unwrap_err();
    assert!(none.contains("no recurrent layer"), "{none}");
}
