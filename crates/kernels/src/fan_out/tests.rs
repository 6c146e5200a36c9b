//! The step against `f64`, against the recurrent engine, and its promises about bits.
use super::reference::{TOLERANCE, named, reference};
use super::*;
use crate::cell::{Elman, Gru, Tanh};
use crate::check::{self, Results, THREADS, close_on_every_set, same_bits_everywhere, unwritten};
use crate::recurrent::{
    Engine, Forward, Noise, Recurrence, Sizes as RecurrentSizes, Steps, Weights,
};

/// Uniform numbers on ±1.
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    check::numbers(seed, count, 1.0)
}

#[derive(Debug, Clone)]
struct Case {
    sizes: Sizes,
    bias: Vec<f32>,
    shared: Vec<f32>,
    own: Option<Vec<f32>>,
    sums: Vec<f32>,
    state: Vec<f32>,
    output_gradient: Vec<f32>,
}

impl Case {
    fn new<C, const COLUMNS: usize, const KEPT: usize>(sizes: [usize; 4], own: bool) -> Self
    where
        C: Cell<COLUMNS, 1, KEPT>,
    {
        let [groups, members, branches, hidden] = sizes;
        let inputs = C::SOURCES.iter().filter(|s| s.reads_input()).count();
        let states = C::SOURCES.iter().filter(|s| s.reads_state()).count();
        Self {
            sizes: Sizes {
                groups,
                members,
                branches,
                hidden,
            },
            bias: numbers(1, COLUMNS * hidden),
            shared: numbers(2, members * branches * inputs * hidden),
            own: own.then(|| numbers(3, groups * branches * inputs * hidden)),
            sums: numbers(4, groups * members * states * hidden),
            state: numbers(5, groups * members * hidden),
            output_gradient: numbers(6, groups * members * branches * hidden),
        }
    }

    fn from(&self) -> Sums<'_> {
        Sums {
            bias: &self.bias,
            shared: &self.shared,
            own: self.own.as_deref(),
            sums: &self.sums,
            state: &self.state,
        }
    }

    fn run<C, const COLUMNS: usize, const KEPT: usize>(
        &self,
        context: &Context,
        cell: &C,
    ) -> Results<f32>
    where
        C: Cell<COLUMNS, 1, KEPT>,
    {
        let like = |values: &[f32]| unwritten(values.len());
        let mut all = [
            like(&self.output_gradient),
            like(&self.bias),
            like(&self.shared),
            self.own.as_deref().map(like).unwrap_or_default(),
            like(&self.sums),
            like(&self.state),
        ];
        let [output, bias, shared, own, sums, state] = &mut all;
        self.sizes
            .forward(context, cell, self.from(), output)
            .unwrap();
        let to = Gradients {
            bias,
            shared,
            own: self.own.is_some().then_some(own.as_mut_slice()),
            sums,
            state,
        };
        self.sizes
            .backward(context, cell, self.from(), &self.output_gradient, to)
            .unwrap();
        named(all)
    }
}

/// Groups, members, branches, hidden: one of everything, unequal primes, whole and broken vectors.
const SIZES: [[usize; 4]; 4] = [[1, 1, 1, 1], [3, 2, 5, 7], [5, 7, 2, 32], [2, 3, 11, 53]];

fn agrees<C, const COLUMNS: usize, const KEPT: usize>(cell: &C)
where
    C: Cell<COLUMNS, 1, KEPT>,
{
    for (sizes, own) in SIZES.into_iter().flat_map(|s| [(s, false), (s, true)]) {
        let case = Case::new::<C, COLUMNS, KEPT>(sizes, own);
        let exact = reference(case.sizes, cell, case.from(), &case.output_gradient);
        close_on_every_set(&format!("{sizes:?}"), &exact, TOLERANCE, |context| {
            case.run(context, cell)
        });
    }
}

#[test]
fn output_and_gradients_agree_with_f64() {
    agrees(&Gru);
    agrees(&Elman::<Tanh>::default());
}

