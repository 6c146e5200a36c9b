//! Checkpoints over time: the outputs to the bit, the gradients to rounding.
use super::*;
use crate::recurrent::checkpoint;

/// Windows are summed one after another instead of record by record.
const TOLERANCE: f64 = 3e-6;

fn checkpointed<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
    case: &Case,
    context: &Context,
    every: usize,
) -> Everything
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let problem = &case.problem;
    let engine = Engine::new(cell.clone(), problem.input_size, problem.hidden)
        .and_then(|engine| engine.with_options(problem.options))
        .unwrap();
    let parts = Parameters::of(problem);
    let x = narrow(&problem.input);
    let initial: Vec<Vec<f32>> = problem.initial.iter().map(|state| narrow(state)).collect();
    let initial: Vec<&[f32]> = initial.iter().map(Vec::as_slice).collect();
    let initial = case.has_initial.then_some(initial.as_slice());
    let packed = engine.pack(context, parts.weights()).unwrap();
    let disturbance = Disturbance::of(problem);
    let zones = disturbance.zones();
    let noise = disturbance.noise(zones.as_deref());
    let nan = |like: &Vec<f64>| vec![f32::NAN; like.len()];
    let mut output = nan(&case.output_gradient);
    let mut finals: Vec<Vec<f32>> = problem.initial.iter().map(nan).collect();
    let mut places: Vec<&mut [f32]> = finals.iter_mut().map(Vec::as_mut_slice).collect();
    let call = Forward {
        sizes: Sizes {
            batch: problem.batch,
            time: problem.time,
        },
        input: &x,
        steps: case.steps(),
        reverse: problem.reverse,
        initial,
        noise,
        output: &mut output,
        finals: &mut places,
        tape: None,
    };
    let checkpoints = checkpoint::forward(&engine, context, &packed, call, every).unwrap();
    let dy = narrow(&case.output_gradient);
    let df: Vec<Vec<f32>> = case.finals_gradient.iter().map(|s| narrow(s)).collect();
    let df: Vec<&[f32]> = df.iter().map(Vec::as_slice).collect();
    let mut dx = vec![f32::NAN; x.len()];
    let mut of_parts = parts.like(f32::NAN);
    let mut di: Vec<Vec<f32>> = problem.initial.iter().map(nan).collect();
    let mut places: Vec<&mut [f32]> = di.iter_mut().map(Vec::as_mut_slice).collect();
    checkpoint::backward(
        &engine,
        context,
        &packed,
        &checkpoints,
        Backward {
            weights: parts.weights(),
            input: &x,
            output: &output,
            initial,
            noise,
            output_gradient: Some(&dy),
            finals_gradient: Some(&df),
        },
        Gradients {
            input: Some(&mut dx),
            weights: Some(of_parts.gradients()),
            initial: Some(&mut places),
        },
    )
    .unwrap();
    everything(output, dx, of_parts, finals, di)
}

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
    let disturbed = Around {
        mask: true,
        factors: true,
        zoneout: true,
        normalised: true,
        projection: None,
    };
    let projected = Around {
        projection: C::PROJECTABLE.then_some(6),
        ..Around::NONE
    };
    for (lengths, around) in [(false, Around::NONE), (false, disturbed), (true, projected)] {
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
                let found = checkpointed(cell, &case, &context, every);
                for ((name, plain), (_, found)) in plain.iter().zip(&found) {
                    let what = format!("{} every {every}, {around:?}: {name}", C::NAME);
                    if !name.starts_with('d') {
                        assert_eq!(bits_of(plain), bits_of(found), "{what}");
                        continue;
                    }
                    let exact: Vec<f64> = plain.iter().map(|&value| f64::from(value)).collect();
                    let error = crate::golden_file::largest_error(found, &exact, 1e-2);
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
