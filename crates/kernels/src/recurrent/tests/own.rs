//! Cells that others may write, and sums far out: what the engine relies on is checked where a cell comes in.
use super::*;
use crate::algebra::Algebra;
use crate::cell::BackwardStep;

/// s as it was, a column that reads it, and h = tanh of one that reads the gated state `GATE`: 0: column · s, as
/// it should be; 1: a column by itself, which is not zero where the states are.
#[derive(Debug, Clone)]
struct Gated<const GATE: usize>;

impl<const GATE: usize> Cell<2, 1, 2> for Gated<GATE> {
    const NAME: &'static str = "gated";
    const SOURCES: [Source; 2] = [Source::Both, Source::Gated];
    const COLUMN_NAMES: [&'static str; 2] = ["a", "b"];
    const PROJECTABLE: bool = true;

    fn forward<A: Algebra>(&self, [a, b]: [A; 2], _: [A; 1], []: [A; 0]) -> ([A; 1], [A; 2]) {
        let h = b.tanh();
        ([h.clone()], [a, h])
    }
    fn backward<A: Algebra>(
        &self,
        [_, h]: [A; 2],
        _: [A; 1],
        _: [A; 1],
        []: [A; 0],
        [dh]: [A; 1],
    ) -> BackwardStep<A, 2, 1, 0> {
        let zero = dh.constant(0.0);
        ([zero.clone(), dh.mul(&h.tanh_slope())], [zero], [])
    }
    fn gate<A: Algebra>(&self, [a, b]: [A; 2], [s]: [A; 1]) -> (A, [A; 2]) {
        let gated = match GATE {
            0 => a.mul(&s),
            _ => a.clone(),
        };
        (gated, [a, b])
    }
}

#[test]
fn a_gated_column_goes_with_no_projection_and_vanishes_with_the_states() {
    let engine = Engine::new(Gated::<0>, 3, 4).unwrap();
    let narrow = Options {
        projection: Some(2),
        ..Options::default()
    };
    let error = engine.with_options(narrow).unwrap_err().to_string();
    assert!(error.contains("without a gated column"), "{error}");
    let error = Engine::new(Gated::<1>, 3, 4).unwrap_err().to_string();
    assert!(error.contains("expected zero, found -1"), "{error}");
}

#[test]
fn what_is_fed_back_through_no_weights_is_not_dropped() {
    let case = Case::new(
        &MinimalGru,
        Shape {
            around: Around {
                factors: true,
                ..Around::NONE
            },
            ..shape(2, 3, 4, 5)
        },
    );
    let engine = Engine::new(MinimalGru, 4, 5).unwrap();
    let context = Context::new(InstructionSet::Portable, 1).unwrap();
    let parts = Parameters::of(&case.problem);
    let packed = engine.pack(&context, parts.weights()).unwrap();
    let factors = [1.0; 10];
    let call = Forward {
        sizes: Sizes { batch: 2, time: 3 },
        input: &narrow(&case.problem.input),
        steps: Steps::All,
        reverse: false,
        initial: None,
        noise: Noise {
            recurrent: Some(&factors),
            zoneout: None,
        },
        output: &mut [0.0; 30],
        finals: &mut [&mut [0.0; 10]],
        tape: None,
    };
    let error = engine.forward(&context, &packed, call).unwrap_err();
    assert!(error.to_string().contains("found minimal-gru"), "{error}");
}

#[test]
fn gates_shut_as_far_as_numbers_go_leave_the_minimal_lstm_finite() {
    let mut case = Case::new(&MinimalLstm, shape(3, 4, 2, 19));
    // f and i; n stays.
    case.problem.bias[..2 * 19].fill(-200.0);
    for context in contexts(1) {
        for (name, values) in run(&MinimalLstm, &case, &context).0 {
            assert!(values.iter().all(|value| value.is_finite()), "{name}");
        }
    }
}