#[test]
fn bits_do_not_depend_on_threads_or_instruction_set() {
    // Large enough to be shared out.
    let case = Case::new::<Gru, 4, 4>([7, 5, 6, 101], true);
    same_bits_everywhere("gru", &THREADS, |context| case.run(context, &Gru));
}

#[test]
fn one_step_of_the_recurrent_engine_gives_the_same_to_rounding() {
    let (groups, members, branches, hidden, inputs) = (3, 2, 5, 19, 4);
    let (w, u) = (
        numbers(1, 3 * hidden * inputs),
        numbers(2, 3 * hidden * hidden),
    );
    let (bias, state) = (
        numbers(3, 4 * hidden),
        numbers(4, groups * members * hidden),
    );
    let queries = numbers(5, members * branches * inputs);
    let context = Context::global();

    let product = |values: &[f32], weights: &[f32], width: usize| -> Vec<f32> {
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter()
                .zip(b)
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum()
        };
        values
            .chunks(width)
            .flat_map(|row| {
                weights
                    .chunks(width)
                    .map(move |weights| dot(row, weights) as f32)
            })
            .collect()
    };
    let sizes = Sizes {
        groups,
        members,
        branches,
        hidden,
    };
    let mut found = vec![0.0; groups * members * branches * hidden];
    let from = Sums {
        bias: &bias,
        shared: &product(&queries, &w, inputs),
        own: None,
        sums: &product(&state, &u, hidden),
        state: &state,
    };
    sizes.forward(&context, &Gru, from, &mut found).unwrap();

    let engine = Engine::new(Gru, inputs, hidden).unwrap();
    let weights = Weights {
        input: &w,
        recurrent: &u,
        bias: &bias,
        ..Weights::default()
    };
    let packed = engine.pack(&context, weights).unwrap();
    let rows = groups * members * branches;
    let input: Vec<f32> = (0..groups).flat_map(|_| queries.clone()).collect();
    let initial: Vec<f32> = state
        .chunks(hidden)
        .flat_map(|row| row.repeat(branches))
        .collect();
    let (mut expected, mut last) = (vec![0.0; rows * hidden], vec![0.0; rows * hidden]);
    let call = Forward {
        sizes: RecurrentSizes {
            batch: rows,
            time: 1,
        },
        input: &input,
        steps: Steps::All,
        reverse: false,
        initial: Some(&[&initial]),
        noise: Noise::default(),
        output: &mut expected,
        finals: &mut [&mut last],
        tape: None,
    };
    engine.forward(&context, &packed, call).unwrap();
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() < 2e-6, "{found} for {expected}");
    }
}

#[test]
fn a_buffer_of_another_size_is_refused_by_name() {
    let case = Case::new::<Gru, 4, 4>([2, 3, 4, 5], true);
    let mut output = vec![0.0; 2 * 3 * 4 * 5];
    let context = Context::global();
    let whole = case.from();
    let short = |values: &'static str| {
        let mut from = whole;
        match values {
            "bias" => from.bias = &from.bias[1..],
            "shared" => from.shared = &from.shared[1..],
            "own" => from.own = from.own.map(|own| &own[1..]),
            "sums" => from.sums = &from.sums[1..],
            _ => from.state = &from.state[1..],
        }
        from
    };
    for name in ["bias", "shared", "own", "sums", "state"] {
        let error = case
            .sizes
            .forward(&context, &Gru, short(name), &mut output)
            .unwrap_err();
        assert_eq!(error.argument, format!("fan out: {name}"));
    }
    let error = case
        .sizes
        .forward(&context, &Gru, whole, &mut output[1..])
        .unwrap_err();
    assert_eq!(error.argument, "fan out: output");
    let like = |values: &[f32]| unwritten(values.len());
    let (mut bias, mut shared) = (like(whole.bias), like(whole.shared));
    let (mut sums, mut state) = (like(whole.sums), like(whole.state));
    let to = Gradients {
        bias: &mut bias,
        shared: &mut shared,
        own: None,
        sums: &mut sums,
        state: &mut state,
    };
    let error = case
        .sizes
        .backward(&context, &Gru, whole, &case.output_gradient, to)
        .unwrap_err();
    assert_eq!(error.argument, "fan out: own gradient");
}
