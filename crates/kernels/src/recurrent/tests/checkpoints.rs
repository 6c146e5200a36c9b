//! Checkpoints over time: the outputs to the bit, the gradients to rounding.
use super::*;
use crate::recurrent::checkpoint;

/// Windows are summed one after another instead of record by record.
const TOLERANCE: f64 = 3e-6;

fn checkpoints_change_nothing<
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
    let context = *contexts(2).last().unwrap();
    let projected = Around {
        projection: C::PROJECTABLE.then_some(6),
        ..Around::NONE
    };
    for (lengths, around) in [
        (false, Around::NONE),
        (false, Around::EVERY),
        (true, projected),
    ] {
        for initial in [false, true] {
            let shape = Shape {
                lengths,
                reverse: initial,
                initial,
                around,
                ..shape(5, 11, 3, 13)
            };
            let case = Case::new(cell, shape);
            let plain = run(cell, &case, &context);
            for every in [1, 4, 11, 50] {
                let found = pass(
                    cell,
                    &case,
                    &context,
                    |engine, packed, call| {
                        checkpoint::forward(engine, &context, packed, call, every).unwrap()
                    },
                    |engine, packed, (checkpoints, _), call, gradients| {
                        checkpoint::backward(
                            engine,
                            &context,
                            packed,
                            &checkpoints,
                            call,
                            gradients,
                        )
                        .unwrap();
                    },
                );
                for ((name, plain), (_, found)) in plain.0.iter().zip(&found.0) {
                    let what = format!("{} every {every}, {around:?}: {name}", C::NAME);
                    if !name.starts_with('d') {
                        assert_eq!(bits_of(plain), bits_of(found), "{what}");
                        continue;
                    }
                    let error = check::largest_error(found, &wide(plain), 1e-2);
                    assert!(error < TOLERANCE, "{what} is off by {error:.1e}");
                }
            }
        }
    }
}

#[test]
fn checkpoints_give_the_same_outputs_and_the_gradients_to_rounding() {
    checkpoints_change_nothing(&Elman::tanh());
    checkpoints_change_nothing(&Lstm);
    checkpoints_change_nothing(&Lstm::from_cell());
    checkpoints_change_nothing(&Gru);
    checkpoints_change_nothing(&GruBefore);
    checkpoints_change_nothing(&CoupledLstm::<Peephole>::new());
}

#[test]
fn checkpoints_of_another_layer_and_gradients_of_another_length_are_refused() {
    let case = Case::new(&Gru, shape(2, 5, 3, 4));
    let context = Context::new(InstructionSet::Portable, 1).unwrap();
    let refused = |checkpoints: &checkpoint::Checkpoints, dy: &[f32]| {
        let engine = Engine::new(Gru, 3, 4).unwrap();
        let parts = Parameters::of(&case.problem);
        let packed = engine.pack(&context, parts.weights()).unwrap();
        let call = Backward {
            weights: parts.weights(),
            input: &narrow(&case.problem.input),
            output: &[0.0; 40],
            initial: None,
            noise: Noise::default(),
            output_gradient: Some(dy),
            finals_gradient: None,
        };
        let to = Gradients::default();
        checkpoint::backward(&engine, &context, &packed, checkpoints, call, to)
            .unwrap_err()
            .to_string()
    };
    let error = refused(&checkpoint::Checkpoints::default(), &[0.0; 40]);
    assert!(error.contains("checkpoints of: expected gru"), "{error}");
    pass(
        &Gru,
        &case,
        &context,
        |engine, packed, call| {
            let checkpoints = checkpoint::forward(engine, &context, packed, call, 2).unwrap();
            let error = refused(&checkpoints, &[0.0; 39]);
            assert!(error.contains("output gradient: expected 40"), "{error}");
        },
        |_, _, _, _, _| {},
    );
}
