//! The fast paths against the `f64` reference, and the reference against finite differences.
use super::*;

/// Largest error allowed, relative to the largest value of the same array. The sums of these cases have
/// up to a few hundred terms of rounding 6e-8 each; errors seen are below 2e-6.
const TOLERANCE: f64 = 4e-6;

fn worst(fast: &[f32], reference: &[f64]) -> f64 {
    assert_eq!(fast.len(), reference.len());
    let largest = reference
        .iter()
        .fold(1e-3f64, |most, value| most.max(value.abs()));
    fast.iter()
        .zip(reference)
        .map(|(&fast, &reference)| {
            assert!(fast.is_finite(), "a value that was never written");
            (f64::from(fast) - reference).abs() / largest
        })
        .fold(0.0, f64::max)
}

fn matches_reference<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(cell: &C)
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    for shape in shapes() {
        let case = Case::new(cell, shape);
        let (outcome, gradient) = case.reference(cell);
        let expect = |name: &str| -> Vec<f64> {
            match name {
                "output" => outcome.output.clone(),
                "d input" => gradient.input.clone(),
                "d input weights" => gradient.input_weights.clone(),
                "d recurrent weights" => gradient.recurrent_weights.clone(),
                "d bias" => gradient.bias.clone(),
                _ => {
                    let state: usize = name[name.len() - 1..].parse().unwrap();
                    if name.starts_with('d') {
                        gradient.initial[state].clone()
                    } else {
                        outcome.finals[state].clone()
                    }
                }
            }
        };
        for context in contexts(2) {
            for (name, values) in run(cell, &case, &context) {
                let error = worst(&values, &expect(&name));
                assert!(
                    error <= TOLERANCE,
                    "{} {shape:?} on {}: {name} is off by {error:.1e}",
                    C::NAME,
                    context.instruction_set().name()
                );
            }
        }
    }
}

#[test]
fn every_cell_on_every_instruction_set_is_the_reference_within_its_tolerance() {
    every_cell!(matches_reference);
}

fn gradients_are_right<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(cell: &C)
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    let error = reference::check_gradients(cell);
    assert!(error < 1e-8, "{}: {error:.1e}", C::NAME);
}

#[test]
fn backward_formulas_are_the_derivatives_of_the_forward_ones() {
    gradients_are_right(&Elman::tanh());
    gradients_are_right(&Elman::new(crate::cell::Sigmoid));
    gradients_are_right(&Elman::new(crate::cell::Identity));
    gradients_are_right(&Lstm);
    gradients_are_right(&Gru);
    // ReLU has a kink; the small problem keeps every unit at least a step away from it.
    gradients_are_right(&Elman::relu());
}

/// A formula with a wrong sign must be found out.
#[derive(Debug, Clone)]
struct Wrong;

impl Cell<1, 1, 0> for Wrong {
    const NAME: &'static str = "wrong";
    const SOURCES: [Source; 1] = [Source::Both];
    fn forward<A: crate::algebra::Algebra>(&self, [a]: [A; 1], _: [A; 1]) -> ([A; 1], [A; 0]) {
        ([a.tanh()], [])
    }
    fn backward<A: crate::algebra::Algebra>(
        &self,
        []: [A; 0],
        [before]: [A; 1],
        [h]: [A; 1],
        [dh]: [A; 1],
    ) -> ([A; 1], [A; 1]) {
        ([dh.mul(&h.sigmoid_slope())], [before.constant(0.0)])
    }
}

#[test]
fn the_gradient_check_finds_a_wrong_formula() {
    assert!(reference::check_gradients(&Wrong) > 1e-2);
}
