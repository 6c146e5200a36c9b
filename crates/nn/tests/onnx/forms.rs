//! The forms beyond our plain layers: peepholes, coupled gates, reset before. Here against their formulas in f64.
#![expect(
    clippy::needless_range_loop,
    reason = "the indices are those of the formulas"
)]

use crate::cases::{Call, agrees_with_tract, keep, named, numbers};
use ressac_nn::onnx::{self, Description, Form, Reset, WithLengths};
use ressac_nn::weights::{HostTensor, NamedTensors};

const INPUT: usize = 3;
const HIDDEN: usize = 4;
const BATCH: usize = 2;
const TIME: usize = 6;

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Parameters of one layer, with readers of single blocks.
struct Parameters(NamedTensors);

impl Parameters {
    fn new(blocks: [usize; 3], peepholes: usize) -> Self {
        let mut tensors = NamedTensors::new();
        let mut put = |name: &str, shape: Vec<usize>| {
            let values = numbers(name, shape.iter().product());
            tensors.insert(format!("layers.0.{name}"), HostTensor { shape, values });
        };
        put("input_weights", vec![blocks[0] * HIDDEN, INPUT]);
        put("recurrent_weights", vec![blocks[1] * HIDDEN, HIDDEN]);
        put("bias", vec![blocks[2] * HIDDEN]);
        if peepholes > 0 {
            put("peepholes", vec![peepholes * HIDDEN]);
        }
        Self(tensors)
    }

    fn values(&self, name: &str) -> &[f32] {
        &self.0[&format!("layers.0.{name}")].values
    }

    /// Row `unit` of a block of a matrix times a vector.
    fn product(&self, name: &str, block: usize, unit: usize, vector: &[f64]) -> f64 {
        let row = (block * HIDDEN + unit) * vector.len();
        let weights = &self.values(name)[row..row + vector.len()];
        weights
            .iter()
            .zip(vector)
            .map(|(w, x)| f64::from(*w) * x)
            .sum()
    }

    fn single(&self, name: &str, block: usize, unit: usize) -> f64 {
        f64::from(self.values(name)[block * HIDDEN + unit])
    }

    /// bias + W·x + U·h.
    fn sum(&self, block: usize, unit: usize, x: &[f64], h: &[f64]) -> f64 {
        self.single("bias", block, unit)
            + self.product("input_weights", block, unit, x)
            + self.product("recurrent_weights", block, unit, h)
    }
}

/// The states (h, or h and c) of one row after a step.
type Step = dyn Fn(&Parameters, &[f64], &[Vec<f64>]) -> Vec<Vec<f64>>;

fn call(parameters: &Parameters, states: usize, step: &Step) -> Call {
    let input = numbers("input", BATCH * TIME * INPUT);
    let initial: Vec<Vec<f32>> = (0..states)
        .map(|state| numbers(&format!("initial {state}"), BATCH * HIDDEN))
        .collect();
    let mut output = Vec::new();
    let mut finals = vec![Vec::new(); states];
    for row in 0..BATCH {
        let of_row = |values: &Vec<f32>| -> Vec<f64> {
            let values = &values[row * HIDDEN..(row + 1) * HIDDEN];
            values.iter().copied().map(f64::from).collect()
        };
        let mut state: Vec<Vec<f64>> = initial.iter().map(of_row).collect();
        for time in 0..TIME {
            let x = &input[(row * TIME + time) * INPUT..(row * TIME + time + 1) * INPUT];
            let x: Vec<f64> = x.iter().copied().map(f64::from).collect();
            state = step(parameters, &x, &state);
            output.extend(state[0].iter().map(|h| *h as f32));
        }
        for (all, last) in finals.iter_mut().zip(&state) {
            all.extend(last.iter().map(|value| *value as f32));
        }
    }
    let mut inputs = vec![named("input", &[BATCH, TIME, INPUT], input)];
    let mut outputs = vec![named("output", &[BATCH, TIME, HIDDEN], output)];
    let names = [("initial_h", "final_h"), ("initial_c", "final_c")];
    for ((before, after), (initial, last)) in names.into_iter().zip(initial.into_iter().zip(finals))
    {
        inputs.push(named(before, &[1, BATCH, HIDDEN], initial));
        outputs.push(named(after, &[1, BATCH, HIDDEN], last));
    }
    Call { inputs, outputs }
}

