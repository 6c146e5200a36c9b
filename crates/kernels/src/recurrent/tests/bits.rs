//! The promises about bits.
use super::*;

fn threads_do_not_matter<
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
    // Large enough that the work is shared; a single row too, whose units some cells share.
    let none = Around::NONE;
    let projection = C::PROJECTABLE.then_some(31);
    for (batch, lengths, around) in [
        (17, false, none),
        (17, true, none),
        (1, false, none),
        (17, false, Around::EVERY),
        (17, true, Around { projection, ..none }),
    ] {
        let large = Shape {
            lengths,
            reverse: lengths,
            initial: true,
            around,
            ..shape(batch, if batch == 1 { 211 } else { 13 }, 29, 67)
        };
        let case = Case::new(cell, large);
        check::same_bits_everywhere(C::NAME, &THREADS, |context| run(cell, &case, context));
    }
}

#[test]
fn results_are_the_same_to_the_bit_with_1_2_3_and_8_threads() {
    every_cell!(threads_do_not_matter);
}

#[test]
fn results_above_four_million_elements_are_the_same_with_1_and_3_threads() {
    // 4.3 Mi elements of input.
    let case = Case::new(
        &Gru,
        Shape {
            lengths: true,
            ..shape(17, 2003, 127, 5)
        },
    );
    assert!(case.problem.input.len() > 4 << 20);
    let set = *InstructionSet::available().last().unwrap();
    let on = |threads| run(&Gru, &case, &Context::new(set, threads).unwrap());
    check::assert_same_bits("gru", &on(1), &on(3));
}

fn instruction_sets_agree<
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
        check::same_bits_everywhere(C::NAME, &[2], |context| run(cell, &case, context));
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    every_cell!(instruction_sets_agree);
}

/// One row of a case by itself, padded to `time` steps.
fn alone(case: &Case, row: usize, time: usize) -> Case {
    let problem = &case.problem;
    let length = problem.lengths[row];
    let cut = |values: &[f64], width: usize| -> Vec<f64> {
        let mut cut = values[row * problem.time * width..][..length * width].to_vec();
        // Padding is garbage that must not be read.
        cut.resize(time * width, f64::NAN);
        cut
    };
    let of_row = |values: &[f64]| -> Vec<f64> {
        let width = values.len() / problem.batch;
        values[row * width..][..width].to_vec()
    };
    let states =
        |states: &[Vec<f64>]| -> Vec<Vec<f64>> { states.iter().map(|s| of_row(s)).collect() };
    Case {
        problem: Problem {
            batch: 1,
            time,
            input: cut(&problem.input, problem.input_size),
            lengths: vec![length],
            initial: states(&problem.initial),
            mask: problem.mask.as_ref().map(|mask| {
                let mut mask = mask[row * problem.time..][..problem.time].to_vec();
                mask.resize(time, false);
                mask
            }),
            recurrent_factors: problem.recurrent_factors.as_deref().map(of_row),
            zoneout: problem.zoneout.as_ref().map(|zones| {
                zones
                    .iter()
                    .map(|zone| match zone {
                        Zoning::Kept(mask) => Zoning::Kept(cut(mask, problem.hidden)),
                        Zoning::Share(share) => Zoning::Share(*share),
                    })
                    .collect()
            }),
            ..problem.clone()
        },
        has_lengths: true,
        has_initial: case.has_initial,
        output_gradient: cut(
            &case.output_gradient,
            case.output_gradient.len() / (problem.batch * problem.time),
        ),
        finals_gradient: states(&case.finals_gradient),
    }
}

fn company_does_not_matter<
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
    let projected = Around {
        projection: C::PROJECTABLE.then_some(13),
        ..Around::NONE
    };
    for (reverse, around) in [
        (false, Around::NONE),
        (true, Around::NONE),
        (false, Around::EVERY),
        (true, projected),
    ] {
        let case = Case::new(
            cell,
            Shape {
                lengths: !around.mask,
                reverse,
                initial: true,
                around,
                ..shape(17, 9, 5, 23)
            },
        );
        for context in contexts(2) {
            let together = run(cell, &case, &context);
            for row in [0, 4, 16] {
                let length = case.problem.lengths[row];
                for time in [length, length + 3] {
                    let single = run(cell, &alone(&case, row, time), &context);
                    for ((name, all), (_, one)) in together.0.iter().zip(&single.0) {
                        if name == "output" || name == "d input" {
                            let width = one.len() / time;
                            let all = &all[row * case.problem.time * width..][..length * width];
                            let (real, padding) = one.split_at(length * width);
                            assert_eq!(bits_of(all), bits_of(real), "{} {name}", C::NAME);
                            assert!(padding.iter().all(|&value| value == 0.0), "padding");
                        } else if name.contains("state") {
                            let width = one.len();
                            let all = &all[row * width..][..width];
                            assert_eq!(bits_of(all), bits_of(one), "{} {name}", C::NAME);
                        }
                        // The others are sums over the rows.
                    }
                }
            }
        }
    }
}

#[test]
fn a_row_alone_or_among_seventeen_padded_or_not_has_the_same_bits() {
    every_cell!(company_does_not_matter);
}

fn steps_are_the_sequence<
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
    let normalised = Around {
        normalised: true,
        ..Around::NONE
    };
    let projected = Around {
        projection: C::PROJECTABLE.then_some(9),
        ..Around::NONE
    };
    for (batch, time, input, hidden, around) in [
        (1, 7, 3, 19, Around::NONE),
        (5, 6, 11, 33, Around::NONE),
        (1, 7, 3, 19, normalised),
        (5, 6, 11, 33, projected),
    ] {
        let case = Case::new(
            cell,
            Shape {
                initial: true,
                around,
                ..shape(batch, time, input, hidden)
            },
        );
        let problem = &case.problem;
        for context in contexts(1) {
            let whole = run(cell, &case, &context);
            let engine = Engine::new(cell.clone(), input, hidden)
                .and_then(|engine| engine.with_options(problem.options))
                .unwrap();
            let width = engine.measures().output;
            let packed = engine
                .pack(&context, Parameters::of(problem).weights())
                .unwrap();
            let mut states: Vec<Vec<f32>> =
                problem.initial.iter().map(|state| narrow(state)).collect();
            let x = narrow(&problem.input);
            for step in 0..time {
                let now: Vec<f32> = (0..batch)
                    .flat_map(|row| x[(row * time + step) * input..][..input].to_vec())
                    .collect();
                let mut output = vec![f32::NAN; batch * width];
                let mut next = states.clone();
                let initial: Vec<&[f32]> = states.iter().map(Vec::as_slice).collect();
                let mut places: Vec<&mut [f32]> = next.iter_mut().map(Vec::as_mut_slice).collect();
                engine
                    .forward(
                        &context,
                        &packed,
                        Forward {
                            sizes: Sizes { batch, time: 1 },
                            input: &now,
                            steps: Steps::All,
                            reverse: false,
                            initial: Some(&initial),
                            noise: Noise::default(),
                            output: &mut output,
                            finals: &mut places,
                            tape: None,
                        },
                    )
                    .unwrap();
                for row in 0..batch {
                    assert_eq!(
                        bits_of(&whole["output"][(row * time + step) * width..][..width]),
                        bits_of(&output[row * width..][..width]),
                        "{} step {step}",
                        C::NAME
                    );
                }
                states = next;
            }
        }
    }
}

#[test]
fn a_sequence_at_once_is_its_steps_one_by_one() {
    every_cell!(steps_are_the_sequence);
}
