//! The unrolled recurrence against the layers it stands for, against finite differences, and on a
//! linear recurrence whose Jacobian is known.

use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::cell::{Elman, Gru, Lstm};
use ressac_nn::random::{Generator, Stream};
use ressac_nn::{Recurrent, RecurrentConfig, weights};

use super::super::gradient::Gradients;
use super::super::jacobian::Jacobians;
use super::super::saturation::Gates;
use super::super::{CellKind, Phi, Unrolled};

const CELLS: [CellKind; 4] = [
    CellKind::Rnn(Phi::Tanh),
    CellKind::Rnn(Phi::Identity),
    CellKind::Lstm,
    CellKind::Gru,
];

fn generator(seed: u64) -> Generator {
    Stream::new(seed, "test").generator()
}

fn draws(generator: &mut Generator, count: usize, size: f64) -> Vec<f64> {
    (0..count).map(|_| size * generator.normal()).collect()
}

/// Two layers of three units over two features.
fn stack(cell: CellKind, seed: u64) -> Unrolled {
    const HIDDEN: usize = 3;
    let (in_w, in_u, in_b) = match cell {
        CellKind::Rnn(_) => (1, 1, 1),
        CellKind::Lstm => (4, 4, 4),
        CellKind::Gru => (3, 3, 4),
    };
    let mut generator = generator(seed);
    let layers = [2, HIDDEN]
        .into_iter()
        .map(|input| {
            (
                draws(&mut generator, in_w * HIDDEN * input, 0.7),
                draws(&mut generator, in_u * HIDDEN * HIDDEN, 0.5),
                draws(&mut generator, in_b * HIDDEN, 0.3),
            )
        })
        .collect();
    Unrolled::new(cell, HIDDEN, layers).unwrap()
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

#[test]
fn the_unrolled_recurrence_is_the_layers_forward_pass() {
    let device = Device::default();
    let (features, hidden, steps) = (5, 7, 11);
    let stream = Stream::new(3, "weights");
    let made: [(CellKind, Recurrent); 3] = [
        (
            CellKind::Rnn(Phi::Tanh),
            RecurrentConfig::new(Elman::tanh(), features, hidden)
                .with_layers(2)
                .init(&stream, &device)
                .unwrap(),
        ),
        (
            CellKind::Lstm,
            RecurrentConfig::new(Lstm, features, hidden)
                .with_layers(2)
                .init(&stream, &device)
                .unwrap(),
        ),
        (
            CellKind::Gru,
            RecurrentConfig::new(Gru, features, hidden)
                .with_layers(2)
                .init(&stream, &device)
                .unwrap(),
        ),
    ];
    for (cell, network) in made {
        let stack = Unrolled::from_named(cell, &weights::collect(&network), "layers.").unwrap();
        assert_eq!(
            (stack.layers(), stack.hidden(), stack.input()),
            (2, hidden, features)
        );
        let input: Vec<f32> = draws(&mut generator(4), steps * features, 1.5)
            .iter()
            .map(|value| *value as f32)
            .collect();
        let wide: Vec<f64> = input.iter().map(|value| f64::from(*value)).collect();
        let tensor = Tensor::<3>::from_data(TensorData::new(input, [1, steps, features]), &device);
        let (output, state) = network.forward(tensor, None, None).unwrap();
        let trace = stack.run(&wide);
        let found = trace
            .steps
            .iter()
            .flat_map(|step| step[1].after[..hidden].to_vec());
        for (found, wanted) in found.zip(output.into_data().iter::<f32>()) {
            close(found, f64::from(wanted), 1e-5, &format!("{cell:?} output"));
        }
        let wanted: Vec<f32> = state
            .parts()
            .iter()
            .flat_map(|part| part.clone().into_data().iter::<f32>().collect::<Vec<_>>())
            .collect();
        let found = last_states(&stack, &wide);
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            close(*found, f64::from(wanted), 1e-5, &format!("{cell:?} state"));
        }
    }
}

#[test]
fn gradients_to_the_inputs_are_those_of_finite_differences_through_all_steps() {
    for cell in CELLS {
        let stack = stack(cell, 8);
        let mut draw = generator(9);
        let steps = 6;
        let input = draws(&mut draw, steps * 2, 1.0);
        let last = draws(&mut draw, stack.carried(), 1.0);
        let value = |input: &[f64]| -> f64 {
            let states = last_states(&stack, input);
            states.iter().zip(&last).map(|(a, b)| a * b).sum()
        };
        let trace = stack.run(&input);
        let mut gradient = last.clone();
        for back in 0..steps {
            let at = steps - 1 - back;
            let (before, dx) = stack.pull_back(&trace.steps[at], &gradient, true);
            for (feature, found) in dx.iter().enumerate() {
                let moved = |by: f64| {
                    let mut moved = input.clone();
                    moved[at * 2 + feature] += by;
                    value(&moved)
                };
                let wanted = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                close(
                    *found,
                    wanted,
                    1e-8,
                    &format!("{cell:?}, {back} steps back"),
                );
            }
            gradient = before;
        }
    }
}

#[test]
fn the_jacobian_applied_from_the_left_and_from_the_right_is_one_matrix() {
    for cell in CELLS {
        let stack = stack(cell, 11);
        let mut draw = generator(12);
        let trace = stack.run(&draws(&mut draw, 5 * 2, 1.0));
        let n = stack.carried();
        let (rows, column) = (draws(&mut draw, 4 * n, 1.0), draws(&mut draw, n, 1.0));
        for step in &trace.steps {
            let pulled = stack.pull_back(step, &rows, false).0;
            let pushed = stack.push_forward(step, &column);
            for (row, pulled) in rows.chunks_exact(n).zip(pulled.chunks_exact(n)) {
                let left: f64 = pulled.iter().zip(&column).map(|(a, b)| a * b).sum();
                let right: f64 = row.iter().zip(&pushed).map(|(a, b)| a * b).sum();
                close(left, right, 1e-12, &format!("{cell:?}"));
            }
        }
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
    let cell = CellKind::Rnn(Phi::Identity);
    let stack = Unrolled::new(cell, 3, vec![(w, u, vec![0.0; 3])]).unwrap();
    let steps = 12;
    let trace = stack.run(&vec![1.0; steps]);
    let mut jacobians = Jacobians::default();
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
    let found = gradients.result(cell);
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
    let layer = (vec![0.1; hidden], u, vec![0.0; hidden]);
    let stack = Unrolled::new(CellKind::Rnn(Phi::Identity), hidden, vec![layer]).unwrap();
    let trace = stack.run(&[1.0; 10]);
    let mut jacobians = Jacobians::default();
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
    let layer = (vec![0.0; 8], vec![0.0; 16], bias);
    let stack = Unrolled::new(CellKind::Lstm, 2, vec![layer]).unwrap();
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
    let layer = (vec![0.0; 6], vec![0.0; 9], vec![0.0; 3]);
    let error = Unrolled::new(CellKind::Lstm, 3, vec![layer]).unwrap_err();
    assert!(
        error.contains("layer 0") && error.contains("6 input weights"),
        "{error}"
    );
    let none = Unrolled::from_named(CellKind::Gru, &Default::default(), "layers.").unwrap_err();
    assert!(none.contains("no recurrent layer"), "{none}");
}