fn check(name: &str, form: Form, parameters: &Parameters, states: usize, tract: bool, step: &Step) {
    let description = Description {
        form,
        input_size: INPUT,
        hidden_size: HIDDEN,
        layers: 1,
        bidirectional: false,
    };
    let graph =
        onnx::recurrent_from_parameters(description, &parameters.0, WithLengths::No).unwrap();
    let calls = [call(parameters, states, step)];
    let file = keep(name, graph, &calls);
    if tract {
        agrees_with_tract(name, &file, &calls);
    }
}

fn lstm_step(
    parameters: &Parameters,
    x: &[f64],
    state: &[Vec<f64>],
    coupled: bool,
    peephole: bool,
) -> Vec<Vec<f64>> {
    let (h, c) = (&state[0], &state[1]);
    let peep = |block: usize, unit: usize, c: f64| match peephole {
        true => parameters.single("peepholes", block, unit) * c,
        false => 0.0,
    };
    let mut next = vec![Vec::new(), Vec::new()];
    for unit in 0..HIDDEN {
        let sum = |block: usize| parameters.sum(block, unit, x, h);
        let i = sigmoid(sum(0) + peep(0, unit, c[unit]));
        let (f, g, o, last) = match coupled {
            true => (1.0 - i, sum(1), sum(2), 1),
            false => (sigmoid(sum(1) + peep(1, unit, c[unit])), sum(2), sum(3), 2),
        };
        let new = f * c[unit] + i * g.tanh();
        let o = sigmoid(o + peep(last, unit, new));
        next[0].push(o * new.tanh());
        next[1].push(new);
    }
    next
}

#[test]
fn peepholes_read_the_old_cell_state_and_for_the_output_gate_the_new_one() {
    let form = Form::Lstm {
        peephole: true,
        coupled: false,
    };
    let parameters = Parameters::new([4, 4, 4], 3);
    check(
        "form-lstm-peephole",
        form,
        &parameters,
        2,
        true,
        &|parameters, x, state| lstm_step(parameters, x, state, false, true),
    );
}

#[test]
fn a_coupled_forget_gate_is_one_minus_the_input_gate() {
    for peephole in [false, true] {
        let form = Form::Lstm {
            peephole,
            coupled: true,
        };
        let parameters = Parameters::new([3, 3, 3], if peephole { 2 } else { 0 });
        let name = if peephole {
            "form-lstm-coupled-peephole"
        } else {
            "form-lstm-coupled"
        };
        // Tract knows no coupled gates; ONNX Runtime runs what is kept here.
        check(
            name,
            form,
            &parameters,
            2,
            false,
            &move |parameters, x, state| lstm_step(parameters, x, state, true, peephole),
        );
    }
}

#[test]
fn a_gru_that_resets_before_the_product_scales_the_state_that_goes_into_it() {
    let parameters = Parameters::new([3, 3, 3], 0);
    check(
        "form-gru-before",
        Form::Gru(Reset::Before),
        &parameters,
        1,
        true,
        &|parameters, x, state| {
            let h = &state[0];
            let reset: Vec<f64> = (0..HIDDEN)
                .map(|unit| sigmoid(parameters.sum(0, unit, x, h)) * h[unit])
                .collect();
            let next = (0..HIDDEN).map(|unit| {
                let z = sigmoid(parameters.sum(1, unit, x, h));
                let n = parameters.sum(2, unit, x, &reset).tanh();
                (1.0 - z) * n + z * h[unit]
            });
            vec![next.collect()]
        },
    );
}
