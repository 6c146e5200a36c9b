//! The fast paths against the `f64` reference, and the reference against finite differences.
use super::*;
use crate::algebra::Algebra;
use crate::cell::BackwardStep;

/// The sums of these cases have up to a few hundred terms of rounding 6e-8 each; errors seen are below 2e-6.
const TOLERANCE: Tolerance = Tolerance {
    relative: 4e-6,
    floor: 1e-3,
};
/// A normalisation divides by a deviation that may be small, which magnifies the rounding of the sums.
const NORMALISED_TOLERANCE: Tolerance = Tolerance {
    relative: 2e-5,
    ..TOLERANCE
};

fn matches_reference<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
) where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    for shape in shapes().into_iter().chain(surroundings(cell)) {
        let case = Case::new(cell, shape);
        let tolerance = if shape.around.normalised {
            NORMALISED_TOLERANCE
        } else {
            TOLERANCE
        };
        let what = format!("{} {shape:?}", cell.describe());
        check::close_on_every_set(&what, &case.reference(cell), tolerance, |context| {
            run(cell, &case, context)
        });
    }
}

#[test]
fn every_cell_on_every_instruction_set_is_the_reference_within_its_tolerance() {
    every_cell!(matches_reference);
}

fn gradients_are_right<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
) where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let error = reference::check_gradients(cell);
    assert!(error < 1e-8, "{}: {error:.1e}", cell.describe());
    // A kink or a bound nearby would be stepped over.
    let name = cell.describe();
    if name.contains("relu") || name.contains("clip") {
        return;
    }
    for shape in surroundings(cell) {
        let small = Shape {
            batch: 3,
            time: 4,
            input: 2,
            hidden: 5,
            ..shape
        };
        let problem = Case::new(cell, small).problem;
        let error = reference::check_gradients_of(cell, &problem);
        // A column of small deviation is curved, and the differences are not exact.
        let bound = if shape.around.normalised { 5e-6 } else { 1e-7 };
        assert!(error < bound, "{name}, {:?}: {error:.1e}", shape.around);
    }
}

#[test]
fn backward_formulas_are_the_derivatives_of_the_forward_ones() {
    // The small problem keeps every unit at least a step away from the kink of ReLU and from the bounds.
    every_cell!(gradients_are_right);
}

/// A formula with a wrong sign must be found out.
#[derive(Debug, Clone)]
struct Wrong;

impl Cell<1, 1, 0> for Wrong {
    const NAME: &'static str = "wrong";
    const SOURCES: [Source; 1] = [Source::Both];
    const COLUMN_NAMES: [&'static str; 1] = ["h"];
    fn forward<A: Algebra>(&self, [a]: [A; 1], _: [A; 1], []: [A; 0]) -> ([A; 1], [A; 0]) {
        ([a.tanh()], [])
    }
    fn backward<A: Algebra>(
        &self,
        []: [A; 0],
        [before]: [A; 1],
        [h]: [A; 1],
        []: [A; 0],
        [dh]: [A; 1],
    ) -> BackwardStep<A, 1, 1, 0> {
        ([dh.mul(&h.sigmoid_slope())], [before.constant(0.0)], [])
    }
}

#[test]
fn the_gradient_check_finds_a_wrong_formula() {
    assert!(reference::check_gradients(&Wrong) > 1e-2);
}
